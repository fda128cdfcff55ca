"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from analysis.format import count, duration, interval, money, service_level, share, significant
from sim.quantities import DAY, HOUR, MINUTE, SECOND, WEEK
from sim.tasks import ServiceLevel


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.944, "1.94"),
        (1.9, "1.90"),
        (0.0041349, "0.00413"),
        (13_487, "13,500"),
        (0, "0"),
        (9.996, "10.0"),
        (999.6, "1,000"),
        (-27.44, "-27.4"),
        (100, "100"),
        (2.5e-9, "2.50e-09"),
        (1.5e9, "1,500,000,000"),
    ],
)
def test_a_number_has_three_significant_digits(number: float, text: str) -> None:
    assert significant(number) == text


def test_digits_can_be_asked_for() -> None:
    assert (significant(13_487, 5), significant(1.9, 1), significant(0.12345, 4)) == ("13,487", "2", "0.1235")


def test_money_carries_its_currency() -> None:
    assert (money(1.9444, "EUR"), money(15_104.2, "USD"), money(0, "EUR")) == (
        "EUR 1.94",
        "USD 15,100",
        "EUR 0",
    )


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0.2181, "21.8 %"),
        (0.0061, "0.6 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.9996, "99.96 %"),
        (0.0004, "0.04 %"),
        (0.99, "99.0 %"),
        (1e-7, "0.00001 %"),
        (1e-12, "0 %"),
        (1 - 1e-12, "100 %"),
    ],
)
def test_a_share_is_in_per_cent_and_only_certainty_is_0_or_100(part: float, text: str) -> None:
    assert share(part) == text


@pytest.mark.parametrize(
    ("ticks", "text"),
    [
        (HOUR + 52 * MINUTE, "1 h 52 min"),
        (2 * HOUR + 5 * MINUTE, "2 h 05 min"),
        (34 * SECOND, "34 s"),
        (8 * HOUR, "8 h"),
        (16 * MINUTE + 49 * SECOND, "16 min 49 s"),
        (2.34 * SECOND, "2.3 s"),
        (2 * SECOND, "2 s"),
        (40_000, "40 ms"),
        (0, "0 s"),
        (999.0, "0 s"),
        (0.000574, "0 s"),
        (1_000, "1 ms"),
        (59.6 * SECOND, "1 min"),
        (59 * MINUTE + 59.7 * SECOND, "1 h"),
        (3 * DAY, "3 days"),
        (DAY + HOUR, "1 day 1 h"),
        (WEEK + DAY, "1 week 1 day"),
        (5 * WEEK + 2 * DAY, "5 weeks 2 days"),
        (9.97 * SECOND, "10 s"),
        (999_700, "1 s"),
        (-34 * SECOND, "-34 s"),
    ],
)
def test_a_duration_reads_as_people_say_it(ticks: float, text: str) -> None:
    assert duration(ticks) == text


def test_a_count_is_whole_and_exact() -> None:
    assert (count(13_487), count(0), count(2_697.6)) == ("13,487", "0", "2,698")


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (1.9128, 1.9699, "", "[1.91, 1.97]"),
        (0.969, 0.973, "%", "[96.9, 97.3] %"),
        (25.61, 29.2, "min", "[25.6, 29.2] min"),
        (1.9412, 1.9418, "", "[1.941, 1.942]"),
        (2.0, 2.0, "", "[2.00, 2.00]"),
        (-0.5, 12.0, "", "[-0.5, 12.0]"),
        (0.0, 0.0, "", "[0, 0]"),
        (0.0, 0.000123, "", "[0, 0.000123]"),
        (-0.0, 0.0346, "%", "[0, 3.46] %"),
        (15_100.0, 15_300.0, "EUR", "[15,100, 15,300] EUR"),
    ],
)
def test_an_interval_shows_both_ends_alike_and_apart(low: float, high: float, unit: str, text: str) -> None:
    assert interval(low, high, unit) == text


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf])
def test_what_is_undefined_is_a_dash(nothing: float | None) -> None:
    shown = [significant(nothing), money(nothing, "EUR"), share(nothing), duration(nothing), count(nothing)]
    assert [*shown, interval(nothing, 1.0), interval(1.0, nothing)] == ["-"] * 7


@pytest.mark.parametrize(
    ("ticks", "calendar", "text"),
    [
        (24 * HOUR, "office", "24 h of office"),
        (90 * MINUTE, "office", "1 h 30 min of office"),
        (45 * MINUTE, "office", "45 min of office"),
        (24 * HOUR, None, "1 day"),
    ],
)
def test_a_service_level_in_open_time_is_never_a_day(ticks: int, calendar: str | None, text: str) -> None:
    assert service_level(ServiceLevel(ticks, calendar)) == text

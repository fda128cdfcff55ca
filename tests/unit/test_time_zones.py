"""Time zones: names, wall time to ticks and back, and shifts against a clock stepped minute by minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from sim.calendars import CalendarSpec, check_zone, compile_calendar, local_time, tick_of, zones
from sim.calendars.zones import load_zone
from sim.quantities import DAY, HOUR, MINUTE

MONDAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("Europe/Berlim", "; did you mean Europe/Berlin?"),
        ("berlin", "; did you mean Europe/Berlin?"),
        ("EST5", "; did you mean EST?"),
        ("../../etc/passwd", ""),
        ("/usr/share/zoneinfo/Europe/Berlin", ""),
        ("Europe/../Europe/Berlin", "; did you mean Europe/Berlin?"),
        ("localtime", ""),
        ("", ""),
        ("Z" * 1000, ""),
        (None, ""),
        (3, ""),
        (["UTC"], ""),
    ],
)
def test_only_names_of_the_zone_list_are_zones(name: object, ending: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        check_zone(name)
    assert caught.value.type == "E0230"
    message = str(caught.value)
    assert message.startswith("not a time zone: ")
    assert message.endswith("allowed: an IANA name such as Europe/Berlin" + ending)
    if isinstance(name, str):
        with pytest.raises(PydanticCustomError):
            load_zone(name)


def test_every_listed_zone_loads() -> None:
    names = resources.files("tzdata").joinpath("zones").read_text().split()
    assert len(names) > 400
    assert all(check_zone(name) == load_zone(name).key for name in names)


def test_a_missing_zone_list_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_package(name: str) -> None:
        raise ModuleNotFoundError(name)

    zones._zone_names.cache_clear()
    monkeypatch.setattr(resources, "files", no_package)
    with pytest.raises(
        PydanticCustomError, match="the list of time zones is missing; hint: pip install tzdata"
    ):
        check_zone("Europe/Berlin")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
@given(tick=st.integers(0, 10 * 366 * DAY))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_local_time_and_tick_are_inverse_even_in_a_repeated_hour(zone: str, tick: int) -> None:
    shown = local_time(tick, MONDAY, zone)
    assert tick_of(shown, MONDAY, zone) == tick
    assert tick_of(shown.replace(tzinfo=None), MONDAY, zone) == tick
    assert tick_of(shown.astimezone(UTC), MONDAY, zone) == tick


def test_tick_of_a_date_is_its_midnight() -> None:
    assert tick_of(MONDAY, MONDAY, "Europe/Berlin") == 0
    assert tick_of(date(2026, 1, 4), MONDAY, "Europe/Berlin") == -DAY
    assert tick_of(date(2026, 3, 30), date(2026, 3, 29), "Europe/Berlin") == 23 * HOUR
    assert tick_of(date(2026, 10, 26), date(2026, 10, 25), "Europe/Berlin") == 25 * HOUR
    assert tick_of(datetime(2026, 3, 29, 2, 30), date(2026, 3, 29), "Europe/Berlin") == 150 * MINUTE
    assert (
        local_time(150 * MINUTE, date(2026, 3, 29), "Europe/Berlin").isoformat()
        == "2026-03-29T03:30:00+02:00"
    )


CHANGES = {
    "Europe/Berlin skips 02:00": ("Europe/Berlin", date(2026, 3, 28)),
    "Europe/Berlin repeats 02:00": ("Europe/Berlin", date(2026, 10, 24)),
    "America/New_York skips 02:00": ("America/New_York", date(2026, 3, 7)),
    "America/New_York repeats 01:00": ("America/New_York", date(2026, 10, 31)),
    "Australia/Lord_Howe skips half an hour": ("Australia/Lord_Howe", date(2025, 10, 4)),
    "Australia/Lord_Howe repeats half an hour": ("Australia/Lord_Howe", date(2025, 4, 5)),
    "America/Sao_Paulo skips midnight": ("America/Sao_Paulo", date(2018, 11, 4)),
    "America/Sao_Paulo repeats 23:00": ("America/Sao_Paulo", date(2018, 2, 17)),
    "Africa/Cairo skips midnight": ("Africa/Cairo", date(2024, 4, 25)),
    "Africa/Cairo repeats 23:00": ("Africa/Cairo", date(2024, 10, 30)),
    "Asia/Kolkata never changes": ("Asia/Kolkata", date(2026, 3, 28)),
    "Pacific/Apia skips a date": ("Pacific/Apia", date(2011, 12, 29)),
    "Pacific/Apia starts after the skipped date": ("Pacific/Apia", date(2011, 12, 31)),
}
SAME_DAY: list[list[str]] = [
    ["00:00-24:00"],
    ["08:00-17:00"],
    ["02:30-03:15"],
    ["02:00-03:00"],
    ["01:00-02:30"],
    ["01:00-04:00"],
    ["02:30-08:00"],
    ["23:30-24:00"],
    ["00:00-00:30"],
    ["00:15-08:00"],
    ["00:00-01:30", "01:30-09:00"],
    ["01:00-02:30", "03:00-08:00"],
    ["01:00-02:30", "03:00-03:15"],
]
OVERNIGHT = [["22:00-06:00"], ["23:30-00:30"], ["22:00-02:30"], ["02:30-02:30"], ["12:00-01:15"]]
PATTERNS = [(hours, False) for hours in SAME_DAY] + [(hours, True) for hours in OVERNIGHT]


@cache
def stepped_clock(zone: str, start: date) -> tuple[dict[datetime, int], list[tuple[datetime, timedelta]]]:
    """The first minute after the start at which the clock shows each wall time; the gaps as (first, size)."""
    rules, minute = ZoneInfo(zone), timedelta(minutes=1)
    first_of_all = datetime(start.year, start.month, start.day, tzinfo=UTC) - timedelta(days=4)
    readings = [
        (first_of_all + minute * i).astimezone(rules).replace(tzinfo=None, fold=0) for i in range(12 * 1440)
    ]
    begin = next(i for i, reading in enumerate(readings) if reading.date() >= start)
    seen: dict[datetime, int] = {}
    for i, reading in enumerate(readings):
        seen.setdefault(reading, i - begin)
    gaps = [(one + minute, other - one - minute) for one, other in pairwise(readings) if other - one > minute]
    return seen, gaps


def minute_of(wall: datetime, zone: str, start: date) -> int:
    seen, gaps = stepped_clock(zone, start)
    for first, size in gaps:
        if first <= wall < first + size:
            return seen[wall + size]
    return seen[wall]


def stepped_shifts(zone: str, start: date, hours: list[str], next_day: bool) -> Iterator[range]:
    for offset in range(-2, 6):
        midnight = datetime(start.year, start.month, start.day) + timedelta(days=offset)
        for text in hours:
            ends = [timedelta(hours=int(t[:2]), minutes=int(t[3:])) for t in text.split("-")]
            opens, closes = midnight + ends[0], midnight + ends[1] + timedelta(days=next_day)
            yield range(minute_of(opens, zone, start), minute_of(closes, zone, start))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("hours", "next_day"), PATTERNS, ids=str)
def test_shifts_around_clock_changes_agree_with_a_stepped_clock(
    change: str, hours: list[str], next_day: bool
) -> None:
    zone, start = CHANGES[change]
    window = 4 * 1440
    expected = np.zeros(window, dtype=bool)
    for shift in stepped_shifts(zone, start, hours, next_day):
        expected[max(0, shift.start) : max(0, shift.stop)] = True
    pattern = {"days": "Mon-Sun", "hours": hours, "next_day": next_day}
    spec = CalendarSpec.model_validate({"shifts": [pattern]})
    calendar = compile_calendar(spec, start, zone, window * MINUTE)
    for within in (0, MINUTE - 1):
        assert [calendar.is_open(m * MINUTE + within) for m in range(window)] == expected.tolist()

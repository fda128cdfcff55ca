"""Warm-up: MSER-5 on series with a known beginning, Welch's average, and scenarios that begin empty."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import sim
from analysis.experiments.warm_up import warm_up
from analysis.warmup import InSystem, bucket_of, judged, moving_average, mser5, repeats_weekly, without_cycle
from sim import Scenario, simulate
from sim.draws import Stream
from sim.quantities import DAY, HOUR, WEEK
from tests.statistics.family import holds

INVOICES = sim.load(Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml")


WORK = {"distribution": "exponential", "mean": "10 min"}


def noise(count: int, experiment: int, seed: int) -> list[float]:
    return [float(value) for value in Stream(seed, experiment, "noise").block_normals(0, count)]


def queue(horizon: str, warm_up: str, load: float) -> Scenario:
    """One server, always open, that begins empty: `load` Erlang."""
    return Scenario.from_tree(
        {
            "version": 1, "name": "One server", "horizon": horizon, "warm_up": warm_up, "drain_limit": "1 h",
            "tasks": {"job": {"arrivals": {"process": "poisson", "rate": f"{6 * load:g} / h"}, "value": 1}},
            "workers": {"clerk": {"kind": "human", "wage": "30 / h", "work_time": WORK}},
            "topology": {"kind": "human_only", "human": "clerk"},
        }
    )  # fmt: skip


def test_mser5_cuts_where_a_beginning_ends() -> None:
    series = [20 * math.exp(-k / 10) + (-1) ** (k // 5) for k in range(400)]
    cut = mser5(series)
    assert cut is not None
    assert cut % 5 == 0
    assert 25 <= cut <= 80


def test_mser5_cuts_where_the_textbook_formula_is_smallest() -> None:
    batches = [9.0, 7.0, 5.1, 4.8, 5.2, 4.9, 5.0, 5.3, 4.7, 5.1]
    errors = []
    for cut in range(6):
        rest = batches[cut:]
        centre = sum(rest) / len(rest)
        errors.append(sum((value - centre) ** 2 for value in rest) / len(rest) ** 2)
    expected = min(range(6), key=errors.__getitem__)
    assert expected == 2
    assert mser5([value for value in batches for _ in range(5)]) == 5 * expected


def test_mser5_has_no_answer_for_what_never_settles_or_is_too_short() -> None:
    assert mser5([float(k) for k in range(200)]) is None
    assert mser5([1.0] * 9) is None


def test_what_repeats_is_taken_out() -> None:
    assert without_cycle([1.0, 5.0, 3.0, 7.0], 2) == [-1.0, -1.0, 1.0, 1.0]
    assert without_cycle([1.0, 5.0], 0) == [1.0, 5.0]


def test_welchs_average_is_that_of_the_numbers_around() -> None:
    assert moving_average([1.0, 2.0, 6.0, 2.0, 4.0], 2) == pytest.approx([1.0, 3.0, 10 / 3, 4.0, 4.0])


def test_tasks_in_the_system_over_time_are_those_of_the_log() -> None:
    scenario = queue("40 h", "0 s", 0.8)
    fold = InSystem(scenario.horizon, HOUR)
    log = simulate(scenario, folds=[fold])
    events = log.events()
    arrived = events[events.action == "arrived"].tick
    ended = events[events.next.isin(["deliver", "fail"])].tick
    series = fold.series()
    assert len(series) == 40
    for hour in (0, 7, 39):
        begin, end = hour * HOUR, (hour + 1) * HOUR
        area = (end - arrived.clip(begin, end)).sum() - (end - ended.clip(begin, end)).sum()
        assert series[hour] == pytest.approx(area / HOUR)


def test_a_bucket_is_an_hour_where_the_week_repeats() -> None:
    assert repeats_weekly(INVOICES)
    assert bucket_of(INVOICES) == HOUR
    assert not repeats_weekly(queue("500 h", "0 s", 0.5))
    assert bucket_of(queue("500 h", "0 s", 0.5)) == HOUR
    assert bucket_of(queue("100 h", "0 s", 0.5)) == HOUR // 5


def test_a_busy_server_that_begins_empty_needs_a_warm_up() -> None:
    found = warm_up(queue("200 h", "0 s", 0.97), 60)
    assert found.is_too_short
    assert found.advised is None or found.advised > 5 * HOUR
    frame = found.to_frame()
    assert list(frame.columns) == ["tick", "in_system", "smooth"]
    assert frame.in_system[:20].mean() < frame.in_system[-100:].mean()


def test_an_idle_server_needs_none() -> None:
    found = warm_up(queue("500 h", "0 s", 0.1), 5)
    assert not found.is_too_short


def test_the_shipped_scenario_has_warm_up_enough_and_one_that_drowns_has_not() -> None:
    assert not warm_up(INVOICES, 2).is_too_short
    drowning = INVOICES.overlaid(
        {"topology": {"kind": "human_only"}, "workers": {"clerk": {"positions": 7}}, "warm_up": "1 day"}
    )
    found = warm_up(drowning, 3)
    assert found.is_too_short
    assert found.advised is None


def test_noise_is_no_reason_for_a_longer_warm_up() -> None:
    """Of 100 series without any beginning at most a few are called too short."""
    scenario = queue("500 h", "0 s", 0.5)

    def look(seed: int, times: int) -> bool:
        alarms = sum(
            judged(scenario, [noise(500, 10 * experiment + k, seed) for k in range(5)]).is_too_short
            for experiment in range(100 * times)
        )
        return alarms <= 8 * times

    assert holds(look)


def test_a_warm_up_is_judged_on_replications() -> None:
    with pytest.raises(ValueError, match="at least one replication"):
        warm_up(INVOICES, 0)
    assert INVOICES.warm_up == WEEK == 7 * DAY

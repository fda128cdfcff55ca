"""The parts that folds of metrics are made of: exact sums, hours of the week, quantiles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from analysis.metrics.hours import HOURS, HourSums, LocalClock
from analysis.metrics.quantiles import quantile
from analysis.metrics.sums import Sums, exact_sum
from sim import Scenario
from sim.calendars import local_time
from sim.quantities import DAY, HOUR


def scenario_of(**changes: Any) -> Scenario:
    """Some scenario: only its time and place matter."""
    tree = {
        "version": 1,
        "name": "A clock",
        "horizon": "10 h",
        "tasks": {"task": {"arrivals": {"process": "deterministic", "every": "6 h"}}},
        "workers": {
            "clerk": {
                "kind": "human",
                "wage": "30 / h",
                "work_time": {"distribution": "constant", "value": "6 min"},
            }
        },
        "topology": {"kind": "human_only", "human": "clerk"},
    }
    return Scenario.from_tree(tree | changes)


def test_sums_do_not_overflow() -> None:
    most = np.full(1000, 2**62, np.int64)
    assert exact_sum(most) == 1000 * 2**62
    assert exact_sum(-most) == -1000 * 2**62
    sums = Sums(2)
    sums.add(np.repeat([0, 1], 500), most)
    sums.add(np.array([1]), np.array([-7]))
    assert sums.totals() == [500 * 2**62, 500 * 2**62 - 7]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "UTC"])
@pytest.mark.parametrize("start", ["2026-03-25", "2026-10-29"])
def test_hours_of_the_week_follow_the_clocks(zone: str, start: str) -> None:
    """Against the clock on the wall, half hour by half hour, through a change of the clocks."""
    scenario = scenario_of(horizon="16 days", timezone=zone, start=start, warm_up="2 days")
    generator = np.random.default_rng(5)
    bounds = np.sort(generator.integers(2 * DAY, 16 * DAY, (40, 2)), axis=1)
    bounds[:10] = bounds[:10] // HOUR * HOUR
    bounds[10, 1] = bounds[10, 0]
    groups = generator.integers(0, 2, len(bounds))
    sums = HourSums(LocalClock(scenario), 2)
    sums.add(groups, bounds[:, 0], bounds[:, 1])
    expected = np.zeros((2, HOURS), dtype=np.int64)
    for half in range(0, 16 * DAY, HOUR // 2):
        wall = local_time(half, scenario.start, zone)
        inside = np.minimum(bounds[:, 1], half + HOUR // 2) - np.maximum(bounds[:, 0], half)
        np.add.at(expected[:, wall.weekday() * 24 + wall.hour], groups, np.maximum(inside, 0))
    assert sums.totals() == expected.tolist()


def test_weights_of_hours_are_exact_however_many_slots_there_are() -> None:
    sums = HourSums(LocalClock(scenario_of()), 1, is_weighted=True)
    slots = np.array([10**10], dtype=object)
    sums.add(np.array([0]), np.array([HOUR]), np.array([4 * HOUR]), slots)
    assert sums.totals()[0][:5] == [0, 10**10 * HOUR, 10**10 * HOUR, 10**10 * HOUR, 0]


def test_quantiles_over_several_arrays_are_those_of_all_values() -> None:
    generator = np.random.default_rng(9)
    arrays = [np.sort(generator.integers(0, 50, size)) for size in (0, 7, 30)]
    everything = sorted(np.concatenate(arrays).tolist())
    for percent in (1, 50, 90, 99, 100):
        found = quantile(arrays, percent)
        assert found is not None
        assert (found.ticks, found.is_bound) == (everything[-(-37 * percent // 100) - 1], False)
    assert quantile([np.empty(0, np.int64)], 50) is None


def test_a_quantile_among_the_unfinished_is_at_least_that_of_the_times_so_far() -> None:
    ticks = np.array([-1 - 80, -1 - 5, 10, 20, 30])  # two that were cut off after 80 and after 5 ticks
    assert [quantile([ticks], percent).ticks for percent in (20, 60)] == [10, 30]  # type: ignore[union-attr]
    last = quantile([ticks], 90)
    assert last is not None
    assert (last.ticks, last.is_bound) == (80, True)
    fourth = quantile([ticks], 80)
    assert fourth is not None
    assert (fourth.ticks, fourth.is_bound) == (30, True)


def test_local_clock_finds_each_change_to_the_tick() -> None:
    clock = LocalClock(scenario_of(horizon="16 days", timezone="Europe/Berlin", start="2026-03-25"))
    change = 4 * DAY + 2 * HOUR  # Sunday, 29 March, 02:00 becomes 03:00
    assert clock.starts.tolist() == [0, change]
    assert (clock.shifts[1] - clock.shifts[0]) == HOUR
    assert timedelta(microseconds=int(clock.shifts[0])) == timedelta(days=2)

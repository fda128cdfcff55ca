"""Stability: queues that grow without bound are found, and busy ones that do not are left in peace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from analysis.experiments import Replications, replicate
from analysis.experiments.compare import compare
from analysis.experiments.stability import growths, unbounded
from analysis.metrics import compared_parts
from analysis.report import run_report
from analysis.report.compare import compare_report
from sim import Scenario, simulate
from sim.quantities import DAY, HOUR, WEEK
from tests.statistics.family import REPLICATIONS, agrees, holds

HERE = "tests/unit/test_stability.py"
WORK = {"distribution": "exponential", "mean": "10 min"}


def queue(load: float, horizon: str = "240 h", warm_up: str = "48 h", **clerk: Any) -> Scenario:
    """One server that is offered `load` Erlang, always open unless it has a calendar."""
    return Scenario.from_tree(
        {
            "version": 1, "name": "One server", "horizon": horizon, "warm_up": warm_up, "drain_limit": "1 h",
            "calendars": {"office": {"days": "Mon-Fri", "hours": "08:00-16:00"}} if clerk else {},
            "tasks": {"job": {"arrivals": {"process": "poisson", "rate": f"{6 * load:g} / h"}, "value": 1}},
            "workers": {"clerk": {"kind": "human", "wage": "30 / h", "work_time": WORK, **clerk}},
            "topology": {"kind": "human_only", "human": "clerk"},
        }
    )  # fmt: skip


def found_between(
    load: float, experiments: int, least: int, most: int, **rest: Any
) -> Callable[[int, int], bool]:
    """A look at whether the queue is called unbounded in so many of the experiments."""

    def look(seed: int, times: int) -> bool:
        seeds = range(seed, seed + experiments * times)
        found = sum(bool(unbounded(replicate(queue(load, **rest), 10, seed=one))) for one in seeds)
        print(f"{found} of {len(seeds)} experiments at load {load:g} with seeds from {seed} on")
        return least * times <= found <= most * times

    return look


@cache
def overloaded() -> Replications:
    return replicate(queue(1.1), 10)


# -- what is compared -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "length", "distance"),
    [
        (4 * WEEK, WEEK, 3 * WEEK),
        (9 * WEEK + DAY, 3 * WEEK, 6 * WEEK),
        (2 * WEEK, WEEK, WEEK),
        (10 * DAY, 3 * DAY, 7 * DAY),
        (12 * HOUR, 4 * HOUR, 8 * HOUR),
    ],
)
def test_the_first_and_the_last_third_are_whole_weeks_or_days(
    window: int, length: int, distance: int
) -> None:
    assert compared_parts(window) == (length, distance)


def test_the_growth_of_a_queue_is_that_of_the_log() -> None:
    scenario = queue(1.1)
    events = simulate(scenario, replication=3).events()
    waits = events[(events.queued >= 0) & (events.role == "clerk")]
    until = waits.started.where(waits.started >= 0, waits.ended)
    length, distance = compared_parts(scenario.horizon - scenario.warm_up)
    areas = []
    for begin in (scenario.warm_up, scenario.warm_up + distance):
        end = begin + length
        areas.append(int((until.clip(begin, end) - waits.queued.clip(begin, end)).sum()))
    assert replicate(scenario, 1, first=3).tallies[0].roles[0].queue_growth == areas[1] - areas[0] > 0


# -- what is found --------------------------------------------------------------------------------------


@pytest.mark.mechanism("HI-17")
def test_a_queue_that_gets_more_work_than_it_can_do_grows_by_the_difference() -> None:
    def look(seed: int, times: int) -> bool:
        found = [growths(replicate(queue(1.1), 1, seed, number))[0] for number in range(REPLICATIONS * times)]
        loads = [growth.offered_load or 0.0 for growth in found]
        is_as_fast = agrees([growth.per_week.value or 0.0 for growth in found], 0.1 * 6 * 168, HERE)
        return is_as_fast and agrees(loads, 1.1, HERE)

    assert holds(look)
    (growth,) = growths(overloaded())
    assert growth.is_unbounded


@pytest.mark.parametrize(("load", "expected"), [(0.9, 0), (1.1, 6)])
def test_a_busy_queue_is_told_from_one_that_grows(load: float, expected: int) -> None:
    assert holds(found_between(load, 6, expected, expected))


@pytest.mark.ci
@pytest.mark.parametrize(("load", "least", "most"), [(0.9, 0, 3), (0.95, 0, 3), (1.1, 97, 100)])
def test_of_100_experiments_hardly_any_is_misjudged(load: float, least: int, most: int) -> None:
    """One server at 90 and 95 % is left in peace, at 110 % it is found: in 97 of 100 at least."""
    assert holds(found_between(load, 100, least, most))


def test_a_queue_that_still_fills_after_no_warm_up_is_not_called_unbounded() -> None:
    assert holds(found_between(0.95, 6, 0, 0, warm_up="0 s"))


def test_a_week_that_repeats_is_no_growth_and_less_than_two_tell_nothing() -> None:
    """Work comes day and night, an office of 40 hours a week does it: the queue is long on Monday each week."""
    weekly = queue(0.2, "5 weeks", "1 week", calendar="office")
    assert not unbounded(replicate(weekly, 5))
    drowning = queue(0.4, "5 weeks", "1 week", calendar="office")
    assert [growth.role for growth in unbounded(replicate(drowning, 5))] == ["clerk"]
    assert not unbounded(replicate(queue(0.4, "8 days", "0 s", calendar="office"), 5))


def test_one_replication_and_those_that_a_limit_stopped_say_nothing() -> None:
    assert not unbounded(replicate(queue(1.5), 1))
    stopped = tuple(replace(log, status="partial") for log in overloaded().logs)
    assert growths(replace(overloaded(), logs=stopped)) == []


# -- what is said ---------------------------------------------------------------------------------------


def test_the_page_and_the_document_of_a_run_say_it() -> None:
    page = " ".join(run_report(overloaded()).split())
    assert "clerk is a bottleneck: " in page
    assert "and its queue grows without bound (about " in page
    assert "waits depend on how long you look" in page
    document = overloaded().to_json_dict()
    assert document["queue_growth"][0]["is_unbounded"] is True
    notes = {name: row["note"] for name, row in document["metrics"].items()}
    assert "depends on the window: the queue of clerk grows" in notes["wait_mean"]
    assert notes["cpst"] == ""


def test_a_comparison_says_it_of_the_variant() -> None:
    found = compare(
        {"one": queue(1.1), "two": queue(1.1).overlaid({"workers": {"clerk": {"positions": 2}}})}, 10
    )
    rows = found.standings().set_index("variant")
    assert list(rows.queues_without_bound) == ["clerk", ""]
    growth = found.to_json_dict()["queue_growth"]
    assert [growth[name][0]["is_unbounded"] for name in ("one", "two")] == [True, False]
    page = " ".join(compare_report(found).split())
    assert "one: unstable: clerk is " in page
    assert "and its queue grows without bound" in page

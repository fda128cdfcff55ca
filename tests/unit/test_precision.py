"""Precision: what a half-width is, when to look, when to stop, and what is kept when a limit ends it."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Any

import pytest

from analysis import estimates
from analysis.estimates import Estimate
from analysis.executors import InProcess, TaskLostError
from analysis.experiments import replicate
from analysis.experiments.compare import compare
from analysis.experiments.precision import Precise, Precision, replicate_until
from analysis.experiments.time_limit import TimeLimit
from analysis.experiments.until_best import UntilBest
from analysis.experiments.warm_up import warm_up_of
from analysis.experiments.widths import parse_within, width_of, within
from analysis.report import run_report
from analysis.report.compare import compare_report
from sim import Scenario
from sim.draws import Stream
from tests.statistics.family import holds

WORK = {"distribution": "exponential", "mean": "10 min"}
SHOP: dict[str, Any] = {
    "version": 1, "name": "One clerk", "horizon": "20 h", "drain_limit": "1 h",
    "tasks": {"job": {"arrivals": {"process": "poisson", "rate": "3 / h"}, "value": 1, "damage_if_wrong": 1}},
    "workers": {"clerk": {"kind": "human", "wage": "30 / h", "work_time": WORK, "success": 0.9}},
    "topology": {"kind": "human_only", "human": "clerk"},
    "decide": {"minimise": "cpst_with_damage"},
}  # fmt: skip


def shop(**changes: object) -> Scenario:
    return Scenario.from_tree(SHOP | changes)


@cache
def precise() -> Precise:
    return replicate_until(shop(), Precision({"cpst": "3 %", "wait_mean": "3 min"}, most=400))


# -- half-widths ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "half_width", "is_relative"),
    [
        ("cpst=2 %", 0.02, True),
        (" cpst = 0.05 ", 0.05, False),
        ("wait_mean=5 s", 5.0, False),
        ("wait_mean=2 min", 120.0, False),
        ("human_minutes_per_task=30 s", 0.5, False),
        ("sla_share=0.01", 0.01, False),
    ],
)
def test_a_half_width_is_in_the_metrics_unit_or_a_part_of_its_value(
    text: str, half_width: float, is_relative: bool
) -> None:
    goal = parse_within(text)
    assert goal.half_width == pytest.approx(half_width)
    assert goal.is_relative is is_relative
    assert within(goal.metric, goal.text) == goal


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cpst", "is not a precision; such as 'cpst=2 %'"),
        ("cpst=5 s", "cpst cannot be within '5 s': give a number in its currency, or per cent as in 2 %"),
        ("wait_mean=soon", "not a duration: 'soon'"),
        ("cpst=0 %", "a half-width is above 0, got 0 % for cpst"),
    ],
    ids=lambda text: text[:12],
)
def test_what_is_no_half_width_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_within(text)


def test_limits_and_goals_are_checked_at_construction() -> None:
    with pytest.raises(KeyError, match="no metric 'cpt'"):
        Precision({"cpt": "2 %"})
    with pytest.raises(ValueError, match="limits are above 0, got 0 replications"):
        Precision({"cpst": 1}, most=0)
    with pytest.raises(ValueError, match="and 0 seconds"):
        Precision({"cpst": 1}, seconds=0)


def test_a_width_is_reached_when_the_longer_side_is_short_enough() -> None:
    goal = within("sla_share", 0.02)
    cut = Estimate(0.99, 0.965, 1.0, 20)
    assert width_of(goal, cut, cut.value).half_width == pytest.approx(0.025)
    assert not width_of(goal, cut, cut.value).is_reached
    assert width_of(goal, Estimate(0.99, 0.975, 1.0, 20), 0.99).is_reached
    relative = width_of(within("cpst", "10 %"), Estimate(-2.0, -2.2, -1.8, 20), -2.0)
    assert relative.limit == pytest.approx(0.2)


def test_what_is_undefined_is_never_narrow_enough() -> None:
    for found in (Estimate(None, None, None, 20, "undefined"), Estimate(1.0, None, None, 20, "insufficient")):
        width = width_of(within("cpst", "10 %"), found, found.value)
        assert not width.is_reached
        assert width.enough(20) == math.inf


# -- when to look ---------------------------------------------------------------------------------------


def test_looks_are_few_and_the_first_is_after_ten_replications() -> None:
    precision = Precision({"cpst": 1.0}, most=500)
    assert precision.first_total(2) == 10
    assert precision.first_total(30) == 30
    near, far, reached = (
        width_of(precision.goals[0], Estimate(9.0, 9.0 - reach, 9.0 + reach, 40), None)
        for reach in (1.01, 3.0, 1.0)
    )
    assert precision.next_total([near], 40) == 50
    assert precision.next_total([far, near], 40) == 80
    assert precision.next_total([far], 400) == 500
    assert precision.next_total([far], 500) is None
    assert precision.next_total([reached], 40) is None


@pytest.mark.parametrize("width", ["20 %", "7 %"])
def test_intervals_that_were_waited_for_still_cover(width: str) -> None:
    """Of 500 searches over normal numbers, whose nominal share is 95 %: 93 % at least."""

    def look(seed: int, times: int) -> bool:
        found = map(_searched(width, seed), range(500 * times))
        return sum(low <= 10.0 <= high for low, high in found) >= 465 * times

    assert holds(look)


def _searched(width: str, seed: int) -> Callable[[int], tuple[float, float]]:
    def search(experiment: int) -> tuple[float, float]:
        precision = Precision({"cpst": width}, most=2000)
        data = (10 + 3 * Stream(seed, experiment, "data").block_normals(0, 2000)).tolist()
        total: int | None = precision.first_total(10)
        while total is not None:
            done, found = total, estimates.mean(data[:total])
            total = precision.next_total([width_of(precision.goals[0], found, found.value)], done)
        assert found.low is not None
        assert found.high is not None
        return found.low, found.high

    return search


# -- replicating ----------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-05")
def test_replications_go_on_until_every_interval_is_narrow_enough() -> None:
    found, sought = precise().found, precise().sought
    assert sought.stopped_by == "precision"
    cost, wait = (found.estimate(name) for name in ("cpst", "wait_mean"))
    assert cost.half_width is not None
    assert cost.value is not None
    assert wait.half_width is not None
    assert cost.half_width <= 0.03 * cost.value
    assert wait.half_width <= 180
    assert 10 < len(found.logs) < 400


def test_what_is_found_is_what_as_many_replications_give() -> None:
    found = precise().found
    plain = replicate(shop(), len(found.logs))
    assert (found.tallies, found.logs) == (plain.tallies, plain.logs)


def test_a_limit_of_replications_ends_it_and_says_what_is_missing() -> None:
    made = replicate_until(shop(), Precision({"cpst": "0.01 %", "arrivals": "50 %"}, most=12))
    assert made.sought.stopped_by == "replications"
    assert len(made.found.logs) == 12
    assert [width.is_reached for width in made.sought.widths] == [False, True]
    page = " ".join(run_report(made.found, made.sought).split())
    assert "Precise enough after 12 replications: arrivals ±" in page
    assert "Not precise enough after 12 replications: cpst ± USD" in page
    assert "asked 0.01 %). Stopped by the limit of 12 replications (--most)." in page


def test_an_undefined_metric_goes_on_to_the_limit_and_is_named() -> None:
    made = replicate_until(shop(), Precision({"utilisation_agents": "5 %"}, most=11))
    assert (len(made.found.logs), made.sought.stopped_by) == (11, "replications")
    assert "utilisation_agents has no interval (asked 5 %)" in " ".join(
        run_report(made.found, made.sought).split()
    )


def test_progress_counts_on_over_the_rounds() -> None:
    told: list[tuple[int, int]] = []
    replicate_until(
        shop(), Precision({"cpst": 1e-9}, most=13), progress=lambda done, total: told.append((done, total))
    )
    assert told == [(k, 10) for k in range(1, 11)] + [(k, 13) for k in range(11, 14)]


# -- limits of time -------------------------------------------------------------------------------------


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def portions(seconds: float | None, each: float, count: int, fewest: int = 2) -> list[range]:
    """What is done of `count` replications that take `each` seconds."""
    clock = Clock()
    limit, done = TimeLimit(seconds, clock), []
    for portion in limit.portions(range(count), fewest):
        done.append(portion)
        clock.now += each * len(portion)
    return done


def test_without_a_limit_of_time_all_is_one_portion() -> None:
    assert portions(None, 1.0, 50) == [range(50)]


def test_a_limit_of_time_is_passed_by_no_more_than_a_small_portion() -> None:
    assert portions(10.0, 1.0, 50) == [range(2), range(2, 10)]
    assert portions(10.5, 1.0, 50) == [range(2), range(2, 10), range(10, 12)]
    assert portions(1000.0, 1.0, 50) == [range(2), range(2, 50)]
    assert portions(0.5, 1.0, 50) == [range(2)]


def test_a_limit_of_time_keeps_what_is_finished_and_says_so() -> None:
    made = replicate_until(shop(), Precision({"cpst": 1e-9}, seconds=1e-9))
    assert made.sought.stopped_by == "time"
    assert made.found.tallies == replicate(shop(), 2).tallies
    assert made.found.is_complete
    page = " ".join(run_report(made.found, made.sought).split())
    assert "Stopped by the limit of time (0 s)" in page
    assert "-n 2 gives the same again." in page


def test_a_number_of_replications_may_have_a_limit_of_time() -> None:
    whole = replicate_until(shop(), Precision({}, most=3, seconds=60))
    assert (len(whole.found.logs), whole.sought.stopped_by) == (3, "replications")


# -- what goes wrong ------------------------------------------------------------------------------------


class Failing(InProcess):
    """Does replications here, and raises when it comes to some."""

    window = 1

    def __init__(self, error: type[BaseException], numbers: range) -> None:
        super().__init__()
        self._error, self._numbers = error, numbers

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        if arguments[0] in self._numbers:
            if self._error is KeyboardInterrupt:
                raise KeyboardInterrupt
            failed: Future[Any] = Future()
            failed.set_exception(self._error("its worker died"))
            return failed
        return super().submit(function, *arguments, **named)


@pytest.mark.parametrize("first_lost", [12, 10], ids=["within a round", "at its begin"])
def test_an_interruption_keeps_the_replications_that_are_finished(first_lost: int) -> None:
    place = Failing(KeyboardInterrupt, range(first_lost, 99))
    made = replicate_until(shop(), Precision({"cpst": 1e-9}), executor=place)
    assert made.found.is_interrupted
    assert made.sought.stopped_by == "interruption"
    assert [log.replication for log in made.found.logs] == list(range(first_lost))


def test_a_round_that_is_lost_as_a_whole_costs_only_itself() -> None:
    place = Failing(TaskLostError, range(10, 20))
    made = replicate_until(shop(), Precision({"cpst": 1e-9}, most=24), executor=place)
    assert list(made.found.lost) == list(range(10, 20))
    assert [log.replication for log in made.found.logs] == [*range(10), *range(20, 24)]


# -- comparisons ----------------------------------------------------------------------------------------


def two() -> dict[str, Scenario]:
    slower = {"distribution": "exponential", "mean": "11 min"}
    return {
        "one": shop(),
        "slower": shop(workers={"clerk": SHOP["workers"]["clerk"] | {"work_time": slower}}),
    }


def test_a_comparison_goes_on_until_the_differences_are_known_closely() -> None:
    found = compare(two(), 10, precision=Precision({"cpst": "1 %"}, most=300))
    assert found.precision is not None
    assert found.precision.stopped_by == "precision"
    (width,) = found.precision.widths
    gap, base = found.difference("slower", width.goal.of).paired, found.estimate("one", width.goal.of)
    assert width.half_width == pytest.approx(gap.half_width)
    assert width.limit == pytest.approx(0.01 * (base.value or 0.0))
    assert gap.half_width is not None
    assert gap.half_width <= 0.01 * (base.value or 0.0)
    assert f"Precise enough after {found.replications} replications: cpst of slower ±" in " ".join(
        compare_report(found).split()
    )
    assert found.to_json_dict()["precision"]["goals"][0]["is_reached"] is True


def test_a_comparison_with_itself_is_precise_at_once_and_one_variant_is_looked_at_itself() -> None:
    same = compare({"one": shop(), "same": shop()}, 10, precision=Precision({"cpst": 1e-9}))
    assert same.replications == 10
    alone = compare({"one": shop()}, 10, precision=Precision({"cpst": "3 %"}, most=200))
    assert alone.precision is not None
    assert [(width.variant, width.is_reached) for width in alone.precision.widths] == [("", True)]


def test_a_limit_of_time_leaves_the_same_replications_of_every_variant() -> None:
    found = compare(two(), 30, precision=Precision({}, most=30, seconds=1e-9))
    assert found.replications == 2
    assert [len(variant.logs) for variant in found.variants.values()] == [2, 2]
    assert "Stopped by the limit of time" in compare_report(found)
    search = compare(two(), 30, until_best=UntilBest(0.001, seconds=1e-9)).search
    assert search is not None
    assert (search.left, search.stopped_by) == (("one", "slower"), "time")


def test_a_comparison_has_one_goal() -> None:
    with pytest.raises(ValueError, match="not both"):
        compare(two(), 10, until_best=UntilBest(0.1), precision=Precision({"cpst": "1 %"}))
    with pytest.raises(ValueError, match=r"from 0\.5 to below 1, got 1"):
        UntilBest(0.1, confidence=1.0)
    with pytest.raises(ValueError, match="a limit of time is above 0, got 0"):
        UntilBest(0.1, seconds=0)


def test_a_surer_search_takes_longer() -> None:
    variants = two()
    sure = [compare(variants, 4, until_best=UntilBest(0.5, confidence=share)) for share in (0.8, 0.9999)]
    assert [found.search.left for found in sure if found.search is not None] == [("one",), ("one",)]
    assert sure[0].replications < sure[1].replications
    assert "one is the best with 99.99 % confidence" in " ".join(compare_report(sure[1]).split())


# -- the warm-up of a run -------------------------------------------------------------------------------


def test_a_run_looks_at_its_warm_up_with_at_most_half_of_its_replications() -> None:
    busy = shop(tasks={"job": SHOP["tasks"]["job"] | {"arrivals": {"process": "poisson", "rate": "9 / h"}}})
    assert warm_up_of(replicate(busy, 3)) is None
    judged = warm_up_of(replicate(busy, 12))
    assert judged is not None
    assert judged.is_too_short
    page = " ".join(run_report(replicate(busy, 12), warm_up=judged).split())
    assert "the warm-up (none) is too short" in page
    assert judged.to_json_dict()["is_too_short"] is True

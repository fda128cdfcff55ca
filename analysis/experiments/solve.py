"""Solving: the least people, agents or spending that meet conditions, on paired runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Literal

from analysis.experiments.conditions import check_replications
from analysis.experiments.replicate import Progress
from analysis.experiments.search.bench import bench
from analysis.experiments.search.candidate import Candidate
from analysis.experiments.search.lattice import Point, least_on_line, least_point, steps_down
from analysis.experiments.search.optuna_trials import search_by_optuna
from analysis.experiments.search.plan import Plan, Tried
from analysis.experiments.search.values import Least, checked_corners, values_to_try, written_place
from analysis.experiments.solution import Solution
from sim import Scenario

Method = Literal["integer", "optuna"]
"""Step by step along each path, or by trials."""
REPLICATIONS = 10
"""Replications of each candidate unless another number is given."""
COST = "cost_per_month_paid"
"""What several paths together make small unless something else is asked for: it counts idle people too."""
TRIALS = 100
"""Candidates that Optuna may ask for unless another number is given."""


def solve(
    scenario: Scenario,
    least: Least,
    conditions: Sequence[str] | None = None,
    *,
    low: int = 1,
    high: int | None = None,
    minimise: str | Sequence[str] = COST,
    weights: Mapping[str, float] | None = None,
    sure: float | None = None,
    method: Method = "integer",
    trials: int = TRIALS,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Solution:
    """The least at one or more paths that meets the conditions, by default those of the scenario's `decide`.

    `least` is a path such as `workers.clerk.positions`, several, or the values to try by path, the least first. Every
    candidate is replicated on the same draws. For one path the answer passes and the value before it was tried and
    fails. For several it is the cheapest that was found by `minimise`, or by the sum of `weights` times values, and
    no single step down from it passes. The estimates decide, or with `sure` the probability of meeting each condition.

    With `method="optuna"` (extra `optuna`) the values may be anything, `trials` of them are tried, and `minimise`
    may name up to three metrics; a pair `(low, high)` is a range. Raises ValueError or KeyError for what cannot be
    searched, ScenarioError for values that the scenario refuses, and whatever `replicate` raises.
    """
    plan = Plan.of(scenario, conditions, minimise, weights, sure)
    check_replications(sure, replications)
    axes = values_to_try(scenario, least, low, high)
    corners = checked(plan, axes, method)
    with bench(replications, scenario.seed if seed is None else seed, jobs, progress, executor) as place:
        if method == "optuna":
            return search_by_optuna(plan, place, axes, trials)
        return _search(Tried(plan, place, plan.metrics(corners)), axes)


def checked(plan: Plan, axes: Mapping[str, Sequence[Any]], method: Method) -> tuple[Scenario, Scenario]:
    """The scenario with the first and with the last values, once it is known that all of this can be searched.

    Trials may ask for values that the scenario refuses between both ends. Raises ValueError for a plan that the method
    does not go by, ScenarioError for values that the scenario refuses.
    """
    if method != "optuna":
        plan.check_steps()
    return checked_corners(plan.scenario, axes, is_each=method != "optuna")


def _search(tried: Tried, axes: Mapping[str, Sequence[Any]]) -> Solution:
    """The search over whole steps along each path."""
    plan, sizes = tried.plan, [len(values) for values in axes.values()]

    def at(point: Point) -> Candidate:
        return tried.at(_values(axes, point))

    def failed(point: Point) -> list[str]:
        return [str(found.condition) for found in at(point).failed]

    start = tuple(written_place(plan.scenario, path, values) for path, values in axes.items())
    found: Point | None
    if len(axes) == 1:
        line = least_on_line(lambda step: failed((step,)), sizes[0], start[0])
        found = None if line is None else (line,)
    else:
        found = least_point(failed, sizes, start, lambda point: tried.cost(at(point)))
    below = () if found is None else tuple(tried.place_of(at(point)) for point in steps_down(found))
    answer = None if found is None else tried.place_of(at(found))
    return Solution(
        plan.scenario, tuple(axes), plan.conditions, tried.metrics, plan.sure, tuple(tried.candidates.values()),
        answer, below,
    )  # fmt: skip


def _values(axes: Mapping[str, Sequence[Any]], point: Point) -> dict[str, Any]:
    return {path: values[step] for (path, values), step in zip(axes.items(), point, strict=True)}

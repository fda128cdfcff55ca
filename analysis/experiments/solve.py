"""Solving: the least people, agents or spending that meet conditions, on paired runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Literal

from analysis.experiments.points import scenario_at
from analysis.experiments.replicate import Progress
from analysis.experiments.search.bench import Bench, bench
from analysis.experiments.search.candidate import Candidate
from analysis.experiments.search.lattice import Point, least_on_line, least_point, steps_down
from analysis.experiments.search.optuna_trials import search_by_optuna
from analysis.experiments.search.plan import Plan, Tried
from analysis.experiments.search.values import Least, values_to_try, written_place
from analysis.experiments.solution import Solution
from sim import Scenario

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
    method: Literal["integer", "optuna"] = "integer",
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
    with bench(replications, scenario.seed if seed is None else seed, jobs, progress, executor) as place:
        if method == "optuna":
            return search_by_optuna(plan, place, least, trials)
        return _search(plan, place, values_to_try(scenario, least, low, high))


def _search(plan: Plan, place: Bench, axes: Mapping[str, Sequence[Any]]) -> Solution:
    """The search over whole steps along each path."""
    if not plan.conditions:
        raise ValueError("nothing says what must be met: give a condition such as 'sla_share>=0.95'")
    if len(plan.minimise) > 1:
        raise ValueError("several objectives go with the method optuna")
    sizes = [len(values) for values in axes.values()]
    corners = [scenario_at(plan.scenario, _values(axes, point)) for point in _corners(sizes)]
    tried = Tried(plan, place, plan.metrics(corners))

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


def _corners(sizes: Sequence[int]) -> list[Point]:
    """The first and the last point of the lattice: if the scenario refuses a bound, nothing is simulated."""
    return [tuple(0 for _ in sizes), tuple(size - 1 for size in sizes)]


def _values(axes: Mapping[str, Sequence[Any]], point: Point) -> dict[str, Any]:
    return {path: values[step] for (path, values), step in zip(axes.items(), point, strict=True)}

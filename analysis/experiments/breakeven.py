"""Break-even: from which value on one variant is better than another, and how surely that is known."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from analysis.experiments.crossover import Breakeven
from analysis.experiments.objectives import is_staffed_alike, states_damage
from analysis.experiments.replicate import Progress
from analysis.experiments.search.bench import Bench, bench
from analysis.experiments.search.candidate import stated_objective
from analysis.experiments.search.crossings import next_place
from analysis.experiments.search.line import MOST_POINTS, Line
from analysis.experiments.search.pair import checked_pair
from sim import Scenario

REPLICATIONS = 10
"""Replications of each variant at each point unless another number is given."""
POINTS = 5
"""Points that the range is first looked at, unless another number is given."""
TOLERANCE = 0.005
"""How exactly a crossing is searched for, in parts of the range."""


def breakeven(
    scenario: Scenario, between: Sequence[str], vary: str, low: Any = None, high: Any = None, *,
    values: Sequence[Any] | None = None, metric: str | None = None, staff_to: Sequence[str] = (),
    points: int = POINTS, tolerance: float = TOLERANCE, replications: int = REPLICATIONS, seed: int | None = None,
    jobs: int = 1, progress: Progress | None = None, executor: Executor | None = None,
) -> Breakeven:  # fmt: skip
    """Where, along the values at the dotted path `vary`, the better of two variants changes.

    `between` names two of: `as written`, variants of the scenario, kinds of topology. `low` and `high` are numbers or
    texts of one unit (`0.5` and `0.99`, `30 s` and `5 min`, `10 / h` and `90 / h`, `500 / month` and `2000 / month`),
    or `values` are those to begin with. A value is set in the scenario before the variant is laid over it; where that
    cannot be, in each variant that has such a value. What is compared is `metric`, else what `decide` minimises.

    Both variants are replicated on the same draws at evenly spread points, then where the paired difference changes
    its sign, to the tolerance in parts of the range; whole numbers exactly. With `staff_to` each variant as it is
    written first gets the least people that meet these conditions and keeps them along the path; idle people then count
    in what is compared. Raises ValueError or KeyError for what cannot be compared, ScenarioError for values that the
    scenario refuses, and whatever `replicate` raises.
    """
    line = Line(scenario, checked_pair(scenario, between), vary, low, high, values)
    first = _first_places(line, points, tolerance, staff_to)
    begun = _begun(line, first, metric, is_staffed=bool(staff_to))
    with bench(replications, scenario.seed if seed is None else seed, jobs, progress, executor) as place:
        if staff_to:
            begun = replace(begun, staffing=line.staff(staff_to, place))
        return _searched(line, begun, place, first, tolerance * (first[-1] - first[0]))


def _first_places(line: Line, count: int, tolerance: float, staff_to: Sequence[str]) -> list[float]:
    """The places to begin with, once it is known that the search can go on from them and staff to the conditions."""
    first = line.first_places(count)
    if not 0.0 < tolerance < 1.0:
        raise ValueError(f"a tolerance is a part of the range, between 0 and 1, got {tolerance}")
    if staff_to:
        line.check_staffing(staff_to)
    return first


def _begun(line: Line, first: Sequence[float], metric: str | None, *, is_staffed: bool) -> Breakeven:
    """What is compared, before any point; raises ValueError where the path changes nothing."""
    pairs = [line.scenarios(line.value(at)) for at in first]
    if len({tuple(part.digest() for part in both) for both in pairs}) == 1:
        raise ValueError(f"{line.vary} changes nothing in {line.pair[0]} or {line.pair[1]}")
    stated = _stated(line.scenario, metric)
    measured = stated_objective(stated, not is_staffed and all(is_staffed_alike(both) for both in pairs))
    return Breakeven(line.scenario, line.pair, line.vary, measured, stated, line.is_whole)


def _searched(line: Line, found: Breakeven, place: Bench, first: Sequence[float], width: float) -> Breakeven:
    """The first places simulated, and then every place that makes a crossing exact."""
    for at in first:
        found = found.with_point(line.simulated(at, place))
    while len(found.points) < MOST_POINTS:
        wanted = next_place(found.readings, width, line.is_whole)
        if wanted is None or any(line.at(line.value(wanted)) == point.at for point in found.points):
            break
        found = found.with_point(line.simulated(wanted, place))
    return found


def _stated(scenario: Scenario, name: str | None) -> str:
    """The metric to compare: the one that is named, else what `decide` minimises, else cost per success."""
    if name is not None:
        return name
    if scenario.decide is not None:
        return scenario.decide.minimise
    return "cpst_with_damage" if states_damage(scenario) else "cpst"

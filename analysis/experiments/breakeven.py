"""Break-even: from which value on one variant is better than another, and how surely that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from analysis.experiments.axes import quantity_of
from analysis.experiments.comparison import Staffing
from analysis.experiments.conditions import parse_condition
from analysis.experiments.crossover import Breakeven, PointPair
from analysis.experiments.objectives import is_staffed_alike, states_damage
from analysis.experiments.replicate import Progress
from analysis.experiments.search.bench import Bench, bench
from analysis.experiments.search.candidate import stated_objective
from analysis.experiments.search.crossings import next_place
from analysis.experiments.search.pair import Pair, checked_pair, variant_of
from analysis.experiments.search.values import staff_paths
from analysis.experiments.staffed import pair_at, staffed
from sim import Scenario
from sim.errors import ScenarioError
from sim.uncertainty import Quantity, written

REPLICATIONS = 10
"""Replications of each variant at each point unless another number is given."""
POINTS = 5
"""Points that the range is first looked at, unless another number is given."""
MOST_POINTS = 60
"""Points after which the search ends as it is."""
TOLERANCE = 0.005
"""How exactly a crossing is searched for, in parts of the range."""


def breakeven(
    scenario: Scenario,
    between: Sequence[str],
    vary: str,
    low: Any = None,
    high: Any = None,
    *,
    values: Sequence[Any] | None = None,
    metric: str | None = None,
    points: int = POINTS,
    tolerance: float = TOLERANCE,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    executor: Executor | None = None,
    staff_to: Sequence[str] = (),
) -> Breakeven:
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
    pair = checked_pair(scenario, between)
    line = _Line(scenario, pair, vary, _ends(vary, low, high, values), values)
    first = line.first_places(points)
    if not 0.0 < tolerance < 1.0:
        raise ValueError(f"a tolerance is a part of the range, between 0 and 1, got {tolerance}")
    if staff_to:
        line.check_staffing(staff_to)
    pairs = [line.scenarios(line.value(at)) for at in first]
    if len({tuple(part.digest() for part in both) for both in pairs}) == 1:
        raise ValueError(f"{vary} changes nothing in {pair[0]} or {pair[1]}")
    stated = _stated(scenario, metric)
    measured = stated_objective(stated, not staff_to and all(is_staffed_alike(both) for both in pairs))
    with bench(replications, scenario.seed if seed is None else seed, jobs, progress, executor) as place:
        if staff_to:
            line.staff(staff_to, place)
        begun = Breakeven(scenario, pair, vary, measured, stated, line.is_whole, staffing=line.staffing)
        return _searched(line, begun, place, first, tolerance * (first[-1] - first[0]))


def _searched(line: _Line, found: Breakeven, place: Bench, first: Sequence[float], width: float) -> Breakeven:
    """The first places simulated, and then every place that makes a crossing exact."""
    for at in first:
        found = found.with_point(line.simulated(at, place))
    while len(found.points) < MOST_POINTS:
        wanted = next_place(found.readings, width, line.is_whole)
        if wanted is None or any(line.at(line.value(wanted)) == point.at for point in found.points):
            break
        found = found.with_point(line.simulated(wanted, place))
    return found


def _ends(vary: str, low: Any, high: Any, values: Sequence[Any] | None) -> tuple[Quantity, Quantity]:
    """Both ends of the range in one unit; raises ValueError for anything else."""
    typed = [low, high] if values is None else list(values)
    found = [quantity for value in typed if (quantity := quantity_of(value)) is not None]
    if len(found) < len(typed) or len({quantity.unit for quantity in found}) > 1:
        shown = " and ".join(map(str, typed))
        raise ValueError(f"{vary}: a break-even needs numbers of one unit to go between, got {shown}")
    ends = min(found), max(found)
    if ends[0] >= ends[1]:
        raise ValueError(f"{vary}: a range goes from a smaller number to a larger, got {low} and {high}")
    return ends


class _Line:
    """The values along a path, and both variants at each of them."""

    def __init__(
        self,
        scenario: Scenario,
        pair: Pair,
        vary: str,
        ends: tuple[Quantity, Quantity],
        listed: Sequence[Any] | None,
    ) -> None:
        self.scenario, self.pair, self.vary = scenario, pair, vary
        self.low, self.high = ends
        self.listed = None if listed is None else sorted(dict.fromkeys(map(self.at, listed)))
        self.staffing: Mapping[str, Staffing] | None = None
        self.is_whole = False
        if not self.low.unit and self.low.is_integer() and self.high.is_integer():
            self.is_whole = self._refuses(float(self.low) + 0.5)

    def _refuses(self, at: float) -> bool:
        try:
            self.scenarios(self.value(at))
        except ScenarioError:
            self.scenarios(self.value(float(self.low)))  # refused for another reason: told now
            return True
        return False

    def first_places(self, count: int) -> list[float]:
        """The places to begin with: those that were given, or evenly spread ones; raises ValueError below two."""
        if self.listed is not None:
            return self.listed
        if not 2 <= count <= MOST_POINTS:
            raise ValueError(f"the range is looked at 2 to {MOST_POINTS} points first, got {count}")
        low, high = float(self.low), float(self.high)
        places = [low + (high - low) * step / (count - 1) for step in range(count)]
        return list(dict.fromkeys(self.at(self.value(place)) for place in places))

    def value(self, at: float) -> Any:
        """What a scenario file has for a place; one that was listed stays as it is, so that it may be refused."""
        is_rounded = self.is_whole and at not in (self.listed or ())
        return written(float(round(at)) if is_rounded else at, self.low.unit)

    def at(self, value: Any) -> float:
        """The place of a value."""
        quantity = quantity_of(value)
        assert quantity is not None
        return float(quantity)

    def scenarios(self, value: Any) -> tuple[Scenario, Scenario]:
        """Both variants with a value."""
        return pair_at(self.scenario, self.pair, self.vary, value, self.staffing)

    def check_staffing(self, conditions: Sequence[str]) -> None:
        """Raises ValueError or KeyError for a condition that is none, and where the path is a number of people."""
        for text in conditions:
            parse_condition(text)
        for name in self.pair:
            if self.vary in staff_paths(variant_of(self.scenario, name)).values():
                raise ValueError(
                    f"{self.vary} is what staffing to {' and '.join(conditions)} finds for {name}: vary something "
                    "else, or leave the staffing out"
                )

    def staff(self, conditions: Sequence[str], place: Bench) -> None:
        """Gives each variant as it is written the least people that meet the conditions, at every value from now on."""
        named = {name: variant_of(self.scenario, name) for name in self.pair}
        self.staffing = staffed(
            named, conditions, place.replications, place.seed, place.progress, place.place
        )[1]

    def simulated(self, at: float, place: Bench) -> PointPair:
        """Both variants replicated at a place."""
        value = self.value(at)
        one, other = place.replicated(*self.scenarios(value))
        return PointPair(self.at(value), value, one, other)


def _stated(scenario: Scenario, name: str | None) -> str:
    """The metric to compare: the one that is named, else what `decide` minimises, else cost per success."""
    if name is not None:
        return name
    if scenario.decide is not None:
        return scenario.decide.minimise
    return "cpst_with_damage" if states_damage(scenario) else "cpst"

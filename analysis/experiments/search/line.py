"""Lines: two variants at every value of a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.experiments.axes import quantity_of
from analysis.experiments.comparison import Staffing
from analysis.experiments.conditions import parse_condition
from analysis.experiments.crossover import PointPair
from analysis.experiments.search.bench import Bench
from analysis.experiments.search.pair import Pair, variant_of
from analysis.experiments.search.values import staff_paths
from analysis.experiments.staffed import pair_at, staffed
from sim import Scenario
from sim.errors import ScenarioError
from sim.uncertainty import Quantity, written

MOST_POINTS = 60
"""Points after which the search ends as it is."""


class Line:
    """The values along a path, and both variants at each of them."""

    def __init__(
        self, scenario: Scenario, pair: Pair, vary: str, low: Any, high: Any, listed: Sequence[Any] | None
    ) -> None:
        """From the lowest value to the highest, or over those that are listed.

        Raises ValueError for ends that are no range, ScenarioError for a lowest value that the scenario refuses.
        """
        self.scenario, self.pair, self.vary = scenario, pair, vary
        self.low, self.high = _ends(vary, low, high, listed)
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

    def staff(self, conditions: Sequence[str], place: Bench) -> Mapping[str, Staffing]:
        """Gives each variant as it is written the least people that meet the conditions, at every value from now on."""
        named = {name: variant_of(self.scenario, name) for name in self.pair}
        _, found = staffed(named, conditions, place.replications, place.seed, place.progress, place.place)
        self.staffing = found
        return found

    def simulated(self, at: float, place: Bench) -> PointPair:
        """Both variants replicated at a place."""
        value = self.value(at)
        one, other = place.replicated(*self.scenarios(value))
        return PointPair(self.at(value), value, one, other)


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

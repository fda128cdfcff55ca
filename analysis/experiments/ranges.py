"""Ranges: between which values each parameter of a scenario is varied to see how much it matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.experiments.axes import Between, quantity_of
from analysis.experiments.points import scenario_at, value_at
from sim import Scenario
from sim.errors import ScenarioError
from sim.problems import alternatives
from sim.uncertainty import Quantity, written
from sim.uncertainty import value_at as quantile

BY = 0.2
"""How far each parameter is varied to both sides, as a share of its value, unless a range is given."""
TAIL = 0.05
"""Share of a stated distribution that is left out at each end."""
MOST_PARAMETERS = 200
"""Parameters that one analysis may have."""
NEITHER = (
    "version", "name", "description", "start", "timezone", "warm_up", "horizon", "drain_limit", "seed", "currency",
    "calendars", "decide", "uncertain", "variants",
)  # fmt: skip
"""Parts of a scenario that say what is measured, not what is the case."""
FOR_DISPLAY = ("label", "description")
Ranges = Mapping[str, tuple[Any, Any]] | Sequence[str] | None
"""Low and high values by path, or paths that get the usual range, or what the scenario offers."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of a scenario and the two between which it is varied, as a scenario writes them."""

    path: str
    low: Any
    written: Any
    """The value in the scenario; None where it is a default."""
    high: Any
    distribution: Any = None
    """What the scenario's `uncertain` says of it; None for a plain range."""

    def at(self, u: float) -> Any:
        """The value at a share u of all cases: of the stated distribution, or of a uniform one from low to high."""
        if self.distribution is not None:
            return quantile(self.distribution, u)
        is_whole = (
            isinstance(self.low, int) and isinstance(self.high, int) and not isinstance(self.written, float)
        )
        return Between(self.path, self.low, self.high).value(u, is_whole)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is varied, and what is not and why."""

    varied: tuple[Parameter, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Why a number of the scenario has no range, by path."""

    @classmethod
    def of(cls, scenario: Scenario, document: Mapping[str, Any]) -> Parameters:
        """The parameters that became these plain values, of the same scenario."""
        varied = tuple(
            Parameter(path, low, written, high, (scenario.uncertain or {})[path] if is_stated else None)
            for path, low, written, high, is_stated in document["varied"]
        )
        return cls(varied, document["left_out"])

    def to_json_dict(self) -> dict[str, Any]:
        """As plain values: path, low, written and high value, and whether the scenario states a distribution."""
        varied = [
            [one.path, one.low, one.written, one.high, one.distribution is not None] for one in self.varied
        ]
        return {"varied": varied, "left_out": dict(self.left_out)}


def parameters_of(
    scenario: Scenario,
    ranges: Mapping[str, tuple[Any, Any]] | Sequence[str] | None = None,
    by: float = BY,
) -> Parameters:
    """The parameters to vary: those with their ranges, or paths that get the usual range.

    With None they are what the scenario calls uncertain, from the 5 % to the 95 % point of its distribution, or, where
    it calls nothing so, every number that it states. The usual range is `by` of the value to both sides, within what
    the scenario allows; whole numbers change by 1 at least.

    Raises ScenarioError for a value that a scenario cannot have, ValueError for a path without a number and for
    too many parameters.
    """
    if isinstance(ranges, Mapping):
        found = _given(scenario, ranges)
    elif ranges is None and scenario.uncertain:
        found = Parameters(tuple(_uncertain(scenario)))
    else:
        found = _usual(scenario, list(numbers_in(scenario.tree()) if ranges is None else ranges), by)
    if not 1 <= len(found.varied) <= MOST_PARAMETERS:
        raise ValueError(
            f"{len(found.varied)} parameters to vary; 1 to {MOST_PARAMETERS} are allowed: name those that matter to you"
        )
    return found


def numbers_in(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Paths of the numbers that a scenario states, but for those that say what is measured and those that are 0."""
    for key, value in tree.items():
        if (not path and key in NEITHER) or key in FOR_DISPLAY or "." in key:
            continue
        if isinstance(value, Mapping):
            yield from numbers_in(value, (*path, key))
        elif quantity_of(value):
            yield ".".join((*path, key))


def _given(scenario: Scenario, ranges: Mapping[str, tuple[Any, Any]]) -> Parameters:
    known = scenario.resolved()
    found = [Parameter(path, low, value_at(known, path), high) for path, (low, high) in ranges.items()]
    for one in found:
        if problem := Between(one.path, one.low, one.high).problem():
            raise ValueError(f"{one.path}: {problem}")
    return Parameters(tuple(found))


def _uncertain(scenario: Scenario) -> Iterator[Parameter]:
    known = scenario.resolved()
    for path, distribution in (scenario.uncertain or {}).items():
        ends = (quantile(distribution, share) for share in (TAIL, 1 - TAIL))
        low, high = ends
        yield Parameter(path, low, value_at(known, path), high, distribution)


def _usual(scenario: Scenario, paths: Sequence[str], by: float) -> Parameters:
    known = scenario.resolved()
    varied, left_out = [], {}
    for path in paths:
        value = value_at(known, path)
        quantity = quantity_of(value)
        if not quantity:
            known_paths = list(numbers_in(known))
            raise ValueError(
                f"{path} is no number other than 0 in the scenario{alternatives(path, known_paths)}"
            )
        low, high = (_end(scenario, path, value, quantity, share) for share in (-by, by))
        if low == high == value:
            left_out[path] = f"neither less nor more than {value} is allowed by {100 * by:g} %"
        else:
            varied.append(Parameter(path, low, value, high))
    return Parameters(tuple(varied), left_out)


def _end(scenario: Scenario, path: str, value: Any, quantity: Quantity, share: float) -> Any:
    """The value changed by a share of itself, or by as much of that as the scenario allows; itself where nothing is."""
    is_whole = isinstance(value, int) and not _is_allowed(scenario, path, value + 0.5)
    if is_whole:
        step = max(round(abs(value * share)), 1)
        candidates: list[Any] = [value + (step if share > 0 else -step)]
    else:
        candidates = [_scaled(quantity, share)]
        candidates += [1.0] if 0 < quantity < 1 < quantity * (1 + share) else []
        candidates += [_scaled(quantity, share / 2), _scaled(quantity, share / 4)]
    return next((candidate for candidate in candidates if _is_allowed(scenario, path, candidate)), value)


def _scaled(quantity: Quantity, share: float) -> int | float | str:
    return written(float(f"{quantity * (1 + share):.6g}"), quantity.unit)


def _is_allowed(scenario: Scenario, path: str, value: Any) -> bool:
    try:
        scenario_at(scenario, {path: value})
    except ScenarioError:
        return False
    return True

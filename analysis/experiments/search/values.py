"""Values to try along paths of a scenario, and where among them the written one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.experiments.axes import quantity_of
from analysis.experiments.points import scenarios_at, value_at
from sim import Scenario
from sim.workers import HumanRole

Least = str | Sequence[str] | Mapping[str, Sequence[Any]]
"""Paths of whole numbers, or the values to try at each path, in the order in which they are wanted."""
LEAST_REACH = 64
"""Whole numbers are tried up to this at least, unless bounds are given."""
REACH = 8
"""And up to so many times what is written."""


def values_to_try(
    scenario: Scenario, least: Least, low: int = 1, high: int | None = None
) -> dict[str, Sequence[Any]]:
    """The values to try by path, the least first; a pair of whole numbers stands for all between them.

    Raises ValueError when nothing is to be varied, for a path without values to try, and for bounds that say nothing
    because every path has its values.
    """
    if isinstance(least, Mapping):
        if low != 1 or high is not None:
            raise ValueError("low and high go with paths alone, not with values to try")
        found = {path: _all_between(values) for path, values in least.items()}
    else:
        paths = [least] if isinstance(least, str) else least
        found = {path: whole_numbers(scenario, path, low, high) for path in paths}
    empty = [path for path, values in found.items() if not values]
    if not found or empty:
        raise ValueError(f"{empty[0]} has no values to try" if empty else "nothing is to be searched for")
    return found


def _all_between(values: Sequence[Any]) -> Sequence[Any]:
    """The values themselves, or every whole number from the first to the second of a pair in a tuple."""
    is_pair = isinstance(values, tuple) and len(values) == 2
    return range(values[0], values[1] + 1) if is_pair and all(map(is_whole, values)) else values


def is_whole(value: Any) -> bool:
    """Whether it is a whole number without a unit."""
    return isinstance(value, int) and not isinstance(value, bool)


def whole_numbers(scenario: Scenario, path: str, low: int = 1, high: int | None = None) -> range:
    """The whole numbers to try at a path, by default from 1 to eight times what is written, 64 at least.

    Raises ValueError when what is written there is no whole number, or no number is between the bounds.
    """
    written = value_at(scenario.resolved(), path)
    if not is_whole(written):
        there = "nothing" if written is None else repr(written)
        raise ValueError(f"{path} is no whole number in the scenario but {there}; say which values to try")
    last = max(LEAST_REACH, REACH * written) if high is None else high
    if low > last:
        raise ValueError(f"{path} has nothing to try from {low} to {last}")
    return range(low, last + 1)


def checked_corners(
    scenario: Scenario, axes: Mapping[str, Sequence[Any]], is_each: bool = True
) -> tuple[Scenario, Scenario]:
    """The scenario with the first and with the last value of every path; raises ScenarioError for values it refuses.

    With `is_each` every value of a list is checked beside the first ones of the others, not only both ends.
    """
    first, last = ({path: values[end] for path, values in axes.items()} for end in (0, -1))
    listed = {path: values for path, values in axes.items() if is_each and not isinstance(values, range)}
    others = [{**first, path: value} for path, values in listed.items() for value in values[1:]]
    corners = scenarios_at(scenario, [first, last, *others])
    return corners[0], corners[1]


def written_place(scenario: Scenario, path: str, values: Sequence[Any]) -> int:
    """How far along the values the written one is, or the first that is not below it, or the last."""
    written = quantity_of(value_at(scenario.resolved(), path))
    for place, value in enumerate(values):
        amount = quantity_of(value)
        if written is not None and amount is not None and amount >= written:
            return place
    return len(values) - 1


def staff_paths(scenario: Scenario) -> dict[str, str]:
    """The path of the positions of each role of people that has work, by role."""
    return {
        role: f"workers.{role}.positions"
        for role in scenario.roles_at_work()
        if isinstance(scenario.workers[role], HumanRole)
    }

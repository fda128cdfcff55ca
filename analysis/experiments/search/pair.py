"""Pairs: two variants of a scenario with a value set in both of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from analysis.experiments.points import scenario_at
from analysis.experiments.variants import AS_WRITTEN
from sim import Scenario
from sim.errors import ScenarioError
from sim.problems import alternatives
from sim.topology import KINDS

Pair = tuple[str, str]
"""Names of both."""


def checked_pair(scenario: Scenario, between: Sequence[str]) -> Pair:
    """Two different names of what can be compared; raises ValueError otherwise."""
    known = list(dict.fromkeys([AS_WRITTEN, *scenario.variants, *KINDS]))
    for name in between:
        if name not in known:
            raise ValueError(f"no variant and no topology {name!r}{alternatives(name, known)}")
    if len(between) != 2 or between[0] == between[1]:
        raise ValueError(
            f"a break-even is between two different variants, got {', '.join(between) or 'none'}"
        )
    return between[0], between[1]


def variants_at(scenario: Scenario, pair: Pair, vary: str, value: Any) -> tuple[Scenario, Scenario]:
    """Both variants of the scenario with a value at a path.

    The value is set first, and the variant laid over it. Where the scenario as written has no place for it, it is set
    in each variant that has one. Raises ScenarioError when none has.
    """
    point: Mapping[str, Any] = {vary: value}
    try:
        varied = scenario_at(scenario, point)
        return variant_of(varied, pair[0]), variant_of(varied, pair[1])
    except ScenarioError as error:
        found = [_with_point(variant_of(scenario, name), point) for name in pair]
        if not any(is_varied for _, is_varied in found):
            raise error from None
        return found[0][0], found[1][0]


def _with_point(scenario: Scenario, point: Mapping[str, Any]) -> tuple[Scenario, bool]:
    """The scenario with the value if it has a place for it, and whether it has."""
    try:
        return scenario_at(scenario, point), True
    except ScenarioError:
        return scenario, False


def variant_of(scenario: Scenario, name: str) -> Scenario:
    """The scenario as written, its variant, or under a topology; a variant goes before a topology of its name.

    Raises ScenarioError or ValueError where the bindings of the scenario do not do.
    """
    if name == AS_WRITTEN:
        return scenario
    try:
        if name in scenario.variants:
            return scenario.variant(name)
        return scenario.topologies(name)[name]
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(map(str, first["loc"]))
        raise ValueError(f"{name} needs what the scenario does not bind: {path}: {first['msg']}") from None

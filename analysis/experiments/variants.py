"""Variants: what can be compared, by the names that it is shown under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim import Scenario

AS_WRITTEN = "as written"
"""Name of a scenario beside its own variants."""
Scenarios = Mapping[str, Scenario] | Scenario | Sequence[Scenario]
"""What can be compared: named scenarios, one with its variants, or several by their own names."""


def named_scenarios(scenarios: Scenarios) -> dict[str, Scenario]:
    """The scenarios by the names they are shown under; raises ValueError without any."""
    if isinstance(scenarios, Scenario):
        return {AS_WRITTEN: scenarios, **{name: scenarios.variant(name) for name in scenarios.variants}}
    if isinstance(scenarios, Mapping):
        found = dict(scenarios)
    else:
        found = {}
        for scenario in scenarios:
            found[free_name(scenario.name, found)] = scenario
    if not found:
        raise ValueError("there is nothing to compare")
    return found


def free_name(name: str, taken: Mapping[str, Scenario]) -> str:
    """The name, with a number when it is taken."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def check_together(named: Mapping[str, Scenario], baseline: str) -> None:
    """Raises ValueError when the scenarios cannot be set against each other."""
    if baseline not in named:
        raise ValueError(f"no variant {baseline!r} to set the others against; there are {', '.join(named)}")
    currencies = list(dict.fromkeys(scenario.currency for scenario in named.values()))
    if len(currencies) > 1:
        raise ValueError(f"amounts in {' and '.join(currencies)} cannot be compared")

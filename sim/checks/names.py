"""Names that one part of a scenario gives of another: each must be there, and of the right kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.problems import Problem
from sim.references import fitting, is_known, uses

if TYPE_CHECKING:
    from sim.scenario import Scenario


def names(scenario: Scenario) -> Iterator[Problem]:
    """Calendars, task types, stages, steps and roles that nothing has, and roles of the wrong kind."""
    for use in uses(scenario):
        if not is_known(scenario, use):
            yield use.absent(fitting(scenario, use))
        elif use.kind and scenario.workers[use.name].kind != use.kind:
            rule = f"must name a role of kind {use.kind}, but {use.name} is of kind {_other(use.kind)}"
            known = fitting(scenario, use)
            yield Problem(
                use.path, "E0306", rule + (f"; there is {', '.join(known)}" if known else ""), use.of_key
            )


def _other(kind: str) -> str:
    return "human" if kind == "agent" else "agent"

"""Checks between the parts of a scenario, each naming the part at fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.checks.amounts import gaps, shifts, size, window
from sim.checks.guards import guards
from sim.checks.inputs import files, list_prices
from sim.checks.names import names
from sim.checks.people import people
from sim.checks.recovery import recoveries
from sim.checks.skills import skills
from sim.checks.steps import custom_steps
from sim.checks.topologies import ladders_and_cascades
from sim.checks.uncertain import uncertain_values
from sim.checks.workflow import workflows
from sim.problems import Problem

if TYPE_CHECKING:
    from sim.scenario import Scenario

__all__ = ["problems"]


def problems(scenario: Scenario) -> Iterator[Problem]:
    """Everything wrong between the parts; the costly checks only when the cheap ones found nothing.

    Flows are compiled only when every name is known and every graph of stages and steps is sound.
    """
    shaped = (names, gaps, workflows, custom_steps, ladders_and_cascades, recoveries, guards)
    broken = [problem for check in shaped for problem in check(scenario)]
    found = [*window(scenario), *broken]
    if not broken:
        found += [*people(scenario), *shifts(scenario), *size(scenario)]
    yield from found
    if not found:
        yield from files(scenario)
        yield from list_prices(scenario)
        yield from skills(scenario)
        yield from uncertain_values(scenario)

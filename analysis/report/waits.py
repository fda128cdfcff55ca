"""Waits: whether they reach over hours in which nobody is on shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.quantities import SECOND
from sim.workers import HumanRole

if TYPE_CHECKING:
    from sim.scenario import Scenario

CLOSED_HOURS = "over closed hours"
"""What is said beside a wait that surely has some."""
COUNTED = "Waits count closed hours, too."


def counts_closed_hours(scenario: Scenario) -> bool:
    """Whether somebody at work has hours off, so that waits may reach over them."""
    roles = (scenario.workers[name] for name in scenario.roles_at_work())
    return any(isinstance(role, HumanRole) and role.calendar is not None for role in roles)


def is_over_closed_hours(scenario: Scenario, role: str, seconds: float | None) -> bool:
    """Whether a wait is longer than any stretch of time in which the role is on shift."""
    worker = scenario.workers[role]
    if seconds is None or not isinstance(worker, HumanRole) or worker.calendar is None:
        return False
    calendar = scenario.calendar(worker.calendar)
    longest = max(
        (end - begin for begin, end in zip(calendar.opens, calendar.closes, strict=True)), default=0
    )
    return seconds * SECOND > longest

"""Checks of amounts: a window to measure, people who are ever there, no more tasks than a run can hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.problems import Problem
from sim.quantities import format_duration
from sim.tasks import Recorded, Renewal
from sim.workers import HumanRole

if TYPE_CHECKING:
    from sim.scenario import Scenario

MOST_TASKS = 100_000_000
"""Expected tasks of one run, counted once for each of their stages, above which a scenario is refused."""
ROWS_OF_A_STAGE, BYTES_OF_A_ROW = 3, 120
"""What a stage of a task leaves in the log, roughly: for the estimate in the message only."""


def window(scenario: Scenario) -> Iterator[Problem]:
    """A warm-up that leaves nothing to measure."""
    if scenario.warm_up >= scenario.horizon:
        rule = f"must be shorter than the horizon of {format_duration(scenario.horizon)}"
        got = format_duration(scenario.warm_up)
        yield Problem(("warm_up",), "E0301", f"{rule}, got {got}: nothing would be measured")


def gaps(scenario: Scenario) -> Iterator[Problem]:
    """Arrivals closer together than the clock can tell."""
    for name, task in scenario.tasks.items():
        if isinstance(task.arrivals, Renewal) and task.arrivals.gap.mean_value() < 1.0:
            path = ("tasks", name, "arrivals", "gap")
            yield Problem(path, "E0307", "the mean gap must be at least one microsecond")


def shifts(scenario: Scenario) -> Iterator[Problem]:
    """Work that could never be done."""
    for name in scenario.roles_at_work():
        role = scenario.workers[name]
        if not isinstance(role, HumanRole) or role.calendar is None:
            continue
        if scenario.calendar(role.calendar).open_ticks(scenario.length) == 0:
            rule = f"{role.calendar} is never open in this run: {name} would never work"
            yield Problem(("workers", name, "calendar"), "E0308", rule)


def size(scenario: Scenario) -> Iterator[Problem]:
    """Drawn tasks only: recorded ones are limited by the size of their file, which is not read yet."""
    drawn = [name for name, task in scenario.tasks.items() if not isinstance(task.arrivals, Recorded)]
    tasks = [scenario.expected_tasks_of(name) for name in drawn]
    passes = math.fsum(count * len(scenario.stages(name)) for name, count in zip(drawn, tasks, strict=True))
    if passes > MOST_TASKS:
        rows = passes * ROWS_OF_A_STAGE
        amount = f"{rows:,.0f} log rows, {rows * BYTES_OF_A_ROW / 1e9:,.0f} GB"
        stages = f" with {passes:,.0f} stages" if passes > math.fsum(tasks) else ""
        allowed = f"allowed: {MOST_TASKS:,} tasks{' times stages' if stages else ''}"
        rule = f"about {math.fsum(tasks):,.0f} tasks{stages} would arrive ({amount}); {allowed}"
        yield Problem(("horizon",), "E0401", f"{rule}; hint: shorten horizon or lower the rates")

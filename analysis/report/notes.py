"""What a reader of a run should mind: warnings, and numbers that look as if something were amiss."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.format import count, share
from analysis.metrics import queues
from sim.calendars.warnings import calendar_warnings
from sim.quantities import WEEK
from sim.workers import HumanRole

if TYPE_CHECKING:
    from analysis.experiments import Replications

IDLE = 0.3
"""Utilisation below which people are called idle (the low mark of the seeds' workload rule, row LC-10)."""


def notes(result: Replications) -> list[str]:
    """The notes as wrapped lines of text; none when there is nothing to mind."""
    lines: list[str] = []
    for note in [*_runs(result), *_pools(result), *_money(result), *_calendars(result)]:
        lines += textwrap.wrap(note, 74, initial_indent="    - ", subsequent_indent="      ")
    return lines


def _runs(result: Replications) -> list[str]:
    found = [
        f"replication {log.replication} is partial: {log.stopped_by}" for log in result.logs if log.stopped_by
    ]
    if not any(tally.cohort.tasks for tally in result.tallies):
        return [*found, "no task arrived in the measured time: there is nothing to measure"]
    many = len(result.logs)
    if result.is_interrupted:
        found.append(f"interrupted: only {many} of the replications were finished")
    if many < FEWEST_FOR_CLAIMS:
        found.append(
            f"{many} replication{'s' if many > 1 else ''}: too few to claim anything; "
            f"from {FEWEST_FOR_CLAIMS} on intervals can be relied on (-n 20)"
        )
    if result.estimate("cpst").value is None:
        found.append("no task was delivered right: the cost per successful task is undefined")
    unfinished = sum(tally.cohort.unfinished for tally in result.tallies)
    if unfinished:
        found.append(
            f"{count(unfinished)} measured tasks had not ended when the run did: they miss the SLA, and what they "
            "would still cost is in no number"
        )
    return found


def _pools(result: Replications) -> list[str]:
    found = []
    for row in queues(result.tallies):
        used, role = row["utilisation"], result.scenario.workers[str(row["role"])]
        if not isinstance(used, float):
            continue
        if row["is_bottleneck"]:
            found.append(
                f"{row['role']} is a bottleneck: {share(used)} utilised; the queue may grow without bound"
            )
        elif used < IDLE and isinstance(role, HumanRole) and role.positions > 1:
            found.append(
                f"{row['role']} is {share(used)} utilised with {role.positions} positions: look at waits and SLA "
                f"with fewer (--set workers.{row['role']}.positions={role.positions - 1})"
            )
    return found


def _money(result: Replications) -> list[str]:
    damage, cost = result.estimate("damage_per_task").value, result.estimate("cost_per_task").value
    if damage and cost and damage > cost:
        return [
            "damage by wrong deliveries exceeds the cost of the work: what is checked matters more than what it costs"
        ]
    return []


def _calendars(result: Replications) -> list[str]:
    scenario, found = result.scenario, []
    if scenario.calendars and (scenario.horizon - scenario.warm_up) % WEEK:
        found.append("the measured time is not a whole number of weeks, so weekdays weigh unevenly")
    for name, spec in scenario.calendars.items():
        warnings = calendar_warnings(spec, scenario.start, scenario.timezone, scenario.length)
        found += [f"calendar {name}: {warning}" for warning in warnings]
    return found

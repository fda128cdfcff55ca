"""What a reader of a run should mind: warnings, and numbers that look as if something were amiss."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.format import count, share
from analysis.metrics import queues
from analysis.report.soundness import bottleneck_sentences, warm_up_sentence
from sim.calendars.warnings import calendar_warnings
from sim.quantities import WEEK
from sim.rules.guards import KillSwitch
from sim.workers import HumanRole

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.warmup import WarmUp

KILL_SWITCH = "kill_switch"
"""Name of the guard that takes agents off."""
IDLE = 0.3
"""Utilisation below which people are called idle (the low mark of the seeds' workload rule, row LC-10)."""


def notes(result: Replications, warm_up: WarmUp | None = None) -> list[str]:
    """The notes as wrapped lines of text; none when there is nothing to mind. `warm_up` is that of the run, judged."""
    lines: list[str] = []
    if told := warm_up_sentence(warm_up):
        lines += wrapped_note(told)
    for look in (_runs, _switched_off, _pools, _money, _calendars):
        for note in look(result):
            lines += wrapped_note(note)
    return lines


def wrapped_note(note: str) -> list[str]:
    """A note in lines that fit."""
    return textwrap.wrap(note, 74, initial_indent="    - ", subsequent_indent="      ")


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


def _final_switch(result: Replications) -> KillSwitch | None:
    """The kill switch, if nothing brings agents back after it."""
    switch = result.scenario.guards.kill_switch if result.scenario.guards is not None else None
    return switch if switch is not None and switch.resume_after is None else None


def _times_switched_off(result: Replications) -> int:
    """Replications in which agents were taken off for good."""
    if _final_switch(result) is None:
        return 0
    return sum(
        any(part.name == KILL_SWITCH and part.trips for part in tally.guards) for tally in result.tallies
    )


def _switched_off(result: Replications) -> list[str]:
    """What to mind of a run whose agents were off from some moment on."""
    off, switch = _times_switched_off(result), _final_switch(result)
    if not off or switch is None:
        return []
    waits = "their work waits until the end" if switch.then == "pause" else "their work goes to people"
    return [
        f"the kill switch took all agents off in {off} of {len(result.tallies)} replications, and without "
        f"resume_after nothing brings them back: {waits}; every number mixes the time before and after"
    ]


def _pools(result: Replications) -> list[str]:
    found, is_off = bottleneck_sentences(result), bool(_times_switched_off(result))
    for row in queues(result.tallies):
        used, role = row["utilisation"], result.scenario.workers[str(row["role"])]
        if not isinstance(used, float):
            continue
        if used < IDLE and not is_off and isinstance(role, HumanRole) and role.positions > 1:
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

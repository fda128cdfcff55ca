"""What a reader of a run should mind: warnings, and numbers that look as if something were amiss."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.format import count
from analysis.report.people import idle_in_run
from analysis.report.soundness import bottleneck_sentences, final_switch, times_switched_off, warm_up_sentence
from sim.calendars.warnings import calendar_warnings
from sim.quantities import WEEK

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.warmup import WarmUp


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
    return textwrap.wrap(
        note, 74, initial_indent="    - ", subsequent_indent="      ", break_on_hyphens=False
    )


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


def _switched_off(result: Replications) -> list[str]:
    """What to mind of a run whose agents were off from some moment on."""
    off, switch = times_switched_off(result), final_switch(result)
    if not off or switch is None:
        return []
    waits = "their work waits until the end" if switch.then == "pause" else "their work goes to people"
    return [
        f"the kill switch took all agents off in {off} of {len(result.tallies)} replications, and without "
        f"resume_after nothing brings them back: {waits}; every number mixes the time before and after"
    ]


def _pools(result: Replications) -> list[str]:
    return list(filter(None, [*bottleneck_sentences(result), idle_in_run(result)]))


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

"""Warnings: what a reader has to know before relying on the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.format import capital, count
from analysis.metrics import metric_of
from analysis.page import cells
from analysis.report.soundness import bottleneck_sentences
from sim.calendars.warnings import calendar_warnings
from sim.quantities import DAY, WEEK, format_duration

if TYPE_CHECKING:
    from analysis.experiments import Replications

NOTHING = "Nothing of what is looked for: no overload, no growing queue, warm-up and replications suffice."
SHOWN = (
    "cpst", "cpst_loaded", "cpst_playbook", "success_share", "wrong_per_1000", "throughput", "cycle_time_p50",
    "cycle_time_p90", "cycle_time_p99", "cfr_delivered",
)  # fmt: skip
"""Metrics whose absence is worth a warning."""


def warnings_of(
    variants: Mapping[str, Replications],
    partial: Mapping[str, str],
    warm_up: Mapping[str, Any] | None = None,
    of_all: Iterable[str] = (),
) -> tuple[str, ...]:
    """All warnings, the gravest first, one sentence each; none when there is nothing to mind.

    `of_all` are sentences on all variants together; an empty one says nothing.
    """
    first = next(iter(variants.values()))
    found = [f"Partial result: {where}: {why}." for where, why in partial.items()]
    found += _replications(len(first.tallies))
    found += _warm_up(warm_up)
    for name, result in variants.items():
        lead = f"{name}: " if len(variants) > 1 else ""
        found += [f"{lead}{_ended(text)}" for text in _of_one(result)]
    found += [_ended(text) for text in of_all if text]
    return tuple(dict.fromkeys([*found, *_calendars(first)]))


def _replications(number: int) -> list[str]:
    if number >= FEWEST_FOR_CLAIMS:
        return []
    many = f"{number} replication{'' if number == 1 else 's'}"
    return [f"{many}: too few to claim anything; from {FEWEST_FOR_CLAIMS} on intervals can be relied on."]


def _warm_up(judged: Mapping[str, Any] | None) -> list[str]:
    if judged is None or not judged.get("is_too_short"):
        return []
    configured = format_duration(int(judged["configured"])) if judged["configured"] else "none"
    if judged["advised"] is None:
        return [
            f"The warm-up ({configured}) is too short, or queues grow without bound: the tasks in the system have not "
            "settled by half of the horizon."
        ]
    days = -(-int(judged["advised"]) // DAY)
    return [
        f"The warm-up ({configured}) is too short: the tasks in the system settle after about {days} "
        f"day{'' if days == 1 else 's'} (MSER-5)."
    ]


def _of_one(result: Replications) -> list[str]:
    if not any(tally.cohort.tasks for tally in result.tallies):
        return ["no task arrived in the measured time: there is nothing to measure"]
    found = bottleneck_sentences(result)
    undefined = [metric_of(name) for name in SHOWN if result.estimate(name).value is None]
    if result.estimate("success_share").value == 0.0:
        found.append("no task was delivered right: every figure per success is undefined")
    elif undefined:
        names = ", ".join(cells.called(metric).lower() for metric in undefined)
        found.append(f"undefined for want of cases: {names}")
    unfinished = sum(tally.cohort.unfinished for tally in result.tallies)
    if unfinished:
        found.append(
            f"{count(unfinished)} measured tasks had not ended when the run did: they miss the SLA, and what they "
            "would still cost is in no number"
        )
    damage, cost = result.estimate("damage_per_task").value, result.estimate("cost_per_task").value
    if damage and cost and damage > cost:
        found.append("damage by wrong deliveries exceeds the cost of the work")
    return found


def _calendars(result: Replications) -> list[str]:
    scenario, found = result.scenario, []
    if scenario.calendars and (scenario.horizon - scenario.warm_up) % WEEK:
        found.append("The measured time is not a whole number of weeks, so weekdays weigh unevenly.")
    for name, spec in scenario.calendars.items():
        texts = calendar_warnings(spec, scenario.start, scenario.timezone, scenario.length)
        found += [_ended(f"calendar {name}: {text}") for text in texts]
    return found


def _ended(text: str) -> str:
    return f"{capital(text)}."

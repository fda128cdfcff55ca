"""What a reader of a comparison should mind."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.format import count, share
from analysis.metrics import queues
from sim.quantities import DAY, format_duration

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison
    from analysis.experiments.results import Replications


def compare_notes(comparison: Comparison) -> list[str]:
    """The notes as wrapped lines of text; none when there is nothing to mind."""
    found = [*_of_all(comparison), *_warm_up(comparison)]
    for name, variant in comparison.variants.items():
        found += [f"{name}: {note}" for note in _of_variant(variant)]
    lines: list[str] = []
    for note in found:
        lines += textwrap.wrap(note, 80, initial_indent="    - ", subsequent_indent="      ")
    return ["  Noted", *lines] if lines else []


def _of_all(comparison: Comparison) -> list[str]:
    found = []
    if comparison.replications < FEWEST_FOR_CLAIMS:
        found.append(
            f"{comparison.replications} replications: too few to claim anything; from {FEWEST_FOR_CLAIMS} on "
            "intervals can be relied on (-n 30)"
        )
    if comparison.base.lost:
        numbers = ", ".join(map(str, comparison.base.lost))
        found.append(f"left out for every variant, since a worker died: replication {numbers}")
    if comparison.human_only is None:
        found.append("no leverage: the bindings do not say who would do everything under human_only")
    return found


def _warm_up(comparison: Comparison) -> list[str]:
    """What to say of a warm-up that is too short."""
    judged = comparison.warm_up
    if judged is None or not judged.is_too_short:
        return []
    configured = format_duration(judged.configured) if judged.configured else "none"
    if judged.advised is None:
        return [
            f"{comparison.baseline}: the tasks in the system have not settled by half of the horizon: its warm-up "
            f"({configured}) is too short, or its queues grow without bound"
        ]
    needed = -(-judged.advised // DAY)
    return [
        f"{comparison.baseline}: its warm-up ({configured}) is too short: the tasks in the system settle after about "
        f"{needed} day{'s' if needed > 1 else ''} (MSER-5)"
    ]


def _of_variant(variant: Replications) -> list[str]:
    found = [
        f"replication {log.replication} is partial: {log.stopped_by}"
        for log in variant.logs
        if log.stopped_by
    ]
    for row in queues(variant.tallies):
        used = row["utilisation"]
        if row["is_bottleneck"] and isinstance(used, float):
            found.append(
                f"unstable: {row['role']} is {share(used)} utilised; its queue may grow without bound"
            )
    unfinished = sum(tally.cohort.unfinished for tally in variant.tallies)
    if unfinished:
        found.append(f"{count(unfinished)} measured tasks had not ended when the run did: they miss the SLA")
    return found

"""What a reader of a comparison should mind."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.experiments.variants import AS_WRITTEN
from analysis.format import count
from analysis.report.people import idle_in_comparison
from analysis.report.soundness import bottleneck_sentences, precision_sentences, warm_up_sentence
from sim.overlay import variant_warnings

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison
    from analysis.experiments.results import Replications


def compare_notes(comparison: Comparison) -> list[str]:
    """The notes as wrapped lines of text; none when there is nothing to mind."""
    found = [*_of_all(comparison), *_warm_up(comparison)]
    for name, variant in comparison.variants.items():
        found += [f"{name}: {note}" for note in _of_variant(variant)]
    found += [*same_when_staffed(comparison), *filter(None, [idle_in_comparison(comparison)])]
    lines: list[str] = []
    for note in found:
        lines += textwrap.wrap(
            note, 80, initial_indent="    - ", subsequent_indent="      ", break_on_hyphens=False
        )
    return ["  Noted", *lines] if lines else []


def same_when_staffed(comparison: Comparison) -> list[str]:
    """Which variants no longer differ with the people that each was given."""
    if comparison.staffing is None:
        return []
    alike: dict[str, list[str]] = {}
    for name, variant in comparison.variants.items():
        alike.setdefault(variant.scenario.digest_with_inputs(), []).append(name)
    return [
        f"{', '.join(names[:-1])} and {names[-1]} are the same once each is staffed for itself"
        for names in alike.values()
        if len(names) > 1
    ]


def _of_all(comparison: Comparison) -> list[str]:
    found = []
    if comparison.precision is not None:
        currency = comparison.base.scenario.currency
        found += precision_sentences(comparison.precision, comparison.replications, currency)
    if comparison.replications < FEWEST_FOR_CLAIMS:
        found.append(
            f"{comparison.replications} replications: too few to claim anything; from {FEWEST_FOR_CLAIMS} on "
            "intervals can be relied on (-n 30)"
        )
    if comparison.base.lost:
        numbers = ", ".join(map(str, comparison.base.lost))
        found.append(f"left out for every variant, since a worker died: replication {numbers}")
    if AS_WRITTEN in comparison.variants:
        base = comparison.variants[AS_WRITTEN].scenario
        for name, patch in base.variants.items():
            found += variant_warnings(base.tree(), name, patch)
    if comparison.human_only is None:
        found.append("no leverage: the bindings do not say who would do everything under human_only")
    return found


def _warm_up(comparison: Comparison) -> list[str]:
    """What to say of a warm-up that is too short."""
    sentence = warm_up_sentence(comparison.warm_up, "its")
    return [f"{comparison.baseline}: {sentence}"] if sentence else []


def _of_variant(variant: Replications) -> list[str]:
    found = [
        f"replication {log.replication} is partial: {log.stopped_by}"
        for log in variant.logs
        if log.stopped_by
    ]
    found += bottleneck_sentences(variant, "unstable: {role} is {used} utilised")
    unfinished = sum(tally.cohort.unfinished for tally in variant.tallies)
    if unfinished:
        found.append(f"{count(unfinished)} measured tasks had not ended when the run did: they miss the SLA")
    return found

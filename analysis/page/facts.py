"""The head of a page: what was done, in a few words each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.explain.page import kinds_of
from analysis.metrics import label_of
from analysis.page.model import PageDocument, Section
from analysis.report.people import ranked_on
from analysis.report.words import limits
from sim.quantities import format_duration

if TYPE_CHECKING:
    from analysis.experiments.decision import Decision
    from analysis.page.source import Made
    from sim.scenario import Scenario


def facts_of(
    scenario: Scenario,
    made: Made,
    what: str = "",
    decision: Decision | None = None,
    *,
    is_staffed: bool = False,
) -> tuple[str, ...]:
    """What was simulated and how often, and what there was to choose by; `what` stands for the topology.

    `is_staffed` is whether each variant was given the least people for itself.
    """
    measured = f"{format_duration(scenario.horizon - scenario.warm_up)} measured"
    if scenario.warm_up:
        measured += f" after {format_duration(scenario.warm_up)}"
    many = f"{made.replications:,} replication{'' if made.replications == 1 else 's'}"
    kinds = ", ".join(kinds_of(scenario)).replace("_", " ")
    found = [what or kinds, measured, many, f"seed {made.seed}"]
    if decision is not None and decision.rule is not None:
        found.append(f"least {label_of(decision.rule.minimise)}")
        if decision.rule.subject_to:
            found.append(limits(decision.rule.subject_to, scenario.currency))
        if decision.objective is not None and decision.objective.name != decision.rule.minimise:
            found.append(ranked_on(decision.objective, is_staffed=is_staffed))
    return tuple(found)


def titled(
    kind: str, scenario: Scenario, facts: tuple[str, ...], answer: str, reasons: Sequence[str],
    sections: tuple[Section, ...],
) -> PageDocument:  # fmt: skip
    """The document with the scenario's name for its title; sections that say nothing are left out."""
    told = answer if answer.endswith((".", "!", "?")) else f"{answer}."
    kept = tuple(section for section in sections if section.blocks)
    return PageDocument(
        kind, scenario.name, facts, scenario.description or "", told, tuple(filter(None, reasons)), kept
    )

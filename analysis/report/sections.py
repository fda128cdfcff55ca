"""The sections of a report that only scenarios with more than plain flows have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.report.chains import risk_lines, stage_table
from analysis.report.expected import expected_table
from analysis.report.failures import (
    cause_table,
    delivery_table,
    failure_table,
    guard_table,
    recovery_table,
    routing_lines,
)
from sim.flows import is_plain

if TYPE_CHECKING:
    from analysis.experiments import Replications

SECTIONS = (
    risk_lines, stage_table, failure_table, recovery_table, guard_table, cause_table, routing_lines, delivery_table,
    expected_table,
)  # fmt: skip
"""In order; one without anything to say is left out."""


def is_about_chains(result: Replications) -> bool:
    """Whether some task type has stages, policies, guards or effects between workers."""
    return not all(is_plain(result.scenario, type_id) for type_id in result.scenario.tasks)


def chain_sections(result: Replications) -> list[str]:
    """What happens between workers, each section after an empty line; nothing for plain scenarios."""
    if not is_about_chains(result):
        return []
    parts = [section(result) for section in SECTIONS]
    return [line for part in parts if part for line in ("", *part)]

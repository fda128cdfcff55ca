"""The report of a run as text: the answer first, then why, then how sure, then what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.report.headline import headline, title
from analysis.report.notes import notes
from analysis.report.sections import chain_sections
from analysis.report.tables import busiest, money_table, queue_table, type_table, worker_table

if TYPE_CHECKING:
    from analysis.experiments import Replications

WIDTH = 80
"""Columns that a report fits in."""


def run_report(result: Replications) -> str:
    """The whole report of a run; plain text, at most 80 columns wide."""
    parts = [title(result), "", *headline(result), "", *money_table(result)]
    if len(result.scenario.tasks) > 1:
        parts += ["", *type_table(result)]
    parts += ["", *worker_table(result), "", *queue_table(result), "", *busiest(result)]
    parts += chain_sections(result)
    noted = notes(result)
    if noted:
        parts += ["", "  Noted", *noted]
    return "\n".join(line.rstrip() for line in "\n".join(parts).split("\n"))

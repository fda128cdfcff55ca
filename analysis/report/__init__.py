"""The report of a run as text: the answer first, then why, then how sure, then what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.report.headline import headline, precision_lines, title
from analysis.report.notes import notes
from analysis.report.run_inputs import input_lines
from analysis.report.sections import chain_sections
from analysis.report.tables import busiest, money_table, queue_table, type_table, worker_table

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.experiments.inputs import InputDraws
    from analysis.experiments.precision import Sought
    from analysis.warmup import WarmUp

WIDTH = 80
"""Columns that a report fits in."""


def run_report(
    result: Replications,
    sought: Sought | None = None,
    warm_up: WarmUp | None = None,
    inputs: InputDraws | None = None,
) -> str:
    """The whole report of a run; plain text, at most 80 columns wide.

    `sought` says how precise it was to be, `warm_up` how its beginning was judged, `inputs` what draws of uncertain
    inputs add.
    """
    parts = [title(result), "", *headline(result)]
    parts += ["", *precision_lines(result, sought)] if sought is not None else []
    parts += ["", *input_lines(inputs)] if inputs is not None else []
    parts += ["", *money_table(result)]
    if len(result.scenario.tasks) > 1:
        parts += ["", *type_table(result)]
    parts += ["", *worker_table(result), "", *queue_table(result), "", *busiest(result)]
    parts += chain_sections(result)
    noted = notes(result, warm_up)
    if noted:
        parts += ["", "  Noted", *noted]
    return "\n".join(line.rstrip() for line in "\n".join(parts).split("\n"))

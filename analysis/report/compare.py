"""The report of a comparison as text: what every variant comes to, by how much they differ, what to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.report.compare_inputs import inputs_table
from analysis.report.compare_notes import compare_notes
from analysis.report.compare_tables import (
    cost_table,
    difference_tables,
    people_table,
    standings_table,
    type_tables,
)
from analysis.report.compare_words import heading, pairing, recommendation, staffing, wrapped

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison


def compare_report(comparison: Comparison) -> str:
    """The whole report, at most 80 columns wide; its last paragraph says what to choose."""
    blocks = [
        heading(comparison),
        standings_table(comparison),
        people_table(comparison),
        wrapped(staffing(comparison)),
        *difference_tables(comparison),
        wrapped(pairing(comparison)),
        cost_table(comparison),
        type_tables(comparison),
        inputs_table(comparison),
        compare_notes(comparison),
    ]
    texts = ["\n".join(line.rstrip() for line in block) for block in blocks if block]
    return "\n\n".join([*texts, recommended(comparison)])


def recommended(comparison: Comparison) -> str:
    """What to choose, and why."""
    return "\n".join(line for sentence in recommendation(comparison) for line in wrapped(sentence))

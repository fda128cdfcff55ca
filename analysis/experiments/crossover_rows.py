"""Rows of a break-even: its points and crossings as plain values by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.experiments.comparison_rows import staffing_row
from analysis.experiments.results import estimate_of
from analysis.experiments.tables import Row

if TYPE_CHECKING:
    from analysis.experiments.crossover import Breakeven

CROSSING = ("at", "low", "high", "before", "after")
"""The columns of a crossing."""


def differences(found: Breakeven) -> list[Row]:
    """One row per point: the metric of both, their paired difference with its interval, and which is better."""
    rows: list[Row] = []
    for point in found.points:
        row: Row = {found.vary: point.value}
        for name, result in zip(found.between, (point.one, point.other), strict=True):
            row[name] = estimate_of(found.metric, result.tallies).value
        gap = found.difference(point)
        row |= {"difference": gap.value, "low": gap.low, "high": gap.high}
        row["better"] = found.better(1 if gap.value > 0 else -1) if gap.value else None
        rows.append(row | {"unit": found.metric.unit_in(found.scenario.currency)})
    return rows


def crossings(found: Breakeven) -> list[Row]:
    """One row per crossing: where it is, its interval, and which variant is better before and after it."""
    places = (
        (part.at, part.low, part.high, found.better(part.sign_before), found.better(-part.sign_before))
        for part in found.crossings
    )
    return [dict(zip(CROSSING, place, strict=True)) for place in places]


def document(found: Breakeven) -> Row:
    """The whole break-even."""
    return {
        "scenario": {"name": found.scenario.name, "digest": found.scenario.digest()},
        "seed": found.seed,
        "replications": found.replications,
        "between": list(found.between),
        "vary": found.vary,
        "unit": found.unit,
        "metric": found.metric.name,
        "stated": found.stated,
        "staffing": staffing_row(found.staffing),
        "is_complete": found.is_complete,
        "crossings": crossings(found),
        "points": differences(found),
    }

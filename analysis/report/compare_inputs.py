"""What a comparison says of uncertain inputs: ranges beside intervals, and how often the choice holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.experiments.inputs import InputRange
from analysis.experiments.money import currency_at
from analysis.format import UNDEFINED, duration, interval, money, share, significant
from analysis.metrics import metric_of
from analysis.report.chance import of_draws
from analysis.report.compare_cells import laid_out
from analysis.report.compare_words import wrapped
from sim.quantities import SECOND
from sim.uncertainty import DURATION, parse_quantity

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison
    from analysis.experiments.inputs_choice import Change, OverInputs
    from analysis.metrics import Metric

WIDTHS = (18, 14, 17, 18, 12)
"""Widths of the columns."""
MOST_CHANGES = 3
"""Inputs that are set against each other."""


def inputs_table(comparison: Comparison) -> list[str]:
    """One row per variant: in how many draws it is the best, and the objective over the stated ranges."""
    found = comparison.over_inputs
    if found is None:
        return []
    plain = "cpst" if comparison.is_staffed_alike else "cpst_loaded"
    metric = found.objective or metric_of(plain)
    unit = metric.unit_in(comparison.base.scenario.currency)
    header = [
        ["", "best, % of", "as stated, %", "95 % of draws,", "variance"],
        ["", "draws", "of replications", unit[:16], "by inputs"],
    ]
    rows = [*(_row(found, name, metric) for name in comparison.variants), *_nobody(found)]
    return [*wrapped(_title(found)), *laid_out(header, rows, WIDTHS), *wrapped(changed(found))]


def _title(found: OverInputs) -> str:
    return f"Over the stated ranges, {found.draws} draws shared by the variants, of {', '.join(found.paths)}"


def _row(found: OverInputs, name: str, metric: Metric) -> list[str]:
    best, spread = found.best.get(name), found.range(name, metric)
    return [
        name,
        UNDEFINED if best is None else of_draws(best, ""),
        UNDEFINED if best is None or best.stated is None else f"{100 * best.stated:.0f}",
        range_text(spread),
        share(spread.from_inputs),
    ]


def _nobody(found: OverInputs) -> list[list[str]]:
    """A row for the draws in which no variant meets every condition, where there are conditions."""
    if found.nobody is None:
        return []
    stated = UNDEFINED if found.nobody.stated is None else f"{100 * found.nobody.stated:.0f}"
    return [["none meets all", of_draws(found.nobody, ""), stated, UNDEFINED, UNDEFINED]]


def range_text(found: InputRange) -> str:
    """The middle of the draws, or why there is none."""
    return interval(found.low, found.high) if found.low is not None else UNDEFINED


def changed(found: OverInputs) -> str:
    """Where the choice changes: inputs in the draws that others win, against those in the others; empty nowhere."""
    parts = [_change(found, change) for change in found.changes[:MOST_CHANGES]]
    return f"Where {found.winner} is not the best, on average: {', '.join(parts)}." if parts else ""


def _change(found: OverInputs, change: Change) -> str:
    elsewhere, best = (_amount(found, change.path, value) for value in (change.elsewhere, change.where_best))
    return f"{change.path} {elsewhere} instead of {best}"


def _amount(found: OverInputs, path: str, value: float) -> str:
    """A mean of draws in the unit that the draws have."""
    variant = next(part for part in found.drawn.values() if path in (part.scenario.uncertain or ()))
    drawn = variant.scenario.input_values(variant.seed, 0)[path]
    unit = parse_quantity(drawn).unit
    if unit == DURATION:
        return duration(value * SECOND)
    text = money(value, currency) if (currency := currency_at(path, variant.scenario)) else significant(value)
    return f"{text} / {unit}" if unit else text

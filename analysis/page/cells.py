"""Cells: estimates and other numbers as people read them, the unit left to the head of the column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.estimates import LOWER_BOUND, Estimate
from analysis.format import (
    UNDEFINED,
    capital,
    count,
    duration,
    estimated_number,
    estimated_share,
    interval,
    people,
    share,
    significant,
)
from analysis.page.model import Cell, Column
from sim.quantities import SECOND

if TYPE_CHECKING:
    from analysis.metrics import Metric

PER_CENT = " %"
NO_TIME = "0 s"
NEGLIGIBLE = 0.001
"""Share of half its interval below which a difference is shown as 0."""


def called(metric: Metric) -> str:
    """A metric in words, with a capital."""
    return capital(metric.label)


def column(metric: Metric, currency: str) -> Column:
    """The head of a metric's column."""
    return Column(called(metric), unit_of(metric, currency))


def unit_of(metric: Metric, currency: str) -> str:
    """The unit in the head of a column; times carry theirs in every cell."""
    return {"share": "%", "s": ""}.get(metric.unit, metric.unit_in(currency))


def named(metric: Metric, unit: str) -> Cell:
    """A metric as the name of a row, with the unit of its numbers."""
    name = called(metric)
    return Cell(f"{name}, {unit}" if unit and unit not in name.lower() else name)


def path(text: str) -> Cell:
    """The dotted path of a parameter."""
    return Cell(text, is_path=True)


def whole(number: float | None) -> Cell:
    """A count."""
    return Cell(count(number), value=number)


def number(value: float | None, unit: str = "", note: str = "") -> Cell:
    """A number without an interval; `share` and `s` as in the table of metrics."""
    return Cell(_text(value, unit), value=value, note="" if value is not None else note or "undefined")


def estimate(metric: Metric, found: Estimate) -> Cell:
    """A metric with its interval; a footnote says why one of them is missing."""
    return estimated(found, metric.unit)


def estimated(found: Estimate, unit: str) -> Cell:
    """An estimate with its interval."""
    text = _text(found.value, unit)
    if found.value is None or found.low is None or found.high is None:
        lead = "> " if found.note == LOWER_BOUND and found.value is not None else ""
        return Cell(lead + text, value=found.value, note=found.note)
    if unit == "share":
        return Cell(*estimated_share(found.value, found.low, found.high), found.value, found.low, found.high)
    if unit == "s":
        return Cell(text, _bounds(found.low, found.high, unit), found.value, found.low, found.high)
    return Cell(*estimated_number(found.value, found.low, found.high), found.value, found.low, found.high)


def difference(metric: Metric, found: Estimate) -> Cell:
    """A difference with its sign and interval; of shares in percentage points."""
    if found.value is None:
        return Cell(UNDEFINED, note=found.note or "undefined")
    scale = 100.0 if metric.unit == "share" else 1.0
    unit = metric.unit if metric.unit == "s" else ""
    is_nothing = abs(found.value) < NEGLIGIBLE * (found.half_width or 0.0)
    text = _text(0.0 if is_nothing else found.value * scale, unit)
    if found.value > 0 and not is_nothing and text != NO_TIME:
        text = f"+{text}"
    if found.low is None or found.high is None:
        return Cell(text, value=found.value, note=found.note)
    beside = _bounds(found.low * scale, found.high * scale, unit)
    return Cell(text, beside, found.value, found.low, found.high)


def difference_unit(metric: Metric, currency: str) -> str:
    """The unit of a metric's differences."""
    return "%-points" if metric.unit == "share" else unit_of(metric, currency)


def _text(value: float | None, unit: str) -> str:
    if unit == "share":
        return share(value).removesuffix(PER_CENT)
    if unit == "s":
        return duration(None if value is None else value * SECOND)
    return people(value) if unit == "people" and value is not None else significant(value)


def _bounds(low: float, high: float, unit: str) -> str:
    if unit == "s":
        return f"[{duration(low * SECOND)}, {duration(high * SECOND)}]"
    return interval(low, high)

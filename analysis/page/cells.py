"""Cells: estimates and other numbers as people read them, the unit left to the head of the column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.estimates import LOWER_BOUND, Estimate
from analysis.experiments.objectives import LOADED_WITH_DAMAGE
from analysis.figures import units
from analysis.format import UNDEFINED, count, duration, interval, share, significant
from analysis.page.model import Cell, Column
from sim.quantities import SECOND

if TYPE_CHECKING:
    from analysis.metrics import Metric

PER_CENT = " %"
MOST_DECIMALS = 5
WIDTH_SHOWN = 3.0
"""Units of the last decimal that an interval of a share spans at least, so that its width can be read."""
NEGLIGIBLE = 0.001
"""Share of half its interval below which a difference is shown as 0."""
ALIKE = 6
"""Significant digits in which the ends of an interval agree that has no width but rounding."""
NAMES = {
    LOADED_WITH_DAMAGE.name: "loaded cost per success with damage", "cpst_playbook": "playbook cost per success",
    "reported_success_share": "delivered, of all tasks", "wip": "work in progress",
    "cycle_time_p50": "median cycle time", "cycle_time_p90": "cycle time that 90 % do not exceed",
    "cycle_time_p99": "cycle time that 99 % do not exceed", "wait_people_mean": "mean wait for a person",
    "cost_per_month_paid": "monthly cost, hours paid", "cost_per_month": "monthly cost, minutes worked",
    "throughput": "delivered", "damage_per_task": "damage per task", "utilisation": "people's time used",
    "cost_per_task": "cost per task", "human_minutes_per_task": "people's minutes per task",
    "unfinished_share": "unfinished at the end", "rework_minutes_per_task": "of these, rework",
    "correction_minutes_per_task": "of these, correction", "wrong_per_1000": "wrong deliveries",
    "success_share": "right, of all tasks",
}  # fmt: skip
"""Metrics in words where the words of the charts would not do in a table."""


def called(metric: Metric) -> str:
    """A metric in words, with a capital."""
    name = NAMES.get(metric.name) or units.words(metric.name)
    return name[:1].upper() + name[1:]


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
        return _share(found)
    return Cell(text, _bounds(found.low, found.high, unit), found.value, found.low, found.high)


def difference(metric: Metric, found: Estimate) -> Cell:
    """A difference with its sign and interval; of shares in percentage points."""
    if found.value is None:
        return Cell(UNDEFINED, note=found.note or "undefined")
    scale = 100.0 if metric.unit == "share" else 1.0
    unit = metric.unit if metric.unit == "s" else ""
    is_nothing = abs(found.value) < NEGLIGIBLE * (found.half_width or 0.0)
    sign = "+" if found.value > 0 and not is_nothing else ""
    text = sign + _text(0.0 if is_nothing else found.value * scale, unit)
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
    return significant(value)


def _bounds(low: float, high: float, unit: str) -> str:
    if unit == "s":
        return f"[{duration(low * SECOND)}, {duration(high * SECOND)}]"
    if significant(low, ALIKE) == significant(high, ALIKE):
        return f"[{significant(low)}, {significant(high)}]"
    return interval(low, high)


def _share(found: Estimate) -> Cell:
    """Per cent with the decimals that tell the ends of the interval apart."""
    value, low, high = found.value, found.low, found.high
    assert value is not None
    assert low is not None
    assert high is not None
    if significant(low, ALIKE) == significant(high, ALIKE):
        text = share(value).removesuffix(PER_CENT)
        return Cell(text, f"[{text}, {text}]", value, low, high)
    width = 100 * (high - low)
    decimals = next((k for k in range(1, MOST_DECIMALS) if width * 10**k >= WIDTH_SHOWN), MOST_DECIMALS)
    beside = f"[{100 * low:z.{decimals}f}, {100 * high:z.{decimals}f}]"
    return Cell(f"{100 * value:z.{decimals}f}", beside, value, low, high)

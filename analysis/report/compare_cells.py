"""Cells and rows of the tables of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.estimates import Estimate
from analysis.format import UNDEFINED, estimated_number, estimated_share, interval, share, significant
from analysis.metrics import Metric

LONGEST_ESTIMATE = 14
"""Characters of a value with half of its interval."""
LONGEST_SPREAD = 24
"""Characters of a difference with its interval; small ones lose decimals."""


def laid_out(
    header: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> list[str]:
    """Rows under a header: names to the left, numbers to the right, what is after the last width as it is.

    A name that is too long for its column has a line to itself.
    """
    lines = []
    for row in (*header, *rows):
        name, rest = row[0], ""
        for cell, width in zip(row[1:], widths[1:], strict=False):
            rest += f"{cell:>{width}}"
        rest += "".join(row[len(widths) :])
        if len(name) + 2 > widths[0]:
            lines += [f"  {name}", " " * widths[0] + rest]
        else:
            lines.append(f"  {name:<{widths[0] - 2}}{rest}")
    return lines


def plus_minus(found: Estimate) -> str:
    """A value and the longer side of its interval, `2.11 ±0.06`, `19,908 ±13`; in per cent of it where it is long."""
    text = significant(found.value)
    if found.value is None or found.low is None or found.high is None:
        return text
    side = max(found.value - found.low, found.high - found.value)
    finer = estimated_number(found.value, found.low, found.high)[0]
    if len(f"{finer} ±{significant(side, 2)}") <= LONGEST_ESTIMATE:
        text = finer
    decimals = len(text.partition(".")[2])
    shown = f"{side:,.{decimals}f}"
    if side and float(shown.replace(",", "")) == 0.0:
        shown = significant(side, 1)
    if found.value and len(f"{text} ±{shown}") > LONGEST_ESTIMATE:
        return f"{text} ±{significant(100 * side / found.value, 1)} %"
    return f"{text} ±{shown}"


def in_unit(metric: Metric, found: Estimate) -> str:
    """A metric with the longer side of its interval; shares in per cent: `99.88 ±0.05 %`."""
    if metric.unit != "share" or found.value is None or found.low is None or found.high is None:
        return percent(found.value) if metric.unit == "share" else plus_minus(found)
    side = 100 * max(found.value - found.low, found.high - found.value)
    text = estimated_share(found.value, found.low, found.high)[0]
    decimals = len(text.partition(".")[2])
    return f"{text} ±{side:.{decimals}f} %"


def spread(found: Estimate, scale: float = 1.0, longest: int = LONGEST_SPREAD) -> str:
    """A difference with its sign and interval: `-3.77 [-3.91, -3.63]`; an exact 0 is `0 [0, 0]`.

    One that is too long shows half of its interval in per cent, `-0.000953 ±2 %`, or, where the interval holds 0,
    fewer decimals.
    """
    if found.value is None:
        return UNDEFINED
    value = found.value * scale
    if found.low is None or found.high is None:
        return f"{'+' if value > 0 else ''}{significant(value)}"
    low, high = found.low * scale, found.high * scale
    if low == high == 0.0:
        return "0 [0, 0]"
    decimals = len(interval(low, high).strip("[]").split(", ")[0].partition(".")[2])
    text = _with_bounds(value, low, high, decimals)
    if len(text) > longest and (low > 0 or high < 0):
        sign = "+" if value > 0 else "-"
        return f"{sign}{significant(abs(value))} ±{significant(50 * (high - low) / abs(value), 1)} %"
    while len(text) > longest and decimals > 3:
        decimals -= 1
        text = _with_bounds(value, low, high, decimals)
    return text


def _with_bounds(value: float, low: float, high: float, decimals: int) -> str:
    """With these decimals; what they round to 0 has no sign."""
    sign = "" if round(value, decimals) == 0 else "+"
    return f"{value:{sign}z,.{decimals}f} [{low:z,.{decimals}f}, {high:z,.{decimals}f}]"


def percent(part: float | None) -> str:
    """A share in per cent with at most two decimals; next to 1 it is `> 99.99 %`."""
    if part is not None and 0.99995 <= part < 1.0:
        return "> 99.99 %"
    return share(part)

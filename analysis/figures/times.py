"""Axes of time: local dates, and durations on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import ceil, inf, log
from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.style import TICK_LETTER, Size
from analysis.format import duration
from sim.quantities import SECOND

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NICE = (
    0.001, 0.01, 0.1, 1, 3, 10, 30, 60, 180, 600, 1_800, 3_600, 10_800, 28_800, 86_400, 259_200, 604_800, 2_419_200,
    9_676_800, 31_449_600,
)  # fmt: skip
"""Seconds at which a logarithmic axis has ticks: 1 s, 10 s, 1 min, 1 h, 1 day, ..."""
STEPS = (
    0.001, 0.01, 0.1, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
    172_800, 604_800, 2_419_200, 9_676_800,
)  # fmt: skip
"""Seconds between even ticks, where an axis is too short for three of the others."""
MOST_TICKS: dict[Size, int] = {"notebook": 9, "report": 6, "print": 5}
"""Durations that fit under a chart."""
LONGEST_ZONE: dict[Size, int] = {"notebook": 40, "report": 20, "print": 15}
"""Letters of a time zone that fit beside a date."""
FEWEST_TICKS = 3
"""Durations below which an axis cannot be read."""


def naive(times: pd.Series) -> pd.Series:
    """Local times as matplotlib draws them: it would turn those of a zone into UTC."""
    found: pd.Series = times.dt.tz_localize(None)
    return found


def local_time(zone: str, size: Size) -> str:
    """The label of a time axis; a zone whose name leaves no room for the date beside it is its city alone."""
    is_long = len(zone) > LONGEST_ZONE[size]
    return f"local time ({zone.rpartition('/')[2] if is_long else zone})"


def dates(ax: Axes, size: Size) -> None:
    """Labels a time axis whose limits are set: days by weekday and number, and at its end what all of them share."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date

    (begin, end), (left, right) = ax.dataLim.intervalx, ax.get_xlim()
    begin, end = max(begin, left), min(end, right)  # what is drawn: room beside it may reach into another day
    first, last = (num2date(edge) for edge in (begin, end))  # type: ignore[no-untyped-call]
    last = max(first, last - timedelta(microseconds=1))
    is_month = (first.year, first.month) == (last.year, last.month)
    day, rest = ("%a %d", "%b %Y") if is_month else ("%d %b", "%Y")
    whole = "%a %d %b %Y" if first.date() == last.date() else rest
    # Ticks between hours name no day, not even at midnight.
    both = whole if first.date() == last.date() else f"{first:%a %d %b} to {last:%a %d %b %Y}"
    fewest, most = (2, 5) if size == "print" else (3, 9)
    locator = AutoDateLocator(minticks=fewest, maxticks=most)  # type: ignore[no-untyped-call]
    written = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator,
        formats=["%Y", "%b", day, "%H:%M", "%H:%M", "%H:%M:%S.%f"],
        zero_formats=["", "%b", day, day, "%H:%M", "%H:%M:%S.%f"],
        offset_formats=["", "%Y", rest, whole, both, both],
    )
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(written)


def durations(ax: Axes, low: float, high: float, size: Size) -> None:
    """Makes the x axis logarithmic, from `low` to `high` seconds, with durations as people say them."""
    from matplotlib.ticker import NullLocator

    ax.set_xscale("log")
    ax.set_xlim(low, high)
    inside: Sequence[float] = [seconds for seconds in NICE if low <= seconds <= high]
    if len(inside) < FEWEST_TICKS:
        inside = _even(low, high, MOST_TICKS[size])
    step = -(-len(inside) // MOST_TICKS[size])
    shown = _apart(ax, inside[(len(inside) - 1) % step :: step])
    ax.set_xticks(shown, [duration(seconds * SECOND) for seconds in shown])
    ax.xaxis.set_minor_locator(NullLocator())


def _apart(ax: Axes, ticks: Sequence[float]) -> list[float]:
    """Those of the ticks on a logarithmic axis whose durations do not touch the one before that is kept."""
    low, high = ax.get_xlim()
    unit, letter = style.width_of(ax) / log(high / low), 0.84 * style.points()
    kept: list[float] = []
    end = -inf
    for tick in ticks:
        middle, half = unit * log(tick / low), letter * (TICK_LETTER * len(duration(tick * SECOND)) / 2 + 0.5)
        if middle - half >= end:
            kept.append(tick)
            end = middle + half
    return kept


def _even(low: float, high: float, most: int) -> list[float]:
    """Multiples of one of the steps between both ends, fewer than `most`; the middle where none fits."""
    step = next((step for step in STEPS if (high - low) / step < most - 1), STEPS[-1])
    first = ceil(low / step)
    return [step * number for number in range(first, int(high / step) + 1)] or [(low * high) ** 0.5]

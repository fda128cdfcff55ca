"""Axes of time: local dates, and durations on a logarithmic scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figures.style import Size
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
MOST_TICKS: dict[Size, int] = {"notebook": 9, "report": 8, "print": 5}
"""Durations that fit under a chart."""


def naive(times: pd.Series) -> pd.Series:
    """Local times as matplotlib draws them: it would turn those of a zone into UTC."""
    found: pd.Series = times.dt.tz_localize(None)
    return found


def dates(ax: Axes, size: Size) -> None:
    """Labels a time axis with as few letters as tell the days and hours apart."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    fewest, most = (2, 5) if size == "print" else (3, 9)
    locator = AutoDateLocator(minticks=fewest, maxticks=most)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def durations(ax: Axes, low: float, high: float, size: Size) -> None:
    """Makes the x axis logarithmic, from `low` to `high` seconds, with durations as people say them."""
    from matplotlib.ticker import NullLocator

    ax.set_xscale("log")
    ax.set_xlim(low, high)
    inside = [seconds for seconds in NICE if low <= seconds <= high] or [(low * high) ** 0.5]
    step = -(-len(inside) // MOST_TICKS[size])
    shown = inside[(len(inside) - 1) % step :: step]
    ax.set_xticks(shown, [duration(seconds * SECOND) for seconds in shown])
    ax.xaxis.set_minor_locator(NullLocator())

"""Chart of one run's workload: what comes to a role in each hour of the week, against its capacity."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.figures.times import local_time
from sim.quantities import HOUR, WEEK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from analysis.logs import Blocks
    from sim.scenario import Scenario

HOURS_OF_DAY, HOURS_OF_WEEK = 24, 168


@style.chart
def plot_workload(
    log: Blocks, scenario: Scenario, role: str, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """The work that comes to a role in each hour of the week against what it can do; red where it is more.

    Hours of the week that are not in the measured window are hatched. Draws `frames.workload`. Raises KeyError for an
    unknown role.
    """
    from analysis.frames import workload

    rows = workload(log, scenario, role)
    ax = style.new_axes(ax, size)
    # A step needs its last value twice to reach the end of its hour.
    last = rows.iloc[-1:]
    work, capacity = ([*rows[name], *last[name]] for name in ("workload", "capacity"))
    _steps(ax, work, capacity, _unmeasured(scenario))
    ax.set_xlim(0, HOURS_OF_WEEK)
    ax.set_ylim(0, 1.08 * max(*work, *capacity) or 1.0)
    _days(ax, list(dict.fromkeys(rows["day"])))
    title = f"Workload of {style.short(role)} against its capacity"
    across = local_time(scenario.timezone, size).replace("local time", "hour of the week")
    style.dress(ax, title, across, "tasks at once", grid="both")
    legend(ax)
    return ax if any(work) else style.say_over(ax, "nothing came to it in this time")


def _steps(
    ax: Axes, work: Sequence[float], capacity: Sequence[float], unmeasured: Sequence[tuple[int, int]]
) -> None:
    """Capacity, what goes beyond it, and the work as a line, but for hours of which nothing is known."""
    hours = range(len(work))
    ax.fill_between(hours, capacity, step="post", facecolor=style.SHADE, edgecolor=style.FAINT, linewidth=0.9,
                    label="capacity")  # fmt: skip
    top = [max(pair) for pair in zip(work, capacity, strict=True)]
    if top != capacity:
        ax.fill_between(hours, capacity, top, step="post", color=style.RED, alpha=0.6, linewidth=0,
                        label="more than can be done then")  # fmt: skip
    known = [nan if any(begin <= hour < end for begin, end in unmeasured) else work[hour] for hour in hours]
    ax.step(hours, known, where="post", color=style.BLUE, linewidth=1.2, label="workload")
    for place, (begin, end) in enumerate(unmeasured):
        ax.axvspan(begin, end, facecolor="white", edgecolor=style.FAINT, hatch="////", linewidth=0, alpha=0.45,
                   zorder=3, label="" if place else "not measured")  # fmt: skip


def _unmeasured(scenario: Scenario) -> list[tuple[int, int]]:
    """Spans of hours of the week, from Monday 0:00, that are not in the measured window; none if it is a week long."""
    import numpy as np

    from analysis.frames.rows import local_times

    ends = local_times(np.array([scenario.warm_up, scenario.horizon - 1]), scenario)
    first, last = (HOURS_OF_DAY * time.weekday() + time.hour for time in ends)
    whole = scenario.horizon - scenario.warm_up
    if whole >= WEEK or whole > ((last - first) % HOURS_OF_WEEK + 1) * HOUR:
        return []
    spans = [(0, first), (last + 1, HOURS_OF_WEEK)] if first <= last else [(last + 1, first)]
    return [(begin, end) for begin, end in spans if begin < end]


def _days(ax: Axes, days: Sequence[str]) -> None:
    """Names of the days between the ticks at midnight."""
    ax.set_xticks(range(0, HOURS_OF_WEEK + 1, HOURS_OF_DAY), [""] * (len(days) + 1))
    middle = [day * HOURS_OF_DAY + HOURS_OF_DAY / 2 for day in range(len(days))]
    ax.set_xticks(middle, days, minor=True, fontsize=0.84 * style.points())
    ax.tick_params(axis="x", which="minor", length=0, pad=5)

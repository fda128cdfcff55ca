"""Charts of one run's pools: queue over time, use by worker and hour, workload against capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.legends import colour_bar, legend
from analysis.figures.style import Size
from analysis.figures.times import dates, local_time, naive
from analysis.figures.units import scale_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.logs import Blocks
    from sim.scenario import Scenario

HOURS_OF_DAY = 24
MOST_NAMES = 25
"""Positions that a heat map names; of more it names every second, third and so on."""


@style.chart
def plot_queue(
    log: Blocks,
    scenario: Scenario,
    role: str,
    begin: int = 0,
    end: int | None = None,
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """How many tasks wait for a role over time, and how long the oldest has waited; shifts are shaded.

    From tick `begin` to tick `end`, else to the horizon. Draws `frames.queue` and `frames.shifts`. Raises KeyError for
    an unknown role.
    """
    from analysis.frames import queue, shifts

    rows, open_times = queue(log, scenario, role, begin, end), shifts(log, scenario, role)
    ax = style.new_axes(ax, size)
    times = naive(rows["time"])
    _shade(ax, open_times, times.iloc[0], times.iloc[-1])
    ax.fill_between(times, rows["longest"], step="post", color=style.SKY, alpha=0.5, linewidth=0,
                    label="most at once")  # fmt: skip
    ax.plot(times, rows["length"], drawstyle="steps-post", color=style.BLUE, linewidth=1.1, label="mean")
    ax.set_ylim(0, max(1.0, 1.08 * rows["longest"].max()))
    ax.set_xlim(times.iloc[0], times.iloc[-1])
    dates(ax, size)
    style.whole_numbers(ax)
    title = f"Queue of {style.short(role)}, its shifts shaded"
    style.dress(ax, title, local_time(scenario.timezone, size), "tasks waiting", grid="none")
    if not rows["longest"].any():
        return style.say_over(ax, "nothing waits in this time")
    _oldest(ax, rows, times)
    return ax


def _shade(ax: Axes, open_times: pd.DataFrame, first: Any, last: Any) -> None:
    for begin, end in zip(naive(open_times["begin"]), naive(open_times["end"]), strict=True):
        if end > first and begin < last:
            ax.axvspan(max(begin, first), min(end, last), color=style.SHADE, linewidth=0, zorder=0)


def _oldest(ax: Axes, rows: pd.DataFrame, times: pd.Series) -> None:
    """The age of the oldest on a scale of its own, to the right."""
    scale = scale_of("s", rows["oldest"])
    ages = rows["oldest"] * scale.factor
    aside = ax.twinx()
    label = "age of the oldest (right)"
    (line,) = aside.plot(times, ages, color=style.RED, linewidth=0.9, linestyle="--", label=label)
    aside.set_ylim(0, 1.08 * ages.max() if ages.any() else 1.0)
    aside.set_ylabel(f"age of the oldest ({scale.unit})", color=style.RED)
    aside.spines["right"].set_color(style.FAINT)
    aside.spines[["top", "left", "bottom"]].set_visible(False)
    aside.tick_params(labelsize=0.84 * style.points(), length=3, color=style.FAINT)
    legend(ax, [*ax.get_legend_handles_labels()[0], line])


@style.chart
def plot_utilisation(
    log: Blocks, scenario: Scenario, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """How busy each position is in each hour of the day, as a heat map; hatched where it is not on shift.

    Mean over the days of the measured window; a cross marks hours in which it worked overtime alone. Draws
    `frames.utilisation`.
    """
    from analysis.frames import utilisation

    rows = utilisation(log, scenario)
    sums = rows.groupby(["role", "position", "hour"], sort=False)[["busy", "present", "on_shift"]].sum()
    table = (100 * sums["busy"] / sums["present"].where(sums["on_shift"] > 0)).unstack("hour")
    overtime = ((sums["on_shift"] == 0) & (sums["busy"] > 0)).unstack("hour")
    usual = style.SIZES[size][1]
    ax = style.new_axes(
        ax,
        size,
        max(
            usual if len(table) > 4 else 0.75 * usual,
            min(1.2 + 0.012 * style.POINTS[size] * len(table), 12.0),
        ),
    )
    ax.patch.set(facecolor=style.SHADE, hatch="////", edgecolor="white")
    picture = ax.imshow(table, aspect="auto", cmap=style.LOAD, vmin=0, vmax=100, interpolation="nearest")
    worked = overtime.to_numpy().nonzero()
    marks = "hatched: absent, ×: overtime" if len(worked[0]) else "hatched: absent"
    colour_bar(ax, picture, f"utilised (%); {marks}")
    ax.plot(worked[1], worked[0], "x", color=style.RED, linestyle="none", markersize=0.4 * style.points())
    step = -(-len(table) // MOST_NAMES)
    roles = list(dict.fromkeys(str(role) for role, _ in table.index))
    shown = dict(zip(roles, style.shorts(roles, size), strict=True))
    ax.set_yticks(
        range(0, len(table), step), [f"{shown[str(role)]} {number}" for role, number in table.index[::step]]
    )
    for place in range(1, len(table)):
        if table.index[place][0] != table.index[place - 1][0]:
            ax.axhline(place - 0.5, color="white", linewidth=2)
    every = 6 if size == "print" else 3
    ax.set_xticks(range(0, HOURS_OF_DAY, every), [f"{hour}:00" for hour in range(0, HOURS_OF_DAY, every)])
    title = "Utilisation by worker and hour of the day"
    style.dress(ax, title, local_time(scenario.timezone, size), "", grid="none")
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


@style.chart
def plot_workload(
    log: Blocks, scenario: Scenario, role: str, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """The work that comes to a role in each hour of the week against what it can do; red where it is more.

    Draws `frames.workload`. Raises KeyError for an unknown role.
    """
    from analysis.frames import workload

    rows = workload(log, scenario, role)
    ax = style.new_axes(ax, size)
    # A step needs its last value twice to reach the end of its hour.
    hours, last = range(len(rows) + 1), rows.iloc[-1:]
    work, capacity = ([*rows[name], *last[name]] for name in ("workload", "capacity"))
    ax.fill_between(hours, capacity, step="post", facecolor=style.SHADE, edgecolor=style.FAINT, linewidth=0.9,
                    label="capacity")  # fmt: skip
    over = [one > other for one, other in zip(work, capacity, strict=True)]
    if any(over):
        ax.fill_between(hours, capacity, work, where=over, step="post", color=style.RED, alpha=0.6, linewidth=0,
                        label="more than can be done then")  # fmt: skip
    ax.step(hours, work, where="post", color=style.BLUE, linewidth=1.2, label="workload")
    ax.set_xlim(0, len(rows))
    ax.set_ylim(0, 1.08 * max(*work, *capacity) or 1.0)
    days = list(dict.fromkeys(rows["day"]))
    ax.set_xticks(range(0, len(rows) + 1, HOURS_OF_DAY), [""] * (len(days) + 1))
    middle = [day * HOURS_OF_DAY + HOURS_OF_DAY / 2 for day in range(len(days))]
    ax.set_xticks(middle, days, minor=True, fontsize=0.84 * style.points())
    ax.tick_params(axis="x", which="minor", length=0, pad=5)
    title = f"Workload of {style.short(role)} against its capacity"
    style.dress(ax, title, f"hour of the week ({scenario.timezone})", "tasks at once", grid="both")
    legend(ax)
    return ax

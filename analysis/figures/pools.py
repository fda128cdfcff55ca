"""Charts of one run's pools: queue over time, and use by worker and hour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.legends import colour_bar, legend
from analysis.figures.style import Size
from analysis.figures.times import dates, local_time, naive
from analysis.figures.units import scale_of
from sim.quantities import DAY

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
    style.write_out(aside.yaxis)
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
    table, overtime = _by_hour(rows, list(scenario.workers))
    usual = style.SIZES[size][1] * (1.0 if len(table) > 4 else 0.75)
    ax = style.new_axes(ax, size, max(usual, min(1.2 + 0.012 * style.POINTS[size] * len(table), 12.0)))
    ax.patch.set(facecolor=style.SHADE, hatch="////", edgecolor="white")
    picture = ax.imshow(table, aspect="auto", cmap=style.LOAD, vmin=0, vmax=100, interpolation="nearest")
    worked = overtime.to_numpy().nonzero()
    is_whole = scenario.horizon - scenario.warm_up >= DAY
    marks = (
        f"hatched: absent{'' if is_whole else ' or not measured'}{', ×: overtime' if len(worked[0]) else ''}"
    )
    colour_bar(ax, picture, f"utilised (%); {marks}")
    ax.plot(worked[1], worked[0], "x", color=style.RED, linestyle="none", markersize=0.4 * style.points())
    _name_positions(ax, [(str(role), int(number)) for role, number in table.index], size)
    every = 6 if size == "print" else 3
    hours = range(0, HOURS_OF_DAY + 1, every)  # where an hour begins: at the edge of its column
    ax.set_xticks([hour - 0.5 for hour in hours], [f"{hour}:00" for hour in hours])
    title = "Utilisation by worker and hour of the day"
    style.dress(ax, title, local_time(scenario.timezone, size), "", grid="none")
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def _by_hour(rows: pd.DataFrame, roles: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of each position in each hour: per cent utilised, and whether it worked overtime alone; roles as in the file."""
    sums = rows.groupby(["role", "position", "hour"], sort=False)[["busy", "present", "on_shift"]].sum()
    table = (100 * sums["busy"] / sums["present"].where(sums["on_shift"] > 0)).unstack("hour")
    overtime = ((sums["on_shift"] == 0) & (sums["busy"] > 0)).unstack("hour")
    lines = [line for role in roles for line in table.index if line[0] == role]
    return table.loc[lines], overtime.loc[lines]


def _name_positions(ax: Axes, positions: Sequence[tuple[str, int]], size: Size) -> None:
    """Names beside the lines of the heat map, and a gap between two roles."""
    roles = list(dict.fromkeys(role for role, _ in positions))
    shown = dict(zip(roles, style.shorts(roles, size), strict=True))
    named = _named(positions)
    ax.set_yticks(named, [f"{shown[positions[place][0]]} {positions[place][1]}" for place in named])
    for place, ((role, _), (other, _)) in enumerate(pairwise(positions)):
        if role != other:
            ax.axhline(place + 0.5, color="white", linewidth=2)


def _named(positions: Sequence[tuple[str, int]]) -> list[int]:
    """The lines of a heat map that are named: of many every second, third and so on, and where a role begins."""
    step = -(-len(positions) // MOST_NAMES)
    found: list[int] = []
    firsts = {
        place for place, (role, _) in enumerate(positions) if not place or positions[place - 1][0] != role
    }
    for place in range(len(positions)):
        if found and place - found[-1] < step:
            if place not in firsts or found[-1] in firsts:
                continue
            found.pop()
        found.append(place)
    return found

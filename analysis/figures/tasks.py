"""Charts of one run's tasks: cycle times, and the way of one task through its workers."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.compared import records
from analysis.figures.labels import LETTER
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.figures.times import dates, durations, local_time
from analysis.format import count, duration, money
from sim.quantities import SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.logs import Blocks
    from sim.scenario import Scenario

BARS = 40
SHORTEST = 1e-3
"""Seconds that a logarithmic scale can still show; what is shorter counts as that."""


@style.chart
def plot_cycle_times(
    log: Blocks, scenario: Scenario, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """How long cohort tasks took from arrival to end, with median, 90 % and 99 %, on a logarithmic scale.

    Unfinished tasks count with their time so far and make the quantiles lower bounds, which the chart then says. Draws
    `frames.cycle_times`.
    """
    import numpy as np

    from analysis.frames import cycle_times

    rows = cycle_times(log, scenario)
    ax = style.new_axes(ax, size)
    title = f"Cycle time of {count(len(rows))} tasks" if len(rows) != 1 else "Cycle time of one task"
    if rows.empty:
        style.say_instead(ax, "no task arrived in the measured window")
        return style.dress(ax, title, "cycle time (logarithmic)", "tasks")
    seconds = rows["seconds"].clip(lower=SHORTEST)
    low, high = float(seconds.min()), float(seconds.max())
    is_one = high < 1.001 * low
    edges = np.array([low / 1.05, low * 1.05]) if is_one else np.geomspace(low, high * 1.000001, BARS + 1)
    ax.hist(seconds, bins=edges.tolist(), color=style.SKY, edgecolor=style.EDGE, linewidth=0.3)
    durations(ax, low / 3 if is_one else low / 1.06, high * 3 if is_one else high * 1.06, size)
    ax.margins(y=0.32)
    style.whole_numbers(ax)
    _quantiles(ax, rows.attrs["quantiles"])
    left = int((rows["end"] == "unfinished").sum())
    note = f"; {count(left)} unfinished: at least so long" if left else ""
    return style.dress(ax, title + note, "cycle time (logarithmic)", "tasks")


def _quantiles(ax: Axes, quantiles: dict[int, float]) -> None:
    """Lines at the quantiles; their labels step down, and stand to the left where there is no room to the right."""
    low, high = ax.get_xlim()
    names: dict[float, list[str]] = {}
    for share, found in quantiles.items():
        names.setdefault(max(found, SHORTEST), []).append("median" if share == 50 else f"{share} %")
    for place, (value, those) in enumerate(names.items()):
        name = " = ".join([*those, ""]) if len(those) > 1 else f"{those[0]}: "
        ax.axvline(value, color=style.RED, linewidth=1, linestyle=("-", "--", ":")[place])
        text = f"{name}{duration(value * SECOND)}"
        room = style.width_of(ax) * log(high / value) / log(high / low)
        is_left = LETTER * 0.84 * style.points() * len(text) + 6 > room
        ax.annotate(
            text, (value, 0.985 - 0.075 * place), (-4 if is_left else 4, 0),
            xycoords=("data", "axes fraction"), textcoords="offset points", va="top", color=style.INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 1.0},
            ha="right" if is_left else "left", fontsize="small",
        )  # fmt: skip


DOING = {
    "waiting": ("white", "waits", "//"), "attempted": (style.SKY, "agent works", ""),
    "clarified": (style.GREEN, "agent answers", "xx"), "executed": (style.ORANGE, "person works", ""),
    "reviewed": (style.PINK, "person reviews", ".."),
}  # fmt: skip
"""Colour, words and hatch of what a task's bar stands for."""


@style.chart
def plot_trace(
    log: Blocks, scenario: Scenario, task: str, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """One task's way through its workers as bars over time: where it waited, who worked, how it ended.

    `task` is a trace id such as `invoice-4711`. Draws `frames.trace`. Raises KeyError when the log has none of it.
    """
    from analysis.frames import trace

    rows = trace(log, scenario, task)
    workers = list(dict.fromkeys(rows["who"]))
    ax = style.new_axes(ax, size, style.height_of(size, 1.25 * len(workers)))
    cost = money(float(rows["cost"].sum()), scenario.currency)
    title, x = f"{style.short(task)} · {cost}", local_time(scenario.timezone, size)
    if rows.empty:
        return style.dress(style.say_instead(ax, "nobody worked on it yet"), title, x, "", grid="none")
    for name in ("begin", "end"):
        rows[name] = rows[name].dt.tz_localize(None)
    first, last = rows["begin"].min(), rows["end"].max()
    whole = last - first
    ax.set_xlim(first - 0.02 * whole, last + 0.14 * whole) if whole else None
    _stays(ax, records(rows), workers, whole)
    ax.set_yticks(range(len(workers)), style.shorts(workers, size))
    ax.set_ylim(len(workers) - 0.4, -0.75)
    dates(ax, size)
    lasted = duration(whole.total_seconds() * SECOND)
    style.dress(ax, f"{title} · {lasted}", x, "", grid="x")
    legend(ax)
    return ax


def _stays(ax: Axes, rows: list[dict[str, Any]], workers: list[str], whole: Any) -> None:
    """A bar for each stay; its outcome above or below, where that of a stay before leaves room."""
    shown: set[str] = set()
    room: dict[tuple[str, bool], Any] = {}
    for row in rows:
        colour, told, hatch = DOING.get(row["doing"], (style.GREEN, row["doing"].replace("_", " "), "xx"))
        height = workers.index(row["who"])
        ax.barh(
            height, max(row["end"] - row["begin"], whole / 150), left=row["begin"], height=0.5, color=colour,
            hatch=hatch, edgecolor=style.FAINT if colour == "white" else style.EDGE, linewidth=0.5,
            label="" if told in shown else told,
        )  # fmt: skip
        shown.add(told)
        if row["doing"] != "waiting" and isinstance(row["outcome"], str):
            _outcome(ax, row, height, whole, room)


def _outcome(
    ax: Axes, row: dict[str, Any], height: int, whole: Any, room: dict[tuple[str, bool], Any]
) -> None:
    """Writes how a stay ended above its bar, or below it; `room` is from when on there is room in both places."""
    told, begin = row["outcome"].replace("_", " "), row["begin"]
    is_above = begin >= room.get((row["who"], True), begin)
    if not is_above and begin < room.get((row["who"], False), begin):
        return
    edge, up = (height - 0.27, 1) if is_above else (height + 0.27, -1)
    ax.annotate(told, (begin, edge), (1, up), textcoords="offset points", va="bottom" if is_above else "top",
                fontsize=0.72 * style.points(), color=style.INK)  # fmt: skip
    share = 0.4 * style.points() * (len(told) + 1) / style.width_of(ax)
    room[row["who"], is_above] = begin + whole * min(share * 1.16, 1.0)

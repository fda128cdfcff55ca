"""Charts of one run's tasks: cycle times, calibration of confidence, the ledger over time, one trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.style import Size
from analysis.figures.units import scale_of
from analysis.format import duration, significant
from sim.quantities import SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.logs import Blocks
    from sim.scenario import Scenario

QUANTILES = (0.5, 0.9, 0.99)
FEWEST_FOR_SHAPE = 2


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
    title = f"Cycle time of {len(rows):,} tasks"
    if rows.empty:
        return style.dress(style.say_instead(ax, "no task ended"), title, "cycle time", "tasks")
    seconds = rows["seconds"].clip(lower=1e-3)
    scale = scale_of("s", seconds.quantile([0.9]))
    values = seconds * scale.factor
    low, high = float(values.min()), float(values.max())
    edges = np.geomspace(low, high, 41) if high > 1.0001 * low else np.array([low * 0.9, low * 1.1])
    ax.hist(values, bins=edges.tolist(), color=style.COLOURS[5], edgecolor="white", linewidth=0.3)
    ax.set_xscale("log")
    ax.margins(y=0.22)
    for place, share in enumerate(QUANTILES):
        value = float(values.quantile(share, interpolation="higher"))
        name = "median" if share == 0.5 else f"{100 * share:.0f} %"
        told = f"{name}\n{duration(value / scale.factor * SECOND)}"
        ax.axvline(value, color=style.COLOURS[1], linewidth=1, linestyle="--")
        at = (value, 0.98 - 0.13 * place)
        ax.annotate(
            told,
            at,
            (4, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            fontsize="small",
        )
    open_tasks = int((rows["end"] == "unfinished").sum())
    note = f" · {open_tasks:,} unfinished: quantiles are lower bounds" if open_tasks else ""
    return style.dress(ax, title + note, f"cycle time ({scale.unit}, logarithmic)", "tasks")


def plot_calibration(
    log: Blocks,
    scenario: Scenario,
    role: str | None = None,
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """How often outputs are right against how sure the agent said it was, with Wilson's 95 % intervals.

    On the diagonal confidence is calibrated; below it the agent is overconfident. The area of a point is the number of
    attempts. Draws `frames.calibration`.
    """
    from analysis.frames import calibration

    rows = calibration(log, scenario, role)
    ax = style.new_axes(ax, size)
    title = f"Calibration of {style.short(role) if role else 'confidence'}"
    x, y = "stated confidence, mean of the band (%)", "right (%)"
    if rows.empty:
        return style.dress(style.say_instead(ax, "no attempt stated a confidence"), title, x, y)
    ax.plot([0, 100], [0, 100], color=style.FAINT, linewidth=0.9, linestyle="--")
    ax.annotate("calibrated", (8, 11), rotation=30, color=style.FAINT, fontsize="small")
    ax.vlines(
        100 * rows["stated"],
        100 * rows["right_low"],
        100 * rows["right_high"],
        color=style.COLOURS[0],
        linewidth=1.4,
    )
    areas = 14 + 130 * rows["count"] / rows["count"].max()
    ax.scatter(100 * rows["stated"], 100 * rows["right"], s=areas, color=style.COLOURS[0], zorder=3)
    told = "\n".join(
        f"{name} {'undefined' if value != value else significant(value)}"
        for name, value in (("ECE", rows.attrs["ece"]), ("AUROC", rows.attrs["auroc"]))
    )
    ax.annotate(
        f"{told}\n{int(rows['count'].sum()):,} first attempts", (0.03, 0.96), xycoords="axes fraction", va="top",
        fontsize="small",
    )  # fmt: skip
    ax.set(xlim=(0, 102), ylim=(0, 104))
    return style.dress(ax, title, x, y, grid="both")


def plot_ledger(log: Blocks, scenario: Scenario, ax: Axes | None = None, size: Size = "notebook") -> Axes:
    """What has been spent by when, stacked by line of the ledger.

    Draws `frames.ledger`.
    """
    from analysis.figures.pools import dates
    from analysis.frames import ledger

    rows = ledger(log, scenario)
    ax = style.new_axes(ax, size)
    x, y = f"local time ({scenario.timezone})", f"spent by then ({scenario.currency})"
    if rows.empty:
        return style.dress(style.say_instead(ax, "nothing was spent"), "Ledger over time", x, y)
    table = rows.pivot(index="time", columns="line", values="total")
    lines = list(dict.fromkeys(rows["line"]))
    times = table.index.tz_localize(None)  # type: ignore[attr-defined]
    ax.stackplot(
        times, *(table[line] for line in lines), labels=lines,
        colors=[style.colour(place) for place in range(len(lines))], linewidth=0.3, edgecolor="white",
    )  # fmt: skip
    ax.set_xlim(times[0], times[-1])
    ax.legend(frameon=False, fontsize="small", loc="upper left", reverse=True)
    dates(ax)
    return style.dress(ax, "Ledger over time", x, y)


DOING = {"waiting": (style.SHADE, "waits"), "attempted": (style.COLOURS[5], "agent works"),
         "executed": (style.COLOURS[1], "person works"), "reviewed": (style.COLOURS[3], "person reviews")}  # fmt: skip
"""Colour and word of what a task's bar stands for."""


def plot_trace(
    log: Blocks, scenario: Scenario, task: str, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """One task's way through its workers as bars over time: where it waited, who worked, how it ended.

    `task` is a trace id such as `invoice-4711`. Draws `frames.trace`. Raises KeyError when the log has none of it.
    """
    from analysis.figures.pools import dates
    from analysis.frames import trace

    rows = trace(log, scenario, task)
    workers = list(dict.fromkeys(rows["who"]))
    ax = style.new_axes(ax, size, max(2.0, 1.4 + 0.4 * len(workers)))
    begins, ends = (rows[name].dt.tz_localize(None) for name in ("begin", "end"))
    drawn: dict[str, str] = {}
    for place, (who, doing) in enumerate(zip(rows["who"], rows["doing"], strict=True)):
        colour, told = DOING.get(doing, (style.COLOURS[2], doing.replace("_", " ")))
        first, last = begins.iloc[place], ends.iloc[place]
        ax.barh(
            workers.index(who), last - first, left=first, height=0.55, color=colour, edgecolor=style.INK, linewidth=0.5,
            label="" if told in drawn else told, hatch="//" if doing == "waiting" else "",
        )  # fmt: skip
        drawn[told] = told
        if doing != "waiting":
            outcome = str(rows["outcome"].iloc[place] or "").replace("_", " ")
            ax.annotate(
                outcome,
                (first, workers.index(who) - 0.3),
                (1, 1),
                textcoords="offset points",
                fontsize="x-small",
            )
    ax.set_yticks(range(len(workers)), [style.short(who) for who in workers])
    ax.invert_yaxis()
    ax.margins(x=0.06, y=0.25)
    if drawn:
        ax.legend(frameon=False, fontsize="small", ncols=4, loc="upper left", bbox_to_anchor=(0, -0.28))
        dates(ax)
    cost = significant(float(rows["cost"].sum()))
    return style.dress(
        ax, f"{task} · {scenario.currency} {cost}", f"local time ({scenario.timezone})", "", grid="x"
    )

"""Charts of one run's spending: the ledger over time, and the burn of a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.costs import LINES
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.figures.times import dates, local_time, naive
from analysis.format import money

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.logs import Blocks
    from sim.scenario import Scenario

EVENTS = {
    "alert": ("^", style.ORANGE, "alert"), "tripped": ("X", style.RED, "spent: calls are refused"),
    "downgraded": ("v", style.PINK, "cheaper roles from here on"),
}  # fmt: skip
"""Shape, colour and words of what a budget did."""


@style.chart
def plot_ledger(log: Blocks, scenario: Scenario, ax: Axes | None = None, size: Size = "notebook") -> Axes:
    """What has been spent by when, stacked by line of the ledger, the largest at the bottom.

    Draws `frames.ledger`.
    """
    from matplotlib.patches import Patch

    from analysis.frames import ledger

    rows = ledger(log, scenario)
    ax = style.new_axes(ax, size)
    x, y = local_time(scenario.timezone, size), f"spent by then ({scenario.currency})"
    if rows.empty:
        return style.dress(style.say_instead(ax, "nothing was spent"), "Ledger over time", x, y, grid="none")
    table = rows.pivot(index="time", columns="line", values="total")
    table = table[table.iloc[-1].sort_values(ascending=False, kind="stable").index]
    times, bottom = naive(table.index.to_series()), table.iloc[:, 0] * 0.0
    handles = []
    for line in table.columns:
        colour, hatch = LINES[str(line)]
        look: dict[str, Any] = {"facecolor": colour, "hatch": hatch, "edgecolor": style.EDGE}
        ax.fill_between(times, bottom, bottom + table[line], linewidth=0.3, **look)
        handles.append(Patch(label=str(line), **look))
        bottom = bottom + table[line]
    ax.set_xlim(times.iloc[0], times.iloc[-1])
    ax.set_ylim(0, 1.06 * float(bottom.iloc[-1]))
    dates(ax, size)
    total = money(float(bottom.iloc[-1]), scenario.currency)
    style.dress(ax, f"Ledger over time: {total} in all", x, y)
    legend(ax, handles)
    return ax


@style.chart
def plot_budget(
    log: Blocks,
    scenario: Scenario,
    budget: str | None = None,
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """What was spent of a guard's budget since its period began, against its limit and the levels of its alerts.

    Of the scenario's first budget unless it is named. Draws `frames.budget`. Raises KeyError for an unknown budget.
    """
    from analysis.frames import budget as frame_of

    x, y = local_time(scenario.timezone, size), f"spent in the period ({scenario.currency})"
    if budget is None and (scenario.guards is None or not scenario.guards.budgets):
        ax = style.say_instead(style.new_axes(ax, size), "no guard has a budget per period")
        return style.dress(ax, "Budget burn", x, y, grid="none")
    rows = frame_of(log, scenario, budget)
    ax, limit, times = style.new_axes(ax, size), rows.attrs["limit"], naive(rows["time"])
    curve = rows["event"] == ""
    for _, part in rows[curve].groupby("period"):
        ax.fill_between(times[part.index], part["spent"], color=style.SKY, alpha=0.4, linewidth=0)
        ax.plot(times[part.index], part["spent"], color=style.BLUE, linewidth=1.1)
    ax.set_ylim(0, 1.12 * max(limit, float(rows["spent"].max())))
    _levels(ax, limit, rows.attrs["alerts"], f"limit\n{money(limit, scenario.currency)}")
    _events(ax, rows, times)
    if not rows["spent"].any():
        style.say_over(ax, "nothing was spent of it")
    ax.set_xlim(times.iloc[0], times.iloc[-1])
    dates(ax, size)
    style.dress(ax, f"Burn of the budget {style.short(rows.attrs['name'])}", x, y, grid="none")
    legend(ax)
    return ax


def _levels(ax: Axes, limit: float, alerts: list[float], told: str) -> None:
    """Lines at the limit and at the alerts, named beside the Axes; an alert too near to what is named is not."""
    ax.axhline(limit, color=style.RED, linewidth=1.2)
    size = 0.76 * style.points()
    look: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "fontsize": size,
        "annotation_clip": False,
    }
    ax.annotate(told, (1, limit), (4, 0), va="center", color=style.RED, **look)
    line = 1.4 * size / (0.75 * 72 * style.height_in(ax)) * ax.get_ylim()[1]
    named = limit - 0.4 * line
    for level in sorted((level for level in alerts if level != limit), reverse=True):
        ax.axhline(level, color=style.FAINT, linewidth=0.8, linestyle="--")
        if named - level >= line:
            ax.annotate(
                f"alert {100 * level / limit:.0f} %", (1, level), (4, 0), va="center", color=style.INK, **look
            )
            named = level


def _events(ax: Axes, rows: pd.DataFrame, times: pd.Series) -> None:
    for event, (shape, colour, told) in EVENTS.items():
        its = rows["event"] == event
        if its.any():
            ax.plot(times[its], rows["spent"][its], shape, color=colour, label=told, markersize=5,
                    markeredgecolor=style.EDGE, markeredgewidth=0.5, clip_on=False)  # fmt: skip

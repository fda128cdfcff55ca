"""Charts of one run's spending: the ledger over time, and the burn of a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.figures.times import dates, naive
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
    x, y = f"local time ({scenario.timezone})", f"spent by then ({scenario.currency})"
    if rows.empty:
        return style.dress(style.say_instead(ax, "nothing was spent"), "Ledger over time", x, y, grid="none")
    table = rows.pivot(index="time", columns="line", values="total")
    table = table[table.iloc[-1].sort_values(ascending=False, kind="stable").index]
    times, bottom = naive(table.index.to_series()), table.iloc[:, 0] * 0.0
    handles = []
    for place, line in enumerate(table.columns):
        hatch = style.HATCHES[place % len(style.HATCHES)]
        look: dict[str, Any] = {"facecolor": style.colour(place), "hatch": hatch, "edgecolor": style.EDGE}
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

    x, y = f"local time ({scenario.timezone})", f"spent in the period ({scenario.currency})"
    if budget is None and (scenario.guards is None or not scenario.guards.budgets):
        ax = style.say_instead(style.new_axes(ax, size), "no guard has a budget per period")
        return style.dress(ax, "Budget burn", x, y, grid="none")
    rows = frame_of(log, scenario, budget)
    ax, limit, times = style.new_axes(ax, size), rows.attrs["limit"], naive(rows["time"])
    curve = rows["event"] == ""
    for _, part in rows[curve].groupby("period"):
        ax.fill_between(times[part.index], part["spent"], color=style.SKY, alpha=0.4, linewidth=0)
        ax.plot(times[part.index], part["spent"], color=style.BLUE, linewidth=1.1)
    _levels(ax, limit, rows.attrs["alerts"], f"limit {money(limit, scenario.currency)}")
    _events(ax, rows, times)
    ax.set_xlim(times.iloc[0], times.iloc[-1])
    ax.set_ylim(0, 1.12 * max(limit, float(rows["spent"].max())))
    dates(ax, size)
    style.dress(ax, f"Burn of the budget {style.short(rows.attrs['name'])}", x, y, grid="none")
    legend(ax)
    return ax


def _levels(ax: Axes, limit: float, alerts: list[float], told: str) -> None:
    ax.axhline(limit, color=style.RED, linewidth=1.2)
    levels = [
        (limit, told, style.RED),
        *((level, f"alert {level / limit:.0%}", style.INK) for level in alerts),
    ]
    for level, text, colour in levels:
        if level != limit:
            ax.axhline(level, color=style.FAINT, linewidth=0.8, linestyle="--")
        back = {
            "facecolor": "white",
            "edgecolor": "none",
            "alpha": 0.0 if level == limit else 0.7,
            "pad": 0.5,
        }
        ax.annotate(text.replace("%", " %"), (0.005, level), (0, 2), xycoords=("axes fraction", "data"),
                    textcoords="offset points", fontsize=0.76 * style.points(), color=colour, bbox=back)  # fmt: skip


def _events(ax: Axes, rows: pd.DataFrame, times: pd.Series) -> None:
    for event, (shape, colour, told) in EVENTS.items():
        its = rows["event"] == event
        if its.any():
            ax.plot(times[its], rows["spent"][its], shape, color=colour, label=told, markersize=5,
                    markeredgecolor=style.EDGE, markeredgewidth=0.5)  # fmt: skip

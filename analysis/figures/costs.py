"""Chart of cost: what a success costs, line by line of the ledger."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.compared import NO_SUCCESS, list_names, records
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.format import significant

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments import Comparison, Replications
    from analysis.frames.compared import Basis

LETTER = 0.57
"""Mean width of a letter over the size of its text."""
LINES = {
    "inference": (style.BLUE, ""), "tools": (style.SKY, "//"), "human execution": (style.GREEN, "\\\\"),
    "human review": (style.PINK, ".."), "rework": (style.ORANGE, "xx"), "sandbox": (style.SKY, "--"),
    "verification": (style.RED, "++"), "correction": (style.RED, "oo"), "platform": (style.GREY, ""),
    "paid hours, worked": (style.GREEN, "\\\\"), "paid hours, idle": (style.PALE, "//"),
    "damage of wrong deliveries": ("white", "xxx"),
}  # fmt: skip
"""Colour and hatch of every line of cost, the same in all charts."""
OUTLINED = "damage of wrong deliveries"
"""What nobody spends: not filled, in an outline and a hatch of its own colour."""
TITLES = {
    "worked": "What a success costs by minutes worked",
    "paid": "What a success costs by hours paid",
}
"""Which people's time is in the bars."""


@style.chart
def plot_cost_breakdown(
    result: Comparison | Replications,
    basis: Basis | None = None,
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """What a success costs, by line of the ledger, stacked for each variant, with the sum and its 95 % interval.

    People cost the minutes they work (`worked`) or the hours they are paid, idle ones too (`paid`): what the decision
    ranks on, unless `basis` is given. Where the decision counts the damage of wrong deliveries, that is the last part,
    in outline since nobody spends it, and the sum is what the decision ranks on. Draws `frames.cost_breakdown`, and for
    the sums `frames.comparison`.
    """
    from analysis.frames import comparison, cost_breakdown

    rows = cost_breakdown(result, basis)
    title = TITLES[rows.attrs["basis"]]
    names, lines = list(dict.fromkeys(rows["variant"])), list(dict.fromkeys(rows["line"]))
    if not lines:
        ax = style.say_instead(style.new_axes(ax, size), "nothing was spent")
        return style.dress(ax, title, "", "", grid="none")
    title += ", damage included" if OUTLINED in lines else ""
    table = rows.pivot(index="variant", columns="line", values="value").loc[names, lines]
    sums = comparison(result, rows.attrs["metric"])
    is_defined = bool(sums["value"].notna().any())
    keys = ceil(len(lines) / (2 if size == "print" else 3)) if is_defined else 0
    ax = style.new_axes(ax, size, style.height_of(size, len(names) + 1 + 0.5 * keys))
    list_names(ax, names, size)
    highest = sums[["value", "high"]].max().max()
    ax.set_xlim(0, 1.16 * (float(highest) if highest > 0 else 1.0))
    _stacked(ax, table, sums["low"].fillna(sums["value"]).tolist())
    _sums(ax, sums)
    if not is_defined:
        ax.set_xticks([])
    style.dress(ax, f"{title}, {style.intervals(sums['low'])}", str(rows["unit"].iloc[0]), "", grid="x")
    if is_defined:
        legend(ax, handles=ax.containers)
    return ax


def _stacked(ax: Axes, table: pd.DataFrame, lows: list[float]) -> None:
    """Draws the parts, with their numbers where they fit before the interval; a part that is the whole has none."""
    ends = [0.0] * len(table)
    are_several = [(values > 0.01 * values.sum()).sum() > 1 for _, values in table.iterrows()]
    for line in table.columns:
        values, (filling, hatch) = table[line].fillna(0.0).tolist(), LINES[line]
        ax.barh(
            range(len(table)), values, left=ends, height=0.6, label=line, color=filling, linewidth=0.6, hatch=hatch,
            edgecolor=style.RED if line == OUTLINED else style.EDGE,
        )  # fmt: skip
        back = {"facecolor": filling, "edgecolor": "none", "pad": 0.8}
        for number, value in enumerate(values):
            room = min(ends[number] + value, lows[number]) - ends[number]
            if are_several[number] and _fits(ax, room, significant(value)):
                ax.text(ends[number] + room / 2, number, significant(value), ha="center", va="center", bbox=back,
                        fontsize=0.8 * style.points(), color=style.ink_on(filling))  # fmt: skip
        ends = [end + value for end, value in zip(ends, values, strict=True)]


def _sums(ax: Axes, sums: pd.DataFrame) -> None:
    """The whole of each bar at its end, with its interval."""
    for place, row in enumerate(records(sums)):
        value, is_known = row["value"], row["value"] == row["value"]
        if row["low"] == row["low"]:
            ax.plot(
                [row["low"], row["high"]],
                [place, place],
                color=style.INK,
                linewidth=1.0,
                marker="|",
                markersize=4,
            )
        end = max(edge for edge in (value, row["high"], 0.0) if edge == edge)
        ax.annotate(significant(value) if is_known else NO_SUCCESS, (end, place), (4, 0), textcoords="offset points",
                    va="center", fontsize="small", color=style.INK)  # fmt: skip


def _fits(ax: Axes, value: float, text: str) -> bool:
    """Whether a text fits into a part of that length."""
    return value / ax.get_xlim()[1] * style.width_of(ax) > LETTER * 0.8 * style.points() * len(text) + 6

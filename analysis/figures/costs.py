"""Chart of cost: what a success costs, line by line of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.compared import NO_SUCCESS, list_names
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.format import significant

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments import Comparison, Replications

LETTER = 0.57
"""Mean width of a letter over the size of its text."""


@style.chart
def plot_cost_breakdown(
    result: Comparison | Replications, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """What a success costs, by line of the ledger, stacked for each variant, the sum at the end.

    Parts are named where they are wide enough, the others below. Draws `frames.cost_breakdown`.
    """
    from analysis.frames import cost_breakdown

    rows = cost_breakdown(result)
    names, lines = list(dict.fromkeys(rows["variant"])), list(dict.fromkeys(rows["line"]))
    if not lines:
        ax = style.say_instead(style.new_axes(ax, size), "nothing was spent")
        return style.dress(ax, "What a success costs", "", "", grid="none")
    ax = style.new_axes(ax, size, style.height_of(size, len(names) + 1))
    table = rows.pivot(index="variant", columns="line", values="value").loc[names, lines]
    sums = table.sum(axis=1, skipna=False)
    list_names(ax, names, size)
    ax.set_xlim(0, 1.16 * (float(sums.max()) if sums.max() > 0 else 1.0))
    named = _stacked(ax, table)
    for place, total in enumerate(sums):
        told = NO_SUCCESS if total != total else significant(total)
        ax.annotate(told, (0 if total != total else total, place), (4, 0), textcoords="offset points", va="center",
                    fontsize="small", color=style.INK)  # fmt: skip
    if sums.isna().all():
        ax.set_xticks([])
    style.dress(ax, "What a success costs", str(rows["unit"].iloc[0]), "", grid="x")
    parts = [bars for bars in ax.containers if bars.get_label() not in named and sums.notna().any()]
    if parts:
        legend(ax, handles=parts)
    return ax


def _stacked(ax: Axes, table: pd.DataFrame) -> set[str]:
    """Draws the parts and gives the lines that could be named inside a bar."""
    ends, named = [0.0] * len(table), set()
    for place, line in enumerate(table.columns):
        values, filling = table[line].fillna(0.0).tolist(), style.colour(place)
        ax.barh(
            range(len(table)), values, left=ends, height=0.6, label=line, color=filling, linewidth=0.6,
            hatch=style.HATCHES[place % len(style.HATCHES)], edgecolor=style.EDGE,
        )  # fmt: skip
        for number, value in enumerate(values):
            if _fits(ax, value, f"{line} {significant(value)}"):
                text = f"{line} {significant(value)}"
                named.add(line)
            elif _fits(ax, value, significant(value)) and value:
                text = significant(value)
            else:
                continue
            back = {"facecolor": filling, "edgecolor": "none", "pad": 0.8}
            ax.text(ends[number] + value / 2, number, text, ha="center", va="center", bbox=back,
                    fontsize=0.8 * style.points(), color=style.ink_on(filling))  # fmt: skip
        ends = [end + value for end, value in zip(ends, values, strict=True)]
    return named


def _fits(ax: Axes, value: float, text: str) -> bool:
    """Whether a text fits into a part of that length."""
    return value / ax.get_xlim()[1] * style.width_of(ax) > LETTER * 0.8 * style.points() * len(text) + 6

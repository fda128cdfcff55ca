"""Chart of cascade failure risk: from the parts of a chain, of the chain, and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.compared import records
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.format import share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.experiments import Comparison, Replications

RISK_WORDS = {
    "cfr_analytic": "analytic: from each stage's own risk",
    "cfr_chain": "chain: a defect of an agent",
    "cfr_delivered": "delivered: wrong or failed at the end",
}
APART = 0.27
"""How far the risks of one variant stand apart, in lines."""


@style.chart
def plot_cfr(result: Comparison | Replications, ax: Axes | None = None, size: Size = "notebook") -> Axes:
    """The three cascade failure risks of each variant with 95 % intervals: the gaps between them are the finding.

    Draws `frames.cfr`.
    """
    from analysis.frames import cfr

    rows = cfr(result)
    names = list(dict.fromkeys(rows["variant"]))
    ax = style.new_axes(ax, size, style.height_of(size, 1.25 * len(names) + 1.5))
    highest = rows[["value", "high"]].max().max()
    ax.set_xlim(0, 100 * 1.13 * (highest if highest > 0 else 0.01))
    for place, (risk, told) in enumerate(RISK_WORDS.items()):
        colour, label = style.colour(place), told
        for number, row in enumerate(records(rows[rows["risk"] == risk])):
            height, value = number + (place - 1) * APART, 100 * row["value"]
            end = 100 * row["high"] if row["high"] == row["high"] else value
            if row["low"] == row["low"]:
                ax.plot([100 * row["low"], end], [height, height], color=colour, linewidth=2)
            ax.plot(value, height, style.marker(place), color=colour, label=label, linestyle="none",
                    clip_on=False)  # fmt: skip
            label = ""
            text = share(row["value"]) if value == value else "undefined: no agent"
            at = end if value == value else 0.0
            ax.annotate(text, (at, height), (6, 0), textcoords="offset points", va="center",
                        fontsize=0.76 * style.points(), color=colour if value == value else style.FAINT)  # fmt: skip
    ax.set_yticks(range(len(names)), style.shorts(names, size))
    ax.set_ylim(len(names) - 0.45, -0.55)
    style.dress(ax, f"Cascade failure risk, {style.intervals(rows['low'])}", "tasks (%)", "", grid="x")
    legend(ax)
    return ax

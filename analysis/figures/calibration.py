"""Chart of calibration: how often outputs are right against how sure the agent was."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.legends import note
from analysis.figures.style import Size
from analysis.format import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.logs import Blocks
    from sim.scenario import Scenario

MOST_SURE = 80.0
"""Per cent from which on most points are, and large ones."""


@style.chart
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
    title = f"Is {style.short(role, 20)} as right as it says?" if role else "Are agents as right as they say?"
    x, y = "stated confidence, mean of the band (%)", "right, with 95 % interval (%)"
    if rows.empty:
        style.say_instead(ax, "no attempt stated a confidence")
        return style.dress(ax, title, x, y, grid="none")
    ax.plot([0, 100], [0, 100], color=style.FAINT, linewidth=0.9, linestyle="--")
    stated, right = 100 * rows["stated"], 100 * rows["right"]
    _regions(ax, stated.tolist())
    ax.vlines(stated, 100 * rows["right_low"], 100 * rows["right_high"], color=style.BLUE, linewidth=1.4)
    areas = 14 + 110 * rows["count"] / rows["count"].max()
    ax.scatter(
        stated, right, s=areas, color=style.BLUE, zorder=3, edgecolors="white", linewidths=0.6, clip_on=False
    )
    told = [
        f"{name} undefined" if value != value else f"{name} {value:.3f}"
        for name, value in (("ECE", rows.attrs["ece"]), ("AUROC", rows.attrs["auroc"]))
    ]
    number = int(rows["count"].sum())
    told.append(f"{count(number)} first attempts" if number != 1 else "one first attempt")
    told += ["larger: more of them"] if len(rows) > 1 else []
    ax.set(xlim=(0, 101), ylim=(0, 101))
    style.dress(ax, title, x, y, grid="both")
    note(ax, " · ".join(told))
    return ax


def _regions(ax: Axes, stated: list[float]) -> None:
    """What it means to be on the diagonal, said where no point is near, above it, and below."""
    from matplotlib.transforms import ScaledTranslation

    gaps = [
        (after - before, (before + after) / 2) for before, after in pairwise([0.0, *sorted(stated), 100.0])
    ]
    middle, figure = (
        max(gap for gap in gaps if gap[1] < MOST_SURE or gap is gaps[0])[1],
        ax.get_figure(root=True),
    )
    assert figure is not None
    above = ax.transData + ScaledTranslation(0, 3 / 72, figure.dpi_scale_trans)
    ax.text(middle, middle, "calibrated", rotation=45, transform_rotates_text=True, rotation_mode="anchor",
            ha="center", transform=above, color=style.FAINT, fontsize="small")  # fmt: skip
    look: dict[str, Any] = {"color": style.FAINT, "fontsize": "small", "textcoords": "offset points"}
    ax.annotate("underconfident", (0, 100), (4, -2), va="top", **look)
    ax.annotate("overconfident", (100, 0), (-4, 4), ha="right", **look)

"""Chart of defects: born, inherited, caught and escaped through the stages of a workflow."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.compared import records
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.format import count

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments import Replications

PARTS = {
    "inherited": ("inherited", style.SKY, ""), "born": ("first born here", style.ORANGE, "//"),
    "passed_on": ("passed on", style.SKY, ""), "caught": ("caught here", style.GREEN, ".."),
    "escaped": ("escaped: delivered wrong", style.RED, "xx"),
}  # fmt: skip
"""What part of the defects is in hand: words, colour, hatch."""
COMING, LEAVING = ("inherited", "born"), ("passed_on", "caught", "escaped")
HALF = 0.26
"""Width of what comes into a stage, and of what leaves it, where stages are 1 apart."""
SLANTED = 2.1
"""Width that a slanted name takes from its neighbours, over the size of the text."""


@style.chart
def plot_defect_flow(
    result: Replications,
    type_id: str | None = None,
    ax: Axes | None = None,
    size: Size = "notebook",
    variant: str = "",
) -> Axes:
    """Where defects are born, how they travel from stage to stage, and where they are caught or escape.

    Each stage has two bars of the same height: what comes in or is born, and what becomes of it. Of one task type:
    the one with most defects unless it is named. `variant` is what the title calls the result, as in a comparison.
    Draws `frames.defects_by_stage`, which adds up `frames.defect_flow`. Raises KeyError for an unknown type.
    """
    from analysis.frames import defects_by_stage

    rows = defects_by_stage(result.tallies, type_id)
    about, total = rows.attrs, int((rows["inherited"] + rows["born"]).max())
    ax = style.new_axes(ax, size)
    kind = style.short(str(about["type"]), 12 if size == "print" else 20)
    lead = f"{style.shorts([variant], size)[0]}: defects" if variant else "Defects"
    title = (
        f"{lead} of {count(about['tasks'])} {kind} {'task' if about['tasks'] == 1 else 'tasks'} on their way"
    )
    if not total:
        style.say_instead(ax, "no defect was born")
        return style.dress(ax, title, "stage", "defects", grid="none")
    ax.set_ylim(0, 1.06 * total)
    _stages(ax, rows, size)
    for place, row in enumerate(records(rows)):
        _bar(ax, row, COMING, place - HALF)
        _bar(ax, row, LEAVING, place)
        if row["passed_on"]:
            ax.fill_between([place + HALF, place + 1 - HALF], 0, row["passed_on"], color=style.SKY, alpha=0.35,
                            linewidth=0)  # fmt: skip
    label = "stage: what comes in | what becomes of it"
    if about["found_by_clients"]:
        label += f"\nclients found {count(about['found_by_clients'])} of the escaped later"
    style.whole_numbers(ax)
    style.dress(ax, title, label, "defects", grid="y")
    _legend(ax, rows)
    return ax


def _bar(ax: Axes, row: dict[str, int], parts: tuple[str, ...], left: float) -> None:
    """One bar of parts that stand on each other, with their numbers where they fit."""
    end = 0
    for part in parts:
        _, colour, hatch = PARTS[part]
        if row[part]:
            ax.bar(left, row[part], HALF, bottom=end, align="edge", color=colour, hatch=hatch, edgecolor=style.EDGE,
                   linewidth=0.6)  # fmt: skip
        _number(ax, row[part], (left + HALF / 2, end + row[part] / 2), colour)
        end += row[part]


def _number(ax: Axes, value: int, middle: tuple[float, float], colour: str) -> None:
    """A part's number, upright where the bar is too narrow, left out where the part is too small."""
    size, text = 0.72 * style.points(), count(value)
    (left, right), (_, top) = ax.get_xlim(), ax.get_ylim()
    across = style.width_of(ax) * HALF / (right - left)
    up = 0.7 * 72 * style.height_in(ax) * value / top
    length = 0.62 * size * len(text) + 2
    if not value or up < 1.3 * size or across < 1.3 * size or (length > across and length > up):
        return
    ax.text(*middle, text, ha="center", va="center", rotation=90 if length > across else 0, fontsize=size,
            color=style.ink_on(colour), bbox={"facecolor": colour, "edgecolor": "none", "pad": 0.6})  # fmt: skip


def _stages(ax: Axes, rows: pd.DataFrame, size: Size) -> None:
    """Names under the bars: slanted where they are too long to stand side by side, some alone if they are too many."""
    room = style.width_of(ax) / max(len(rows), 3)
    names = style.shorts(list(rows["stage"]), size)
    is_wide = max(map(len, names)) * 0.5 * style.points() * 0.84 > room
    step = ceil(SLANTED * style.points() / room) if is_wide else 1
    ax.set_xticks(
        range(0, len(names), step), names[::step], rotation=30 if is_wide else 0, rotation_mode="anchor",
        ha="right" if is_wide else "center", va="center" if is_wide else "top",
    )  # fmt: skip
    missing = max(3 - len(names), 0) / 2
    ax.set_xlim(-0.45 - missing, len(names) - 0.55 + missing)


def _legend(ax: Axes, rows: pd.DataFrame) -> None:
    from matplotlib.patches import Patch

    shown = [part for part in ("inherited", "born", "caught", "escaped") if rows[part].any()]
    handles = []
    for part in shown:
        word, colour, hatch = PARTS[part]
        word = "inherited, passed on" if part == "inherited" else word
        handles.append(Patch(facecolor=colour, hatch=hatch, edgecolor=style.EDGE, label=word))
    legend(ax, handles)

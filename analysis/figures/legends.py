"""Legends: what colours, shapes and shades mean, beside what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from analysis.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def legend(ax: Axes, handles: Sequence[Any] = (), extra: float = 0.0) -> None:
    """What the colours and shapes mean, between title and Axes, in as many columns as fit into the width.

    Of what is drawn with a label, or of the handles given; `extra` lines above the Axes are left free, without a key
    too. Comes after `dress`.
    """
    from matplotlib.transforms import ScaledTranslation

    shown, texts = ax.get_legend_handles_labels()
    if handles:
        shown, texts = list(handles), [str(handle.get_label()) for handle in handles]
    size, columns = 0.84 * style.points(), len(texts)
    if not texts:
        if extra:
            _lift_title(ax, size * extra)
        return
    while columns > 1 and _legend_width(texts, columns) > style.width_of(ax):
        columns -= 1
    figure = ax.get_figure(root=True)
    assert figure is not None
    above = ax.transAxes + ScaledTranslation(0, (4 + extra * size) / 72, figure.dpi_scale_trans)
    ax.legend(
        shown, texts, loc="lower left", bbox_to_anchor=(0, 1), bbox_transform=above, ncols=columns, frameon=False,
        fontsize=size, borderaxespad=0, borderpad=0, handlelength=1.4, columnspacing=1.2, labelspacing=0.3,
        labelcolor=style.INK,
    )  # fmt: skip
    _lift_title(ax, size * (extra + 1.4 * -(-len(texts) // columns)))


def _lift_title(ax: Axes, points: float) -> None:
    """Leaves so much room between title and Axes, and some more."""
    ax.set_title(ax.get_title(loc="left"), loc="left", fontsize="medium", color=style.INK, pad=8 + points)


def _legend_width(texts: Sequence[str], columns: int) -> float:
    """Points: matplotlib fills column by column, the first ones with one more, and each is as wide as its longest."""
    rows, more = divmod(len(texts), columns)
    ends = [place * rows + min(place, more) for place in range(columns + 1)]
    longest = [max(map(len, texts[first:last])) for first, last in pairwise(ends)]
    return 0.5 * style.points() * sum(longest) + 3.0 * style.points() * columns


def note(ax: Axes, text: str) -> int:
    """A remark between title and Axes, in as many lines as it needs, which it counts. Comes after `dress`."""
    size, text = 0.84 * style.points(), style.wrapped(ax, text, 0.84 * 0.57)
    ax.annotate(
        text,
        (0, 1),
        (0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=size,
        color=style.INK,
    )
    lines = text.count("\n") + 1
    _lift_title(ax, 1.4 * size * lines)
    return lines


def colour_bar(ax: Axes, picture: Any, label: str) -> None:
    """The scale of a heat map's colours, to the right of it."""
    figure = ax.get_figure()
    assert figure is not None
    low, high = picture.get_clim()
    bar = figure.colorbar(picture, ax=ax, pad=0.02, fraction=0.06)
    bar.set_label(label, color=style.INK)
    bar.outline.set_visible(False)
    if low == high:  # matplotlib has made a range of it
        bar.set_ticks([low])
    style.write_out(bar.ax.yaxis)
    bar.ax.tick_params(labelsize=0.84 * style.points(), length=3, color=style.FAINT)

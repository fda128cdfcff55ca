"""How charts look: colours, shapes, sizes, axes with units, and the same SVG bytes every time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A7A7A")
"""Colours of series in order: those of Okabe and Ito that are dark enough on white, then grey; told apart by
colour-blind people too."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Shapes of series in order, so that no series is known by its colour alone."""
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "+++")
"""Fillings of stacked parts in order."""
INK, FAINT, SHADE = "#222222", "#8A8A8A", "#EEF1F4"
"""Text and chosen things; grids and what is dominated; areas behind the data such as shifts."""
HEAT = "cividis"
"""Colour map of heat maps: even in lightness, the same for colour-blind people."""
Size = Literal["notebook", "report", "print"]
SIZES: dict[Size, tuple[float, float]] = {"notebook": (7.0, 4.2), "report": (6.4, 3.6), "print": (3.4, 2.6)}
"""Width and height in inches."""
LONGEST_NAME = 28
"""Letters of a name that fit beside a chart."""


def new_axes(ax: Axes | None, size: Size = "notebook", height: float | None = None) -> Axes:
    """The Axes given, or those of a new figure of this size; `height` in inches for long lists."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    width, usual = SIZES[size]
    figure, made = pyplot.subplots(figsize=(width, usual if height is None else height), layout="constrained")
    figure.set_dpi(120)
    return made


def dress(ax: Axes, title: str, x: str, y: str, grid: Literal["x", "y", "both", "none"] = "y") -> Axes:
    """Gives Axes their title and labels, each with its unit, and takes away ink that says nothing."""
    ax.set_title(plain(title), loc="left", fontsize="medium", color=INK)
    ax.set_xlabel(plain(x), color=INK)
    ax.set_ylabel(plain(y), color=INK)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(colors=INK, labelsize="small")
    ax.set_axisbelow(True)
    if grid != "none":
        ax.grid(axis=grid, color=FAINT, alpha=0.25, linewidth=0.6)
    return ax


def say_instead(ax: Axes, text: str) -> Axes:
    """Says in the middle of the Axes why there is nothing to draw."""
    ax.text(0.5, 0.5, plain(text), transform=ax.transAxes, ha="center", va="center", color=INK, wrap=True)
    return ax


def plain(text: str) -> str:
    """A text that matplotlib does not read as a formula."""
    return text.replace("$", r"\$")


def short(name: str, longest: int = LONGEST_NAME) -> str:
    """A name that fits, with an ellipsis in place of its end, and without line breaks."""
    line = " ".join(name.split())
    return plain(line if len(line) <= longest else line[: longest - 1].rstrip() + "…")


def colour(place: int) -> str:
    """The colour of the series at this place; they repeat after the last."""
    return COLOURS[place % len(COLOURS)]


def marker(place: int) -> str:
    """The shape of the series at this place; they repeat after the last."""
    return MARKERS[place % len(MARKERS)]


def svg(figure: Figure) -> str:
    """The figure as SVG with text as text; the same figure gives the same bytes."""
    import matplotlib

    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "workforce", "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()

"""How charts look: colours, shapes, sizes, axes with units, and the same SVG bytes every time."""

from __future__ import annotations

import inspect
import io
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, ParamSpec

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A7A7A")
"""Colours of series in order: those of Okabe and Ito that are dark enough on white, then grey; told apart by
colour-blind people too."""
BLUE, RED, GREEN, PINK, ORANGE, SKY, GREY = COLOURS
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Shapes of series in order, so that no series is known by its colour alone."""
HATCHES = ("", "//", "\\\\", "..", "xx", "--", "++", "oo")
"""Fillings of stacked parts in order."""
INK, FAINT, PALE, SHADE = "#222222", "#8A8A8A", "#C9CED3", "#EEF1F4"
"""Text and chosen things; grids and what is dominated; what is idle, lighter than the colours of series even to eyes
that see green as grey; areas behind the data such as shifts."""
EDGE = (1.0, 1.0, 1.0, 0.6)
"""Edges and hatches of filled parts."""
HEAT = "cividis_r"
"""Colour map of heat maps: even in lightness, the same for colour-blind people; light for little."""
LOAD = "Blues"
"""Colour map of what is busy: almost white for idle."""
Size = Literal["notebook", "report", "print"]
SIZES: dict[Size, tuple[float, float]] = {"notebook": (7.0, 4.2), "report": (5.2, 3.1), "print": (3.4, 2.6)}
"""Width and height in inches. A report's pictures are as wide as half of its page on a screen, about; on paper they are
made two thirds of that, with text that still reads."""
POINTS: dict[Size, float] = {"notebook": 10.0, "report": 9.5, "print": 7.5}
"""Size of the text in points."""
LONGEST_NAME: dict[Size, int] = {"notebook": 28, "report": 22, "print": 16}
"""Letters of a name that fit beside a chart."""

USUAL_WIDTH = 0.775
"""Share of a figure that matplotlib gives to its Axes before it is laid out."""

USUAL_HEIGHT = 0.77
"""The same of its height."""

NARROW = 260.0
"""Points of width below which an axis of numbers has few of them."""

TICK_LETTER, TICK_GAP = 0.62, 1.4
"""Width of a digit beside a tick over the size of its text, and that of the room between two numbers."""

Drawn = ParamSpec("Drawn")


def chart(draw: Callable[Drawn, Axes]) -> Callable[Drawn, Axes]:
    """Draws with text of the chosen size and thin hatches, and leaves matplotlib's settings as they were."""

    @wraps(draw)
    def drawn(*positional: Drawn.args, **named: Drawn.kwargs) -> Axes:
        given = inspect.signature(draw).bind(*positional, **named).arguments
        size: Size = given.get("size", "notebook")
        if size not in SIZES:
            raise ValueError(f"no size {size!r}; there are {', '.join(SIZES)}")
        settings: Any = {
            "font.size": POINTS[size], "hatch.linewidth": 0.5, "lines.markersize": 0.55 * POINTS[size],
            "lines.linewidth": 0.13 * POINTS[size],
        }  # fmt: skip
        with _settings_for_now(settings):
            return draw(*positional, **named)

    return drawn


@contextmanager
def _settings_for_now(settings: dict[str, Any]) -> Iterator[None]:
    """Some of matplotlib's settings for a while.

    Not `rc_context`, which would also take back what a notebook's backend sets when the first chart wakes it: later
    charts would not be shown.
    """
    import matplotlib

    current: Any = matplotlib.rcParams
    before = {name: current[name] for name in settings}
    current.update(settings)
    try:
        yield
    finally:
        current.update(before)


def new_axes(ax: Axes | None, size: Size = "notebook", height: float | None = None) -> Axes:
    """The Axes given, or those of a new figure of this size; `height` in inches for long lists.

    A figure for a notebook is pyplot's, which shows it there; the others belong to nobody but their Axes.
    """
    if ax is not None:
        return ax
    width, usual = SIZES[size]
    inches = (width, usual if height is None else height)
    if size == "notebook":
        from matplotlib import pyplot

        figure = pyplot.figure(figsize=inches, layout="constrained", dpi=120)
    else:
        from matplotlib.figure import Figure

        figure = Figure(figsize=inches, layout="constrained", dpi=200 if size == "print" else 120)
    return figure.subplots()


def height_of(size: Size, lines: float) -> float:
    """Inches of a chart that lists this many lines: those of the size, or what the list needs."""
    each = 0.036 * POINTS[size]
    return min(max(SIZES[size][1] * 0.75, 1.3 + each * lines), 12.0)


def dress(ax: Axes, title: str, x: str, y: str, grid: Literal["x", "y", "both", "none"] = "y") -> Axes:
    """Gives Axes their title and labels, each with its unit, and takes away ink that says nothing."""
    ax.set_title(wrapped(ax, title), loc="left", fontsize="medium", color=INK)
    # Beside the date at the right end of an axis of time there is room on the left alone.
    is_time = type(ax.xaxis.get_major_formatter()).__name__ == "ConciseDateFormatter"
    ax.set_xlabel(x, color=INK, loc="left" if is_time else "center")
    ax.set_ylabel(y, color=INK)
    for axis in (ax.xaxis, ax.yaxis):
        if type(axis.get_major_formatter()).__name__ == "ScalarFormatter":
            write_out(axis)
    _keep_apart(ax)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.tick_params(colors=INK, labelsize=0.84 * points(), color=FAINT, length=3)
    ax.set_axisbelow(True)
    if grid != "none":
        ax.grid(axis=grid, color=FAINT, alpha=0.25, linewidth=0.6)
    return ax


def write_out(axis: Axis) -> None:
    """Numbers beside ticks without exponents: thousands set apart, and as many decimals as they have."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(_written_out))


def _written_out(number: float, _: int | None = None) -> str:
    return f"{number:z,.10f}".rstrip("0").removesuffix(".").replace("-", "\u2212")


def _keep_apart(ax: Axes) -> None:
    """Fewer numbers below an axis that is narrow or whose numbers are long."""
    from matplotlib.ticker import MaxNLocator

    if type(ax.xaxis.get_major_locator()).__name__ != "AutoLocator":
        return
    longest = max(len(_written_out(tick)) for tick in ax.get_xticks())
    room = int(width_of(ax) / (0.84 * points() * (TICK_LETTER * longest + TICK_GAP)))
    most = max(min(room, 4) if width_of(ax) < NARROW else room, 2)
    if most < len(ax.get_xticks()) - 1:
        # With room to spare rather one number too many than two alone.
        fewest = 3 if room > 5 else 2
        ax.xaxis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], min_n_ticks=fewest))


def none_above(axis: Axis, most: float) -> None:
    """Takes away the ticks above the largest value that there can be, where an axis goes on to leave room."""
    from matplotlib.ticker import FixedLocator

    if isfinite(most):
        axis.set_major_locator(
            FixedLocator([tick for tick in axis.get_ticklocs() if tick <= most * (1 + 1e-9)])
        )


def wrapped(ax: Axes, title: str, letter: float = 0.59) -> str:
    """A title in as many lines as it needs to stay on the page; `letter` is a mean width over the size of text."""
    lines = textwrap.wrap(title.replace(" %", "\u00a0%"), max(int(width_of(ax) / (letter * points())), 20))
    return "\n".join(lines).replace("\u00a0", " ")


def intervals(lows: pd.Series) -> str:
    """What a title says of the intervals in the chart; one replication has none."""
    return "no intervals" if lows.isna().all() else "with 95 % intervals"


def points() -> float:
    """The size of ordinary text within the chart that is drawn."""
    import matplotlib

    return float(matplotlib.rcParams["font.size"])


def width_of(ax: Axes) -> float:
    """Width of the Axes in points, about: the figure less the names and numbers to their left."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    share = ax.get_position().width / USUAL_WIDTH
    names = max((len(tick.get_text()) for tick in ax.get_yticklabels()), default=0)
    left = max((0.48 * names + (1.6 if ax.get_ylabel() else 0.0)) * points(), 4.2 * points())
    return max(float(72 * figure.get_figwidth() * share - left), 72.0)


def height_in(ax: Axes) -> float:
    """Height of the Axes' part of the figure in inches."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return float(figure.get_figheight() * ax.get_position().height / USUAL_HEIGHT)


def say_instead(ax: Axes, text: str) -> Axes:
    """Says in the middle of the Axes why there is nothing to draw, and takes away their ticks."""
    ax.set(xticks=[], yticks=[])
    return say_over(ax, text)


def say_over(ax: Axes, text: str) -> Axes:
    """Says in the middle of the Axes why nothing can be seen there."""
    back = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 2.0}
    ax.text(
        0.5,
        0.5,
        plain(text),
        transform=ax.transAxes,
        ha="center",
        va="center",
        color=INK,
        wrap=True,
        bbox=back,
    )
    return ax


def whole_numbers(ax: Axes) -> None:
    """Ticks of the y axis for what is counted: no fractions."""
    from matplotlib.ticker import MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def plain(text: str) -> str:
    """A text that matplotlib does not read as a formula, without line breaks."""
    return " ".join(text.split()).replace("$", r"\$")


def short(name: str, longest: int = LONGEST_NAME["notebook"]) -> str:
    """A name that fits, with an ellipsis in place of its end, and without line breaks."""
    line = " ".join(name.split())
    return plain(line if len(line) <= longest else line[: longest - 1].rstrip() + "…")


def shorts(names: Sequence[str], size: Size) -> list[str]:
    """Names that fit at this size.

    Those that would look the same get the ellipsis in their middle instead of at their end, and those that still would
    begin where they differ.
    """
    longest = LONGEST_NAME[size]
    found = [short(name, longest) for name in names]
    alike = _alike(names, found)
    found = [
        _middle(name, longest) if len(alike[text]) > 1 and len(name) > longest else text
        for name, text in zip(names, found, strict=True)
    ]
    alike = _alike(names, found)
    return [
        _difference(name, longest, alike[text]) if len(alike[text]) > 1 and len(name) > longest else text
        for name, text in zip(names, found, strict=True)
    ]


def _alike(names: Sequence[str], texts: Sequence[str]) -> dict[str, list[str]]:
    """The names, each once, that look like each text."""
    found: dict[str, dict[str, None]] = {text: {} for text in texts}
    for name, text in zip(names, texts, strict=True):
        found[text][name] = None
    return {text: list(those) for text, those in found.items()}


def _middle(name: str, longest: int) -> str:
    line = " ".join(name.split())
    head = (longest - 1) // 2
    return plain(f"{line[:head].rstrip()}…{line[len(line) - (longest - 1 - head) :].lstrip()}")


def _difference(name: str, longest: int, alike: Sequence[str]) -> str:
    """The name from just before the first letter in which those that look alike differ."""
    shared = next(
        (place for place, letters in enumerate(zip(*alike, strict=False)) if len(set(letters)) > 1), 0
    )
    rest = name[max(shared - 1, 0) :]
    return "…" + (plain(rest) if len(rest) < longest else _middle(rest, longest - 1))


def colour(place: int) -> str:
    """The colour of the series at this place; they repeat after the last."""
    return COLOURS[place % len(COLOURS)]


def marker(place: int) -> str:
    """The shape of the series at this place; with its colour it repeats after 49 series."""
    return MARKERS[(place + place // len(MARKERS)) % len(MARKERS)]


def ink_on(shade: Any) -> str:
    """Black or white, whichever reads better on a colour (relative luminance of WCAG 2)."""
    from matplotlib.colors import to_rgb

    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(shade)]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return INK if luminance > 0.3 else "white"


def svg(figure: Figure) -> str:
    """The figure as SVG with text as text; the same figure gives the same bytes."""
    import matplotlib

    text = io.StringIO()
    settings: Any = {"svg.hashsalt": "workforce", "svg.fonttype": "none"}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # The reader's fonts have letters that ours lack.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()

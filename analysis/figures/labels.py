"""Labels beside points: which points are one to the eye, and texts that keep off each other and what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from analysis.figures import style
from analysis.figures.spots import Point

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LETTER = 0.58
"""Mean width of a letter over the size of its text."""
USUAL = 4.5
"""Points from the middle of a shape to its edge."""
SAME = 3.0
"""Points below which two places are one to the eye."""
STEPS = 8
"""Parts of the line between two points that labels keep off one by one."""


def together(ax: Axes, points: Sequence[Point]) -> list[list[int]]:
    """The numbers of points that lie in one place of Axes whose limits are set, place by place."""
    at, found = _on_page(ax, points), list[list[int]]()
    for number, (x, y) in enumerate(at):
        near = (group for group in found if max(abs(x - at[group[0]][0]), abs(y - at[group[0]][1])) < SAME)
        group = next(near, None)
        if group is None:
            found.append([number])
        else:
            group.append(number)
    return found


def label_points(
    ax: Axes,
    points: Sequence[Point],
    texts: Sequence[str],
    crosses: Sequence[tuple[Point, Point]] = (),
    colour: str = style.INK,
    radii: Sequence[float] = (),
) -> None:
    """Names points of Axes whose limits are set; texts are as they are drawn, some in several lines.

    `crosses` are the lower left and the upper right ends of intervals that cross, which labels keep off too; `radii`
    are those of the points' shapes, where they are not the usual ones.

    Each label takes the nearest spot that covers nothing and stays inside, with a line to its point where it is not
    beside it. Spots are found when the page is laid out, just before the labels are drawn.
    """
    from analysis.figures.placing import Labels, placing

    if not points:
        return
    size, radii = 0.84 * style.points(), radii or [USUAL] * len(points)
    labels = []
    for point, text, radius in zip(points, texts, radii, strict=True):
        line = {"arrowstyle": "-", "color": style.FAINT, "linewidth": 0.6, "shrinkA": 0, "shrinkB": radius}
        label = ax.annotate(
            text, point, (radius, radius), textcoords="offset points", fontsize=size, va="bottom", color=colour,
            arrowprops=line, annotation_clip=False, linespacing=1.1,
        )  # fmt: skip
        label.set_in_layout(False)
        labels.append(label)
    ax.add_artist(placing(ax, Labels(labels, radii, crosses)))


def line_with_intervals(rows: pd.DataFrame) -> list[tuple[Point, Point]]:
    """What labels keep off of a line with intervals, as `crosses`: rows of `at`, `value`, `low`, `high`."""
    known = rows.dropna(subset=["value"])
    lows, highs = known["low"].fillna(known["value"]), known["high"].fillna(known["value"])
    found = [((at, low), (at, high)) for at, low, high in zip(known["at"], lows, highs, strict=True)]
    for (a, low), (b, high) in pairwise(zip(known["at"], known["value"], strict=True)):
        for step in range(1, STEPS):
            place = a + (b - a) * step / STEPS, low + (high - low) * step / STEPS
            found.append((place, place))
    return found


def _on_page(ax: Axes, points: Sequence[Point]) -> list[Point]:
    """Where points are, in points of the page, about: before it is laid out."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    place = ax.get_position()
    width, height = 72 * figure.get_figwidth() * place.width, 72 * figure.get_figheight() * place.height
    shares = (ax.transLimits.transform(ax.transScale.transform(point)) for point in points)
    return [(float(x) * width, float(y) * height) for x, y in shares]

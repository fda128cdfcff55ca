"""Labels beside points, moved until they cover neither each other nor a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from analysis.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LETTER = 0.58
"""Mean width of a letter over the size of its text."""
NEAR, FAR = (3.5, 11.5, 23.5, 37.5), 5.0
"""Points between a label and the edge of what it names, tried in this order; from where on a line joins the two."""
USUAL = 4.5
"""Points from the middle of a shape to its edge."""
SAME = 3.0
"""Points below which two places are one to the eye."""
STEPS = 8
"""Parts of the line between two points that labels keep off one by one."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, in points."""

    left: float
    low: float
    right: float
    high: float

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.high, other.high) - max(self.low, other.low)
        return max(width, 0.0) * max(height, 0.0)


Point = tuple[float, float]
"""A place on Axes, as data or in points."""
Spot = tuple[Box, float]
"""A place for a label, and how far it is from its point."""


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

    Each label takes the nearest of some places around its point that covers nothing and stays inside, or else the one
    that covers least. Places are reckoned from the size of the figure, so the same chart is drawn the same everywhere.
    """
    size, at = 0.84 * style.points(), _on_page(ax, points)
    radii = radii or [USUAL] * len(at)
    taken = [Box(x - far, y - far, x + far, y + far) for (x, y), far in zip(at, radii, strict=True)]
    for ends in crosses:
        (left, low), (right, high) = _on_page(ax, ends)
        x, y = (left + right) / 2, (low + high) / 2
        taken += [Box(left - 1, y - 1, right + 1, y + 1), Box(x - 1, low - 1, x + 1, high + 1)]
    spots = [_spots(*point, text, size, radius) for point, text, radius in zip(at, texts, radii, strict=True)]
    for number, (box, near) in enumerate(_chosen(spots, at, taken, _frame(ax))):
        text, (x, y), radius = texts[number], at[number], radii[number]
        line = {"arrowstyle": "-", "color": style.FAINT, "linewidth": 0.6, "shrinkA": 0, "shrinkB": radius}
        # The box is reckoned: its true length may grow away from the point alone.
        side, edge = ("right", box.right) if box.right <= x else ("left", box.left)
        ax.annotate(
            text, points[number], (edge - x, box.low - y), textcoords="offset points", fontsize=size, va="bottom",
            ha=side, color=colour, arrowprops=line if near > FAR else None, annotation_clip=False, linespacing=1.1,
        )  # fmt: skip


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


def _spots(x: float, y: float, text: str, size: float, radius: float) -> list[Spot]:
    """Where a label of a point may stand, the nearest first."""
    lines = text.replace("\\$", "$").split("\n")
    width, height = LETTER * size * max(map(len, lines)), 1.25 * size * len(lines)
    return [(box, near) for near in NEAR for box in _around(x, y, width, height, radius + near)]


def _chosen(
    spots: Sequence[Sequence[Spot]], at: Sequence[Point], taken: Sequence[Box], frame: Box
) -> list[Spot]:
    """A spot for each label: each in its turn takes the best that is left, from the top or from either side."""
    turns = [sorted(range(len(at)), key=key) for key in (
        lambda number: -at[number][1], lambda number: at[number][0], lambda number: -at[number][0],
    )]  # fmt: skip
    found: list[tuple[float, list[Spot]]] = []
    for turn in turns:
        used, chosen, total = list(taken), dict[int, Spot](), 0.0
        for number in turn:
            costs = [_cost(box, near, used, frame) for box, near in spots[number]]
            chosen[number] = spots[number][costs.index(min(costs))]
            used.append(chosen[number][0])
            total += min(costs)
        found.append((total, [chosen[number] for number in range(len(at))]))
    return min(found, key=lambda one: one[0])[1]


def _frame(ax: Axes) -> Box:
    """Where the data of the Axes is on the page, about."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    place = ax.get_position()
    return Box(0.0, 0.0, 72 * figure.get_figwidth() * place.width, 72 * figure.get_figheight() * place.height)


def _on_page(ax: Axes, points: Sequence[Point]) -> list[Point]:
    frame = _frame(ax)
    shares = (ax.transLimits.transform(ax.transScale.transform(point)) for point in points)
    return [(float(x) * frame.right, float(y) * frame.high) for x, y in shares]


def _around(x: float, y: float, width: float, height: float, near: float) -> list[Box]:
    """Right, left, above and below of a point, and between these."""
    lefts = (x + near, x - near - width, x - width / 2)
    lows = (y + 0.6 * near - 2, y - 0.6 * near + 2 - height, y - height / 2)
    corners = [(left, low) for left in lefts[:2] for low in (lows[2], lows[0], lows[1])]
    corners += [(lefts[2], y + near), (lefts[2], y - near - height)]
    return [Box(left, low, left + width, low + height) for left, low in corners]


def _cost(box: Box, near: float, taken: Sequence[Box], frame: Box) -> float:
    area = (box.right - box.left) * (box.high - box.low)
    outside = area - box.overlap(frame)
    return near + 10.0 * (outside + sum(box.overlap(other) for other in taken))

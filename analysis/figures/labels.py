"""Labels beside points, moved until they cover neither each other nor a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTER = 0.58
"""Mean width of a letter over the size of its text."""
NEAR, FAR = (8.0, 16.0, 28.0, 42.0), 10.0
"""Points between a label and what it names, tried in this order; from where on a thin line joins the two."""


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


def label_points(
    ax: Axes, points: Sequence[Point], texts: Sequence[str], crosses: Sequence[tuple[Point, Point]] = ()
) -> None:
    """Names points of Axes whose limits are set; texts are as they are drawn.

    `crosses` are the lower left and the upper right ends of intervals that cross, which labels keep off too.

    Each label takes the nearest of some places around its point that covers nothing and stays inside, or else the one
    that covers least. Places are reckoned from the size of the figure, so the same chart is drawn the same everywhere.
    """
    size = 0.84 * style.points()
    frame, at = _frame(ax), _on_page(ax, points)
    taken = [Box(x - 4.5, y - 4.5, x + 4.5, y + 4.5) for x, y in at]
    for ends in crosses:
        (left, low), (right, high) = _on_page(ax, ends)
        x, y = (left + right) / 2, (low + high) / 2
        taken += [Box(left - 1, y - 1, right + 1, y + 1), Box(x - 1, low - 1, x + 1, high + 1)]
    for number in sorted(range(len(at)), key=lambda place: -at[place][1]):
        text, (x, y) = texts[number], at[number]
        width, height = LETTER * size * len(text.replace("\\$", "$")), 1.25 * size
        places = [(box, near) for near in NEAR for box in _around(x, y, width, height, near)]
        costs = [_cost(box, near, taken, frame) for box, near in places]
        box, near = places[costs.index(min(costs))]
        taken.append(box)
        line = {"arrowstyle": "-", "color": style.FAINT, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 4}
        ax.annotate(
            text, points[number], (box.left - x, box.low - y + 0.2 * size), textcoords="offset points", fontsize=size,
            color=style.INK, arrowprops=line if near > FAR else None, annotation_clip=False,
        )  # fmt: skip


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

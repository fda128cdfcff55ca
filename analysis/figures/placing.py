"""Placing labels: an artist that is drawn as nothing, and puts labels in their spots once the page is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.figures.spots import Box, Named, Point, Spot, spots_for

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

GAP = 1.5
"""Points that are free to the left and to the right of a label; above and below its letters leave room."""


@dataclass
class Labels:
    """Labels of points with what they keep off, and the spots that were found for them last."""

    texts: Sequence[Annotation]
    radii: Sequence[float]
    """Of the points' shapes, in points."""
    crosses: Sequence[tuple[Point, Point]]
    """Lower left and upper right ends of intervals that cross."""
    spots: list[Spot] = field(default_factory=list)
    about: object = None
    """What was on the page when they were found."""

    def place(self, ax: Axes, renderer: Any) -> None:
        """Puts each label into its spot on Axes that have their place on the page."""
        pairs = zip(self.texts, self.radii, strict=True)
        named = [_named(ax, text, radius, renderer) for text, radius in pairs]
        wide, high = ax.bbox.width * _unit(ax), ax.bbox.height * _unit(ax)
        frame = Box(GAP, GAP, wide - GAP, high - GAP)
        if self.about != (named, frame):
            self.about, self.spots = (named, frame), spots_for(named, self._taken(ax), frame)
        for text, one, spot in zip(self.texts, named, self.spots, strict=True):
            _move(text, one, spot)

    def _taken(self, ax: Axes) -> list[Box]:
        """What intervals cover that cross."""
        taken = []
        for ends in self.crosses:
            (left, low), (right, high) = (_on_page(ax, end) for end in ends)
            x, y = (left + right) / 2, (low + high) / 2
            taken += [Box(left - 1, y - 1, right + 1, y + 1), Box(x - 1, low - 1, x + 1, high + 1)]
        return taken


def placing(ax: Axes, labels: Labels) -> Artist:
    """What to add to these Axes so that the labels are in their places whenever they are drawn."""
    from matplotlib.artist import Artist

    class Placing(Artist):
        def draw(self, renderer: Any) -> None:
            labels.place(ax, renderer)

    found = Placing()
    found.set_zorder(min(text.get_zorder() for text in labels.texts) - 1)
    found.set_in_layout(False)
    return found


def _named(ax: Axes, text: Annotation, radius: float, renderer: Any) -> Named:
    """What a label names, and its size."""
    from matplotlib.text import Text

    size = Text.get_window_extent(text, renderer)  # without the line to its point
    width, height = size.width * _unit(ax), size.height * _unit(ax)
    return Named(_on_page(ax, text.xy), radius, width + 2 * GAP, height)


def _unit(ax: Axes) -> float:
    """Points in a unit of the page as it is drawn now."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return 72 / figure.dpi


def _on_page(ax: Axes, point: Point) -> Point:
    """Where a place in data is, in points from the lower left corner of the Axes."""
    x, y = ax.transData.transform(point)
    return float(x - ax.bbox.x0) * _unit(ax), float(y - ax.bbox.y0) * _unit(ax)


def _move(text: Annotation, one: Named, spot: Spot) -> None:
    """Puts a label into its spot, with a line to its point where that is far."""
    box, (x, y) = spot.box, one.at
    # The reader's letters may be wider than ours: they then grow away from the point alone.
    is_left = box.right <= x
    text.set_horizontalalignment("right" if is_left else "left")
    text.xyann = ((box.right - GAP if is_left else box.left + GAP) - x, box.low - y)
    assert text.arrow_patch is not None
    text.arrow_patch.set_visible(spot.is_far)

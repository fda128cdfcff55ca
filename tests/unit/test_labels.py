"""Labels of points: they never meet each other, stay on their Axes, and a line leads from those that stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from analysis import frames
from analysis.figures import plot_frontier, style
from analysis.figures.labels import label_points, together
from analysis.figures.spots import Box, Named, spots_for
from analysis.frames import compared

NAMES = (
    "human_only", "copilot", "guardian", "escalation", "autonomous", "WIDE CAPITAL LETTERS", "two reviewers", "night",
)  # fmt: skip
PLACES: dict[str, list[tuple[float, float]]] = {
    "one horizontal line": [(1 + 0.9 * place, 0.02) for place in range(5)],
    "close on a horizontal line": [(6 + 0.16 * place, 0.02) for place in range(5)] + [(0.0, 0.09)],
    "one vertical line": [(7.0, 0.01 + 0.013 * place) for place in range(5)],
    "close on a vertical line": [(7.0, 0.02 + 0.0025 * place) for place in range(5)] + [(0.0, 0.09)],
    "nearly one place": [(7.0, 0.02), (7.3, 0.021), (7.1, 0.024), (6.7, 0.019), (7.2, 0.017), (0.1, 0.088)],
    "one place": [(7.0, 0.02)] * 5,
    "eight, five of them close": [
        (7.0, 0.02), (6.9, 0.022), (6.8, 0.023), (7.1, 0.021), (5.2, 0.021), (5.3, 0.022), (0.1, 0.088), (6.95, 0.037),
    ],
    "eight around one": [
        (5.0, 0.05), (5.5, 0.05), (4.5, 0.05), (5.0, 0.054), (5.0, 0.046), (5.4, 0.053), (4.6, 0.047), (0.0, 0.01),
    ],
}  # fmt: skip


def rows_at(places: Sequence[tuple[float, float]], wide: float) -> pd.DataFrame:
    """Rows of `frames.frontier` with these points and intervals of this share of the points' spread."""
    rows = pd.DataFrame({"variant": NAMES[: len(places)]})
    for role, values in zip(("x", "y"), zip(*places, strict=True), strict=True):
        half = wide * (max(values) - min(values))
        rows[role], rows[f"{role}_low"] = values, [value - half for value in values]
        rows[f"{role}_high"] = [value + half for value in values]
    rows["size"], rows["dominated"], rows["is_winner"] = 2_400.0, rows.index % 2 == 1, rows.index == 0
    return rows


def drawn(monkeypatch: pytest.MonkeyPatch, name: str, size: style.Size, wide: float = 0.0) -> Axes:
    """The frontier of these points, laid out."""
    nobody = SimpleNamespace(scenario=SimpleNamespace(currency="EUR"))
    monkeypatch.setattr(compared, "variants_of", lambda _: {"any": nobody})
    monkeypatch.setattr(frames, "frontier", lambda *_: rows_at(PLACES[name], wide))
    ax = plot_frontier(None, "cpst", size=size)  # type: ignore[arg-type]
    figure_of(ax).draw_without_rendering()
    return ax


def figure_of(ax: Axes) -> Figure:
    found = ax.get_figure(root=True)
    assert found is not None
    return found


def labels_of(ax: Axes) -> list[Annotation]:
    return [text for text in ax.texts if isinstance(text, Annotation) and text.arrow_patch is not None]


def boxes(labels: Sequence[Annotation]) -> list[Bbox]:
    """Where the texts are on the page, without the lines to their points."""
    return [Text.get_window_extent(label) for label in labels]


def do_overlap(one: Bbox, other: Bbox) -> bool:
    common = Bbox.intersection(one, other)
    return common is not None and common.width * common.height > 0


@pytest.mark.parametrize("wide", [0.0, 0.04])
@pytest.mark.parametrize("size", ["notebook", "report", "print"])
@pytest.mark.parametrize("name", PLACES)
def test_labels_of_a_frontier_never_meet_and_stay_on_their_axes(
    monkeypatch: pytest.MonkeyPatch, name: str, size: style.Size, wide: float
) -> None:
    ax = drawn(monkeypatch, name, size, wide)
    labels, frame = labels_of(ax), ax.get_window_extent()
    found = boxes(labels)
    assert not any(do_overlap(one, other) for one, other in combinations(found, 2))
    assert all(frame.x0 <= box.x0 < box.x1 <= frame.x1 for box in found)
    assert all(frame.y0 <= box.y0 < box.y1 <= frame.y1 for box in found)
    told = [line.removesuffix(" · chosen") for label in labels for line in label.get_text().split("\n")]
    is_crowded = len(PLACES[name]) > 6 and size == "print"
    assert sorted(told) == ([] if is_crowded else sorted(style.shorts(NAMES[: len(PLACES[name])], size)))


@pytest.mark.parametrize("size", ["notebook", "print"])
def test_a_label_that_stands_apart_has_a_line_to_its_point_and_others_have_none(
    monkeypatch: pytest.MonkeyPatch, size: style.Size
) -> None:
    ax = drawn(monkeypatch, "close on a horizontal line", size)
    point = 72 / figure_of(ax).dpi
    lines = []
    for label in labels_of(ax):
        (box,), (x, y) = boxes([label]), ax.transData.transform(label.xy)
        apart = max(box.x0 - x, x - box.x1, box.y0 - y, y - box.y1) * point
        assert label.arrow_patch is not None
        lines.append(label.arrow_patch.get_visible())
        assert lines[-1] or apart < 15
    assert any(lines)
    assert not all(lines)


def test_labels_are_in_their_places_on_axes_whose_page_is_laid_out_later() -> None:
    figure = Figure(figsize=(5, 3), layout="constrained")
    ax = figure.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    points = [(5.0 + 0.4 * place, 5.0) for place in range(5)]
    label_points(ax, points, [f"number {place}" for place in range(5)])
    for lines in (1, 5):
        ax.set_xlabel("\n".join(["a line below"] * lines))
        figure.draw_without_rendering()
        found, frame = boxes(labels_of(ax)), ax.get_window_extent()
        assert not any(do_overlap(one, other) for one, other in combinations(found, 2))
        assert all(frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in found)


def test_points_in_one_place_are_named_together_and_others_alone() -> None:
    ax = Figure(figsize=(5, 3)).subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    assert together(ax, [(1, 1), (5, 5), (1.001, 1), (5, 5.001), (9, 1)]) == [[0, 2], [1, 3], [4]]


def test_nothing_to_name_is_nothing_to_draw() -> None:
    ax = Figure().subplots()
    label_points(ax, [], [])
    assert not ax.texts


# -- spots ------------------------------------------------------------------------------------------------------


def named(*points: tuple[float, float], **about: Any) -> list[Named]:
    return [Named(point, **{"radius": 4.0, "width": 40.0, "height": 8.0, **about}) for point in points]


def test_a_label_alone_stands_right_beside_its_point() -> None:
    (spot,) = spots_for(named((50.0, 50.0)), [], Box(0, 0, 200, 100))
    assert (spot.box.left, spot.box.middle[1], spot.is_far) == (57.5, 50.0, False)


def test_a_label_turns_to_the_left_where_the_frame_ends() -> None:
    (spot,) = spots_for(named((180.0, 50.0)), [], Box(0, 0, 200, 100))
    assert spot.box.right == 172.5


def test_a_label_keeps_off_what_is_drawn() -> None:
    taken = Box(60.0, 40.0, 200.0, 60.0)
    (spot,) = spots_for(named((50.0, 50.0)), [taken], Box(0, 0, 200, 100))
    assert spot.box.overlap(taken) == 0


def test_labels_of_points_in_a_row_do_not_stand_nearer_to_another_point() -> None:
    points = named((60.0, 20.0), (60.0, 40.0), (60.0, 60.0))
    spots = spots_for(points, [], Box(0, 0, 200, 100))
    lows = [spot.box.middle[1] for spot in spots]
    assert all(low < high for low, high in pairwise(lows))


@pytest.mark.parametrize(
    ("start", "end", "is_met"),
    [((0, 0), (10, 10), True), ((0, 6), (3, 10), False), ((5, 0), (5, 10), True), ((0, 3), (10, 3), False),
     ((5, 5), (5, 5), True), ((0, 0), (3, 3), False)],
)  # fmt: skip
def test_a_line_comes_into_a_box_or_not(
    start: tuple[float, float], end: tuple[float, float], is_met: bool
) -> None:
    assert Box(4, 4, 6, 6).is_met_by(start, end) == is_met

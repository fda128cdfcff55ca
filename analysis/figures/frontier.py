"""Chart of the frontier: two metrics of every variant against each other, and which are dominated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.compared import NO_SUCCESS, records
from analysis.figures.labels import label_points, together
from analysis.figures.legends import legend, note
from analysis.figures.style import Size
from analysis.figures.units import labelled, most_of, scale_of, sentence, unit_of
from analysis.metrics import label_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments import Comparison, Replications

LARGEST, SMALLEST, USUAL = 110.0, 14.0, 36.0
"""Areas of points in points squared, beside text of ten points."""
NESTED, ROUND = 0.4, 0.6
"""Area of a point that stands on another over that one's; radius of a shape over the root of its area."""
UNDEFINED = "undefined for every variant"
RISKS = ("cfr_", "escape_", "wrong_")
"""How the names of metrics of what goes wrong begin."""
DOMINATED = "hollow: dominated, another is at least as good in all three"
MOST_LABELS: dict[Size, int] = {"notebook": 12, "report": 10, "print": 6}
"""Variants that are named beside their points; more are named above the chart."""


@style.chart
def plot_frontier(
    result: Comparison | Replications,
    x: str | None = None,
    y: str = "cfr_delivered",
    size_by: str = "throughput_right",
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """Two metrics of every variant against each other with 95 % intervals, the area of a point by a third.

    `x` is what a success costs as the decision weighs it unless given: by the hours that people are paid where the
    variants are staffed differently (`cpst_loaded`), else by the minutes they work (`cpst`).

    Dominated variants are hollow and grey: another is at least as good in all three and better in one. Of those in one
    place the later ones stand smaller on the first, and one label names them all. Draws `frames.frontier`. Raises
    KeyError for an unknown metric.
    """
    from analysis.frames import frontier
    from analysis.frames.compared import cost_of, variants_of

    x = x or cost_of(result)
    rows = frontier(result, x, y, size_by)
    currency = next(iter(variants_of(result).values())).scenario.currency
    is_crowded = len(rows) > MOST_LABELS[size]
    ax = style.new_axes(
        ax, size, style.SIZES[size][1] + (0.009 * style.POINTS[size] * len(rows) if is_crowded else 0)
    )
    across, up = (scale_of(unit_of(name, currency), rows[role]) for name, role in ((x, "x"), (y, "y")))
    shown = _scaled(rows.dropna(subset=["x", "y"]), across.factor, up.factor)
    names = style.shorts(list(rows["variant"]), size)
    left_out = [
        name for name, is_out in zip(names, rows[["x", "y"]].isna().any(axis=1), strict=True) if is_out
    ]
    if shown.empty:
        style.say_instead(
            ax, NO_SUCCESS if rows["x"].isna().all() and "per success" in label_of(x) else UNDEFINED
        )
        return style.dress(ax, _title(x, y), labelled(x, across.unit), labelled(y, up.unit), grid="none")
    keys = _draw(ax, shown, [names[place] for place in shown.index], rows["size"], size)
    missing = f"\nundefined: {', '.join(left_out)}" if left_out else ""
    title = f"{_title(x, y)}, {style.intervals(rows['x_low'])}"
    style.dress(ax, title, labelled(x, across.unit) + missing, labelled(y, up.unit), grid="both")
    for axis, unit, role in ((ax.xaxis, across.unit, "x"), (ax.yaxis, up.unit, "y")):
        style.none_above(axis, most_of(unit, shown[role]))
    lines = note(ax, _encoding(size_by, currency, shown))
    if is_crowded:
        legend(ax, keys, extra=1.4 * lines)
    return ax


def _title(x: str, y: str) -> str:
    """What the picture is: cost against risk, or whatever else is weighed."""
    is_usual = x.startswith("cpst") and y.startswith(RISKS)
    return "Cost against risk" if is_usual else f"{sentence(x)} against {label_of(y)}"


def _encoding(size_by: str, currency: str, rows: pd.DataFrame) -> str:
    """What size and filling of the points mean."""
    unit = unit_of(size_by, currency)
    told = (
        f"size: {label_of(size_by)} {unit}" if unit.startswith("per ") else f"size: {labelled(size_by, unit)}"
    )
    return f"{told} · {DOMINATED}" if rows["dominated"].any() else told


def _scaled(rows: pd.DataFrame, across: float, up: float) -> pd.DataFrame:
    rows = rows.copy()
    for role, factor in (("x", across), ("y", up)):
        for end in ("", "_low", "_high"):
            rows[role + end] = rows[role + end] * factor
    return rows


def _draw(ax: Axes, rows: pd.DataFrame, names: list[str], sizes: pd.Series, size: Size) -> list[Any]:
    """Draws the points, names them where there is room, and gives keys to them."""
    told = [
        name + (" · chosen" if is_it else "") for name, is_it in zip(names, rows["is_winner"], strict=True)
    ]
    for role, limit in (("x", ax.set_xlim), ("y", ax.set_ylim)):
        limit(*limits([*rows[role], *rows[f"{role}_low"], *rows[f"{role}_high"]]))
    points = list(zip(rows["x"], rows["y"], strict=True))
    groups, areas = together(ax, points), [_area(value, sizes) for value in rows["size"]]
    depths = {number: depth for group in groups for depth, number in enumerate(group)}
    keys = [
        _point(ax, row, int(place), area, depths[number], text)
        for number, (place, row, area, text) in enumerate(
            zip(rows.index, records(rows), areas, told, strict=True)
        )
    ]
    if len(rows) <= MOST_LABELS[size]:
        ends = [
            ((row["x_low"], row["y_low"]), (row["x_high"], row["y_high"]))
            for row in records(rows.dropna(subset=["x_low", "y_low"]))
        ]
        texts = ["\n".join(told[number] for number in group) for group in groups]
        radii = [ROUND * areas[group[0]] ** 0.5 for group in groups]
        label_points(ax, [points[group[0]] for group in groups], texts, ends, radii=radii)
    return keys


def limits(values: Iterable[float]) -> tuple[float, float]:
    """The ends of an axis: some room beside the values, but not below 0 where none of them is."""
    known = [value for value in values if value == value]
    low, high = min(known), max(known)
    room = 0.14 * (high - low) or 0.1 * abs(high) or 1.0
    return (max(low - room, 0.0) if low >= 0 else low - room), high + room


def _point(ax: Axes, row: dict[str, Any], place: int, area: float, depth: int, text: str) -> Any:
    """Draws a point, smaller on those in its place, and gives its key."""
    from matplotlib.lines import Line2D

    colour = style.FAINT if row["dominated"] else style.colour(place)
    filling = "white" if row["dominated"] else colour
    if row["x_low"] == row["x_low"]:
        ax.plot([row["x_low"], row["x_high"]], [row["y"], row["y"]], color=colour, linewidth=1.2)
    if row["y_low"] == row["y_low"]:
        ax.plot([row["x"], row["x"]], [row["y_low"], row["y_high"]], color=colour, linewidth=1.2)
    ax.scatter(
        [row["x"]], [row["y"]], s=area * NESTED**depth, marker=style.marker(place), zorder=3 + depth,
        edgecolors="white" if depth and not row["dominated"] else colour, linewidths=0.8 if depth else 1.3,
        facecolors=filling, clip_on=False,
    )  # fmt: skip
    return Line2D(
        [],
        [],
        linestyle="none",
        color=colour,
        marker=style.marker(place),
        markerfacecolor=filling,
        label=text,
    )


def _area(value: float, values: pd.Series) -> float:
    """In proportion to the value."""
    largest = values.max()
    return (
        USUAL
        if not largest > 0 or value != value
        else max(LARGEST * value / largest, SMALLEST) * style.points() / 10
    )

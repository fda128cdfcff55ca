"""Charts of sweeps: metrics along one path, and one metric over two paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.compared import records
from analysis.figures.frontier import limits
from analysis.figures.labels import LETTER, label_points, line_with_intervals
from analysis.figures.legends import colour_bar, legend
from analysis.figures.paths import fitting, short_names, with_currency
from analysis.figures.style import Size
from analysis.figures.units import Scale, most_of, scale_of, sentence
from analysis.format import significant
from analysis.metrics import label_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments.sweep import Sweep

GAP = 0.1
"""Share of the height between two panels."""
MOST_NUMBERS = {"notebook": 100, "report": 90, "print": 36}
"""Cells of a heat map that carry their number."""
PALE = 0.65
"""How much of white is in the colour of a cell that misses a condition: the eye should not be drawn to it."""
NUMBER = 0.76
"""Size of the numbers in cells over that of ordinary text."""
BETWEEN = 4.0
"""Points between two numbers side by side, at least."""
BAR_WIDTH = 5.5
"""Width of the scale of colours with its numbers and its name, over the size of the text."""
LONGEST_PATH: dict[Size, int] = {"notebook": 52, "report": 48, "print": 38}
"""Letters of a path that fit below a chart."""
LONGEST_NAME: dict[Size, int] = {"notebook": 44, "report": 40, "print": 26}
"""Letters of a path that fit beside a chart, and into its title."""
UNDEFINED = "undefined at every point"


@style.chart
def plot_trade_off(
    result: Sweep,
    metrics: Sequence[str] | None = None,
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """What one path trades: each metric in a panel of its own over the same axis, with 95 % intervals.

    The chosen point is marked in all panels; points that miss a condition are hollow; where other paths vary too and
    several points have one value, no line joins them. The metrics are the share sent
    to a person, wrong deliveries and what is minimised unless they are named. The panels are `child_axes` of the Axes
    that is returned. Draws `frames.trade_off`. Raises KeyError for an unknown metric.
    """
    from analysis.frames import trade_off

    rows = trade_off(result, metrics)
    names = list(dict.fromkeys(rows["metric"]))
    usual = style.SIZES[size][1]
    ax = style.new_axes(ax, size, max(usual, 0.9 + 0.095 * style.points() * len(names)))
    places = _places(rows)
    height = (1 - GAP * (len(names) - 1)) / len(names)
    path = rows.attrs["path"]
    what = style.plain(fitting(short_names([path])[0], LONGEST_NAME[size]))
    style.dress(ax, f"What {what} trades, {style.intervals(rows['low'])}", "", "", grid="none")
    ax.spines[:].set_visible(False)
    ax.set(xticks=[], yticks=[])
    for number, name in enumerate(names):
        panel = ax.inset_axes((0, 1 - (number + 1) * height - number * GAP, 1, height))
        part = rows[rows["metric"] == name].reset_index(drop=True)
        _panel(panel, part, places, size, is_last=number == len(names) - 1)
        across = _path(rows.attrs, "path", LONGEST_PATH[size]) if number == len(names) - 1 else ""
        style.dress(panel, "", across, "", grid="y")
    legend(ax, _keys(rows), extra=1.3)
    return ax


def _places(rows: pd.DataFrame) -> dict[Any, float]:
    """Where on the axis each point is: at its number, or side by side where something else is varied."""
    points = list(dict.fromkeys(rows["point"]))
    is_number = all(isinstance(point, (int, float)) and not isinstance(point, bool) for point in points)
    return {point: float(point) if is_number else float(place) for place, point in enumerate(points)}


def _panel(panel: Axes, rows: pd.DataFrame, places: dict[Any, float], size: Size, *, is_last: bool) -> None:
    scale = scale_of(str(rows["unit"].iloc[0]), [*rows["value"], *rows["high"]])
    at = rows["point"].map(places)
    value, low, high = (rows[name] * scale.factor for name in ("value", "low", "high"))
    ends = (min(places.values()), max(places.values()))
    room = 0.05 * (ends[1] - ends[0]) or 0.5
    panel.set_xlim(ends[0] - room, ends[1] + room)
    panel.text(
        0.0,
        1.02,
        _head(rows, scale),
        transform=panel.transAxes,
        fontsize="small",
        color=style.INK,
        va="bottom",
    )
    if value.isna().all():
        style.say_instead(panel, UNDEFINED)
    else:
        panel.vlines(at, low, high, color=style.BLUE, linewidth=1.6)
        if at.is_unique:
            panel.plot(at, value, color=style.BLUE, linewidth=0.9)
        panel.set_ylim(*limits([*value, *low, *high]))
        _dots(panel, rows, at, value)
        _say_chosen(panel, rows.assign(at=at, value=value, low=low, high=high))
        panel.yaxis.set_major_locator(_few(3 if size == "print" else 4))
        style.none_above(panel.yaxis, most_of(scale.unit, value))
    chosen = set(rows.loc[rows["is_winner"], "point"])
    _ticks(panel, places, chosen, size, is_last=is_last)


def _few(ticks: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(ticks)


def _dots(panel: Axes, rows: pd.DataFrame, at: pd.Series, value: pd.Series) -> None:
    for place, row in enumerate(records(rows)):
        colour = style.RED if row["is_winner"] else style.BLUE
        panel.plot(
            at.iloc[place], value.iloc[place], style.marker(1 if row["is_winner"] else 0), color=colour,
            markerfacecolor=colour if row["is_feasible"] else "white", clip_on=False, zorder=3,
        )  # fmt: skip
        if row["is_baseline"]:
            panel.axvline(at.iloc[place], color=style.FAINT, linewidth=0.9, linestyle=":", zorder=0)
        if row["is_winner"]:
            panel.axvline(at.iloc[place], color=style.RED, linewidth=0.8, linestyle="--", zorder=0)


def _say_chosen(panel: Axes, rows: pd.DataFrame) -> None:
    """The number of the chosen point, clear of the other points, their intervals and the lines."""
    chosen = rows[rows["is_winner"]].dropna(subset=["value"])
    if chosen.empty:
        return
    low, high = panel.get_ylim()
    marked = rows.loc[rows["is_winner"] | rows["is_baseline"], "at"]
    taken = [*line_with_intervals(rows), *(((at, low), (at, high)) for at in marked)]
    points = [*zip(chosen["at"], chosen["value"], strict=True)]
    label_points(panel, points, [significant(value) for _, value in points], taken, style.RED)


def _head(rows: pd.DataFrame, scale: Scale) -> str:
    name = sentence(str(rows["metric"].iloc[0]))
    return f"{name} ({scale.unit})" if scale.unit else name


def _ticks(panel: Axes, places: dict[Any, float], chosen: set[Any], size: Size, *, is_last: bool) -> None:
    """The points themselves as ticks: the chosen one, and as many of the others as fit beside each other."""
    low, high = panel.get_xlim()
    letter = 0.5 * style.points() / (0.85 * 72 * style.SIZES[size][0]) * (high - low)
    shown: list[tuple[float, str]] = []
    for point, at in sorted(places.items(), key=lambda item: (item[0] not in chosen, item[1])):
        name = style.short(str(point), 8 if size == "print" else 12)
        if all(abs(at - other) > letter * (1.5 + (len(name) + len(text)) / 2) for other, text in shown):
            shown.append((at, name))
    panel.set_xticks([at for at, _ in shown], [name if is_last else "" for _, name in shown])


def _keys(rows: pd.DataFrame) -> list[Any]:
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"linestyle": "none", "color": style.BLUE, "marker": style.marker(0)}
    keys = []
    if rows["is_winner"].any():
        keys.append(Line2D([], [], linestyle="--", color=style.RED, marker=style.marker(1), label="chosen"))
    if not rows["is_feasible"].all():
        if (rows["is_feasible"] & ~rows["is_winner"]).any():
            keys.append(Line2D([], [], label="meets the conditions", **look))
        keys.append(Line2D([], [], label="misses a condition", markerfacecolor="white", **look))
    if rows["is_baseline"].any():
        keys.append(Line2D([], [], color=style.FAINT, linestyle=":", label="as written"))
    return keys


@style.chart
def plot_heat_map(
    result: Sweep, metric: str | None = None, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """A metric over two paths as colour; points that miss a condition are hatched, the best one is framed.

    The metric is what the sweep minimises unless it is named. Draws `frames.heat_map`. Raises KeyError for an unknown
    metric, ValueError for a sweep that does not vary two paths.
    """
    from analysis.frames import heat_map

    rows = heat_map(result, metric)
    across, up = (_along(rows, role) for role in ("x", "y"))
    ax = style.new_axes(ax, size)
    scale = scale_of(str(rows["unit"].iloc[0]), rows["value"])
    table = rows.assign(
        value=rows["value"] * scale.factor, column=rows["x"].map(across.index), row=rows["y"].map(up.index)
    )
    grid = table.pivot(index="row", columns="column", values="value").reindex(range(len(up)))
    grid = grid.reindex(columns=range(len(across)))
    if grid.isna().all(axis=None):
        style.say_instead(ax, UNDEFINED)
        return style.dress(ax, sentence(rows.attrs["metric"]), *_paths(rows, size), grid="none")
    ax.patch.set(facecolor=style.SHADE)
    picture = ax.imshow(grid, aspect="auto", origin="lower", cmap=style.HEAT, interpolation="nearest")
    name = label_of(rows.attrs["metric"])
    colour_bar(ax, picture, f"{name} ({scale.unit})" if scale.unit else name)
    _cells(ax, table, picture, size)
    for axis, points, longest in ((ax.xaxis, across, 9), (ax.yaxis, up, 12)):
        step = -(-len(points) // (6 if size == "print" else 12))
        axis.set_ticks(
            range(0, len(points), step), [style.short(str(one), longest) for one in points[::step]]
        )
    style.dress(ax, _title(rows), *_paths(rows, size), grid="none")
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def _paths(rows: pd.DataFrame, size: Size) -> tuple[str, str]:
    return _path(rows.attrs, "x", LONGEST_PATH[size]), _path(rows.attrs, "y", LONGEST_NAME[size])


def _path(about: Mapping[Any, Any], role: str, longest: int) -> str:
    """The path in this role as an axis calls it, with its unit where its values are money."""
    currency = about[f"{role}_currency"]
    name = fitting(about[role], longest - len(with_currency("", currency)))
    return style.plain(with_currency(name, currency))


def _along(rows: pd.DataFrame, role: str) -> list[Any]:
    """The values along one side: rising where they are numbers."""
    found = list(dict.fromkeys(rows[role]))
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in found):
        return sorted(found)
    return found


def _cells(ax: Axes, table: pd.DataFrame, picture: Any, size: Size) -> None:
    """Hatches, numbers and the frame of the best; where numbers would touch, those of every second column, or fewer."""
    from matplotlib.patches import Rectangle

    has_numbers = len(table) <= MOST_NUMBERS[size]
    step, first = _columns_with_numbers(ax, table)
    for row in records(table):
        corner, value = (row["column"] - 0.5, row["row"] - 0.5), row["value"]
        shade: Any = style.SHADE
        if value == value:
            white = 0.0 if row["is_feasible"] else PALE
            shade = tuple(white + (1 - white) * part for part in picture.to_rgba(value)[:3])
        if not row["is_feasible"] and value == value:
            ax.add_patch(
                Rectangle(corner, 1, 1, facecolor=shade, hatch="////", edgecolor=style.FAINT, linewidth=0)
            )
        ink = style.ink_on(shade)
        if has_numbers and (row["column"] - first) % step == 0:
            back = {"facecolor": shade, "edgecolor": "none", "pad": 1.0}
            ax.text(row["column"], row["row"], significant(value), ha="center", va="center", color=ink, bbox=back,
                    fontsize=NUMBER * style.points())  # fmt: skip
        if row["is_winner"]:
            ax.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=style.RED, linewidth=2.2, clip_on=False,
                                   zorder=4))  # fmt: skip


def _columns_with_numbers(ax: Axes, table: pd.DataFrame) -> tuple[int, int]:
    """How many columns lie between two with numbers, plus 1, and one of them: that of the chosen point."""
    longest = max(len(significant(value)) for value in table["value"])
    room = style.width_of(ax) - BAR_WIDTH * style.points()
    needed = LETTER * NUMBER * style.points() * longest + BETWEEN
    chosen = table.loc[table["is_winner"], "column"]
    step = ceil(needed * (table["column"].max() + 1) / room)
    return step, int(chosen.iloc[0]) if len(chosen) else 0


def _title(rows: pd.DataFrame) -> str:
    notes = ["framed: chosen"] if rows["is_winner"].any() else []
    notes += [] if rows["is_feasible"].all() else ["hatched: misses a condition"]
    name = sentence(rows.attrs["metric"])
    return f"{name}; {', '.join(notes)}" if notes else name

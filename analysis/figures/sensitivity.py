"""Chart of a sensitivity: which parameters move a metric, and how far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.experiments.one_at_a_time import FIRST
from analysis.figures import style
from analysis.figures.compared import records
from analysis.figures.labels import LETTER
from analysis.figures.legends import legend
from analysis.figures.paths import fitting, short_names
from analysis.figures.style import Size
from analysis.figures.units import labelled, most_of, scale_of, sentence
from analysis.format import significant
from analysis.metrics import label_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments.one_at_a_time import Sensitivity
    from analysis.experiments.sobol import SobolIndices

ENDS = {"to_low": (style.BLUE, "at its low value", ""), "to_high": (style.RED, "at its high value", "//")}
"""Colour, words and hatch of the two ends of a parameter."""
LONGEST_PATH = {"notebook": 34, "report": 30, "print": 22}
"""Letters of a path that fit beside the bars."""
LONGEST_VALUE = 20
"""Letters of a value at the end of a bar, enough for any amount: a number that is cut off would be another number."""
VALUE = 0.72
"""Size of these values over that of ordinary text."""
BESIDE = 4.0
"""Points between the end of a bar and its value, and between that and the edge."""
LONGEST_SHARE = 120.0
"""Per cent of the variance up to which the chart goes; a share above 100 is noise."""
SHARES = {
    "total": (style.RED, "total: with all interactions"),
    "first_order": (style.BLUE, "first order: alone"),
}
"""Colour and words of the two Sobol indices."""


Label = tuple[float, bool, float]
"""The end of a bar, whether its label is to the left of it, and how many points that takes."""


@style.chart
def plot_sensitivity(
    result: Sensitivity | SobolIndices,
    metric: str | None = None,
    most: int = 12,
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """How far each parameter moves a metric, the one that matters most at the top, with 95 % intervals.

    One at a time: a tornado of the metric at the low and the high value against as written; grey where no effect is
    seen. Sobol: shares of the variance. The `most` parameters that matter most are drawn. Draws `frames.sensitivity`.
    Raises KeyError for a metric that was not asked about.
    """
    from analysis.frames import sensitivity

    rows = sensitivity(result, metric)
    shown = rows.head(most)
    ax = style.new_axes(ax, size, style.height_of(size, 0.95 * len(shown) + 2.5))
    left_out = _left_out(len(rows) - len(shown), len(rows.attrs.get("set_aside", ())))
    if rows.attrs["method"] == "sobol":
        return _shares(ax, shown, rows.attrs["metric"], left_out, size)
    return _tornado(ax, shown, rows.attrs, left_out, size)


def _left_out(unshown: int, set_aside: int) -> str:
    """Lines below the chart on the parameters that are not in it."""
    text = f"\nnot shown: {unshown} of less effect" if unshown else ""
    return text + (f"\nset aside after {FIRST} replications: {set_aside}" if set_aside else "")


def _tornado(ax: Axes, rows: pd.DataFrame, about: dict[Any, Any], left_out: str, size: Size) -> Axes:
    name, base = str(about["metric"]), float(about["base"])
    scale = scale_of(str(rows["unit"].iloc[0]), [base])
    labels: list[Label] = []
    for place, row in enumerate(records(rows)):
        labels += _ends(ax, row, place, base * scale.factor, scale.factor)
    title, x = (
        f"{sentence(name)} when one value changes",
        f"{labelled(name, scale.unit)}\nbeside the bars: the changed value{left_out}",
    )
    _names(ax, rows, size)
    if base != base:
        ax.set_xticks([])
        style.say_instead(ax, "undefined as it is written: no successes")
        return style.dress(ax, title, x, "", grid="none")
    ax.axvline(base * scale.factor, color=style.INK, linewidth=0.8)
    _make_room(ax, labels)
    style.dress(ax, f"{title}; as written {significant(base * scale.factor)}", x, "", grid="x")
    style.none_above(ax.xaxis, most_of(scale.unit, [base * scale.factor]))
    legend(ax, _keys(rows))
    return ax


def _ends(ax: Axes, row: dict[str, Any], place: int, base: float, factor: float) -> list[Label]:
    """Bars from as written to the metric at both values, in two lanes where both lie on one side.

    Returns the labels at their ends, the changed values.
    """
    labels: list[Label] = []
    changes = [row[end] * factor for end in ENDS]
    is_split = changes[0] * changes[1] > 0
    reaches = [[base + row[f"{end}{limit}"] * factor for limit in ("", "_low", "_high")] for end in ENDS]
    for lane, ((end, (colour, _, hatch)), change) in enumerate(zip(ENDS.items(), changes, strict=True)):
        if change != change:
            continue
        height = place + ((lane - 0.5) * 0.34 if is_split else 0.0)
        filling = colour if row["is_seen"] else style.GREY
        ax.barh(height, change, left=base, height=0.3 if is_split else 0.56, color=filling, hatch=hatch,
                edgecolor=style.EDGE, linewidth=0.6, alpha=1.0 if row["is_seen"] else 0.45)  # fmt: skip
        _, low, high = reaches[lane]
        if low == low:
            ax.plot([low, high], [height, height], color=style.INK, linewidth=1.0, marker="|", markersize=4)
        value = _grouped(str(row["low_value" if end == "to_low" else "high_value"]))
        value = style.short(f"{row['currency']} {value}".strip(), LONGEST_VALUE)
        is_left = change < 0 or (change == 0 and lane == 0)
        in_lane = reaches[lane] if is_split else [*reaches[0], *reaches[1]]
        edges = [edge for edge in in_lane if edge == edge]
        edge = min(edges) if is_left else max(edges)
        ax.annotate(value, (edge, height), (-BESIDE if is_left else BESIDE, 0), textcoords="offset points", va="center",
                    ha="right" if is_left else "left", fontsize=VALUE * style.points(),
                    color=style.INK)  # fmt: skip
        labels.append((edge, is_left, BESIDE + LETTER * VALUE * style.points() * len(value)))
    return labels


def _grouped(value: str) -> str:
    """A value with the thousands of its number set apart: `4,800,000 / h`."""
    return re.sub(r"^\d{5,}(?![\d-])", lambda found: f"{int(found.group()):,}", value)


def _make_room(ax: Axes, labels: Sequence[Label]) -> None:
    """Limits between which all labels stand: the wider they are, the less of the width is left to the bars."""
    first, last = ax.dataLim.intervalx
    width, room = style.width_of(ax), 2.0 * BESIDE
    rooms = [(at, is_left, min(points + BESIDE, 0.4 * width)) for at, is_left, points in labels]
    lefts = [(first, room), *((at, points) for at, is_left, points in rooms if is_left)]
    rights = [(last, room), *((at, points) for at, is_left, points in rooms if not is_left)]
    span = max((end - begin) / (1 - (left + right) / width) for begin, left in lefts for end, right in rights)
    if span > 0:
        ax.set_xlim(
            min(begin - left / width * span for begin, left in lefts),
            max(end + right / width * span for end, right in rights),
        )


def _keys(rows: pd.DataFrame) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys: list[Any] = []
    if rows["is_seen"].any():
        keys += [
            Patch(facecolor=colour, hatch=hatch, edgecolor=style.EDGE, label=told)
            for colour, told, hatch in ENDS.values()
        ]
    if not rows["is_seen"].all():
        keys.append(Patch(facecolor=style.GREY, alpha=0.45, label="no effect seen"))
    return [
        *keys,
        Line2D([], [], color=style.INK, marker="|", linewidth=1.0, label="95 % interval (all together)"),
    ]


def _shares(ax: Axes, rows: pd.DataFrame, name: str, left_out: str, size: Size) -> Axes:
    for lane, (share, (colour, told)) in enumerate(SHARES.items()):
        heights = [place + (lane - 0.5) * 0.3 for place in range(len(rows))]
        ax.hlines(
            heights, 100 * rows[f"{share}_low"], 100 * rows[f"{share}_high"], color=colour, linewidth=1.6
        )
        ax.plot(100 * rows[share], heights, style.marker(lane), color=colour, label=told, markersize=5)
    if rows["total"].isna().all():
        style.say_instead(ax, "undefined: no successes at some point")
    ax.axvline(0, color=style.INK, linewidth=0.8)
    _names(ax, rows, size)
    ax.margins(x=0.06)
    low, high = ax.get_xlim()
    ax.set_xlim(max(low, -LONGEST_SHARE / 4), min(high, LONGEST_SHARE))
    if (low, high) != ax.get_xlim():
        left_out = f", cut off at the edge{left_out}"
    title = f"What the variance of {label_of(name)} comes from"
    style.dress(ax, title, f"share of the variance (%)\nwith 95 % intervals{left_out}", "", grid="x")
    legend(ax)
    return ax


def _names(ax: Axes, rows: pd.DataFrame, size: Size) -> None:
    """Beside the bars: the last parts of the paths, as many as tell them apart."""
    longest = LONGEST_PATH[size]
    names = [fitting(name, longest) for name in short_names(list(rows["parameter"]))]
    names = [
        name if names.count(name) == 1 else _end(path, longest)
        for name, path in zip(names, rows["parameter"], strict=True)
    ]
    ax.set_yticks(range(len(names)), [style.plain(name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)


def _end(path: str, longest: int) -> str:
    return path if len(path) <= longest else "…" + path[len(path) - longest + 1 :]

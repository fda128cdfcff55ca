"""Chart of a break-even: the difference of two variants along a path, and where the better one changes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.compared import records
from analysis.figures.frontier import limits
from analysis.figures.labels import LETTER, label_points, line_with_intervals
from analysis.figures.paths import fitting
from analysis.figures.style import Size
from analysis.figures.units import Scale, scale_of, sentence
from analysis.format import interval, significant

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments.crossover import Breakeven

LONGEST_PATH: dict[Size, int] = {"notebook": 52, "report": 48, "print": 38}
"""Letters of a path that fit below the chart."""
RIBBON = 1.03
"""Height of the ribbon that says who is better, in parts of the Axes."""
GAP = 10.0
"""Points between two labels above the ribbon."""
MOST_TOLD = 2
"""Break-evens that are written with their interval; more are written as their value alone."""


@style.chart
def plot_breakeven(result: Breakeven, ax: Axes | None = None, size: Size = "notebook") -> Axes:
    """The paired difference of two variants along a path with its 95 % interval, and where it crosses 0.

    The ribbon above says which variant is better where, and whether the better one never changes in the range; the
    shade behind a break-even is its interval. Points at which the difference is not sure are hollow; a value at which
    it is undefined is a gap. Draws `frames.breakeven` and `frames.crossings`.
    """
    from analysis.frames import breakeven, crossings

    rows, found = breakeven(result), crossings(result)
    ax = style.new_axes(ax, size)
    path = scale_of(rows.attrs["path_unit"], rows["at"])
    along = path if rows.attrs["path_unit"] == "s" else Scale(1.0, _unit_across(rows.attrs))
    up = scale_of(str(rows["unit"].iloc[0]), [*rows["value"], *rows["low"], *rows["high"]])
    rows = rows.assign(**{name: rows[name] * up.factor for name in ("value", "low", "high")})
    rows = rows.assign(at=rows["at"] * along.factor)
    found = found.assign(**{name: found[name] * along.factor for name in ("at", "low", "high")})
    _span(ax, rows)
    if rows["value"].isna().all():
        style.say_instead(ax, "undefined for one of them at every value")
    else:
        _difference(ax, rows)
        _break_evens(ax, found, rows, size)
    style.dress(ax, _title(rows), _across(rows, found, along, size), _up(rows, up, size))
    if rows["value"].notna().any():
        _ribbon(ax, found, rows, size)
    return ax


def _unit_across(about: Mapping[Any, Any]) -> str:
    """The unit of amounts along the path: `EUR`, `per h`, `EUR per h`."""
    per = f"per {about['path_unit']}" if about["path_unit"] else ""
    return " ".join(filter(None, (about["path_currency"], per)))


def _span(ax: Axes, rows: pd.DataFrame) -> None:
    """The limits of both axes: every value of the path, and 0 among the differences."""
    first, last = rows["at"].min(), rows["at"].max()
    room = 0.03 * (last - first) or 0.5
    ax.set_xlim(first - room, last + room)
    low, high = limits([*rows["value"], *rows["low"], *rows["high"], 0.0])
    room = 0.05 * (high - low)
    ax.set_ylim(low - (room if low >= 0 else 0.0), high)


def _difference(ax: Axes, rows: pd.DataFrame) -> None:
    """The band of the intervals, the line through the estimates with its gaps, and the points."""
    ax.fill_between(rows["at"], rows["low"], rows["high"], color=style.FAINT, alpha=0.3, linewidth=0)
    ax.vlines(rows["at"], rows["low"], rows["high"], color=style.FAINT, linewidth=0.7)
    ax.axhline(0, color=style.INK, linewidth=0.9)
    ax.plot(rows["at"], rows["value"], color=style.INK, linewidth=1.1)
    for row in records(rows.dropna(subset=["value"])):
        place = _place(rows, row["better"])
        ax.plot(
            row["at"], row["value"], style.marker(place), color=_colour(place), markersize=0.42 * style.points(),
            markerfacecolor=_colour(place) if row["is_sure"] or not row["better"] else "white",
        )  # fmt: skip
    missing = rows[rows["value"].isna()]
    ax.plot(missing["at"], [0.02] * len(missing), "x", color=style.FAINT, markersize=0.5 * style.points(),
            transform=ax.get_xaxis_transform(), clip_on=False)  # fmt: skip


def _place(rows: pd.DataFrame, name: str) -> int:
    """0 for the first variant, 1 for the second, 2 for neither."""
    between = rows.attrs["between"]
    return between.index(name) if name in between else 2


def _colour(place: int) -> str:
    return (style.BLUE, style.RED, style.INK)[place]


def _break_evens(ax: Axes, found: pd.DataFrame, rows: pd.DataFrame, size: Size) -> None:
    """Each break-even on the line of 0, its interval shaded and marked, its value beside it."""
    left, right = ax.get_xlim()
    for row in records(found):
        ends = [end if end == end else edge for end, edge in ((row["low"], left), (row["high"], right))]
        ax.axvspan(ends[0], ends[1], color=style.SHADE, linewidth=0, zorder=0)
        ax.axvline(row["at"], color=style.INK, linewidth=0.8, linestyle="--")
        ax.plot(ends, [0, 0], color=style.INK, linewidth=2.4, marker="|", markersize=0.8 * style.points())
        ax.plot(row["at"], 0, "D", color=style.INK, markersize=0.6 * style.points())
    points = [(row["at"], 0.0) for row in records(found)]
    told = [_told(row, rows, is_short=len(found) > MOST_TOLD) for row in records(found)]
    if not _is_keyed(found, size):
        told = [f"break-even {text}" for text in told]
    low, high = ax.get_ylim()
    lines = [((left, 0.0), (right, 0.0)), *(((x, low), (x, high)) for x, _ in points)]
    label_points(ax, points, told, [*line_with_intervals(rows), *lines])


def _told(row: dict[str, Any], rows: pd.DataFrame, *, is_short: bool) -> str:
    """A break-even with its interval, `EUR 103 [99, 108]`; an end beyond the values looked at as `<10` or `>200`."""
    low = row["low"] if row["low"] == row["low"] else rows["at"].min()
    high = row["high"] if row["high"] == row["high"] else rows["at"].max()
    if rows.attrs["is_whole"]:
        at, first, last = (f"{number:,.0f}" for number in (row["at"], low, high))
    else:
        at = significant(row["at"])
        first, last = interval(low, high).strip("[]").split(", ")
    if is_short:
        return at
    at = f"{currency} {at}" if (currency := rows.attrs["path_currency"]) else at
    is_open = row["low"] != row["low"], row["high"] != row["high"]
    return f"{at} [{'<' if is_open[0] else ''}{first}, {'>' if is_open[1] else ''}{last}]"


def _title(rows: pd.DataFrame) -> str:
    told = style.intervals(rows["low"]).replace("95", "paired 95")
    return f"{sentence(rows.attrs['metric'])}: difference{' ' if told.startswith('with ') else ', '}{told}"


def _across(rows: pd.DataFrame, found: pd.DataFrame, along: Scale, size: Size) -> str:
    """The path, and what the shapes mean that are not named beside them."""
    name = style.plain(fitting(rows.attrs["path"], LONGEST_PATH[size]))
    keys = ["◆: break-even"] if _is_keyed(found, size) else []
    keys += ["×: undefined there"] if _is_gapped(rows) else []
    return (f"{name} ({along.unit})" if along.unit else name) + ("\n" + "   ".join(keys) if keys else "")


def _is_keyed(found: pd.DataFrame, size: Size) -> bool:
    """Whether there is no room to call each break-even one."""
    return len(found) > (0 if size == "print" else 1)


def _is_gapped(rows: pd.DataFrame) -> bool:
    """Whether the difference is defined at some values only."""
    return bool(rows["value"].isna().any() and rows["value"].notna().any())


def _up(rows: pd.DataFrame, up: Scale, size: Size) -> str:
    """Which variant is taken from which, in the unit of the differences."""
    one, other = style.shorts(rows.attrs["between"], size)
    unit = "%-points" if up.unit == "%" else up.unit
    text = f"{one} minus {other}" + (f" ({unit})" if unit else "")
    longest = 0.77 * 72 * style.SIZES[size][1] / (0.52 * style.points())
    return text if len(text) <= longest else text.replace(" minus ", " minus\n", 1)


# -- who is better ----------------------------------------------------------------------------------------------


def _ribbon(ax: Axes, found: pd.DataFrame, rows: pd.DataFrame, size: Size) -> None:
    """Above the Axes: which variant is better in which part of the path, in words and as a coloured line."""
    names = [*found["before"].head(1), *found["after"]]
    names = names or [next((name for name in rows["better"] if name), "")]
    parts = [*pairwise([rows["at"].min(), *found["at"], rows["at"].max()])]
    for name, part in zip(names, parts, strict=True):
        ax.plot(part, [RIBBON, RIBBON], color=_colour(_place(rows, name)), linewidth=0.35 * style.points(),
                transform=ax.get_xaxis_transform(), clip_on=False, solid_capstyle="butt")  # fmt: skip
    low, high = ax.get_xlim()
    width = style.width_of(ax)
    labels = _labels(
        names, [(sum(part) / 2 - low) / (high - low) * width for part in parts], rows, width, size
    )
    for name, text, left in labels:
        ax.annotate(text, (left / width, RIBBON), (0, 0.5 * style.points()), xycoords="axes fraction",
                    textcoords="offset points", fontsize=0.84 * style.points(), va="bottom",
                    color=_colour(_place(rows, name)), annotation_clip=False)  # fmt: skip
    lines = max(text.count("\n") for _, text, _ in labels)
    ax.set_title(ax.get_title(loc="left"), loc="left", fontsize="medium", color=style.INK,
                 pad=(2.6 + lines) * style.points())  # fmt: skip


def _labels(
    names: Sequence[str], centres: Sequence[float], rows: pd.DataFrame, width: float, size: Size
) -> list[tuple[str, str, float]]:
    """For each part of the path the better variant, what is said of it, and where that begins, in points.

    Where there is no room for all, each variant is named once, with as much of its name as fits.
    """
    letter = LETTER * 0.84 * style.points()
    shown = dict(zip(rows.attrs["between"], style.shorts(rows.attrs["between"], size), strict=True))
    texts = [_never_changes(shown.get(names[0], ""), rows)] if len(names) == 1 else _sides(names, shown, rows)
    if (lefts := _spread(centres, [letter * len(text) for text in texts], width)) is not None:
        return [*zip(names, texts, lefts, strict=True)]
    if len(names) == 1:
        return [(names[0], textwrap.fill(texts[0], int(width / letter), break_on_hyphens=False), 0.0)]
    longest = int((width - GAP) / 2 / letter) - len("← not better")
    shown = {name: style.short(name, longest) for name in rows.attrs["between"]}
    if len(names) > 2:
        names = names[:2]
        texts = [f"{shown[name]} {_better(rows)}" for name in names]
    else:
        texts = _sides(names, shown, rows)
    return [*zip(names, texts, [0.0, width - letter * len(texts[1])], strict=True)]


def _sides(names: Sequence[str], shown: Mapping[str, str], rows: pd.DataFrame) -> list[str]:
    """What is said of each part of the path, the first and the last with an arrow that goes on."""
    texts = [f"{shown[name]} {_better(rows)}" for name in names]
    return [f"← {texts[0]}", *texts[1:-1], f"{texts[-1]} →"]


def _never_changes(name: str, rows: pd.DataFrame) -> str:
    """What is said where the better variant is the same everywhere."""
    if not name:
        return "no difference at any value"
    where = "wherever both are defined" if _is_gapped(rows) else "at every value"
    doubt = "" if rows.loc[rows["value"].notna(), "is_sure"].all() else ", not surely everywhere"
    return f"{name} {_better(rows)} {where}: no break-even{doubt}"


def _better(rows: pd.DataFrame) -> str:
    """Less money is cheaper; else more, or less, is better."""
    from analysis.metrics import metric_of

    is_money = metric_of(rows.attrs["metric"]).unit.startswith("currency")
    return "cheaper" if is_money and rows.attrs["is_least_best"] else "better"


def _spread(centres: Sequence[float], widths: Sequence[float], room: float) -> list[float] | None:
    """Left ends of labels that stand about their centres and beside each other; None where they do not fit."""
    if sum(widths) + GAP * (len(widths) - 1) > room:
        return None
    lefts: list[float] = []
    for centre, width in zip(centres, widths, strict=True):
        lefts.append(max(centre - width / 2, lefts[-1] + widths[len(lefts) - 1] + GAP if lefts else 0.0))
    end = room
    for place in reversed(range(len(lefts))):
        lefts[place] = min(lefts[place], end - widths[place])
        end = lefts[place] - GAP
    return lefts

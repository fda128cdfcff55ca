"""Charts of experiments: a metric of every variant with its interval, and how an interval closes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.experiments.conditions import SAID
from analysis.figures import style
from analysis.figures.legends import legend
from analysis.figures.style import Size
from analysis.figures.units import Scale, labelled, most_of, scale_of, sentence, unit_of
from analysis.format import share, significant

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments import Comparison, Replications
    from analysis.experiments.conditions import Condition
    from analysis.metrics import Metric

NO_SUCCESS = "undefined: no successes"
OF_LIMITS = ("%", "s", "min", "h", "days")
"""Units that stand beside the number of a limit; the others are below the axis alone."""
ROOM = 0.55
"""Height of the label of a limit, in rows."""


@style.chart
def plot_comparison(
    result: Comparison | Replications,
    metric: Metric | str = "cpst",
    ax: Axes | None = None,
    size: Size = "notebook",
    chosen: str | None = None,
    conditions: Sequence[Condition] | None = None,
) -> Axes:
    """A metric of every variant with its 95 % interval; the winner filled, the baseline and limits as lines.

    With `chosen`, that variant takes the winner's place, and there is no baseline. The limits are those of the
    decision's rule on this metric, or of the `conditions` that are given. Draws `frames.comparison`. Raises KeyError
    for an unknown metric.
    """
    from analysis.frames import comparison

    rows = comparison(result, metric, conditions)
    if chosen is not None:
        rows = rows.assign(is_winner=rows["variant"] == chosen, is_baseline=False)
    limits = rows.attrs.get("limits", [])
    ax = style.new_axes(ax, size, style.height_of(size, len(rows) + ROOM * len(limits)))
    bounds = [bound for _, bound in limits]
    scale = scale_of(str(rows["unit"].iloc[0]), [*rows["value"], *rows["high"], *bounds])
    for place, row in enumerate(records(rows)):
        _variant(ax, row, place, scale.factor)
    if len(rows) > 1:
        _baseline(ax, rows, scale.factor)
    if rows["value"].isna().all():
        ax.set_xticks([])
    list_names(ax, list(rows["variant"]), size)
    ax.margins(x=0.14)
    _limits(ax, limits, scale)
    for place, row in enumerate(records(rows)):
        _number(ax, row, place, scale.factor)
    title = f"{sentence(metric)}, {style.intervals(rows['low'])}"
    style.dress(ax, title, labelled(metric, scale.unit), "", grid="x")
    style.none_above(ax.xaxis, most_of(scale.unit, rows["value"] * scale.factor))
    return ax


def _baseline(ax: Axes, rows: pd.DataFrame, factor: float) -> None:
    """A line where the baseline is, if there is one."""
    for base in rows.loc[rows["is_baseline"], "value"].dropna() * factor:
        ax.axvline(base, color=style.FAINT, linewidth=0.8, linestyle="--", zorder=0)
        ax.annotate("baseline", (base, 0), (3, 2), xycoords=("data", "axes fraction"), color=style.FAINT,
                    textcoords="offset points", fontsize=0.76 * style.points())  # fmt: skip


def _limits(ax: Axes, limits: Sequence[tuple[str, float]], scale: Scale) -> None:
    """A line at each limit of the rule, and above the variants which side of it is wanted."""
    unit = "" if scale.unit not in OF_LIMITS else f" {scale.unit}"
    for _, bound in limits:
        ax.axvline(bound * scale.factor, color=style.INK, linewidth=1.0, linestyle=":", zorder=0)
    low, high = ax.get_xlim()
    top = ax.get_ylim()[1]
    ax.set_ylim(top=top - ROOM * len(limits))
    for place, (sign, bound) in enumerate(limits):
        at = bound * scale.factor
        side, aside = ("right", -3) if at > (low + high) / 2 else ("left", 3)
        ax.annotate(
            f"{SAID[sign]} {at:,.10g}{unit}", (at, top - ROOM * (place + 0.5)), (aside, 0), va="center", ha=side,
            textcoords="offset points", fontsize="small", color=style.INK,
        )  # fmt: skip


def list_names(ax: Axes, names: list[str], size: Size) -> None:
    """Names of lines that stand one under the other, the first at the top."""
    ax.set_yticks(range(len(names)), style.shorts(names, size))
    ax.set_ylim(len(names) - 0.35, -0.75)


def _variant(ax: Axes, row: dict[str, Any], place: int, factor: float) -> None:
    value = row["value"] * factor
    if value != value:
        text = NO_SUCCESS if row["note"] == "undefined" else str(row["note"] or "undefined")
        ax.annotate(text, (0.02, place), xycoords=("axes fraction", "data"), va="center", fontsize="small",
                    color=style.INK)  # fmt: skip
        return
    colour = style.RED if row["is_winner"] else style.BLUE
    if row["low"] == row["low"]:
        ax.plot([row["low"] * factor, row["high"] * factor], [place, place], color=colour, linewidth=2.2)
    filling = colour if row["is_winner"] or not row["is_baseline"] else "white"
    ax.plot(value, place, style.marker(1 if row["is_winner"] else 0), color=colour, markerfacecolor=filling)


def _number(ax: Axes, row: dict[str, Any], place: int, factor: float) -> None:
    """The number above a point, shifted where it would leave the Axes."""
    value = row["value"] * factor
    if value != value:
        return
    told = f"{_told(row, value)}{' · chosen' if row['is_winner'] else ''}"
    (low, high), half = ax.get_xlim(), 0.25 * style.points() * len(told) / style.width_of(ax)
    share = (value - low) / (high - low)
    side, aside = ("left", -3) if share < half else ("right", 3) if share > 1 - half else ("center", 0)
    back = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    ax.annotate(told, (value, place), (aside, 0.6 * style.points()), textcoords="offset points", ha=side,
                fontsize="small", color=style.INK, bbox=back)  # fmt: skip


def _told(row: dict[str, Any], value: float) -> str:
    """The number beside a point; a share next to 1 is not rounded to it."""
    text = significant(value)
    return share(row["value"]).removesuffix(" %") if row["unit"] == "share" and text == "100" else text


@style.chart
def plot_convergence(
    result: Replications, metric: Metric | str = "cpst", ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """How a metric and its 95 % interval settle as replications come in.

    Draws `frames.convergence`. Raises KeyError for an unknown metric.
    """
    from matplotlib.ticker import MaxNLocator

    from analysis.frames import convergence

    rows = convergence(result, metric)
    scale = scale_of(unit_of(metric, result.scenario.currency), rows["value"])
    ax = style.new_axes(ax, size)
    title, y = f"{sentence(metric)} as replications come in", labelled(metric, scale.unit)
    if not rows["value"].notna().any():
        style.say_instead(ax, "one replication: no interval" if rows.empty else NO_SUCCESS)
        return style.dress(ax, title, "replications", y)
    low, high = rows["low"] * scale.factor, rows["high"] * scale.factor
    ax.fill_between(rows["replications"], low, high, color=style.SKY, alpha=0.45, linewidth=0,
                    label="95 % interval")  # fmt: skip
    value = rows["value"] * scale.factor
    if len(rows) == 1:  # an area has no width yet
        ax.vlines(rows["replications"], low, high, color=style.SKY, alpha=0.45, linewidth=6)
    ax.plot(rows["replications"], value, color=style.BLUE, label="estimate", marker="o", markersize=2.5)
    last = float(value.iloc[-1])
    if last == last:
        ax.annotate(significant(last), (rows["replications"].iloc[-1], last), (4, 0), textcoords="offset points",
                    va="center", fontsize="small", color=style.BLUE)  # fmt: skip
    _settled(ax, low, high)
    ax.set_xlim(2 if len(rows) > 1 else 1, max(3, int(rows["replications"].max())))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5 if size == "print" else 9))
    style.dress(ax, title, "replications", y)
    style.none_above(ax.yaxis, most_of(scale.unit, value))
    legend(ax)
    return ax


def _settled(ax: Axes, low: pd.Series, high: pd.Series) -> None:
    """Cuts off the very wide intervals of the first few replications, where later ones are much narrower."""
    known = (high - low).dropna()
    late = known.iloc[len(known) // 4 :] if len(known) >= 8 else known
    if not len(late):
        return
    bottom, top = float(low[late.index].min()), float(high[late.index].max())
    room = 0.15 * (top - bottom) or 0.1 * abs(top) or 1.0
    ax.set_ylim(max(bottom - room, 0.0) if bottom >= 0 else bottom - room, top + room)


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as mappings by column name."""
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]

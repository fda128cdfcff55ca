"""Charts of experiments: variants with intervals, what a success costs, frontier, risk, convergence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.style import Size
from analysis.figures.units import labelled, scale_of, unit_of, words
from analysis.format import significant

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from analysis.experiments import Comparison, Replications

NO_SUCCESS = "undefined: no successes"
RISK_WORDS = {
    "cfr_analytic": "analytic: from each stage's own risk",
    "cfr_chain": "chain: a defect of an agent",
    "cfr_delivered": "delivered: wrong or failed at the end",
}


def plot_comparison(
    result: Comparison | Replications,
    metric: str = "cpst",
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """A metric of every variant with its 95 % interval; the winner filled, the baseline as a line.

    Draws `frames.comparison`. Raises KeyError for an unknown metric.
    """
    from analysis.frames import comparison

    rows = comparison(result, metric)
    ax = style.new_axes(ax, size, _height(size, len(rows)))
    scale = scale_of(str(rows["unit"].iloc[0]), [*rows["value"], *rows["high"]])
    for place, row in enumerate(_records(rows)):
        _variant(ax, row, place, scale.factor)
    base = rows.loc[rows["is_baseline"], "value"].iloc[0] * scale.factor
    if len(rows) > 1 and base == base:
        ax.axvline(base, color=style.FAINT, linewidth=0.8, linestyle="--", zorder=0)
    ax.set_yticks(range(len(rows)), [style.short(name) for name in rows["variant"]])
    ax.invert_yaxis()
    ax.margins(x=0.18, y=0.12 if len(rows) > 2 else 0.4)
    title = f"{words(metric).capitalize()}, with 95 % interval"
    return style.dress(ax, title, labelled(metric, scale.unit), "", grid="x")


def _variant(ax: Axes, row: dict[str, Any], place: int, factor: float) -> None:
    value = row["value"] * factor
    if value != value:
        text = NO_SUCCESS if row["note"] == "undefined" else row["note"]
        ax.annotate(text, (0.02, place), xycoords=("axes fraction", "data"), va="center", fontsize="small")
        return
    colour = style.COLOURS[1] if row["is_winner"] else style.COLOURS[0]
    if row["low"] == row["low"]:
        ax.plot([row["low"] * factor, row["high"] * factor], [place, place], color=colour, linewidth=2.2)
    filling = colour if row["is_winner"] or not row["is_baseline"] else "white"
    ax.plot(value, place, style.marker(1 if row["is_winner"] else 0), color=colour, markerfacecolor=filling)
    told = f"{significant(value)}{' · chosen' if row['is_winner'] else ''}"
    ax.annotate(told, (value, place), (0, 7), textcoords="offset points", ha="center", fontsize="small")


def plot_cost_breakdown(
    result: Comparison | Replications, ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """What a success costs, by line of the ledger, stacked for each variant, the sum at the end.

    Draws `frames.cost_breakdown`.
    """
    from analysis.frames import cost_breakdown

    rows = cost_breakdown(result)
    names = list(dict.fromkeys(rows["variant"]))
    ax = style.new_axes(ax, size, _height(size, len(names) + 1))
    table = rows.pivot(index="variant", columns="line", values="value").reindex(names)
    lines = list(dict.fromkeys(rows["line"]))
    ends = [0.0] * len(names)
    for place, line in enumerate(lines):
        values = table[line].fillna(0.0).tolist()
        ax.barh(
            range(len(names)), values, left=ends, height=0.62, label=line, color=style.colour(place),
            hatch=style.HATCHES[place % len(style.HATCHES)], edgecolor="white", linewidth=0.5,
        )  # fmt: skip
        ends = [end + value for end, value in zip(ends, values, strict=True)]
    for place, (name, end) in enumerate(zip(names, ends, strict=True)):
        told = NO_SUCCESS if table.loc[name].isna().any() else significant(end)
        ax.annotate(told, (end, place), (4, 0), textcoords="offset points", va="center", fontsize="small")
    ax.set_yticks(range(len(names)), [style.short(name) for name in names])
    ax.invert_yaxis()
    ax.margins(x=0.14)
    if lines:
        ax.legend(
            loc="upper center", bbox_to_anchor=(0.45, -0.22 if size != "print" else -0.3), ncols=3,
            frameon=False, fontsize="small",
        )  # fmt: skip
    unit = str(rows["unit"].iloc[0]) if len(rows) else ""
    return style.dress(ax, "What a success costs", unit, "", grid="x")


def plot_frontier(
    result: Comparison | Replications,
    x: str = "cpst",
    y: str = "cfr_delivered",
    size_by: str = "throughput",
    ax: Axes | None = None,
    size: Size = "notebook",
) -> Axes:
    """Two metrics of every variant against each other with 95 % intervals, the area of a point by a third.

    Dominated variants are hollow and grey: another is at least as good in all three and better in one. Draws
    `frames.frontier`. Raises KeyError for an unknown metric.
    """
    from analysis.frames import frontier
    from analysis.frames.compared import variants_of

    rows = frontier(result, x, y, size_by)
    currency = next(iter(variants_of(result).values())).scenario.currency
    ax = style.new_axes(ax, size)
    across, up = (scale_of(unit_of(name, currency), rows[role]) for name, role in ((x, "x"), (y, "y")))
    shown = rows.dropna(subset=["x", "y"])
    for place, row in enumerate(_records(shown)):
        _point(ax, row, place, (across.factor, up.factor), _area(row["size"], rows["size"]))
    if shown.empty:
        style.say_instead(ax, NO_SUCCESS)
    left_out = [style.short(name) for name in rows.loc[rows[["x", "y"]].isna().any(axis=1), "variant"]]
    note = f"\nundefined: {', '.join(left_out)}" if left_out and not shown.empty else ""
    ax.margins(0.2)
    title = f"Cost, risk and {words(size_by)}: grey is dominated"
    return style.dress(ax, title, labelled(x, across.unit) + note, labelled(y, up.unit), grid="both")


def _point(ax: Axes, row: dict[str, Any], place: int, factors: tuple[float, float], area: float) -> None:
    across, up = row["x"] * factors[0], row["y"] * factors[1]
    colour = style.FAINT if row["dominated"] else style.colour(place)
    if row["x_low"] == row["x_low"]:
        ax.plot(
            [row["x_low"] * factors[0], row["x_high"] * factors[0]], [up, up], color=colour, linewidth=1.2
        )
    if row["y_low"] == row["y_low"]:
        ax.plot(
            [across, across],
            [row["y_low"] * factors[1], row["y_high"] * factors[1]],
            color=colour,
            linewidth=1.2,
        )
    ax.scatter(
        [across], [up], s=area, marker=style.marker(place), zorder=3, edgecolors=colour,
        facecolors="white" if row["dominated"] else colour,
    )  # fmt: skip
    told = style.short(row["variant"]) + (" · chosen" if row["is_winner"] else "")
    ax.annotate(told, (across, up), (7, 6), textcoords="offset points", fontsize="small")


def _area(value: float, values: pd.Series) -> float:
    """Points squared, in proportion to the value; the largest is 120."""
    largest = values.max()
    return 30.0 if not largest > 0 or value != value else max(120.0 * value / largest, 12.0)


def plot_cfr(result: Comparison | Replications, ax: Axes | None = None, size: Size = "notebook") -> Axes:
    """The three cascade failure risks of each variant with 95 % intervals: the gaps between them are the finding.

    Draws `frames.cfr`.
    """
    from analysis.frames import cfr

    rows = cfr(result)
    names = list(dict.fromkeys(rows["variant"]))
    ax = style.new_axes(ax, size, _height(size, 1.6 * len(names) + 1))
    for place, (risk, told) in enumerate(RISK_WORDS.items()):
        part = rows[rows["risk"] == risk].reset_index(drop=True)
        heights = [number + (place - 1) * 0.24 for number in range(len(part))]
        values, colour = part["value"] * 100, style.colour(place)
        ax.hlines(heights, part["low"] * 100, part["high"] * 100, color=colour, linewidth=2)
        ax.plot(values, heights, style.marker(place), color=colour, label=told)
        for value, height in zip(values, heights, strict=True):
            text = "undefined" if value != value else f"{significant(value)} %"
            at = (0.0 if value != value else value, height)
            ax.annotate(text, at, (7, 5), textcoords="offset points", fontsize="x-small")
    ax.set_yticks(range(len(names)), [style.short(name) for name in names])
    ax.invert_yaxis()
    ax.margins(y=0.15)
    ax.set_xlim(left=0)
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.2), frameon=False, fontsize="small")
    return style.dress(ax, "Cascade failure risk, with 95 % intervals", "tasks (%)", "", grid="x")


def plot_convergence(
    result: Replications, metric: str = "cpst", ax: Axes | None = None, size: Size = "notebook"
) -> Axes:
    """How a metric and its 95 % interval settle as replications come in.

    Draws `frames.convergence`. Raises KeyError for an unknown metric.
    """
    from matplotlib.ticker import MaxNLocator

    from analysis.frames import convergence

    rows = convergence(result, metric)
    scale = scale_of(unit_of(metric, result.scenario.currency), rows["value"])
    ax = style.new_axes(ax, size)
    if not rows["value"].notna().any():
        style.say_instead(ax, "one replication: no interval" if rows.empty else NO_SUCCESS)
    else:
        ax.fill_between(
            rows["replications"], rows["low"] * scale.factor, rows["high"] * scale.factor,
            color=style.COLOURS[5], alpha=0.45, linewidth=0, label="95 % interval",
        )  # fmt: skip
        ax.plot(rows["replications"], rows["value"] * scale.factor, color=style.COLOURS[0], label="estimate")
        ax.legend(frameon=False, fontsize="small")
        ax.set_xlim(2, max(3, int(rows["replications"].max())))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    title = f"{words(metric).capitalize()} as replications come in"
    return style.dress(ax, title, "replications", labelled(metric, scale.unit))


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _height(size: Size, lines: float) -> float:
    """Inches for a list of this many lines: as the size says, or more for a long one."""
    return max(style.SIZES[size][1] * 0.75, 1.3 + 0.36 * lines)

"""Pictures of a page: the charts at the page's size, each with what it says in words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from analysis.figures import style
from analysis.figures.units import labelled, scale_of, sentence, unit_of
from analysis.format import UNDEFINED, count, interval, share, significant
from analysis.page.model import Figure
from analysis.page.sentences import joined
from analysis.report.breakeven import answer, point_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from analysis.experiments import Comparison, Replications
    from analysis.experiments.crossover import Breakeven
    from analysis.experiments.one_at_a_time import Sensitivity
    from analysis.experiments.sobol import SobolIndices
    from analysis.experiments.sweep import Sweep

    Drawable = Comparison | Replications

PER_CENT = scale_of("share", ()).factor


def picture(
    title: str, description: str, plot: Callable[..., Axes], *about: Any, below: str = "", **how: Any
) -> Figure:
    """A chart that is drawn when the page is; `below` is one more line under it."""

    def drawn(size: style.Size) -> str:
        ax = plot(*about, size=size, **how)
        if below:
            ax.set_xlabel(f"{ax.get_xlabel()}\n{style.plain(below)}")
        figure = ax.get_figure(root=True)
        assert figure is not None
        return style.svg(figure)

    return Figure(title, description, drawn)


def compared_picture(result: Comparison, metric: str, chosen: str | None = None) -> Figure:
    """A metric of every variant with its interval; `chosen` is marked where no decision says what is."""
    from analysis.figures import plot_comparison
    from analysis.frames import comparison

    rows = comparison(result, metric)
    scale = scale_of(str(rows["unit"].iloc[0]), [*rows["value"], *rows["high"]])
    told = _listed((row["variant"], _value(row, "", scale.factor)) for row in _records(rows))
    title = f"{sentence(metric)} of every variant"
    text = f"{labelled(metric, scale.unit)} with 95 % intervals: {told}."
    return picture(title, text, plot_comparison, result, metric, chosen=chosen)


def cost_picture(result: Drawable, below: str = "") -> Figure:
    """What a success costs, line by line."""
    from analysis.figures import plot_cost_breakdown
    from analysis.frames import comparison, cost_breakdown
    from analysis.frames.compared import DAMAGE_LINE

    rows = cost_breakdown(result)
    sums = {
        row["variant"]: _value(row, "", 1.0) for row in _records(comparison(result, rows.attrs["metric"]))
    }
    parts = []
    for name, group in rows.groupby("variant", sort=False):
        lines = [
            (row["line"].replace(",", ""), significant(row["value"]))
            for row in _records(group)
            if row["value"]
        ]
        parts.append(f"{name}: {_listed([*lines, ('in all', sums[name])])}")
    unit = str(rows["unit"].iloc[0]) if len(rows) else ""
    basis = "hours paid, idle ones too" if rows.attrs["basis"] == "paid" else "minutes worked"
    text = f"Stacked bars in {unit}, people by {basis}, the sums with 95 % intervals. {'; '.join(parts)}."
    with_damage = ", damage included" if DAMAGE_LINE in set(rows["line"]) else ""
    return picture(f"What a success costs{with_damage}", text, plot_cost_breakdown, result, below=below)


def frontier_picture(
    result: Comparison, x: str | None = None, y: str = "cfr_delivered", below: str = ""
) -> Figure:
    """Two metrics of every variant against each other, the first as in `plot_frontier` unless given."""
    from analysis.figures import plot_frontier
    from analysis.frames import frontier
    from analysis.frames.compared import cost_of

    currency, x = result.base.scenario.currency, x or cost_of(result)
    rows = frontier(result, x, y)
    across, up = (scale_of(unit_of(name, currency), rows[axis]) for name, axis in ((x, "x"), (y, "y")))
    told = [
        f"{row['variant']} {_value(row, 'x', across.factor)} and {_value(row, 'y', up.factor)}"
        f"{', dominated' if row['dominated'] else ''}"
        for row in _records(rows)
    ]
    axes = f"{labelled(x, across.unit)} against {labelled(y, up.unit)}"
    text = f"{axes}, with 95 % intervals: {'; '.join(told)}."
    return picture(
        "Cost against risk: cheap to the left, safe below", text, plot_frontier, result, x, y, below=below
    )


def risk_picture(result: Drawable, below: str = "") -> Figure:
    """Cascade failure risk three ways."""
    from analysis.figures import plot_cfr
    from analysis.frames import cfr

    rows = cfr(result)
    told = [
        f"{name}: " + _listed((str(row["risk"]).removeprefix("cfr_"), _share(row)) for row in _records(group))
        for name, group in rows.groupby("variant", sort=False)
    ]
    return picture(
        "Cascade failure risk: expected from each stage, of the chain, at the end",
        f"Shares of tasks with 95 % intervals. {'; '.join(told)}.", plot_cfr, result, below=below,
    )  # fmt: skip


def convergence_picture(result: Replications, metric: str = "cpst") -> Figure:
    """How a metric settles."""
    from analysis.figures import plot_convergence
    from analysis.frames import convergence

    rows = _records(convergence(result, metric))
    currency = result.scenario.currency
    unit = unit_of(metric, currency)
    ends = [rows[0], rows[-1]] if len(rows) > 1 else rows
    told = "; ".join(f"after {row['replications']} {_value(row, '', 1.0)} {unit}" for row in ends)
    text = f"The estimate with its 95 % interval: {told}." if told else "One replication has no interval."
    return picture(f"{sentence(metric)} as replications come in", text, plot_convergence, result, metric)


def _records(rows: DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _value(row: dict[str, Any], role: str, factor: float) -> str:
    """A number with its interval; a share next to 1 is not rounded to it, as in the charts."""
    prefix = f"{role}_" if role else ""
    value, low, high = row[role or "value"], row[f"{prefix}low"], row[f"{prefix}high"]
    if value != value:
        return "undefined"
    text = significant(value * factor)
    if factor == PER_CENT and text == "100":
        text = share(value).removesuffix(" %")
    return f"{text} {_bounds(low * factor, high * factor)}".rstrip()


def _share(row: dict[str, Any]) -> str:
    if row["value"] != row["value"]:
        return "undefined"
    bounds = interval(row["low"], row["high"], "%")
    return share(row["value"]) + ("" if bounds == UNDEFINED else f" {bounds}")


def _bounds(low: float, high: float) -> str:
    text = interval(low, high)
    return "" if text == UNDEFINED else text


def _listed(parts: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {text}" for name, text in parts)


def defect_picture(result: Replications, name: str = "") -> Figure | None:
    """Where defects are born, caught and let through; None where there was none."""
    from analysis.figures import plot_defect_flow
    from analysis.frames import defects_by_stage

    rows = defects_by_stage(result.tallies)
    if not int(rows["born"].sum()):
        return None
    told = "; ".join(
        f"{row['stage']}: born {count(row['born'])}, caught {count(row['caught'])}, escaped {count(row['escaped'])}"
        for row in _records(rows)
    )
    lead = f"{name}: " if name else ""
    title = f"{lead}defects from stage to stage, all replications"
    text = f"{lead}{count(rows.attrs['tasks'])} {rows.attrs['type']} tasks. {told}."
    return picture(title, text, plot_defect_flow, result, variant=name)


def trade_off_picture(result: Sweep, metrics: tuple[str, ...]) -> Figure:
    """Several metrics along one path."""
    from analysis.figures import plot_trade_off
    from analysis.frames import trade_off

    rows = trade_off(result, metrics)
    told = [
        f"{labelled(str(name), unit)}: "
        + _listed((f"at {row['point']}", _value(row, "", scale)) for row in _records(group))
        for name, group in rows.groupby("metric", sort=False)
        for scale, unit in [_scale(group)]
    ]
    path = rows.attrs["path"]
    text = f"Along {path}, with 95 % intervals. {'; '.join(told)}."
    return picture(f"What {path} trades", text, plot_trade_off, result, metrics)


def heat_picture(result: Sweep, metric: str) -> Figure:
    """One metric over two paths."""
    from analysis.figures import plot_heat_map
    from analysis.frames import heat_map

    rows = heat_map(result, metric)
    scale, unit = _scale(rows)
    across, up = rows.attrs["x"], rows.attrs["y"]
    told = "; ".join(
        f"{row['x']} and {row['y']}: {_value(row, '', scale)}"
        f"{'' if row['is_feasible'] else ' (misses a condition)'}"
        for row in _records(rows)
    )
    title = f"{sentence(metric)} over {across} and {up}"
    text = f"{labelled(metric, unit)} at values of {across} and {up}. {told}."
    return picture(title, text, plot_heat_map, result, metric)


def breakeven_picture(result: Breakeven) -> Figure:
    """The difference of two variants along a path, and where it crosses 0."""
    from analysis.figures import plot_breakeven
    from analysis.frames import breakeven

    rows = breakeven(result)
    scale, unit = _scale(rows)
    places = [point_text(result, point.at, digits=4) for point in result.points]
    told = _listed(
        (f"at {place}", _value(row, "", scale)) for place, row in zip(places, _records(rows), strict=True)
    )
    what = f"{' less '.join(result.between)} along {result.vary}"
    name = labelled(result.metric.name, "%-points" if unit == "%" else unit)
    text = f"{name}, {what}, with paired 95 % intervals: {told}. {' '.join(joined(answer(result)))}"
    return picture(f"{sentence(result.metric.name)}, {what}", text, plot_breakeven, result)


def sensitivity_picture(result: Sensitivity | SobolIndices, metric: str) -> Figure:
    """How far each parameter moves a metric."""
    from analysis.figures import plot_sensitivity
    from analysis.frames import sensitivity

    rows = sensitivity(result, metric)
    if rows.attrs["method"] == "sobol":
        told = _listed((str(row["parameter"]), share(row["total"])) for row in _records(rows))
        text = f"Share of the variance of {sentence(metric).lower()} that comes from each parameter: {told}."
    else:
        ends = (
            (str(row["parameter"]), f"{significant(row['to_low'])} to {significant(row['to_high'])}")
            for row in _records(rows)
        )
        text = f"Change of {sentence(metric).lower()} at the low and the high value: {_listed(ends)}."
        text += f" Set aside: {', '.join(rows.attrs['set_aside'])}." if rows.attrs["set_aside"] else ""
    return picture(f"What moves {sentence(metric).lower()}", text, plot_sensitivity, result, metric)


def _scale(rows: DataFrame) -> tuple[float, str]:
    scale = scale_of(str(rows["unit"].iloc[0]), [*rows["value"], *rows["high"]])
    return scale.factor, scale.unit

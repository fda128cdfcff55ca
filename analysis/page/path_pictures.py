"""Pictures of paths: what the values there do to the metrics of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figures.units import labelled, sentence
from analysis.format import share, significant
from analysis.page.model import Figure
from analysis.page.pictures import listed, picture, records, scale_of_rows, with_interval
from analysis.page.sentences import joined
from analysis.report.breakeven import answer, point_text

if TYPE_CHECKING:
    from analysis.experiments.crossover import Breakeven
    from analysis.experiments.one_at_a_time import Sensitivity
    from analysis.experiments.sobol import SobolIndices
    from analysis.experiments.sweep import Sweep


def trade_off_picture(result: Sweep, metrics: tuple[str, ...]) -> Figure:
    """Several metrics along one path."""
    from analysis.figures import plot_trade_off
    from analysis.frames import trade_off

    rows = trade_off(result, metrics)
    told = [
        f"{labelled(str(name), unit)}: "
        + listed((f"at {row['point']}", with_interval(row, "", scale)) for row in records(group))
        for name, group in rows.groupby("metric", sort=False)
        for scale, unit in [scale_of_rows(group)]
    ]
    path = rows.attrs["path"]
    text = f"Along {path}, with 95 % intervals. {'; '.join(told)}."
    return picture(f"What {path} trades", text, plot_trade_off, result, metrics)


def heat_picture(result: Sweep, metric: str) -> Figure:
    """One metric over two paths."""
    from analysis.figures import plot_heat_map
    from analysis.frames import heat_map

    rows = heat_map(result, metric)
    scale, unit = scale_of_rows(rows)
    across, up = rows.attrs["x"], rows.attrs["y"]
    told = "; ".join(
        f"{row['x']} and {row['y']}: {with_interval(row, '', scale)}"
        f"{'' if row['is_feasible'] else ' (misses a condition)'}"
        for row in records(rows)
    )
    title = f"{sentence(metric)} over {across} and {up}"
    text = f"{labelled(metric, unit)} at values of {across} and {up}. {told}."
    return picture(title, text, plot_heat_map, result, metric)


def breakeven_picture(result: Breakeven) -> Figure:
    """The difference of two variants along a path, and where it crosses 0."""
    from analysis.figures import plot_breakeven
    from analysis.frames import breakeven

    rows = breakeven(result)
    scale, unit = scale_of_rows(rows)
    places = [point_text(result, point.at, digits=4) for point in result.points]
    told = listed(
        (f"at {place}", with_interval(row, "", scale))
        for place, row in zip(places, records(rows), strict=True)
    )
    what = f"{' minus '.join(result.between)} along {result.vary}"
    name = labelled(result.metric.name, "%-points" if unit == "%" else unit)
    text = f"{name}, {what}, with paired 95 % intervals: {told}. {' '.join(joined(answer(result)))}"
    return picture(f"{sentence(result.metric.name)}, {what}", text, plot_breakeven, result)


def sensitivity_picture(result: Sensitivity | SobolIndices, metric: str) -> Figure:
    """How far each parameter moves a metric."""
    from analysis.figures import plot_sensitivity
    from analysis.frames import sensitivity

    rows = sensitivity(result, metric)
    if rows.attrs["method"] == "sobol":
        told = listed((str(row["parameter"]), share(row["total"])) for row in records(rows))
        text = f"Share of the variance of {sentence(metric).lower()} that comes from each parameter: {told}."
    else:
        ends = (
            (str(row["parameter"]), f"{significant(row['to_low'])} to {significant(row['to_high'])}")
            for row in records(rows)
        )
        text = f"Change of {sentence(metric).lower()} at the low and the high value: {listed(ends)}."
        text += f" Set aside: {', '.join(rows.attrs['set_aside'])}." if rows.attrs["set_aside"] else ""
    return picture(f"What moves {sentence(metric).lower()}", text, plot_sensitivity, result, metric)

"""Pictures of results: what variants come to beside each other, or how one of them does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.figures.units import labelled, scale_of, sentence, unit_of
from analysis.format import count, significant
from analysis.page.model import Figure
from analysis.page.pictures import listed, picture, records, scale_of_rows, share_with_interval, with_interval
from analysis.report.words import limits

if TYPE_CHECKING:
    from analysis.experiments import Comparison, Replications
    from analysis.experiments.conditions import Condition

    Drawable = Comparison | Replications


def compared_picture(
    result: Comparison,
    metric: str,
    chosen: str | None = None,
    conditions: Sequence[Condition] | None = None,
) -> Figure:
    """A metric of every variant with its interval and its limits: those of the rule, or of the `conditions` given.

    `chosen` is marked where no decision says what is.
    """
    from analysis.figures import plot_comparison
    from analysis.frames import comparison
    from analysis.frames.compared import conditions_of

    rows = comparison(result, metric, conditions)
    scale, unit = scale_of_rows(rows)
    told = listed((row["variant"], with_interval(row, "", scale)) for row in records(rows))
    asked = conditions_of(result) if conditions is None else conditions
    kept = limits([part for part in asked if part.metric == metric], result.base.scenario.currency)
    title = f"{sentence(metric)} of every variant"
    text = f"{labelled(metric, unit)} with 95 % intervals: {told}." + (f" Asked for: {kept}." if kept else "")
    return picture(title, text, plot_comparison, result, metric, chosen=chosen, conditions=conditions)


def cost_picture(result: Drawable, below: str = "") -> Figure:
    """What a success costs, line by line."""
    from analysis.figures import plot_cost_breakdown
    from analysis.frames import comparison, cost_breakdown
    from analysis.frames.compared import DAMAGE_LINE

    rows = cost_breakdown(result)
    sums = {
        row["variant"]: with_interval(row, "", 1.0)
        for row in records(comparison(result, rows.attrs["metric"]))
    }
    parts = []
    for name, group in rows.groupby("variant", sort=False):
        lines = [
            (row["line"].replace(",", ""), significant(row["value"]))
            for row in records(group)
            if row["value"]
        ]
        parts.append(f"{name}: {listed([*lines, ('in all', sums[name])])}")
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
        f"{row['variant']} {with_interval(row, 'x', across.factor)} and {with_interval(row, 'y', up.factor)}"
        f"{', dominated' if row['dominated'] else ''}"
        for row in records(rows)
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
        f"{name}: "
        + listed((str(row["risk"]).removeprefix("cfr_"), share_with_interval(row)) for row in records(group))
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

    rows = records(convergence(result, metric))
    currency = result.scenario.currency
    unit = unit_of(metric, currency)
    ends = [rows[0], rows[-1]] if len(rows) > 1 else rows
    told = "; ".join(f"after {row['replications']} {with_interval(row, '', 1.0)} {unit}" for row in ends)
    text = f"The estimate with its 95 % interval: {told}." if told else "One replication has no interval."
    return picture(f"{sentence(metric)} as replications come in", text, plot_convergence, result, metric)


def defect_picture(result: Replications, name: str = "") -> Figure | None:
    """Where defects are born, caught and let through; None where there was none."""
    from analysis.figures import plot_defect_flow
    from analysis.frames import defects_by_stage

    rows = defects_by_stage(result.tallies)
    if not int(rows["born"].sum()):
        return None
    told = "; ".join(
        f"{row['stage']}: born {count(row['born'])}, caught {count(row['caught'])}, escaped {count(row['escaped'])}"
        for row in records(rows)
    )
    lead = f"{name}: " if name else ""
    title = f"{lead}defects from stage to stage, all replications"
    text = f"{lead}{count(rows.attrs['tasks'])} {rows.attrs['type']} tasks. {told}."
    return picture(title, text, plot_defect_flow, result, variant=name)

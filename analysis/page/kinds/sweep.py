"""The page of a sweep: where the objective is best, how sure that is, and what the varied values trade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.experiments.sweep_rows import close_points, dominated_points, leader
from analysis.figures.paths import short_names, with_currency
from analysis.format import UNDEFINED
from analysis.metrics import metric_of
from analysis.page import cells, tables
from analysis.page.answers import best_point
from analysis.page.basis import basis, reproduction
from analysis.page.facts import facts_of, titled
from analysis.page.kinds.compare import mark_of, together, verdict
from analysis.page.model import Block, Cell, Column, Listing, Mark, PageDocument, Row, Section, Table
from analysis.page.path_pictures import heat_picture, trade_off_picture
from analysis.page.result_pictures import cost_picture, defect_picture, frontier_picture, risk_picture
from analysis.page.warnings import NOTHING, warnings_of
from analysis.report.sweep import usual_columns
from analysis.report.sweep_words import CLOSE, answer, baseline_kind, overload, value_text, values_of

if TYPE_CHECKING:
    from analysis.estimates import Estimate
    from analysis.experiments.comparison import Comparison
    from analysis.experiments.sweep import Sweep
    from analysis.metrics import Metric
    from analysis.page.source import Source

MOST_BARS = 16
"""Points that a picture with a bar or a name for each can hold."""
TRADED = ("escalation_share", "wrong_per_1000")
"""What is drawn beside the objective along one path."""


def sweep_page(source: Source, swept: Sweep) -> PageDocument:
    """The document of a sweep."""
    compared = swept.comparison
    best = leader(swept)
    shown = {
        _set(swept, name): compared.variants[name] for name in ([best] if best is not None else swept.points)
    }
    warned = [*overload(swept), *warnings_of(shown, source.made.partial)]
    sections = (
        Section("decision", "The points", (_points(swept), _differences(swept))),
        Section("pictures", "What the varied values trade", tuple(_pictures(swept))),
        Section("week", "Queues and people over the week", (_week(swept, best),)),
        Section("errors", "Where errors are born and caught", tuple(_errors(swept))),
        basis({"as written": swept.scenario}, "as written", source.made),
        Section("warnings", "Warnings", (Listing(tuple(warned) or (NOTHING,)),)),
        reproduction(source.made),
    )
    facts = facts_of(
        swept.scenario, source.made, f"{len(swept.points)} points on the same draws", compared.decision
    )
    told, *reasons = best_point(swept)
    return titled("sweep", swept.scenario, facts, told, [*reasons, answer(swept)], sections)


def _set(swept: Sweep, name: str) -> str:
    """The values of a point with the last parts of their paths: `threshold = 0.85`."""
    values = values_of(swept, name)
    return ", ".join(map(" = ".join, zip(short_names(swept.paths), values, strict=True)))


def _by_value(swept: Sweep) -> Comparison:
    """The points as variants that are called by their values alone: `0.85 · 4`."""
    compared = swept.comparison
    names = {name: " · ".join(map(value_text, point.values())) for name, point in swept.points.items()}
    variants = {names[name]: found for name, found in compared.variants.items()}
    return replace(compared, variants=variants, baseline=names[compared.baseline])


def _along(swept: Sweep) -> str:
    """What the values that a point is called by are values of."""
    return f"points by {_varied(swept)}"


def _varied(swept: Sweep) -> str:
    """What is varied, with the unit of amounts of money."""
    return " · ".join(map(with_currency, short_names(swept.paths), swept.currencies))


def _week(swept: Sweep, best: str | None) -> Table:
    """Queues at the leading point, or at all of them where there is none."""
    if best is None:
        return tables.queue_table(_by_value(swept).variants)
    found = tables.queue_table({best: swept.comparison.variants[best]})
    return Table(f"{found.title} at {_set(swept, best)}", found.columns, found.rows, found.remark)


def _points(swept: Sweep) -> Table:
    """One row per point: the varied values, the objective, what stands beside it, how the rule sees it."""
    currency, compared = swept.scenario.currency, swept.comparison
    metrics, close = usual_columns(swept), close_points(swept)
    beaten = dominated_points(swept)
    rows = []
    for name in swept.points:
        found = [cells.estimate(metric, compared.estimate(name, metric)) for metric in metrics]
        rows.append(
            Row(
                (*_values(swept, name), *found, Cell(_standing(swept, name, close, beaten))),
                _mark(swept, name),
            )
        )
    heads = [
        *_heads(swept),
        *(cells.column(metric, currency) for metric in metrics),
        Column("best, or what fails", is_number=False),
    ]
    remark = f"Values of {' and '.join(swept.paths)}. In brackets 95 % intervals."
    if close:
        remark += f" {CLOSE} Within the noise: the paired interval of the difference to the best holds 0. It covers for"
        remark += " all points together, so it is stricter than the chance of being the best."
    if beaten:
        remark += " Dominated: another is no worse in cost, risk and right deliveries, and better in one."
    return Table("Points", tuple(heads), tuple(rows), remark)


def _heads(swept: Sweep) -> tuple[Column, ...]:
    return tuple(map(Column, short_names(swept.paths), swept.currencies))


def _values(swept: Sweep, name: str) -> tuple[Cell, ...]:
    """The varied values of a point."""
    return tuple(
        Cell(value_text(value), value=float(value) if isinstance(value, int | float) else None)
        for value in swept.points[name].values()
    )


def _mark(swept: Sweep, name: str) -> Mark:
    if name == swept.comparison.baseline and swept.is_as_written and name != swept.comparison.decision.winner:
        return "baseline"
    return mark_of(swept.comparison.decision, name)


def _standing(swept: Sweep, name: str, close: tuple[str, ...], beaten: tuple[str, ...]) -> str:
    """What the rule says of a point; without a choice which has the least objective."""
    decision = swept.comparison.decision
    standing = decision.standings.get(name)
    said = ["the least"] if decision.winner is None and name == leader(swept) else []
    said += [f"{CLOSE} within the noise of the best"] if name in close else []
    if standing is not None and (standing.failed or decision.winner is not None):
        said.append(verdict(standing, decision, swept.scenario.currency))
    said += ["dominated"] if name in beaten else []
    return ", ".join(part for part in said if part != UNDEFINED) or UNDEFINED


def _differences(swept: Sweep) -> Table:
    """Differences of every point to the baseline."""
    compared, metrics = swept.comparison, usual_columns(swept)
    rows = tuple(
        Row(
            (
                *_values(swept, name),
                *(_difference(metric, compared.difference(name, metric).paired) for metric in metrics),
            )
        )
        for name in swept.points
        if name != compared.baseline
    )
    units = [cells.difference_unit(metric, swept.scenario.currency) for metric in metrics]
    heads = [Column(cells.called(metric), unit) for metric, unit in zip(metrics, units, strict=True)]
    title = f"Differences to {_set(swept, compared.baseline)}, {baseline_kind(swept)}"
    is_marked = any(cell.beside.endswith(CLOSE) for row in rows for cell in row.cells)
    remark = f"{together(compared)} {CLOSE} The interval holds 0." if is_marked else together(compared)
    return Table(title, (*_heads(swept), *heads), rows, remark)


def _difference(metric: Metric, found: Estimate) -> Cell:
    """A difference with its interval, marked where that holds 0; what is exactly the same is no noise."""
    cell = cells.difference(metric, found)
    is_doubtful = found.low is not None and found.high is not None and found.low <= 0 <= found.high
    return replace(cell, beside=f"{cell.beside} {CLOSE}") if is_doubtful and found.low != found.high else cell


def _pictures(swept: Sweep) -> Iterator[Block]:
    objective = swept.objective.name
    if len(swept.paths) == 2:
        yield heat_picture(swept, objective)
        yield heat_picture(swept, "wrong_per_1000")
    else:
        known = [name for name in TRADED if _is_defined(swept, name)]
        yield trade_off_picture(swept, tuple(dict.fromkeys([*known, objective])))
    if len(swept.points) <= MOST_BARS:
        named, along = _by_value(swept), _along(swept)
        yield frontier_picture(named, "cpst" if named.is_staffed_alike else "cpst_loaded", below=along)
        yield cost_picture(named, along)


def _is_defined(swept: Sweep, name: str) -> bool:
    metric = metric_of(name)
    return any(swept.comparison.estimate(point, metric).value for point in swept.points)


def _errors(swept: Sweep) -> Iterator[Block]:
    """How risk comes about at every point where work goes on from stage to stage, else what became of errors."""
    named, along, best = _by_value(swept), _along(swept), leader(swept)
    has_chains = tables.has_chains(named.variants)
    if has_chains and len(swept.points) <= MOST_BARS:
        yield risk_picture(named, along)
    if best is not None:
        flow = defect_picture(swept.comparison.variants[best], _set(swept, best))
        yield from () if flow is None else (flow,)
    found = (tables.risk_table if has_chains else tables.stage_table)(named.variants)
    if has_chains or len(swept.points) > 1:
        head = Column(_varied(swept), is_number=False)
        found = replace(found, columns=(head, *found.columns[1:]))
    yield found

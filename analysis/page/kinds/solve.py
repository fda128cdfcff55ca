"""The page of a search: the least that is enough, what one less comes to, and everything that was tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.experiments import Comparison
from analysis.experiments.search.candidate import short_name
from analysis.explain.page import kinds_of
from analysis.figures.paths import short_names
from analysis.format import capital
from analysis.metrics import METRICS
from analysis.page import cells, tables
from analysis.page.answers import least_enough
from analysis.page.basis import basis, reproduction
from analysis.page.facts import facts_of, titled
from analysis.page.model import Block, Cell, Column, Listing, PageDocument, Row, Section, Table
from analysis.page.result_pictures import compared_picture, cost_picture, defect_picture
from analysis.page.sentences import joined
from analysis.page.warnings import NOTHING, warnings_of
from analysis.report.chance import probability
from analysis.report.solve import answer, unasked
from analysis.report.words import limit, limits

if TYPE_CHECKING:
    from analysis.experiments.search.candidate import Candidate
    from analysis.experiments.solution import Solution
    from analysis.page.source import Source

KNOWN = frozenset(metric.name for metric in METRICS)
MOST_BARS = 16
"""Candidates that a picture with a bar or a name for each can hold."""
MOST_ROWS = 200
"""Candidates in the table; the folder's candidates.csv has all."""


def solve_page(source: Source, solution: Solution) -> PageDocument:
    """The document of a search."""
    found = solution.nearest
    shown = {found.label: found.result}
    sections = (
        Section("decision", "What was tried", tuple(_tried(solution))),
        Section("pictures", "What less and more come to", tuple(_pictures(solution))),
        Section("week", "Queues and people over the week", (tables.queue_table(shown),)),
        Section("errors", "Where errors are born and caught", tuple(_errors(found))),
        basis({"as written": solution.scenario}, "as written", source.made),
        Section("warnings", "Warnings", (Listing(_warned(source, solution) or (NOTHING,)),)),
        reproduction(source.made),
    )
    kinds = ", ".join(kinds_of(solution.solved)).replace("_", " ")
    facts = (
        kinds,
        *facts_of(solution.scenario, source.made, f"{len(solution.tried)} candidates on the same draws"),
        f"least {' and '.join(map(_varied, solution.paths))}",
        *filter(None, [limits(solution.conditions, solution.scenario.currency)]),
    )  # fmt: skip
    told, *reasons = least_enough(solution)
    reasons.append(" ".join(joined(answer(solution))))
    return titled("solve", solution.scenario, facts, told, reasons, sections)


def _varied(path: str) -> str:
    """What is varied, in words: `positions of clerk`."""
    role = short_name(path)
    return short_names([path])[0].replace("_", " ") if role == path else f"positions of {role}"


def _tried(solution: Solution) -> Iterator[Block]:
    currency = solution.scenario.currency
    heads = [Column(name.replace("_", " ")) for name in short_names(solution.paths)]
    heads += [
        Column(capital(limit(condition, currency)), _unit(condition.metric, currency))
        for condition in solution.conditions
    ]
    heads += [Column("probability of meeting them all", is_number=False)] if solution.conditions else []
    heads += [cells.column(metric, currency) for metric in solution.objectives]
    rows = tuple(_row(solution, found) for found in _in_order(solution)[:MOST_ROWS])
    left = len(solution.tried) - len(rows)
    more = f" {left} more are in candidates.csv." if left > 0 else ""
    yield Table(
        "Candidates",
        tuple(heads),
        rows,
        f"Values of {' and '.join(solution.paths)}. In brackets 95 % intervals.{more}",
    )


def _errors(found: Candidate) -> Iterator[Block]:
    """What goes wrong with what is chosen, or comes nearest."""
    shown = {found.label: found.result}
    if (flow := defect_picture(found.result, found.label)) is not None:
        yield flow
    if tables.has_chains(shown):
        yield tables.risk_table(shown)
    yield tables.stage_table(shown)


def _unit(metric: str, currency: str) -> str:
    return next((cells.unit_of(one, currency) for one in METRICS if one.name == metric), "")


def _row(solution: Solution, found: Candidate) -> Row:
    values = [
        Cell(str(value), value=float(value) if isinstance(value, int | float) else None)
        for value in found.values.values()
    ]
    units = {metric.name: metric.unit for metric in METRICS}
    met = [cells.estimated(part.estimate, units.get(part.condition.metric, "")) for part in found.checks]
    chances = [part.probability for part in found.checks if part.probability is not None]
    sure = [Cell(probability(min(chances) if chances else None))] if solution.conditions else []
    goals = [
        cells.estimate(metric, one) for metric, one in zip(solution.objectives, found.objectives, strict=True)
    ]
    return Row(
        (*values, *met, *sure, *goals),
        "chosen" if found is solution.best else "" if found.passes else "fails",
    )


def _pictures(solution: Solution) -> Iterator[Block]:
    """The candidates side by side."""
    tried = _in_order(solution)
    if len(tried) > MOST_BARS:
        tried = [found for found in tried if found is solution.nearest or found in solution.one_less]
    side_by_side = Comparison(
        {found.label: found.result for found in tried}, solution.nearest.label, None, None
    )
    names = [part.metric for part in solution.conditions] + [metric.name for metric in solution.objectives]
    for name in list(dict.fromkeys(name for name in names if name in KNOWN))[:3]:
        chosen = "" if solution.best is None else solution.best.label
        yield compared_picture(side_by_side, name, chosen, solution.conditions)
    yield cost_picture(side_by_side)


def _in_order(solution: Solution) -> list[Candidate]:
    """The candidates as they were tried, or by rising value where one number was varied."""
    path = solution.paths[0]
    if len(solution.paths) > 1 or not all(
        isinstance(one.values[path], int | float) for one in solution.tried
    ):
        return list(solution.tried)
    return sorted(solution.tried, key=lambda one: float(one.values[path]))


def _warned(source: Source, solution: Solution) -> tuple[str, ...]:
    found = [*warnings_of({solution.nearest.label: solution.nearest.result}, source.made.partial)]
    if solution.best is None:
        found.insert(0, "Nothing that was tried is enough; what is shown comes nearest.")
    found += unasked(solution)
    if solution.exceptions:
        names = ", ".join(part.label for part in solution.exceptions)
        found.append(f"More is not always enough: {names} fails.")
    if solution.refused:
        found.append(f"{solution.refused} candidates are no valid scenario and were left out.")
    return tuple(found)

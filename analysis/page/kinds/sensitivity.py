"""The page of a sensitivity analysis: which parameters matter, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.experiments.money import currency_at
from analysis.experiments.one_at_a_time import Sensitivity
from analysis.metrics import metric_of
from analysis.page import cells, tables
from analysis.page.basis import basis, reproduction
from analysis.page.facts import facts_of, titled
from analysis.page.model import Block, Cell, Column, Listing, PageDocument, Paragraph, Row, Section, Table
from analysis.page.path_pictures import sensitivity_picture
from analysis.page.warnings import NOTHING, warnings_of
from analysis.report.sensitivity import sensitivity_answer
from analysis.report.sensitivity_scope import ranked_on, set_aside
from analysis.report.sweep_words import value_text

if TYPE_CHECKING:
    from analysis.experiments.effects import Effect
    from analysis.experiments.sobol import SobolIndices
    from analysis.page.source import Source

PARAMETER = Column("parameter", is_number=False)


def sensitivity_page(source: Source, found: Sensitivity | SobolIndices) -> PageDocument:
    """The document of a sensitivity analysis, one parameter at a time or by shares of variance."""
    names = found.metrics if isinstance(found, Sensitivity) else tuple(found.indices)
    rows = [row for row in found.rows() if row["metric"] == names[0]]
    rank = {str(row["parameter"]): place for place, row in enumerate(rows)}
    sections = (
        Section(
            "decision",
            "What matters",
            tuple(_effects(found) if isinstance(found, Sensitivity) else _shares(found)),
        ),
        Section(
            "pictures",
            "How far each parameter moves it",
            tuple(sensitivity_picture(found, name) for name in names),
        ),
        Section("week", "Queues and people over the week, as written", tuple(_week(found))),
        basis({"as written": found.scenario}, "as written", source.made, rank),
        Section("warnings", "Warnings", (Listing(_warned(source, found) or (NOTHING,)),)),
        reproduction(source.made),
    )
    facts = facts_of(found.scenario, source.made, _counted(found, len(rank)))
    reasons = tuple(filter(None, [ranked_on(found, found.scenario)]))
    return titled("sensitivity", found.scenario, facts, sensitivity_answer(found), reasons, sections)


def _counted(found: Sensitivity | SobolIndices, count: int) -> str:
    """How many parameters were looked at, and how many were not for long."""
    text = f"{count} parameter{'' if count == 1 else 's'}"
    aside = len(found.set_aside) if isinstance(found, Sensitivity) else 0
    return f"{text}, {aside} more set aside" if aside else text


def _effects(found: Sensitivity) -> Iterator[Block]:
    for name, effects in found.ranking.items():
        metric, currency = metric_of(name), found.scenario.currency
        unit = cells.difference_unit(metric, currency)
        heads = [PARAMETER, *(Column(text) for text in ("low", "as written", "high"))]
        heads += [
            Column("change at low", unit),
            Column("change at high", unit),
            Column("effect", is_number=False),
        ]
        rows = tuple(
            Row((
                cells.path(effect.parameter.path), *_values(effect, found),
                cells.difference(metric, effect.to_low), cells.difference(metric, effect.to_high),
                Cell(_standing(effect)),
            ))
            for effect in effects
        )  # fmt: skip
        yield Table(cells.called(metric), tuple(heads), rows, _remark(found))
    if aside := set_aside(found):
        yield Paragraph(aside)


def _values(effect: Effect, found: Sensitivity) -> Iterator[Cell]:
    """The low value of a parameter, the one as written and the high one, money after its currency."""
    parameter = effect.parameter
    currency = currency_at(parameter.path, found.scenario)
    for value in (parameter.low, parameter.written, parameter.high):
        yield Cell(value_text(value, currency))


def _remark(found: Sensitivity) -> str:
    """What the intervals hold for; parameters that were set aside count."""
    count = len(found.parameters.varied) + len(found.set_aside)
    together = "are of 95 %" if count == 1 else f"hold together, 95 % for all {count} parameters"
    together += ", those set aside too" if found.set_aside else ""
    return f"Paired differences to the scenario as written, one at a time; their intervals {together}."


def _standing(effect: Effect) -> str:
    """Whether a parameter has an effect, so far as these replications show."""
    if effect.is_seen:
        return "seen"
    return "none" if effect.size == 0.0 else "not told from noise"


def _shares(found: SobolIndices) -> Iterator[Block]:
    for name, indices in found.indices.items():
        rows = tuple(
            Row(
                (
                    cells.path(one.path),
                    cells.estimated(one.first, "share"),
                    cells.estimated(one.total, "share"),
                )
            )
            for one in indices
        )
        heads = (
            PARAMETER,
            Column("alone (first order)", "% of variance"),
            Column("with others (total)", "% of variance"),
        )
        remark = f"Sobol indices from {found.points} points; in brackets 95 % bootstrap intervals."
        yield Table(cells.called(metric_of(name)), heads, rows, remark)


def _week(found: Sensitivity | SobolIndices) -> Iterator[Block]:
    if isinstance(found, Sensitivity):
        yield tables.queue_table({"as written": found.base})


def _warned(source: Source, found: Sensitivity | SobolIndices) -> tuple[str, ...]:
    base = {"as written": found.base} if isinstance(found, Sensitivity) else {}
    told = list(warnings_of(base, source.made.partial) if base else ())
    if not base:
        told += [f"Partial result: {where}: {why}." for where, why in source.made.partial.items()]
    return (*told, *(f"Left out: {path}, {why}." for path, why in found.parameters.left_out.items()))

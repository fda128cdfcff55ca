"""The page of a comparison: what to choose, by how much the variants differ, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.experiments import comparison_rows
from analysis.experiments.results import estimate_of
from analysis.format import UNDEFINED
from analysis.frames.compared import conditions_of
from analysis.metrics import metric_of
from analysis.page import cells, tables
from analysis.page.answers import chosen_variant
from analysis.page.basis import basis, reproduction
from analysis.page.certainty import certainty_section
from analysis.page.facts import facts_of, titled
from analysis.page.model import Block, Cell, Column, Listing, Mark, PageDocument, Row, Section, Table
from analysis.page.result_pictures import (
    compared_picture,
    cost_picture,
    defect_picture,
    frontier_picture,
    risk_picture,
)
from analysis.page.warnings import NOTHING, warnings_of
from analysis.report.chance import probability
from analysis.report.compare_notes import same_when_staffed
from analysis.report.compare_tables import DIFFERENCES, cost_columns
from analysis.report.compare_words import certainty, recommendation, staffing
from analysis.report.people import idle_in_comparison
from analysis.report.words import limits
from sim.overlay import variant_warnings

if TYPE_CHECKING:
    from analysis.experiments import Comparison
    from analysis.experiments.decision import Decision, Standing
    from analysis.metrics import Metric
    from analysis.page.source import Source

VARIANT = Column("variant", is_number=False)
AS_WRITTEN = "as written"
BESIDE = ("wrong_per_1000", "sla_share")
"""What stands beside cost and what is limited, in the first table and in pictures."""
ALIKE = {"wrong_per_1000": "escape_share"}
"""What says the same in another unit."""


def compare_page(source: Source, compared: Comparison) -> PageDocument:
    """The document of a comparison."""
    elsewhere = certainty(compared)
    told = [sentence for sentence in recommendation(compared) if sentence not in elsewhere]
    scenarios = {name: variant.scenario for name, variant in compared.variants.items()}
    sections = (
        Section("decision", "The decision", tuple(_decision(compared))),
        Section("pictures", "Cost, risk and what a success is made of", tuple(_pictures(compared))),
        Section(
            "week",
            "Queues and people over the week",
            (people_table(compared), tables.queue_table(compared.variants)),
        ),
        Section("errors", "Where errors are born and caught", tuple(_errors(compared))),
        certainty_section(compared),
        basis(scenarios, compared.baseline, source.made),
        Section("warnings", "Warnings", (Listing(_warned(source, compared) or (NOTHING,)),)),
        reproduction(source.made),
    )
    facts = facts_of(
        compared.base.scenario, source.made, f"{len(scenarios)} variants on the same draws", compared.decision,
        is_staffed=compared.staffing is not None,
    )  # fmt: skip
    answer, *reasons = chosen_variant(compared)
    reasons += [" ".join(told), staffing(compared)]
    return titled("compare", compared.base.scenario, facts, answer, reasons, sections)


def _decision(compared: Comparison) -> Iterator[Block]:
    yield _standings(compared)
    yield _differences(compared)
    if lines := compared.cost_lines(is_short=True):
        decision = compared.decision
        rows = tuple(
            Row((Cell(line.name), cells.difference(metric_of("cpst"), line.difference))) for line in lines
        )
        heads = (
            Column("line of cost", is_number=False),
            Column("per success", compared.base.scenario.currency),
        )
        yield Table(f"What makes the difference: {decision.runner_up} minus {decision.winner}", heads, rows)
    yield from _types(compared)


def _standings(compared: Comparison) -> Table:
    """One row per variant: the objective, what it differs by, what goes wrong, and how the rule sees it."""
    currency, decision = compared.base.scenario.currency, compared.decision
    columns = cost_columns(compared)
    first = columns[0]
    names = [*_beside(compared), *(["cfr_delivered"] if tables.has_chains(compared.variants) else [])]
    plain = [*columns[1:], *map(metric_of, dict.fromkeys(names))]
    heads = [VARIANT, cells.column(first, currency), Column(f"difference to {compared.baseline}", currency)]
    heads += [cells.column(metric, currency) for metric in plain]
    heads += [Column("best, or what fails", is_number=False)]
    over = compared.over_inputs
    heads += [Column("best over the stated ranges", "% of draws")] if over is not None else []
    rows = []
    for name, variant in compared.variants.items():
        own = [cells.estimate(metric, estimate_of(metric, variant.tallies)) for metric in (first, *plain)]
        gap = cells.difference(first, compared.difference(name, first).paired)
        said = Cell(verdict(decision.standings.get(name), decision, currency))
        found = [own[0], Cell("baseline") if name == compared.baseline else gap, *own[1:], said]
        if over is not None:
            best = over.best.get(name)
            found.append(cells.number(None if best is None else best.share, "share", "too few draws"))
        rows.append(Row((Cell(name), *found), mark_of(decision, name)))
    return Table("Variants", tuple(heads), tuple(rows), together(compared))


def _beside(compared: Comparison) -> list[str]:
    """What stands beside cost: what the rule limits, then what is always worth a look and is not the same."""
    limited = [condition.metric for condition in conditions_of(compared)]
    found = [*limited, *(name for name in BESIDE if ALIKE.get(name) not in limited)]
    costs = {metric.name for metric in cost_columns(compared)}
    return [name for name in dict.fromkeys(found) if name not in costs]


def mark_of(decision: Decision, name: str) -> Mark:
    """What is said of the row of a variant."""
    return "chosen" if name == decision.winner else ""


def together(compared: Comparison) -> str:
    """What the intervals are."""
    many = len(compared.variants) - 1
    all_of_them = "both" if many == 2 else f"all {many}"
    paired = f"paired and for {all_of_them} together (Bonferroni)" if many > 1 else "paired"
    return f"In brackets 95 % intervals, those of differences {paired}."


def verdict(standing: Standing | None, decision: Decision, currency: str) -> str:
    """The probability of being the best, or the conditions that are not met."""
    if standing is None:
        return UNDEFINED
    if standing.failed:
        return f"fails: {limits((part.condition for part in standing.failed), currency)}"
    if not standing.is_admitted:
        return "its objective is not known"
    if decision.kept == 1 and len(decision.standings) > 1:
        return "the only one that meets the conditions"
    if standing.probability_best is None:
        return UNDEFINED
    return f"best with probability {probability(standing.probability_best)}"


def _differences(compared: Comparison) -> Table:
    """Differences to the baseline, a row a metric, a column a variant."""
    currency = compared.base.scenario.currency
    others = [name for name in compared.variants if name != compared.baseline]
    chosen: list[Metric] = [*cost_columns(compared)]
    chosen += [
        metric_of(name) for name, _, _ in DIFFERENCES if name not in [metric.name for metric in chosen]
    ]
    rows = []
    for metric in chosen:
        found = [compared.difference(name, metric).paired for name in others]
        if metric.name.startswith(("correction", "rework")) and not any(part.value for part in found):
            continue
        unit = cells.difference_unit(metric, currency)
        rows.append(Row((cells.named(metric, unit), *(cells.difference(metric, part) for part in found))))
    heads = (Column("", is_number=False), *map(Column, others))
    return Table(f"Differences to {compared.baseline}", heads, tuple(rows), together(compared))


def _types(compared: Comparison) -> Iterator[Table]:
    """The metrics of each task type in each variant, where there are several types."""
    if not compared.decisions_by_type:
        return
    names = ("cpst", "cpst_with_damage", "success_share", "wrong_per_1000", "sla_share")
    heads = [Column("task type", is_number=False), VARIANT]
    heads += [cells.column(metric_of(name), compared.base.scenario.currency) for name in names]
    rows: list[Row] = []
    for found in comparison_rows.by_type(compared):
        numbers = (cells.number(found[name], metric_of(name).unit) for name in names)
        chosen = compared.decisions_by_type[found["type"]]
        rows.append(
            Row((Cell(found["type"]), Cell(found["variant"]), *numbers), mark_of(chosen, found["variant"]))
        )
    remark = "The mark says what the rule would choose for that type alone; cost without platform cost."
    yield Table("By task type", tuple(heads), tuple(rows), remark)


def _pictures(compared: Comparison) -> Iterator[Block]:
    plain = "cpst" if compared.is_staffed_alike else "cpst_loaded"
    objective = compared.decision.objective
    yield frontier_picture(compared, plain)
    yield cost_picture(compared)
    if objective is not None:
        yield compared_picture(compared, objective.name)
    for name in _beside(compared):
        if any(variant.estimate(name).value is not None for variant in compared.variants.values()):
            yield compared_picture(compared, name)


def people_table(compared: Comparison) -> Table:
    """Months on both bases, people, their use and how far their minutes reach."""
    currency, staffed = compared.base.scenario.currency, compared.staffing
    names = ("cost_per_month", "cost_per_month_paid")
    heads = [VARIANT, *(cells.column(metric_of(name), currency) for name in names)]
    heads += [Column("people on shift" if staffed is None else "people needed"), Column("time used", "%")]
    heads += [Column("leverage", "times"), Column("playbook's band", "times", is_number=False)]
    rows = []
    for name, variant in compared.variants.items():
        leverage = compared.leverage(name)
        found = [cells.estimate(metric_of(one), variant.estimate(one)) for one in names]
        people = variant.estimate("people_on_shift").value if staffed is None else staffed[name].people
        found += [cells.number(people, "people", "nobody is on shift")]
        found += [cells.number(variant.estimate("utilisation").value, "share", "nobody is on shift")]
        found += [cells.estimated(leverage.estimate, "times"), Cell(_band(leverage.band))]
        rows.append(Row((Cell(name), *found), mark_of(compared.decision, name)))
    remark = (
        "Leverage: people's minutes per success when they do everything, over those here. People are positions filled "
        "whenever their calendar is open: absence that the calendar does not have comes on top."
    )
    return Table("People and months", tuple(heads), tuple(rows), remark)


def _band(band: tuple[float, float | None] | None) -> str:
    if band is None:
        return UNDEFINED
    low, high = band
    return f"{low:g} or more" if high is None else f"{low:g} to {high:g}"


def _errors(compared: Comparison) -> Iterator[Block]:
    has_chains = tables.has_chains(compared.variants)
    if has_chains:
        yield risk_picture(compared)
    shown = compared.decision.winner or compared.baseline
    if (flow := defect_picture(compared.variants[shown], shown)) is not None:
        yield flow
    if not has_chains:
        yield tables.stage_table(compared.variants)
        return
    yield tables.risk_table(compared.variants)
    for name, variant in compared.variants.items():
        yield tables.stage_table({name: variant}, f"What became of errors: {name}")


def _warned(source: Source, compared: Comparison) -> tuple[str, ...]:
    warm_up: dict[str, Any] | None = (
        None if compared.warm_up is None else dict(compared.warm_up.to_json_dict())
    )
    idle = idle_in_comparison(compared)
    found = [*warnings_of(compared.variants, source.made.partial, warm_up, [idle])]
    if AS_WRITTEN in compared.variants:
        base = compared.variants[AS_WRITTEN].scenario
        for name, patch in base.variants.items():
            found += [f"{text}." for text in variant_warnings(base.tree(), name, patch)]
    found += [f"{text}." for text in same_when_staffed(compared)]
    if compared.human_only is None:
        found.append("No leverage: the bindings do not say who would do everything under human_only.")
    return tuple(found)

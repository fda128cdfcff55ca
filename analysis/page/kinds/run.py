"""The page of a run: what a success costs, what goes wrong, where the money and the time go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from analysis.estimates import Estimate
from analysis.format import UNDEFINED, service_level, share, significant
from analysis.metrics import QUANTILES, by_type, label_of, metric_of
from analysis.metrics.words import ESCALATIONS
from analysis.page import cells, log_pictures, tables
from analysis.page.answers import month
from analysis.page.basis import basis, reproduction
from analysis.page.facts import facts_of, titled
from analysis.page.model import Block, Cell, Column, Listing, PageDocument, Paragraph, Row, Section, Table
from analysis.page.result_pictures import convergence_picture, cost_picture, defect_picture
from analysis.page.warnings import NOTHING, warnings_of
from analysis.report.people import idle_in_run
from analysis.report.words import amount, estimated

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.page.source import Source

FIGURES = (
    "cpst", "cpst_with_damage", "cpst_loaded", "cpst_playbook", "success_share", "reported_success_share",
    "wrong_per_1000", "damage_per_task", "sla_share", "throughput", "wip",
    *(f"cycle_time_p{percent}" for percent in QUANTILES), "wait_people_mean", "escalation_share",
    *(f"escalation_{reason}" for reason in ESCALATIONS), "people_on_shift", "utilisation", "cost_per_month_paid",
    "cost_per_month", "unfinished_share",
)  # fmt: skip
"""What the first table shows, in order."""
FIRST = "Pictures over time and of single tasks, here and above, are of the first replication; all else is of all."
ANSWER = ("cpst", "success_share", "wrong_per_1000", "sla_share")
"""What the answer is made of."""
ONLY_IF_SOME = (
    "damage_per_task",
    "cpst_with_damage",
    "unfinished_share",
    *(f"escalation_{one}" for one in ESCALATIONS),
)
"""Figures that say nothing where they, or what they add, are 0."""


def run_page(source: Source, result: Replications) -> PageDocument:
    """The document of a run."""
    scenario = result.scenario
    sections = (
        Section("decision", "What it comes to", (_figures(result, source.over_inputs), *_types(result))),
        Section("pictures", "Where the money and the time go", tuple(_pictures(source, result))),
        Section("week", "Queues and people over the week", tuple(_week(source, result))),
        Section("errors", "Where errors are born and caught", tuple(_errors(source, result))),
        Section("closer", "A closer look", tuple(_closer(source, result))),
        basis({scenario.name: scenario}, scenario.name, source.made),
        _warned(source, result),
        reproduction(source.made),
    )
    reasons = [month(result), intervals(result)]
    return titled("run", scenario, facts_of(scenario, source.made), answer(result), reasons, sections)


def answer(result: Replications) -> str:
    """What a success costs, and how much goes right, in one sentence."""
    scenario, cost = result.scenario, result.estimate("cpst")
    right, wrong = result.estimate("success_share"), result.estimate("wrong_per_1000")
    if cost.value is None:
        lead = "No task was delivered right, so the cost of a success is undefined"
    else:
        lead = f"A task done right costs {amount('cpst', cost.value, scenario.currency)}"
    parts = [f"{share(right.value)} of all tasks come out right"]
    if wrong.value is not None:
        parts.append(f"{significant(wrong.value)} of 1,000 deliveries are wrong")
    within = result.estimate("sla_share")
    if within.value is not None:
        parts.append(f"{share(within.value)} are delivered within {_promised(result)}")
    return f"{lead}; {', '.join(parts[:-1])}{' and ' if parts[:-1] else ''}{parts[-1]}."


def intervals(result: Replications) -> str:
    """The numbers of the answer with their intervals; empty where none has one."""
    found = {name: result.estimate(name) for name in ANSWER}
    told = [
        f"{label_of(name)} {estimated(name, one, result.scenario.currency)}"
        for name, one in found.items()
        if one.has_interval
    ]
    return f"With 95 % intervals: {'; '.join(told)}." if told else ""


def _promised(result: Replications) -> str:
    levels = {
        service_level(task.sla): None for task in result.scenario.tasks.values() if task.sla is not None
    }
    return next(iter(levels)) if len(levels) == 1 else "their service level"


def _figures(result: Replications, over_inputs: Mapping[str, Any] | None) -> Table:
    """The figures with their intervals and what they mean, and the range over uncertain inputs where it was drawn."""
    currency, rows = result.scenario.currency, []
    damaged = bool(result.estimate("damage_per_task").value)
    for name in FIGURES:
        metric, found = metric_of(name), result.estimate(name)
        if name in ONLY_IF_SOME and not (found.value and (damaged or "damage" not in name)):
            continue
        ranges = [] if over_inputs is None else [_drawn(over_inputs, name, metric.unit)]
        unit = cells.unit_of(metric, currency)
        rows.append(
            Row((cells.named(metric, unit), cells.estimate(metric, found), *ranges, Cell(metric.definition)))
        )
    extra = [] if over_inputs is None else [Column("95 % of draws")]
    heads = (Column("", is_number=False), Column("value, 95 % interval"), *extra)
    draws = (
        ""
        if over_inputs is None
        else f" Draws: {over_inputs['draws']} of the uncertain inputs, one replication each."
    )
    remark = f"In brackets 95 % intervals over {len(result.tallies)} replications.{draws}"
    return Table("The figures", (*heads, Column("meaning", is_number=False)), tuple(rows), remark)


def _drawn(over_inputs: Mapping[str, Any], name: str, unit: str) -> Cell:
    found = over_inputs["metrics"].get(name, {})
    low, high = found.get("inputs_low"), found.get("inputs_high")
    if low is None or high is None:
        return Cell(UNDEFINED, note="no range over the inputs")
    return Cell(cells.estimated(Estimate(low, low, high, 0), unit).beside, low=low, high=high)


def _types(result: Replications) -> Iterator[Table]:
    """What became of each task type, where there are several."""
    if len(result.scenario.tasks) < 2:
        return
    names = ("cpst", "success_share", "wrong_per_1000", "sla_share", "escalation_share")
    metrics = [metric_of(name) for name in names]
    rows = tuple(
        Row((
            Cell(str(row["type"])), cells.whole(_number(row["tasks"])),
            *(cells.number(_number(row[metric.name]), metric.unit) for metric in metrics),
        ))
        for row in by_type(result.tallies)
    )  # fmt: skip
    heads = [cells.column(metric, result.scenario.currency) for metric in metrics]
    yield Table("By task type", (Column("task type", is_number=False), Column("tasks"), *heads), rows)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _pictures(source: Source, result: Replications) -> Iterator[Block]:
    yield cost_picture(result)
    yield (
        convergence_picture(result)
        if source.log is None
        else log_pictures.time_picture(source.log, result.scenario)
    )
    yield tables.money_table(result)


def _week(source: Source, result: Replications) -> Iterator[Block]:
    if source.log is not None:
        yield from log_pictures.pool_pictures(source.log, result)
    yield tables.queue_table({result.scenario.name: result})


def _errors(source: Source, result: Replications) -> Iterator[Block]:
    if (flow := defect_picture(result)) is not None:
        yield flow
    if (
        source.log is not None
        and (found := log_pictures.calibration_picture(source.log, result.scenario)) is not None
    ):
        yield found
    shown = {result.scenario.name: result}
    if tables.has_chains(shown):
        yield tables.risk_table(shown)
    yield tables.stage_table(shown)
    if (failures := tables.failure_table(result)) is not None:
        yield failures


def _closer(source: Source, result: Replications) -> Iterator[Block]:
    """What the log of the first replication shows besides."""
    if source.log is None:
        return
    yield Paragraph(FIRST)
    yield log_pictures.use_picture(source.log, result.scenario)
    yield log_pictures.spending_picture(source.log, result.scenario)
    if (task := log_pictures.trace_picture(source.log, result.scenario)) is not None:
        yield task
    yield convergence_picture(result)


def _warned(source: Source, result: Replications) -> Section:
    shown = {result.scenario.name: result}
    found = warnings_of(shown, source.made.partial, source.warm_up, [idle_in_run(result)])
    return Section("warnings", "Warnings", (Listing(found or (NOTHING,)),))

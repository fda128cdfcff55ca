"""Tables of replications that several kinds of page have: where money goes, queues, failures, stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis import estimates
from analysis.metrics import (
    CHECKS,
    busiest_hours,
    by_stage,
    defect_flow,
    metric_of,
    queues,
    risk_totals,
    task_failures,
)
from analysis.page import cells
from analysis.page.model import Cell, Column, Row, Table
from analysis.report.sections import is_about_chains
from analysis.report.waits import COUNTED, counts_closed_hours
from sim.log.columns import COST_LINES
from sim.topology import STAGE

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.metrics import Row as Found

    Variants = Mapping[str, Replications]

RISKS = ("cfr_analytic", "cfr_chain", "cfr_delivered")
RISK_HEADS = (
    "expected from each stage (analytic)",
    "an agent's defect (chain)",
    "wrong or failed (delivered)",
)
VARIANT = Column("", is_number=False)
STAGES = "stage"
DEFECTS = ("born", "came in", "mended", "caught", "escaped")
BETWEEN_STAGES = ("came in", "mended")
"""What only several stages have."""
SEEN = 0.001
"""Mean queue length from which on there is a queue."""


def money_table(result: Replications) -> Table:
    """Each line of cost per success, the largest first; lines without any cost are left out."""
    lines = [(line, metric_of(f"{line}_per_success")) for line in (*COST_LINES, "platform")]
    found = [(line, metric, result.estimate(metric.name)) for line, metric in lines]
    kept = [part for part in found if part[2].value is None or part[2].value > 0.0]
    kept.sort(key=lambda part: -(part[2].value or 0.0))
    rows = tuple(
        Row((Cell(line.replace("_", " ")), cells.estimate(metric, one))) for line, metric, one in kept
    )
    currency = result.scenario.currency
    return Table(
        "Where the money goes",
        (Column("line of cost", is_number=False), Column("per success", currency)),
        rows,
    )


def queue_table(variants: Variants) -> Table:
    """Use and waits of each role of each variant; of several, without the agents that let nothing wait."""
    several = len(variants) > 1
    heads = (
        *([Column("variant", is_number=False)] if several else []), Column("role", is_number=False),
        Column("time used", "%"), Column("queue length", "tasks"), Column("mean wait"), Column("longest wait"),
        Column("busiest hours on shift", is_number=False),
    )  # fmt: skip
    rows = [(name, *part) for name, result in variants.items() for part in _queues(result)]
    busy = [row for row in rows if row[1]]
    shown = busy if several and busy else rows
    remark = "Pooled over the replications, measured time only."
    if len(shown) < len(rows):
        remark += " Agents without a queue are left out."
    if any(counts_closed_hours(result.scenario) for result in variants.values()):
        remark += f" {COUNTED}"
    table = (Row((*([Cell(name)] if several else []), *found)) for name, _, found in shown)
    return Table("Queues and people", heads, tuple(table), remark)


def _queues(result: Replications) -> Iterator[tuple[bool, tuple[Cell, ...]]]:
    """Whether a role is of people or has a queue, and its cells."""
    busiest = {str(row["role"]): row for row in busiest_hours(result.tallies)}
    for row in queues(result.tallies):
        role, length = str(row["role"]), _length(_number(row, "queue_length"))
        if row["utilisation"] is None and not row["waits"]:
            continue
        yield row["kind"] == "human" or bool(length), (
            Cell(role), cells.number(_number(row, "utilisation"), "share", "never on shift"), cells.number(length),
            cells.number(_number(row, "wait_mean"), "s", "nobody waited"),
            cells.number(_number(row, "wait_longest"), "s"), Cell(_hours(busiest.get(role))),
        )  # fmt: skip


def _length(value: float | None) -> float | None:
    """A mean queue length; below a thousandth it is nothing that anybody would see."""
    return 0.0 if value is not None and value < SEEN else value


def _hours(row: Found | None) -> str:
    if row is None:
        return "-"
    used = cells.number(_number(row, "utilisation"), "share").text
    return f"{row['weekday']} {row['from']:02}:00-{row['to']:02}:00, {used} %"


def _number(row: Found, name: str) -> float | None:
    value = row[name]
    return float(value) if isinstance(value, int | float) else None


def has_chains(variants: Variants) -> bool:
    """Whether some variant has chains of work: elsewhere a task's cascade failure risk is its own errors again."""
    return any(map(is_about_chains, variants.values()))


def risk_table(variants: Variants) -> Table:
    """Cascade failure risk three ways, of each variant."""
    rows = tuple(
        Row((Cell(name), *(cells.estimate(metric_of(risk), result.estimate(risk)) for risk in RISKS)))
        for name, result in variants.items()
    )
    heads = tuple(Column(head, "% of tasks") for head in RISK_HEADS)
    return Table("Cascade failure risk", (VARIANT, *heads), rows, "Each with its 95 % interval.")


def stage_table(variants: Variants, title: str = "What became of errors") -> Table:
    """What became of defects by the stage where they were born, in each variant."""
    several = len(variants) > 1
    rows = [
        Row((*([Cell(name)] if several else []), *found))
        for name, result in variants.items()
        for found in _stages(result)
    ]
    heads = [Column("variant", is_number=False)] if several else []
    heads += [Column(STAGES, is_number=False), Column("passes"), Column("own risk", "%")]
    heads += [Column(name, "defects") for name in DEFECTS]
    remark = "Over all replications. Own risk: passes on clean input in which agents left a defect or failed visibly."
    remark += " Born counts all wrong work; caught and escaped count a wrong task once, for its first defect."
    return _without_nothing(Table(title, tuple(heads), tuple(rows), remark))


def _without_nothing(table: Table) -> Table:
    """The table of stages without columns that tell nothing: one stage for all variants, defects that never are."""
    kept = [place for place, column in enumerate(table.columns) if _tells(column, place, table.rows)]
    rows = tuple(replace(row, cells=tuple(row.cells[place] for place in kept)) for row in table.rows)
    return replace(table, columns=tuple(table.columns[place] for place in kept), rows=rows)


def _tells(column: Column, place: int, rows: tuple[Row, ...]) -> bool:
    """Whether a column of the table of stages says anything."""
    if column.label in BETWEEN_STAGES:
        return any(row.cells[place].value for row in rows)
    return not (place and column.label == STAGES) or len({row.cells[place].text for row in rows}) > 1


def _stages(result: Replications) -> Iterator[tuple[Cell, ...]]:
    """The cells of each stage."""
    caught: dict[tuple[str, str], int] = {}
    for way in defect_flow(result.tallies):
        if way["to"] in CHECKS and way["to"] != "client":
            place = str(way["type"]), str(way["born"])
            caught[place] = caught.get(place, 0) + int(_number(way, "count") or 0)
    for row in by_stage(result.tallies):
        place = str(row["type"]), str(row["stage"])
        risk = estimates.within(estimates.ratio(risk_totals(result.tallies, *place)), 0.0, 1.0)
        counts = [_number(row, name) for name in ("wrong_work", "inherited", "repaired")]
        numbers = [*counts, caught.get(place, 0), _number(row, "escaped")]
        name = place[0] if place[1] == STAGE else f"{place[0]}.{place[1]}"
        own = cells.estimated(risk, "share")
        yield Cell(name), cells.whole(_number(row, "passes")), own, *map(cells.whole, numbers)


def failure_table(result: Replications) -> Table | None:
    """Why tasks fail; None when none does."""
    tasks = sum(tally.cohort.tasks for tally in result.tallies)
    found = task_failures(result.tallies)
    if not found:
        return None
    rows = tuple(
        Row((
            Cell(str(row["reason"]).replace("_", " ")), cells.whole(_number(row, "tasks")),
            cells.number((_number(row, "tasks") or 0.0) / tasks, "share"),
        ))
        for row in found
    )  # fmt: skip
    return Table(
        "Why tasks fail", (Column("reason", is_number=False), Column("tasks"), Column("of all", "%")), rows
    )

"""The part of a report on chains of workers: cascade failure risk, and where errors are born and caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis import estimates
from analysis.estimates import Estimate
from analysis.format import count, interval, share, significant
from analysis.metrics import (
    CHECKS,
    Row,
    by_stage,
    defect_flow,
    risk_totals,
)
from analysis.report.tables import table, whole
from sim.topology import STAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.experiments import Replications

WIDTH = 80
_HEADS = {
    "confidence": "unsure", "value": "dear", "premature": "early", "validator": "validator", "reviewer": "reviewer",
    "verification": "verified", "upstream": "next agent", "client": "client",
}  # fmt: skip
"""Head of the column of each check."""
MOST_CHECKS = 6
"""Columns of checks; where there are more, the smallest share one."""


def risk_lines(result: Replications) -> list[str]:
    """Cascade failure risk three ways, with what the gaps between them mean."""
    lines = ["  Cascade failure risk"]
    for label, name in (
        ("from each stage's own risk (analytic)", "cfr_analytic"),
        ("tasks with an agent's defect (chain)", "cfr_chain"),
        ("wrong or failed at the end (delivered)", "cfr_delivered"),
    ):
        found = result.estimate(name)
        lines.append(f"    {label:<42}{share(found.value):>8}  {_percent(found)}".rstrip())
    analytic, chain, delivered = (
        result.estimate(name) for name in ("cfr_analytic", "cfr_chain", "cfr_delivered")
    )
    return [*lines, *(f"    {text}" for text in _gaps(analytic, chain, delivered))]


def _gaps(analytic: Estimate, chain: Estimate, delivered: Estimate) -> list[str]:
    """What it means that the three differ, one short sentence for each gap that the intervals show."""
    found = []
    if _is_below(chain, analytic):
        found.append("Defects meet in the same tasks: the stages find the same tasks hard.")
    elif _is_below(analytic, chain):
        found.append("Defects bring defects: agents fail more often on what came in wrong.")
    if _is_below(delivered, chain):
        found.append("Checks and people keep the difference from the end.")
    elif _is_below(chain, delivered):
        found.append("People, guards and limits add failures to those of the agents.")
    return found or ["The three agree: nothing is caught, and what stages may share does not show."]


def _is_below(one: Estimate, other: Estimate) -> bool:
    """Whether one is below the other by more than their intervals tell apart."""
    if one.value is None or other.value is None:
        return False
    reach = (one.half_width or 0.0) + (other.half_width or 0.0)
    return other.value - one.value > max(reach, 1e-9)


def _percent(found: Estimate) -> str:
    return interval(found.low, found.high, "%") if found.has_interval else ""


def stage_table(result: Replications) -> list[str]:
    """Where errors are born and caught: two tables by the stage where they are born."""
    stages = by_stage(result.tallies)
    caught = _caught(result)
    named = [(_stage_name(row, stages), row) for row in stages]
    rows = [_births(result, name, row, caught) for name, row in named]
    header = ("", "passes", "own risk", "born", "came in", "mended", "caught", "escaped")
    cells = [header, *rows]
    if max(map(len, table(header, rows))) > WIDTH:
        cells = [(*row[:5], *row[6:]) for row in cells]  # what was mended is the least of it
    lines = ["  Where errors are born and caught, by stage", *table(cells[0], cells[1:])]
    checks = _checks_shown(caught)
    if checks:
        rows = [(name, *_catches(row, caught, checks)) for name, row in named]
        rows = [row for row in rows if any(cell != "0" for cell in row[1:])]
        lines += ["", "  By what they are caught", *table(("", *(head for head, _ in checks)), rows)]
    return lines


Caught = dict[tuple[str, str, str], int]
"""Defects by task type, stage where they were born and where they went."""


def _caught(result: Replications) -> Caught:
    caught: Caught = {}
    for way in defect_flow(result.tallies):
        place = str(way["type"]), str(way["born"]), str(way["to"])
        caught[place] = caught.get(place, 0) + whole(way, "count")
    return caught


def _stage_name(row: Row, stages: Sequence[Row]) -> str:
    """The stage; the task type where it has no other, both where the stage alone is not enough."""
    type_id, stage = str(row["type"]), str(row["stage"])
    if sum(other["type"] == type_id for other in stages) == 1 and stage == STAGE:
        return type_id
    return stage if sum(other["stage"] == stage for other in stages) == 1 else f"{type_id}.{stage}"


def _births(result: Replications, name: str, row: Row, caught: Caught) -> tuple[str, ...]:
    """One stage: its passes, its own risk, and what became of the defects that were born in it."""
    place = str(row["type"]), str(row["stage"])
    risk = estimates.within(estimates.ratio(risk_totals(result.tallies, *place)), 0.0, 1.0)
    spread = f" ±{significant(100 * risk.half_width, 1)}" if risk.half_width else ""
    own = share(risk.value) if risk.value is None else share(risk.value).replace(" %", f"{spread} %")
    found = sum(caught.get((*place, check), 0) for check in CHECKS if check != "client")
    counts = (
        whole(row, "wrong_work"),
        *(whole(row, name) for name in ("inherited", "repaired")),
        found,
        whole(row, "escaped"),
    )
    return name, count(whole(row, "passes")), own, *map(count, counts)


def _checks_shown(caught: Caught) -> list[tuple[str, tuple[str, ...]]]:
    """Heads of columns with their checks: those that caught most, the rest in one column."""
    totals = {check: sum(n for place, n in caught.items() if place[2] == check) for check in CHECKS}
    known = [check for check in CHECKS if totals[check]]
    if len(known) <= MOST_CHECKS:
        return [(_HEADS[check], (check,)) for check in known]
    main = sorted(known, key=lambda check: -totals[check])[: MOST_CHECKS - 1]
    shown = [(_HEADS[check], (check,)) for check in known if check in main]
    return [*shown, ("other", tuple(check for check in known if check not in main))]


def _catches(row: Row, caught: Caught, checks: list[tuple[str, tuple[str, ...]]]) -> list[str]:
    place = str(row["type"]), str(row["stage"])
    return [count(sum(caught.get((*place, check), 0) for check in group)) for _, group in checks]

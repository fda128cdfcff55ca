"""Tables of a run: where the money goes, task types, workers, queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.format import UNDEFINED, count, duration, share, significant
from analysis.metrics import Row, busiest_hours, by_type, by_worker, queues
from analysis.report.waits import CLOSED_HOURS, is_over_closed_hours
from sim.log.columns import COST_LINES
from sim.quantities import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.experiments import Replications

WIDTH = 80
"""Width of a line."""
BAR = 32
"""Longest bar, in characters."""
NAME = 18
"""Width of a column of names."""


def money_table(result: Replications) -> list[str]:
    """Each cost line per success, the largest first, with a bar."""
    named = [
        (line.replace("_", " "), result.estimate(f"{line}_per_success").value)
        for line in (*COST_LINES, "platform")
    ]
    known = [(name, value) for name, value in named if value is not None]
    lines = [f"  {'Where the money goes, per success':<38}{result.scenario.currency}"]
    if not known:
        return [*lines, f"    {'no success':<22}{UNDEFINED:>12}"]
    largest = max(value for _, value in known) or 1.0
    for name, value in sorted(known, key=lambda item: -item[1]):
        if value > 0.0:
            lines.append(f"    {name:<22}{significant(value):>12}   {'#' * round(BAR * value / largest)}")
    return lines


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under a header, the first column to the left, the others to the right."""
    cells = [list(header), *map(list, rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(header))]
    widths[0] = min(widths[0], NAME)
    lines = []
    for row in cells:
        first = row[0] if len(row[0]) <= NAME else row[0][: NAME - 1] + "…"
        lines.append(
            f"    {first:<{widths[0]}}"
            + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        )
    return lines


def flowing(first: str, parts: Sequence[str]) -> list[str]:
    """Parts after what their first line begins with, over as many lines as they need; none without parts."""
    if not parts:
        return []
    lines, line = [], first
    for place, part in enumerate(parts):
        piece = part + (" ·" if place + 1 < len(parts) else "")
        if len(line) + len(piece) + 1 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " " * len(first)
        line += f" {piece}"
    return [*lines, line.rstrip()]


def _number(row: Row, name: str) -> float | None:
    value = row[name]
    return float(value) if isinstance(value, int | float) else None


def whole(row: Row, name: str) -> int:
    """A count of a row, 0 where it has none."""
    value = row[name]
    return int(value) if isinstance(value, int | float) else 0


def type_table(result: Replications) -> list[str]:
    """What became of each task type."""
    rows = [
        (
            str(row["type"]), count(_number(row, "tasks")), significant(_number(row, "cpst")),
            share(_number(row, "success_share")), significant(_number(row, "wrong_per_1000")),
            share(_number(row, "sla_share")), share(_number(row, "escalation_share")),
        )
        for row in by_type(result.tallies)
    ]  # fmt: skip
    header = ("", "tasks", f"CPST {result.scenario.currency}", "right", "wrong /1,000", "in SLA", "to person")
    return ["  By task type", *table(header, rows)]


def worker_table(result: Replications) -> list[str]:
    """The four numbers of each role (row BE-07), all its positions together."""
    rows = []
    workers = by_worker(result.tallies)
    for role in dict.fromkeys(str(row["role"]) for row in workers):
        own = [row for row in workers if row["role"] == role]
        runs, cost = _total(own, "runs"), _total(own, "cost")
        good = sum(
            round((_number(row, "success_rate") or 0.0) * (_number(row, "runs") or 0.0)) for row in own
        )
        correction = _total(own, "correction")
        rows.append((
            role, str(len(own)), count(runs), significant(cost / runs if runs else None),
            share(good / runs if runs else None), significant(cost / good if good else None),
            significant(correction / runs if runs else None),
        ))  # fmt: skip
    header = ("", "positions", "pieces", "cost", "right", "per right", "correction")
    return [f"  What a piece of work costs, {result.scenario.currency}", *table(header, rows)]


def _total(rows: list[Row], name: str) -> float:
    return float(sum(_number(row, name) or 0.0 for row in rows))


def queue_table(result: Replications) -> list[str]:
    """Use and waits of each role."""
    rows = [
        (
            str(row["role"]), share(_number(row, "utilisation")), _length(_number(row, "queue_length")),
            _ticks(_number(row, "wait_mean")), _ticks(_number(row, "wait_longest")),
        )
        for row in queues(result.tallies)
    ]  # fmt: skip
    return ["  Queues", *table(("", "utilised", "queue length", "mean wait", "longest wait"), rows)]


def _length(value: float | None) -> str:
    """A mean queue length; below a thousandth it is nothing that anybody would see."""
    return "0" if value is not None and value < 0.001 else significant(value)


def _ticks(seconds: float | None) -> str:
    return duration(None if seconds is None else seconds * SECOND)


def busiest(result: Replications) -> list[str]:
    """The pool with the highest utilisation, its busiest two hours, and a bottleneck called so."""
    pools = [row for row in queues(result.tallies) if row["utilisation"] is not None]
    if not pools:
        return ["  No pool was on shift"]
    top = max(pools, key=lambda row: _number(row, "utilisation") or 0.0)
    hours = [row for row in busiest_hours(result.tallies) if row["role"] == top["role"]]
    when = "".join(f", {_hours(row)} {share(_number(row, 'utilisation'))}" for row in hours[:1])
    word = "Bottleneck" if top["is_bottleneck"] else "Busiest pool"
    unfinished = sum(tally.cohort.unfinished for tally in result.tallies)
    left = f"{count(unfinished)} tasks left unfinished" if unfinished else "nothing left unfinished"
    return [
        f"  {word}: {top['role']}{when}",
        f"  Longest wait {_longest(result, top)} · {left}",
    ]


def _longest(result: Replications, row: Row) -> str:
    """The longest wait for a role, and whether it surely reaches over closed hours."""
    seconds = _number(row, "wait_longest")
    is_over = is_over_closed_hours(result.scenario, str(row["role"]), seconds)
    return _ticks(seconds) + (f" ({CLOSED_HOURS})" if is_over else "")


def _hours(row: Row) -> str:
    return f"{row['weekday']} {row['from']:02}:00-{row['to']:02}:00"

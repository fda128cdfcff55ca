"""The rows of one trace, and how many tasks stood before it in each queue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from analysis.logs import Blocks
from sim.errors import WorkforceError
from sim.log.columns import COST_LINES, NULL, Block, Integers
from sim.quantities import shown
from sim.scenario import Scenario

TRACE_ID = re.compile(r"(?P<type>[a-z][a-z0-9_]*)-(?P<task>0|[1-9][0-9]{0,11})")


class UnknownTraceError(WorkforceError):
    """The log has no task of this name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a trace. Names are text, empty for none; numbers are NULL (-1) for none."""

    action: str
    reason: str
    outcome: str
    next: str
    assigned: str
    role: str
    model: str
    position: int
    is_right: int
    theta_raw: int
    theta: int
    queued: int
    started: int
    ended: int
    rework: int
    cost: int
    """Sum of the ledger's lines in nano-units of the currency."""
    value: int
    """Value of the task in minor units, on its arrival."""
    stage: str = ""
    branch: int = 0
    """0, or the number of the parallel branch that did it."""
    is_stage_end: bool = False
    inherited: int = NULL
    doubled: int = NULL
    ahead: int = 0
    """Tasks that stood before this one in the queue of `role` when it joined."""

    @property
    def waited(self) -> int:
        """Ticks in the queue; 0 when it never stood in one."""
        if self.queued == NULL:
            return 0
        return (self.started if self.started != NULL else self.ended) - self.queued

    @property
    def who(self) -> str:
        """The role, with the position when one is known."""
        return f"{self.role} {self.position}" if self.position != NULL else self.role


@dataclass(frozen=True, slots=True)
class Trace:
    """One task's rows, in order; the first is its arrival."""

    trace_id: str
    type_id: str
    rows: tuple[Row, ...]

    @property
    def following(self) -> tuple[Row | None, ...]:
        """For each row the next one of the same branch, None at the end."""
        later: dict[int, Row] = {}
        found: list[Row | None] = []
        for row in reversed(self.rows):
            found.append(later.get(row.branch))
            later[row.branch] = row
        return tuple(reversed(found))

    @property
    def ending(self) -> Row | None:
        """The row that delivered the task or with which it failed; None when it did neither."""
        return next((row for row in self.rows if row.next in ("deliver", "fail")), None)

    @property
    def is_right_at_the_end(self) -> bool:
        """Whether the task was delivered and is right, perhaps since somebody corrected it."""
        ends = [row for row in self.rows if row.next in ("deliver", "redeliver") or row.action == "corrected"]
        return bool(ends) and ends[-1].is_right == 1

    @property
    def arrived(self) -> int:
        """Tick of its arrival."""
        return self.rows[0].ended


def read_trace(scenario: Scenario, log: Blocks, trace_id: str) -> Trace:
    """The trace of that name; raises UnknownTraceError when the log has none."""
    match = TRACE_ID.fullmatch(trace_id)
    if match is None:
        allowed = "a task type and a number, such as invoice-4711"
        raise UnknownTraceError(f"not a task: {shown(trace_id)}; allowed: {allowed}")
    type_id, task = match["type"], int(match["task"])
    rows = [row for block in log.blocks() for row in _rows_of(block, type_id, task)]
    if not rows:
        raise UnknownTraceError(_unknown(log, trace_id, type_id))
    return Trace(trace_id, type_id, _with_queues(scenario, log, rows, type_id, task))


def _unknown(log: Blocks, trace_id: str, type_id: str) -> str:
    """Why there is no such task, with the tasks that there are."""
    last, types = -1, ""
    for block in log.blocks():
        types = ", ".join(block.names["type"])
        of_type = block["task"][block["type"] == block.code("type", type_id)]
        last = max(last, int(of_type.max())) if len(of_type) else last
    known = f"{type_id}-0 to {type_id}-{last}" if last >= 0 else f"tasks of type {types}"
    return f"no task {trace_id} in this log; it has {known}"


def _rows_of(block: Block, type_id: str, task: int) -> Iterator[Row]:
    chosen = (block["type"] == block.code("type", type_id)) & (block["task"] == task)
    for place in np.flatnonzero(chosen).tolist():
        yield _row(block, place)


def _row(block: Block, place: int) -> Row:
    def name(column: str) -> str:
        code = int(block[column][place])
        return block.names[column][code] if code != NULL else ""

    def number(column: str) -> int:
        return int(block[column][place])

    return Row(
        action=name("action"), reason=name("reason"), outcome=name("outcome"), next=name("next"),
        assigned=name("assigned"), role=name("role"), model=name("model"), position=number("position"),
        is_right=number("is_right"), theta_raw=number("theta_raw"), theta=number("theta"),
        queued=number("queued"), started=number("started"), ended=number("ended"), rework=number("rework"),
        cost=sum(max(number(line), 0) for line in COST_LINES), value=number("value"), stage=name("stage"),
        branch=max(number("branch"), 0), is_stage_end=number("stage_end") == 1, inherited=number("inherited"),
        doubled=number("doubled"),
    )  # fmt: skip


def _with_queues(
    scenario: Scenario, log: Blocks, rows: list[Row], type_id: str, task: int
) -> tuple[Row, ...]:
    """The rows with what stood before the task in each queue where it had to wait."""
    waits = [place for place, row in enumerate(rows) if row.waited > 0]
    ahead = dict.fromkeys(waits, 0)
    if waits:
        for block in log.blocks():
            order = _queue_order(scenario, block, type_id)
            for place in waits:
                ahead[place] += _ahead_in(block, rows[place], order, block.code("type", type_id), task)
    return tuple(replace(row, ahead=ahead.get(place, 0)) for place, row in enumerate(rows))


def _queue_order(scenario: Scenario, block: Block, type_id: str) -> Integers:
    """By type code: below 0 when queues serve that type before `type_id`, 0 when they are equal."""
    own = scenario.tasks[type_id].priority
    return np.array([scenario.tasks[name].priority - own for name in block.names["type"]] + [0], np.int64)


def _ahead_in(block: Block, row: Row, order: Integers, own_type: int, own_task: int) -> int:
    """Tasks of a block that were in the queue when `row` joined it, and before it in line."""
    queued, started, types, tasks = (block[column] for column in ("queued", "started", "type", "task"))
    is_there = (block["role"] == block.code("role", row.role)) & (queued != NULL) & (queued <= row.queued)
    is_there &= (started > row.queued) | (started == NULL)
    is_older = queued < row.queued
    is_older |= (queued == row.queued) & ((types < own_type) | ((types == own_type) & (tasks < own_task)))
    rank = order[types]
    return int(np.count_nonzero(is_there & ((rank < 0) | ((rank == 0) & is_older))))

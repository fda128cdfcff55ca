"""The log by task: all rows of one task together, without the log in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from analysis.exports.columns import cost_of, pieces
from analysis.logs import Blocks
from sim.log.columns import NULL, Block, Integers

TaskEnd = Literal["delivered_right", "delivered_wrong", "failed", "unfinished"]


class TraceRow(NamedTuple):
    """What a format needs to know of one row; names are empty for none, numbers NULL."""

    action: str
    next: str
    status: str
    is_right: int
    started: int
    ended: int
    cost: int
    value: int
    text: tuple[str, ...]
    """What the format writes of it."""


@dataclass(frozen=True, slots=True)
class ExportTrace:
    """The rows of one task, in order; the first is its arrival."""

    trace_id: str
    type: str
    rows: list[TraceRow]

    @property
    def arrived(self) -> int:
        """Tick of its arrival."""
        return self.rows[0].ended

    @property
    def value(self) -> int:
        """In minor units; NULL for none."""
        return self.rows[0].value

    @property
    def cost(self) -> int:
        """In nano-units of the currency."""
        return sum(row.cost for row in self.rows)

    @property
    def end(self) -> TaskEnd:
        """How it ended; a wrong delivery that was put right later counts as right."""
        ends = [row for row in self.rows if row.next in ("deliver", "fail")]
        if not ends:
            return "unfinished"
        if ends[0].next == "fail":
            return "failed"
        again = [
            row for row in self.rows if row.next in ("deliver", "redeliver") or row.action == "corrected"
        ]
        return "delivered_right" if again[-1].is_right == 1 else "delivered_wrong"


def traces(log: Blocks, told: Callable[[Block], list[tuple[str, ...]]]) -> Iterator[ExportTrace]:
    """The tasks in the order of their last rows, each whole, with what `told` says of its rows.

    The log is read twice. In memory are the rows of tasks under way, and 8 bytes of each task.
    """
    last = _last_rows(log)
    under_way: dict[tuple[int, int], list[TraceRow]] = {}
    for block in pieces(log):
        names = block.names["type"]
        keys = zip(block["type"].tolist(), block["task"].tolist(), block["seq"].tolist(), strict=True)
        for (code, task, seq), row in zip(keys, _rows(block, told(block)), strict=True):
            if code == NULL:
                continue
            key = code, task
            under_way.setdefault(key, []).append(row)
            if last[code][task] == seq:
                yield ExportTrace(f"{names[code]}-{task}", names[code], under_way.pop(key))


def _last_rows(log: Blocks) -> dict[int, Integers]:
    """By code of a type: the number of the last row of each of its tasks."""
    found: dict[int, Integers] = {}
    for block in log.blocks():
        for code in range(len(block.names["type"])):
            rows = np.flatnonzero(block["type"] == code)
            tasks, known = block["task"][rows], found.get(code, np.zeros(0, np.int64))
            missing = int(tasks.max(initial=-1)) + 1 - len(known)
            if missing > 0:
                known = np.concatenate([known, np.full(max(missing, len(known)), NULL)])
            known[tasks] = block["seq"][rows]  # rows are in order: the last one stays
            found[code] = known
    return found


def _rows(block: Block, told: list[tuple[str, ...]]) -> Iterator[TraceRow]:
    def names(column: str) -> list[str]:
        texts = (*block.names[column], "")
        return [texts[code] for code in block[column].tolist()]

    numbers = (block[name].tolist() for name in ("is_right", "started", "ended"))
    parts = zip(
        names("action"), names("next"), names("status"), *numbers, cost_of(block).tolist(),
        block["value"].tolist(), told, strict=True,
    )  # fmt: skip
    return map(TraceRow._make, parts)

"""The cohort: what a fold remembers of each measured task until it has ended, and its rows in story order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.metrics.layout import Layout
from sim.errors import InvariantError
from sim.log import NULL, Block
from sim.log.columns import (
    ARRIVED,
    ATTEMPTED,
    EXECUTED,
    NEXT_DELIVER,
    NEXT_EXECUTE,
    NEXT_FAIL,
    REASONS,
    REVIEWED,
    UNFINISHED,
    Integers,
)  # fmt: skip
from sim.rules.routing import Reason

ESCALATIONS = ("confidence", "value", "failure", "rejected")
"""Why a task is sent to a person: too unsure, too dear, no output, or output that a person rejected."""
REJECTED = ESCALATIONS.index("rejected")
_REASONS_OF = {
    "confidence": (Reason.LOW_CONFIDENCE,),
    "value": (Reason.HIGH_VALUE,),
    "failure": (
        Reason.RETRIES_EXHAUSTED, Reason.DETERMINISTIC_FAILURE, Reason.JUDGMENT_FAILURE,
        Reason.GOVERNANCE_FAILURE, Reason.ATTEMPTS_EXHAUSTED,
    ),
    "rejected": (Reason.REJECTED, Reason.REVISIONS_EXHAUSTED),
}  # fmt: skip
ESCALATION_OF = np.full(len(REASONS), NULL, np.int64)
"""Place in ESCALATIONS by reason."""
for _name, _reasons in _REASONS_OF.items():
    ESCALATION_OF[[int(reason) for reason in _reasons]] = ESCALATIONS.index(_name)

ACTIVITIES = ("attempt", "execute", "review", "rework")
"""Kinds of work; rework is an execution after a person rejected the agent's output."""
EXECUTION, REWORK = ACTIVITIES.index("execute"), ACTIVITIES.index("rework")


class TasksOfType:
    """What is remembered of the cohort tasks of one type, 13 bytes each: they arrive in order of their index.

    `ticks` holds the arrival of a task that is in the system, its cycle time once it has ended, and the
    complement (-1 - t) of its time so far when the end of the run cut it off. `makers` holds one more than
    the worker who did it last, `marks` one more than its next activity and, from bit 4 on, one more than its
    latest escalation.
    """

    def __init__(self) -> None:
        """No task yet."""
        self.first, self.count = 0, 0
        self.ticks = np.zeros(0, np.int64)
        self.makers = np.zeros(0, np.int32)
        self.marks = np.zeros(0, np.uint8)

    def arrive(self, first: int, ticks: Integers) -> None:
        """The tasks `first`, `first` + 1, ... have arrived."""
        if not self.count:
            self.first = first
        if first != self.first + self.count:
            raise InvariantError(f"task {first} arrived out of order; expected {self.first + self.count}")
        count = self.count + len(ticks)
        if count > len(self.ticks):
            for array in (self.ticks, self.makers, self.marks):
                array.resize(count + count // 8, refcheck=False)
        self.ticks[self.count : count] = ticks
        self.count = count

    @property
    def size_in_bytes(self) -> int:
        """Bytes remembered, room to grow included."""
        return self.ticks.nbytes + self.makers.nbytes + self.marks.nbytes

    def sorted_ticks(self) -> Integers:
        """The ticks in ascending order; after this no row can be added any more."""
        self.makers, self.marks = np.zeros(0, np.int32), np.zeros(0, np.uint8)
        ticks = self.ticks[: self.count]
        ticks.sort()
        return ticks


Slices = list[tuple[TasksOfType, slice]]
"""Rows of each task type that has any."""


@dataclass(frozen=True, slots=True)
class CohortRows:
    """Rows of cohort tasks, sorted by task and in their order, with what a task's rows before tell."""

    block: Block
    rows: Integers
    """Place of each row in the block."""
    worker: Integers
    """Who worked, NULL where nobody did."""
    maker: Integers
    """Worker who attempted or executed the task last, this row included."""
    maker_before: Integers
    """Worker who attempted or executed the task last before this row."""
    activity: Integers
    """What was done, waited for or cut off, as a place in ACTIVITIES; NULL for an arrival."""
    escalation: Integers
    """Place in ESCALATIONS where the row sends its task to a person for the first time, else NULL."""
    time: Integers
    """Ticks since the arrival, where the row ends its task, else NULL."""

    def __getitem__(self, column: str) -> Integers:
        return self.block[column][self.rows]


def _carried(given: Integers, opening: Integers, start: Integers) -> tuple[Integers, Integers]:
    """The latest given value after and before each row, for tasks that begin with their `opening`.

    `start` is the place of the first row of each row's task.
    """
    place = np.arange(len(given))
    latest = np.maximum.accumulate(np.where(given != NULL, place, NULL))
    after = np.where(latest >= start, given[latest], opening[start])
    before = opening.copy()
    np.copyto(before[1:], after[:-1], where=(start != place)[1:])
    return after, before


class Cohort:
    """The cohort tasks of all types."""

    def __init__(self, layout: Layout) -> None:
        """No task yet."""
        self._layout = layout
        self.types = [TasksOfType() for _ in layout.types]

    def add(self, block: Block) -> CohortRows:
        """Takes the next block; its rows of cohort tasks."""
        self._arrive(block)
        rows = self._rows(block)
        types, tasks = block["type"][rows], block["task"][rows]
        start = np.arange(len(rows))
        start[1:][(types[1:] == types[:-1]) & (tasks[1:] == tasks[:-1])] = 0
        start = np.maximum.accumulate(start)
        slices = self._slices(types)
        maker_at_first, mark_at_first = self._remembered(tasks, slices)
        action, following = block["action"][rows], block["next"][rows]
        worker = self._layout.workers(block["role"][rows], block["position"][rows])
        made = np.where((action == ATTEMPTED) | (action == EXECUTED), worker, NULL)
        maker, maker_before = _carried(made, maker_at_first, start)
        following, activity = _carried(following, (mark_at_first & 15) - 1, start)
        is_sent_on = (following == NEXT_EXECUTE) & ((action == ATTEMPTED) | (action == REVIEWED))
        sent_on = np.where(is_sent_on, ESCALATION_OF[block["reason"][rows]], NULL)
        sent_on = np.where(is_sent_on & (action == REVIEWED), REJECTED, sent_on)  # whatever the reason
        sent, sent_before = _carried(sent_on, (mark_at_first >> 4) - 1, start)
        time = self._times(block, rows, tasks, slices)
        self._remember(tasks, slices, maker, (following + 1) | (sent + 1) << 4)
        activity = np.where(action == ARRIVED, NULL, activity)
        activity = np.where((activity == EXECUTION) & (sent_before == REJECTED), REWORK, activity)
        escalation = np.where(sent_before == NULL, sent_on, NULL)
        return CohortRows(block, rows, worker, maker, maker_before, activity, escalation, time)

    def _arrive(self, block: Block) -> None:
        is_measured = (block["action"] == ARRIVED) & self._layout.is_inside(block["tick"])
        types, tasks, ticks = (block[column][is_measured] for column in ("type", "task", "tick"))
        for code in np.unique(types).tolist():
            of_type = types == code
            self.types[code].arrive(int(tasks[of_type][0]), ticks[of_type])

    def _rows(self, block: Block) -> Integers:
        """Places of the rows of cohort tasks, sorted by type and task, stable."""
        types, tasks = block["type"], block["task"]
        first = np.array([tasks_of.first for tasks_of in self.types], dtype=np.int64)
        last = first + np.array([tasks_of.count for tasks_of in self.types], dtype=np.int64)
        rows = np.flatnonzero((types >= 0) & (tasks >= first[types]) & (tasks < last[types]))
        return rows[np.argsort(types[rows] << 40 | tasks[rows], kind="stable")]

    def _slices(self, types: Integers) -> Slices:
        """The rows of each type that has any."""
        codes, starts = np.unique(types, return_index=True)
        bounds = pairwise([*starts.tolist(), len(types)])
        return [(self.types[code], slice(*rows)) for code, rows in zip(codes.tolist(), bounds, strict=True)]

    @staticmethod
    def _remembered(tasks: Integers, slices: Slices) -> tuple[Integers, Integers]:
        """Maker (NULL for none) and marks of each row's task as earlier blocks left them."""
        makers, marks = np.empty_like(tasks), np.empty_like(tasks)
        for known, rows in slices:
            places = tasks[rows] - known.first
            makers[rows], marks[rows] = known.makers[places], known.marks[places]
        return makers - 1, marks

    @staticmethod
    def _remember(tasks: Integers, slices: Slices, maker: Integers, marks: Integers) -> None:
        """Keeps what each task's last row in the block leaves behind."""
        for known, of_type in slices:
            is_last = np.append(np.diff(tasks[of_type]) != 0, True)
            rows = of_type.start + np.flatnonzero(is_last)
            places = tasks[rows] - known.first
            known.makers[places] = maker[rows] + 1
            known.marks[places] = marks[rows]

    @staticmethod
    def _times(block: Block, rows: Integers, tasks: Integers, slices: Slices) -> Integers:
        """Ticks since arrival of the rows that end a task; the task then remembers them."""
        following, is_cut = block["next"][rows], block["action"][rows] == UNFINISHED
        is_end = (following == NEXT_DELIVER) | (following == NEXT_FAIL) | is_cut
        time = np.full(len(rows), NULL, np.int64)
        for known, of_type in slices:
            ends = of_type.start + np.flatnonzero(is_end[of_type])
            places = tasks[ends] - known.first
            time[ends] = block["tick"][rows[ends]] - known.ticks[places]
            known.ticks[places] = np.where(is_cut[ends], NULL - time[ends], time[ends])
        return time

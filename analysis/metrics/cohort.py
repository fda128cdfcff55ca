"""The cohort: what a fold remembers of each measured task, and the rows of plain types in story order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from analysis.metrics.cohort_rows import CohortRows, Flags, Passes, carried, starts_of
from analysis.metrics.layout import Layout
from analysis.metrics.words import (
    ACTIVITY_OF,
    CUT_OFF,
    DELIVERED,
    ESCALATION_OF,
    EXECUTION,
    FAILED,
    REJECTED,
    REWORK,
)  # fmt: skip
from sim.errors import InvariantError
from sim.log import NULL, Block
from sim.log.columns import (
    ARRIVED,
    ATTEMPTED,
    EXECUTED,
    NEXT_ATTEMPT,
    NEXT_DELIVER,
    NEXT_EXECUTE,
    NEXT_FAIL,
    REVIEWED,
    UNFINISHED,
    Integers,
)  # fmt: skip
from sim.rules.failures import Outcome

_RIGHT = int(Outcome.RIGHT)


class TasksOfType:
    """What is remembered of the cohort tasks of one type, 13 bytes each: they arrive in order of their index.

    `ticks` holds the arrival of a task that is in the system, its cycle time once it has ended, and the
    complement (-1 - t) of its time so far when the end of the run cut it off. `makers` holds one more than
    the worker who did it last; of types with more than plain flows, one more than the worker who caused its wrong
    delivery. `marks` holds of plain types one more than the next activity, from bit 4 on one more than the latest
    escalation, and in bit 7 whether the agents' part is over; of the others one more than its end, and from bit 2
    on whether it had an agent's defect, and whether it went to a person.
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


class Cohort:
    """The cohort tasks of all types."""

    def __init__(self, layout: Layout) -> None:
        """No task yet."""
        self._layout = layout
        self.types = [TasksOfType() for _ in layout.types]

    def arrive(self, block: Block) -> None:
        """Takes the arrivals of the next block."""
        is_measured = (block["action"] == ARRIVED) & self._layout.is_inside(block["tick"])
        types, tasks, ticks = (block[column][is_measured] for column in ("type", "task", "tick"))
        for code in np.unique(types).tolist():
            of_type = types == code
            self.types[code].arrive(int(tasks[of_type][0]), ticks[of_type])

    def rows(self, block: Block, is_plain: bool) -> Integers:
        """Places of the rows of cohort tasks of plain, or of other types, sorted by type and task, stable."""
        types, tasks = block["type"], block["task"]
        first = np.array([tasks_of.first for tasks_of in self.types], dtype=np.int64)
        last = first + np.array([tasks_of.count for tasks_of in self.types], dtype=np.int64)
        is_chosen = (types >= 0) & (tasks >= first[types]) & (tasks < last[types])
        is_chosen &= self._layout.is_plain[types] == is_plain
        rows = np.flatnonzero(is_chosen)
        return rows[np.argsort(types[rows] << 40 | tasks[rows], kind="stable")]

    def slices(self, types: Integers) -> Slices:
        """The rows of each type that has any, of rows sorted by type."""
        codes, starts = np.unique(types, return_index=True)
        bounds = pairwise([*starts.tolist(), len(types)])
        return [(self.types[code], slice(*rows)) for code, rows in zip(codes.tolist(), bounds, strict=True)]

    @staticmethod
    def remembered(tasks: Integers, slices: Slices) -> tuple[Integers, Integers]:
        """Maker (NULL for none) and marks of each row's task as earlier blocks left them."""
        makers, marks = np.empty_like(tasks), np.empty_like(tasks)
        for known, rows in slices:
            places = tasks[rows] - known.first
            makers[rows], marks[rows] = known.makers[places], known.marks[places]
        return makers - 1, marks

    @staticmethod
    def remember(tasks: Integers, slices: Slices, maker: Integers, marks: Integers) -> None:
        """Keeps what each task's last row in the block leaves behind."""
        for known, of_type in slices:
            is_last = np.append(np.diff(tasks[of_type]) != 0, True)
            rows = of_type.start + np.flatnonzero(is_last)
            places = tasks[rows] - known.first
            known.makers[places] = maker[rows] + 1
            known.marks[places] = marks[rows]

    @staticmethod
    def times(ticks: Integers, end: Integers, tasks: Integers, slices: Slices) -> Integers:
        """Ticks since arrival of the rows that end a task; the task then remembers them."""
        time = np.full(len(tasks), NULL, np.int64)
        for known, of_type in slices:
            ends = of_type.start + np.flatnonzero(end[of_type] != NULL)
            places = tasks[ends] - known.first
            time[ends] = ticks[ends] - known.ticks[places]
            known.ticks[places] = np.where(end[ends] == CUT_OFF, NULL - time[ends], time[ends])
        return time


class PlainStories:
    """Rows of types of one stage under a bare preset: one token a task, one pass, one row that ends it."""

    def __init__(self, layout: Layout, cohort: Cohort) -> None:
        """Stories of the tasks of `cohort`."""
        self._layout, self._cohort = layout, cohort

    def add(self, block: Block) -> CohortRows | None:
        """The rows of cohort tasks of plain types in the next block; None without any."""
        rows = self._cohort.rows(block, is_plain=True)
        if not len(rows):
            return None
        types, tasks = block["type"][rows], block["task"][rows]
        start = starts_of(np.append(True, (types[1:] != types[:-1]) | (tasks[1:] != tasks[:-1])))
        slices = self._cohort.slices(types)
        maker_at_first, marks = self._cohort.remembered(tasks, slices)
        action = block["action"][rows]
        worker = self._layout.workers(block["role"][rows], block["position"][rows])
        made = np.where((action == ATTEMPTED) | (action == EXECUTED), worker, NULL)
        maker, maker_before = carried(made, maker_at_first, start)
        following, before = carried(block["next"][rows], (marks & 15) - 1, start)
        sent_on = _sent_on(action, following, block["reason"][rows])
        sent, sent_before = carried(sent_on, (marks >> 4 & 7) - 1, start)
        is_judged = (action == ATTEMPTED) & (following != NEXT_ATTEMPT)
        judged, judged_before = carried(np.where(is_judged, 0, NULL), (marks >> 7) - 1, start)
        end = _ends(action, following)
        self._cohort.remember(tasks, slices, maker, (following + 1) | (sent + 1) << 4 | (judged + 1) << 7)
        passes = self._passes(block, rows, end, is_judged & (judged_before == NULL))
        return CohortRows(
            block, rows, worker, maker, maker_before,
            author=np.where(end == DELIVERED, maker, NULL),
            activity=_activities(action, before, sent_before),
            escalation=np.where(sent_before == NULL, sent_on, NULL),
            is_repeated=(sent_on != NULL) & (sent_before != NULL),
            end=end,
            time=self._cohort.times(block["tick"][rows], end, tasks, slices),
            is_mended=np.zeros(len(rows), np.bool_),
            is_defective=passes.agent_failed == 1,
            passes=passes,
        )  # fmt: skip

    def _passes(self, block: Block, rows: Integers, end: Integers, is_last_word: Flags) -> Passes:
        """The one pass of each task: nothing comes in but the task itself."""
        nothing = np.full(len(rows), NULL, np.int64)
        no, right = np.zeros(len(rows), np.bool_), block["is_right"][rows]
        failed = (block["outcome"][rows] != _RIGHT).astype(np.int64)
        stage = self._layout.stage_places(block, rows)
        return Passes(
            stage=stage,
            is_end=(end == DELIVERED) | (end == FAILED),
            inherited=nothing + 1,
            own_right=right,
            agent_failed=np.where(is_last_word, failed, NULL),
            has_failed=np.where(is_last_word, failed, NULL),
            born=np.where(right == 0, stage, NULL),
            came_from=nothing,
            is_clean_before=no,
            hand_off=nothing,
            has_lost=no,
        )


def _sent_on(action: Integers, following: Integers, reason: Integers) -> Integers:
    """Place in ESCALATIONS of rows that send their task to a person, else NULL."""
    is_sent_on = (following == NEXT_EXECUTE) & (
        (action == ATTEMPTED) | (action == REVIEWED) | (action == ARRIVED)
    )
    sent_on = np.where(is_sent_on, ESCALATION_OF[reason], NULL)
    return np.where(is_sent_on & (action == REVIEWED), REJECTED, sent_on)  # whatever the reason


def _ends(action: Integers, following: Integers) -> Integers:
    """Place in ENDS of rows that end their task, else NULL."""
    end = np.where(following == NEXT_DELIVER, DELIVERED, np.where(following == NEXT_FAIL, FAILED, NULL))
    return np.where(action == UNFINISHED, CUT_OFF, end)


def _activities(action: Integers, before: Integers, sent_before: Integers) -> Integers:
    """Place in ACTIVITIES by what the row before said comes next; NULL for an arrival."""
    activity = np.where(action == ARRIVED, NULL, ACTIVITY_OF[before])
    return np.where((activity == EXECUTION) & (sent_before == REJECTED), REWORK, activity)

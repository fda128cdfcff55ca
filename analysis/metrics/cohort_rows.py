"""Rows of cohort tasks in the order of their stories, with what the rows before tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.words import DELIVERED
from sim.log import NULL, Block
from sim.log.columns import Integers

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Passes:
    """For each row, what is known of the pass through a stage that it belongs to."""

    stage: Integers
    """Place of the stage, NULL without one."""
    is_end: Flags
    """Whether the row ends its pass."""
    inherited: Integers
    """1 where what came in was wrong, 0 where it was right, NULL where no work has shown it yet."""
    own_right: Integers
    """Whether the latest own work of the pass was right; NULL without any."""
    agent_failed: Integers
    """On the row that ends the agents' part: whether their own work is wrong or missing; else NULL."""
    has_failed: Integers
    """`agent_failed` of the pass so far, NULL before the agents' part has ended."""
    born: Integers
    """Place of the stage where the standing defect was born, NULL when there is none."""
    came_from: Integers
    """On the first row of a pass: place of the stage before, NULL for none."""
    is_clean_before: Flags
    """On the first row of a pass: whether the agents of the stage before left no defect."""
    hand_off: Integers
    """On the first row of a pass: ticks since the end of the stage before, NULL for none."""
    has_lost: Flags
    """Whether an acknowledgement was lost in the pass before this row."""


@dataclass(frozen=True, slots=True)
class CohortRows:
    """Rows of cohort tasks, sorted by task (and branch), with what a task's rows before tell."""

    block: Block
    rows: Integers
    """Place of each row in the block."""
    worker: Integers
    """Who worked, NULL where nobody did."""
    maker: Integers
    """Worker who attempted or executed the stage last, this row included."""
    maker_before: Integers
    """Worker who attempted or executed the stage last before this row."""
    author: Integers
    """Worker to whom the defect of a wrong delivery goes back, on rows that deliver it or find it; else NULL."""
    activity: Integers
    """What was done, waited for or cut off, as a place in ACTIVITIES; NULL for what is no work."""
    escalation: Integers
    """Place in ESCALATIONS where the row sends its task to a person for the first time, else NULL."""
    is_repeated: Flags
    """Whether the row sends its task to a person again in one pass through a stage."""
    end: Integers
    """Place in ENDS where the row ends its task, else NULL."""
    time: Integers
    """Ticks since the arrival, where the row ends its task, else NULL."""
    is_mended: Flags
    """Whether a task that was delivered wrong is right from this row on."""
    is_defective: Flags
    """Whether the row is the first of its task on which an agent stage leaves a defect or a visible failure."""
    passes: Passes

    def __getitem__(self, column: str) -> Integers:
        return self.block[column][self.rows]

    @property
    def is_delivered(self) -> Flags:
        """Rows that deliver their task."""
        is_delivered: Flags = self.end == DELIVERED
        return is_delivered


def starts_of(is_start: Flags) -> Integers:
    """For each row the place of the latest row that starts something, itself included."""
    starts: Integers = np.maximum.accumulate(np.where(is_start, np.arange(len(is_start)), 0))
    return starts


def carried(given: Integers, opening: Integers, start: Integers) -> tuple[Integers, Integers]:
    """The latest given value after and before each row, for stretches that begin with their `opening`.

    `start` is the place of the first row of each row's stretch.
    """
    place = np.arange(len(given))
    latest = np.maximum.accumulate(np.where(given != NULL, place, NULL))
    after = np.where(latest >= start, given[latest], opening[start])
    before = opening.copy()
    np.copyto(before[1:], after[:-1], where=(start != place)[1:])
    return after, before

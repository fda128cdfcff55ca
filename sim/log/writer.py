"""Writing the log: rows packed while the run goes on, columns filled in when a block closes.

The engine packs only what varies. What follows from a row's step (stage, role, model, provider, prices) is
filled in with numpy, with the same rounding for every row.
"""

from __future__ import annotations

import struct
from typing import Any, Protocol

import numpy as np

from sim.log.columns import (
    ACTIONS,
    ARRIVED,
    ATTEMPTED,
    CAPACITY_CHANGED,
    EXECUTED,
    NEXT,
    NEXT_ATTEMPT,
    NEXT_DELIVER,
    NEXT_EXECUTE,
    NEXT_FAIL,
    NEXT_REVIEW,
    NULL,
    OUTCOMES,
    REASONS,
    REVIEWED,
    STATUSES,
    STOPPED,
    UNFINISHED,
    Block,
    Integers,
)  # fmt: skip
from sim.plan import FinalStep, Plan, TypePlan, WorkStep
from sim.plan.codes import CUT_SHORT, NO_STEP, REWORK, WRONG
from sim.rules.failures import Outcome
from sim.topology import Action

FIELDS = 13
"""Integers in a packed row: uid, cause, code, order, position, theta_raw, theta, queued, started, ended,
input tokens, output tokens, amount."""
ROWS = 8192
"""Rows in a block."""


class Sink(Protocol):
    """What takes closed blocks: a digest, a file, a fold of metrics."""

    def add(self, block: Block) -> None:
        """Takes the next block."""


class NullWriter:
    """Keeps nothing: for measuring the engine alone."""

    rows = 0

    def write(
        self, uid: int, cause: int, code: int, order: int, position: int, theta_raw: int, theta: int, queued: int,
        started: int, ended: int, tokens_in: int, tokens_out: int, amount: int,
    ) -> int:  # fmt: skip
        """Ignores the row."""
        return 0

    def close(self) -> None:
        """Nothing to close."""


class LogWriter:
    """Packs rows into blocks and hands full ones to the sinks."""

    def __init__(self, plan: Plan, sinks: list[Sink]) -> None:
        """A writer for one run of `plan`."""
        self.sinks, self.tables = sinks, StepTables(plan)
        self.rows, self._closed_rows, self._offset = 0, 0, 0
        self._packer = struct.Struct(f"<{FIELDS}q")
        self._pack, self._size = self._packer.pack_into, self._packer.size
        self._limit = ROWS * self._size
        self._buffer = bytearray(self._limit)

    def write(
        self, uid: int, cause: int, code: int, order: int, position: int, theta_raw: int, theta: int, queued: int,
        started: int, ended: int, tokens_in: int, tokens_out: int, amount: int,
    ) -> int:  # fmt: skip
        """Packs one row and returns its number; named parameters are quicker here than a tuple."""
        offset = self._offset
        self._pack(
            self._buffer, offset, uid, cause, code, order, position, theta_raw, theta, queued, started, ended,
            tokens_in, tokens_out, amount,
        )  # fmt: skip
        self._offset = offset = offset + self._size
        seq = self.rows
        self.rows = seq + 1
        if offset == self._limit:
            self.flush()
        return seq

    def flush(self) -> None:
        """Closes the block that is being filled."""
        count = self._offset // self._size
        if not count:
            return
        raw = np.frombuffer(self._buffer, dtype="<i8", count=count * FIELDS).reshape(count, FIELDS)
        block = self.tables.block(np.ascontiguousarray(raw.T), self._closed_rows)
        self._closed_rows += count
        self._offset = 0
        for sink in self.sinks:
            sink.add(block)

    def close(self) -> None:
        """Hands on what is left."""
        self.flush()


class StepTables:
    """What follows from the step of a row, as arrays over step numbers."""

    def __init__(self, plan: Plan) -> None:
        """Tables for the steps of `plan`, then one capacity row per pool, then the row of a stopped run."""
        steps: list[WorkStep | FinalStep | TypePlan] = list(plan.steps)
        self.types = [task_type.type_id for task_type in plan.types]
        self.roles = [pool.role for pool in plan.pools]
        self.capacity_number = len(steps)
        self.stop_number = len(steps) + len(plan.pools)
        works = [step for step in steps if isinstance(step, WorkStep)]
        self.stages = sorted(dict.fromkeys(step.stage for step in works))
        self.models = sorted(dict.fromkeys(step.model for step in works if step.model))
        self.providers = sorted(dict.fromkeys(step.provider for step in works if step.provider))
        size = self.stop_number + 1
        self.action, self.next = self._filled(size), self._filled(NO_STEP + 1)
        self.stage, self.role = self._filled(size), self._filled(NO_STEP + 1)
        self.model, self.provider = self._filled(size), self._filled(size)
        self.whole_price, self.rest_price = np.zeros((2, size), np.int64), np.zeros((2, size), np.int64)
        self.tool_cost, self.wage = np.zeros(size, np.int64), np.zeros(size, np.float64)
        for number, step in enumerate(steps):
            self._enter(number, step)
        for pool in range(len(plan.pools)):
            self.action[self.capacity_number + pool] = CAPACITY_CHANGED
            self.role[self.capacity_number + pool] = pool
        self.action[self.stop_number] = STOPPED
        self.status = _statuses()
        self.names = {
            "type": tuple(self.types), "stage": tuple(self.stages), "role": tuple(self.roles),
            "model": tuple(self.models), "provider": tuple(self.providers), "action": ACTIONS, "reason": REASONS,
            "outcome": OUTCOMES, "status": STATUSES, "next": NEXT, "assigned": tuple(self.roles),
        }  # fmt: skip

    @staticmethod
    def _filled(size: int) -> Integers:
        return np.full(size, NULL, np.int64)

    def _enter(self, number: int, step: WorkStep | FinalStep | TypePlan) -> None:
        if isinstance(step, TypePlan):
            self.action[number] = ARRIVED
            return
        if isinstance(step, FinalStep):
            self.next[number] = NEXT_DELIVER if step.action is Action.DELIVER else NEXT_FAIL
            return
        follow = {Action.ATTEMPT: NEXT_ATTEMPT, Action.EXECUTE: NEXT_EXECUTE, Action.REVIEW: NEXT_REVIEW}
        done = {Action.ATTEMPT: ATTEMPTED, Action.EXECUTE: EXECUTED, Action.REVIEW: REVIEWED}
        self.action[number], self.next[number] = done[step.action], follow[step.action]
        self.stage[number], self.role[number] = self.stages.index(step.stage), step.pool
        if step.model:
            self.model[number] = self.models.index(step.model)
            self.provider[number] = self.providers.index(step.provider)
        for k, price in enumerate((step.input_price, step.output_price)):
            self.whole_price[k, number], self.rest_price[k, number] = divmod(price, 1_000_000)
        self.tool_cost[number], self.wage[number] = step.tool_cost, step.wage

    def block(self, raw: Integers, first_seq: int) -> Block:
        """The block of some packed rows, given field by field."""
        (
            uid,
            cause,
            code,
            order,
            position,
            theta_raw,
            theta,
            queued,
            started,
            ended,
            tokens_in,
            tokens_out,
            amount,
        ) = raw
        step, following = code & 0xFFFF, (code >> 32) & 0xFFFF
        action = self.action[step]
        next_action = self.next[following]
        is_cut_short = (code & CUT_SHORT) != 0
        outcome = (code >> 16) & 0xFF
        work = action.copy()
        action = np.where(is_cut_short, UNFINISHED, action)
        is_task = uid >= 0
        columns = {
            "seq": np.arange(first_seq, first_seq + len(uid), dtype=np.int64),
            "tick": ended,
            "type": np.where(is_task, uid >> 40, NULL),
            "task": np.where(is_task, uid & ((1 << 40) - 1), NULL),
            "cause_seq": cause,
            "stage": self.stage[step],
            "step": np.where(is_task, order >> 16, NULL),
            "attempt": np.where(order & 0xFFFF, order & 0xFFFF, NULL),
            "role": self.role[step],
            "position": np.where(position > 0, position, NULL),
            "model": self.model[step],
            "provider": self.provider[step],
            "action": action,
            "reason": (code >> 24) & 0xFF,
            "outcome": np.where(outcome == int(Outcome.NONE), NULL, outcome),
            "is_right": _is_right(work, outcome, code, is_cut_short),
            "status": np.where(is_task, self.status[action, next_action], NULL),
            "next": next_action,
            "assigned": self.role[following],
            "theta_raw": theta_raw,
            "theta": theta,
            "queued": queued,
            "started": started,
            "ended": ended,
            "input_tokens": tokens_in,
            "output_tokens": tokens_out,
        }
        columns |= self._costs(step, work, code, started, ended, tokens_in, tokens_out)
        columns["value"] = np.where(work == ARRIVED, amount, NULL)
        columns["capacity"] = np.where(work == CAPACITY_CHANGED, amount, NULL)
        return Block(columns, self.names)

    def _costs(
        self, step: Integers, work: Integers, code: Integers, started: Integers, ended: Integers,
        tokens_in: Integers, tokens_out: Integers,
    ) -> dict[str, Integers]:  # fmt: skip
        """Each ledger line of each row, rounded once: tokens half up, people's time half to even."""
        read, written = np.maximum(tokens_in, 0), np.maximum(tokens_out, 0)
        rest = read * self.rest_price[0][step] + written * self.rest_price[1][step]
        whole = read * self.whole_price[0][step] + written * self.whole_price[1][step]
        inference = whole + (rest + 500_000) // 1_000_000
        is_done = (code & CUT_SHORT) == 0
        tools = np.where((work == ATTEMPTED) & is_done, self.tool_cost[step], 0)
        worked = np.where(started >= 0, ended - started, 0)
        people = np.rint(worked * self.wage[step]).astype(np.int64)
        is_rework = (code & REWORK) != 0
        return {
            "inference": inference,
            "tools": tools,
            "human_execution": np.where((work == EXECUTED) & ~is_rework, people, 0),
            "human_review": np.where(work == REVIEWED, people, 0),
            "rework": np.where((work == EXECUTED) & is_rework, people, 0),
        }


def _is_right(work: Integers, outcome: Integers, code: Integers, is_cut_short: Any) -> Integers:
    """1 or 0 for a row that leaves an output in hand, else NULL: own outcome of work, flag of a review."""
    has_output = ((work == ATTEMPTED) | (work == EXECUTED)) & (outcome <= int(Outcome.INVALID))
    of_work = np.where(has_output, outcome == int(Outcome.RIGHT), NULL)
    right = np.where(work == REVIEWED, (code & WRONG) == 0, of_work)
    return np.where(is_cut_short, NULL, right)


def _statuses() -> Integers:
    """Status by action and next action; the last column is for rows with nothing next."""
    table = np.full((len(ACTIONS), len(NEXT) + 1), STATUSES.index("UNFINISHED"), np.int64)
    table[ARRIVED, :] = STATUSES.index("ASSIGNED")
    for action, following, status in (
        (ATTEMPTED, NEXT_ATTEMPT, "RETRYING"),
        (ATTEMPTED, NEXT_DELIVER, "AUTO_COMMITTED"),
        (ATTEMPTED, NEXT_REVIEW, "AWAITING_AUDIT"),
        (ATTEMPTED, NEXT_EXECUTE, "ESCALATED"),
        (ATTEMPTED, NEXT_FAIL, "FAILED"),
        (REVIEWED, NEXT_DELIVER, "SUCCESS"),
        (REVIEWED, NEXT_ATTEMPT, "REVISING"),
        (REVIEWED, NEXT_EXECUTE, "ESCALATED"),
        (EXECUTED, NEXT_DELIVER, "SUCCESS"),
    ):
        table[action, following] = STATUSES.index(status)
    return table

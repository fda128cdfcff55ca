"""Columns of a block, filled in from packed rows: what follows from a row's step, with numpy, when a block closes."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.log.columns import (
    ACTIONS,
    ARRIVED,
    ATTEMPTED,
    CAPACITY_CHANGED,
    CLARIFIED,
    CORRECTED,
    DISCOVERED,
    EXECUTED,
    GUARD_CHANGED,
    JOINED,
    NEXT,
    NEXT_ATTEMPT,
    NEXT_BRANCH,
    NEXT_CLARIFY,
    NEXT_CORRECT,
    NEXT_DELIVER,
    NEXT_EXECUTE,
    NEXT_FAIL,
    NEXT_GIVE_UP,
    NEXT_JOIN,
    NEXT_REDELIVER,
    NEXT_REVIEW,
    NEXT_VALIDATE,
    NEXT_VERIFY,
    NULL,
    OUTCOMES,
    REASONS,
    RECOVERED,
    REROUTED,
    REVIEWED,
    STATUSES,
    STOPPED,
    UNFINISHED,
    VALIDATED,
    VERIFIED,
    Block,
    Integers,
)  # fmt: skip
from sim.log.columns import REFUSED as REFUSED_ACTION
from sim.plan import FinalStep, Plan, TypePlan, WorkStep
from sim.plan.codes import (
    AGENT_FAILED_AT,
    BORN_AT,
    BRANCH_AT,
    BRANCH_BITS,
    CUT_SHORT,
    DOUBLED_AT,
    GUARD_AT,
    GUARD_BITS,
    IN_VAIN,
    INHERITED_AT,
    NO_STEP,
    OWN_RIGHT_AT,
    PASS_AT,
    REFUSED,
    REWORK,
    STAGE_END_AT,
    WRONG,
)  # fmt: skip
from sim.plan.steps import Marker, Row, StageStep, WorkflowPlan
from sim.quantities import BILLION
from sim.rules.failures import Outcome
from sim.topology import Action

FIELDS = 13
"""Integers in a packed row: uid, cause, code, order, position, theta_raw, theta, queued, started, ended,
input tokens, output tokens, amount."""
WIDE_FIELDS = 18
"""Integers in a row of a plan with workflows: those, then marks, hop, context, charge (booked as tools), damage."""


class StepTables:
    """What follows from the step of a row, as arrays over step numbers."""

    def __init__(self, plan: Plan) -> None:
        """Tables for the steps of `plan`, then one capacity row per pool, the row of a stopped run, one per guard."""
        steps: list[Row] = list(plan.steps)
        self.types = [task_type.type_id for task_type in plan.types]
        self.roles = [pool.role for pool in plan.pools]
        self.capacity_number = len(steps)
        self.stop_number = len(steps) + len(plan.pools)
        self.guard_number = self.stop_number + 1
        self.guards, self.is_wide = plan.guards, plan.is_wide
        works = [step for step in steps if isinstance(step, WorkStep)]
        self.stages = sorted(dict.fromkeys(step.stage for step in works))
        self.models = sorted(dict.fromkeys(step.model for step in works if step.model))
        self.providers = sorted(dict.fromkeys(step.provider for step in works if step.provider))
        size = self.guard_number + len(self.guards)
        self.action, self.next = self._filled(size), self._filled(NO_STEP + 1)
        self.stage, self.role = self._filled(size), self._filled(NO_STEP + 1)
        self.model, self.provider = self._filled(size), self._filled(size)
        self.whole_price, self.rest_price = np.zeros((2, size), np.int64), np.zeros((2, size), np.int64)
        self.tool_cost, self.wage = np.zeros(size, np.int64), np.zeros(size, np.float64)
        self.sandbox, self.verification = self._filled(size), self._filled(size)
        self.is_workflow = np.zeros(len(plan.types) + 1, np.bool_)
        self.is_workflow[[plan_of.code for plan_of in plan.types if isinstance(plan_of, WorkflowPlan)]] = True
        for number, step in enumerate(steps):
            self._enter(number, step)
        for pool in range(len(plan.pools)):
            self.action[self.capacity_number + pool] = CAPACITY_CHANGED
            self.role[self.capacity_number + pool] = pool
        self.action[self.stop_number] = STOPPED
        self.action[self.guard_number :] = GUARD_CHANGED
        self.stage_codes = self._filled((len(plan.types) + 1, 256))
        for plan_of in plan.types:
            for stage in plan_of.stages if isinstance(plan_of, WorkflowPlan) else ():
                self.stage_codes[plan_of.code, stage.number] = self.stages.index(stage.name)
        self.status = _statuses()
        self.names = {
            "type": tuple(self.types), "stage": tuple(self.stages), "role": tuple(self.roles),
            "model": tuple(self.models), "provider": tuple(self.providers), "action": ACTIONS, "reason": REASONS,
            "outcome": OUTCOMES, "status": STATUSES, "next": NEXT, "assigned": tuple(self.roles),
            "born": tuple(self.stages), "guard": self.guards,
        }  # fmt: skip

    @staticmethod
    def _filled(size: int | tuple[int, ...]) -> Integers:
        return np.full(size, NULL, np.int64)

    def _enter(self, number: int, step: Row) -> None:
        if isinstance(step, TypePlan):
            self.action[number] = ARRIVED
            return
        if isinstance(step, FinalStep):
            self.next[number] = _ENDS[step.action]
            return
        self.stage[number] = self.stages.index(step.stage)
        if isinstance(step, Marker):
            self.action[number] = ACTIONS.index(step.action)
            return
        self.action[number], self.next[number] = _WORK[step.action]
        self.role[number] = step.pool
        if isinstance(step, StageStep):
            self.sandbox[number] = step.sandbox_cost or NULL
            self.verification[number] = step.verification_cost or NULL
        if step.model:
            self.model[number] = self.models.index(step.model)
            self.provider[number] = self.providers.index(step.provider)
        for k, price in enumerate((step.input_price, step.output_price)):
            self.whole_price[k, number], self.rest_price[k, number] = divmod(price, 1_000_000)
        self.tool_cost[number], self.wage[number] = step.tool_cost, step.wage

    def block(self, raw: Integers, first_seq: int) -> Block:
        """The block of some packed rows, given field by field."""
        uid, cause, code, order, position, theta_raw, theta, queued, started, ended, tokens_in, tokens_out, amount = (
            raw[:FIELDS]
        )  # fmt: skip
        step, following = code & 0xFFFF, (code >> 32) & 0xFFFF
        next_action = self.next[following]
        is_cut_short = (code & CUT_SHORT) != 0
        outcome = (code >> 16) & 0xFF
        action, work = self._actions(step, code, is_cut_short)
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
        if self.is_wide:
            self._widen(columns, step, work, raw)
            return Block(columns, self.names)
        nothing = self._filled(len(uid))
        return Block(columns | dict.fromkeys(WORKFLOW_COLUMNS, nothing), self.names, nothing)

    def _actions(self, step: Integers, code: Integers, is_cut_short: Any) -> tuple[Integers, Integers]:
        """What each row says was done, and the work that it was, cut off or not."""
        work = self.action[step]
        action = np.where(is_cut_short, UNFINISHED, work)
        if self.is_wide:
            action = np.where((code & REFUSED) != 0, REFUSED_ACTION, action)
            action = np.where((code & IN_VAIN) != 0, RECOVERED, action)
            work = np.where(is_cut_short, work, action)
        return action, work

    def _widen(self, columns: dict[str, Integers], step: Integers, work: Integers, raw: Integers) -> None:
        """The columns that only workflows have; rows of other types are null there."""
        code, amount = raw[2], raw[12]
        marks, hop, context, charge, damage = raw[FIELDS:]
        is_row = self.is_workflow[columns["type"]] & (work != ARRIVED)

        def answer(place: int) -> Integers:
            answers: Integers = ((marks >> place) & 3) - 1
            return answers

        def given(values: Any, where: Any) -> Integers:
            return np.where(is_row & where, values, NULL)

        def flag(place: int) -> Integers:
            return given(1, (marks >> place) & 1 == 1)

        is_done = (code & CUT_SHORT) == 0
        passes = marks >> PASS_AT
        columns["tools"] = columns["tools"] + charge
        columns["sandbox"] = given(self.sandbox[step], (work == ATTEMPTED) & is_done)
        columns["verification"] = given(self.verification[step], (work == VERIFIED) & is_done)
        worked = np.where(raw[8] >= 0, raw[9] - raw[8], 0)
        people = np.rint(worked * self.wage[step]).astype(np.int64)
        columns["correction"] = given(people, work == CORRECTED)
        columns["damage"] = given(damage, True)
        columns["pass"] = given(passes, passes > 0)
        columns["branch"] = given((marks >> BRANCH_AT) & BRANCH_BITS, True)
        columns["hop"] = given(hop, True)
        columns["context"] = given(context, context < BILLION)
        columns["inherited"] = given(answer(INHERITED_AT), True)
        columns["own_right"] = given(answer(OWN_RIGHT_AT), True)
        columns["agent_failed"] = given(answer(AGENT_FAILED_AT), True)
        columns["stage_end"], columns["doubled"] = flag(STAGE_END_AT), flag(DOUBLED_AT)
        columns["born"] = given(self.born(columns["type"], ((marks >> BORN_AT) & 0xFF) - 1), True)
        is_guards = work == GUARD_CHANGED
        guard = ((marks >> GUARD_AT) & GUARD_BITS) - 1
        columns["guard"] = np.where(is_guards, step - self.guard_number, given(guard, True))
        columns["spent"] = np.where(is_guards | is_row, amount, NULL)
        columns["is_right"] = np.where(
            is_row, given(self._right_after(code, work), True), columns["is_right"]
        )
        is_cut = is_row & ~is_done
        columns["next"] = np.where(is_cut, self.next[step], columns["next"])
        columns["status"] = np.where(
            is_row & (columns["stage_end"] == 1), self._passed_on(columns), columns["status"]
        )

    def born(self, types: Integers, stages: Integers) -> Integers:
        """Codes of the stages with these numbers within their types."""
        return np.where(stages >= 0, self.stage_codes[types, stages], NULL)

    @staticmethod
    def _right_after(code: Integers, work: Integers) -> Integers:
        """Whether the output in hand is right, after rows that leave one in hand."""
        outcome = (code >> 16) & 0xFF
        has_output = np.isin(work, (ATTEMPTED, EXECUTED)) & (outcome <= int(Outcome.INVALID))
        has_output |= np.isin(work, (REVIEWED, VALIDATED, VERIFIED, DISCOVERED, CORRECTED, JOINED))
        has_output &= (code & CUT_SHORT) == 0
        return np.where(has_output, (code & WRONG) == 0, NULL)

    @staticmethod
    def _passed_on(columns: dict[str, Integers]) -> Integers:
        """Status of a task that goes on to another stage: assigned there; else what the row says of itself."""
        goes_on = np.isin(columns["next"], (NEXT_ATTEMPT, NEXT_EXECUTE, NEXT_BRANCH))
        status = np.where(goes_on, STATUSES.index("ASSIGNED"), columns["status"])
        return np.where(columns["next"] == NEXT_JOIN, STATUSES.index("JOINING"), status)

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
        uses_tools = (work == ATTEMPTED) | (work == VALIDATED)
        tools = np.where(uses_tools & is_done, self.tool_cost[step], 0)
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


_WORKING = (
    ATTEMPTED,
    EXECUTED,
    REVIEWED,
    VALIDATED,
    VERIFIED,
    CLARIFIED,
    REROUTED,
    RECOVERED,
    JOINED,
    DISCOVERED,
)
"""Actions after which a task may go on to anything."""
_ENDS = {
    Action.DELIVER: NEXT_DELIVER, Action.FAIL: NEXT_FAIL, Action.BRANCH: NEXT_BRANCH, Action.JOIN: NEXT_JOIN,
    Action.REDELIVER: NEXT_REDELIVER, Action.GIVE_UP: NEXT_GIVE_UP,
}  # fmt: skip
_WORK = {
    Action.ATTEMPT: (ATTEMPTED, NEXT_ATTEMPT), Action.EXECUTE: (EXECUTED, NEXT_EXECUTE),
    Action.REVIEW: (REVIEWED, NEXT_REVIEW), Action.VALIDATE: (VALIDATED, NEXT_VALIDATE),
    Action.VERIFY: (VERIFIED, NEXT_VERIFY), Action.CLARIFY: (CLARIFIED, NEXT_CLARIFY),
    Action.CORRECT: (CORRECTED, NEXT_CORRECT),
}  # fmt: skip
"""What a step's row says was done, and what it says of a task that comes to it."""
WORKFLOW_COLUMNS = (
    "sandbox", "verification", "correction", "damage", "pass", "branch", "hop", "context", "inherited", "own_right",
    "agent_failed", "stage_end", "doubled", "born", "guard", "spent",
)  # fmt: skip
"""Columns that are null for task types of one stage under a bare preset."""


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
        (VERIFIED, NEXT_DELIVER, "SUCCESS"),
        (VALIDATED, NEXT_DELIVER, "AUTO_COMMITTED"),
    ):
        table[action, following] = STATUSES.index(status)
    for following, status in (
        (NEXT_VALIDATE, "VALIDATING"), (NEXT_VERIFY, "VERIFYING"), (NEXT_CLARIFY, "CLARIFYING"),
        (NEXT_JOIN, "JOINING"), (NEXT_CORRECT, "CORRECTING"), (NEXT_REDELIVER, "SUCCESS"),
        (NEXT_BRANCH, "ASSIGNED"),
    ):  # fmt: skip
        table[_WORKING, following] = STATUSES.index(status)
    for action in (VALIDATED, VERIFIED, CLARIFIED, REROUTED, RECOVERED, JOINED, REFUSED_ACTION, DISCOVERED):
        for following, status in (
            (NEXT_ATTEMPT, "RETRYING"), (NEXT_EXECUTE, "ESCALATED"), (NEXT_REVIEW, "AWAITING_AUDIT"),
            (NEXT_FAIL, "FAILED"),
        ):  # fmt: skip
            table[action, following] = STATUSES.index(status)
    table[_WORKING, NEXT_GIVE_UP] = STATUSES.index("FAILED")
    for following in (NEXT_ATTEMPT, NEXT_EXECUTE):
        table[REROUTED, following] = table[JOINED, following] = STATUSES.index("ASSIGNED")
        table[DISCOVERED, following] = STATUSES.index("REOPENED")
        table[EXECUTED, following] = STATUSES.index("ASSIGNED")
    table[EXECUTED, NEXT_REVIEW] = STATUSES.index("AWAITING_AUDIT")
    table[EXECUTED, NEXT_FAIL] = table[REVIEWED, NEXT_FAIL] = STATUSES.index("FAILED")
    table[CORRECTED, :] = STATUSES.index("SUCCESS")
    return table

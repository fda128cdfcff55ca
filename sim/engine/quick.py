"""The quick way along a line of stages in which nothing but attempts, their retries and the next stage follow.

It does what `Workflow` does, in two functions instead of twenty calls: a chain of agents spends its time here.
Whatever it does not know it leaves to `Workflow`; a test holds their logs equal.
"""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING, Any

from sim.engine.journey import MOST_IN_SYSTEM
from sim.engine.trace import BranchToken, Trace, begin_pass, fresh_token
from sim.engine.workflow import Workflow
from sim.log import NULL
from sim.plan.codes import (
    AGENT_FAILED_AT,
    BORN_AT,
    INHERITED_AT,
    NO,
    OWN_RIGHT_AT,
    PASS_AT,
    STAGE_END_AT,
    WRONG,
    YES,
)  # fmt: skip
from sim.plan.steps import VALUE, AgentNumbers, FinalStep, StagePlan, StageStep, WorkflowPlan
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.topology import Action

if TYPE_CHECKING:
    from sim.engine.guards import GuardBook
    from sim.engine.token import Source

_new = object.__new__
_INVALID, _RIGHT = int(Outcome.INVALID), int(Outcome.RIGHT)
_EVERY_OUTPUT = int(Reason.EVERY_OUTPUT) << 24
_FULL = 1_000_000_000
_CLEAN, _SPOILT = NO << INHERITED_AT, YES << INHERITED_AT
_ENDS = 1 << STAGE_END_AT | 1 << PASS_AT
_WORK_IS_RIGHT = _ENDS | YES << OWN_RIGHT_AT | NO << AGENT_FAILED_AT
_WORK_IS_WRONG = _ENDS | NO << OWN_RIGHT_AT | YES << AGENT_FAILED_AT


def is_line(plan: WorkflowPlan) -> bool:
    """Whether tasks pass every stage once, in order, and nothing is done between stages or after delivery."""
    if plan.discovery is not None or plan.damage is not None:
        return False
    return all(_leads_on(stage) and stage.hand_off is None and not stage.misrouting for stage in plan.stages)


def _leads_on(stage: StagePlan) -> bool:
    if stage.on or stage.parallel or len(stage.shares) != 1:
        return False
    following = stage.shares[0][1]
    sends_back = any(step.rule is not None for step in stage.steps) or any(
        step.agent is not None and step.agent.detect_upstream for step in stage.steps
    )
    return not sends_back and (following is None or following.number > stage.number)


def quick_end(step: StageStep, plan: WorkflowPlan) -> StagePlan | FinalStep | None:
    """The stage or the delivery that follows an attempt whatever happens; None where anything else can."""
    output = step.go.get(_RIGHT)
    leads_on = isinstance(output, FinalStep) and output.action is Action.DELIVER
    if step.action is not Action.ATTEMPT or not leads_on or step.is_lazy or not _is_bare(step.agent):
        return None
    following: StagePlan | None = step.stage_plan.shares[0][1]
    if following is None:
        return plan.ends["deliver"]
    return following if isinstance(following.first, StageStep) else None


def _is_bare(agent: AgentNumbers | None) -> bool:
    """Whether a role's attempts do nothing but succeed, fail and be tried again."""
    return agent is not None and not (
        agent.recovery
        or agent.is_naive
        or agent.memory_gain
        or agent.partial_work
        or agent.propagation_factor != 1.0
        or agent.clarify
        or agent.ack_loss
        or agent.more_output
        or agent.boot
    )


class QuickWorkflow(Workflow):
    """A Workflow with the quick way.

    Tokens and steps are typed as Any: a check for the type checker would cost as much as the work.
    """

    def watch(self, guards: GuardBook) -> None:
        """Takes the guards; when they look at every call nothing is quick."""
        super().watch(guards)
        for plan in self.plan.types:
            if isinstance(plan, WorkflowPlan) and is_line(plan) and not guards.is_special:
                self._find_quick_steps(plan)

    def arrive(self, source: Source) -> None:
        """A task arrives; at once at the first step of a line that begins with a quick one."""
        plan = source.plan
        if not isinstance(plan, WorkflowPlan) or plan.begins is None:
            super().arrive(source)
            return
        now: int = source.facts[0]
        token: Any = fresh_token(Trace(plan), _new(BranchToken))
        token.facts, token.uid, token.rank = source.facts, source.uid, source.rank
        token.failures, token.moves = 0, None  # what else a pass needs is set when something slow happens
        code = plan.arrival_code | plan.begins.number << 32
        token.cause = self.write(
            token.uid, NULL, code, 65536, 0, NULL, NULL, NULL, NULL, now, NULL, NULL, source.facts[VALUE]
        )
        self.live[token] = None
        if self.warm_up <= now < self.horizon:
            self.open_measured += 1
        self._pass_on(token, plan.stages[0], plan.begins, False, now)
        if len(self.live) > MOST_IN_SYSTEM:
            self._check_size(plan.type_id, token)
        self.await_next(source, now)

    def _find_quick_steps(self, plan: WorkflowPlan) -> None:
        for stage in plan.stages:
            for step in stage.steps:
                step.follows = quick_end(step, plan)
                if step.follows is not None:
                    step.callbacks = [self._tried_quickly]
        first = plan.stages[0].first
        if isinstance(first, StageStep) and first.follows is not None:
            plan.begins = first

    def _start(self, token: Any, step: Any, now: int) -> None:
        """Work begins; quickly where a quick end awaits it."""
        if step.__class__ is not StageStep or step.follows is None:
            if step.__class__ is StageStep and token.moves is None:
                _prepare(token)
            super()._start(token, step, now)
            return
        # On a line every attempt at a step is one of the pass in hand, so its number is the visit.
        visit = token.attempts
        token.started, token.attempts = now, visit + 1
        token.draws = draws = token.facts if visit == 0 else step.draws_at(token.index, visit)
        token.callbacks = step.callbacks
        self.schedule(token, token.rank, draws[step.facts_at])

    def _tried_quickly(self, token: Any) -> None:
        """An agent has tried, and the next stage or the delivery follows."""
        step, draws = token.step, token.draws
        place = step.facts_at
        outcome = draws[place + 1]
        if outcome > _INVALID:
            if token.moves is None:
                _prepare(token)
            token.agents_part, token.place, token.attempt = 1, place, token.attempts
            token.tried = {step.role: token.attempts}
            self._tried(token)
            return
        now, facts, trace = self.env._now, token.facts, token.trace
        is_wrong = token.inherited
        marks = _SPOILT if is_wrong else _CLEAN
        if outcome:
            marks |= _WORK_IS_WRONG
            if not is_wrong:
                token.born = token.stage.number
            is_wrong = True
        else:
            marks |= _WORK_IS_RIGHT
        follows = step.follows
        is_end = follows.__class__ is FinalStep
        following = follows if is_end else follows.first
        code = step.number | outcome << 16 | _EVERY_OUTPUT | following.number << 32
        if is_wrong:
            marks |= (token.born + 1) << BORN_AT
            code |= WRONG
        trace.rows = rows = trace.rows + 1
        position = token.position
        token.cause = self.write_wide(
            token.uid, token.cause, code, rows << 16 | token.attempts, position.number, draws[place + 2],
            draws[place + 3], token.queued, token.started, now, facts[step.input_at], facts[step.output_at], NULL,
            marks, trace.hops, _FULL, 0, NULL,
        )  # fmt: skip
        pool = step.place
        pool.release(position)
        if is_end:
            self._end(token)
        else:
            self._pass_on(token, follows, following, is_wrong, now)
        if pool.queue:
            self.serve(pool, now)

    def _pass_on(self, token: Any, stage: StagePlan, step: Any, is_wrong: bool, now: int) -> None:
        """Begins the next stage: what `begin_pass` sets, as far as a quick pass can have changed it."""
        token.stage, token.step, token.queued = stage, step, now
        token.inherited = token.is_wrong = is_wrong
        token.inherited_from = token.born
        token.attempts = token.failures = 0
        token.trace.passes[stage.number] = 1
        pool = step.place
        if not pool.queue:
            position = pool.take(now)
            if position is not None:
                token.position = position
                if step.follows is None:
                    self._start(token, step, now)
                    return
                # `_start`, for a first attempt: a call costs as much as its work.
                token.started, token.attempts = now, 1
                token.draws = facts = token.facts
                token.callbacks = step.callbacks
                self.schedule(token, token.rank, facts[step.facts_at])
                return
        token.position = None
        heappush(pool.queue, (token.rank >> 56, now, token.rank, token))


def _prepare(token: Any) -> None:
    """Sets what a pass needs beside the quick way; nothing of it can have changed until now."""
    attempts = token.attempts
    begin_pass(token, token.stage)
    token.attempts = attempts

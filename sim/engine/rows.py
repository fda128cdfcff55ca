"""The row of finished work in a workflow, and where it sends its token."""

from __future__ import annotations

from typing import Any

from sim import maths
from sim.engine.stages import Lead, Stages
from sim.engine.trace import BranchToken
from sim.log import NULL
from sim.plan.codes import (
    AGENT_FAILED_AT,
    DOUBLED_AT,
    GUARD_AT,
    GUARD_BITS,
    NO,
    OWN_RIGHT_AT,
    REFUSED,
    STAGE_END_AT,
    WRONG,
    YES,
)  # fmt: skip
from sim.plan.guards import HOPS, TRACE_BUDGET
from sim.plan.steps import FinalStep, StageStep
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.topology import Action

_INVALID, _GOVERNANCE = int(Outcome.INVALID), int(Outcome.GOVERNANCE)
_UPSTREAM = int(Outcome.UPSTREAM)
_AGENTS_WORK = (Action.ATTEMPT, Action.VALIDATE, Action.CLARIFY)
"""Steps in which the agents' part of a stage goes on."""


class Rows(Stages):
    """Concludes work: its row, its position, its token."""

    def _conclude(
        self, token: BranchToken, now: int, outcome: int, reason: int, target: StageStep | FinalStep | None, *,
        thetas: tuple[int, int] = (NULL, NULL), tokens: tuple[int, int] = (NULL, NULL), own_right: int = 0,
        flags: int = 0, guard: int = -1, delay: int = 0, cost: int = 0, is_doubled: bool = False,
        back: bool = False, then: Any = None,
    ) -> None:  # fmt: skip
        """Writes the row of finished work, releases its position and sends the token on.

        `target` is a step of the stage or the end of it; with `back` the task returns to where its defect was born.
        `cost` (nano-units) is what the way there takes; the next row books it as tools.
        """
        step = token.step
        assert isinstance(step, StageStep)
        lead: Lead | None = None
        if (
            self.guards.is_killed
            and isinstance(target, FinalStep)
            and self._is_autonomous(token, step, target)
        ):
            assert self.guards.switch is not None
            target, guard = self._instead_of_commit(token), self.guards.switch.number
            reason = int(Reason.KILL_SWITCH)
        if (
            isinstance(target, StageStep)
            and target.action is Action.ATTEMPT
            and not self._may_try(token, target)
        ):
            target, reason = self._stopped(token), int(Reason.ATTEMPTS_EXHAUSTED)
            then, delay = None, 0
        if back:
            lead = self._back(token)
        elif isinstance(target, FinalStep):
            lead = self._lead(token, target.action is Action.FAIL, 0)
            reason = lead.reason or reason
            guard = HOPS if lead.reason == int(Reason.HOP_LIMIT) else guard
        marks = self._agents_part(token, step, outcome, target)
        marks |= own_right << OWN_RIGHT_AT | (guard + 1) << GUARD_AT
        if is_doubled:
            marks |= 1 << DOUBLED_AT
        if lead is not None:
            marks |= 1 << STAGE_END_AT
        follows: Any = lead if lead is not None else target
        self._write(token, outcome, reason, follows.number, now, thetas, tokens, flags, marks, lead)
        token.charge = cost
        if flags & REFUSED and lead is not None and lead.end is None:
            # By an event of its own: stages that refuse one after another would end in a recursion.
            token.errands.append((0, None))
        position = token.position
        if position is not None:
            token.position = None
            step.place.release(position)
        if lead is not None:
            self._follow(token, lead, now)
        else:
            assert isinstance(target, StageStep)
            self._go_on(token, target, delay, now, then)
        if position is not None and step.place.queue:
            self.serve(step.place, now)

    @staticmethod
    def _is_autonomous(token: BranchToken, step: StageStep, target: FinalStep) -> bool:
        """Whether an output would be delivered that an agent made and no person has approved."""
        maker = token.maker
        is_agents = maker is not None and maker.action is Action.ATTEMPT and not token.is_approved
        return target.action is Action.DELIVER and step.action in (*_AGENTS_WORK, Action.VERIFY) and is_agents

    def _instead_of_commit(self, token: BranchToken) -> StageStep | FinalStep:
        """Where the kill switch sends an output: back to its agent, who waits, or to a person, else failed."""
        maker, switch = token.maker, self.guards.switch
        assert maker is not None
        assert switch is not None
        if switch.pauses and self._may_try(token, maker):
            return maker
        return token.stage.person or token.trace.plan.ends["fail"]

    @staticmethod
    def _stopped(token: BranchToken) -> StageStep | FinalStep:
        """Where a task goes that has no attempt or no hop left: to a person, else failed (decision D18)."""
        return token.stage.person or token.trace.plan.ends["fail"]

    def _go_on(self, token: BranchToken, target: StageStep, delay: int, now: int, then: Any) -> None:
        if target.action is Action.REVIEW and target.rule is not None:
            delay += target.rule.proposal_ticks
        if delay or then is not None:
            self._later(token, delay, target, now, then)
        else:
            self._join(token, target, now)

    def _agents_part(self, token: BranchToken, step: StageStep, outcome: int, target: Any) -> int:
        """The mark of the first row of a pass at which the agents' part of the stage ends."""
        if token.agents_part != 1 or step.action not in _AGENTS_WORK:
            return 0
        if isinstance(target, StageStep) and target.action in _AGENTS_WORK and target.stage is step.stage:
            return 0
        if outcome == _UPSTREAM:
            token.agents_part = 2
            return 0
        token.agents_part = 2
        is_visible = step.action is Action.ATTEMPT and _INVALID < outcome <= _GOVERNANCE
        has_output = token.maker is not None and token.maker.action is Action.ATTEMPT
        has_failed = is_visible or token.own_wrong or not has_output
        return (YES if has_failed else NO) << AGENT_FAILED_AT

    def _write(
        self, token: BranchToken, outcome: int, reason: int, following: int | None, now: int,
        thetas: tuple[int, int] = (NULL, NULL), tokens: tuple[int, int] = (NULL, NULL), flags: int = 0,
        marks: int = 0, lead: Lead | None = None,
    ) -> None:  # fmt: skip
        trace, position = token.trace, token.position
        damage = NULL
        if lead is not None and lead.end is not None and lead.end.action is Action.DELIVER:
            damage = self._damage(token, marks)
        elif marks >> DOUBLED_AT & 1:
            damage = self._doubled_damage(token) or NULL
        code = token.step.number | outcome << 16 | reason << 24 | flags
        code |= (following if following is not None else 0xFFFF) << 32
        if token.is_wrong:
            code |= WRONG
        trace.rows += 1
        if token.charge and self.guards.watches_calls:
            self.guards.charge(trace, token.step.role, token.charge, now)
        is_over_budget = (marks >> GUARD_AT & GUARD_BITS) - 1 == TRACE_BUDGET
        token.cause = self.write_wide(
            token.uid, token.cause, code, trace.rows << 16 | token.attempt & 0xFFFF,
            position.number if position is not None else 0, thetas[0], thetas[1], token.queued, token.started, now,
            tokens[0], tokens[1], trace.spent if is_over_budget else NULL, self._marks(token) | marks, trace.hops,
            token.context, token.charge, damage,
        )  # fmt: skip
        token.charge = 0

    # -- damage -----------------------------------------------------------------------------------------------

    def _damage(self, token: BranchToken, marks: int) -> int:
        """Nano-units of damage of a delivery; NULL for none."""
        rule = token.trace.plan.damage
        damage = self._doubled_damage(token) if marks >> DOUBLED_AT & 1 else 0
        if rule is None or not token.is_wrong:
            return damage or NULL
        m, agent = maths.scalar, token.maker.agent if token.maker is not None else None
        drawn = rule.sampler.quantile(rule.stream.scalar(token.index), m) * rule.scale
        amount = int(m.round_to_int(m.clip(drawn, 0.0, 1e18)))
        if agent is not None:
            amount = 0 if agent.contains_damage else amount
            amount = min(amount, agent.damage_cap) if agent.damage_cap >= 0 else amount
        return damage + amount

    @staticmethod
    def _doubled_damage(token: BranchToken) -> int:
        """Nano-units of damage of doing an action again that had landed; half of a work done twice does none."""
        rule = token.trace.plan.damage
        return rule.doubled if rule is not None and token.has_landed else 0

    # -- back to where a defect was born ----------------------------------------------------------------------

    def _may_send_back(self, token: BranchToken) -> bool:
        """Whether the stage where the defect was born lies in this branch and may be passed again."""
        born, trace = token.born, token.trace
        return born in token.visited and self._may_pass(trace, trace.plan.stages[born])

    def _back(self, token: BranchToken) -> Lead:
        """Back to the stage where the defect was born, with what had come into it."""
        stage = token.trace.plan.stages[token.born]
        return Lead(None, stage, self._entry(token, stage)[0], is_back=True)

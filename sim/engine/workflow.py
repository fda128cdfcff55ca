"""Inside a stage: how the work of agents and people goes on in a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.engine.recovering import Recovering
from sim.engine.trace import BranchToken
from sim.log import NULL
from sim.plan.activities import NO_EFFECTS, Effects
from sim.plan.codes import GUARD_AT, NO, REFUSED, REWORK, YES, pack_code
from sim.plan.guards import HOPS
from sim.plan.steps import VALUE, FinalStep, RouteStep, StageStep
from sim.rules.assistance import helped
from sim.rules.failures import Outcome
from sim.rules.handoff import logits_of_context
from sim.rules.review import verdict
from sim.rules.routing import Reason, route_output
from sim.rules.validation import is_flagged
from sim.rules.verification import is_found
from sim.topology import Action

if TYPE_CHECKING:
    from sim.engine.token import Token
    from sim.plan.steps import Target, WorkStep

_RIGHT, _INVALID, _NONE, _ANSWERED = (
    int(Outcome.RIGHT), int(Outcome.INVALID), int(Outcome.NONE), int(Outcome.ANSWERED)
)  # fmt: skip
_FLAGGED, _PASSED, _UPSTREAM = int(Outcome.FLAGGED), int(Outcome.PASSED), int(Outcome.UPSTREAM)
_APPROVED, _REVISED, _REJECTED = int(Outcome.APPROVED), int(Outcome.REVISED), int(Outcome.REJECTED)
_LOW, _CONFIDENT, _HIGH = int(Reason.LOW_CONFIDENCE), int(Reason.CONFIDENT), int(Reason.HIGH_VALUE)
_SELF, _PEER = int(Reason.SELF_RETRY), int(Reason.HANDED_TO_PEER)

MOST_TRIES = 20
"""Times a verification sends the same work back, or a review that of a person, before the task fails."""


class Workflow(Recovering):
    """The journey of workflows' tokens; tokens of plain task types take the quick path."""

    def connect(self, step: WorkStep) -> None:
        """Sets what the engine calls when work at a step ends."""
        if not isinstance(step, StageStep):
            super().connect(step)
            return
        ended = {
            Action.ATTEMPT: self._tried, Action.EXECUTE: self._did, Action.REVIEW: self._judged,
            Action.VALIDATE: self._validated, Action.VERIFY: self._verified, Action.CLARIFY: self._answered,
            Action.CORRECT: self._corrected,
        }  # fmt: skip
        step.callbacks = [ended[step.action]]

    # -- work begins ------------------------------------------------------------------------------------------

    def _join(self, token: Token, step: WorkStep, now: int) -> None:
        """Joins a queue; a fixed check that nobody does begins at once."""
        if step.pool >= 0:
            super()._join(token, step, now)
            return
        token.step, token.queued, token.position = step, now, None
        self._start(token, step, now)

    def _start(self, token: Token, step: WorkStep, now: int) -> None:
        """Work begins; a call of an agent may be refused by a guard."""
        if not isinstance(token, BranchToken):
            super()._start(token, step, now)
            return
        assert isinstance(step, StageStep)
        trace = token.trace
        place = step.visit_place
        visit = trace.visits[place]
        draws, facts_at = self._draws(token, step, visit)
        if self.guards.watches_calls and step.caller:
            token.draws, token.place = draws, facts_at
            reason, guard = self.guards.refusal(token, step, self._prices(token, step), now)
            if reason and step.action is not Action.EXECUTE:
                self._refuse(token, step, reason, guard, now)
                return
            token.is_unassisted = bool(reason)
            if reason:
                code = pack_code(step.number, _NONE, reason, step.number) | REFUSED
                self._write_event(token, code, now, (guard + 1) << GUARD_AT)
        token.started = now
        trace.visits[place] = visit + 1
        token.attempt = visit + 1
        token.draws, token.place = draws, facts_at
        ticks = draws[facts_at]
        if step.action is Action.ATTEMPT:
            assert step.agent is not None
            ticks += step.agent.boot
            token.attempts += 1
            token.tried[step.role] = token.tried.get(step.role, 0) + 1
            token.agents_part = token.agents_part or 1
        elif step.is_helped:
            factor = 1.0 if token.is_unassisted else step.assist_factor
            ticks = helped(ticks, factor, step.draft_help if token.has_draft else 1.0)
        token.callbacks = step.callbacks
        self.schedule(token, token.rank, ticks)

    def _draws(self, token: BranchToken, step: StageStep, visit: int) -> tuple[tuple[Any, ...], int]:
        """The facts of this visit and the place of this step's among them."""
        effects = NO_EFFECTS
        if step.action is Action.ATTEMPT:
            effects = self._effects(token, step)
        if visit == 0 and not step.is_lazy and effects is NO_EFFECTS:
            return token.facts, step.facts_at
        return step.draws_at(token.index, visit, effects), step.facts_at

    @staticmethod
    def _effects(token: BranchToken, step: StageStep) -> Effects:
        """What the task's story so far does to an attempt."""
        agent = step.agent
        assert agent is not None
        gain = token.gain + agent.memory_gain * token.failures if agent.memory_gain else token.gain
        if token.revision_gain:
            gain += token.revision_gain
        if token.context < 1_000_000_000:
            gain += logits_of_context(token.context)
        factor = agent.propagation_factor if token.inherited else 1.0
        if gain == 0.0 and factor == 1.0 and not token.cleared and token.judgment_gain == 0.0:
            return NO_EFFECTS
        return Effects(gain, token.judgment_gain, factor, token.cleared)

    # -- an agent has tried -----------------------------------------------------------------------------------

    def _tried(self, token: BranchToken) -> None:
        now, step = self.env._now, token.step
        assert isinstance(step, StageStep)
        assert step.agent is not None
        agent, place, draws = step.agent, token.place, token.draws
        outcome, theta_raw, theta = draws[place + 1], draws[place + 2], draws[place + 3]
        read, written = self._tokens(token, step, outcome)
        self._book(token, step, read, written, outcome, now)
        if outcome > _INVALID:
            self._failed(token, step, outcome, read, written, now)
            return
        trace = token.trace
        may_ask = agent.clarify and self._may_try(token, step)
        if may_ask and agent.streams["clarify"].scalar_event(token.index, agent.clarify, token.attempt - 1):
            self._ask(token, step, read, written, now)
            return
        trace.written += written
        if token.is_misread:
            outcome = max(outcome, int(Outcome.WRONG))
        token.own_wrong = outcome > 0
        has_noticed = bool(
            token.inherited
            and agent.detect_upstream
            and agent.streams["detect_upstream"].scalar_event(
                token.index, agent.detect_upstream, token.attempt - 1
            )
        )
        if has_noticed and agent.on_upstream_defect == "send_back" and self._may_send_back(token):
            self._conclude(
                token, now, _UPSTREAM, int(Reason.UPSTREAM_DEFECT), None, tokens=(read, written), back=True
            )
            return
        is_mended = has_noticed and agent.on_upstream_defect == "repair"
        token.maker, token.has_draft, token.is_approved, token.failures = step, True, False, 0
        self._hold(token, token.own_wrong, token.inherited and not is_mended)
        if has_noticed and not is_mended:
            theta = 0
        token.theta = theta
        target, reason = self._settle(token, step.go[_RIGHT], theta, False)
        if has_noticed and not is_mended and reason == _LOW:
            reason = int(Reason.UPSTREAM_DEFECT)
        if self._loses_acknowledgement(token, step, target):
            self._try_again_for_acknowledgement(token, step, (read, written), now)
            return
        self._conclude(
            token, now, outcome, reason, target, thetas=(theta_raw, theta), tokens=(read, written),
            own_right=NO if token.own_wrong else YES, is_doubled=self._doubles(token, step, target),
        )  # fmt: skip

    def _hold(self, token: BranchToken, own_wrong: bool, still_inherited: bool) -> None:
        """The output in hand is wrong by its own or by an inherited defect; the older one names the stage."""
        token.is_wrong = own_wrong or still_inherited
        if still_inherited:
            token.born = token.inherited_from
        else:
            token.born = token.stage.number if own_wrong else -1

    def _settle(
        self, token: BranchToken, target: Target, theta: int, is_flagged: bool
    ) -> tuple[StageStep | FinalStep, int]:
        """The step that an output goes to through whatever routes, and why."""
        reason = int(Reason.EVERY_OUTPUT)
        while isinstance(target, RouteStep):
            reason = route_output(theta, token.facts[VALUE], target.threshold, target.value_limit)
            if is_flagged and reason == _CONFIDENT:
                reason = _LOW
            if reason == _CONFIDENT and target.premature and self._is_premature(token, target):
                reason, target = int(Reason.PREMATURE), target.go[_LOW]
            elif reason == _LOW:
                reason, target = self._unsure(token, target, is_flagged)
            else:
                target = target.go[reason]
        assert isinstance(target, StageStep | FinalStep)
        if isinstance(target, StageStep) and target.label == "approve":
            reason = int(Reason.GATED)
        return (self._instead(token, target) if isinstance(target, StageStep) else target), reason

    @staticmethod
    def _is_premature(token: BranchToken, route: RouteStep) -> bool:
        visit = token.trace.passes[token.stage.number] - 1
        return route.stream.scalar_event(token.index, route.premature, visit, token.attempts - 1)

    def _unsure(self, token: BranchToken, route: RouteStep, is_flagged: bool) -> tuple[int, Target]:
        """What follows an unsure output: the ladder first, then the next tier, then a person."""
        maker, peer = token.maker, route.go.get(_PEER)
        if token.own_tries < route.own and maker is not None and self._may_try(token, maker):
            token.own_tries += 1
            return _SELF, maker
        if (
            token.peer_tries < route.peers
            and isinstance(peer, StageStep)
            and self._may_try(token, peer)
            and self.guards.may_hop(token.trace)
        ):
            token.peer_tries += 1
            return _PEER, peer
        if not route.is_last:
            return int(Reason.NEXT_TIER), route.go[_LOW]
        return (int(Reason.FLAGGED) if is_flagged else _LOW), route.go[_LOW]

    # -- checks -----------------------------------------------------------------------------------------------

    def _validated(self, token: BranchToken) -> None:
        """A validator judged the output."""
        now, step, place = self.env._now, token.step, token.place
        assert isinstance(step, StageStep)
        draws = token.draws
        flagged = is_flagged(token.is_wrong, draws[place + 1], draws[place + 2], *step.numbers)
        read = written = NULL
        if step.role:
            read, written = self._tokens(token, step, _RIGHT)
            self._book(token, step, read, written, _RIGHT, now)
        elif step.tool_cost and self.guards.watches_calls:
            self.guards.charge(token.trace, "", step.tool_cost, now)
        self.guards.checked(flagged, now)
        passed = step.go[_PASSED]
        if flagged and not (isinstance(passed, RouteStep) and _LOW in passed.go):
            target, reason = step.go[_FLAGGED], int(Reason.FLAGGED)
            assert isinstance(target, StageStep | FinalStep)
        else:
            target, reason = self._settle(token, passed, token.theta, flagged)
            if reason == int(Reason.EVERY_OUTPUT):
                reason = int(Reason.PASSED)
        outcome = _FLAGGED if flagged else _PASSED
        self._conclude(token, now, outcome, reason, target, tokens=(read, written))

    def _verified(self, token: BranchToken) -> None:
        """The ground truth was looked at."""
        now, step = self.env._now, token.step
        assert isinstance(step, StageStep)
        found = is_found(token.is_wrong, token.draws[token.place + 1], step.numbers[0])
        self.guards.checked(found, now)
        if not found:
            target, reason = step.go[_PASSED], int(Reason.PASSED)
            assert isinstance(target, FinalStep)
            self._conclude(token, now, _PASSED, reason, target)
            return
        token.tries += 1
        is_own = token.born == token.stage.number
        if step.rule.then == "again" and not is_own and self._may_send_back(token):
            self._conclude(token, now, _FLAGGED, int(Reason.VERIFICATION_FAILED), None, back=True)
            return
        again = step.go[_FLAGGED]
        target = (
            self._instead(token, again)
            if isinstance(again, StageStep)
            else self._entry(token, token.stage)[0]
        )
        is_out = target.action is Action.ATTEMPT and not self._may_try(token, target)
        if token.tries > MOST_TRIES or is_out:
            person = token.stage.person
            if person is None or target is person:
                end = token.trace.plan.ends["fail"]
                self._conclude(token, now, _FLAGGED, int(Reason.ATTEMPTS_EXHAUSTED), end)
                return
            target = person
        token.is_rework = target.action is Action.EXECUTE
        self._conclude(token, now, _FLAGGED, int(Reason.VERIFICATION_FAILED), target)

    # -- people -----------------------------------------------------------------------------------------------

    def _did(self, token: BranchToken) -> None:
        """A person finished the work; what came in wrong is repaired as often as a reviewer would see it."""
        now, step = self.env._now, token.step
        assert isinstance(step, StageStep)
        own_right = bool(token.draws[token.place + 1])
        still_inherited = token.inherited
        if still_inherited and step.repair_stream is not None:
            still_inherited = not step.repair_stream.scalar_event(
                token.index, step.catch_rate, token.attempt - 1
            )
        self._hold(token, not own_right, still_inherited)
        token.maker = step
        tokens = (NULL, NULL)
        if step.model and not token.is_unassisted:
            tokens = self._tokens(token, step, _RIGHT)
            self._book(token, step, *tokens, _RIGHT, now)
        target, reason = self._settle(token, step.go[_RIGHT], 1_000_000_000, False)
        if reason != int(Reason.GATED):
            reason = int(Reason.DONE_BY_PERSON)
        self._conclude(
            token, now, 0 if own_right else 1, reason, target, tokens=tokens,
            own_right=YES if own_right else NO, flags=REWORK if token.is_rework else 0,
        )  # fmt: skip

    def _judged(self, token: BranchToken) -> None:
        """A person gave a verdict on an output."""
        now, step, draws, place = self.env._now, token.step, token.draws, token.place
        assert isinstance(step, StageStep)
        maker = token.maker
        is_agents = maker is not None and maker.action is Action.ATTEMPT
        has_tries = maker is not None and is_agents and self._may_try(token, maker)
        is_own = not token.is_wrong or token.born == token.stage.number
        may_revise = has_tries and is_own and token.revisions < step.max_revisions
        wants_revision = may_revise and draws[place + 2] < step.revise_share
        outcome = int(
            verdict(token.is_wrong, draws[place + 1], step.catch_rate, step.false_reject, wants_revision)
        )
        token.is_approved = outcome == _APPROVED
        self.guards.reviewed(token.is_approved, now)
        if outcome == _APPROVED:
            target, reason = step.go[_APPROVED], int(Reason.APPROVED)
        elif outcome == _REVISED:
            token.revisions += 1
            token.revision_gain = step.rule.revision_gain
            token.failures = 0
            revised = step.go[_REVISED]
            target = maker if maker is not None and step.rule.to_maker else revised
            reason = int(Reason.REVISION_ASKED)
        elif token.is_wrong and not is_own and step.rule.send_back and self._may_send_back(token):
            self._conclude(token, now, outcome, int(Reason.SENT_BACK), None, back=True)
            return
        else:
            token.is_rework = True
            could_revise = is_agents and is_own and bool(step.max_revisions)
            target, reason = step.go[_REJECTED], self._why_not_revised(token, step, could_revise, has_tries)
            if not is_agents:
                token.tries += 1
                if token.tries > MOST_TRIES:
                    target, reason = token.trace.plan.ends["fail"], int(Reason.ATTEMPTS_EXHAUSTED)
        if isinstance(target, RouteStep):
            target, reason = self._settle(token, target, token.theta, False)
        assert isinstance(target, StageStep | FinalStep)
        self._conclude(token, now, outcome, reason, target)

    @staticmethod
    def _why_not_revised(token: BranchToken, step: StageStep, could_revise: bool, has_tries: bool) -> int:
        """Rejected at once, or for want of further revisions or attempts."""
        if could_revise and token.revisions >= step.max_revisions:
            return int(Reason.REVISIONS_EXHAUSTED)
        return int(Reason.ATTEMPTS_EXHAUSTED if could_revise and not has_tries else Reason.REJECTED)

    def _corrected(self, token: BranchToken) -> None:
        """A person corrected a wrong delivery."""
        now = self.env._now
        token.is_wrong, token.born = False, -1
        self._write(token, int(Outcome.CORRECTED), int(Reason.CORRECTED), None, now)
        position, pool = token.position, token.step.place
        pool.release(position)
        self._over(token)
        self.serve(pool, now)

    # -- guards -----------------------------------------------------------------------------------------------

    def _refuse(self, token: BranchToken, step: StageStep, reason: int, guard: int, now: int) -> None:
        """A guard refuses a call: to a person, or failed."""
        position, pool = token.position, step.place
        token.position = None
        if position is not None:
            pool.release(position)
        rules = {budget.number: budget.then for budget in self.guards.numbers.budgets}
        fails = rules.get(guard) == "stop" or (
            reason == int(Reason.TRACE_BUDGET) and self.guards.numbers.trace_fails
        )
        person = None if fails else token.stage.person
        target = person or token.trace.plan.ends["fail"]
        token.started, token.attempt = NULL, 0
        token.step = step
        # Whoever served the queue goes on with the next in it: to serve it from here would end in a recursion.
        self._conclude(token, now, _NONE, reason, target, flags=REFUSED, guard=guard)

    def _refuse_hop(self, token: BranchToken, now: int) -> None:
        goal = token.goal
        assert goal is not None
        token.step, token.position, token.started, token.queued, token.attempt = goal, None, NULL, NULL, 0
        target = token.stage.person or token.trace.plan.ends["fail"]
        token.errands, token.goal = [], None
        self._conclude(token, now, _NONE, int(Reason.HOP_LIMIT), target, flags=REFUSED, guard=HOPS)

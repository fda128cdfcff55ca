"""On the way between steps: what a hand-off takes, faults in routing, delays, and rows that took nobody's time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim import maths
from sim.engine.journey import Journey
from sim.engine.trace import BranchToken, scalar_ticks
from sim.log import NULL
from sim.plan.codes import (
    BORN_AT,
    BRANCH_AT,
    COMPLETION,
    CUT_SHORT,
    INHERITED_AT,
    NO,
    PASS_AT,
    RETRY,
    WRONG,
    YES,
    pack_code,
)  # fmt: skip
from sim.plan.steps import StagePlan, StageStep
from sim.rules.failures import Outcome
from sim.rules.handoff import context_after
from sim.rules.routing import Reason

if TYPE_CHECKING:
    from sim.engine.guards import GuardBook

_NONE = int(Outcome.NONE)


class Underway(Journey):
    """What happens to tokens of workflows while nobody works on them."""

    guards: GuardBook

    def __init__(self, *arguments: Any) -> None:
        """As a Journey."""
        super().__init__(*arguments)
        self._errand_callbacks: list[Callable[[Any], None]] = [self._errand_done]
        self.plan = arguments[1]
        self.write_wide: Callable[..., int] = arguments[3].write_wide

    def watch(self, guards: GuardBook) -> None:
        """Takes the guards of the run."""
        self.guards = guards

    # -- hand-offs --------------------------------------------------------------------------------------------

    def _hand_over(self, token: BranchToken, stage: StagePlan) -> None:
        """Time, tokens, context and misunderstandings of coming from the stage before."""
        rule, index = stage.hand_off, token.index
        assert rule is not None
        visit = token.trace.passes[stage.number] - 1
        ticks = rule.read_ticks
        if rule.latency is not None:
            ticks += scalar_ticks(rule.latency, index, visit, maths.scalar)
        if ticks:
            token.errands.append((ticks, None))
        token.charge += rule.read_cost
        if rule.loss:
            token.context = context_after(token.context, rule.loss)
        token.extra_input = token.trace.written if rule.is_transcript else rule.contract
        if rule.misread:
            token.is_misread = rule.misread_stream.scalar_event(index, rule.misread, visit)

    def _misroute(self, token: BranchToken, stage: StagePlan) -> None:
        """The faults of whoever hands work out, as errands with a row each; the first fault comes first."""
        visit, index = token.trace.passes[stage.number] - 1, token.index
        for share, stream, reason in stage.misrouting:
            if stream.scalar_event(index, share, visit):
                assert stage.misrouting_time is not None
                sampler, times = stage.misrouting_time
                value = sampler.quantile(times.scalar(index, visit, reason), maths.scalar)
                ticks = maths.scalar.round_to_int(maths.scalar.clip(value, 0.0, float(1 << 52)))
                token.errands.insert(0, (int(ticks), self._rerouted(reason)))

    def _rerouted(self, reason: int) -> Callable[[BranchToken, int], bool]:
        """What follows the time that a fault takes: a row, one hop more, and the end of the trace's hops perhaps."""

        def rerouted(token: BranchToken, now: int) -> bool:
            goal = token.goal
            assert goal is not None
            code = pack_code(token.stage.rerouted, _NONE, reason, goal.number)
            if not self.guards.may_hop(token.trace):
                self._refuse_hop(token, now)
                return True
            self._write_event(token, code, now)
            return False

        return rerouted

    def _refuse_hop(self, token: BranchToken, now: int) -> None:
        """One hop too many: to a person, or failed."""
        raise NotImplementedError

    # -- errands: delays between steps ------------------------------------------------------------------------

    def _run_errand(self, token: BranchToken, step: StageStep | None) -> None:
        """Waits for the next errand; nobody is occupied."""
        if step is not None:
            token.step = step
        token.position, token.queued = None, NULL
        token.callbacks = self._errand_callbacks
        self.schedule(token, token.rank + (RETRY - COMPLETION), token.errands[-1][0])

    def _errand_done(self, token: BranchToken) -> None:
        now = self.env._now
        then = token.errands.pop()[1]
        if then is not None and then(token, now):
            return
        if token.errands:
            self._run_errand(token, token.goal)
        elif token.goal is not None:
            self._join(token, token.goal, now)

    def _later(
        self, token: BranchToken, ticks: int, step: StageStep, now: int,
        then: Callable[[BranchToken, int], bool] | None = None,
    ) -> None:  # fmt: skip
        """Joins the queue of a step after some time."""
        token.goal = step
        if ticks or then is not None:
            token.errands = [(ticks, then)]
            self._run_errand(token, step)
        else:
            self._join(token, step, now)

    # -- rows -------------------------------------------------------------------------------------------------

    def _marks(self, token: BranchToken, passes: int = -1) -> int:
        """What every row of a workflow says of its token; `passes` in place of those of the stage it is in."""
        marks = (YES if token.inherited else NO) << INHERITED_AT | token.branch << BRANCH_AT
        if token.is_wrong:
            marks |= (token.born + 1) << BORN_AT
        return marks | (passes if passes >= 0 else token.trace.passes[token.stage.number]) << PASS_AT

    def _write_event(self, token: BranchToken, code: int, now: int, marks: int = 0, passes: int = -1) -> None:
        """A row of something that took nobody's time."""
        trace = token.trace
        trace.rows += 1
        token.cause = self.write_wide(
            token.uid, token.cause, code | (WRONG if token.is_wrong else 0), trace.rows << 16, 0, NULL, NULL, NULL,
            NULL, now, NULL, NULL, NULL, self._marks(token, passes) | marks, trace.hops, token.context, 0, NULL,
        )  # fmt: skip

    def write_unfinished(self, token: Any, now: int) -> None:
        """The row of a token that is still on its way when the run ends."""
        if not isinstance(token, BranchToken):
            super().write_unfinished(token, now)
            return
        is_working = token.position is not None
        if not is_working and token.queued == NULL and (token.goal is None or not token.errands):
            return  # waits for its branches, or was delivered and nobody has found out
        reason = Reason.WORKING if is_working else Reason.WAITING
        if not is_working and (token.queued == NULL or token.step.pool < 0):
            reason = Reason.BACKING_OFF if token.attempts and token.queued == NULL else Reason.IN_TRANSIT
        trace = token.trace
        trace.rows += 1
        self.write_wide(
            token.uid, token.cause, pack_code(token.step.number, _NONE, reason) | CUT_SHORT, trace.rows << 16,
            token.position.number if token.position is not None else 0, NULL, NULL, token.queued,
            token.started if is_working else NULL, now, NULL, NULL, NULL, self._marks(token), trace.hops,
            token.context, token.charge, NULL,
        )  # fmt: skip

"""The journey of a token: from step to step, driven by callbacks on its own event."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from sim.engine.token import Source, Token
from sim.errors import InvariantError
from sim.log import NULL, LogWriter, NullWriter
from sim.plan import FinalStep, Plan, WorkStep
from sim.plan.activities import NO_EFFECTS, Effects
from sim.plan.codes import ARRIVAL, COMPLETION, CUT_SHORT, RETRY, REWORK, WRONG, pack_code
from sim.plan.steps import INPUT_TOKENS, OUTPUT_TOKENS, VALUE
from sim.rules.assistance import helped
from sim.rules.failures import Outcome
from sim.rules.retry import GIVE_UP, jittered, wait_before_retry
from sim.rules.review import verdict
from sim.rules.routing import Reason, route_output
from sim.topology import Action

if TYPE_CHECKING:
    import simpy

    from sim.engine.pool import Pool

FAILURE_REASONS = {
    int(Outcome.TRANSIENT): int(Reason.RETRIES_EXHAUSTED),
    int(Outcome.DETERMINISTIC): int(Reason.DETERMINISTIC_FAILURE),
    int(Outcome.JUDGMENT): int(Reason.JUDGMENT_FAILURE),
    int(Outcome.GOVERNANCE): int(Reason.GOVERNANCE_FAILURE),
}
"""Why a task leaves the agent after a visible failure that is not tried again."""
# Plain integers: an attribute of an IntEnum costs a look-up each time.
_TRANSIENT, _INVALID = int(Outcome.TRANSIENT), int(Outcome.INVALID)
_APPROVED, _REVISED = int(Outcome.APPROVED), int(Outcome.REVISED)
_HIGH_VALUE, _EVERY_OUTPUT, _CONFIDENT = (
    int(Reason.HIGH_VALUE),
    int(Reason.EVERY_OUTPUT),
    int(Reason.CONFIDENT),
)
_BY_PERSON = int(Reason.DONE_BY_PERSON)
MOST_IN_SYSTEM = 1_000_000
"""Tasks in the system at once above which a run is stopped."""
_new = object.__new__
"""Makes a token without a call of `__init__`: the journey sets what it needs."""


class Journey:
    """Moves tokens through their steps and writes a row for every finished activity.

    An event finishes the grants it causes before the next event runs: the row is written, the position is
    released, the token goes on (to the back of its next queue, or to an idle position at once, without an
    event), then the released position takes the next in its queue.
    """

    def __init__(
        self,
        env: simpy.Environment,
        plan: Plan,
        pools: list[Pool],
        writer: LogWriter | NullWriter,
        finish: Callable[[], None],
        stop: Callable[[str], None],
    ) -> None:
        """`finish` is called when the last measured task has ended after the horizon, `stop` with a limit's reason."""
        # Typed as Any: SimPy's clock may be a float, ours is an integer from the first event on.
        self.env: Any = env
        self.write, self.finish, self.stop = writer.write, finish, stop
        self.warm_up, self.horizon = plan.scenario.warm_up, plan.scenario.horizon
        self.live: dict[Token, None] = {}
        self.open_measured = 0
        self.is_draining = False
        self._retry_callbacks, self._arrival_callbacks = [self._retry], [self.arrive]
        self.schedule: Callable[[Any, int, int], None] = env.schedule  # type: ignore[assignment]
        for step in plan.steps:
            if isinstance(step, WorkStep):
                step.place = pools[step.pool] if step.pool >= 0 else None
                self.connect(step)

    def connect(self, step: WorkStep) -> None:
        """Sets what the engine calls when work at a step ends."""
        completions: dict[Action, Callable[[Token], None]] = {
            Action.ATTEMPT: self._attempted,
            Action.EXECUTE: self._executed,
            Action.REVIEW: self._reviewed,
        }
        step.callbacks = [completions[step.action]]

    # -- begin, wait, work ------------------------------------------------------------------------------------

    def arrive(self, source: Source) -> None:
        """A task arrives and goes to its first step; then its source waits for the next."""
        plan, facts = source.plan, source.facts
        now: int = facts[0]
        token: Token = _new(Token)
        token.facts = facts
        token.uid = uid = source.uid
        token.rank = source.rank
        token.visits = token.failures = token.revisions = 0
        token.has_draft = token.is_wrong = token.is_rework = False
        token._ok = True
        token.rows = 1
        token.cause = self.write(
            uid, NULL, plan.arrival_code, 65536, 0, NULL, NULL, NULL, NULL, now, NULL, NULL, facts[VALUE]
        )
        self.live[token] = None
        if self.warm_up <= now < self.horizon:
            self.open_measured += 1
        self._join(token, plan.first, now)
        if len(self.live) > MOST_IN_SYSTEM:
            self._check_size(plan.type_id, token)
        self.await_next(source, now)

    def _check_size(self, type_id: str, token: Token) -> None:
        """Stops a run in which work piles up."""
        if len(self.live) > MOST_IN_SYSTEM:
            self.stop(
                f"more than {MOST_IN_SYSTEM} tasks in the system at once, {type_id}-{token.index} the last; "
                "work arrives faster than it can be done"
            )

    def await_next(self, source: Source, now: int) -> None:
        """Schedules the next arrival of a source, if it has one."""
        facts = next(source.tasks, None)
        if facts is None:
            return
        source.facts = facts
        source.uid += 1
        source.rank = rank = source.rank + 65536
        source.callbacks = self._arrival_callbacks
        delay = facts[0] - now
        if delay < 0:
            raise InvariantError(f"an arrival of {source.plan.type_id} lies {-delay} us in the past")
        self.schedule(source, rank + (ARRIVAL - COMPLETION), delay)

    def _join(self, token: Token, step: WorkStep, now: int) -> None:
        """Starts at once when somebody is free and nobody waits, else joins the back of the queue."""
        token.step = step
        token.queued = now
        pool = step.place
        if not pool.queue:
            position = pool.take(now)
            if position is not None:
                token.position = position
                self._start(token, step, now)
                return
        token.position = None
        heappush(pool.queue, (token.rank >> 56, now, token.rank, token))

    def serve(self, pool: Pool, now: int) -> None:
        """Lets free positions take what waits."""
        queue = pool.queue
        while queue:
            position = pool.take(now)
            if position is None:
                return
            token = heappop(queue)[3]
            token.position = position
            self._start(token, token.step, now)

    def _start(self, token: Token, step: WorkStep, now: int) -> None:
        """Work begins; its end is the token's next event."""
        token.started = now
        visits = token.visits
        visit = visits >> step.visit_shift & 0xFFFF
        token.visits = visits + (1 << step.visit_shift)
        token.attempt = visit + 1
        if visit:
            is_revision = token.revisions and step.revision_gain
            effects = Effects(gain=step.revision_gain) if is_revision else NO_EFFECTS
            draws = step.draws_at(token.index, visit, effects)
        else:
            draws = token.facts
        token.draws = draws
        ticks = draws[step.facts_at]
        if step.is_helped:
            ticks = helped(ticks, step.assist_factor, step.draft_help if token.has_draft else 1.0)
        token.callbacks = step.callbacks
        self.schedule(token, token.rank + visit, ticks)

    # -- what an activity leads to ----------------------------------------------------------------------------

    def _attempted(self, token: Token) -> None:
        """An agent finished an attempt."""
        now, step, draws = self.env._now, token.step, token.draws
        place = step.facts_at
        outcome, theta_raw, theta = draws[place + 1], draws[place + 2], draws[place + 3]
        facts = token.facts
        tokens_out = facts[OUTPUT_TOKENS]
        if outcome <= _INVALID:
            token.is_wrong = outcome > 0
            token.has_draft = True
            token.failures = 0
            target = step.after
            reason = _EVERY_OUTPUT
            if step.is_routed:
                reason = route_output(theta, facts[VALUE], step.threshold, step.value_limit)
                if reason != _CONFIDENT:
                    target = step.otherwise
        else:
            if outcome == _TRANSIENT:
                tokens_out = 0
            wait = self._wait_after(token, step, outcome)
            if wait != GIVE_UP:
                self._back_off(token, step, now, wait, outcome)
                return
            token.has_draft = False
            target, reason = step.otherwise, self._reason_of(token, step, outcome)
        code = step.number | outcome << 16 | reason << 24 | target.number << 32  # type: ignore[union-attr]
        self._record(token, code, now, theta_raw, theta, facts[INPUT_TOKENS], tokens_out)
        self._leave(token, target, now)

    def _wait_after(self, token: Token, step: WorkStep, outcome: int) -> int:
        """Ticks until the next try, or GIVE_UP: only transient failures are tried again (row RT-02)."""
        if outcome != _TRANSIENT or (token.visits >> step.visit_shift & 0xFFFF) >= step.max_attempts:
            return GIVE_UP
        token.failures += 1
        wait = wait_before_retry(step.waits, token.failures)
        if wait == GIVE_UP or step.jitter == 0.0 or step.jitter_stream is None:
            return wait
        visit = (token.visits >> step.visit_shift & 0xFFFF) - 1
        return jittered(wait, step.jitter, step.jitter_stream.scalar(token.index, visit))

    def _reason_of(self, token: Token, step: WorkStep, outcome: int) -> int:
        """A dear task counts as sent on for its value, whatever the agent came to."""
        if step.is_routed and token.facts[VALUE] > step.value_limit:
            return _HIGH_VALUE
        attempts = token.visits >> step.visit_shift & 0xFFFF
        if outcome == _TRANSIENT and attempts >= step.max_attempts and token.failures < len(step.waits):
            return int(Reason.ATTEMPTS_EXHAUSTED)
        return FAILURE_REASONS[outcome]

    def _back_off(self, token: Token, step: WorkStep, now: int, wait: int, outcome: int) -> None:
        """Releases the position and waits before the next try."""
        code = step.number | outcome << 16 | int(Reason.TRANSIENT_FAILURE) << 24 | step.number << 32
        self._record(token, code, now, NULL, NULL, token.facts[INPUT_TOKENS], 0)
        position, token.position, token.queued = token.position, None, NULL
        pool = step.place
        pool.release(position)
        token.callbacks = self._retry_callbacks
        self.schedule(token, token.rank + (RETRY - COMPLETION), wait)
        self.serve(pool, now)

    def _retry(self, token: Token) -> None:
        self._join(token, token.step, self.env._now)

    def _executed(self, token: Token) -> None:
        """A person finished the task."""
        now, step = self.env._now, token.step
        is_right = token.draws[step.facts_at + 1]
        token.is_wrong = not is_right
        target = step.after
        code = step.number | (0 if is_right else 1) << 16 | _BY_PERSON << 24 | target.number << 32  # type: ignore[union-attr]
        if token.is_rework:
            code |= REWORK
        if step.model:
            self._record(token, code, now, NULL, NULL, token.facts[INPUT_TOKENS], token.facts[OUTPUT_TOKENS])
        else:
            self._record(token, code, now, NULL, NULL, NULL, NULL)
        self._leave(token, target, now)

    def _reviewed(self, token: Token) -> None:
        """A person gave a verdict on an output."""
        now, step, draws = self.env._now, token.step, token.draws
        place = step.facts_at
        attempts = token.visits >> step.revise.visit_shift & 0xFFFF  # type: ignore[union-attr]
        may_revise = token.revisions < step.max_revisions and attempts < step.max_attempts
        wants_revision = may_revise and draws[place + 2] < step.revise_share
        outcome = int(
            verdict(token.is_wrong, draws[place + 1], step.catch_rate, step.false_reject, wants_revision)
        )
        if outcome == _APPROVED:
            target, reason = step.after, Reason.APPROVED
        elif outcome == _REVISED:
            token.revisions += 1
            token.failures = 0
            target, reason = step.revise, Reason.REVISION_ASKED
        else:
            token.is_rework = True
            target = step.otherwise
            reason = self._why_rejected(token, step, attempts)
        code = step.number | outcome << 16 | int(reason) << 24 | target.number << 32  # type: ignore[union-attr]
        if token.is_wrong:
            code |= WRONG
        self._record(token, code, now, NULL, NULL, NULL, NULL)
        self._leave(token, target, now)

    def _why_rejected(self, token: Token, step: WorkStep, attempts: int) -> Reason:
        """Rejected at once, or for want of further revisions or attempts."""
        if step.max_revisions == 0:
            return Reason.REJECTED
        if token.revisions >= step.max_revisions:
            return Reason.REVISIONS_EXHAUSTED
        return Reason.ATTEMPTS_EXHAUSTED if attempts >= step.max_attempts else Reason.REJECTED

    # -- rows, and going on -----------------------------------------------------------------------------------

    def _record(
        self, token: Token, code: int, now: int, theta_raw: int, theta: int, tokens_in: int, tokens_out: int
    ) -> None:
        rows = token.rows + 1
        token.rows = rows
        token.cause = self.write(
            token.uid, token.cause, code, (rows << 16) + token.attempt, token.position.number, theta_raw, theta,  # type: ignore[union-attr]
            token.queued, token.started, now, tokens_in, tokens_out, NULL,
        )  # fmt: skip

    def _leave(self, token: Token, target: WorkStep | FinalStep | None, now: int) -> None:
        """Releases the position, sends the token on, and lets the position take the next."""
        pool = token.step.place
        pool.release(token.position)
        if isinstance(target, WorkStep):
            self._join(token, target, now)
        else:
            self._end(token)
        if pool.queue:
            self.serve(pool, now)

    def _end(self, token: Token) -> None:
        """The task is delivered or has failed."""
        del self.live[token]
        if self.warm_up <= token.facts[0] < self.horizon:
            self.open_measured -= 1
            if self.is_draining and not self.open_measured:
                self.finish()

    def write_unfinished(self, token: Token, now: int) -> None:
        """The row of a task that is still waiting or working when the run ends.

        People are paid for the work that was cut off; a model's bill comes with its answer, so none is booked.
        """
        is_working = token.position is not None
        is_waiting = token.queued >= 0
        reason = Reason.WORKING if is_working else Reason.WAITING if is_waiting else Reason.BACKING_OFF
        code = pack_code(token.step.number, Outcome.NONE, reason) | CUT_SHORT
        started = token.started if is_working else NULL
        position = token.position.number if token.position is not None else 0
        self.write(
            token.uid, token.cause, code, (token.rows + 1) << 16, position, NULL, NULL, token.queued, started,
            now, NULL, NULL, NULL,
        )  # fmt: skip

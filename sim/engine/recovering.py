"""After a visible failure: tries after a wait, recovery moves in their order, or the end of the agents' part."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sim.engine.calls import Calls
from sim.engine.journey import FAILURE_REASONS
from sim.engine.trace import BranchToken
from sim.log import NULL
from sim.plan.codes import IN_VAIN
from sim.plan.guards import HOPS
from sim.plan.steps import AgentNumbers, FinalStep, StageStep, Target
from sim.quantities import BILLION
from sim.rules.failures import Outcome
from sim.rules.recovery import TERMINAL, CompiledMove
from sim.rules.retry import GIVE_UP, jittered, wait_before_retry
from sim.rules.routing import Reason

_TRANSIENT, _NONE = int(Outcome.TRANSIENT), int(Outcome.NONE)


class Setback(NamedTuple):
    """What the row says on which a recovery move is chosen: an attempt that failed, or a move that did not help."""

    outcome: int
    tokens: tuple[int, int] = (NULL, NULL)
    flags: int = 0
    is_doubled: bool = False


_IN_VAIN = Setback(_NONE, flags=IN_VAIN)


class Recovering(Calls):
    """What follows an attempt that came to no output."""

    def _failed(
        self, token: BranchToken, step: StageStep, outcome: int, read: int, written: int, now: int
    ) -> None:
        """A visible failure: tried again after a wait, recovered from, or the end of the agents' part."""
        setback = Setback(outcome, (read, written), is_doubled=token.is_doubled)
        token.failures += 1
        token.is_doubled = self._leaves_half(token, step)
        wait = self._wait(token, step, outcome)
        if wait == GIVE_UP:
            self._recover(token, step, outcome, setback, now)
            return
        reason = Reason.TRANSIENT_FAILURE if outcome == _TRANSIENT else Reason.RETRIED_UNCHANGED
        self._set_back(token, setback, int(reason), step, now, delay=wait)

    @staticmethod
    def _leaves_half(token: BranchToken, step: StageStep) -> bool:
        """Whether the next try does half of the work twice, for want of a memory (row RT-08)."""
        agent = step.agent
        assert agent is not None
        return bool(
            agent.partial_work
            and not agent.memory_gain
            and agent.streams["partial_work"].scalar_event(token.index, agent.partial_work, token.attempt - 1)
        )

    def _wait(self, token: BranchToken, step: StageStep, outcome: int) -> int:
        """Ticks until the same thing is tried again, or GIVE_UP."""
        if not (self._may_wait(token, step, outcome) and self._may_try(token, step)):
            return GIVE_UP
        wait = wait_before_retry(step.waits, token.failures)
        if step.jitter == 0.0 or step.jitter_stream is None:
            return wait
        return jittered(wait, step.jitter, step.jitter_stream.scalar(token.index, token.attempt - 1))

    @staticmethod
    def _may_wait(token: BranchToken, step: StageStep, outcome: int) -> bool:
        """Whether retries are left for such a failure; all failures of whoever tries since the last output count."""
        assert step.agent is not None
        return (outcome == _TRANSIENT or step.agent.is_naive) and token.failures <= len(step.waits)

    def _set_back(
        self, token: BranchToken, setback: Setback, reason: int, target: StageStep | FinalStep, now: int, *,
        delay: int = 0, cost: int = 0, then: Callable[[BranchToken, int], bool] | None = None, guard: int = -1,
    ) -> None:  # fmt: skip
        """Concludes the row of a setback."""
        self._conclude(
            token, now, setback.outcome, reason, target, tokens=setback.tokens, flags=setback.flags,
            is_doubled=setback.is_doubled, delay=delay, cost=cost, then=then, guard=guard,
        )  # fmt: skip

    # -- moves ------------------------------------------------------------------------------------------------

    def _recover(self, token: BranchToken, step: StageStep, outcome: int, setback: Setback, now: int) -> None:
        """The next recovery move against a failure, or the end of the agents' part."""
        owner, place, made = self._turn(token, step, outcome)
        move = self._moves(owner, outcome)[place] if owner is not None else None
        is_out = not self._may_try(token, step) and (
            self._may_wait(token, step, outcome) or (move is not None and move.name not in TERMINAL)
        )
        if owner is None or move is None or is_out or move.name in TERMINAL:
            last = self._moves(owner, outcome)[-1] if owner is not None else None
            self._give_up(token, step, outcome, setback, last, is_out, now)
            return
        if move.name == "peer" and not self.guards.may_hop(token.trace):
            self._set_back(token, setback, int(Reason.HOP_LIMIT), self._stopped(token), now, guard=HOPS)
            return
        assert owner.agent is not None
        token.moves[owner.role, outcome] = (place, made + 1)
        target = owner.stand_ins[move.role] if move.role else step
        then = None
        if self._helps(token, owner.agent, outcome, (place, made + 1), move):
            self._apply(token, outcome, move)
            if target is not step:
                token.failures = 0  # whoever takes over has retries of its own
        else:
            then = self._in_vain(step, outcome)
        self._set_back(token, setback, move.reason, target, now, delay=move.ticks, cost=move.cost, then=then)

    def _turn(self, token: BranchToken, step: StageStep, outcome: int) -> tuple[StageStep | None, int, int]:
        """Whose move it is, its place, and how often it was made; None when no move is left.

        Whoever stands in for another does first what its own role does about such failures, then what is left of
        the moves of the role for which it stands in.
        """
        for owner in (step, step.stands_for):
            if owner is None:
                continue
            moves = self._moves(owner, outcome)
            place, made = token.moves.get((owner.role, outcome), (0, 0))
            if place < len(moves) and made >= moves[place].limit:
                place, made = place + 1, 0
            if place < len(moves):
                return owner, place, made
        return None, 0, 0

    @staticmethod
    def _moves(step: StageStep, outcome: int) -> tuple[CompiledMove, ...]:
        assert step.agent is not None
        return step.agent.recovery.get(outcome, ())

    @staticmethod
    def _helps(
        token: BranchToken, agent: AgentNumbers, outcome: int, turn: tuple[int, int], move: CompiledMove
    ) -> bool:
        """Whether a move removes the cause; `turn` is its place and how often it is made with this time."""
        if move.chance >= BILLION:
            return True
        place, made = turn
        number = 1 + (outcome << 16) + (place << 8) + made
        visit = token.trace.passes[token.stage.number]
        return agent.streams["recovery"].scalar_event(token.index, move.chance, visit, number)

    @staticmethod
    def _apply(token: BranchToken, outcome: int, move: CompiledMove) -> None:
        """What a move does to later attempts at the stage."""
        token.gain += move.gain
        token.judgment_gain += move.gain
        token.more_input *= move.more_input
        if outcome != _TRANSIENT:
            token.cleared |= 1 << outcome

    def _in_vain(self, step: StageStep, outcome: int) -> Callable[[BranchToken, int], bool]:
        """What follows a move that took its time and did not help: its row, then the next move at once."""

        def in_vain(token: BranchToken, now: int) -> bool:
            token.step, token.queued, token.started, token.attempt = step, NULL, NULL, 0
            self._recover(token, step, outcome, _IN_VAIN, now)
            return True

        return in_vain

    def _give_up(
        self, token: BranchToken, step: StageStep, outcome: int, setback: Setback, last: CompiledMove | None,
        is_out: bool, now: int,
    ) -> None:  # fmt: skip
        """Nothing more is tried: the last move if that is all it asks, else to the next tier, the person, or failed.

        `is_out` when attempts have run out before the moves.
        """
        token.has_draft = token.is_doubled = False
        token.failures = 0  # whoever tries next has retries of its own
        target: Target | None = step.go[_TRANSIENT]
        reason = int(Reason.ATTEMPTS_EXHAUSTED) if is_out else FAILURE_REASONS[outcome]
        if last is not None and last.name == "block":
            target, reason = token.trace.plan.ends["fail"], reason if is_out else last.reason
        elif last is not None and last.name == "person" and token.stage.person is not None:
            target = token.stage.person
        assert isinstance(target, StageStep | FinalStep)
        if isinstance(target, StageStep):
            target = self._instead(token, target)
        self._set_back(token, setback, reason, target, now)

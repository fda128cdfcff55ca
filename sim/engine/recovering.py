"""After a visible failure: tries after a wait, recovery moves in their order, or the end of the agents' part."""

from __future__ import annotations

from sim.engine.calls import Calls
from sim.engine.journey import FAILURE_REASONS
from sim.engine.trace import BranchToken
from sim.log import NULL
from sim.plan.codes import IN_VAIN
from sim.plan.steps import FinalStep, StageStep, Target
from sim.rules.failures import Outcome
from sim.rules.recovery import TERMINAL, CompiledMove
from sim.rules.retry import GIVE_UP, jittered, wait_before_retry
from sim.rules.routing import Reason
from sim.topology import Action

_TRANSIENT, _NONE = int(Outcome.TRANSIENT), int(Outcome.NONE)


class Recovering(Calls):
    """What follows an attempt that came to no output."""

    def _failed(
        self, token: BranchToken, step: StageStep, outcome: int, read: int, written: int, now: int
    ) -> None:
        """A visible failure: tried again after a wait, recovered from, or the end of the agents' part."""
        agent = step.agent
        assert agent is not None
        is_doubled, token.is_doubled = token.is_doubled, False
        leaves_half = agent.partial_work and agent.streams["partial_work"].scalar_event(
            token.index, agent.partial_work, token.attempt - 1
        )
        token.failures += 1
        tokens = (read, written)
        wait = self._wait(token, step, outcome)
        if wait != GIVE_UP:
            token.is_doubled = bool(leaves_half) and not agent.memory_gain
            reason = Reason.TRANSIENT_FAILURE if outcome == _TRANSIENT else Reason.RETRIED_UNCHANGED
            self._conclude(
                token, now, outcome, int(reason), step, tokens=tokens, delay=wait, is_doubled=is_doubled
            )
            return
        self._move(token, step, outcome, tokens, bool(leaves_half), is_doubled, now)

    def _wait(self, token: BranchToken, step: StageStep, outcome: int) -> int:
        """Ticks until the same thing is tried again, or GIVE_UP."""
        agent = step.agent
        assert agent is not None
        if outcome != _TRANSIENT and not agent.is_naive:
            return GIVE_UP
        if token.attempts >= step.max_attempts:
            return GIVE_UP
        wait = wait_before_retry(step.waits, token.failures)
        if wait == GIVE_UP or step.jitter == 0.0 or step.jitter_stream is None:
            return wait
        return jittered(wait, step.jitter, step.jitter_stream.scalar(token.index, token.attempt - 1))

    def _move(
        self, token: BranchToken, step: StageStep, outcome: int, tokens: tuple[int, int], leaves_half: bool,
        is_doubled: bool, now: int,
    ) -> None:  # fmt: skip
        """The next recovery move, or the end of the agents' part."""
        move = self._next_move(token, step, outcome)
        if move is None or move.name == "person":
            self._give_up(token, step, outcome, tokens, is_doubled, now, move)
            return
        if move.name == "block":
            end = token.trace.plan.ends["fail"]
            token.has_draft = False
            self._conclude(token, now, outcome, move.reason, end, tokens=tokens, is_doubled=is_doubled)
            return
        assert step.agent is not None
        token.is_doubled = leaves_half and not step.agent.memory_gain
        target = step.stand_ins.get(move.role, step)
        if self._helps(token, step, outcome, move):
            self._apply(token, outcome, move)
            self._conclude(
                token,
                now,
                outcome,
                move.reason,
                target,
                tokens=tokens,
                delay=move.ticks,
                is_doubled=is_doubled,
            )
            token.charge += move.cost
            return

        def in_vain(token: BranchToken, now: int) -> bool:
            self._in_vain(token, step, outcome, move, now)
            return True

        self._conclude(
            token, now, outcome, move.reason, target, tokens=tokens, delay=move.ticks, then=in_vain,
            is_doubled=is_doubled,
        )  # fmt: skip

    def _give_up(
        self, token: BranchToken, step: StageStep, outcome: int, tokens: tuple[int, int], is_doubled: bool,
        now: int, move: CompiledMove | None,
    ) -> None:  # fmt: skip
        """Nothing more is tried: to the person, the next tier, or failed."""
        token.has_draft = False
        target: Target | None = step.go[_TRANSIENT]
        if move is not None and token.stage.person is not None:
            target = token.stage.person
        assert isinstance(target, StageStep | FinalStep)
        if isinstance(target, StageStep):
            target = self._instead(token, target)
        self._conclude(
            token, now, outcome, self._final_reason(token, step, outcome), target, tokens=tokens,
            is_doubled=is_doubled,
        )  # fmt: skip

    @staticmethod
    def _final_reason(token: BranchToken, step: StageStep, outcome: int) -> int:
        """Why the agents give up."""
        if token.attempts >= step.max_attempts and (
            outcome != _TRANSIENT or token.failures <= len(step.waits)
        ):
            return int(Reason.ATTEMPTS_EXHAUSTED)
        return FAILURE_REASONS[outcome]

    # -- moves ------------------------------------------------------------------------------------------------

    @staticmethod
    def _next_move(token: BranchToken, step: StageStep, outcome: int) -> CompiledMove | None:
        """The move whose turn it is, counted as made; None when none is left or no attempt is."""
        assert step.agent is not None
        moves = step.agent.recovery.get(outcome, ())
        place, made = token.moves.get(outcome, (0, 0))
        if place < len(moves) and made >= moves[place].limit:
            place, made = place + 1, 0
        if place >= len(moves):
            return None
        move = moves[place]
        if move.name not in TERMINAL and token.attempts >= step.max_attempts:
            return None
        token.moves[outcome] = (place, made + 1)
        return move

    @staticmethod
    def _helps(token: BranchToken, step: StageStep, outcome: int, move: CompiledMove) -> bool:
        """Whether a move removes the cause."""
        if move.chance >= 1_000_000_000:
            return True
        assert step.agent is not None
        place, made = token.moves[outcome]
        number = 1 + (outcome << 16) + (place << 8) + made
        visit = token.trace.passes[token.stage.number]
        return step.agent.streams["recovery"].scalar_event(token.index, move.chance, visit, number)

    @staticmethod
    def _apply(token: BranchToken, outcome: int, move: CompiledMove) -> None:
        """What a move does to later attempts at the stage."""
        token.gain += move.gain
        token.judgment_gain += move.gain
        token.more_input *= move.more_input
        if outcome != _TRANSIENT:
            token.cleared |= 1 << outcome

    def _in_vain(
        self, token: BranchToken, step: StageStep, outcome: int, move: CompiledMove, now: int
    ) -> None:
        """A move took its time and did not help: its row, then the next move at once."""
        token.step, token.queued, token.started, token.attempt = step, NULL, NULL, 0
        token.charge += move.cost
        following = self._next_move(token, step, outcome)
        if following is not None and following.name not in TERMINAL:
            target: Target = step.stand_ins.get(following.role, step)
            assert isinstance(target, StageStep)
            if self._helps(token, step, outcome, following):
                self._apply(token, outcome, following)
                self._conclude(
                    token, now, _NONE, following.reason, target, flags=IN_VAIN, delay=following.ticks
                )
                token.charge += following.cost
                return

            def in_vain(token: BranchToken, now: int) -> bool:
                self._in_vain(token, step, outcome, following, now)
                return True

            self._conclude(
                token,
                now,
                _NONE,
                following.reason,
                target,
                flags=IN_VAIN,
                delay=following.ticks,
                then=in_vain,
            )
            return
        token.has_draft = False
        if following is not None and following.name == "block":
            end = token.trace.plan.ends["fail"]
            self._conclude(token, now, _NONE, following.reason, end, flags=IN_VAIN)
            return
        last = step.go[_TRANSIENT]
        if following is not None and token.stage.person is not None:
            last = token.stage.person
        assert isinstance(last, StageStep | FinalStep)
        assert step.action is Action.ATTEMPT
        self._conclude(token, now, _NONE, FAILURE_REASONS[outcome], last, flags=IN_VAIN)

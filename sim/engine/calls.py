"""Calls of agents: their tokens and cost, the questions they ask, acknowledgements that get lost, damage they do."""

from __future__ import annotations

from typing import Any

from sim.engine.rows import Rows
from sim.engine.trace import BranchToken
from sim.plan.guards import HOPS
from sim.plan.steps import FinalStep, StageStep
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.topology import Action

_TRANSIENT, _RIGHT, _NONE, _ANSWERED = (
    int(Outcome.TRANSIENT), int(Outcome.RIGHT), int(Outcome.NONE), int(Outcome.ANSWERED)
)  # fmt: skip


class Calls(Rows):
    """What a call of an agent reads, writes and costs, and what it may lead to beside its output."""

    # -- tokens and cost --------------------------------------------------------------------------------------

    def _tokens(self, token: BranchToken, step: StageStep, outcome: int) -> tuple[int, int]:
        """Input and output tokens of a call that ends in `outcome`."""
        if step.action is Action.CLARIFY:
            return token.draws[token.place + 1], token.draws[token.place + 2]
        facts = token.facts
        read, written = facts[step.input_at], facts[step.output_at]
        if step.action is Action.ATTEMPT:
            assert step.agent is not None
            if token.more_input != 1.0:
                read = round(read * token.more_input)
            read += token.extra_input
            if step.agent.more_output:
                written = round(written * (1.0 + step.agent.more_output))
        return read, 0 if outcome == _TRANSIENT else written

    @staticmethod
    def _cost(step: StageStep, read: int, written: int) -> int:
        """Nano-units of a call: the model, its tools and its sandbox, rounded as the ledger rounds."""
        model = (read * step.input_price + written * step.output_price + 500_000) // 1_000_000
        tools = step.tool_cost if step.action is not Action.CLARIFY else 0
        return model + tools + step.sandbox_cost

    def _prices(self, token: BranchToken, step: StageStep) -> tuple[tuple[int, int], tuple[int, int]]:
        """Cost and tokens that are expected of a call, and those that it will really have."""
        is_attempt = step.action is Action.ATTEMPT
        outcome = token.draws[token.place + 1] if is_attempt else _RIGHT
        read, written = self._tokens(token, step, outcome)
        more = step.agent.more_output if step.agent is not None else 0.0
        mean = round(step.mean_output * (1.0 + more)) if is_attempt else written
        expected = self._cost(step, read, mean) + token.charge, read + mean
        return expected, (self._cost(step, read, written) + token.charge, read + written)

    def _book(
        self, token: BranchToken, step: StageStep, read: int, written: int, outcome: int, now: int
    ) -> None:
        """Tells the guards what a call has cost."""
        if self.guards.watches_calls:
            self.guards.book(token, step, self._cost(step, read, written), read + written, outcome, now)

    # -- questions --------------------------------------------------------------------------------------------

    def _ask(self, token: BranchToken, step: StageStep, read: int, written: int, now: int) -> None:
        """The agent asks another one instead of handing over an output."""
        assert step.agent is not None
        self._question(token, step.agent.asks, _NONE, (read, written), now)

    def _answered(self, token: BranchToken) -> None:
        """A question was answered: whoever answered may ask back, else the work is tried again."""
        now, step = self.env._now, token.step
        assert isinstance(step, StageStep)
        read, written = self._tokens(token, step, _RIGHT)
        self._book(token, step, read, written, _RIGHT, now)
        asker = token.asker
        assert asker is not None
        assert asker.agent is not None
        assert step.agent is not None
        stream = step.agent.streams["ask_back"]
        if stream.scalar_event(token.index, asker.agent.clarify, token.attempt - 1):
            other = asker.role if step.role == asker.agent.asks else asker.agent.asks
            self._question(token, other, _ANSWERED, (read, written), now)
            return
        self._conclude(token, now, _ANSWERED, int(Reason.CLARIFIED), asker, tokens=(read, written))

    def _question(
        self, token: BranchToken, role: str, outcome: int, tokens: tuple[int, int], now: int
    ) -> None:
        """The next question goes to `role`, unless the trace has no hop left."""
        step = token.step
        assert isinstance(step, StageStep)
        if step.action is Action.ATTEMPT:
            token.asker = step
        asker = token.asker
        assert asker is not None
        if self.guards.may_hop(token.trace):
            target: StageStep | FinalStep = token.stage.questions[asker.role, role]
            self._conclude(token, now, outcome, int(Reason.CLARIFICATION), target, tokens=tokens)
            return
        self._conclude(
            token, now, outcome, int(Reason.HOP_LIMIT), self._stopped(token), tokens=tokens, guard=HOPS
        )

    # -- acknowledgements -------------------------------------------------------------------------------------

    def _loses_acknowledgement(self, token: BranchToken, step: StageStep, target: Any) -> bool:
        """Whether an action lands, but the agent is told that it did not (row RT-09)."""
        agent = step.agent
        assert agent is not None
        return bool(
            agent.ack_loss
            and token.stage.is_mutating
            and _takes_effect(target)
            and self._may_try(token, step)
            and agent.streams["ack_loss"].scalar_event(token.index, agent.ack_loss, token.attempt - 1)
        )

    def _try_again_for_acknowledgement(
        self, token: BranchToken, step: StageStep, tokens: tuple[int, int], now: int
    ) -> None:
        """The action landed; the agent waits as after a transient failure and does it again."""
        was_doubled, token.is_doubled = token.is_doubled, False
        is_doubled = was_doubled or self._lands_again(token, step)
        token.has_landed = True
        wait = step.waits[0] if step.waits else 0
        self._conclude(
            token, now, _TRANSIENT, int(Reason.ACK_LOST), step, tokens=tokens, delay=wait, is_doubled=is_doubled
        )  # fmt: skip

    def _doubles(self, token: BranchToken, step: StageStep, target: Any) -> bool:
        """Whether this attempt did something a second time: an action that had landed, or half of the work."""
        was_doubled, token.is_doubled = token.is_doubled, False
        return was_doubled or (_takes_effect(target) and self._lands_again(token, step))

    @staticmethod
    def _lands_again(token: BranchToken, step: StageStep) -> bool:
        assert step.agent is not None
        return token.has_landed and not step.agent.idempotent


def _takes_effect(target: Any) -> bool:
    """Whether an output takes effect at once: it ends its stage, or its effect is looked at next."""
    return isinstance(target, FinalStep) or target.action is Action.VERIFY

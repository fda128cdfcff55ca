"""Recovery rules: the moves that follow a visible failure, in order, by category."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.quantities import Duration, Money, Number, Share, billionths, nano
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.spec import Id, Spec, default

MoveName = Literal[
    "retry", "fix", "other_parameters", "richer_context", "narrower_task", "other_tool", "other_model", "peer",
    "roll_back", "ask_owner", "person", "block",
]  # fmt: skip
"""What can be done about a failure (rows RT-03, RT-04, RT-05, RT-07, RT-20)."""

REASON_OF_MOVE = {
    "retry": Reason.RETRIED_UNCHANGED, "fix": Reason.FIXED, "other_parameters": Reason.OTHER_PARAMETERS,
    "richer_context": Reason.RICHER_CONTEXT, "narrower_task": Reason.NARROWER_TASK,
    "other_tool": Reason.OTHER_TOOL, "other_model": Reason.OTHER_MODEL, "peer": Reason.HANDED_TO_PEER,
    "roll_back": Reason.ROLLED_BACK, "ask_owner": Reason.OWNER_ASKED, "person": Reason.NONE,
    "block": Reason.BLOCKED,
}  # fmt: skip
"""Reason of the row that a move is written on; a person is asked for the reason of the failure itself."""
UNCHANGED = ("retry",)
"""Moves that try the same thing again: they never help against a deterministic or a governance failure."""
NEEDS_ROLE = ("other_model", "peer")
"""Moves that hand the work to another agent role."""
TERMINAL = ("person", "block")
"""Moves after which the agent does not try again."""


class Move(Spec):
    """One thing to do about a failure; a bare word is its name."""

    bare_form = "move"

    move: MoveName
    """What is done."""
    limit: Annotated[int, Field(ge=1, le=100)] = default(1)
    """Times it may be done for one task in one pass through a stage."""
    chance: Share = default(1.0)
    """Probability that it removes the cause; where it does not, the next move follows at once."""
    gain: Annotated[Number, Field(ge=-20, le=20)] = default(0.0, "off")
    """Logits added to the success of later attempts at the stage, and taken from their judgment failures."""
    time: Duration = default(0, "off")
    """Time it takes before the next attempt; nobody is occupied."""
    cost: Money = default(Decimal(0), "off")
    """What it costs, booked as tools."""
    more_input: Annotated[Number, Field(ge=0, le=1000)] = default(1.0, "off")
    """Input tokens of later attempts at the stage, as a multiple."""
    role: Id | None = None
    """Agent role that tries next; for `other_model` and `peer`."""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"move": value} if isinstance(value, str) else value


Moves = Annotated[tuple[Move, ...], Field(max_length=20, strict=False)]
"""Moves in the order in which they are tried."""


class Recovery(Spec):
    """Moves after each category of visible failure; when none is left the task leaves the agent."""

    transient: Moves = default((), "off")
    """After the retries with backoff are used up."""
    deterministic: Moves = default((), "off")
    """Never the same thing again: fix the cause, ask its owner, stay blocked."""
    judgment: Moves = default((), "off")
    """Better context, a narrower task, another tool, a peer."""
    governance: Moves = default((), "off")
    """Only who has the right: another role or a person; never the same worker."""
    memory_gain: Annotated[Number, Field(ge=-20, le=20)] = default(0.0, "off")
    """Logits that each try after a failure gains from what the failed one learnt (row RT-08)."""
    partial_work: Share = default(0.0, "off")
    """Share of failed attempts that leave half of their work behind; without memory the next try does it twice."""


@dataclass(frozen=True, slots=True)
class CompiledMove:
    """A move in integers: chance in billionths, time in ticks, cost in nano-units."""

    reason: int
    name: str
    limit: int
    chance: int
    gain: float
    ticks: int
    cost: int
    more_input: float
    role: str


CATEGORIES = {
    int(Outcome.TRANSIENT): "transient", int(Outcome.DETERMINISTIC): "deterministic",
    int(Outcome.JUDGMENT): "judgment", int(Outcome.GOVERNANCE): "governance",
}  # fmt: skip
"""Name of each category of visible failure."""


def compile_recovery(rule: Recovery) -> dict[int, tuple[CompiledMove, ...]]:
    """Moves by Outcome; categories without moves are left out."""
    compiled = {
        outcome: tuple(map(_compiled, getattr(rule, category))) for outcome, category in CATEGORIES.items()
    }
    return {outcome: moves for outcome, moves in compiled.items() if moves}


def _compiled(move: Move) -> CompiledMove:
    return CompiledMove(
        int(REASON_OF_MOVE[move.move]), move.move, move.limit, billionths(move.chance), move.gain, move.time,
        nano(move.cost), move.more_input, move.role or "",
    )  # fmt: skip

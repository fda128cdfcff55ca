"""A token in a stage: what the walk must know of a task there, how it may leave, and what is counted on the way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from sim.maths import FloatArray
from sim.quantities import BILLION


class Output(Enum):
    """What a token has in hand."""

    NOTHING = "nothing"
    RIGHT = "right"
    WRONG = "wrong"


class Verdict(Enum):
    """What the agents' part of a stage came to, after their own retries (decision D7)."""

    OPEN = "open"
    """It has not ended yet; at the end of a pass: no agent took part."""
    CLEAN = "clean"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Token:
    """One state of the walk through the step table of a stage."""

    step: int
    inherited: bool
    """Whether what the stage was given is wrong."""
    misread: bool = False
    """Whether the hand-off was misread: agents are wrong whatever their skill."""
    output: Output = Output.NOTHING
    """The worker's own work."""
    carries: bool = False
    """Whether the output in hand carries the inherited defect."""
    seems_right: bool = False
    """Whether theta was stated for a right output: a misread hand-off does not show."""
    by_role: str = ""
    """Agent role that made the output."""
    made_at: int = 0
    """The attempt that made it."""
    is_fresh: bool = False
    """Whether nobody has looked at the output yet."""
    theta: tuple[int, int] = (0, BILLION + 1)
    """What is known of theta: at least the first, below the second; (0, 1) when it is 0."""
    attempts: int = 0
    failures: int = 0
    """Visible failures in a row."""
    moves: tuple[tuple[str, int, int, int], ...] = ()
    """By role and category: place of the recovery move in turn, and how often it was made."""
    hops: int = 0
    """Questions asked."""
    returns: int = 0
    """Times a verification sent it back."""
    own: int = 0
    peers: int = 0
    revisions: int = 0
    gain: float = 0.0
    judgment_gain: float = 0.0
    more_input: float = 1.0
    cleared: frozenset[int] = frozenset()
    """Categories whose cause was removed."""
    deterministic: tuple[float, float] = (0.0, 1.0)
    """Where the draw of the deterministic failure lies: one for the task and stage, whoever tries."""
    allowed: frozenset[str] = frozenset()
    """Roles that have the right to do it."""
    barred: frozenset[str] = frozenset()
    """Roles that have not."""
    verdict: Verdict = Verdict.OPEN
    is_rework: bool = False
    by_person: bool = False

    @property
    def is_wrong(self) -> bool:
        """Whether the output in hand is wrong, by its own defect or an inherited one."""
        return self.carries or self.output is not Output.RIGHT


class Ending(Enum):
    """How a pass through a stage ends."""

    BY_AGENT = "by_agent"
    BY_PERSON = "by_person"
    FAILED = "failed"
    SENT_BACK = "sent_back"


class Defect(Enum):
    """Where the defect of what leaves a stage is from."""

    NONE = "none"
    OWN = "own"
    INHERITED = "inherited"


class Exit(NamedTuple):
    """One way out of a stage."""

    ending: Ending
    defect: Defect
    is_clean: bool
    """Whether no agent failed in this pass, or none took part."""


class Count(NamedTuple):
    """What is counted: a quantity, of a role where it has one."""

    what: str
    role: str = ""


AGENT_PASSES, VISIBLE, HIDDEN = Count("agent_passes"), Count("visible"), Count("hidden")
"""Passes in which agents tried, and of these the failures that they left (decisions D7 and D8)."""
OF_AGENTS = (AGENT_PASSES, VISIBLE, HIDDEN)
PASSES = Count("passes")
"""How often a stage was passed."""


@dataclass(slots=True)
class Pass:
    """What one pass through a stage comes to, by node of the task's part of hardness."""

    exits: dict[Exit, FloatArray] = field(default_factory=lambda: defaultdict(_nothing))
    counts: dict[Count, FloatArray] = field(default_factory=lambda: defaultdict(_nothing))


def _nothing() -> FloatArray:
    return 0.0  # type: ignore[return-value]  # takes the shape of what is added to it

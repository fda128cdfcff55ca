"""Tokens, which move through a flow, and the sources they come from: each its own event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.engine.clock import TimedEvent

if TYPE_CHECKING:
    from sim.engine.pool import Position
    from sim.plan import TypePlan, WorkStep


class Token(TimedEvent):
    """One task on its way through the steps; it is its own event, since it waits for one thing at a time."""

    __slots__ = (
        "attempt", "cause", "draws", "facts", "failures", "has_draft", "is_rework", "is_wrong", "position",
        "queued", "rank", "revisions", "rows", "started", "step", "uid", "visits",
    )  # fmt: skip

    callbacks: Any
    attempt: int
    """How often this activity has been started, this time included."""
    cause: int
    """Number of its latest row."""
    draws: tuple[Any, ...]
    """Facts of the visit in hand, from its step's place on."""
    facts: tuple[Any, ...]
    """Attributes and first-visit draws of the task."""
    failures: int
    """Transient failures since the last output."""
    has_draft: bool
    """Whether the latest attempt left an output that can help a person."""
    is_rework: bool
    """Whether a person does again what was rejected."""
    is_wrong: bool
    """Whether the output in hand is wrong."""
    position: Position | None
    queued: int
    rank: int
    """Rank of its completions, without the visit."""
    revisions: int
    """Times the output was sent back."""
    rows: int
    """Rows of its trace so far."""
    started: int
    step: WorkStep
    uid: int
    """Type code and index in one integer, as the log packs them."""
    visits: int
    """Starts of each activity so far, 16 bits each."""

    @property
    def index(self) -> int:
        """Index of the task within its type."""
        return self.uid & ((1 << 40) - 1)

    def __init__(self) -> None:
        """A token whose attributes the journey sets."""


class Source(TimedEvent):
    """The arrivals of one task type: one pending event at a time."""

    __slots__ = ("facts", "plan", "rank", "tasks", "uid")

    def __init__(self, plan: TypePlan) -> None:
        """Arrivals of `plan`, none scheduled yet."""
        super().__init__()
        self.plan, self.tasks = plan, plan.tasks()
        self.facts: tuple[Any, ...] = ()
        # Those of the task before the first: each arrival adds one.
        self.uid, self.rank = plan.uid - 1, plan.rank - 65536

    @property
    def arrived(self) -> int:
        """Tasks that have arrived; the one that is awaited is not among them."""
        made = self.uid - self.plan.uid + 1
        return made - 1 if self.callbacks else made

"""Tokens: what moves through a flow, one event each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.engine.clock import TimedEvent

if TYPE_CHECKING:
    from sim.engine.pool import Position
    from sim.plan import WorkStep


class Token(TimedEvent):
    """One task on its way through the steps; it is its own event, since it waits for one thing at a time."""

    __slots__ = (
        "arrived", "cause", "draws", "draws_at", "facts", "has_draft", "index", "is_wrong", "position", "queued",
        "rank", "rows", "started", "step", "uid", "visits",
    )  # fmt: skip

    # Few tokens ever change these: as defaults of the class they cost nothing at the others.
    failures: int = 0
    """Transient failures since the last output."""
    is_rework: bool = False
    """Whether a person does again what was rejected."""
    revisions: int = 0
    """Times the output was sent back."""

    arrived: int
    cause: int
    """Number of its latest row."""
    draws: tuple[Any, ...]
    """Facts of the visit in hand, from place `draws_at` on."""
    draws_at: int
    facts: tuple[Any, ...]
    """Attributes and first-visit draws of the task."""
    has_draft: bool
    """Whether an output of an agent can help a person."""
    index: int
    is_wrong: bool
    """Whether the output in hand is wrong."""
    position: Position | None
    queued: int
    rank: int
    """Rank of its completions, without the visit."""
    rows: int
    """Rows of its trace so far."""
    started: int
    step: WorkStep
    uid: int
    """Type code and index in one integer, as the log packs them."""
    visits: int
    """Starts of each activity so far, 16 bits each."""

    def __init__(self) -> None:
        """A token whose attributes the journey sets."""

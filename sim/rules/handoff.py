"""Hand-off rules: what passing work from one stage to the next takes and loses."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from sim import maths
from sim.distributions import DurationDistribution
from sim.quantities import Duration, Money, Share
from sim.spec import Spec, default


class ContextStore(Spec):
    """A store of the whole context by trace: nothing is lost at a hand-off, each one reads it (row HX-03)."""

    read_cost: Money = default(Decimal(0), "off")
    """Cost of one read, booked as tools."""
    read_time: Duration = default(0, "off")
    """Time of one read."""


class HandOff(Spec):
    """How work comes from the stage before (rows HX-02, HX-08, HX-13)."""

    latency: DurationDistribution | None = None
    """Time from the end of one stage until the work is in the next one's queue; nobody is occupied."""
    context_loss: Share = default(0.0, "off; row HX-02 proposes 0.05")
    """Share of the context lost at each hand-off; the odds of being right are multiplied by what is left."""
    store: ContextStore | None = None
    """A context store; with it no context is lost."""
    mode: Literal["contract", "transcript"] | None = None
    """What the next worker reads beside its own input: a contract of fixed size, or all that was written so far."""
    contract_tokens: Annotated[int, Field(ge=0, le=10_000_000)] = default(500)
    """Tokens of a contract."""
    misread: Share = default(0.0, "off")
    """Share of hand-offs that the next agent misreads: its output is wrong whatever its skill."""


def logits_of_context(context: int) -> float:
    """What a context in billionths does to the logit of being right: the odds are multiplied by it."""
    return maths.scalar.log(context / 1e9) if context < 1_000_000_000 else 0.0


def context_after(context: int, loss: int) -> int:
    """The context left after a hand-off, in billionths, at least one billionth."""
    return max(context - (context * loss + 500_000_000) // 1_000_000_000, 1)

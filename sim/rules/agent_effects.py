"""Effects on an agent's attempts: sandboxes, reflection, questions to other agents, causes that agents share."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from sim.distributions import ConstantCount, CountDistribution, DurationDistribution
from sim.quantities import Duration, Money, Number, Share
from sim.spec import Id, Spec, default


class Sandbox(Spec):
    """Every attempt runs in a sandbox of its own (row RT-21)."""

    boot: Duration = default(0, "off")
    """Time to start it, before the work."""
    cost: Money = default(Decimal(0), "off")
    """Cost per attempt, in the ledger line `sandbox`."""
    contains_damage: bool = default(True)
    """Whether wrong deliveries from inside do no damage outside."""


class SelfCorrection(Spec):
    """The agent looks at its own work and mends some of its errors (row RT-16)."""

    rate: Share
    """Share of its wrong outputs that it makes right."""
    more_time: Annotated[Number, Field(ge=0, le=100)] = default(0.5)
    """Time of the look, as a share of the attempt's."""
    more_output: Annotated[Number, Field(ge=0, le=100)] = default(0.5)
    """Output tokens of the look, as a share of the attempt's."""


class Clarification(Spec):
    """Questions from agent to agent, each of which may lead to the next (row RT-19)."""

    probability: Share
    """Probability, after each attempt and after each answer, that somebody asks again."""
    asks: Id
    """Agent role that is asked; it may ask back."""
    time: DurationDistribution
    """Time of an answer, at the role that is asked."""
    input_tokens: CountDistribution = default(ConstantCount(value=0.0), "off")
    """Tokens read for an answer."""
    output_tokens: CountDistribution = default(ConstantCount(value=0.0), "off")
    """Tokens written for an answer."""


class SharedCause(Spec):
    """A part of the failures that strikes at once whatever runs on the same model or provider (row RL-05)."""

    share: Share
    """Share of attempts at a task whose outcome hangs on the shared cause; each keeps its own probability."""
    among: Literal["model", "provider"] = default("model")
    """Who shares the cause."""

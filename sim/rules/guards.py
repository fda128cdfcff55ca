"""Guards: rules that stop work before it does harm."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.quantities import Duration, Money, Share, parse_duration
from sim.spec import Id, Spec, default

Tokens = Annotated[int, Field(ge=1, le=1_000_000_000_000)]
"""Input and output tokens together."""
Calls = Annotated[int, Field(ge=1, le=1_000_000)]
"""A number of calls."""


class TraceBudget(Spec):
    """What one task may spend on models and tools (row BE-05)."""

    money: Money | None = None
    """Cost of models and tools."""
    tokens: Tokens | None = None
    """Input and output tokens."""
    strict: bool = default(False, "design: the expected cost is reserved when a call starts")
    """Whether a call is checked with what it will really cost, so that the budget is never exceeded."""
    then: Literal["person", "fail"] = default("person", "decision D18")
    """What follows: to the person of the topology if it has one, else failed; or failed at once."""


class PeriodBudget(Spec):
    """What the organisation, or some roles, may spend on models and tools in each period (rows BE-06, BE-14)."""

    money: Money
    """Cost of models and tools in one period."""
    period: Annotated[Duration, Field(ge=1)]
    """Length of a period; the first begins at the start."""
    roles: Annotated[tuple[Id, ...], Field(max_length=100, strict=False)] = default((), "all agent roles")
    """Agent roles that it covers; all when none is named."""
    alerts: Annotated[tuple[Share, ...], Field(max_length=20, strict=False)] = default(
        (0.6, 0.9), "seed BE-06: headroom 60 %, safety margin 90 %"
    )
    """Shares of the budget at which a row warns."""
    strict: bool = default(False, "design: the expected cost is reserved when a call starts")
    """Whether a call is checked with what it will really cost."""
    then: Literal["stop", "person", "downgrade"] = default("person")
    """When it is spent: tasks fail, or go to the person of the topology. `downgrade`: from `downgrade_at` on, tasks
    that arrive are done by cheaper roles; those count against it, but are not stopped."""
    downgrade_at: Share = default(0.9, "seed BE-06: safety margin 90 %")
    """Share of the budget at which the downgrade begins."""
    downgrade: dict[Id, Id] = Field(default_factory=dict, max_length=100)
    """Which agent role takes the place of which."""


class Breaker(Spec):
    """Stops calls to what keeps failing, and tries again later (row HX-01)."""

    among: Literal["role", "model", "provider"] = default("role")
    """What one breaker covers."""
    failures: Annotated[Share, Field(gt=0)] = default(0.5)
    """Share of visible failures among the latest calls at which it opens."""
    calls: Calls = default(20)
    """How many of the latest calls it looks at; it opens when it has seen as many."""
    open_for: Annotated[Duration, Field(ge=1)] = default(parse_duration("5 min"))
    """How long it stays open."""
    trials: Calls = default(1)
    """Calls that must succeed in a row, half-open, before it closes."""


class KillSwitch(Spec):
    """Takes agents off at a condition that was agreed beforehand (row RO-03)."""

    calls: Calls = default(100)
    """How many of the latest outputs the shares look at; they trip when there were as many."""
    error_rate: Share | None = None
    """Share of outputs that somebody found wrong: a validator, a reviewer, a verification or a client."""
    rejections: Share | None = None
    """Share of reviews that did not approve."""
    violations: Share | None = None
    """Share of attempts that broke their schema or failed for governance."""
    complaints: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Wrong deliveries discovered by clients since the start or the last resumption."""
    cost: Money | None = None
    """Cost of models and tools since the start or the last resumption."""
    then: Literal["person", "pause"] = default("person")
    """Work goes to people; or agents pause and their work waits."""
    resume_after: Annotated[Duration, Field(ge=1)] | None = None
    """When agents work again; never without it."""


class Guards(Spec):
    """Limits on hops, spending and failing; each trip is a row of the log."""

    max_hops: Annotated[int, Field(ge=0, le=1000)] = default(5, "seed section 7.3: maximum 5 hops")
    """Transfers between agents inside one trace: questions, peers, work that came to the wrong place."""
    count_stage_handoffs: bool = default(False, "decision D17")
    """Whether passing from stage to stage counts as a hop."""
    trace_budget: TraceBudget | None = None
    """What one task may spend."""
    budgets: dict[Id, PeriodBudget] = Field(default_factory=dict, max_length=20)
    """What may be spent in each period."""
    breaker: Breaker | None = None
    """Stops calls to what keeps failing."""
    kill_switch: KillSwitch | None = None
    """Takes agents off."""
    person: Id | None = None
    """Human role that takes what a guard stops where the topology has no person."""

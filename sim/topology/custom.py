"""Custom topologies: the steps of a stage as an author writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from sim.quantities import Money, Number, Share
from sim.spec import Id, Spec, default

StepId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""A step of the same topology, `deliver` or `fail`."""
FINAL_STEPS = ("deliver", "fail")
"""Where every flow ends; no step may have these names."""


class RouteOn(Spec):
    """What an output is asked before it goes on."""

    threshold: Share = default(0.85, "seed section 3.1")
    """theta at or above it is sure enough."""
    value_limit: Money | None = None
    """Tasks of a higher value are dear."""
    premature_escalation: Share = default(0.0, "off")
    """Share of outputs that are sure enough but count as unsure."""


class AttemptStep(Spec):
    """An agent tries."""

    attempt: Id
    """Agent role."""
    output: StepId
    """Where an output goes."""
    failed: StepId = default("fail", "design: a visible failure without recovery")
    """Where a visible failure goes when nothing more is tried."""


class RouteStep(Spec):
    """An output is sent on by what is known of it; takes no time."""

    route: RouteOn
    """What is asked."""
    confident: StepId
    """Where sure outputs go."""
    unsure: StepId
    """Where unsure ones go."""
    dear: StepId | None = None
    """Where dear tasks go; without it where unsure ones go."""


class ReviewStep(Spec):
    """A person gives a verdict."""

    review: Id
    """Human role."""
    max_revisions: Annotated[int, Field(ge=0, le=100)] = default(2)
    """Times one output may be sent back to the agent."""
    revise_share: Share = default(1.0)
    """Share of caught outputs that are sent back while revisions are left; the rest is rejected."""
    revision_gain: Annotated[Number, Field(ge=-20, le=20)] = default(0.0, "off")
    """Logits added to the success of a revision."""
    approved: StepId = default("deliver", "design: an approval delivers")
    """Where approved outputs go."""
    revised: StepId
    """Where outputs go that are sent back: an attempt."""
    rejected: StepId
    """Where rejected outputs go."""


class ExecuteStep(Spec):
    """A person does the task, with the draft if there is one."""

    execute: Id
    """Human role."""
    done: StepId = default("deliver", "design: finished work is delivered")
    """Where the work goes."""
    assistant: Id | None = None
    """Agent role whose model assists."""
    assist_factor: Annotated[Number, Field(ge=0.1, le=100)] = default(
        1.35, "seed TP-01 gives 1.2 to 1.5; the middle"
    )
    """Assisted work takes the time divided by this; counts with an assistant only."""


ACTIONS = ("attempt", "route", "review", "execute")
"""The key that says what a step does."""


def _action(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((action for action in ACTIONS if action in value), None)
    kinds = {"AttemptStep": "attempt", "RouteStep": "route", "ReviewStep": "review"}
    return kinds.get(type(value).__name__, "execute")


CustomStep = Annotated[
    Annotated[AttemptStep, Tag("attempt")]
    | Annotated[RouteStep, Tag("route")]
    | Annotated[ReviewStep, Tag("review")]
    | Annotated[ExecuteStep, Tag("execute")],
    Discriminator(_action),
]
"""One step, told apart by what it does."""


class Custom(Spec):
    """Steps of your own; the first one written begins."""

    kind: Literal["custom"]
    steps: dict[Id, CustomStep] = Field(min_length=1, max_length=50)
    """Steps by name; each says where its results lead: a step, `deliver` or `fail`."""
    agent: Id | None = None
    """Not used; kept so that overlays may change the kind alone."""
    human: Id | None = None
    """Role that takes what a guard stops."""

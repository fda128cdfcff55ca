"""Topologies: who does a stage and who checks it, compiled to a table of steps.

    human_only   execute -> deliver
    copilot      execute with assistance -> deliver
    guardian     attempt -> review -> deliver | attempt again | execute with the draft -> deliver
    escalation   attempt -> route -> deliver | execute with the draft -> deliver
    autonomous   attempt -> deliver

A topology is data: the engine knows only steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from sim.quantities import Money, Number, Share
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.spec import Id, Spec, default


class HumanOnly(Spec):
    """People do everything; the baseline that "x times" needs."""

    kind: Literal["human_only"]
    human: Id
    """Role that does the work."""
    agent: Id | None = None
    """Not used; kept so that overlays may change the kind alone."""


class Copilot(Spec):
    """People do everything with an agent's assistance."""

    kind: Literal["copilot"]
    human: Id
    """Role that does the work."""
    agent: Id
    """Role whose model assists."""
    assist_factor: Annotated[Number, Field(ge=0.1, le=100)] = default(
        1.35, "seed TP-01 gives 1.2 to 1.5; the middle"
    )
    """Assisted work takes the time divided by this."""


class Guardian(Spec):
    """Agents do everything, people approve every output."""

    kind: Literal["guardian"]
    agent: Id
    """Role that does the work."""
    human: Id
    """Role that does what was rejected."""
    reviewer: Id | None = None
    """Role that reviews; the `human` unless named."""
    max_revisions: Annotated[int, Field(ge=0, le=100)] = default(2)
    """Times one output may be sent back to the agent."""
    revise_share: Share = default(1.0)
    """Share of caught outputs that are sent back while revisions are left; the rest is rejected."""
    revision_gain: Annotated[Number, Field(ge=-20, le=20)] = default(0.0, "off")
    """Logits added to the success of a revision; the agent's stated confidence does not know of it."""


class Escalation(Spec):
    """Agents do everything, people take what is uncertain or dear."""

    kind: Literal["escalation"]
    agent: Id
    """Role that does the work."""
    human: Id
    """Role that takes the exceptions."""
    threshold: Share = default(0.85, "seed section 3.1")
    """Outputs with theta below it go to a person; exactly the threshold delivers."""
    value_limit: Money | None = None
    """Tasks of a higher value go to a person whatever theta is; exactly the limit delivers. None: no limit."""


class Autonomous(Spec):
    """Agents do everything, nobody checks."""

    kind: Literal["autonomous"]
    agent: Id
    """Role that does the work."""
    human: Id | None = None
    """Not used; kept so that overlays may change the kind alone."""


def _kind(value: Any) -> str:
    return (
        str(value.get("kind", "no kind given"))
        if isinstance(value, dict)
        else str(getattr(value, "kind", ""))
    )


Topology = Annotated[
    Annotated[HumanOnly, Tag("human_only")]
    | Annotated[Copilot, Tag("copilot")]
    | Annotated[Guardian, Tag("guardian")]
    | Annotated[Escalation, Tag("escalation")]
    | Annotated[Autonomous, Tag("autonomous")],
    Discriminator(_kind),
]
"""Who does a stage and who checks it, told apart by the key `kind`."""

KINDS = ("human_only", "copilot", "guardian", "escalation", "autonomous")
"""Names of the presets."""


class Action(IntEnum):
    """What a step does."""

    ARRIVE = 0
    ATTEMPT = 1
    EXECUTE = 2
    REVIEW = 3
    ROUTE = 4
    DELIVER = 5
    FAIL = 6
    CAPACITY = 7
    STOP = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a stage.

    `go` says where each result leads: an Outcome for work, a Reason for a route. For an attempt the key
    `Outcome.RIGHT` stands for any output and `Outcome.TRANSIENT` for any visible failure that is not
    tried again.
    """

    action: Action
    role: str = ""
    go: dict[int, int] = field(default_factory=dict)
    assistant: str = ""
    """Agent role whose model assists an execution."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps of one stage; step 0 is the first."""

    stage: str
    steps: tuple[Step, ...]


STAGE = "work"
"""Name of the one stage of a task type that declares none."""


def compile_flow(topology: HumanOnly | Copilot | Guardian | Escalation | Autonomous) -> Flow:
    """The step table of a preset."""
    deliver, fail = Step(Action.DELIVER), Step(Action.FAIL)
    steps: tuple[Step, ...]
    match topology:
        case HumanOnly():
            steps = (Step(Action.EXECUTE, topology.human, {Outcome.RIGHT: 1}), deliver)
        case Copilot():
            steps = (
                Step(Action.EXECUTE, topology.human, {Outcome.RIGHT: 1}, assistant=topology.agent),
                deliver,
            )
        case Guardian():
            reviewer = topology.reviewer or topology.human
            steps = (
                Step(Action.ATTEMPT, topology.agent, {Outcome.RIGHT: 1, Outcome.TRANSIENT: 2}),
                Step(Action.REVIEW, reviewer, {Outcome.APPROVED: 3, Outcome.REVISED: 0, Outcome.REJECTED: 2}),
                Step(Action.EXECUTE, topology.human, {Outcome.RIGHT: 3}),
                deliver,
            )
        case Escalation():
            steps = (
                Step(Action.ATTEMPT, topology.agent, {Outcome.RIGHT: 1, Outcome.TRANSIENT: 2}),
                Step(Action.ROUTE, "", {Reason.CONFIDENT: 3, Reason.LOW_CONFIDENCE: 2, Reason.HIGH_VALUE: 2}),
                Step(Action.EXECUTE, topology.human, {Outcome.RIGHT: 3}),
                deliver,
            )
        case Autonomous():
            steps = (
                Step(Action.ATTEMPT, topology.agent, {Outcome.RIGHT: 1, Outcome.TRANSIENT: 2}),
                deliver,
                fail,
            )
    return Flow(STAGE, steps)


def roles_of(flow: Flow) -> tuple[str, ...]:
    """Roles that do work in this flow, sorted."""
    return tuple(sorted(dict.fromkeys(step.role for step in flow.steps if step.role)))

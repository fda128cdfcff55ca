"""Flows: a topology as a table of steps, which is all that the engine knows of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Any


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
    VALIDATE = 9
    VERIFY = 10
    CLARIFY = 11
    CORRECT = 12
    TRIAGE = 13
    BRANCH = 14
    JOIN = 15
    REDELIVER = 16
    GIVE_UP = 17


INSTANT = (Action.ROUTE, Action.TRIAGE)
"""Steps that only decide where to go."""
FINAL = (Action.DELIVER, Action.FAIL)
"""Steps that end a stage."""


@dataclass(frozen=True, slots=True)
class RouteRule:
    """What a route asks of an output; `own` and `peers` are tries of agents before an unsure one goes on."""

    threshold: float = 0.0
    value_limit: Decimal | None = None
    premature: float = 0.0
    own: int = 0
    peers: int = 0
    is_last: bool = True
    """Whether an unsure output leaves the agents; else the next tier of a cascade tries."""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """What follows a review that does not approve, and what goes before it."""

    max_revisions: int = 0
    revise_share: float = 1.0
    revision_gain: float = 0.0
    send_back: bool = False
    proposal_ticks: int = 0
    """Time to make the proposal that is reviewed."""
    to_maker: bool = True
    """Whether a revision goes to whoever made the output; else to the step that is written."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a stage.

    `go` says where each result leads: an Outcome for work, a Reason for a route, the number of a tier for a triage.
    For an attempt the key `Outcome.RIGHT` stands for any output and `Outcome.TRANSIENT` for any visible failure
    after which nothing more is tried. `rule` holds what the decision needs: a RouteRule, ReviewRule, Validator,
    Verification, Triage or Clarification.
    """

    action: Action
    role: str = ""
    go: dict[int, int] = field(default_factory=dict)
    assistant: str = ""
    """Agent role whose model assists an execution."""
    assist_factor: float = 1.0
    """Assisted work takes the time divided by this."""
    rule: Any = None
    label: str = ""
    """Name of the step within its flow."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps of one stage; step 0 is the first."""

    stage: str
    steps: tuple[Step, ...]
    person: int = -1
    """The step that takes what a guard stops; -1 when nobody does."""
    stand_ins: dict[tuple[int, str], int] = field(default_factory=dict)
    """(attempt, agent role) -> the attempt by that role in its place: peers, other models, cheaper roles."""
    questions: dict[tuple[str, str], int] = field(default_factory=dict)
    """(agent role that asks, one that answers) -> the step of the answer."""


STAGE = "work"
"""Name of the one stage of a task type that declares none."""


def roles_of(flow: Flow) -> tuple[str, ...]:
    """Roles that do work in this flow, sorted."""
    return tuple(sorted(dict.fromkeys(step.role for step in flow.steps if step.role)))


def models_of(flow: Flow) -> tuple[str, ...]:
    """Roles whose model may be used in this flow: those that work, and assistants; sorted."""
    used = [name for step in flow.steps for name in (step.role, step.assistant) if name]
    return tuple(sorted(dict.fromkeys(used)))

"""Stages: the workflow of a task type as a graph of steps that roles do one after another, or side by side."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sim.distributions import CountDistribution
from sim.policies import Policies
from sim.quantities import Number, Share
from sim.rules.approval import EdgeName
from sim.spec import Id, Text, default
from sim.topology import Topology

DELIVER = "deliver"
"""Where a workflow ends; no stage may have this name."""
Target = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""A stage, or `deliver`."""
Ending = Literal["by_agent", "by_person", "failed"]
"""How a stage may end: with an agent's output, with a person's, or without one."""


class Stage(Policies):
    """One stage of a task's workflow."""

    label: Text | None = None
    """Name for display; changes nothing."""
    description: Text | None = None
    """Explanation for display; changes nothing."""
    topology: Topology | None = None
    """Who does this stage and who checks it; without it that of the task type, then of the scenario."""
    agent: Id | None = None
    """Agent role of this stage in place of its topology's."""
    human: Id | None = None
    """Human role of this stage in place of its topology's."""
    input_tokens: CountDistribution | None = None
    """Tokens a model reads in one attempt at this stage; without it those of the task type."""
    output_tokens: CountDistribution | None = None
    """Tokens a model writes in one attempt at this stage; without it those of the task type."""
    harder_by: Annotated[Number, Field(ge=-20, le=20)] = default(0.0, "off")
    """Logits taken from the success of agents and people at this stage, on top of the task type's."""
    mutating: bool | None = None
    """Whether this stage changes a system of record; without it as the task type says."""
    action: EdgeName | None = None
    """What this stage does to the world outside; without it as the task type says."""
    next: Target | dict[Target, Share] | None = None
    """The stage after this one, `deliver`, or several with their probabilities; without it the next one written,
    after the last one `deliver`."""
    on: dict[Ending, Target] = Field(default_factory=dict, max_length=3)
    """Where this stage leads when it ends in one of these ways, whatever `next` says; `failed` keeps the task alive."""
    parallel: Annotated[tuple[Id, ...], Field(max_length=20, strict=False)] = default((), "off")
    """Stages that begin side by side when this one ends; each branch runs until it comes to `join`."""
    join: Id | None = None
    """Stage that waits for every branch of `parallel`; its input is wrong if that of any branch is."""
    max_passes: Annotated[int, Field(ge=1, le=1000)] = default(20)
    """Times a task may come to this stage; the next time it fails."""

"""Workflows of one stage whose agents fail, for the tests of what follows."""

from __future__ import annotations

from typing import Any

from sim.scenario import Scenario

from .builders import BASE, Frame, Values, cohort, events, scenario

CATEGORIES = ("deterministic", "governance", "transient", "judgment")
"""In the order in which an attempt tests them."""
TOOL = 2_000_000
"""Nano-units that the base's agent spends on tools in an attempt."""
SENIOR = {**BASE["workers"]["extractor"], "model": "larger-model", "price": {"input": 5, "output": 25}}
"""An agent role that may stand in."""
SURE = {"success": {"mean": 1.0}}
"""An agent whose every output is right."""


def work(
    agent: Values | None = None,
    topology: str | Values = "autonomous",
    *,
    task: Values | None = None,
    **rest: Any,
) -> Scenario:
    """The base as a workflow of one stage."""
    return scenario(topology, agent=agent, task={"stages": {"work": {}}, **(task or {})}, **rest)


def frame_of(agent: Values | None = None, topology: str | Values = "autonomous", **rest: Any) -> Frame:
    """Rows of the tasks of an hour."""
    return cohort(events(work(agent, topology, **rest)))


def with_senior(senior: Values | None = None) -> dict[str, Any]:
    """Workers with the role `senior` beside the base's."""
    return {"workers": {"senior": {**SENIOR, **(senior or {})}}}


def attempts_of(frame: Frame) -> Frame:
    """Attempts, by task in the order of time."""
    return frame[frame.action == "attempted"].sort_values(["task", "step"])


def reasons_by_task(frame: Frame) -> Frame:
    """Reasons of the rows of attempts and of moves in vain, in order, as one tuple per task."""
    told = frame[frame.action.isin(["attempted", "recovered"])].sort_values(["task", "step"])
    return told.groupby("task").reason.agg(tuple)


def cost_per_success(of: Scenario) -> float:
    """Nano-units of models and tools for each task that is delivered right."""
    frame = cohort(events(of))
    right = ((frame.next == "deliver") & (frame.is_right == 1)).sum()
    return float((frame.inference + frame.tools).sum() / right)

"""Small workflows for the tests of mechanisms: chains of agents, changed by overlays, and the rows of their logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.overlay import overlaid
from sim.scenario import Scenario

from .builders import Frame, Values, endings, events

COUNT = 1000
"""Tasks of a scenario unless a test asks for more."""
CALL_COST = 2_000_000
"""Nano-units of one call of an agent: 1,000 tokens in at 1 per million, 200 out at 5."""

AGENT: dict[str, Any] = {
    "kind": "agent",
    "positions": 10,
    "concurrency": 1000,
    "model": "example-model",
    "price": {"input": 1, "output": 5},
    "work_time": "10 s",
    "success": 0.9,
}
"""An agent whom nobody waits for."""
HUMAN: dict[str, Any] = {
    "kind": "human",
    "positions": 2000,
    "wage": "36 / h",
    "work_time": "5 min",
    "review_time": "1 min",
    "success": 1,
    "review": {"catch_rate": 1, "false_reject": 0},
}
"""A person who makes no mistake and whom nobody waits for."""


def chain(
    stages: int | Mapping[str, Any] = 2,
    *,
    count: int = COUNT,
    topology: str | Values = "autonomous",
    task: Values | None = None,
    agents: Mapping[str, Values] | None = None,
    human: Values | None = None,
    **rest: Any,
) -> Scenario:
    """A workflow of one letter a second: `stages` by number (s1, s2, ...) or as they are written; 0 for none.

    The role `writer` is an agent and does every stage that names no other; `agents` changes it or adds more.
    """
    if isinstance(stages, int):
        stages = {f"s{number}": {} for number in range(1, stages + 1)}
    kind = {"kind": topology} if isinstance(topology, str) else dict(topology)
    roles = {"writer": {}, **(agents or {})}
    tree: dict[str, Any] = {
        "version": 1,
        "name": "Chain",
        "horizon": f"{count + 1} s",
        "seed": 29,
        "tasks": {
            "letter": {
                "arrivals": {"process": "deterministic", "every": "1 s"},
                "input_tokens": 1000,
                "output_tokens": 200,
                "stages": dict(stages),
            }
        },
        "workers": {name: overlaid(AGENT, dict(values)) for name, values in roles.items()}
        | {"clerk": overlaid(HUMAN, dict(human or {}))},
        "topology": {"agent": "writer", "human": "clerk", **kind},
    }
    patch = {"tasks": {"letter": dict(task or {})}, **rest}
    return Scenario.from_tree(overlaid(tree, patch))


def story(of: Scenario, *, count: int = COUNT, **options: Any) -> Frame:
    """Rows of the first `count` tasks of one replication: every one of them has ended."""
    frame = events(of, **options)
    return frame[frame.task.notna() & (frame.task < count)]


def outputs_at(frame: Frame, stage: str) -> Frame:
    """First outputs of agents at a stage, by task."""
    made = frame[(frame.action == "attempted") & (frame.stage == stage) & frame.own_right.notna()]
    return made.groupby("task").head(1).set_index("task").sort_index()


def delivered_wrong(frame: Frame) -> Frame:
    """Whether each task was delivered wrong, by task."""
    ends = endings(frame).set_index("task").sort_index()
    return (ends.next == "deliver") & (ends.is_right == 0)


def path_of(frame: Frame) -> Frame:
    """Actions of each task in order, as one text."""
    return frame.sort_values(["task", "step"]).groupby("task").action.agg(" ".join)


def spent(frame: Frame) -> Frame:
    """Nano-units of models and tools, by task."""
    return (frame.inference + frame.tools).groupby(frame.task).sum()

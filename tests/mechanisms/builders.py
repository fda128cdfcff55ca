"""Small scenarios for the tests of mechanisms: one base, changed by overlays, and the rows of its log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.overlay import overlaid
from sim.run import simulate
from sim.scenario import Scenario

SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
BILLION = 1_000_000_000

BASE: dict[str, Any] = {
    "version": 1,
    "name": "Test",
    "horizon": "1 h",
    "seed": 11,
    "calendars": {"office": {"days": "Mon-Fri", "hours": "08:00-17:00"}},
    "tasks": {
        "invoice": {
            "arrivals": {"process": "deterministic", "every": "1 s"},
            "value": {"distribution": "lognormal", "median": 180, "p95": 2400},
            "input_tokens": {"distribution": "lognormal", "mean": 3500, "cv": 0.8},
            "output_tokens": {"distribution": "lognormal", "mean": 600, "cv": 0.5},
        }
    },
    "workers": {
        "extractor": {
            "kind": "agent",
            "positions": 50,
            "concurrency": 8,
            "model": "example-model",
            "price": {"input": 1, "output": 5},
            "work_time": {"distribution": "lognormal", "mean": "25 s", "cv": 0.6},
            "tool_cost": 0.002,
            "success": {"mean": 0.9, "spread": 1.0},
            "confidence": {"self_knowledge": 1.5},
        },
        "clerk": {
            "kind": "human",
            "positions": 2000,
            "wage": "34 / h",
            "work_time": {"distribution": "lognormal", "mean": "9 min", "cv": 0.5},
            "review_time": {"distribution": "lognormal", "mean": "90 s", "cv": 0.5},
            "success": 0.95,
            "review": {"catch_rate": 0.9, "false_reject": 0.05},
        },
    },
    "topology": {"kind": "escalation", "agent": "extractor", "human": "clerk"},
}
"""One task a second for an hour, and so many hands that nobody waits."""

FAILING = {"transient": 0.2, "deterministic": 0.05, "judgment": 0.05, "governance": 0.05}
"""Rates at which every category of failure shows in an hour."""

Values = Mapping[str, Any]
Frame = Any
"""A pandas DataFrame or Series; the published stubs refuse ordinary selections of rows."""


def scenario(
    topology: str | Values = "escalation",
    *,
    task: Values | None = None,
    agent: Values | None = None,
    human: Values | None = None,
    **rest: Any,
) -> Scenario:
    """The base under a topology, with values of its task, agent, human and of the whole replaced."""
    shape = {"kind": topology} if isinstance(topology, str) else dict(topology)
    parts = {
        "tasks": {"invoice": task or {}},
        "workers": {"extractor": agent or {}, "clerk": human or {}},
        "topology": shape,
    }
    return Scenario.from_tree(overlaid(overlaid(BASE, parts), rest))


def events(of: Scenario, **options: Any) -> Frame:
    """The rows of one replication, names as texts."""
    frame = simulate(of, **options).events()
    names = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(names, object))


def cohort(frame: Frame) -> Frame:
    """Rows of the tasks that arrive within the base's hour: every one of them has ended."""
    return frame[frame.task < HOUR // SECOND - 1]


def rows(of: Scenario, action: str, **options: Any) -> Frame:
    """The rows of one action."""
    frame = events(of, **options)
    return frame[frame.action == action]


def first_attempts(frame: Frame) -> Frame:
    """The first attempt at every task, by task."""
    return frame[(frame.action == "attempted") & (frame.attempt == 1)].set_index("task").sort_index()


def endings(frame: Frame) -> Frame:
    """The last row of every task."""
    return frame[frame.type.notna()].groupby("trace_id").tail(1)


def outputs(frame: Frame) -> Frame:
    """Attempts that left an output: no visible failure."""
    return frame[(frame.action == "attempted") & frame.is_right.notna()]


def human_ticks(frame: Frame) -> int:
    """Ticks that people spent."""
    worked = frame[frame.action.isin(["executed", "reviewed"])]
    return int((worked.ended - worked.started).sum())

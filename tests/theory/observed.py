"""A laboratory for exact expectations: a scenario without queues, and what its simulated tasks came to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.log.columns import COST_LINES, NEXT, Block
from sim.run import simulate
from sim.scenario import Scenario

MINUTE = 60e6
NANO = 1e9
_DELIVER, _FAIL, _EXECUTE, _ATTEMPT = (NEXT.index(name) for name in ("deliver", "fail", "execute", "attempt"))

LABORATORY: dict[str, Any] = {
    "version": 1,
    "name": "Laboratory",
    "horizon": "16 h",
    "seed": 2026,
    "tasks": {
        "task": {
            "arrivals": {"process": "poisson", "rate": "30 / h"},
            "value": {"distribution": "lognormal", "median": 100, "p95": 1000},
            "input_tokens": {"distribution": "lognormal", "mean": 3000, "cv": 0.8},
            "output_tokens": {"distribution": "gamma", "mean": 500, "cv": 0.5},
            "damage_if_wrong": 50,
            "harder_by": 0.3,
        }
    },
    "workers": {
        "agent": {
            "kind": "agent",
            "positions": 500,
            "model": "some-model",
            "price": {"input": 1, "output": 5},
            "tool_cost": 0.01,
            "work_time": {"distribution": "lognormal", "mean": "25 s", "cv": 0.6},
            "success": {"mean": 0.75, "spread": 1.0},
            "confidence": {
                "self_knowledge": 1.5,
                "overconfidence": 0.3,
                "extremity": 1.2,
                "noise": 0.5,
                "hardness_seen": 0.5,
            },
            "failures": {"transient": 0.15, "deterministic": 0.03, "judgment": 0.06, "governance": 0.02},
            "schema_invalid": 0.04,
            "tool_errors": 0.06,
        },
        "person": {
            "kind": "human",
            "positions": 500,
            "wage": "30 / h",
            "work_time": {"distribution": "gamma", "mean": "9 min", "cv": 0.5},
            "success": {"mean": 0.85, "spread": 1.5},
            "review": {"catch_rate": 0.8, "false_reject": 0.1},
            "draft_help": 1.5,
        },
    },
    "topology": {
        "kind": "escalation",
        "agent": "agent",
        "human": "person",
        "threshold": 0.7,
        "value_limit": 400,
    },
}
"""About 480 tasks a replication, hundreds of positions: nothing waits. Every kind of failure is common."""


def laboratory(patch: dict[str, Any] | None = None) -> Scenario:
    """The laboratory with an overlay."""
    return Scenario.from_tree(LABORATORY).overlaid(patch or {})


def observe(scenario: Scenario, replications: int) -> dict[str, NDArray[np.float64]]:
    """Means over the tasks of each replication, under the names that a forecast uses."""
    found = [_of_log(scenario, number) for number in range(replications)]
    return {name: np.array([each[name] for each in found]) for name in found[0]}


def _of_log(scenario: Scenario, replication: int) -> dict[str, float]:
    blocks = list(simulate(scenario, replication=replication).blocks())
    names = blocks[0]
    rows = {name: np.concatenate([block[name] for block in blocks]) for name in names.columns}
    has_arrived = rows["action"] == names.code("action", "arrived")
    tasks = int(np.sum(has_arrived & (rows["tick"] < scenario.horizon)))
    is_measured = (rows["task"] >= 0) & (rows["task"] < tasks)
    rows = {name: column[is_measured] for name, column in rows.items()}
    did = {
        name: rows["action"] == names.code("action", name) for name in ("attempted", "executed", "reviewed")
    }
    totals = (
        _outcomes(rows) | _visits(rows, names, did) | _first_outputs(rows, did, scenario) | _effort(rows, did)
    )
    return {name: float(total) / tasks for name, total in totals.items()}


def _outcomes(rows: dict[str, Any]) -> dict[str, Any]:
    delivered, right = rows["next"] == _DELIVER, rows["is_right"] == 1
    return {
        "right": np.sum(delivered & right),
        "wrong": np.sum(delivered & ~right),
        "failed": np.sum(rows["next"] == _FAIL),
    }


def _visits(rows: dict[str, Any], names: Block, did: dict[str, Any]) -> dict[str, Any]:
    attempted, to_person, has_output = did["attempted"], rows["next"] == _EXECUTE, rows["is_right"] >= 0
    dear, unsure = (rows["reason"] == names.code("reason", name) for name in ("high_value", "low_confidence"))
    return {
        "by_value": np.sum(attempted & dear),
        "by_confidence": np.sum(attempted & unsure),
        "by_failure": np.sum(attempted & to_person & ~dear & ~unsure),
        "by_rejection": np.sum(did["reviewed"] & to_person),
        "attempts": np.sum(attempted),
        "transient_failures": np.sum(rows["outcome"] == names.code("outcome", "transient")),
        "reviews": np.sum(did["reviewed"]),
        "revisions": np.sum(did["reviewed"] & (rows["next"] == _ATTEMPT)),
        "executions": np.sum(did["executed"]),
        "drafted": np.sum(attempted & to_person & has_output),
        "redone": np.sum(did["executed"] & (rows["rework"] > 0)),
    }


def _first_outputs(rows: dict[str, Any], did: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    outputs = np.flatnonzero(did["attempted"] & (rows["is_right"] >= 0))
    first = outputs[np.unique(rows["task"][outputs], return_index=True)[1]]
    right = rows["is_right"][first]
    is_sure = rows["theta"][first] >= round(getattr(scenario.topology, "threshold", 0.0) * 1e9)
    return {
        "outputs": len(first),
        "right_outputs": np.sum(right),
        "confident": np.sum(is_sure),
        "right_confident": np.sum(right * is_sure),
    }


def _effort(rows: dict[str, Any], did: dict[str, Any]) -> dict[str, Any]:
    worked, is_rework = (rows["ended"] - rows["started"]) / MINUTE, rows["rework"] > 0
    minutes = {
        "agent_minutes": np.sum(worked[did["attempted"]]),
        "execution_minutes": np.sum(worked[did["executed"] & ~is_rework]),
        "review_minutes": np.sum(worked[did["reviewed"]]),
        "rework_minutes": np.sum(worked[is_rework]),
    }
    tokens = {name: np.sum(np.maximum(rows[name], 0)) for name in ("input_tokens", "output_tokens")}
    money = {name: np.sum(rows[name]) / NANO for name in COST_LINES}
    return minutes | tokens | money | {"cost": sum(money.values())}

"""What simulated tasks came to, counted from the log: one value per replication, each a mean over tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from sim.log.columns import NEXT, Block
from sim.run import simulate
from sim.scenario import Scenario

MINUTE = 60e6
NANO = 1e9
ROWS = ("inference", "tools", "human_execution", "human_review", "rework")
_DELIVER, _FAIL, _EXECUTE, _ATTEMPT = (NEXT.index(name) for name in ("deliver", "fail", "execute", "attempt"))


def observe(scenario: Scenario, replications: int) -> dict[str, np.ndarray[Any, Any]]:
    """Means over the measured tasks of each replication, under the names that a forecast uses."""
    found = [_of_log(scenario, number) for number in range(replications)]
    return {name: np.array([each[name] for each in found]) for name in found[0]}


def agree(observed: np.ndarray[Any, Any], expected: float, comparisons: int) -> bool:
    """Whether the mean over replications is as expected, at 1 % over so many comparisons (Student t, Bonferroni).

    Where nothing varied, a count of 0 must be likely enough under the expectation, or the value exact.
    """
    mean, deviation = float(observed.mean()), float(observed.std(ddof=1))
    if deviation < 1e-12:
        return abs(mean - expected) < 1e-6
    quantile = float(stats.t.ppf(1.0 - 0.005 / comparisons, len(observed) - 1))
    return abs(mean - expected) <= quantile * deviation / np.sqrt(len(observed))


def _of_log(scenario: Scenario, replication: int) -> dict[str, float]:
    blocks = list(simulate(scenario, replication=replication).blocks())
    rows = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0].columns}
    arrived = rows["action"] == blocks[0].code("action", "arrived")
    tasks = int(np.sum(arrived & (rows["tick"] < scenario.horizon)))
    is_measured = (rows["task"] >= 0) & (rows["task"] < tasks)
    rows = {name: column[is_measured] for name, column in rows.items()}
    totals = _outcomes(rows) | _visits(rows, blocks[0]) | _first_outputs(rows, blocks[0], scenario) | _effort(rows, blocks[0])
    return {name: float(total) / tasks for name, total in totals.items()}


def _outcomes(rows: dict[str, Any]) -> dict[str, Any]:
    delivered, right = rows["next"] == _DELIVER, rows["is_right"] == 1
    return {
        "right": np.sum(delivered & right), "wrong": np.sum(delivered & ~right), "failed": np.sum(rows["next"] == _FAIL),
    }  # fmt: skip


def _visits(rows: dict[str, Any], names: Block) -> dict[str, Any]:
    attempted, reviewed, executed = (rows["action"] == names.code("action", f"{name}ed") for name in ("attempt", "review", "execut"))
    to_person, has_output = rows["next"] == _EXECUTE, rows["is_right"] >= 0
    value, unsure = (rows["reason"] == names.code("reason", name) for name in ("high_value", "low_confidence"))
    return {
        "by_value": np.sum(attempted & value), "by_confidence": np.sum(attempted & unsure),
        "by_failure": np.sum(attempted & to_person & ~value & ~unsure), "by_rejection": np.sum(reviewed & to_person),
        "attempts": np.sum(attempted), "transient_failures": np.sum(rows["outcome"] == names.code("outcome", "transient")),
        "reviews": np.sum(reviewed), "revisions": np.sum(reviewed & (rows["next"] == _ATTEMPT)),
        "executions": np.sum(executed), "redone": np.sum(executed & (rows["rework"] > 0)),
        "drafted": np.sum(attempted & to_person & has_output),
    }  # fmt: skip


def _first_outputs(rows: dict[str, Any], names: Block, scenario: Scenario) -> dict[str, Any]:
    is_output = (rows["action"] == names.code("action", "attempted")) & (rows["is_right"] >= 0)
    first = np.flatnonzero(is_output)[np.unique(rows["task"][is_output], return_index=True)[1]]
    right = rows["is_right"][first]
    confident = rows["theta"][first] >= round(getattr(scenario.topology, "threshold", 0.0) * 1e9)
    return {
        "outputs": len(first), "right_outputs": np.sum(right), "confident": np.sum(confident),
        "right_confident": np.sum(right * confident),
    }  # fmt: skip


def _effort(rows: dict[str, Any], names: Block) -> dict[str, Any]:
    worked = np.where(rows["started"] >= 0, rows["ended"] - rows["started"], 0) / MINUTE
    attempted, reviewed, executed = (rows["action"] == names.code("action", f"{name}ed") for name in ("attempt", "review", "execut"))
    is_rework = rows["rework"] > 0
    minutes = {
        "agent_minutes": np.sum(worked[attempted]), "execution_minutes": np.sum(worked[executed & ~is_rework]),
        "review_minutes": np.sum(worked[reviewed]), "rework_minutes": np.sum(worked[is_rework]),
    }  # fmt: skip
    tokens = {name: np.sum(np.maximum(rows[name], 0)) for name in ("input_tokens", "output_tokens")}
    return minutes | tokens | {name: np.sum(rows[name]) / NANO for name in ROWS}

"""The forecast of workflows against simulated tasks: one case for each mechanism that a walk follows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.forecast import Forecast, forecast
from sim.overlay import overlaid
from sim.run import simulate
from sim.scenario import Scenario
from tests.statistics.family import REPLICATIONS, Look, statistical

Patch = dict[str, Any]
TASKS = 160
"""In each part of a run."""

BASE: Patch = {
    "version": 1,
    "name": "Laboratory of workflows",
    "horizon": f"{TASKS * REPLICATIONS + 1} min",
    "seed": 90210,
    "tasks": {
        "task": {
            "arrivals": {"process": "deterministic", "every": "1 min"},
            "value": {"distribution": "lognormal", "median": 100, "p95": 1000},
            "input_tokens": 3000,
            "output_tokens": 500,
            "damage_if_wrong": 50,
            "harder_by": 0.2,
            "stages": {"first": {}, "second": {"agent": "other", "harder_by": 0.1}},
        }
    },
    "workers": {
        "agent": {
            "kind": "agent",
            "positions": 900,
            "model": "some-model",
            "price": {"input": 1, "output": 5},
            "tool_cost": 0.01,
            "work_time": "25 s",
            "success": {"mean": 0.75, "spread": 1.5},
            "confidence": {"self_knowledge": 1.5, "hardness_seen": 0.5},
            "failures": {"transient": 0.1, "deterministic": 0.03, "judgment": 0.05, "governance": 0.02},
            "schema_invalid": 0.03,
        },
        "other": {
            "kind": "agent",
            "positions": 900,
            "model": "other-model",
            "price": {"input": 3, "output": 15},
            "work_time": "40 s",
            "success": {"mean": 0.85, "spread": 1.0},
            "confidence": {"self_knowledge": 1.0, "overconfidence": 0.3},
            "failures": {"deterministic": 0.05},
        },
        "person": {
            "kind": "human",
            "positions": 900,
            "wage": "30 / h",
            "work_time": "9 min",
            "success": {"mean": 0.85, "spread": 1.0},
            "review": {"catch_rate": 0.8, "false_reject": 0.1},
            "draft_help": 1.5,
        },
    },
    "topology": {"kind": "autonomous", "agent": "agent", "human": "person"},
}
"""480 tasks a replication, hundreds of positions: nothing waits. Every kind of failure is common."""


def of_task(**values: Any) -> Patch:
    """An overlay of the task type."""
    return {"tasks": {"task": values}}


def of_agents(**values: Any) -> Patch:
    """An overlay of both agent roles."""
    return {"workers": {"agent": values, "other": values}}


ESCALATION = {"topology": {"kind": "escalation", "threshold": 0.7}}
LADDER = {"kind": "escalation", "agent": "agent", "human": "person"}
CASCADE = {
    "kind": "cascade", "tiers": [{"agent": "agent", "threshold": 0.6}, "other"], "human": "person",
    "value_limit": 400,
}  # fmt: skip
RECOVERY = {
    "transient": [{"move": "peer", "role": "other"}],
    "deterministic": [{"move": "fix", "chance": 0.5, "cost": 0.2}],
    "judgment": [
        {"move": "richer_context", "chance": 0.6, "gain": 1.0, "more_input": 2, "limit": 2},
        "person",
    ],
    "governance": ["person"],
    "memory_gain": 0.3,
}
STEPS = {
    "try": {"attempt": "agent", "output": "ask", "failed": "do"},
    "ask": {"route": {"threshold": 0.5}, "confident": "sure", "unsure": "look"},
    "sure": {
        "route": {"threshold": 0.8, "value_limit": 300},
        "confident": "deliver",
        "unsure": "look",
        "dear": "do",
    },
    "look": {"review": "person", "max_revisions": 1, "revision_gain": 1, "revised": "try", "rejected": "do"},
    "do": {"execute": "person", "assistant": "other"},
}
FORK = {
    "first": {"parallel": ["second", "third"], "join": "last"},
    "second": {"on": {"failed": "last"}},
    "third": {"agent": "other"},
    "last": {"agent": "other"},
}
CASES: dict[str, Patch] = {
    "a chain": {},
    "a chain of errors that breed": of_agents(propagation_factor=3),
    "what was wrong before is reported": {
        **ESCALATION,
        **of_agents(detect_upstream=0.6, on_upstream_defect="report"),
    },
    "what was wrong before is repaired": of_agents(detect_upstream=0.6, on_upstream_defect="repair"),
    "what was wrong before is sent back": of_agents(detect_upstream=0.6, on_upstream_defect="send_back"),
    "hand-offs lose": {"hand_off": {"context_loss": 0.3, "misread": 0.1, "mode": "contract"}},
    "a store keeps": {"hand_off": {"context_loss": 0.3, "store": {"read_cost": 0.05}}},
    "agents look again in a sandbox": of_agents(
        self_correction={"rate": 0.4, "more_time": 1, "more_output": 2}, sandbox={"boot": "3 s", "cost": 0.02}
    ),
    "recovery": {**ESCALATION, "workers": {"agent": {"recovery": RECOVERY}}},
    "everything is tried again": of_agents(retries={"limit": 3, "policy": "naive"}),
    "a ladder": of_task(
        stages={"first": {"topology": {**LADDER, "ladder": {"own": 1, "peers": 1, "peer": "other"}}}}
    ),
    "before the work, and too soon": {
        "topology": {
            "kind": "escalation",
            "value_limit": 300,
            "value_check": "before",
            "premature_escalation": 0.2,
        }
    },
    "a check beside the person": {
        **ESCALATION,
        "validator": {"sensitivity": 0.7, "specificity": 0.9, "correlation": 0.3, "cost": 0.01},
    },
    "another model judges": {"validator": {"role": "other", "sensitivity": 0.7, "specificity": 0.9}},
    "the truth is looked at": {"verification": {"detects": 0.6, "cost": 0.03}},
    "the truth is told to a person": {"verification": {"detects": 0.6, "then": "person"}},
    "everything is approved": {"approval": {"gate": "all", "reviewer": "person"}},
    "a guardian sends back": {"topology": {"kind": "guardian", "send_back": True, "revise_share": 0.7}},
    "a cascade": of_task(stages={"first": {"topology": CASCADE}}),
    "a cascade that begins by hardness": of_task(
        stages={"first": {"topology": {**CASCADE, "triage": {"boundaries": [0.5], "error": 0.5}}}}
    ),
    "steps of one's own": of_task(stages={"first": {"topology": {"kind": "custom", "steps": STEPS}}}),
    "side by side": of_task(stages=FORK),
    "a delivery that is corrected": of_task(discovery={"by": "person", "probability": 0.7, "delay": "1 h"}),
    "an acknowledgement that is lost": {**of_task(mutating=True), **of_agents(ack_loss=0.2)},
    "a question leads to the next": {
        "workers": {"other": {"clarification": {"probability": 0.4, "asks": "agent", "time": "5 s"}}}
    },
    "ways by probability and by ending": {
        **ESCALATION,
        **of_task(
            stages={"first": {"next": {"second": 0.7, "deliver": 0.3}, "on": {"by_person": "deliver"}}}
        ),
    },
}
"""A walk is exact in all of these; what it only approximates is not here."""
MEASURES = ("right", "wrong", "failed", "attempts", "executions", "reviews", "input_tokens", "cost")


def scenario_of(patch: Patch) -> Scenario:
    """The laboratory with an overlay."""
    return Scenario.from_tree(overlaid(BASE, patch))


def expected_of(expected: Forecast, name: str) -> float:
    """What a forecast says of a counted measure."""
    journey = expected.journey
    if name == "executions":
        return journey.alone + journey.drafted + journey.assisted + journey.redone
    return float(getattr(journey if hasattr(journey, name) else expected.effort, name))


def observed(scenario: Scenario, seed: int) -> dict[str, NDArray[np.float64]]:
    """Means over the tasks of each part of a run: nothing waits, so parts are as independent as replications."""
    rows = simulate(scenario, seed).events()
    rows = rows[rows.task.notna() & (rows.task < TASKS * REPLICATIONS)]
    found = [_of_part(part) for _, part in rows.groupby(rows.task // TASKS)]
    return {name: np.array([each[name] for each in found]) for name in MEASURES}


def _of_part(rows: Any) -> dict[str, float]:
    ended = rows[rows.next.isin(["deliver", "fail"])]
    assert len(ended) == TASKS
    is_delivered = ended.next == "deliver"
    lines = (
        "inference",
        "tools",
        "human_execution",
        "human_review",
        "rework",
        "sandbox",
        "verification",
        "correction",
    )
    totals = {
        "right": (is_delivered & (ended.is_right == 1)).sum(),
        "wrong": (is_delivered & (ended.is_right == 0)).sum(),
        "failed": (~is_delivered).sum(),
        "attempts": (rows.action == "attempted").sum(),
        "executions": (rows.action == "executed").sum(),
        "reviews": (rows.action == "reviewed").sum(),
        "input_tokens": rows.input_tokens.fillna(0).sum(),
        "cost": sum(rows[line].fillna(0).sum() for line in lines if line in rows) / 1e9,
    }
    return {name: float(total) / TASKS for name, total in totals.items()}


@pytest.mark.parametrize("case", CASES)
@statistical
def test_every_expectation_is_what_simulated_tasks_come_to(look: Look, case: str) -> None:
    scenario = scenario_of(CASES[case])
    expected = forecast(scenario)
    for name, means in observed(scenario, look.seed).items():
        look.mean(means, expected_of(expected, name), name)

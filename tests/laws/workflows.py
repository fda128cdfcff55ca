"""Generated workflows: chains, branches, loops and joins under mixed topologies, with failures and guards."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim import Scenario

WORKER: dict[str, Any] = {
    "kind": "agent",
    "positions": 2,
    "concurrency": 2,
    "model": "some-model",
    "price": {"input": 1, "output": 5},
    "tool_cost": 0.002,
    "work_time": {"distribution": "lognormal", "mean": "4 min", "cv": 0.6},
    "retries": {"limit": 1},
    "max_attempts": 6,
}
PERSON: dict[str, Any] = {
    "kind": "human",
    "positions": 3,
    "wage": "34 / h",
    "work_time": {"distribution": "lognormal", "mean": "10 min", "cv": 0.7},
    "review_time": "4 min",
    "success": 0.85,
    "review": {"catch_rate": 0.7, "false_reject": 0.1},
}
TASK: dict[str, Any] = {
    "arrivals": {"process": "poisson", "rate": "7 / h"},
    "value": {"distribution": "lognormal", "median": 200, "p95": 2000},
    "input_tokens": {"distribution": "constant", "value": 900},
    "output_tokens": {"distribution": "constant", "value": 200},
    "damage_if_wrong": 80.5,
    "damage_if_doubled": 7,
    "sla": "2 h",
    "mutating": True,
}
TREE: dict[str, Any] = {
    "version": 1, "name": "Some workflow", "warm_up": "6 h", "horizon": "30 h", "currency": "EUR",
    "topology": {"kind": "autonomous", "agent": "one"},
}  # fmt: skip
MAX_HOPS = 3
SHARES = st.sampled_from((0.0, 0.2, 1.0))
CHECKED, SPENT = st.sampled_from(("again", "person")), st.sampled_from(("person", "fail"))
SOME = st.sampled_from((0.0, 0.15, 0.4))

topologies = st.sampled_from((
    {"kind": "autonomous", "agent": "one"},
    {"kind": "autonomous", "agent": "two"},
    {"kind": "human_only", "human": "clerk"},
    {"kind": "copilot", "agent": "one", "human": "clerk"},
    {"kind": "guardian", "agent": "one", "human": "clerk", "max_revisions": 1, "revise_share": 0.6},
    {"kind": "guardian", "agent": "two", "human": "clerk", "send_back": True},
    {"kind": "escalation", "agent": "one", "human": "clerk", "threshold": 0.8, "value_limit": 900},
    {"kind": "escalation", "agent": "one", "human": "clerk", "premature_escalation": 0.2,
     "ladder": {"own": 1, "peers": 1, "peer": "two"}},
    {"kind": "cascade", "tiers": [{"agent": "one", "threshold": 0.9}, "two"], "human": "clerk"},
    {"kind": "cascade", "tiers": ["one", "two"]},
))  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Stages of one task type: a chain in which a stage may choose, loop back, or fork into branches."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 4)))]
    stages: dict[str, dict[str, Any]] = {
        name: {"topology": draw(topologies), "max_passes": draw(st.integers(1, 3))} for name in names
    }
    shape = draw(st.sampled_from(("chain", "choice", "loop", "fork", "on_failure")))
    if shape == "choice" and len(names) > 2:
        stages["s0"]["next"] = {"s1": 0.5, "s2": 0.3, "deliver": 0.2}
    elif shape == "loop":
        stages[names[-1]]["next"] = {names[0]: 0.4, "deliver": 0.6}
    elif shape == "on_failure" and len(names) > 1:
        stages["s0"]["on"] = {"failed": names[-1]}
    elif shape == "fork":
        branches = [f"b{number}" for number in range(draw(st.integers(2, 3)))]
        stages |= {name: {"topology": draw(topologies), "max_passes": 2} for name in (*branches, "last")}
        stages[names[-1]] |= {"parallel": branches, "join": "last"}
        if draw(st.booleans()):
            stages["last"]["next"] = {names[-1]: 0.5, "deliver": 0.5}
    return stages


@st.composite
def roles(draw: st.DrawFn) -> dict[str, Any]:
    """Two agent roles and one human role, with whatever may go wrong."""
    one = {
        **WORKER,
        "success": {"mean": draw(st.sampled_from((0.0, 0.8, 1.0))), "spread": draw(st.sampled_from((0.0, 1.0)))},
        "failures": {name: draw(SOME) for name in ("transient", "deterministic", "judgment", "governance")},
        "recovery": draw(st.sampled_from((
            {},
            {"transient": [{"move": "peer", "role": "two"}],
             "deterministic": [{"move": "fix", "chance": 0.5}, "block"]},
            {"judgment": [{"move": "richer_context", "gain": 1, "time": "1 min"}, "person"], "partial_work": 0.5},
        ))),
        "propagation_factor": draw(st.sampled_from((1.0, 2.0))),
        "detect_upstream": draw(SHARES),
        "on_upstream_defect": draw(st.sampled_from(("report", "repair", "send_back"))),
        "ack_loss": draw(SOME),
        "idempotent": draw(st.booleans()),
    }  # fmt: skip
    two = {**WORKER, "success": 0.9, "failures": {"transient": 0.1}}
    if draw(st.booleans()):
        two["clarification"] = {"probability": 0.3, "asks": "one", "time": "1 min"}
    return {"one": one, "two": two, "clerk": PERSON}


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """Policies that hold for the whole scenario; each may be missing."""
    known: dict[str, Any] = {
        "validator": {"sensitivity": 0.7, "specificity": 0.9, "time": "10 s", "cost": 0.01},
        "verification": {"detects": 0.8, "time": "1 min", "cost": 0.02, "then": draw(CHECKED)},
        "approval": {"gate": "mutations", "reviewer": "clerk"},
        "hand_off": {"latency": {"distribution": "constant", "value": "2 min"}, "context_loss": 0.1, "misread": 0.05},
        "misrouting": {"wrong_lane": 0.2, "unusable_return": 0.1, "missing_context": 0.1},
    }  # fmt: skip
    return {name: value for name, value in known.items() if draw(st.integers(0, 3)) == 0}


@st.composite
def guards(draw: st.DrawFn) -> dict[str, Any]:
    """Guards; each may be missing."""
    known: dict[str, Any] = {
        "trace_budget": {"money": 0.03, "strict": draw(st.booleans()), "then": draw(SPENT)},
        "budgets": {"day": {"money": 1.5, "period": "8 h", "then": draw(st.sampled_from(("stop", "person")))}},
        "breaker": {"calls": 5, "failures": 0.6, "open_for": "10 min"},
        "kill_switch": {"calls": 10, "error_rate": 0.9, "resume_after": "2 h"},
    }  # fmt: skip
    return {"max_hops": MAX_HOPS, "person": "clerk"} | {
        name: value for name, value in known.items() if draw(st.integers(0, 2)) == 0
    }


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A scenario with one workflow, cut off at its end or not."""
    task = {**TASK, "stages": draw(graphs())}
    if draw(st.booleans()):
        task["discovery"] = {
            "probability": 0.7,
            "delay": {"distribution": "exponential", "mean": "3 h"},
            "by": "clerk",
            "then": draw(st.sampled_from(("correct", "reopen"))),
        }
    tree = TREE | {"tasks": {"job": task}, "workers": draw(roles()), "seed": draw(st.integers(0, 2**40))}
    tree |= draw(policies()) | {"drain_limit": draw(st.sampled_from(("0 s", "3 h", "4 weeks")))}
    return Scenario.from_tree(tree | {"guards": draw(guards())})

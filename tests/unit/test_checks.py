"""Checks between the parts: what is sound is accepted, and what is refused names the part at fault.

Every refusal has a file in tests/bad; here are the shapes that come close to one and are right.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from sim.checks.graph import first_cycle, reachable, reversed_edges
from sim.problems import Problem
from sim.scenario import Scenario

AGENT = {
    "kind": "agent", "model": "claude-haiku-4-5", "price": {"input": 1, "output": 5}, "work_time": "25 s",
    "success": 0.93,
}  # fmt: skip
CLERK = {"kind": "human", "wage": "34 / h", "work_time": "9 min"}
ESCALATION = {"kind": "escalation", "agent": "small", "human": "clerk"}


def problems(stages: dict[str, Any] | None = None, **parts: Any) -> list[Problem]:
    """What is wrong with a scenario of these stages under escalation, with other parts put in place."""
    task: dict[str, Any] = {"arrivals": {"process": "poisson", "rate": "6 / h"}, "stages": stages or {}}
    tree = {
        "version": 1, "name": "Test", "horizon": "1 day", "tasks": {"letter": task},
        "workers": {"small": AGENT, "large": AGENT, "clerk": CLERK}, "topology": ESCALATION,
    }  # fmt: skip
    return list(Scenario.in_folder({**tree, **parts}, ".").problems())


def codes(stages: dict[str, Any] | None = None, **parts: Any) -> list[str]:
    return [problem.code for problem in problems(stages, **parts)]


FORK = {"read": {"parallel": ["left", "right"], "join": "post"}, "left": {}, "right": {}, "post": {}}


@pytest.mark.parametrize(
    "stages",
    [
        {"only": {}},
        {"only": {"next": {"only": 0.9, "deliver": 0.1}}},
        {"draft": {}, "gate": {"next": {"draft": "80 %", "post": "20 %"}}, "post": {}},
        {"a": {"next": {"b": 1, "c": 0}}, "b": {"next": "deliver"}, "c": {}},
        {"a": {"on": {"failed": "c"}, "next": "deliver"}, "c": {}},
        {"a": {"on": {"by_agent": "b", "by_person": "deliver"}}, "b": {}},
        FORK,
        {**FORK, "post": {"next": {"read": 0.1, "deliver": 0.9}}},
        {**FORK, "left": {"next": "more"}, "post": {"next": "deliver"}, "more": {"next": {"left": 0.2, "post": 0.8}}},
        {**FORK, "left": {"on": {"failed": "mend"}}, "post": {"next": "deliver"}, "mend": {"next": "post"}},
        {
            "read": {"parallel": ["left", "right"], "join": "post"},
            "left": {"parallel": ["one", "two"], "join": "three"}, "one": {}, "two": {}, "three": {"next": "post"},
            "right": {}, "post": {},
        },
    ],
    ids=lambda stages: "-".join(stages),
)  # fmt: skip
def test_a_sound_workflow_is_accepted(stages: dict[str, Any]) -> None:
    assert problems(stages) == []


@pytest.mark.mechanism("HX-11")
def test_a_dangling_stage_is_refused_with_its_name() -> None:
    found = problems({"extract": {}, "match": {"next": "archive"}})
    assert [(problem.code, problem.path[-2:]) for problem in found] == [("E0304", ("match", "next"))]
    assert found[0].message.startswith("no stage archive")


@pytest.mark.parametrize(
    ("share", "is_right"), [(0.5 + 9e-10, True), (0.5 + 2e-9, False), (0.5 - 2e-9, False)]
)
def test_shares_may_miss_one_by_a_billionth(share: float, is_right: bool) -> None:
    found = codes({"a": {"next": {"b": share, "deliver": 0.5}}, "b": {}})
    assert found == ([] if is_right else ["E0330"])


def test_a_share_of_zero_keeps_a_stage_but_is_no_way_out() -> None:
    assert codes({"a": {"next": {"b": 0, "deliver": 1}}, "b": {}}) == []
    assert codes({"a": {"next": {"a": 1, "b": 0}}, "b": {}}) == ["E0332"]


def test_an_ending_that_every_output_takes_leaves_nothing_for_next() -> None:
    always = {"on": {"by_agent": "deliver", "by_person": "deliver"}, "next": "b"}
    assert codes({"a": always, "b": {}}) == ["E0331"]


def test_a_branch_inside_a_branch_is_checked_too() -> None:
    stages = {
        "read": {"parallel": ["left", "right"], "join": "post"},
        "left": {"parallel": ["one", "two"], "join": "three"}, "one": {"next": "right"}, "two": {}, "three": {},
        "right": {}, "post": {},
    }  # fmt: skip
    found = problems({**stages, "three": {"next": "post"}})
    assert {(problem.code, problem.path[-2:]) for problem in found} == {("E0335", ("one", "next"))}


@pytest.mark.parametrize("category", ["deterministic", "governance"])
def test_what_stays_the_same_is_never_tried_again_unchanged(category: str) -> None:
    worker = {**AGENT, "recovery": {category: ["retry"]}}
    found = problems(workers={"small": worker, "clerk": CLERK})
    assert [problem.code for problem in found] == ["E0353"]
    assert "retries: {policy: naive}" in found[0].message


@pytest.mark.parametrize("category", ["transient", "judgment"])
def test_what_may_pass_may_be_tried_again_unchanged(category: str) -> None:
    worker = {
        **AGENT,
        "recovery": {category: [{"move": "retry", "limit": 2}, {"move": "peer", "role": "large"}, "person"]},
    }
    assert codes(workers={"small": worker, "large": AGENT, "clerk": CLERK}) == []


def test_a_person_for_recovery_may_come_from_the_guards() -> None:
    parts = {
        "workers": {"small": {**AGENT, "recovery": {"judgment": ["person"]}}, "clerk": CLERK},
        "topology": {"kind": "autonomous", "agent": "small"},
    }
    assert codes(**parts) == ["E0350"]
    assert codes(**parts, guards={"person": "clerk"}) == []


def test_an_approval_takes_its_reviewer_or_the_person_of_the_topology() -> None:
    alone = {"kind": "autonomous", "agent": "small"}
    assert codes(topology=alone, approval={"gate": "all"}) == ["E0350"]
    assert codes(topology=alone, approval={"gate": "mutations"}) == []  # nothing here changes a record
    assert codes(topology=alone, approval={"gate": "all", "reviewer": "clerk"}) == []
    assert codes(topology={**alone, "human": "clerk"}, approval={"gate": "all"}) == []


def test_measured_skill_is_checked_at_the_stages_where_the_role_works() -> None:
    hopeless = {
        **AGENT,
        "confidence": {"auroc": 0.51, "hardness_seen": 0.9},
        "success": {"mean": 0.9, "spread": 2},
    }
    workers = {"small": AGENT, "large": hopeless, "clerk": CLERK}
    assert codes({"a": {}, "b": {}}, workers=workers) == []
    found = problems({"a": {}, "b": {"agent": "large"}, "c": {"agent": "large"}}, workers=workers)
    assert [(problem.code, problem.path) for problem in found] == [
        ("E0219", ("workers", "large", "confidence"))
    ]


def test_a_large_scenario_is_checked_in_linear_time() -> None:
    def seconds(size: int) -> float:
        stages = {f"s{number}": {"agent": f"a{number}"} for number in range(40)}
        task = {"arrivals": {"process": "poisson", "rate": "1 / h"}, "stages": stages}
        tree = {
            "version": 1, "name": "Large", "horizon": "1 day",
            "tasks": {f"t{number}": task for number in range(size)},
            "workers": {**{f"a{number}": AGENT for number in range(20 * size)}, "clerk": CLERK},
            "topology": {"kind": "escalation", "agent": "a0", "human": "clerk"},
        }  # fmt: skip
        scenario = Scenario.in_folder(tree, ".")
        started = time.process_time()
        assert list(scenario.problems()) == []
        return time.process_time() - started

    seconds(4)  # tables are built
    small, large = (min(seconds(size) for _ in range(3)) for size in (4, 32))
    assert large < 8 * 4 * max(small, 0.02)  # 64 times as long if it were quadratic


def test_what_is_reached_and_what_goes_round() -> None:
    edges = {"a": ["b", "c"], "b": ["d"], "c": ["a"], "d": []}
    assert list(reachable(edges, ["b"])) == ["b", "d"]
    assert "d" not in reachable(edges, ["a"], border=("b",))
    assert reversed_edges(edges) == {"b": ["a"], "c": ["a"], "d": ["b"], "a": ["c"]}
    assert first_cycle(edges, dict.fromkeys(edges)) == ["a", "c", "a"]
    assert first_cycle(edges, dict.fromkeys("abd")) == []

"""Stories of workflows: every row is told, and a reader sees why nothing more was tried."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from analysis.story import tell
from sim import Log, Scenario, simulate
from sim.overlay import overlaid
from tests.laws.workflows import scenarios
from tests.unit.test_chains import BASE, CLERK, events

OFTEN = {"tasks": {"job": {"arrivals": {"every": "10 min"}, "mutating": True}}}


def stories(*changes: dict[str, Any], horizon: str = "30 h") -> tuple[Scenario, Log, Any]:
    tree: dict[str, Any] = overlaid(BASE, {"horizon": horizon})
    for change in (OFTEN, *changes):
        tree = overlaid(tree, change)
    scenario = Scenario.from_tree(tree)
    log = simulate(scenario)
    return scenario, log, events(log)


def story_of(run: tuple[Scenario, Log, Any], **wanted: Any) -> str:
    """The story of the first task with a row of these values, on one line."""
    scenario, log, rows = run
    for column, value in wanted.items():
        chosen = rows[rows[column] == value].trace_id
        rows = rows[rows.trace_id.isin(chosen)]
    return " ".join(tell(scenario, log, rows.trace_id.iloc[0]).split())


def failing(category: str, recovery: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"workers": {"writer": {"failures": {category: 0.5}, "recovery": recovery or {}}}}


@pytest.mark.mechanism("RT-15")
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scenario=scenarios())
def test_every_kind_of_row_is_told_and_fits_on_the_page(scenario: Scenario) -> None:
    log = simulate(scenario)
    rows = events(log)
    kinds = rows.drop_duplicates(["action", "reason", "outcome", "next"])
    for trace_id in dict.fromkeys(kinds.trace_id):
        story = tell(scenario, log, trace_id)
        worked = rows[(rows.trace_id == trace_id) & rows.started.notna() & rows.role.notna()]
        assert len(re.findall(r" started\b", story)) == len(worked), story
        assert max(map(len, story.splitlines())) <= 80, story
        assert not re.search(r"\b[a-z]+_[a-z]+\b", story), story


@pytest.mark.mechanism("RT-15")
def test_what_is_not_tried_again_says_why() -> None:
    run = stories(failing("deterministic"))
    assert "not tried again, since it would fail the same way: the task failed" in story_of(run, next="fail")


@pytest.mark.mechanism("RT-15")
def test_recovery_moves_are_told_in_their_order() -> None:
    moves = {
        "judgment": [{"move": "richer_context", "chance": 0.3}, {"move": "peer", "role": "checker"}, "person"]
    }
    run = stories(failing("judgment", moves), {"guards": {"person": "clerk"}})
    story = story_of(run, action="recovered", reason="handed_to_peer")
    assert "tries with more context" in story
    assert "that did not help; handed to a peer" in story


@pytest.mark.mechanism("BE-05")
def test_a_refused_call_names_its_guard() -> None:
    guards = {"trace_budget": {"money": 0.025}, "person": "clerk"}
    run = stories({"guards": guards})
    assert "refused a call of sender: the budget of the trace is spent to the exception queue" in story_of(
        run, action="refused"
    )


@pytest.mark.mechanism("RT-18")
@pytest.mark.mechanism("BE-11")
def test_a_discovery_is_told_with_its_delay_and_its_correction() -> None:
    discovery = {"delay": {"distribution": "constant", "value": "51 h"}, "by": "clerk"}
    run = stories({"workers": {"sender": {"success": 0.0}}, "tasks": {"job": {"discovery": discovery}}})
    story = story_of(run, action="corrected")
    assert "the client found out after 2 days 3 h that it is wrong: to be corrected" in story
    assert "corrected it" in story
    assert "delivered wrong, corrected later" in story


@pytest.mark.mechanism("WL-12")
def test_branches_are_told_side_by_side_and_joined() -> None:
    fork = {
        "draft": {"parallel": ["check", "other"], "join": "send"},
        "other": {"agent": "writer", "next": "send"},
        "send": {"next": "deliver"},
    }
    story = story_of(stories({"tasks": {"job": {"stages": fork}}}), action="joined")
    assert "splits into branches: check, other" in story
    assert "branches joined: on to stage send" in story
    assert story.index("other: ") < story.index("branches joined")


@pytest.mark.mechanism("HX-06")
def test_faults_of_handing_out_are_told() -> None:
    run = stories({"misrouting": {"wrong_lane": 0.5}})
    assert "came to the wrong worker first and was routed again" in story_of(run, action="rerouted")


def test_each_stage_has_its_own_threshold() -> None:
    """The threshold of the stage is told, not that of the scenario's topology."""
    check = {"kind": "escalation", "agent": "checker", "human": "clerk", "threshold": 0.99}
    topology = {"kind": "escalation", "agent": "writer", "human": "clerk", "threshold": 0.2}
    run = stories({"tasks": {"job": {"stages": {"check": {"topology": check}}}}, "topology": topology,
                   "workers": {"checker": {"success": 0.7}, "clerk": CLERK}})  # fmt: skip
    story = story_of(run, stage="check", reason="low_confidence")
    assert re.search(r"< 0\.99: to the exception queue", story)
    assert ">= 0.20: on to stage check" in story

"""What a workflow must not depend on: the order of its keys, how many guards or branches there are, other stages."""

from __future__ import annotations

from typing import Any

import pytest

from sim import Scenario, simulate
from tests.mechanisms.chains import chain

Frame = Any
LOOP = {
    "draft": {"agent": "writer", "next": "check"},
    "check": {"agent": "reader", "next": {"fix": 0.5, "deliver": 0.5}, "max_passes": 3},
    "fix": {"agent": "mender", "next": "check"},
}


def events(scenario: Scenario) -> Frame:
    """The rows of one replication."""
    return simulate(scenario).events()


def looped(order: tuple[str, ...]) -> Scenario:
    """Drafts that are checked and mended, with the stages written in some order after the first."""
    agents = {"writer": {"success": 1}, "reader": {"success": 1}, "mender": {"success": 0}}
    return chain({name: LOOP[name] for name in order}, agents=agents, count=400)


@pytest.mark.mechanism("WL-12")
@pytest.mark.mechanism("D10")
def test_the_order_in_which_stages_are_written_changes_no_defect() -> None:
    """What was mended wrong stays wrong, and is thrown away only where the mending is done again."""
    counts = []
    for order in (("draft", "check", "fix"), ("draft", "fix", "check")):
        frame = events(looped(order))
        mended = frame[(frame.stage == "fix") & (frame.action == "attempted")].trace_id.unique()
        delivered = frame[(frame.next == "deliver") & frame.trace_id.isin(mended)]
        assert len(delivered) > 50
        assert (delivered.is_right == 0).all()
        assert (frame[(frame.next == "deliver") & ~frame.trace_id.isin(mended)].is_right == 1).all()
        counts.append(len(delivered))
    assert counts[0] == counts[1]


@pytest.mark.mechanism("RT-22")
def test_what_is_done_again_no_longer_has_the_defect_it_was_sent_back_for() -> None:
    stages = {
        "draft": {"agent": "writer", "next": "gate", "max_passes": 20},
        "gate": {"agent": "reader", "next": {"draft": 0.5, "deliver": 0.5}, "max_passes": 20},
    }
    agents = {"writer": {"success": 0.5}, "reader": {"success": 1}}
    frame = events(chain(stages, agents=agents, count=1000))
    last = frame[(frame.stage == "draft") & (frame.action == "attempted")].groupby("trace_id").last()
    delivered = frame[frame.next == "deliver"].set_index("trace_id").is_right
    assert (delivered == last.own_right.reindex(delivered.index)).all()


@pytest.mark.mechanism("RT-10")
def test_a_loop_inside_a_custom_topology_ends_with_the_attempts_of_its_role() -> None:
    steps = {
        "try": {"attempt": "writer", "output": "sure"},
        "sure": {"route": {"threshold": 1.0}, "confident": "deliver", "unsure": "try"},
    }
    agents = {"writer": {"success": 0.5, "max_attempts": 3}}
    frame = events(chain(0, agents=agents, topology={"kind": "custom", "steps": steps}, count=50))
    tried = frame[frame.action == "attempted"].groupby("trace_id").size()
    assert tried.max() == 3
    exhausted = frame[frame.reason == "attempts_exhausted"]
    assert len(exhausted) > 0
    assert set(exhausted.next) == {"execute"}


@pytest.mark.mechanism("RT-19")
def test_questions_at_a_stage_do_not_depend_on_the_stages_before_it() -> None:
    asks = {"probability": 0.5, "asks": "expert", "time": "1 s"}
    agents = {"writer": {"clarification": asks}, "expert": {}, "reader": {}}
    counts = []
    for stages in (
        {"last": {"agent": "writer"}},
        {"first": {"agent": "reader"}, "last": {"agent": "writer"}},
    ):
        frame = events(chain(stages, agents=agents, count=300))
        at_last = frame[(frame.stage == "last") & (frame.action == "clarified")]
        counts.append(at_last.groupby("trace_id").size().to_dict())
    assert counts[0] == counts[1]


@pytest.mark.mechanism("BE-06")
def test_a_budget_sees_the_model_that_assists_a_person() -> None:
    guards = {"budgets": {"day": {"money": 0.01, "period": "30 days", "strict": True}}}
    frame = events(chain(0, agents={"writer": {}}, topology="copilot", guards=guards, count=50))
    assert 0 < frame.inference.sum() <= 10_000_000
    assert (frame.guard == "budget.day").any()
    assert (frame[frame.action == "executed"].next == "deliver").all()


@pytest.mark.mechanism("RO-03")
def test_rows_name_their_guard_however_many_guards_there_are() -> None:
    agents = {
        f"a{number}": {"success": 1, "failures": {"transient": 1}, "retries": 0} for number in range(300)
    }
    agents["writer"] = {"success": 1}
    stages = {"first": {"agent": "a299"}}
    guards = {"breaker": {"calls": 2, "failures": 0.5, "open_for": "1 h"}, "person": "clerk"}
    # A role that takes no part has no breaker, so all of them stand in for each other.
    for number in range(299):
        agents[f"a{number + 1}"]["recovery"] = {"transient": [{"move": "peer", "role": f"a{number}"}]}
    frame = events(chain(stages, agents=agents, guards=guards, count=4))
    refused = frame[(frame.action == "refused") & (frame.reason == "circuit_open")]
    assert len(refused) > 0
    assert (refused.guard.astype(str) == "breaker." + refused.role.astype(str)).all()
    assert set(refused.branch) == {0}


@pytest.mark.mechanism("HX-01")
@pytest.mark.mechanism("D17")
@pytest.mark.parametrize("most", [0, 5])
def test_a_hand_over_to_a_peer_is_a_hop(most: int) -> None:
    ladder = {"kind": "escalation", "threshold": 1.0, "ladder": {"own": 0, "peers": 1, "peer": "reader"}}
    moved = {"failures": {"judgment": 1}, "recovery": {"judgment": [{"move": "peer", "role": "reader"}]}}
    for agents, topology in (({"writer": {}}, ladder), ({"writer": moved}, "autonomous")):
        roles = {**agents, "reader": {"success": 1}}
        frame = events(chain(0, agents=roles, topology=topology, guards={"max_hops": most}, count=200))
        peers = (frame.reason == "handed_to_peer").sum()
        assert (peers > 0) == (most > 0)
        assert frame.hop.max() == min(most, 1)
        assert (
            frame[(frame.role == "reader") & (frame.action == "attempted")]
            .trace_id.isin(frame[frame.reason == "handed_to_peer"].trace_id)
            .all()
        )

"""Mechanism rows RT-09, RT-23, RL-04: actions that land without acknowledgement, and faults of workflows counted."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.metrics import metric_of, tally
from sim.run import simulate
from sim.scenario import Scenario
from tests.statistics.family import Look, statistical

from .builders import BASE, SECOND, Frame, Values, cohort, endings, events, scenario

ONCE, TWICE = {"idempotent": True}, {"idempotent": False}
STAGES = {"draft": {}, "send": {"mutating": True}}
"""Two stages, of which the second one changes a system of record."""


def sending(agent: Values, topology: str = "autonomous", task: Values | None = None, **rest: Any) -> Scenario:
    """A letter is drafted, then sent."""
    return scenario(topology, agent=agent, task={"stages": STAGES, **(task or {})}, **rest)


def sent(agent: Values, **rest: Any) -> Frame:
    """Attempts at the stage that sends."""
    frame = cohort(events(sending(agent, **rest)))
    return frame[(frame.stage == "send") & (frame.action == "attempted")]


@pytest.mark.mechanism("RT-09")
@pytest.mark.mechanism("RL-04")
@statistical
def test_a_share_of_the_mutations_is_done_twice_unless_doing_so_is_the_same_as_once(look: Look) -> None:
    doubled, safe = (sent({"ack_loss": 0.2, **kind}, seed=look.seed) for kind in (TWICE, ONCE))
    lost = doubled[doubled.reason == "ack_lost"]
    look.share(len(lost), len(doubled), 0.2)
    assert (doubled.doubled == 1).sum() == len(lost)
    again = doubled[doubled.attempt > 1]
    assert again.doubled.eq(1).all()
    assert not (safe.doubled == 1).any()
    assert (safe.reason == "ack_lost").sum() == len(lost)


@pytest.mark.mechanism("RT-09")
def test_a_lost_acknowledgement_looks_like_a_transient_failure_and_is_tried_again_after_the_first_wait() -> (
    None
):
    agent = {"ack_loss": 0.3, "retries": {"first_wait": "6 s", "jitter": 0}}
    tries = sent(agent, seed=642).sort_values(["task", "step"])
    lost = tries[tries.reason == "ack_lost"]
    assert set(lost.outcome) == {"transient"}
    assert lost[["is_right", "theta"]].isna().all(axis=None)
    assert set(lost.next) == {"attempt"}
    gaps = (tries.queued - tries.groupby("task").ended.shift())[tries.attempt > 1]
    assert set(gaps) == {6 * SECOND}


@pytest.mark.mechanism("RT-09")
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_acknowledgements_at_the_limits_are_never_lost_or_until_no_attempt_is_left(share: float) -> None:
    tries = sent({"ack_loss": share, "max_attempts": 3, **TWICE})
    assert set(tries.groupby("task").size()) == ({3} if share else {1})
    assert set(tries.groupby("task").doubled.sum()) == ({2} if share else {0})
    assert (tries.groupby("task").next.last() == "deliver").all()


@pytest.mark.mechanism("RT-09")
def test_only_what_changes_a_system_of_record_without_a_person_in_between_can_be_doubled() -> None:
    frame = cohort(events(sending({"ack_loss": 0.5, **TWICE})))
    assert set(frame[frame.reason == "ack_lost"].stage) == {"send"}
    reviewed = cohort(events(sending({"ack_loss": 0.5, **TWICE}, "guardian")))
    assert not (reviewed.reason == "ack_lost").any()


@pytest.mark.mechanism("RT-09")
def test_each_double_does_its_damage_which_is_in_no_cost_line() -> None:
    plain, dear = (
        cohort(events(sending({"ack_loss": 0.3, "success": 1.0, **TWICE}, task=task)))
        for task in ({}, {"damage_if_doubled": 7})
    )
    assert plain.damage.isna().all()
    assert set(dear[dear.doubled == 1].damage) == {7_000_000_000}
    assert dear[dear.doubled != 1].damage.isna().all()
    assert (plain.tools.sum(), plain.inference.sum()) == (dear.tools.sum(), dear.inference.sum())


@pytest.mark.mechanism("RT-11")
@pytest.mark.mechanism("RT-09")
def test_a_look_at_the_ground_truth_comes_after_the_action_and_loses_no_fewer_acknowledgements() -> None:
    plain, looked = (
        cohort(events(sending({"ack_loss": 0.5, "success": 1.0, **TWICE}, **policies)))
        for policies in ({}, {"verification": {"detects": 1}})
    )
    for frame in (plain, looked):
        assert (frame.reason == "ack_lost").sum() == (plain.reason == "ack_lost").sum() > 0
        assert (frame.doubled == 1).sum() == (plain.doubled == 1).sum() > 0


# -- faults counted ---------------------------------------------------------------------------------------------

CHANNELS = {
    "draft": {"parallel": ["post", "mail"], "join": "close"}, "post": {"mutating": True},
    "mail": {"mutating": True, "agent": "mailer"}, "close": {},
}  # fmt: skip
FAULTS: dict[str, dict[str, Any]] = {
    "double_sends_per_1000": {"agent": {"ack_loss": 0.1, **TWICE}},
    "double_work_per_1000": {
        "agent": {"failures": {"transient": 0.2}, "retries": 50, "recovery": {"partial_work": 0.5}}
    },
    "repeated_escalations_per_1000": {
        "human": {"success": 0.7}, "topology": "escalation", "verification": {"detects": 1},
    },
    "partial_publishes_per_1000": {"mailer": {"failures": {"deterministic": 0.2}}},
    "failed_hand_offs_per_1000": {"misrouting": {"wrong_lane": 0.1, "missing_context": 0.1, "time": "1 min"}},
}  # fmt: skip
"""The count of each fault, and what alone brings it about."""


def counts(cause: dict[str, Any]) -> dict[str, float]:
    """Every count in a run with that cause."""
    cause = dict(cause)
    agent = {"success": 0.7, **cause.pop("agent", {})}
    workers = {"mailer": {**BASE["workers"]["extractor"], **cause.pop("mailer", {})}}
    of = scenario(
        cause.pop("topology", "autonomous"), agent=agent, task={"stages": CHANNELS}, horizon="20 min", workers=workers,
        **cause,
    )  # fmt: skip
    found = tally(of, simulate(of))
    return {name: metric_of(name).value(found) or 0.0 for name in FAULTS}


@pytest.mark.mechanism("RT-23")
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_a_workflow_has_its_own_count_and_only_its_cause_raises_it(fault: str) -> None:
    found = counts(FAULTS[fault])
    assert found[fault] > 20
    assert {name for name, count in found.items() if count} == {fault}


@pytest.mark.mechanism("RT-23")
def test_without_any_cause_no_fault_is_counted() -> None:
    assert set(counts({}).values()) == {0}


@pytest.mark.mechanism("RT-23")
@statistical
def test_a_publication_is_partial_where_one_channel_landed_and_the_other_failed(look: Look) -> None:
    workers = {"mailer": {**BASE["workers"]["extractor"], "failures": {"deterministic": 0.3}}}
    of = scenario("autonomous", task={"stages": CHANNELS}, workers=workers, seed=look.seed)
    frame = cohort(events(of))
    joined = frame[frame.action == "joined"]
    failed = joined[joined.reason == "branch_failed"]
    look.share(len(failed), len(joined), 0.3)
    assert set(failed.next) == {"fail"}
    posted = frame[(frame.stage == "post") & (frame.stage_end == 1)]
    assert set(failed.task) <= set(posted.task)
    assert (endings(frame).next == "fail").sum() == len(failed)

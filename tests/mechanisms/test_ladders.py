"""Mechanism rows RT-06 to RT-08, RT-10, RT-15, RT-20 in workflows: order, memory and limits of recovery."""

from __future__ import annotations

from typing import Any

import pytest

from sim.run import simulate
from sim.scenario import Scenario
from tests.statistics.family import Look, statistical

from .builders import FAILING, Frame, cohort, endings, events, scenario
from .failing import (
    CATEGORIES,
    TOOL,
    attempts_of,
    cost_per_success,
    frame_of,
    reasons_by_task,
    with_senior,
    work,
)

# -- the baseline, order, memory, limits ------------------------------------------------------------------------


@pytest.mark.mechanism("RT-06")
def test_trying_everything_again_costs_more_per_success_once_failures_stay_the_same() -> None:
    def cost(policy: str, **failures: float) -> float:
        return cost_per_success(
            work({"failures": failures, "retries": {"limit": 3, "policy": policy}}, seed=631)
        )

    designed, naive = (cost(policy, transient=0.1, deterministic=0.2) for policy in ("by_category", "naive"))
    assert naive > 1.3 * designed
    assert cost("naive", transient=0.3) == cost("by_category", transient=0.3)


@pytest.mark.mechanism("RT-06")
@pytest.mark.mechanism("RT-02")
def test_trying_everything_again_is_the_same_run_where_all_failures_are_transient() -> None:
    agents = [
        {"failures": {"transient": 0.3}, "retries": {"policy": policy}} for policy in ("naive", "by_category")
    ]
    assert simulate(work(agents[0])).digest == simulate(work(agents[1])).digest


@pytest.mark.mechanism("RT-06")
def test_the_naive_policy_tries_a_deterministic_failure_again_in_vain() -> None:
    frame = frame_of({"failures": {"deterministic": 0.3}, "retries": {"limit": 2, "policy": "naive"}})
    told = reasons_by_task(frame[frame.outcome == "deterministic"])
    assert set(told) == {("retried_unchanged", "retried_unchanged", "deterministic_failure")}


LADDER = [
    {"move": "other_parameters", "chance": 0.3, "cost": 0.01},
    {"move": "other_tool", "chance": 0.3, "cost": 0.10, "limit": 2},
    {"move": "narrower_task", "chance": 0.3, "cost": 1.00},
    {"move": "peer", "chance": 0.3, "cost": 5.00, "role": "senior"},
]
"""Moves that help equally often, cheapest first."""


def ladder(moves: list[Any]) -> Scenario:
    """Failures for good, and moves against them."""
    agent = {"failures": {"deterministic": 0.5}, "recovery": {"deterministic": moves}}
    return work(agent, seed=632, **with_senior())


@pytest.mark.mechanism("RT-07")
@statistical
def test_moves_come_in_the_order_written_each_as_often_as_its_limit(look: Look) -> None:
    told = reasons_by_task(cohort(events(ladder(LADDER), seed=look.seed)))
    order = ("other_parameters", "other_tool", "other_tool", "narrower_task", "handed_to_peer")
    failed = told[told.map(lambda reasons: reasons[0] == "other_parameters")]
    for reasons in failed:
        moves = tuple(reason for reason in reasons if reason in order)
        assert moves == order[: len(moves)]
    lost = failed[failed.map(lambda reasons: reasons[-1] == "deterministic_failure")]
    look.share(len(lost), len(failed), 0.7**5)


@pytest.mark.mechanism("RT-07")
def test_the_cheapest_move_first_is_the_cheapest_ladder_of_moves_that_help_alike() -> None:
    cheap, dear = cost_per_success(ladder(LADDER)), cost_per_success(ladder(LADDER[::-1]))
    assert cheap < 0.7 * dear


@pytest.mark.mechanism("RT-07")
def test_what_moves_cost_is_in_the_ledger_once_each() -> None:
    frame = cohort(events(ladder(LADDER)))
    price = {"other_parameters": 10, "other_tool": 100, "narrower_task": 1000, "handed_to_peer": 5000}
    spent = sum(int((frame.reason == name).sum()) * cost * 1_000_000 for name, cost in price.items())
    assert frame.tools.sum() == spent + TOOL * (frame.action == "attempted").sum()


@pytest.mark.mechanism("RT-07")
def test_what_moves_cost_is_in_the_ledger_even_where_the_run_ends_before_the_next_try() -> None:
    fix = {"move": "fix", "chance": 0.5, "cost": 0.5, "time": "10 min"}
    agent = {"failures": {"deterministic": 0.5}, "recovery": {"deterministic": [fix]}}
    frame = events(work(agent, drain_limit="0 s"))
    cut = frame[(frame.action == "unfinished") & (frame.tools > 0)]
    assert len(cut) > 100
    assert frame.tools.sum() == (
        TOOL * (frame.action == "attempted").sum() + 500_000_000 * (frame.reason == "fixed").sum()
    )


@pytest.mark.mechanism("RT-08")
@statistical
def test_without_memory_tries_repeat_half_of_the_work_and_more_of_them_are_needed(look: Look) -> None:
    def run(gain: float) -> tuple[Frame, float]:
        agent = {
            "success": 0.5, "failures": {"transient": 0.4},
            "recovery": {"partial_work": 0.5, "memory_gain": gain},
        }  # fmt: skip
        frame = frame_of(agent, seed=look.seed)
        tries = attempts_of(frame)
        return tries, len(tries) / ((frame.next == "deliver") & (frame.is_right == 1)).sum()

    (forgetful, per_success), (mindful, per_success_with_memory) = run(0.0), run(1.5)
    later = forgetful[forgetful.attempt > 1]
    look.share(int((later.doubled == 1).sum()), len(later), 0.5)
    assert (forgetful.doubled == 1).sum() == (later.doubled == 1).sum()
    assert not (mindful.doubled == 1).any()
    assert per_success_with_memory < per_success - 0.1


@pytest.mark.mechanism("RT-08")
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_partial_work_at_its_limits_is_never_or_always_done_twice(share: float) -> None:
    tries = attempts_of(frame_of({"failures": {"transient": 0.4}, "recovery": {"partial_work": share}}))
    later = tries[tries.attempt > 1]
    assert (later.doubled == 1).mean() == share


@pytest.mark.mechanism("RT-08")
def test_work_done_twice_in_part_does_no_damage_of_its_own() -> None:
    agent = {"success": 0.5, "failures": {"transient": 0.4}, "recovery": {"partial_work": 1}}
    frame = frame_of(agent, task={"damage_if_wrong": 5, "damage_if_doubled": 3})
    assert (frame.doubled == 1).any()
    assert set(frame.damage.dropna()) == {5_000_000_000}


@pytest.mark.mechanism("RT-10")
@pytest.mark.parametrize("most", [1, 2, 5])
def test_no_pass_through_a_stage_takes_more_attempts_than_allowed_whatever_the_moves(most: int) -> None:
    moves = [{"move": "retry", "limit": 9}]
    agent = {
        "failures": {"transient": 0.5, "judgment": 0.4}, "retries": 9, "max_attempts": most,
        "recovery": {"judgment": moves, "transient": moves},
    }  # fmt: skip
    frame = frame_of(agent)
    assert attempts_of(frame).groupby("task").size().max() == most
    lost = endings(frame)
    assert set(lost[lost.next == "fail"].reason) == {"attempts_exhausted"}


@pytest.mark.mechanism("RT-10")
def test_work_that_a_verification_sends_back_from_a_person_takes_no_more_attempts_either() -> None:
    of = work(
        {"success": 0.5, "max_attempts": 2}, "escalation", human={"success": 0.2}, verification={"detects": 1}
    )
    frame = cohort(events(of))
    assert attempts_of(frame).groupby("task").size().max() == 2
    back = frame[(frame.outcome == "flagged") & (frame.next == "execute")]
    assert len(back) > 100


@pytest.mark.mechanism("RT-10")
def test_a_limit_of_attempts_that_stops_nothing_is_not_the_reason() -> None:
    agent = {"failures": {"deterministic": 0.3, "governance": 0.3, "judgment": 0.3}, "max_attempts": 1}
    lost = endings(frame_of(agent)).query("next == 'fail'")
    assert set(lost.reason) == {"deterministic_failure", "governance_failure", "judgment_failure"}


@pytest.mark.mechanism("RT-10")
@pytest.mark.parametrize(("last", "following"), [("person", "execute"), ("block", "fail")])
def test_out_of_attempts_the_task_goes_where_the_last_move_sends_it(last: str, following: str) -> None:
    moves = [{"move": "retry", "limit": 50}, last]
    agent = {"failures": {"judgment": 1}, "max_attempts": 3, "recovery": {"judgment": moves}}
    stopped = attempts_of(frame_of(agent, "escalation")).query("attempt == 3")
    assert set(stopped.reason) == {"attempts_exhausted"}
    assert set(stopped.next) == {following}


@pytest.mark.mechanism("RT-15")
def test_every_failure_and_every_recovery_of_a_workflow_has_its_reason() -> None:
    recovery = {
        "transient": [{"move": "other_model", "role": "senior"}], "deterministic": [{"move": "fix", "chance": 0.5}],
        "judgment": [{"move": "richer_context", "chance": 0.5}, "block"], "governance": ["block"],
    }  # fmt: skip
    agent = {"failures": FAILING, "recovery": recovery, "max_attempts": 3}
    of = scenario("autonomous", agent=agent, task={"stages": {"draft": {}, "send": {}}}, **with_senior())
    frame = cohort(events(of))
    told = frame[frame.outcome.isin(CATEGORIES) | (frame.action == "recovered")]
    assert told.reason.notna().all()
    assert not set(told.reason) & {"none", "every_output", "confident"}
    lost = frame[frame.next == "fail"]
    counts = lost.reason.value_counts()
    assert set(counts.index) == {"blocked", "deterministic_failure", "attempts_exhausted"} | (
        set(counts.index) & {"retries_exhausted"}
    )
    assert counts.sum() == lost.task.nunique() == (endings(frame).status == "FAILED").sum()


@pytest.mark.mechanism("RT-20")
@pytest.mark.parametrize("rate", [0.0, 0.7, 1.0])
@statistical
def test_autonomy_rolls_back_and_recovers_alone_at_the_rate_set_without_people(
    look: Look, rate: float
) -> None:
    move = {"move": "roll_back", "chance": rate, "time": "5 min"}
    agent = {"failures": {"deterministic": 0.4}, "recovery": {"deterministic": [move]}}
    frame = cohort(events(work(agent), seed=look.seed))
    hit = set(frame[frame.outcome == "deterministic"].task)
    ends = endings(frame)
    ends = ends[ends.task.isin(hit)]
    look.share(int((ends.next == "deliver").sum()), len(ends), rate)
    assert set(frame[frame.outcome == "deterministic"].reason) == {"rolled_back"}
    people = frame[["human_execution", "human_review", "rework"]]
    assert people.sum().sum() == 0

"""Mechanism rows RT: visible failures, what is tried again, and when it stops."""

from __future__ import annotations

from typing import Any

import pytest

from tests.statistics.family import FIRST_SEED, Look, statistical

from .builders import (
    FAILING,
    SECOND,
    Frame,
    cohort,
    endings,
    events,
    first_attempts,
    rows,
    scenario,
)

CATEGORIES = ("deterministic", "governance", "transient", "judgment")
"""In the order in which an attempt tests them."""


def attempts(topology: str = "autonomous", seed: int = FIRST_SEED, **agent: Any) -> Frame:
    """Attempts at the tasks of an hour."""
    return cohort(rows(scenario(topology, agent=agent, seed=seed), "attempted"))


def gaps(frame: Frame) -> dict[int, Frame]:
    """Ticks from the end of the 1st, 2nd, ... attempt to the next joining of the queue, by task."""
    table = frame.pivot(index="task", columns="attempt", values=["ended", "queued"])
    count = int(frame.attempt.max())
    return {number: table["queued"][number + 1] - table["ended"][number] for number in range(1, count)}


@pytest.mark.mechanism("RT-01")
@pytest.mark.mechanism("D8")
@pytest.mark.parametrize("spread", [0.0, 2.0])
@statistical
def test_first_attempts_fail_in_each_category_with_its_rate_given_that_no_earlier_one_hit(
    look: Look, spread: float
) -> None:
    agent = {"success": {"mean": 0.8, "spread": spread}, "failures": FAILING}
    outcome = first_attempts(cohort(events(scenario("autonomous", agent=agent), seed=look.seed))).outcome
    left = len(outcome)
    for category in CATEGORIES:
        hits = int((outcome == category).sum())
        look.share(hits, left, FAILING[category])
        left -= hits
    assert set(outcome) - set(CATEGORIES) == {"right", "wrong"}


@pytest.mark.mechanism("RT-01")
@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_category_at_its_limits_never_or_always_hits(category: str, rate: float) -> None:
    outcome = attempts(failures={category: rate}).outcome
    assert set(outcome) == ({category} if rate else {"right", "wrong"})


@pytest.mark.mechanism("RT-01")
@pytest.mark.mechanism("D8")
def test_a_visible_failure_has_one_category_and_no_output() -> None:
    frame = attempts("guardian", failures=FAILING)
    failed = frame[frame.outcome.isin(CATEGORIES)]
    assert failed[["is_right", "theta", "theta_raw"]].isna().all(axis=None)
    assert frame[~frame.outcome.isin(CATEGORIES)][["is_right", "theta", "theta_raw"]].notna().all(axis=None)


@pytest.mark.mechanism("RT-01")
@pytest.mark.mechanism("D28")
def test_deterministic_and_governance_failures_are_drawn_once_for_a_task_not_once_a_revision() -> None:
    frame = attempts("guardian", success=0.1, failures={"deterministic": 0.3, "governance": 0.3})
    hit = frame.outcome.isin(["deterministic", "governance"])
    assert frame.attempt.max() == 3
    assert set(frame[hit].attempt) == {1}


@pytest.mark.mechanism("RT-01")
@pytest.mark.mechanism("D28")
def test_judgment_fails_on_the_harder_tasks() -> None:
    success = {"mean": 0.7, "spread": 2}
    plain = first_attempts(attempts(success=success)).is_right
    gave_up = first_attempts(attempts(success=success, failures={"judgment": 0.3})).outcome == "judgment"
    assert plain[gave_up].mean() < plain[~gave_up].mean() - 0.1


@pytest.mark.mechanism("RT-02")
@pytest.mark.parametrize("limit", [0, 1, 2, 5])
@statistical
def test_with_k_retries_a_share_of_1_minus_p_to_the_k_plus_1_gets_an_output(look: Look, limit: int) -> None:
    agent = {"failures": {"transient": 0.4}, "retries": limit}
    ends = endings(cohort(events(scenario("autonomous", agent=agent), seed=look.seed)))
    look.share(int((ends.status == "AUTO_COMMITTED").sum()), len(ends), 1 - 0.4 ** (limit + 1))
    assert ends.attempt.max() == limit + 1


@pytest.mark.mechanism("RT-02")
def test_waits_without_jitter_are_exactly_2_4_and_8_seconds() -> None:
    waits = gaps(attempts(failures={"transient": 0.6}, retries={"limit": 3, "jitter": 0}))
    assert [set(waits[number].dropna()) for number in waits] == [{2 * SECOND}, {4 * SECOND}, {8 * SECOND}]


@pytest.mark.mechanism("RT-02")
def test_the_first_wait_and_the_growth_are_as_written() -> None:
    waits = gaps(
        attempts(
            failures={"transient": 0.6},
            retries={"limit": 3, "first_wait": "10 s", "growth": 1.5, "jitter": 0},
        )
    )
    assert [set(waits[number].dropna()) for number in waits] == [
        {10 * SECOND},
        {15 * SECOND},
        {22.5 * SECOND},
    ]


@pytest.mark.mechanism("RT-02")
@pytest.mark.parametrize("jitter", [0.1, 1.0])
@statistical
def test_jitter_moves_waits_evenly_within_its_share(look: Look, jitter: float) -> None:
    rule = {"limit": 2, "jitter": jitter}
    waits = gaps(attempts(seed=look.seed, failures={"transient": 0.6}, retries=rule))
    for number, wait in ((1, 2 * SECOND), (2, 4 * SECOND)):
        shift = (waits[number].dropna() / wait - 1) / jitter
        assert shift.abs().max() <= 1 + 1e-6
        assert shift.min() < -0.95
        assert shift.max() > 0.95
        look.share(int((shift > 0).sum()), len(shift), 0.5)


@pytest.mark.mechanism("RT-02")
def test_a_waiting_retry_leaves_its_position_to_others_and_rejoins_at_the_back() -> None:
    agent = {
        "positions": 1,
        "concurrency": 1,
        "work_time": "2 s",
        "failures": {"transient": 0.5},
        "retries": {"jitter": 0},
    }
    frame = rows(scenario("autonomous", agent=agent, drain_limit="0 s"), "attempted").sort_values("started")
    assert frame.started.head(500).diff().dropna().eq(2 * SECOND).all()
    assert frame.queued.is_monotonic_increasing
    between = frame.started[frame.attempt == 2] - frame.queued[frame.attempt == 2]
    assert between.max() > 60 * SECOND


@pytest.mark.mechanism("RT-02")
@pytest.mark.mechanism("RT-15")
@pytest.mark.parametrize("category", ["deterministic", "judgment", "governance"])
def test_only_transient_failures_are_tried_again(category: str) -> None:
    frame = attempts(failures={category: 0.5})
    assert frame.attempt.max() == 1
    assert set(frame[frame.outcome == category].reason) == {f"{category}_failure"}


@pytest.mark.mechanism("RT-10")
@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_stage_exceeds_max_attempts_and_says_why_it_stopped(most: int) -> None:
    frame = attempts(failures={"transient": 0.7}, retries=10, max_attempts=most)
    assert frame.attempt.max() == most
    last = frame[(frame.attempt == most) & (frame.outcome == "transient")]
    assert len(last) > 100
    assert set(last.reason) == {"attempts_exhausted"}
    assert set(last.next) == {"fail"}


@pytest.mark.mechanism("RT-10")
def test_attempts_count_across_retries_and_revisions() -> None:
    agent = {"success": 0.1, "failures": {"transient": 0.3}, "retries": 10, "max_attempts": 4}
    human = {"review": {"catch_rate": 1, "false_reject": 0}}
    frame = cohort(events(scenario({"kind": "guardian", "max_revisions": 50}, agent=agent, human=human)))
    tries = frame[frame.action == "attempted"].groupby("task").size()
    assert tries.max() == 4
    assert (frame[frame.action == "attempted"].attempt <= 4).all()


@pytest.mark.mechanism("RT-10")
@pytest.mark.mechanism("RT-15")
def test_an_output_that_may_not_be_tried_again_for_its_attempts_says_so_not_that_revisions_ran_out() -> None:
    human = {"review": {"catch_rate": 1, "false_reject": 0}}
    of = scenario(
        {"kind": "guardian", "max_revisions": 5}, agent={"success": 0.1, "max_attempts": 2}, human=human
    )
    rejected = cohort(rows(of, "reviewed")).query("outcome == 'rejected'")
    assert len(rejected) > 100
    assert set(rejected.reason) == {"attempts_exhausted"}


@pytest.mark.mechanism("RT-15")
@pytest.mark.mechanism("MA-17")
def test_every_failed_task_has_a_reason_and_the_reasons_sum_to_the_failures() -> None:
    ends = endings(cohort(events(scenario("autonomous", agent={"failures": FAILING, "max_attempts": 2}))))
    failed = ends[ends.status == "FAILED"]
    known = {"attempts_exhausted", "deterministic_failure", "judgment_failure", "governance_failure"}
    counts = failed.reason.value_counts()
    assert set(counts.index) == known
    assert counts.sum() == (ends.next == "fail").sum() == len(failed)
    assert "retries_exhausted" in set(
        endings(cohort(events(scenario("autonomous", agent={"failures": FAILING})))).reason
    )


@pytest.mark.mechanism("RT-18")
@pytest.mark.mechanism("D2")
@statistical
def test_what_is_reported_as_done_and_is_wrong_is_the_silent_error(look: Look) -> None:
    ends = endings(
        cohort(events(scenario("autonomous", agent={"success": 0.7, "failures": FAILING}, seed=look.seed)))
    )
    reported = ends[ends.next == "deliver"]
    look.share(int((reported.is_right == 0).sum()), len(reported), 0.3)
    assert reported.is_right.notna().all()
    sure = endings(
        cohort(events(scenario("autonomous", agent={"success": 1.0, "failures": FAILING}), seed=look.seed))
    )
    assert (sure[sure.next == "deliver"].is_right == 1).all()


@pytest.mark.mechanism("D3")
def test_failed_tasks_cost_what_was_spent_on_them() -> None:
    frame = cohort(events(scenario("autonomous", agent={"failures": {"deterministic": 1.0}})))
    ends = endings(frame)
    assert set(ends.status) == {"FAILED"}
    assert (ends.inference > 0).all()
    assert (ends.tools == 2_000_000).all()

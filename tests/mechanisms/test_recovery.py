"""Mechanism rows RT-01 to RT-05 and RT-07 in workflows: what follows a visible failure of each category."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim import maths
from sim.rules.failures import FailureRates, compile_failures
from sim.rules.success import SuccessBySpread, compile_success
from tests.statistics.family import Look, statistical

from .builders import FAILING, SECOND, Frame, cohort, endings, events, scenario
from .failing import CATEGORIES, SENIOR, SURE, TOOL, attempts_of, frame_of, with_senior, work

# -- categories and retries -------------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-01")
@statistical
def test_stages_fail_in_each_category_with_its_rate_given_that_no_earlier_one_hit(look: Look) -> None:
    of = scenario(
        "autonomous", agent={"failures": FAILING}, task={"stages": {"draft": {}, "send": {}}}, seed=look.seed
    )
    frame = cohort(events(of))
    for stage in ("draft", "send"):
        outcome = frame[(frame.stage == stage) & (frame.action == "attempted") & (frame.attempt == 1)].outcome
        left = len(outcome)
        for category in CATEGORIES:
            hits = int((outcome == category).sum())
            look.share(hits, left, FAILING[category])
            left -= hits


@pytest.mark.mechanism("RT-01")
@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_category_at_its_limits_never_or_always_hits_a_stage(category: str, rate: float) -> None:
    frame = frame_of({"failures": {category: rate}})
    assert set(attempts_of(frame).outcome) == ({category} if rate else {"right", "wrong"})
    assert set(endings(frame).next) == ({"fail"} if rate else {"deliver"})


@pytest.mark.mechanism("RT-02")
@pytest.mark.parametrize("limit", [0, 1, 3])
@statistical
def test_with_k_retries_a_share_of_1_minus_p_to_the_k_plus_1_passes_the_stage(look: Look, limit: int) -> None:
    frame = cohort(events(work({"failures": {"transient": 0.4}, "retries": limit}), seed=look.seed))
    ends = endings(frame)
    look.share(int((ends.next == "deliver").sum()), len(ends), 1 - 0.4 ** (limit + 1))
    assert set(ends[ends.next == "fail"].reason) == {"retries_exhausted"}


@pytest.mark.mechanism("RT-02")
def test_waits_between_tries_at_a_stage_are_exactly_those_of_the_schedule() -> None:
    agent = {
        "failures": {"transient": 0.6},
        "retries": {"limit": 3, "first_wait": "3 s", "growth": 3, "jitter": 0},
    }
    tries = attempts_of(frame_of(agent))
    gaps = tries.queued - tries.groupby("task").ended.shift()
    for attempt, seconds in ((2, 3), (3, 9), (4, 27)):
        assert set(gaps[tries.attempt == attempt]) == {seconds * SECOND}


def share_with_an_output(spread: float, limit: int, seed: int) -> tuple[int, int]:
    """Tasks that get an output, and tasks, where judgment failures are tried again `limit` times."""
    agent = {
        "success": {"mean": 0.8, "spread": spread}, "failures": {"judgment": 0.4},
        "retries": {"limit": limit, "policy": "naive"},
    }  # fmt: skip
    ends = endings(cohort(events(work(agent), seed=seed)))
    return int((ends.next == "deliver").sum()), len(ends)


@pytest.mark.mechanism("RT-02")
@pytest.mark.mechanism("D28")
@statistical
def test_retries_succeed_as_if_independent_only_without_a_shared_hardness(look: Look) -> None:
    independent = 1 - 0.4**3
    hits, count = share_with_an_output(0.0, 2, look.seed)
    look.share(hits, count, independent)
    hits, count = share_with_an_output(2.0, 2, look.seed)
    assert stats.binomtest(hits, count, independent, alternative="less").pvalue < 1e-9
    curve = compile_failures(
        FailureRates(judgment=0.4), compile_success(SuccessBySpread(mean=0.8, spread=2.0))
    )
    hardness = np.linspace(-9, 9, 4001)
    weights = stats.norm.pdf(hardness)
    fails = curve.judgment_probability(hardness, maths.block)
    look.share(hits, count, float(1 - (weights * fails**3).sum() / weights.sum()))


@pytest.mark.mechanism("RT-02")
@pytest.mark.mechanism("D28")
@pytest.mark.parametrize("spread", [0.0, 2.0])
@statistical
def test_wrong_work_that_is_tried_again_is_right_less_often_the_more_hardness_is_shared(
    look: Look, spread: float
) -> None:
    agent = {"success": {"mean": 0.6, "spread": spread}, "max_attempts": 3}
    ends = endings(cohort(events(work(agent, verification={"detects": 1}), seed=look.seed)))
    hits, count = int((ends.next == "deliver").sum()), len(ends)
    hardness = np.linspace(-9, 9, 4001)
    weights = stats.norm.pdf(hardness)
    curve = compile_success(SuccessBySpread(mean=0.6, spread=spread))
    wrong = 1 - curve.probability(curve.logit(hardness, maths.block), maths.block) / 1e9
    look.share(hits, count, float(1 - (weights * wrong**3).sum() / weights.sum()))
    look.share(hits, count, 1 - 0.4**3, differs=spread > 0.0)


# -- deterministic, judgment, governance ------------------------------------------------------------------------


@pytest.mark.mechanism("RT-03")
@pytest.mark.parametrize("chance", [0.0, 0.6, 1.0])
@statistical
def test_a_deterministic_failure_is_fixed_before_it_is_tried_again_or_stays_blocked(
    look: Look, chance: float
) -> None:
    fix = {"move": "fix", "chance": chance, "time": "7 min", "cost": 0.5}
    agent = {"failures": {"deterministic": 0.3}, "recovery": {"deterministic": [fix, "block"]}}
    frame = frame_of(agent, seed=look.seed)
    tries = attempts_of(frame)
    hit = tries[tries.outcome == "deterministic"]
    look.share(len(hit), tries.task.nunique(), 0.3)
    assert set(hit.attempt) == {1}
    assert set(hit.reason) == {"fixed"}
    again = tries[tries.attempt == 2].set_index("task")
    look.share(len(again), len(hit), chance)
    assert (again.queued - hit.set_index("task").ended.reindex(again.index)).eq(420 * SECOND).all()
    blocked = frame[frame.action == "recovered"]
    assert len(blocked) == len(hit) - len(again)
    assert set(blocked.reason) <= {"blocked"}
    assert set(blocked.next) <= {"fail"}
    # Every fix is paid once, on the row that follows it, whether it helped or not.
    assert frame.tools.sum() == TOOL * len(tries) + 500_000_000 * len(hit)
    assert set(again.tools) <= {TOOL + 500_000_000}
    assert set(blocked.tools) <= {500_000_000}


@pytest.mark.mechanism("RT-03")
def test_the_owner_of_a_dependency_is_asked_and_without_any_move_the_task_goes_to_the_person() -> None:
    failures = {"deterministic": 1.0}
    asked = frame_of({"failures": failures, "recovery": {"deterministic": ["ask_owner"]}})
    assert set(attempts_of(asked)[attempts_of(asked).attempt == 1].reason) == {"owner_asked"}
    assert set(endings(asked).next) == {"deliver"}
    told = endings(frame_of({"failures": failures}, "escalation"))
    assert set(told.role) == {"clerk"}


@pytest.mark.mechanism("RT-04")
def test_each_judgment_failure_is_followed_by_the_next_named_move_and_then_by_a_person() -> None:
    named = ["richer_context", "narrower_task", "other_tool", {"move": "peer", "role": "senior"}, "person"]
    agent = {"failures": {"judgment": 0.6}, "recovery": {"judgment": named}}
    frame = frame_of(agent, "escalation", **with_senior({"failures": {"judgment": 0.6}}))
    failed = attempts_of(frame)
    failed = failed[failed.outcome == "judgment"]
    order = ["richer_context", "narrower_task", "other_tool", "handed_to_peer", "judgment_failure"]
    place = failed.groupby("task").cumcount()
    assert (failed.reason == place.map(dict(enumerate(order)))).all()
    assert set(failed[place == 4].next) == {"execute"}
    assert set(failed[place == 4].role) == {"senior"}
    assert (place == 4).sum() > 100


@pytest.mark.mechanism("RT-04")
@statistical
def test_a_move_with_gain_lowers_failures_and_errors_and_a_richer_context_is_read_and_paid(
    look: Look,
) -> None:
    def run(**values: Any) -> Frame:
        move = {"move": "richer_context", **values}
        agent = {"success": 0.6, "failures": {"judgment": 0.5}, "recovery": {"judgment": [move]}}
        return attempts_of(frame_of(agent, seed=look.seed))

    plain, helped = run(), run(gain=2, more_input=3)
    first, second = (frame[frame.attempt == 2] for frame in (plain, helped))
    assert (first.task.to_numpy() == second.task.to_numpy()).all()
    look.share(int((first.outcome == "judgment").sum()), len(first), 0.5)
    eased = 1 / (1 + np.exp(2))  # from even odds, two logits down
    look.share(int((second.outcome == "judgment").sum()), len(second), eased)
    right, right_helped = (frame[frame.is_right.notna()].is_right.mean() for frame in (first, second))
    assert right_helped > right + 0.15
    assert (second.input_tokens.to_numpy() == 3 * first.input_tokens.to_numpy()).all()


@pytest.mark.mechanism("RT-05")
@pytest.mark.parametrize(
    ("moves", "after"),
    [([], {"clerk"}), (["person"], {"clerk"}), ([{"move": "peer", "role": "senior"}], {"senior"})],
)
def test_nobody_tries_again_after_a_failure_for_governance_but_another_role(
    moves: list[Any], after: set[str]
) -> None:
    agent = {"failures": {"governance": 0.4}, "recovery": {"governance": moves}, **SURE}
    frame = frame_of(agent, "escalation", **with_senior({"failures": {"governance": 1.0}, **SURE}))
    tries = attempts_of(frame)
    hit = set(tries[(tries.outcome == "governance") & (tries.role == "extractor")].task)
    assert len(hit) > 1000
    later = (
        frame[frame.task.isin(hit) & frame.role.notna()].sort_values("step").groupby("task").role.agg(list)
    )
    assert {roles[0] for roles in later} == {"extractor"}
    assert all("extractor" not in roles[1:] for roles in later)
    assert {roles[1] for roles in later} == after


@pytest.mark.mechanism("RT-07")
@pytest.mark.mechanism("RT-05")
def test_whoever_stands_in_and_fails_hands_on_to_the_next_of_the_moves_of_whom_it_stands_in_for() -> None:
    peers = [{"move": "peer", "role": "senior"}, {"move": "peer", "role": "expert"}, "person"]
    agent = {"failures": {"judgment": 1.0}, "recovery": {"judgment": peers}}
    lost = {**SENIOR, "failures": {"judgment": 1.0}}
    of = work(agent, "escalation", workers={"senior": lost, "expert": lost})
    tries = attempts_of(cohort(events(of)))
    assert set(tries.groupby("task").role.agg(tuple)) == {("extractor", "senior", "expert")}
    told = {("handed_to_peer", "handed_to_peer", "judgment_failure")}
    assert set(tries.groupby("task").reason.agg(tuple)) == told


@pytest.mark.mechanism("RT-07")
@statistical
def test_whoever_stands_in_has_retries_of_its_own(look: Look) -> None:
    move = {"move": "other_model", "role": "senior"}
    agent = {"failures": {"transient": 1.0}, "retries": 1, "recovery": {"transient": [move]}}
    of = work(agent, seed=look.seed, **with_senior({"failures": {"transient": 0.5}, "retries": 2}))
    tries = attempts_of(cohort(events(of)))
    assert set(tries[tries.role == "extractor"].groupby("task").size()) == {2}
    ends = tries.groupby("task").next.last()
    look.share(int((ends == "deliver").sum()), len(ends), 1 - 0.5**3)


@pytest.mark.mechanism("RT-07")
def test_a_role_that_comes_in_at_two_places_of_a_stage_tries_anew_each_time() -> None:
    agent = {"failures": {"judgment": 1.0}, "recovery": {"judgment": [{"move": "peer", "role": "senior"}]}}
    climb = {"kind": "escalation", "threshold": 0.95, "ladder": {"own": 0, "peer": "senior", "peers": 1}}
    frame = frame_of(agent, climb, **with_senior({"success": 0.5}))
    tries = attempts_of(frame)
    second = tries[(tries.role == "senior") & (tries.attempt == 2)].set_index("task")
    first = tries[(tries.role == "senior") & (tries.attempt == 1)].set_index("task").reindex(second.index)
    assert len(second) > 1000
    assert (first.theta != second.theta).all()
    assert not tries.duplicated(["task", "role", "attempt"]).any()

"""Mechanism rows HI: people who review and repair what agents made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.statistics.family import FIRST_SEED, Look, statistical

from .builders import (
    FAILING,
    MINUTE,
    SECOND,
    Frame,
    cohort,
    endings,
    events,
    rows,
    scenario,
)

HALF_RIGHT = {"success": 0.5}


def reviews(
    agent: dict[str, Any] | None = None,
    human: dict[str, Any] | None = None,
    seed: int = FIRST_SEED,
    **shape: Any,
) -> Frame:
    """Rows of the reviewed tasks of an hour under guardian."""
    of = scenario({"kind": "guardian", **shape}, agent=agent or HALF_RIGHT, human=human, seed=seed)
    return cohort(events(of))


def verdicts(frame: Frame) -> Frame:
    """The reviews alone."""
    return frame[frame.action == "reviewed"]


@pytest.mark.mechanism("HI-02")
def test_outputs_wait_for_reviewers_in_the_order_they_came() -> None:
    human = {"positions": 60, "review": {"catch_rate": 0, "false_reject": 0}}
    frame = rows(scenario("guardian", human=human), "reviewed").sort_values(["started", "queued"])
    waits = frame.started - frame.queued
    assert (waits >= 0).all()
    assert waits.max() > MINUTE
    assert frame.queued.is_monotonic_increasing


@pytest.mark.mechanism("HI-02")
def test_the_queue_serves_the_lowest_priority_number_first() -> None:
    types = {"urgent": {"arrivals": {"process": "deterministic", "every": "10 s"}, "priority": 0}}
    frame = rows(
        scenario("human_only", tasks=types, human={"positions": 100, "work_time": "2 min"}), "executed"
    )
    waits = (frame.started - frame.queued).groupby(frame.type).max()
    assert waits["urgent"] <= 2 * MINUTE < waits["invoice"]


@pytest.mark.mechanism("HI-03")
def test_approved_rejected_and_revised_are_all_reviews_and_each_has_its_next_step() -> None:
    checked = verdicts(reviews(revise_share=0.6))
    follow = checked.groupby(["outcome", "next"]).size()
    assert set(follow.index) == {("approved", "deliver"), ("rejected", "execute"), ("revised", "attempt")}
    assert follow.sum() == len(checked)


@pytest.mark.mechanism("HI-03")
@pytest.mark.parametrize("most", [0, 1, 2, 4])
def test_an_output_is_sent_back_at_most_max_revisions_times(most: int) -> None:
    frame = reviews({"success": 0.1}, max_revisions=most)
    assert verdicts(frame).query("outcome == 'revised'").groupby("task").size().max() == (
        most or pytest.approx(float("nan"), nan_ok=True)
    )
    assert verdicts(frame).attempt.max() == most + 1
    rejected = verdicts(frame).query("outcome == 'rejected'")
    assert set(rejected.reason) == {"revisions_exhausted" if most else "rejected"}


@pytest.mark.mechanism("HI-03")
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
@statistical
def test_a_caught_output_is_revised_with_the_written_share(look: Look, share: float) -> None:
    caught = verdicts(reviews(revise_share=share, max_revisions=100, seed=look.seed)).query(
        "outcome != 'approved'"
    )
    revised = int((caught.outcome == "revised").sum())
    look.share(revised, len(caught), share)


@pytest.mark.mechanism("HI-03")
def test_work_done_again_after_a_rejection_is_booked_as_rework_and_other_work_is_not() -> None:
    frame = reviews({"success": 0.5, "failures": FAILING}, max_revisions=0)
    rejected = set(frame[frame.outcome == "rejected"].task)
    done = frame[frame.action == "executed"]
    assert 0 < len(rejected) < len(done)
    assert (done.task.isin(rejected) == (done.rework > 0)).all()
    assert ((done.rework > 0) != (done.human_execution > 0)).all()


@pytest.mark.mechanism("HI-04")
@pytest.mark.mechanism("D14")
@pytest.mark.parametrize(("catch_rate", "false_reject"), [(0.9, 0.05), (0.6, 0.3), (0.0, 0.0), (1.0, 1.0)])
@statistical
def test_the_confusion_table_of_reviews_has_both_rates(
    look: Look, catch_rate: float, false_reject: float
) -> None:
    checked = verdicts(
        reviews(human={"review": {"catch_rate": catch_rate, "false_reject": false_reject}}, seed=look.seed)
    )
    for truth, rate in ((0, catch_rate), (1, false_reject)):
        of = checked[checked.is_right == truth]
        caught = int((of.outcome != "approved").sum())
        assert len(of) > 500
        look.share(caught, len(of), rate)


@pytest.mark.mechanism("HI-04")
@pytest.mark.mechanism("D14")
def test_perfect_people_let_no_error_escape() -> None:
    agent = {"success": {"mean": 0.6, "spread": 2}, "failures": FAILING, "schema_invalid": 0.1}
    frame = reviews(agent, {"success": 1.0, "review": {"catch_rate": 1, "false_reject": 0}})
    assert (endings(frame).is_right == 1).all()


@pytest.mark.mechanism("HI-10")
@pytest.mark.parametrize("draft_help", [1.0, 2.5])
def test_a_draft_shortens_the_work_of_those_who_have_one_by_the_written_factor(draft_help: float) -> None:
    agent = {"success": 0.5, "failures": {"judgment": 0.3}}
    done = cohort(events(scenario(agent=agent, human={"work_time": "10 min", "draft_help": draft_help})))
    failed = done[done.reason == "judgment_failure"].task
    work = done[done.action == "executed"]
    ticks = work.ended - work.started
    assert set(ticks[work.task.isin(failed)]) == {10 * MINUTE}
    assert set(ticks[~work.task.isin(failed)]) == {10 * MINUTE / draft_help}


@pytest.mark.mechanism("HI-10")
@statistical
def test_escalated_tasks_end_as_the_person_ends_them(look: Look) -> None:
    frame = cohort(events(scenario(agent=HALF_RIGHT), seed=look.seed))
    ends = endings(frame)[lambda end: end.action == "executed"]
    assert len(ends) > 1000
    assert set(ends.status) == {"SUCCESS"}
    look.share(int(ends.is_right.sum()), len(ends), 0.95)


@pytest.mark.mechanism("HI-14")
@statistical
def test_a_review_takes_90_seconds_on_average_unless_it_is_written(look: Look) -> None:
    written = scenario("guardian").tree()
    del written["workers"]["clerk"]["review_time"]
    checked = verdicts(cohort(events(type(scenario()).from_tree(written), seed=look.seed)))
    look.mean(checked.ended - checked.started, 90 * SECOND)


@pytest.mark.mechanism("HI-14")
@pytest.mark.mechanism("HI-10")
def test_help_from_a_draft_does_not_shorten_reviews() -> None:
    checked = verdicts(reviews(human={"review_time": "90 s", "draft_help": 3}))
    assert set(checked.ended - checked.started) == {90 * SECOND}


@pytest.mark.mechanism("HI-19")
@pytest.mark.mechanism("D14")
@pytest.mark.parametrize("success", [0.0, 0.98, 1.0])
@statistical
def test_what_people_do_wrong_is_delivered_as_an_error_of_theirs(look: Look, success: float) -> None:
    done = rows(scenario("human_only", human={"success": success}), "executed", seed=look.seed)
    assert set(done.next) == {"deliver"}
    right = int(done.is_right.sum())
    look.share(right, len(done), success)


@pytest.mark.mechanism("D28")
@statistical
def test_a_revision_shares_the_hardness_so_it_is_right_less_often_than_an_independent_try(look: Look) -> None:
    human = {"review": {"catch_rate": 1, "false_reject": 0}}
    hits = []
    for spread in (0.0, 3.0):
        frame = reviews({"success": {"mean": 0.6, "spread": spread}}, human, max_revisions=1, seed=look.seed)
        second = frame[(frame.action == "attempted") & (frame.attempt == 2)]
        hits.append((int(second.is_right.sum()), len(second)))
    look.share(*hits[0], 0.6)
    look.share(*hits[1], 0.6, differs=True)
    assert hits[1][0] < 0.6 * hits[1][1]


@pytest.mark.mechanism("D28")
def test_a_gain_in_logits_makes_revisions_right_more_often_and_first_tries_the_same() -> None:
    human = {"review": {"catch_rate": 1, "false_reject": 0}}
    plain, better = (
        reviews({"success": {"mean": 0.5, "spread": 1}}, human, revision_gain=gain).query(
            "action == 'attempted'"
        )
        for gain in (0, 2)
    )
    first = [frame[frame.attempt == 1].set_index("task").is_right for frame in (plain, better)]
    assert first[0].equals(first[1])
    second = [frame[frame.attempt == 2].set_index("task").is_right for frame in (plain, better)]
    assert (second[1] >= second[0]).all()
    assert second[1].mean() > second[0].mean() + 0.2

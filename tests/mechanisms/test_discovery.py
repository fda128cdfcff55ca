"""Mechanism rows RT-11, RT-17, RT-18, RT-22, BE-11, WL-14: the ground truth, looked at in time or found later."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.metrics import by_worker, metric_of, tally
from sim.run import simulate
from sim.scenario import Scenario
from tests.statistics.family import Look, statistical

from .builders import (
    BASE,
    BILLION,
    MINUTE,
    SECOND,
    Frame,
    Values,
    cohort,
    endings,
    events,
    scenario,
)

FOUND = {"by": "clerk", "delay": "10 min", "correction_time": "15 min"}
"""Every wrong delivery is found ten minutes later, and corrected in fifteen."""
POSITIONS = {"draft": {}, "send": {"agent": "sender"}}


def work(agent: Values | None = None, topology: str = "autonomous", **rest: Any) -> Scenario:
    """The base as a workflow of one stage; a share of .7 of the outputs is right."""
    task = {"stages": {"work": {}}, **rest.pop("task", {})}
    return scenario(topology, agent={"success": 0.7, **(agent or {})}, task=task, **rest)


def found_later(rule: Values, agent: Values | None = None, task: Values | None = None, **rest: Any) -> Frame:
    """Rows of an hour's tasks whose wrong deliveries come to light by that rule."""
    return cohort(events(work(agent, task={"discovery": {**FOUND, **rule}, **(task or {})}, **rest)))


def delivered(frame: Frame) -> Frame:
    """Rows that deliver, by task."""
    return frame[frame.next == "deliver"].set_index("task").sort_index()


def verdicts(frame: Frame, action: str) -> Frame:
    """Rows of one action."""
    return frame[frame.action == action]


# -- verification -----------------------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-11")
@pytest.mark.parametrize("detects", [0.0, 0.8, 1.0])
@statistical
def test_silent_errors_fall_by_the_detection_probability(look: Look, detects: float) -> None:
    rule = {"detects": detects, "then": "person", "time": "20 s", "cost": 0.03}
    frame = cohort(
        events(work(topology="escalation", human={"success": 1.0}, verification=rule), seed=look.seed)
    )
    checked = verdicts(frame, "verified")
    first = checked.groupby("task").head(1)
    wrong = first[first.is_right == 0]
    look.share(int((wrong.outcome == "flagged").sum()), len(wrong), detects)
    assert set(first[first.is_right == 1].outcome) == {"passed"}
    ends = delivered(frame)
    assert (ends.is_right == 0).sum() == (wrong.outcome == "passed").sum()
    assert set(checked.verification) == {30_000_000}
    assert set(checked.ended - checked.started) == {20 * SECOND}
    assert frame[frame.action != "verified"].verification.isna().all()


@pytest.mark.mechanism("RT-11")
def test_what_a_verification_finds_is_done_again_as_rework_by_the_person() -> None:
    of = work(topology="escalation", human={"success": 1.0}, verification={"detects": 1, "then": "person"})
    frame = cohort(events(of))
    flagged = frame[frame.outcome == "flagged"]
    assert set(flagged.reason) == {"verification_failed"}
    assert set(flagged.next) == {"execute"}
    redone = frame[(frame.action == "executed") & frame.task.isin(flagged.task)]
    assert (redone.rework > 0).all()
    assert (redone.human_execution == 0).all()


@pytest.mark.mechanism("RT-11")
@statistical
def test_what_goes_back_to_the_agent_until_it_passes_leaves_w_times_1_minus_d_over_1_minus_w_times_d(
    look: Look,
) -> None:
    frame = cohort(events(work({"success": 0.6}, verification={"detects": 0.5}, seed=look.seed)))
    assert set(frame[frame.outcome == "flagged"].next) == {"attempt"}
    ends = delivered(frame)
    look.share(int((ends.is_right == 0).sum()), len(ends), 0.4 * 0.5 / (1 - 0.4 * 0.5))


@pytest.mark.mechanism("RT-11")
@statistical
def test_checking_after_the_action_is_cheaper_than_a_persons_approval_before_and_catches_as_much(
    look: Look,
) -> None:
    human = {"success": 1.0, "review": {"catch_rate": 0.9, "false_reject": 0}}
    approved = work(topology="guardian", human=human)
    verified = work(verification={"detects": 0.9, "cost": 0.05})
    by_person, by_look = (tally(of, simulate(of, look.seed)) for of in (approved, verified))
    cost = metric_of("cpst")
    assert (cost.value(by_look) or 0) < 0.5 * (cost.value(by_person) or 0)
    again = 0.3 * 0.9  # wrong and seen: done once more, by the agent twice at most under guardian
    for found, rounds in ((by_person, 1 + again + again**2), (by_look, 1 / (1 - again))):
        look.share(found.cohort.wrong, found.cohort.delivered, 0.3 * 0.1 * rounds)


# -- silent failure, found later --------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-18")
@pytest.mark.parametrize("probability", [0.0, 0.4, 1.0])
@statistical
def test_a_silent_error_comes_to_light_with_its_probability_after_its_delay(
    look: Look, probability: float
) -> None:
    frame = found_later({"probability": probability}, seed=look.seed)
    ends = delivered(frame)
    silent = ends[ends.is_right == 0]
    look.share(len(silent), len(ends), 0.3)
    found = verdicts(frame, "discovered").set_index("task")
    assert set(found.index) <= set(silent.index)
    look.share(len(found), len(silent), probability)
    assert set(found.tick - silent.tick.reindex(found.index)) <= {10 * MINUTE}
    assert set(found.reason) <= {"discovered"}


@pytest.mark.mechanism("RT-18")
def test_right_deliveries_are_never_discovered_and_a_task_has_one_end() -> None:
    frame = found_later({})
    assert set(verdicts(frame, "discovered").is_right) == {0}
    assert frame[frame.next.isin(["deliver", "fail"])].groupby("task").size().eq(1).all()


@pytest.mark.mechanism("RT-18")
@pytest.mark.mechanism("BE-11")
def test_a_corrected_task_is_right_at_the_end_but_was_a_wrong_delivery() -> None:
    of = work(task={"discovery": FOUND, "damage_if_wrong": 40})
    frame = cohort(events(of))
    corrected, ends = verdicts(frame, "corrected"), delivered(frame)
    assert set(corrected.is_right) == {1}
    assert set(corrected.status) == {"SUCCESS"}
    assert len(corrected) == (ends.is_right == 0).sum()
    assert set(ends[ends.is_right == 0].damage) == {40_000_000_000}
    found = tally(of, simulate(of))
    assert found.cohort.right == found.cohort.delivered == found.cohort.ended
    assert found.cohort.wrong > 0


@pytest.mark.mechanism("BE-11")
def test_a_correction_takes_its_minutes_from_the_pool_of_the_people_who_make_it() -> None:
    frame = found_later({}, human={"positions": 3}, drain_limit="0 s")
    corrected = verdicts(frame, "corrected").sort_values("started")
    assert set(corrected.ended - corrected.started) == {15 * MINUTE}
    assert set(corrected.role) == {"clerk"}
    assert set(corrected.position) == {1, 2, 3}
    assert (corrected.started - corrected.queued).max() > 20 * MINUTE
    assert set(corrected.correction) == {34 * BILLION // 4}
    people = corrected[["human_execution", "human_review", "rework"]]
    assert people.sum().sum() == 0


@pytest.mark.mechanism("BE-11")
def test_without_a_time_of_its_own_a_correction_takes_as_long_as_the_work() -> None:
    rule = {key: value for key, value in FOUND.items() if key != "correction_time"}
    of = work(task={"discovery": rule}, human={"work_time": "7 min"})
    corrected = verdicts(cohort(events(of)), "corrected")
    assert set(corrected.ended - corrected.started) == {7 * MINUTE}


@pytest.mark.mechanism("BE-11")
def test_what_a_correction_costs_is_booked_on_the_worker_whose_error_it_was() -> None:
    workers = {"sender": {**BASE["workers"]["extractor"], "success": 0.9}}
    of = scenario(
        "autonomous", agent={"success": 0.7}, task={"stages": POSITIONS, "discovery": FOUND}, workers=workers
    )
    log = simulate(of)
    frame = log.events()
    corrected = frame[frame.action == "corrected"]
    found = frame[frame.action == "discovered"].groupby("born", observed=True).size()
    assert found["draft"] > found["send"] > 0
    booked: dict[Any, Any] = dict.fromkeys(of.workers, 0.0)
    for row in by_worker([tally(of, log)]):
        booked[row["role"]] += row["correction"]
    first = frame[(frame.action == "attempted") & (frame.own_right == 0)].groupby("task").head(1)
    in_cohort = first[first.task < 3599]
    for role in ("extractor", "sender"):
        assert booked[role] == pytest.approx(8.5 * (in_cohort.role == role).sum())
    assert booked["clerk"] == 0
    assert set(corrected.correction) == {8_500_000_000}


# -- reopening --------------------------------------------------------------------------------------------------

REOPEN = {"then": "reopen"}


@pytest.mark.mechanism("WL-14")
@pytest.mark.parametrize("probability", [0.0, 0.4, 1.0])
@statistical
def test_wrong_deliveries_and_only_they_are_opened_again_with_their_probability(
    look: Look, probability: float
) -> None:
    frame = found_later({**REOPEN, "probability": probability}, seed=look.seed)
    ends, found = delivered(frame), verdicts(frame, "discovered")
    wrong = ends[ends.is_right == 0]
    look.share(len(found), len(wrong), probability)
    assert set(found.task) <= set(wrong.index)
    assert set(found.reason) <= {"reopened"}
    assert set(found.status) <= {"REOPENED"}
    again = frame[frame.next == "redeliver"]
    assert set(again.task) == set(found.task)


@pytest.mark.mechanism("WL-14")
def test_a_reopened_task_may_be_sent_back_as_often_again_as_a_new_one() -> None:
    """A verification sends it back to where the defect was born: once before its delivery, once after it."""
    of = scenario(
        "autonomous", agent={"success": 0}, seed=662,
        task={
            "stages": {"draft": {"max_passes": 2}, "send": {"max_passes": 2, "verification": {"detects": 0.5}}},
            "discovery": {**FOUND, **REOPEN},
        },
    )  # fmt: skip
    frame = cohort(events(of))
    opened = set(verdicts(frame, "discovered").task)
    passes = frame[frame.task.isin(opened) & (frame.stage == "draft")].groupby("task")["pass"].max()
    assert passes.max() == 4


@pytest.mark.mechanism("WL-14")
def test_the_row_of_a_correction_counts_the_passes_of_its_own_stage() -> None:
    """It is booked at the last stage; a task that was delivered before it never came there."""
    of = scenario(
        "autonomous", agent={"success": 0.7}, seed=663,
        task={
            "stages": {"draft": {"next": {"draft": 0.4, "send": 0.3, "deliver": 0.3}}, "send": {}},
            "discovery": FOUND,
        },
    )  # fmt: skip
    frame = cohort(events(of))
    corrected = verdicts(frame, "corrected").set_index("task").sort_index()
    came = frame[(frame.stage == "send") & (frame.action == "attempted")].groupby("task")["pass"].max()
    assert set(corrected.stage) == {"send"}
    assert corrected["pass"].isna().any()
    assert (corrected["pass"].fillna(0) == came.reindex(corrected.index).fillna(0)).all()


@pytest.mark.mechanism("WL-14")
@statistical
def test_a_task_that_is_opened_again_goes_through_its_stages_anew_and_ends_as_it_ends_then(
    look: Look,
) -> None:
    of = scenario(
        "autonomous", agent={"success": 0.7}, seed=look.seed,
        task={"stages": {"draft": {}, "send": {}}, "discovery": {**FOUND, **REOPEN}},
    )  # fmt: skip
    frame = cohort(events(of))
    opened = set(verdicts(frame, "discovered").task)
    passes = frame[frame.task.isin(opened) & (frame.action == "attempted")]
    assert set(passes.groupby("task")["pass"].agg(tuple)) == {(1, 1, 2, 2)}
    assert set(passes[(passes["pass"] == 2) & (passes.stage == "draft")].inherited) == {0}
    again = frame[frame.next == "redeliver"]
    look.share(int((again.is_right == 1).sum()), len(again), 0.49)


@pytest.mark.mechanism("WL-14")
def test_a_task_that_fails_after_it_was_opened_again_has_been_delivered_once_and_has_not_failed() -> None:
    frame = found_later(REOPEN, {"failures": {"transient": 0.4}, "retries": 0})
    opened = frame[frame.task.isin(verdicts(frame, "discovered").task)]
    lost = opened[(opened.reason == "retries_exhausted")]
    assert len(lost) > 100
    assert opened[opened.next.isin(["deliver", "fail"])].groupby("task").size().eq(1).all()
    assert not (opened.next == "fail").any()


# -- the last mile and the quality gate -------------------------------------------------------------------------


@pytest.mark.mechanism("RT-17")
@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0])
@statistical
def test_the_landed_ratio_falls_with_the_last_mile_and_what_was_spent_upstream_is_sunk(
    look: Look, rate: float
) -> None:
    workers = {
        "sender": {**BASE["workers"]["extractor"], "success": 1.0, "failures": {"deterministic": rate}}
    }
    of = scenario("autonomous", agent={"success": 1.0}, task={"stages": POSITIONS}, workers=workers)
    log = simulate(of, seed=look.seed)
    found = tally(of, log)
    landed, sunk = metric_of("landed_ratio").value(found), metric_of("sunk_per_task").value(found)
    tasks = found.cohort.tasks
    assert landed is not None
    look.share(round(landed * tasks), tasks, 1 - rate)
    frame = cohort(log.events())
    lost = frame[frame.task.isin(frame[frame.next == "fail"].task)]
    upstream = lost[lost.stage == "draft"]
    spent = (lost.inference + lost.tools).sum() / BILLION
    assert sunk == pytest.approx(spent / tasks)
    assert len(upstream) == lost.task.nunique()
    assert (upstream.inference + upstream.tools).sum() / BILLION >= 0.4 * spent


@pytest.mark.mechanism("RT-22")
@statistical
def test_a_hard_gate_demotes_eight_of_ten_and_the_rework_is_booked(look: Look) -> None:
    human = {"review": {"catch_rate": 1, "false_reject": 0}, "success": 1.0}
    of = scenario(
        {"kind": "guardian", "max_revisions": 0}, agent={"success": 0.2}, human=human,
        task={"stages": {"draft": {}}}, seed=look.seed,
    )  # fmt: skip
    frame = cohort(events(of))
    gate = verdicts(frame, "reviewed")
    demoted = gate[gate.outcome == "rejected"]
    look.share(len(demoted), len(gate), 0.8)
    redone = verdicts(frame, "executed")
    assert set(redone.task) == set(demoted.task)
    assert (redone.rework > 0).all()
    assert set(endings(frame).is_right) == {1}

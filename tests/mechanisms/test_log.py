"""Mechanism rows MA: the log is complete, ordered, and says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.run import simulate
from sim.topology import KINDS

from .builders import FAILING, Frame, endings, events, scenario

AGENT = {"success": {"mean": 0.6, "spread": 1}, "failures": FAILING, "schema_invalid": 0.02, "positions": 2}
LEGAL = {
    "ASSIGNED": {
        "RETRYING",
        "AUTO_COMMITTED",
        "AWAITING_AUDIT",
        "ESCALATED",
        "SUCCESS",
        "FAILED",
        "UNFINISHED",
    },
    "RETRYING": {"RETRYING", "AUTO_COMMITTED", "AWAITING_AUDIT", "ESCALATED", "FAILED", "UNFINISHED"},
    "AWAITING_AUDIT": {"SUCCESS", "REVISING", "ESCALATED", "UNFINISHED"},
    "REVISING": {"RETRYING", "AWAITING_AUDIT", "ESCALATED", "UNFINISHED"},
    "ESCALATED": {"SUCCESS", "UNFINISHED"},
    "AUTO_COMMITTED": set(),
    "SUCCESS": set(),
    "FAILED": set(),
    "UNFINISHED": set(),
}
"""Statuses that may follow a status."""


@pytest.fixture(scope="module", params=KINDS)
def frame(request: pytest.FixtureRequest) -> Frame:
    """The rows of a topology in which every kind of row appears, people included who are too few."""
    return events(scenario(request.param, agent=AGENT, human={"positions": 300}, drain_limit="2 min"))


def of_tasks(frame: Frame) -> Frame:
    """Rows of tasks, by trace."""
    return frame[frame.type.notna()].sort_values(["trace_id", "seq"], kind="stable")


@pytest.mark.mechanism("MA-01")
def test_rows_are_numbered_without_gaps_in_the_order_of_the_clock(frame: Frame) -> None:
    assert frame.seq.tolist() == list(range(len(frame)))
    assert frame.tick.is_monotonic_increasing
    assert (frame.tick == frame.ended).all()


@pytest.mark.mechanism("MA-01")
@pytest.mark.mechanism("MA-02")
def test_the_steps_of_every_trace_count_from_1_without_gaps(frame: Frame) -> None:
    tasks = of_tasks(frame)
    assert (tasks.step == tasks.groupby("trace_id").cumcount() + 1).all()
    assert set(tasks[tasks.step == 1].action) == {"arrived"}
    assert (tasks.trace_id == tasks.type + "-" + tasks.task.astype(int).astype(str)).all()


@pytest.mark.mechanism("MA-02")
def test_attempts_count_the_starts_of_one_activity(frame: Frame) -> None:
    work = of_tasks(frame).query("action in ['attempted', 'executed', 'reviewed']")
    assert (work.attempt == work.groupby(["trace_id", "action"]).cumcount() + 1).all()


@pytest.mark.mechanism("MA-17")
def test_the_cause_of_a_row_is_the_row_before_it_in_its_trace(frame: Frame) -> None:
    tasks = of_tasks(frame)
    before = tasks.groupby("trace_id").seq.shift()
    assert tasks.cause_seq.equals(before.rename("cause_seq"))
    assert (tasks.cause_seq.dropna() < tasks.seq[tasks.cause_seq.notna()]).all()


@pytest.mark.mechanism("CR-01")
def test_nobody_works_on_a_task_that_was_not_assigned_to_the_role_by_the_row_before(
    frame: Frame,
) -> None:
    work = frame[frame.cause_seq.notna()]
    cause = frame.loc[work.cause_seq.astype(int)]
    assert cause.assigned.tolist() == work.role.tolist()
    assert cause.trace_id.tolist() == work.trace_id.tolist()
    assert (cause.tick.to_numpy() <= work.started.fillna(work.ended).to_numpy()).all()


@pytest.mark.mechanism("CR-08")
def test_the_statuses_of_every_task_follow_each_other_legally(frame: Frame) -> None:
    tasks = of_tasks(frame)
    pairs = set(zip(tasks.status, tasks.groupby("trace_id").status.shift(-1), strict=True))
    assert {pair for pair in pairs if pair[1] == pair[1] and pair[1] not in LEGAL[pair[0]]} == set()
    assert all(not LEGAL[status] for status in set(endings(frame).status))


@pytest.mark.mechanism("MA-17")
@pytest.mark.mechanism("RT-15")
def test_every_row_has_a_reason_and_a_task_that_goes_on_has_somebody_to_go_to(frame: Frame) -> None:
    assert not set(frame.reason) & {None, "none"}
    tasks = of_tasks(frame)
    goes_on = tasks.next.isin(["attempt", "execute", "review"])
    assert (tasks.assigned.notna() == goes_on).all()
    assert (goes_on == ~tasks.index.isin(endings(frame).index)).all()


@pytest.mark.mechanism("MA-15")
def test_work_starts_after_it_was_queued_and_no_person_does_two_things_at_once(frame: Frame) -> None:
    work = frame[frame.started.notna()]
    assert (work.queued <= work.started).all()
    assert (work.started <= work.ended).all()
    people = work[work.role == "clerk"].sort_values(["position", "started", "ended"])
    idle = people.started - people.groupby("position").ended.shift()
    assert (idle.dropna() >= 0).all()


@pytest.mark.mechanism("D4")
def test_every_cost_is_on_the_line_of_what_was_done(frame: Frame) -> None:
    lines = {
        "attempted": {"inference", "tools"},
        "reviewed": {"human_review"},
        "executed": {"inference", "human_execution", "rework"},
    }
    for action, rows in frame[frame.action != "unfinished"].groupby("action"):
        booked = {
            name
            for name in ("inference", "tools", "human_execution", "human_review", "rework")
            if rows[name].any()
        }
        assert booked <= lines.get(action, set())
    people = frame[frame.action.isin(["executed", "reviewed"])]
    assert (people[["human_execution", "human_review", "rework"]].gt(0).sum(axis=1) == 1).all()


@pytest.mark.mechanism("MA-01")
def test_the_log_has_the_facts_of_the_playbooks_execution_log(frame: Frame) -> None:
    needed = {
        "seq", "trace_id", "role", "step", "action", "details", "theta", "started", "ended", "tick",
        "input_tokens", "output_tokens",
    }  # fmt: skip
    assert needed <= set(frame.columns)


@pytest.mark.mechanism("MA-03")
def test_a_saved_log_reads_back_as_the_log_of_the_run(tmp_path: Path) -> None:
    of = scenario("guardian", agent=AGENT, drain_limit="2 min")
    live, written, folded = (
        simulate(of),
        simulate(of, out=tmp_path / "log.parquet"),
        simulate(of, log="folded"),
    )
    assert live.digest == written.digest == folded.digest
    for saved in (written, live.save(tmp_path / "again.parquet")):
        for name in next(live.blocks()).columns:
            before, after = (np.concatenate([block[name] for block in log.blocks()]) for log in (live, saved))
            assert np.array_equal(before, after)


@pytest.mark.mechanism("HI-10")
def test_tasks_that_people_finish_are_successes_of_status_and_no_other_row_is() -> None:
    frame = events(scenario("guardian", agent=AGENT, drain_limit="2 min"))
    by_person = frame.action.isin(["executed", "reviewed"]) & (frame.next == "deliver")
    assert ((frame.status == "SUCCESS") == by_person).all()

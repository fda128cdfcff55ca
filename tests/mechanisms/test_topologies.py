"""Mechanism rows TP: who does a task and who checks it, on the same tasks and draws."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.run import simulate
from sim.scenario import Scenario
from tests.statistics.family import Data, Look, statistical

from .builders import (
    BASE,
    BILLION,
    FAILING,
    SECOND,
    Frame,
    cohort,
    endings,
    events,
    first_attempts,
    human_ticks,
    scenario,
)

AGENT = {
    "success": {"mean": 0.7, "spread": 1.5},
    "failures": FAILING,
    "schema_invalid": 0.02,
    "tool_errors": 0.02,
}


def minutes_of_execution(frame: Frame) -> Frame:
    """Ticks of each execution by task."""
    done = frame[frame.action == "executed"].set_index("task").sort_index()
    return done.ended - done.started


@pytest.mark.mechanism("TP-01")
def test_a_copilot_takes_the_baselines_minutes_over_the_factor_on_every_task() -> None:
    alone = minutes_of_execution(cohort(events(scenario("human_only"))))
    assisted = minutes_of_execution(cohort(events(scenario("copilot"))))
    assert assisted.tolist() == [round(ticks / 1.35) for ticks in alone.astype(int)]
    assert 1.2 <= alone.sum() / assisted.sum() <= 1.5


@pytest.mark.mechanism("TP-01")
def test_under_copilot_no_task_ends_without_a_person_and_the_model_costs_little() -> None:
    frame = cohort(events(scenario("copilot")))
    assert set(endings(frame).action) == {"executed"}
    done = frame[frame.action == "executed"]
    assert (done.inference > 0).all()
    assert done.inference.sum() < 0.01 * done.human_execution.sum()
    assert set(done.model) == {"example-model"}


@pytest.mark.mechanism("TP-02")
def test_a_guardian_commits_nothing_that_no_person_approved_or_did() -> None:
    frame = events(scenario("guardian", agent=AGENT))
    delivered = frame[frame.next == "deliver"]
    assert set(delivered.action) == {"reviewed", "executed"}
    assert set(delivered[delivered.action == "reviewed"].outcome) == {"approved"}


@pytest.mark.mechanism("TP-02")
def test_a_guardians_throughput_is_at_most_what_its_reviewers_can_read() -> None:
    human = {"positions": 5, "review_time": "90 s", "review": {"catch_rate": 0, "false_reject": 0}}
    frame = events(scenario("guardian", human=human, drain_limit="0 s"))
    assert 5 * 40 - 10 <= (frame.next == "deliver").sum() <= 5 * 40


@pytest.mark.mechanism("TP-03")
def test_under_escalation_theta_and_value_in_the_log_explain_where_every_task_went() -> None:
    frame = events(scenario({"kind": "escalation", "threshold": 0.9, "value_limit": 800}, agent=AGENT))
    values = frame[frame.action == "arrived"].set_index("task").value
    decided = frame[(frame.action == "attempted") & (frame.status != "RETRYING")]
    is_dear = values[decided.task].to_numpy() > 80_000
    is_sure = (decided.theta >= 0.9 * BILLION) & decided.is_right.notna()
    expected = np.where(~is_dear & is_sure, "AUTO_COMMITTED", "ESCALATED")
    assert decided.status.tolist() == expected.tolist()
    assert set(cohort(endings(frame)).status) == {"AUTO_COMMITTED", "SUCCESS"}


@pytest.mark.mechanism("TP-04")
def test_an_autonomous_pipeline_uses_no_human_minute_and_its_failures_end_failed() -> None:
    frame = events(scenario("autonomous", agent=AGENT))
    assert human_ticks(frame) == 0
    assert frame[["human_execution", "human_review", "rework"]].to_numpy().sum() == 0
    assert set(frame.role.dropna()) == {"extractor"}
    ends = cohort(endings(frame))
    assert set(ends.status) == {"AUTO_COMMITTED", "FAILED"}
    assert (ends.is_right.isna() == (ends.status == "FAILED")).all()


@pytest.mark.mechanism("TP-04")
@pytest.mark.mechanism("RT-18")
@statistical
def test_an_autonomous_pipeline_leaks_more_errors_than_escalation_on_the_same_tasks(look: Look) -> None:
    excess = []
    for replication in range(30):
        wrong = []
        for kind in ("autonomous", "escalation"):
            frame = cohort(
                events(
                    scenario(kind, task={"arrivals": {"process": "deterministic", "every": "10 s"}}),
                    seed=look.seed,
                    replication=replication,
                )
            )
            wrong.append(int((endings(frame).is_right == 0).sum()))
        excess.append(wrong[0] - wrong[1])

    def p_value(data: Data) -> float:
        """Of a mean that is not above 0."""
        return float(stats.ttest_1samp(data, 0.0, alternative="greater").pvalue)

    look.compare(excess, p_value, differs=True)


@pytest.mark.mechanism("TP-05")
def test_under_human_only_every_task_is_done_once_by_a_person_and_costs_nothing_else() -> None:
    frame = cohort(events(scenario("human_only")))
    assert frame.groupby("task").action.apply(list).map(tuple).unique().tolist() == [("arrived", "executed")]
    assert frame[["inference", "tools", "human_review", "rework"]].to_numpy().sum() == 0
    assert (frame[frame.action == "executed"].human_execution > 0).all()


@pytest.mark.mechanism("MR-02")
@pytest.mark.mechanism("D34")
@pytest.mark.parametrize("kind", ["escalation", "guardian"])
def test_a_clerk_draws_the_same_minutes_and_result_for_a_task_under_every_topology(kind: str) -> None:
    alone, other = (cohort(events(scenario(of, agent=AGENT))) for of in ("human_only", kind))
    same = minutes_of_execution(other)
    assert len(same) > 500
    assert (minutes_of_execution(alone)[same.index] == same).all()
    right = [frame[frame.action == "executed"].set_index("task").is_right for frame in (alone, other)]
    assert (right[0][right[1].index] == right[1]).all()


@pytest.mark.mechanism("MR-02")
@pytest.mark.mechanism("D34")
def test_first_attempts_are_the_same_under_every_topology_and_threshold() -> None:
    kinds: list[Any] = ["escalation", {"kind": "escalation", "threshold": 0.2}, "guardian", "autonomous"]
    facts = ["started", "ended", "outcome", "theta_raw", "theta", "input_tokens", "inference", "tools"]
    lists = [first_attempts(cohort(events(scenario(kind, agent=AGENT))))[facts] for kind in kinds]
    assert all(lists[0].equals(other) for other in lists[1:])


def renamed_for_display(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with other words for people to read."""
    tree["name"], tree["description"] = "Another name", "What it is about"
    tree["tasks"]["invoice"]["label"] = "Invoices"
    tree["workers"]["clerk"] |= {"label": "Clerks", "description": "People"}
    return tree


def with_unused_workers(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with roles that no step names, before and after the others in the alphabet."""
    tree["workers"] = {
        "zealot": copy.deepcopy(tree["workers"]["clerk"]),
        **tree["workers"],
        "adviser": copy.deepcopy(tree["workers"]["extractor"]),
    }
    return tree


def reversed_keys(part: Any) -> Any:
    """The tree with the keys of every mapping in the opposite order."""
    return {key: reversed_keys(part[key]) for key in reversed(part)} if isinstance(part, dict) else part


def with_an_unused_calendar(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with a calendar that nobody keeps."""
    tree["calendars"]["weekend"] = {"days": "Sat-Sun", "hours": "10:00-16:00"}
    return tree


@pytest.mark.mechanism("MR-02")
@pytest.mark.parametrize("kind", ["copilot", "guardian", "escalation"])
@pytest.mark.parametrize(
    "change", [renamed_for_display, with_unused_workers, reversed_keys, with_an_unused_calendar]
)
def test_what_does_not_matter_changes_no_byte_of_the_log(kind: str, change: Any) -> None:
    tree = copy.deepcopy(BASE)
    tree["topology"]["kind"] = kind
    tree["tasks"]["order"] = {"arrivals": {"process": "poisson", "rate": "500 / h"}}
    assert (
        simulate(Scenario.from_tree(change(copy.deepcopy(tree)))).digest
        == simulate(Scenario.from_tree(tree)).digest
    )


@pytest.mark.parametrize("change", [renamed_for_display, reversed_keys])
def test_what_is_only_for_display_changes_no_scenario_digest(change: Any) -> None:
    assert Scenario.from_tree(change(copy.deepcopy(BASE))).digest() == Scenario.from_tree(BASE).digest()


@pytest.mark.mechanism("MR-02")
def test_more_people_start_work_earlier_and_change_no_draw() -> None:
    few, many = (cohort(events(scenario(human={"positions": count}))) for count in (30, 2000))
    assert (minutes_of_execution(few) == minutes_of_execution(many)).all()
    done = [frame[frame.action == "executed"].set_index("task").sort_index() for frame in (few, many)]
    assert (done[0].is_right == done[1].is_right).all()
    assert (done[0].started >= done[1].started).all()
    assert (done[0].started - done[1].started).max() > 60 * SECOND

"""Defects in chains: where they are born, how they travel, who sees them, and what reaches the end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from analysis.theory import cascade_failure_risk
from sim.maths import scalar
from sim.rules.success import SuccessBySpread, compile_success
from tests.statistics.family import Look, statistical

from .builders import BILLION, endings
from .chains import CALL_COST, COUNT, chain, delivered_wrong, outputs_at, spent, story

FIVE = ("s1", "s2", "s3", "s4", "s5")


def agents(**values: Any) -> dict[str, Any]:
    """The one agent of a chain with other values."""
    return {"writer": values}


# -- the analytic risk ------------------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-13")
def test_the_risk_of_a_chain_is_one_minus_the_product_of_what_is_safe() -> None:
    assert cascade_failure_risk([0.05] * 5) == pytest.approx(0.22621906, abs=5e-9)
    assert cascade_failure_risk([]) == 0.0
    assert cascade_failure_risk([0.2, 1.0, 0.3]) == 1.0


@pytest.mark.mechanism("TP-09")
@pytest.mark.mechanism("D10")
@pytest.mark.parametrize("error", [0.0, 0.05, 0.4, 1.0])
@statistical
def test_an_unguarded_chain_of_five_delivers_as_much_wrong_as_the_formula_says(
    look: Look, error: float
) -> None:
    frame = story(chain(5, count=3000, agents=agents(success=1 - error)), count=3000, seed=look.seed)
    look.share(delivered_wrong(frame).sum(), 3000, cascade_failure_risk([error] * 5))


def joint_risk(success: float, spread: float, stages: int) -> float:
    """1 - E of the product of the stages' success, whose hardness is shared: an oracle by Gauss-Hermite quadrature.

    sqrt(.5) of the hardness belongs to the task; the parts of the stage and of the model at it are independent.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    low, high = -40.0, 40.0
    for _ in range(200):
        level = (low + high) / 2
        mean = weights @ (1 / (1 + np.exp(-(level - spread * nodes))))
        low, high = (level, high) if mean < success else (low, level)
    hardness = math.sqrt(0.5) * nodes[:, None] + math.sqrt(0.5) * nodes[None, :]
    at_stage = (1 / (1 + np.exp(-(level - spread * hardness)))) @ weights
    return float(1 - weights @ at_stage**stages)


@pytest.mark.mechanism("RT-14")
@pytest.mark.mechanism("D6")
@statistical
def test_shared_hardness_lowers_the_risk_of_a_chain_to_the_quadratures_value(look: Look) -> None:
    skill = {"mean": 0.9, "spread": 1.5}
    frame = story(chain(5, count=4000, agents=agents(success=skill)), count=4000, seed=look.seed)
    joint = joint_risk(0.9, 1.5, 5)
    assert joint < cascade_failure_risk([0.1] * 5) - 0.03
    look.share(delivered_wrong(frame).sum(), 4000, joint)
    level = compile_success(SuccessBySpread.model_validate(skill)).logit(0.0, scalar)
    assert 2.0 < level < 4.0


@pytest.mark.mechanism("RT-14")
@pytest.mark.mechanism("D6")
@statistical
def test_gates_bring_what_is_delivered_below_the_risk_of_the_chain(look: Look) -> None:
    stages = {**{name: {} for name in FIVE[:4]}, "s5": {"approval": {"review": "all", "max_revisions": 0}}}
    of = chain(stages, agents=agents(success=0.9), human={"review": {"catch_rate": 0.8}})
    frame = story(of, seed=look.seed)
    has_defect = frame[frame.agent_failed == 1].task.nunique()
    look.share(has_defect, COUNT, cascade_failure_risk([0.1] * 5))
    assert delivered_wrong(frame).sum() < 0.5 * has_defect


# -- stages of agents -------------------------------------------------------------------------------------------


@pytest.mark.mechanism("D7")
@statistical
def test_a_stage_fails_once_after_its_own_retries_tiers_and_validator(look: Look) -> None:
    small = {"agent": "writer", "threshold": 0}
    tiers = {"kind": "cascade", "agent": None, "human": None, "tiers": [small, "large"]}
    roles = {
        "writer": {"success": 0.6, "failures": {"transient": 0.3}, "retries": 1},
        "large": {"success": 0.7},
    }
    of = chain(3, topology=tiers, agents=roles, validator={"sensitivity": 1, "specificity": 1}, count=2000)
    frame = story(of, count=2000, seed=look.seed)
    marked = frame[frame.agent_failed.notna()]
    assert (marked.groupby(["task", "stage"]).size() == 1).all()
    first = marked[marked.stage == "s1"]
    right = (1 - 0.3**2) * 0.6
    assert len(first) == 2000
    look.share((first.agent_failed == 1).sum(), 2000, (1 - right) * 0.3)


@pytest.mark.mechanism("D7")
@statistical
def test_people_are_no_agent_stages_and_what_comes_in_wrong_is_left_out_of_a_stages_own_risk(
    look: Look,
) -> None:
    stages = {"s1": {}, "s2": {}, "s3": {"topology": {"kind": "human_only", "human": "clerk"}}}
    frame = story(
        chain(stages, agents=agents(success=0.7, propagation_factor=3), count=3000),
        count=3000,
        seed=look.seed,
    )
    assert frame[frame.stage == "s3"].agent_failed.isna().all()
    second = frame[(frame.stage == "s2") & frame.agent_failed.notna()]
    clean = second[second.inherited == 0]
    look.share((clean.agent_failed == 1).sum(), len(clean), 0.3)
    look.share((second[second.inherited == 1].agent_failed == 1).sum(), (second.inherited == 1).sum(), 0.9)


@pytest.mark.mechanism("D8")
def test_an_attempt_ends_right_or_failed_for_all_to_see_or_wrong_for_nobody_to_see() -> None:
    rates = {"transient": 0.2, "deterministic": 0.05, "judgment": 0.05, "governance": 0.05}
    frame = story(chain(2, agents=agents(failures=rates, success=0.8)))
    tried = frame[frame.action == "attempted"]
    visible = tried.outcome.isin(list(rates))
    assert tried[visible].own_right.isna().all()
    assert tried[visible].theta.isna().all()
    hidden = tried[tried.outcome == "wrong"]
    assert (hidden.own_right == 0).all()
    assert set(hidden.next) == {"attempt", "deliver"}
    assert not set(tried[visible].next) & {"deliver"}
    assert set(tried.outcome) == {*rates, "right", "wrong"}


# -- inherited defects ------------------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-12")
@pytest.mark.mechanism("D10")
@pytest.mark.parametrize("factor", [0.0, 1.0, 2.5, 1000.0])
@statistical
def test_after_a_defect_the_next_stage_errs_as_many_times_as_often_and_the_output_stays_wrong(
    look: Look,
    factor: float,
) -> None:
    of = chain(2, agents=agents(success=0.8, propagation_factor=factor), count=3000)
    frame = story(of, count=3000, seed=look.seed)
    first, second = outputs_at(frame, "s1"), outputs_at(frame, "s2")
    spoilt = second.inherited == 1
    assert (spoilt == (first.own_right == 0)).all()
    look.share((second[spoilt].own_right == 0).sum(), spoilt.sum(), min(0.2 * factor, 1.0))
    look.share((second[~spoilt].own_right == 0).sum(), (~spoilt).sum(), 0.2)
    assert (second[spoilt].is_right == 0).all()
    assert set(second[spoilt].born) == {"s1"}


@pytest.mark.mechanism("D10")
@pytest.mark.parametrize("rate", [0.0, 0.6, 1.0])
@statistical
def test_a_person_repairs_what_came_in_wrong_as_often_as_a_reviewer_would_see_it(
    look: Look, rate: float
) -> None:
    stages = {"s1": {}, "s2": {"topology": {"kind": "human_only", "human": "clerk"}}}
    of = chain(stages, agents=agents(success=0.3), human={"review": {"catch_rate": rate}})
    done = story(of, seed=look.seed).query("action == 'executed' and inherited == 1")
    assert len(done) > 500
    look.share((done.is_right == 1).sum(), len(done), rate)


@pytest.mark.mechanism("D9")
def test_theta_is_of_the_own_work_and_does_not_see_what_was_inherited() -> None:
    knows = {"self_knowledge": 1.5}
    roles = {"writer": {"success": 0.0}, "other": {"success": 0.8, "confidence": knows}}
    spoilt = story(chain({"s1": {}, "s2": {"agent": "other"}}, agents=roles))
    clean = story(chain({"s1": {}, "s2": {"agent": "other"}}, agents={**roles, "writer": {"success": 1}}))
    assert (outputs_at(spoilt, "s2").theta == outputs_at(clean, "s2").theta).all()
    assert (outputs_at(spoilt, "s2").is_right == 0).all()


@pytest.mark.mechanism("D9")
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
@statistical
def test_a_noticed_defect_is_reported_with_theta_0_and_goes_to_a_person(look: Look, share: float) -> None:
    roles = {"writer": {"success": 0.5}, "other": {"success": 1, "detect_upstream": share}}
    stages = {"s1": {}, "s2": {"agent": "other", "topology": {
        "kind": "escalation", "agent": "other", "human": "clerk", "threshold": 0.01}}}  # fmt: skip
    second = outputs_at(story(chain(stages, agents=roles), seed=look.seed), "s2")
    spoilt = second[second.inherited == 1]
    reported = spoilt[spoilt.reason == "upstream_defect"]
    look.share(len(reported), len(spoilt), share)
    assert set(reported.theta) <= {0}
    assert set(reported.next) <= {"execute"}
    assert (second[second.inherited == 0].reason == "confident").all()


@pytest.mark.mechanism("D9")
@statistical
def test_a_noticed_defect_is_repaired_or_sent_back_to_where_it_was_born(look: Look) -> None:
    def told(response: str) -> Any:
        other = {"success": 1, "detect_upstream": 1, "on_upstream_defect": response}
        stages = {"s1": {}, "s2": {"agent": "sure"}, "s3": {"agent": "other"}}
        roles: dict[str, Any] = {"writer": {"success": 0.5}, "sure": {"success": 1}, "other": other}
        return story(chain(stages, agents=roles), seed=look.seed)

    repaired, returned = told("repair"), told("send_back")
    assert not delivered_wrong(repaired).any()
    assert (spent(repaired) == 3 * CALL_COST).all()
    back = returned[returned.outcome == "upstream"]
    assert set(back.reason) == {"upstream_defect"}
    assert set(returned[returned.cause_seq.isin(back.seq)].stage) == {"s1"}
    passes = returned[returned.stage == "s1"].groupby("task").size()
    assert (spent(returned) == 3 * CALL_COST * passes).all()
    look.mean(passes, 2)
    assert not delivered_wrong(returned).any()


@pytest.mark.mechanism("D9")
def test_a_defect_that_one_try_repairs_and_the_next_does_not_notice_keeps_the_stage_where_it_was_born() -> (
    None
):
    other = {"success": 1, "detect_upstream": 0.5, "on_upstream_defect": "repair"}
    validator = {"sensitivity": 0, "specificity": 0.5}
    escalation = {
        "kind": "escalation",
        "agent": "other",
        "human": "clerk",
        "threshold": 0,
        "ladder": {"own": 3},
    }
    stages = {"s1": {}, "s2": {"agent": "other", "topology": escalation, "validator": validator}}
    frame = story(chain(stages, agents={"writer": {"success": 0}, "other": other}))
    tried = frame[(frame.action == "attempted") & (frame.stage == "s2")].sort_values(["task", "step"])
    told = tried.groupby("task").is_right.agg(list)
    assert any(rights[:2] == [1, 0] for rights in told)
    assert set(tried[tried.is_right == 0].born) == {"s1"}
    assert tried[tried.is_right == 1].born.isna().all()


@pytest.mark.mechanism("D9")
def test_a_reviewer_sends_a_defect_of_an_earlier_stage_back_to_it() -> None:
    guardian = {"kind": "guardian", "agent": "sure", "human": "clerk", "send_back": True}
    stages = {"s1": {}, "s2": {"topology": guardian}}
    frame = story(chain(stages, agents={"writer": {"success": 0.6}, "sure": {"success": 1}}))
    back = frame[frame.reason == "sent_back"]
    assert (back.action == "reviewed").all()
    assert set(frame[frame.cause_seq.isin(back.seq)].stage) == {"s1"}
    assert not delivered_wrong(frame).any()
    assert (frame.action != "executed").all()


# -- what escapes -----------------------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-14")
@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("revisions", [0, 2])
@statistical
def test_what_escapes_a_reviewer_is_what_the_closed_form_says(
    look: Look, rate: float, revisions: int
) -> None:
    error, count = 0.3, 3000
    approval = {"review": "all", "max_revisions": revisions}
    of = chain(1, agents=agents(success=1 - error), human={"review": {"catch_rate": rate}}, approval=approval,
               count=count)  # fmt: skip
    escape = error * (1 - rate) * math.fsum((error * rate) ** k for k in range(revisions + 1))
    look.share(delivered_wrong(story(of, count=count, seed=look.seed)).sum(), count, escape)


@pytest.mark.mechanism("RT-14")
@pytest.mark.parametrize("rate", [0.0, 0.7, 1.0])
@statistical
def test_what_escapes_reviewers_at_every_stage_follows_the_recursion_over_stages(
    look: Look, rate: float
) -> None:
    error, count = 0.2, 3000
    approval = {"review": "all", "max_revisions": 0}
    of = chain(3, agents=agents(success=1 - error), human={"review": {"catch_rate": rate}}, approval=approval,
               count=count)  # fmt: skip
    wrong = 0.0
    for _ in range(3):
        # Seen, a person does it again and repairs what was inherited as often as a reviewer sees it.
        wrong = wrong * (1 - rate + rate * (1 - rate)) + (1 - wrong) * error * (1 - rate)
    look.share(delivered_wrong(story(of, count=count, seed=look.seed)).sum(), count, wrong)


@pytest.mark.mechanism("PF-21")
@statistical
def test_with_loss_between_them_a_lane_does_worse_than_the_product_of_its_workers(look: Look) -> None:
    roles = {"first": {"success": 0.9}, "second": {"success": 0.85}, "third": {"success": 0.8}}
    lane = {name: {"agent": name} for name in roles}
    alone = []
    for name in roles:
        frame = story(chain({"work": {"agent": name}}, agents=roles), seed=look.seed)
        alone.append((endings(frame).is_right == 1).mean())
    for rule, is_lossy in (({}, False), ({"context_loss": 0.5}, True), ({"misread": 0.1}, True)):
        ends = endings(
            story(chain(lane, agents=roles, hand_off=rule, count=3000), count=3000, seed=look.seed)
        )
        right = (ends.is_right == 1).mean()
        look.share((ends.is_right == 1).sum(), 3000, math.prod((0.9, 0.85, 0.8)), differs=is_lossy)
        assert (right < math.prod(alone) - 0.05) == is_lossy


def test_a_defect_is_booked_where_it_was_born_and_the_stages_add_up() -> None:
    frame = story(chain(3, agents=agents(success=0.8)))
    wrong = endings(frame)[endings(frame).is_right == 0]
    first = frame[frame.own_right == 0].sort_values("step").groupby("task").head(1).set_index("task").stage
    assert (wrong.set_index("task").born == first.sort_index()).all()
    assert frame.theta.dropna().between(0, BILLION).all()

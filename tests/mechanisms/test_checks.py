"""Checks of an agent's output: validators, approvals, verifications, ladders and cascades."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.theory import cascade_beats_large, cascade_cost_per_success
from tests.statistics.family import Look, statistical

from .builders import BILLION, MINUTE, SECOND, Frame, endings, events, human_ticks
from .chains import CALL_COST, COUNT, chain, delivered_wrong, path_of, spent, story

KNOWS = {"self_knowledge": 1.5}
UNSURE: dict[str, Any] = {"success": {"mean": 0.8, "spread": 1.0}, "confidence": KNOWS}
"""An agent some of whose outputs are below every threshold."""


def minutes_of_people(frame: Frame) -> float:
    """Minutes that people spent."""
    return human_ticks(frame) / MINUTE


# -- validators -------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("CR-05")
@pytest.mark.parametrize("sensitivity", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("specificity", [0.0, 0.9, 1.0])
@statistical
def test_a_validator_flags_at_its_sensitivity_and_passes_at_its_specificity(
    look: Look, sensitivity: float, specificity: float
) -> None:
    rule = {"sensitivity": sensitivity, "specificity": specificity, "cost": 0.004, "time": "3 s"}
    frame = story(chain(1, agents={"writer": {"success": 0.6}}, validator=rule), seed=look.seed)
    looked = frame[frame.action == "validated"]
    wrong, right = looked[looked.is_right == 0], looked[looked.is_right == 1]
    look.share((wrong.outcome == "flagged").sum(), len(wrong), sensitivity)
    look.share((right.outcome == "passed").sum(), len(right), specificity)
    assert (looked.ended - looked.started == 3 * SECOND).all()
    assert set(looked[looked.outcome == "flagged"].reason) <= {"flagged"}


@pytest.mark.mechanism("CR-05")
@statistical
def test_a_validator_lowers_silent_errors_and_costs_exactly_its_price_per_run(look: Look) -> None:
    topology = {"kind": "escalation", "threshold": 0}
    writer = {"success": 0.7}
    judge = {"price": {"input": 2, "output": 0}, "tool_cost": 0.001, "work_time": "4 s"}
    bare = story(chain(1, topology=topology, agents={"writer": writer}), seed=look.seed)
    checks: list[tuple[dict[str, Any], int]] = [
        ({"cost": 0.004}, 4_000_000),
        ({"role": "judge"}, 2_000_000 + 1_000_000),
    ]
    for rule, price in checks:
        validator = {**rule, "sensitivity": 0.8, "specificity": 1}
        frame = story(
            chain(1, topology=topology, agents={"writer": writer, "judge": judge}, validator=validator),
            seed=look.seed,
        )
        before, after = delivered_wrong(bare), delivered_wrong(frame)
        look.share(after.sum(), before.sum(), 0.2)
        assert not (after & ~before).any()
        assert (spent(frame) - spent(bare) == price).all()
        assert minutes_of_people(frame) == 5 * (before.sum() - after.sum())


@pytest.mark.mechanism("CR-18")
@statistical
def test_silent_errors_fall_linearly_with_what_the_detector_sees_whatever_theta_says(look: Look) -> None:
    topology = {"kind": "escalation", "threshold": 0.5}
    errors = []
    for sensitivity in (0.0, 0.25, 0.5, 0.75, 1.0):
        rule = {"sensitivity": sensitivity, "specificity": 1}
        frame = story(
            chain(1, topology=topology, agents={"writer": UNSURE}, validator=rule, count=2000),
            count=2000,
            seed=look.seed,
        )
        errors.append(delivered_wrong(frame).sum())
    for place, left in enumerate(errors):
        look.share(left, errors[0], 1 - 0.25 * place)


@pytest.mark.mechanism("CR-21")
@pytest.mark.parametrize("correlation", [0.0, 0.4, 1.0])
@statistical
def test_the_more_blind_spots_a_validator_shares_with_the_agent_the_fewer_errors_it_catches(
    look: Look,
    correlation: float,
) -> None:
    rule = {"sensitivity": 0.8, "specificity": 1, "correlation": correlation}
    looked = story(chain(1, agents={"writer": {"success": 0.3}}, validator=rule), seed=look.seed).query(
        "action == 'validated'"
    )
    wrong = looked[looked.is_right == 0]
    look.share((wrong.outcome == "flagged").sum(), len(wrong), 0.8 * (1 - correlation))


def test_a_flag_makes_an_output_unsure_below_and_above_a_gate_for_value() -> None:
    gate = {"gate": "risk", "value_limit": 50}
    for kind, end in (("autonomous", "fail"), ("escalation", "execute")):
        of = chain(1, topology={"kind": kind} | ({"threshold": 0} if kind == "escalation" else {}),
                   task={"value": 10}, validator={"specificity": 0.5}, approval=gate)  # fmt: skip
        looked = story(of).query("action == 'validated'")
        assert set(looked[looked.outcome == "flagged"].next) == {end}
        assert set(looked[looked.outcome == "passed"].next) == {"deliver"}


# -- approvals --------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("HI-01")
@pytest.mark.parametrize("kind", ["autonomous", "escalation", "guardian"])
def test_under_a_gate_on_mutations_nothing_that_changes_a_system_is_committed_unapproved(kind: str) -> None:
    stages = {"draft": {}, "post": {"mutating": True}, "notify": {}}
    approval = {"gate": "mutations", "proposal_time": "20 s"}
    frame = story(chain(stages, topology=kind, agents={"writer": UNSURE}, approval=approval))
    commits = frame[(frame.stage == "post") & (frame.stage_end == 1)]
    assert len(commits) == COUNT
    assert set(commits.action) <= {"reviewed", "executed"}
    assert set(commits[commits.action == "reviewed"].outcome) == {"approved"}
    if kind == "guardian":
        return
    assert (frame[frame.action == "reviewed"].stage == "post").all()
    assert set(frame[frame.reason == "gated"].next) == {"review"}
    proposed = frame[frame.action == "reviewed"].set_index("cause_seq")
    ended = frame.set_index("seq").tick
    assert (proposed.queued - ended.reindex(proposed.index) == 20 * SECOND).all()


@pytest.mark.mechanism("HI-01")
@pytest.mark.parametrize(("gate", "share"), [("none", 0.0), ("risk", 0.5), ("mutations", 0.0), ("all", 1.0)])
@statistical
def test_a_gate_holds_what_it_names_and_nothing_else(look: Look, gate: str, share: float) -> None:
    value = {"distribution": "lognormal", "median": 100, "p95": 900}
    approval = {"gate": gate, "value_limit": 100}
    of = chain(1, task={"value": value}, agents={"writer": {"success": 1}}, approval=approval)
    frame = story(of, seed=look.seed)
    held = frame[frame.action == "reviewed"]
    look.share(len(held), COUNT, share)
    if gate == "risk":
        values = frame[frame.action == "arrived"].set_index("task").value
        assert set(held.task) == set(values.index[values > 10_000])
        risky = chain(
            1, task={"blast_radius": "high"}, agents={"writer": {"success": 1}}, approval={"gate": "risk"}
        )
        assert (path_of(story(risky, seed=look.seed)) == "arrived attempted reviewed").all()


@pytest.mark.mechanism("HI-01")
@pytest.mark.parametrize("kind", ["human_only", "guardian", "escalation"])
@pytest.mark.parametrize("value_limit", [None, 50])
def test_an_output_is_approved_once_and_the_work_of_people_only_when_asked(
    kind: str, value_limit: int | None
) -> None:
    gate = {"gate": "all"} if value_limit is None else {"gate": "risk", "value_limit": value_limit}
    for reviews_people in (False, True):
        approval = {**gate, "review_human_work": reviews_people, "max_revisions": 0}
        of = chain(1, topology=kind, agents={"writer": UNSURE}, task={"value": 80}, approval=approval)
        frame = story(of)
        paths = path_of(frame)
        by_person = paths.str.contains("executed")
        assert (paths.str.contains("executed reviewed") == (by_person & reviews_people)).all()
        assert not paths.str.endswith("attempted").any()
        assert not paths.str.contains("reviewed reviewed").any()
        assert kind == "guardian" or by_person.any()
        assert set(endings(frame).next) == {"deliver"}


@pytest.mark.mechanism("HI-06")
@pytest.mark.mechanism("HI-11")
@statistical
def test_reviews_of_edges_take_the_hours_of_the_edges_only_and_see_the_same_there(look: Look) -> None:
    stages = {"draft": {}, "publish": {"action": "publish"}, "file": {}, "refund": {"action": "refund"}}
    human = {"review": {"catch_rate": 0.7}}
    frames = {}
    for policy in ("all", "edges", "none"):
        approval = {"review": policy, "max_revisions": 0}
        frames[policy] = story(chain(stages, human=human, approval=approval), seed=look.seed)
    reviews = {policy: frame[frame.action == "reviewed"] for policy, frame in frames.items()}
    assert [len(reviews[policy]) for policy in ("all", "edges", "none")] == [4 * COUNT, 2 * COUNT, 0]
    assert set(reviews["edges"].stage) == {"publish", "refund"}
    hours = [reviews[policy].human_review.sum() for policy in ("all", "edges")]
    assert hours[1] == hours[0] / 2
    for policy in ("all", "edges"):
        at_edges = reviews[policy][reviews[policy].stage.isin(["publish", "refund"])]
        for _, outcomes in at_edges[at_edges.is_right == 0].groupby("stage").outcome:
            look.share((outcomes == "rejected").sum(), len(outcomes), 0.7)
        costs = at_edges.groupby("stage").human_review.sum()
        assert set(costs) == {COUNT * 600_000_000}
    only = story(chain(stages, approval={"review": "edges", "edges": ["refund"]}), seed=look.seed)
    assert set(only[only.action == "reviewed"].stage) == {"refund"}


# -- verifications ----------------------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-11")
@pytest.mark.parametrize("then", ["again", "person"])
@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
@statistical
def test_a_verification_finds_wrong_outputs_at_its_share_and_never_a_right_one(
    look: Look, then: str, share: float
) -> None:
    rule = {"detects": share, "time": "1 min", "cost": 0.01, "then": then}
    frame = story(chain(1, agents={"writer": {"success": 0.5}}, verification=rule), seed=look.seed)
    looked = frame[frame.action == "verified"]
    wrong, right = looked[looked.is_right == 0], looked[looked.is_right == 1]
    look.share((wrong.outcome == "flagged").sum(), len(wrong), share)
    assert set(right.outcome) == {"passed"}
    assert (looked.verification == 10_000_000).all()
    assert set(looked[looked.outcome == "flagged"].next) <= {"attempt" if then == "again" else "execute"}
    assert frame.role[looked.index].isna().all()


# -- escalation, sooner and later -------------------------------------------------------------------------------


@pytest.mark.mechanism("HI-12")
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@statistical
def test_premature_escalation_costs_people_time_and_mends_nothing_that_was_right(
    look: Look, share: float
) -> None:
    topology = {"kind": "escalation", "threshold": 0.5, "premature_escalation": share}
    writer = {"success": 1, "confidence": KNOWS}
    human = {"positions": 40}
    timid, bold = (
        story(chain(1, topology=kind, agents={"writer": writer}, human=human), seed=look.seed)
        for kind in (topology, {**topology, "premature_escalation": 0})
    )
    early = timid[timid.reason == "premature"]
    look.share(len(early), COUNT, share)
    assert (early.theta >= 0.5 * BILLION).all()
    assert minutes_of_people(timid) - minutes_of_people(bold) == 5 * len(early)
    assert (endings(timid).is_right == 1).all()
    assert share == 0 or endings(timid).tick.max() > endings(bold).tick.max()


@pytest.mark.mechanism("CR-12")
def test_types_and_stages_use_thresholds_of_their_own() -> None:
    def at(threshold: float) -> dict[str, Any]:
        return {"kind": "escalation", "agent": "writer", "human": "clerk", "threshold": threshold}

    memo = {"arrivals": {"process": "deterministic", "every": "1 s"}, "topology": at(0.6)}
    stages = {"s1": {}, "s2": {"topology": at(0.95)}}
    frame = events(chain(stages, topology=at(0.8), agents={"writer": UNSURE}, tasks={"memo": memo}))
    tried = frame[frame.action == "attempted"]
    for kind, stage, threshold in (("letter", "s1", 0.8), ("letter", "s2", 0.95), ("memo", "work", 0.6)):
        here = tried[(tried.type == kind) & (tried.stage == stage)]
        assert ((here.next == "execute") == (here.theta < threshold * BILLION)).all()
        assert 0 < (here.next == "execute").sum() < len(here)


@pytest.mark.mechanism("D37")
@statistical
def test_a_value_that_is_looked_at_before_spares_the_agent_and_after_leaves_a_draft(look: Look) -> None:
    value = {"distribution": "lognormal", "median": 100, "p95": 900}
    told = {}
    for check in ("after", "before"):
        topology = {"kind": "escalation", "threshold": 0, "value_limit": 100, "value_check": check}
        of = chain(0, topology=topology, task={"value": value}, human={"draft_help": 2})
        told[check] = story(of, seed=look.seed)
    paths = {check: path_of(frame) for check, frame in told.items()}
    dear = paths["after"] == "arrived attempted executed"
    look.share(dear.sum(), COUNT, 0.5)
    assert (paths["before"] == np.where(dear, "arrived executed", "arrived attempted")).all()
    assert set(told["after"][told["after"].next == "execute"].reason) == {"high_value"}
    minutes = {check: minutes_of_people(frame) / dear.sum() for check, frame in told.items()}
    assert minutes == {"after": 2.5, "before": 5.0}
    assert spent(told["before"]).sum() == CALL_COST * (COUNT - dear.sum())


@pytest.mark.mechanism("CR-14")
def test_a_ladder_asks_fewer_people_and_costs_the_agents_more() -> None:
    roles = {"writer": UNSURE, "peer": {**UNSURE, "model": "other-model"}}
    plain = {"kind": "escalation", "threshold": 0.85}
    ladder = {**plain, "ladder": {"own": 2, "peers": 1, "peer": "peer"}}
    alone, helped = (story(chain(1, topology=kind, agents=roles)) for kind in (plain, ladder))
    people = [(frame.action == "executed").sum() for frame in (alone, helped)]
    assert people[1] < 0.8 * people[0]
    assert spent(helped).sum() > spent(alone).sum()
    tried = helped[helped.action == "attempted"].sort_values(["task", "step"])
    told = tried.groupby("task").reason.agg(" ".join)
    full = "self_retry self_retry handed_to_peer"
    assert set(told) == {
        "confident", "self_retry confident", "self_retry self_retry confident", f"{full} confident",
        f"{full} low_confidence",
    }  # fmt: skip
    by_peer = tried[tried.cause_seq.isin(tried[tried.reason == "handed_to_peer"].seq)]
    assert set(by_peer.role) == {"peer"}
    assert (tried.groupby("task").size() <= 4).all()


@pytest.mark.mechanism("CR-14")
@pytest.mark.parametrize("own", [0, 50])
def test_a_ladder_at_its_limits_asks_at_once_or_until_no_attempt_is_left(own: int) -> None:
    topology = {"kind": "escalation", "threshold": 1, "ladder": {"own": own}}
    frame = story(
        chain(1, topology=topology, agents={"writer": {**UNSURE, "max_attempts": 7}}, count=50), count=50
    )
    assert set(frame[frame.action == "attempted"].groupby("task").size()) == ({1} if own == 0 else {7})
    assert set(endings(frame).action) == {"executed"}


# -- cascades ---------------------------------------------------------------------------------------------------

PERFECT = {"sensitivity": 1, "specificity": 1}


def tiers(*names: str, **rest: Any) -> dict[str, Any]:
    """A cascade whose tiers trust every output that a validator passes."""
    return {
        "kind": "cascade",
        "agent": None,
        "tiers": [{"agent": name, "threshold": 0} for name in names],
        **rest,
    }


@pytest.mark.mechanism("CR-10")
@pytest.mark.parametrize("small_price", [0.5, 4.2, 5.8, 9.0])
@statistical
def test_a_cascade_beats_the_large_model_exactly_on_its_side_of_the_boundary(
    look: Look, small_price: float
) -> None:
    # q_small / c_small >= q_large / c_large with q 0.5 and 0.9, c_large 9: the boundary is c_small 5.
    count = 4000
    roles = {"writer": {"success": 0.5, "price": {"input": small_price, "output": 0}},
             "large": {"success": 0.9, "price": {"input": 9, "output": 0}}}  # fmt: skip
    cascade = story(
        chain(1, topology=tiers("writer", "large", human=None), agents=roles, validator=PERFECT, count=count),
        count=count,
        seed=look.seed,
    )
    one = chain({"s1": {"agent": "large"}}, agents=roles, validator=PERFECT, count=count)
    alone = story(one, count=count, seed=look.seed)
    costs = [spent(frame).sum() / (endings(frame).is_right == 1).sum() for frame in (cascade, alone)]
    tried = cascade[cascade.action == "attempted"]
    right = {role: int((rows.own_right == 1).sum()) for role, rows in tried.groupby("role")}
    look.share(right["writer"], count, 0.5)
    look.share(right["large"], count - right["writer"], 0.9)
    small, large = right["writer"] / count, right["large"] / (count - right["writer"])
    expected = cascade_cost_per_success(small, small_price, large, 9.0)
    assert expected is not None
    assert costs[0] == pytest.approx(expected * 1e6, rel=1e-9)
    wins = costs[0] < costs[1]
    assert wins == cascade_beats_large(0.5, small_price, 0.9, 9.0) == (small_price <= 5)
    charged = tried.role.map({"writer": small_price, "large": 9.0}) * 1_000_000
    assert (tried.inference == charged.round()).all()


@pytest.mark.mechanism("CR-10")
def test_a_cascade_goes_on_to_the_next_tier_and_at_the_end_to_a_person_and_says_why() -> None:
    roles = {"writer": UNSURE, "large": {**UNSURE, "failures": {"transient": 0.4}, "model": "large-model"}}
    names = {"kind": "cascade", "agent": None, "tiers": ["writer", "large"]}
    frame = story(chain(1, topology=names, agents=roles))
    small, large = (frame[(frame.action == "attempted") & (frame.role == name)] for name in roles)
    assert set(small.reason) == {"confident", "next_tier"}
    assert set(large.task) == set(small[small.reason == "next_tier"].task)
    assert set(large.reason) == {"confident", "low_confidence", "transient_failure", "retries_exhausted"}
    assert set(large[large.next == "execute"].reason) == {"low_confidence", "retries_exhausted"}


@pytest.mark.mechanism("CR-10")
def test_each_tier_of_a_cascade_has_retries_of_its_own() -> None:
    failing = {"failures": {"transient": 1}, "retries": 2}
    frame = story(chain(1, topology=tiers("writer", "large"), agents={"writer": failing, "large": failing}, count=20),
                  count=20)  # fmt: skip
    tried = frame[frame.action == "attempted"]
    assert set(tried.groupby(["task", "role"]).size()) == {3}


@pytest.mark.mechanism("CR-17")
@statistical
def test_triage_begins_hard_tasks_at_the_large_model_and_saves_the_difference(look: Look) -> None:
    roles = {
        "writer": {"success": {"mean": 0.9, "spread": 2}},
        "large": {"price": {"input": 10, "output": 50}},
    }
    sure = tiers("writer", "large")
    for boundary, share in ((-9.0, 1.0), (0.0, 0.5), (1.2815515655, 0.1), (9.0, 0.0)):
        frame = story(
            chain(1, topology={**sure, "triage": {"boundaries": [boundary]}}, agents=roles), seed=look.seed
        )
        tried = frame[frame.action == "attempted"]
        look.share((tried.role == "large").sum(), COUNT, share)
        saved = COUNT * 10 * CALL_COST - spent(frame).sum()
        assert saved == 9 * CALL_COST * (tried.role == "writer").sum()
    blind = story(
        chain(1, topology={**sure, "triage": {"boundaries": [0.0], "error": 50}}, agents=roles),
        seed=look.seed,
    )
    sharp = story(chain(1, topology={**sure, "triage": {"boundaries": [0.0]}}, agents=roles), seed=look.seed)
    errors = [(frame[frame.role == "writer"].own_right == 0).mean() for frame in (sharp, blind)]
    assert errors[0] < 0.6 * errors[1]

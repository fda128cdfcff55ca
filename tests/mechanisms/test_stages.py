"""Workflows of stages: who does what in which order, what passing on takes and loses, and what is off."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

import sim.engine.engine as engine
from sim.engine.workflow import Workflow
from sim.errors import ScenarioError
from sim.run import simulate
from tests.statistics.family import Look, statistical

from .builders import BILLION, MINUTE, SECOND, cohort, endings, events, human_ticks, scenario
from .chains import COUNT, chain, outputs_at, path_of, spent, story

SPECIALISTS: dict[str, Any] = {"researcher": {}, "drafter": {}, "publisher": {}}
CONTENT: dict[str, Any] = {
    "research": {"agent": "researcher"},
    "draft": {"agent": "drafter"},
    "publish": {"agent": "publisher"},
}
FORK: dict[str, Any] = {
    "plan": {"parallel": ["text", "figures"], "join": "edit"},
    "text": {},
    "figures": {"agent": "painter"},
    "edit": {},
}
"""A fork whose branches join."""


# -- order and roles --------------------------------------------------------------------------------------------


@pytest.mark.mechanism("WL-12")
@pytest.mark.mechanism("WR-09")
def test_each_task_passes_every_stage_once_in_order_by_a_holder_of_its_role() -> None:
    frame = story(chain(CONTENT, agents=SPECIALISTS))
    ended = frame[frame.stage_end == 1].sort_values(["task", "step"])
    assert (ended.groupby("task").stage.agg(" ".join) == "research draft publish").all()
    assert ended.task.nunique() == COUNT
    assert (frame.stage.map({"research": "researcher", "draft": "drafter", "publish": "publisher"}).dropna()
            == frame.role.dropna()).all()  # fmt: skip
    assert set(endings(frame).next) == {"deliver"}


@pytest.mark.mechanism("TP-07")
def test_two_types_and_two_stages_follow_the_topologies_written_for_them() -> None:
    other = {"arrivals": {"process": "deterministic", "every": "2 s"}, "topology": {"kind": "guardian"}}
    other["topology"] |= {"agent": "writer", "human": "clerk"}
    stages = {"draft": {}, "send": {"topology": {"kind": "human_only", "human": "clerk"}}}
    frame = events(chain(stages, human={"review": {"catch_rate": 0}}, tasks={"memo": other}))
    paths = {kind: set(path_of(rows[rows.task < 400])) for kind, rows in frame.groupby("type")}
    assert paths == {"letter": {"arrived attempted executed"}, "memo": {"arrived attempted reviewed"}}


@pytest.mark.mechanism("HX-11")
def test_a_stage_that_leads_nowhere_is_refused_with_its_name() -> None:
    with pytest.raises(ScenarioError, match=r"proof.*research|research.*proof"):
        chain({"research": {"next": "proof"}, "draft": {}})
    with pytest.raises(ScenarioError, match="draft"):
        chain({"research": {"next": "deliver"}, "draft": {}})


@pytest.mark.mechanism("D13")
def test_theta_is_asked_at_every_stage_and_the_chain_goes_on_after_a_person_or_ends_there() -> None:
    writer = {"success": {"mean": 0.9, "spread": 1.0}, "confidence": {"self_knowledge": 1.5}}
    resumes = story(chain(2, topology="escalation", agents={"writer": writer}))
    tried = resumes[resumes.action == "attempted"]
    assert tried.theta.notna().all()
    escalated = tried[(tried.stage == "s1") & (tried.theta < 0.85 * BILLION)]
    after = resumes[resumes.task.isin(escalated.task) & (resumes.stage == "s2")]
    assert 0 < len(escalated) < COUNT
    assert set(after[after.action == "attempted"].task) == set(escalated.task)
    stages = {"s1": {"on": {"by_person": "deliver"}}, "s2": {}}
    finishes = story(chain(stages, topology="escalation", agents={"writer": writer}))
    assert not (finishes.task.isin(escalated.task) & (finishes.stage == "s2")).any()


@statistical
def test_a_branch_is_taken_as_often_as_its_share_and_the_other_stages_are_left_out(look: Look) -> None:
    stages = {"sort": {"next": {"long": 0.3, "short": 0.7}}, "long": {"next": "deliver"}, "short": {}}
    paths = story(chain(stages, count=3000), count=3000, seed=look.seed).dropna(subset=["stage"])
    taken = paths.groupby("task").stage.agg(" ".join)
    assert set(taken) == {"sort long", "sort short"}
    look.share((taken == "sort long").sum(), 3000, 0.3)


@pytest.mark.parametrize(("share", "passes"), [(0.0, {1}), (1.0, {7})])
def test_a_loop_at_its_limits_is_passed_once_or_until_no_pass_is_left(share: float, passes: set[int]) -> None:
    stages = {"draft": {"next": {"draft": share, "deliver": 1 - share}, "max_passes": 7}}
    if share == 1.0:
        stages = {"draft": {}, "check": {"next": {"draft": 0.999999999, "deliver": 1e-9}, "max_passes": 7}}
    frame = story(chain(stages, count=50), count=50)
    last = endings(frame)
    assert set(frame[frame.stage == list(stages)[-1]].groupby("task")["pass"].max()) == passes
    assert set(last.next) == ({"deliver"} if share == 0.0 else {"fail"})
    assert set(last.reason) == ({"every_output"} if share == 0.0 else {"passes_exhausted"})


@statistical
def test_what_failed_goes_where_the_stage_says_and_the_task_stays_alive(look: Look) -> None:
    stages = {"draft": {"on": {"failed": "rescue"}, "next": "deliver"},
              "rescue": {"topology": {"kind": "human_only", "human": "clerk"}}}  # fmt: skip
    writer = {"failures": {"deterministic": 0.3}}
    frame = story(chain(stages, agents={"writer": writer}), seed=look.seed)
    assert set(endings(frame).next) == {"deliver"}
    rescued = frame[frame.stage == "rescue"]
    look.share(len(rescued), COUNT, 0.3)
    assert set(rescued.inherited) == {0}


# -- parallel branches ------------------------------------------------------------------------------------------


def test_a_join_waits_for_its_slowest_branch_and_every_join_is_complete() -> None:
    painter = {"work_time": {"distribution": "exponential", "mean": "40 s"}}
    frame = story(chain(FORK, agents={"painter": painter}))
    come = frame[frame.next == "join"].groupby("task").tick
    joined = frame[frame.action == "joined"].set_index("task").sort_index()
    assert (come.count() == 2).all()
    assert (joined.tick == come.max()).all()
    assert len(joined) == COUNT
    assert joined.role.isna().all()


def test_a_branch_is_begun_no_oftener_than_its_first_stage_allows() -> None:
    stages = {**FORK, "text": {"max_passes": 2}, "edit": {"next": {"plan": 0.6, "deliver": 0.4}}}
    frame = story(chain(stages, agents={"painter": {}}, count=300), count=300)
    assert frame[frame.stage == "text"]["pass"].max() == 2
    refused = frame[frame.action == "refused"]
    assert len(refused) > 0
    assert set(refused.stage) == {"text"}
    assert set(refused.reason) == {"passes_exhausted"}
    assert set(refused.next) == {"join"}
    failed = endings(frame)[endings(frame).next == "fail"]
    assert set(failed.task) == set(refused.task)
    assert set(failed.reason) == {"branch_failed"}
    assert (frame[frame.next == "join"].groupby("task").size() % 2 == 0).all()


def test_a_branch_that_no_transfer_is_left_for_has_a_row_that_says_so() -> None:
    guards = {"max_hops": 1, "count_stage_handoffs": True}
    frame = story(chain(FORK, agents={"painter": {}}, guards=guards, count=20), count=20)
    refused = frame[frame.action == "refused"]
    assert list(refused.stage) == ["figures"] * 20
    assert set(refused.reason) == {"hop_limit"}
    assert set(refused.guard) == {"hops"}
    assert (frame[frame.next == "join"].groupby("task").size() == 2).all()
    assert set(endings(frame).reason) == {"branch_failed"}


def test_rows_of_a_join_count_the_passes_of_the_stage_that_joins() -> None:
    """The stage that forks is done twice before it gets there; the join is come to once."""
    stages = {"start": {"next": "plan"}, **FORK}
    stages["plan"] = {**FORK["plan"], "on": {"failed": "start"}}
    writer = {"failures": {"judgment": 0.5}, "success": {"mean": 0.9, "spread": 0}}
    frame = story(chain(stages, agents={"writer": writer, "painter": {}}, count=200), count=200)
    assert frame[frame.stage == "plan"]["pass"].max() > 1
    joined = frame[(frame.action == "joined") & (frame.reason == "branches_joined")]
    assert set(joined["pass"]) == {1}


@pytest.mark.mechanism("RT-12")
def test_a_join_is_wrong_when_any_branch_is_and_never_when_none_is() -> None:
    frame = story(chain(FORK, agents={"painter": {"success": 0.7}, "writer": {"success": 0.8}}))
    spoilt = {stage: outputs_at(frame, stage).is_right == 0 for stage in ("text", "figures")}
    joined = frame[frame.action == "joined"].set_index("task").sort_index()
    assert ((joined.is_right == 0) == (spoilt["text"] | spoilt["figures"])).all()
    assert (outputs_at(frame, "edit").inherited == (joined.is_right == 0)).all()


@pytest.mark.parametrize("is_last", [False, True])
def test_a_branch_that_made_nothing_takes_no_defect_of_another_away(is_last: bool) -> None:
    stages = {**FORK, "text": {"on": {"failed": "edit"}}}
    writer = {"failures": {"deterministic": 1.0}}
    wrong = {"success": 0.0, "work_time": "5 s" if is_last else "25 s"}
    stages["plan"] = {**FORK["plan"], "topology": {"kind": "human_only", "human": "clerk"}}
    stages["edit"] = {"agent": "painter"}
    frame = story(chain(stages, count=50, agents={"writer": writer, "painter": wrong}), count=50)
    assert set(frame[frame.action == "joined"].is_right) == {0}
    assert set(outputs_at(frame, "edit").inherited) == {1}


@statistical
def test_a_task_fails_for_its_failed_branch_after_all_have_come(look: Look) -> None:
    painter = {"failures": {"deterministic": 0.4}}
    frame = story(chain(FORK, agents={"painter": painter}), seed=look.seed)
    joined = frame[frame.action == "joined"]
    failed = joined[joined.next == "fail"]
    assert set(failed.reason) == {"branch_failed"}
    look.share(len(failed), COUNT, 0.4)
    assert ((frame.next.isin(["deliver", "fail"])).groupby(frame.task).sum() == 1).all()


# -- hand-offs --------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("HX-13")
@statistical
def test_the_cycle_time_is_the_sum_of_waits_work_and_hand_offs(look: Look) -> None:
    latency = {"distribution": "exponential", "mean": "2 min"}
    slow = {"positions": 1, "concurrency": 12, "work_time": {"distribution": "exponential", "mean": "10 s"}}
    frame = story(chain(3, agents={"writer": slow}, hand_off={"latency": latency}), seed=look.seed)
    ordered = frame.sort_values(["task", "step"])
    gap = (ordered.queued - ordered.groupby("task").ended.shift()).dropna()
    work, wait = ordered.ended - ordered.started, ordered.started - ordered.queued
    cycle = ordered.groupby("task").tick.agg(["min", "max"])
    parts = (
        gap.groupby(ordered.task).sum() + work.groupby(ordered.task).sum() + wait.groupby(ordered.task).sum()
    )
    assert (parts == cycle["max"] - cycle["min"]).all()
    later = gap[ordered.stage != "s1"]
    assert (gap[ordered.stage == "s1"] == 0).all()
    look.mean(later, 2 * MINUTE)


@pytest.mark.mechanism("HX-02")
@pytest.mark.parametrize("loss", [0.0, 0.05, 0.4, 1.0])
@statistical
def test_context_falls_by_the_loss_at_each_hand_off_and_success_with_it(look: Look, loss: float) -> None:
    frame = story(chain(4, agents={"writer": {"success": 0.8}}, hand_off={"context_loss": loss}, count=2000),
                  count=2000, seed=look.seed)  # fmt: skip
    for hops in range(4):
        made = outputs_at(frame, f"s{hops + 1}")
        left = (1 - loss) ** hops
        assert abs(made.context.fillna(BILLION) / BILLION - left).max() < 3e-9
        odds = 4 * max(left, 1e-9)
        look.share((made.own_right == 1).sum(), 2000, odds / (1 + odds))


@pytest.mark.mechanism("HX-03")
def test_with_a_context_store_success_stays_flat_and_each_hand_off_costs_a_read() -> None:
    store = {"read_cost": 0.003, "read_time": "7 s"}
    lossy = {"context_loss": 0.4}
    plain, stored = (story(chain(4, hand_off=rule)) for rule in ({"mode": None}, {**lossy, "store": store}))
    for stage in ("s1", "s2", "s3", "s4"):
        assert (outputs_at(plain, stage).own_right == outputs_at(stored, stage).own_right).all()
    assert (spent(stored) - spent(plain) == 3 * 3_000_000).all()
    ends = [endings(frame).set_index("task").sort_index().tick for frame in (plain, stored)]
    assert (ends[1] - ends[0] == 3 * 7 * SECOND).all()


@pytest.mark.mechanism("HX-12")
@statistical
def test_success_falls_with_the_number_of_stages_that_share_the_same_work(look: Look) -> None:
    rights = []
    for stages in (1, 2, 4, 8):
        skill = 0.9 ** (1 / stages)
        of = chain(stages, agents={"writer": {"success": skill}}, hand_off={"context_loss": 0.5}, count=3000)
        rights.append((endings(story(of, count=3000, seed=look.seed)).is_right == 1).mean())
    assert all(coarse - fine > 0.02 for coarse, fine in pairwise(rights))
    fine = chain(8, agents={"writer": {"success": 0.9 ** (1 / 8)}}, count=3000)
    look.share((endings(story(fine, count=3000, seed=look.seed)).is_right == 1).sum(), 3000, 0.9)


@pytest.mark.mechanism("HX-08")
def test_a_contract_has_its_size_and_a_transcript_grows_with_all_that_was_written() -> None:
    read = {}
    for mode in ("contract", "transcript"):
        frame = story(chain(4, hand_off={"mode": mode, "contract_tokens": 150}, count=20), count=20)
        tried = frame[frame.action == "attempted"]
        read[mode] = tried.groupby("stage").input_tokens.agg(["min", "max"]).to_numpy().tolist()
    assert read["contract"] == [[1000, 1000], [1150, 1150], [1150, 1150], [1150, 1150]]
    assert read["transcript"] == [[1000, 1000], [1200, 1200], [1400, 1400], [1600, 1600]]


@pytest.mark.mechanism("HX-08")
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
@statistical
def test_a_misread_hand_off_makes_the_next_output_wrong_whatever_the_skill(look: Look, share: float) -> None:
    frame = story(chain(2, agents={"writer": {"success": 1}}, hand_off={"misread": share}), seed=look.seed)
    assert (outputs_at(frame, "s1").own_right == 1).all()
    look.share((outputs_at(frame, "s2").own_right == 0).sum(), COUNT, share)


# -- misrouting -------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("CR-15")
@pytest.mark.mechanism("HX-06")
@pytest.mark.parametrize("kind", ["wrong_lane", "unusable_return", "missing_context"])
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
@statistical
def test_faults_in_routing_come_at_their_rates_and_each_costs_time_and_a_hop(
    look: Look, kind: str, share: float
) -> None:
    frame = story(chain(2, misrouting={kind: share, "time": "3 min"}), seed=look.seed)
    faults = frame[frame.action == "rerouted"]
    assert set(faults.reason) <= {kind}
    look.share(len(faults), 2 * COUNT, share)
    last = endings(frame).set_index("task").sort_index()
    hops = faults.groupby("task").size().reindex(last.index, fill_value=0)
    assert (last.hop == hops).all()
    assert (last.tick - SECOND * (last.index + 1) == 20 * SECOND + hops * 3 * MINUTE).all()


@pytest.mark.mechanism("CR-15")
def test_three_faults_at_one_stage_follow_in_their_order_and_none_moves_the_draws_of_another() -> None:
    faults = {"wrong_lane": 1, "unusable_return": 1, "missing_context": 0.5}
    frame = story(chain(1, misrouting=faults))
    rerouted = frame[frame.action == "rerouted"].sort_values(["task", "step"])
    told = set(rerouted.groupby("task").reason.agg(" ".join))
    assert told == {"wrong_lane unusable_return", "wrong_lane unusable_return missing_context"}
    alone = story(chain(1, misrouting={"missing_context": 0.5}))
    some = alone[alone.reason == "missing_context"]
    assert set(some.task) == set(rerouted[rerouted.reason == "missing_context"].task)


# -- the quick way, and what is off -----------------------------------------------------------------------------

LINES: dict[str, dict[str, Any]] = {
    "five agents": {"stages": 5, "agents": {"writer": {"success": {"mean": 0.8, "spread": 1.0}}}},
    "failures": {"stages": 3, "agents": {"writer": {"failures": {"transient": 0.3, "judgment": 0.05}}}},
    "queues": {"stages": 3, "agents": {"writer": {"positions": 3, "concurrency": 8}}},
    "a person in between": {
        "stages": {"s1": {}, "s2": {"topology": {"kind": "escalation", "threshold": 0.9}}, "s3": {}},
        "agents": {"writer": {"success": {"mean": 0.8, "spread": 1.0}, "failures": {"transient": 0.5}}},
    },
    "a person first": {"stages": {"s1": {"topology": {"kind": "human_only"}}, "s2": {}, "s3": {}}},
    "own tokens": {"stages": {"s1": {"input_tokens": 77}, "s2": {"output_tokens": 5}}},
    "failed elsewhere": {
        "stages": {"s1": {"on": {"failed": "s3"}}, "s2": {}, "s3": {}},
        "agents": {"writer": {"failures": {"deterministic": 0.3}}},
    },
    "validated at the end": {"stages": {"s1": {}, "s2": {}, "s3": {"validator": {"sensitivity": 0.7}}}},
    "a fork": {"stages": FORK, "agents": {"painter": {"success": 0.6}}},
    "sends back": {"stages": 3, "agents": {"writer": {"detect_upstream": 0.5, "on_upstream_defect": "send_back"}}},
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_the_quick_way_along_a_line_writes_the_same_log_as_the_long_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = LINES[name]
    stages = written["stages"]
    if isinstance(stages, dict):
        bound = {"agent": "writer", "human": "clerk"}
        stages = {
            stage: {**values, "topology": {**bound, **values["topology"]}} if "topology" in values else values
            for stage, values in stages.items()
        }
    of = chain(**{**written, "stages": stages})
    quick = simulate(of).digest
    monkeypatch.setattr(engine, "QuickWorkflow", Workflow)
    assert simulate(of).digest == quick


OFF: list[tuple[str, dict[str, Any]]] = [
    ("hand_off", {"context_loss": 0}),
    ("hand_off", {"context_loss": 0.0, "misread": 0.0}),
    ("misrouting", {"wrong_lane": 0, "time": "3 min"}),
    ("approval", {"gate": "none", "review": "none"}),
    ("guards", {}),
    ("guards", {"max_hops": 5, "budgets": {}, "count_stage_handoffs": False}),
]


@pytest.mark.parametrize(("block", "written"), OFF)
def test_a_block_at_its_defaults_leaves_the_log_of_a_chain_as_it_is(
    block: str, written: dict[str, Any]
) -> None:
    plain, explicit = chain(3), chain(3, **{block: written})
    assert simulate(explicit).digest == simulate(plain).digest
    assert explicit.digest() == plain.digest()


AGENT_OFF: dict[str, Any] = {
    "propagation_factor": 1, "detect_upstream": 0, "recovery": {}, "ack_loss": 0, "idempotent": True,
    "by_task": {},
}  # fmt: skip


@pytest.mark.parametrize("key", AGENT_OFF)
def test_an_effect_of_an_agent_at_its_default_leaves_the_log_of_a_chain_as_it_is(key: str) -> None:
    plain, explicit = chain(3), chain(3, agents={"writer": {key: AGENT_OFF[key]}})
    assert simulate(explicit).digest == simulate(plain).digest


def test_one_stage_that_is_written_out_makes_the_same_decisions_as_none() -> None:
    bare = cohort(events(scenario("escalation")))
    staged = cohort(events(scenario("escalation", task={"stages": {"work": {}}})))
    columns = ["tick", "task", "action", "reason", "outcome", "theta", "role", "attempt", "inference", "next"]
    assert bare[columns].reset_index(drop=True).equals(staged[columns].reset_index(drop=True))
    assert human_ticks(bare) == human_ticks(staged)

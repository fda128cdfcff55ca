"""The shipped scenarios of chains, reviews, guards and cascades show what they are for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

import analysis
import sim
from analysis.theory import cascade_failure_risk
from sim.workers import AgentRole
from tests.statistics.family import FIRST_SEED, Look, statistical

FOLDER = Path(__file__).parents[2] / "scenarios"
NAMES = (
    "cascade_support", "content_pipeline", "five_agent_chain", "premium_lane_underwater", "review_everything",
    "runaway_loop",
)  # fmt: skip
HOUR, DAY = 3_600_000_000, 86_400_000_000

Frame = Any
"""A pandas DataFrame; the published stubs refuse ordinary selections of rows."""


@cache
def scenario(name: str, variant: str = "") -> sim.Scenario:
    """A shipped scenario, or one of its variants."""
    shipped = sim.load(FOLDER / f"{name}.yaml")
    return shipped.variant(variant) if variant else shipped


@cache
def cohort(name: str, variant: str = "", seed: int = FIRST_SEED) -> Frame:
    """The rows of the tasks that arrive in the measured time, names as texts."""
    chosen = scenario(name, variant)
    frame: Frame = sim.simulate(chosen, seed).events()
    frame = frame.astype(dict.fromkeys(frame.select_dtypes("category").columns, object))
    arrived = frame[(frame.action == "arrived") & frame.tick.between(chosen.warm_up, chosen.horizon - 1)]
    return frame[frame.trace_id.isin(arrived.trace_id)]


def actions(name: str, action: str, variant: str = "", seed: int = FIRST_SEED) -> Frame:
    """The cohort's rows of one action."""
    rows = cohort(name, variant, seed)
    return rows[rows.action == action]


def endings(name: str, variant: str = "", seed: int = FIRST_SEED) -> Frame:
    """The row with which each task of the cohort ended."""
    rows = cohort(name, variant, seed)
    return rows[rows.next.isin(["deliver", "fail"])].set_index("trace_id").sort_index()


@pytest.mark.parametrize("name", NAMES)
def test_the_diagram_names_every_role_that_works(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    head = text[: text.index("\nversion:")]
    assert [role for role in scenario(name).roles_at_work() if role not in head] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_opens_with_its_question(name: str) -> None:
    head = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").split("\nversion:")[0]
    assert "Question" in head
    assert "?" in head


@pytest.mark.parametrize("name", NAMES)
def test_a_run_has_thousands_of_tasks(name: str) -> None:
    assert 2_000 <= scenario(name).expected_tasks() < 20_000


# -- five_agent_chain ---------------------------------------------------------------------------------------------


@pytest.mark.mechanism("CS-09")
@pytest.mark.mechanism("TP-09")
@statistical
def test_a_chain_of_five_fails_as_often_as_the_playbook_says(look: Look) -> None:
    cohorts = [
        found.cohort for found in analysis.replicate(scenario("five_agent_chain"), 5, look.seed).tallies
    ]
    wrong = sum(cohort.wrong + cohort.failed for cohort in cohorts)
    expected = cascade_failure_risk([0.05] * 5)
    assert expected == pytest.approx(0.2262, abs=5e-5)
    look.share(wrong, sum(cohort.tasks for cohort in cohorts), expected)


@pytest.mark.mechanism("WL-12")
def test_every_letter_passes_its_stages_once_and_in_order() -> None:
    passed = actions("five_agent_chain", "attempted")
    passed = passed[passed.stage_end == 1].groupby("trace_id").stage.agg(list)
    assert len(passed) == len(endings("five_agent_chain"))
    assert all(stages == list(scenario("five_agent_chain").stages("prospect")) for stages in passed)


@pytest.mark.mechanism("WR-09")
def test_a_stage_is_done_by_the_holders_of_its_role_only() -> None:
    chosen = scenario("five_agent_chain")
    done = actions("five_agent_chain", "attempted").groupby("stage").role.agg(set)
    stages = chosen.tasks["prospect"].stages
    assert done.to_dict() == {name: {stage.agent} for name, stage in stages.items()}
    roles = [chosen.workers[str(stage.agent)] for stage in stages.values()]
    assert all(isinstance(role, AgentRole) for role in roles)


def test_hard_letters_for_all_stages_are_wrong_less_often() -> None:
    """Mistakes that come together spoil fewer letters than mistakes that come alone."""
    apart, together = (
        (endings("five_agent_chain", variant).is_right == 0).mean()
        for variant in ("", "hard letters are hard for all")
    )
    assert together < apart


# -- review_everything --------------------------------------------------------------------------------------------


def review_hours_a_day(variant: str = "") -> float:
    """Hours that people review, per measured day."""
    chosen, reviews = (
        scenario("review_everything", variant),
        actions("review_everything", "reviewed", variant),
    )
    days = (chosen.horizon - chosen.warm_up) / DAY
    return float((reviews.ended - reviews.started).sum() / HOUR / days)


@pytest.mark.mechanism("BE-13")
@pytest.mark.mechanism("CS-10")
def test_review_of_everything_takes_25_hours_a_day() -> None:
    assert len(endings("review_everything")) == 7 * 1000
    assert len(actions("review_everything", "reviewed")) == 7 * 1000
    assert review_hours_a_day() == 25.0


@pytest.mark.mechanism("HI-06")
def test_review_at_edges_takes_less_by_the_share_of_other_tasks_and_leaves_the_edges_alone() -> None:
    variant = "only what leaves the house"
    assert review_hours_a_day(variant) == 25.0 * (1 - 0.6)
    everything, edges = endings("review_everything"), endings("review_everything", variant)
    for name in ("description", "refund"):
        assert everything[everything.type == name].is_right.equals(edges[edges.type == name].is_right)


@pytest.mark.mechanism("HI-11")
def test_each_edge_has_its_reviews_and_catches() -> None:
    reviews = actions("review_everything", "reviewed", "only what leaves the house")
    assert reviews.groupby("type").size().to_dict() == {"description": 7 * 250, "refund": 7 * 150}
    caught = reviews[reviews.outcome == "rejected"].groupby("type").size()
    cost_per_catch = reviews.groupby("type").human_review.sum() / 1e9 / caught
    assert ((cost_per_catch > 2) & (cost_per_catch < 20)).all()


def test_only_what_changes_a_record_is_gated() -> None:
    assert review_hours_a_day("only what changes a record") == 25.0 * 0.15
    assert review_hours_a_day("nobody reviews") == 0.0


# -- content_pipeline ---------------------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-22")
@statistical
def test_the_gate_sends_eight_of_ten_back_and_the_rework_costs(look: Look) -> None:
    gate = actions("content_pipeline", "attempted", "", look.seed)
    gate = gate[(gate.stage == "gate") & (gate.stage_end == 1)]
    passed = gate[gate.assigned == "publisher"]
    look.share(len(gate) - len(passed), len(gate), 0.8)
    drafts = actions("content_pipeline", "attempted", "", look.seed)
    drafts = drafts[drafts.stage == "draft"]
    passes = (1 - 0.8**8) / 0.2
    # What is spent again is that part of the whole when it exceeds it by nothing on average.
    excess = drafts.inference * (drafts["pass"] > 1) - (1 - 1 / passes) * drafts.inference
    look.mean(excess.groupby(drafts.trace_id).sum(), 0.0)


@pytest.mark.mechanism("CS-04")
@statistical
def test_the_funnel_shows_where_posts_die(look: Look) -> None:
    posts, ended = (part("content_pipeline", "", look.seed) for part in (cohort, endings))
    reached = posts[posts.stage.notna()].groupby("stage").trace_id.nunique()
    assert reached["research"] >= reached["draft"] == reached["gate"] > reached["publish"] == reached["mail"]
    dead = ended[ended.next == "fail"]
    look.share((dead.stage == "gate").sum(), reached["gate"], 0.8**8)
    assert dead.reason.notna().all()
    assert len(ended) - len(dead) == (ended.next == "deliver").sum() <= reached["publish"]


def test_every_post_that_is_published_was_approved_and_every_channel_joined() -> None:
    posts = cohort("content_pipeline")
    published = posts[(posts.stage == "publish") & (posts.stage_end == 1)]
    assert published.action.isin(["reviewed", "executed"]).all()
    joined = posts[posts.action == "joined"]
    assert joined.trace_id.is_unique
    assert set(joined.trace_id) == set(published.trace_id)


# -- premium_lane_underwater --------------------------------------------------------------------------------------


@pytest.mark.mechanism("BE-12")
def test_the_report_ranks_the_cheap_lane_first() -> None:
    table = analysis.replicate(scenario("premium_lane_underwater"), replications=2).by_type()
    lanes = table.set_index("type")
    for metric in ("cpst", "cpst_with_damage"):
        assert lanes[metric].idxmin() == "cheap_lane"
    assert lanes.wrong_per_1000.idxmin() == "premium_lane"
    assert lanes.human_minutes_per_task.to_dict() == {"premium_lane": 2.0, "cheap_lane": 0.0}


@pytest.mark.mechanism("BE-12")
def test_the_premium_lane_makes_three_calls_where_the_other_makes_one() -> None:
    calls = actions("premium_lane_underwater", "attempted").groupby(["type", "trace_id"]).size()
    assert calls.groupby("type").agg(set).to_dict() == {"premium_lane": {3}, "cheap_lane": {1}}


# -- runaway_loop -------------------------------------------------------------------------------------------------

BUDGET = 250_000_000
"""The trace budget in nano-units."""


def spent(variant: str = "", seed: int = FIRST_SEED) -> Frame:
    """What models and tools cost, by trace and row."""
    rows = cohort("runaway_loop", variant, seed)
    return rows.assign(spent=rows.inference + rows.tools)


@pytest.mark.mechanism("RT-19")
@pytest.mark.mechanism("HX-01")
def test_no_trace_has_more_than_five_hops_and_the_sixth_goes_to_a_person() -> None:
    rows = cohort("runaway_loop")
    assert rows.hop.max() == 5
    stopped = rows[rows.reason == "hop_limit"]
    assert len(stopped) > 0.1 * len(endings("runaway_loop"))
    assert (stopped.next == "execute").all()
    ended = endings("runaway_loop").loc[stopped.trace_id]
    assert (ended.role == "dispatcher").all()
    assert rows[rows.trace_id.isin(stopped.trace_id)].groupby("trace_id").hop.max().eq(5).all()


@pytest.mark.mechanism("BE-05")
def test_no_trace_spends_more_than_its_budget_and_one_call() -> None:
    rows = spent()
    total = rows.groupby("trace_id").spent.sum()
    calls = rows[rows.spent > 0]
    last = calls.groupby("trace_id").spent.last()
    assert (total > BUDGET).any()
    assert (total - last).max() <= BUDGET
    assert (rows[rows.action == "refused"].reason == "trace_budget").sum() > 20


@pytest.mark.mechanism("BE-05")
def test_a_strict_budget_is_never_exceeded() -> None:
    assert spent("never a cent above the budget").groupby("trace_id").spent.sum().max() <= BUDGET


@pytest.mark.mechanism("RT-19")
@statistical
def test_without_limits_hops_and_cost_have_a_long_tail(look: Look) -> None:
    rows = spent("hardly any limits", look.seed)
    hops = rows.groupby("trace_id").hop.max()
    after_an_answer = 0.6 + 0.4 * 0.6  # somebody asks at once, or after the attempt that follows
    look.share((hops > 10).sum(), len(hops), 0.6 * after_an_answer**10)
    frames = spent(seed=look.seed), rows
    limited, free = (frame.groupby("trace_id").spent.sum().quantile(0.99) for frame in frames)
    assert free > 2 * limited


def test_what_is_stopped_may_fail_instead() -> None:
    ended = endings("runaway_loop", "what is stopped has failed")
    failed = ended[ended.next == "fail"]
    assert set(failed.reason) == {"hop_limit", "trace_budget"}


# -- cascade_support ----------------------------------------------------------------------------------------------


@pytest.mark.mechanism("CR-10")
def test_every_tier_that_tried_is_paid_and_the_next_one_tries_only_what_is_unsure() -> None:
    rows = actions("cascade_support", "attempted")
    unsure = rows[rows.next != "deliver"]
    visible_failure = unsure.theta.isna()
    assert (visible_failure | (unsure.theta < 900_000_000)).all()
    assert (rows[rows.next == "deliver"].theta >= 900_000_000).all()
    assert (rows.inference > 0).all()
    tiers = rows.groupby("trace_id").role.agg(lambda roles: tuple(dict.fromkeys(roles)))
    assert set(tiers) == {("small",), ("small", "large")}


@pytest.mark.mechanism("CR-17")
@statistical
def test_each_tier_ends_a_share_of_the_questions_and_triage_starts_the_hard_ones_later(look: Look) -> None:
    by_tier = endings("cascade_support", "", look.seed).role.value_counts(normalize=True)
    assert set(by_tier.index) == {"small", "large", "helper"}
    assert by_tier.min() > 0.03
    variant = "hard questions start at the large model"
    rows = actions("cascade_support", "attempted", variant, look.seed)
    first = rows.groupby("trace_id").role.first()
    looks_hard = float(stats.norm.sf(0.8 / 1.25**0.5))  # hardness and an error of 0.5 above the boundary
    look.share((first == "large").sum(), len(first), looks_hard)


@pytest.mark.mechanism("CR-17")
def test_the_cascade_saves_inference_against_the_large_model_alone() -> None:
    cascade, alone = (cohort("cascade_support", variant).inference.sum() for variant in ("", "large only"))
    assert cascade < 0.8 * alone

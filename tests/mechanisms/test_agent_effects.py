"""Mechanism rows RT-16, RT-21, RT-25, RL-05: effects on agents' work; and all of them off leave the log alone."""

from __future__ import annotations

from typing import Any

import pytest
from scipy import stats

from sim.flows import is_plain
from sim.run import simulate
from sim.scenario import Scenario
from tests.statistics.family import FIRST_SEED, Look, statistical

from .builders import (
    BASE,
    FAILING,
    MINUTE,
    SECOND,
    Frame,
    Values,
    cohort,
    endings,
    events,
    scenario,
)

OTHER = {**BASE["workers"]["extractor"], "success": 0.7}
"""A second agent role."""


def work(agent: Values | None = None, topology: str = "autonomous", **rest: Any) -> Scenario:
    """The base as a workflow of one stage; a share of .7 of the outputs is right."""
    task = {"stages": {"work": {}}, **rest.pop("task", {})}
    return scenario(topology, agent={"success": 0.7, **(agent or {})}, task=task, **rest)


def attempts(of: Scenario) -> Frame:
    """Attempts at the tasks of an hour, by task."""
    frame = cohort(events(of))
    return frame[frame.action == "attempted"].set_index("task").sort_index()


# -- self-correction --------------------------------------------------------------------------------------------


@pytest.mark.mechanism("RT-16")
@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
@statistical
def test_the_agent_mends_a_share_of_its_errors_and_breaks_nothing(look: Look, rate: float) -> None:
    rule = {"rate": rate, "more_time": 0.5, "more_output": 0.25}
    plain, mended = (attempts(work(agent, seed=look.seed)) for agent in ({}, {"self_correction": rule}))
    wrong = plain[plain.is_right == 0]
    look.share(int((mended.is_right.reindex(wrong.index) == 1).sum()), len(wrong), rate)
    assert mended[plain.is_right == 1].is_right.eq(1).all()


@pytest.mark.mechanism("RT-16")
def test_reflection_takes_its_time_and_tokens_so_that_cost_rises_with_success() -> None:
    look = {"rate": 0.5, "more_time": 0.5, "more_output": 0.25}
    plain, mended = (attempts(work(agent, seed=674)) for agent in ({}, {"self_correction": look}))
    ticks, longer = plain.ended - plain.started, mended.ended - mended.started
    assert (longer - 1.5 * ticks).abs().max() <= 1
    assert (mended.output_tokens - 1.25 * plain.output_tokens).abs().max() <= 0.5
    assert mended.is_right.mean() > plain.is_right.mean() + 0.1
    assert mended.inference.sum() > plain.inference.sum()


# -- sandboxes and damage ---------------------------------------------------------------------------------------

DAMAGED = {"damage_if_wrong": 12}


@pytest.mark.mechanism("RT-21")
def test_every_attempt_boots_a_sandbox_and_pays_for_it_in_its_own_line() -> None:
    box = {"boot": "8 s", "cost": 0.02}
    failing = {"failures": {"transient": 0.3}}
    plain, boxed = (attempts(work({**failing, **agent})) for agent in ({}, {"sandbox": box}))
    assert plain.sandbox.isna().all()
    assert set(boxed.sandbox) == {20_000_000}
    assert len(boxed) == len(plain) > boxed.index.nunique()
    plain, boxed = (frame[frame.attempt == 1] for frame in (plain, boxed))
    assert set((boxed.ended - boxed.started) - (plain.ended - plain.started)) == {8 * SECOND}
    assert (boxed.tools == plain.tools).all()


@pytest.mark.mechanism("RT-21")
@pytest.mark.parametrize(("contains", "damage"), [(True, 0), (False, 12_000_000_000)])
def test_nothing_beyond_a_sandbox_that_contains_is_damaged(contains: bool, damage: int) -> None:
    box = {"contains_damage": contains}
    ends = endings(cohort(events(work({"sandbox": box}, task=DAMAGED))))
    assert set(ends[ends.is_right == 0].damage) == {damage}
    assert ends[ends.is_right == 1].damage.isna().all()


CLASSES = {
    "low": {"distribution": "lognormal", "median": 10, "p95": 100},
    "high": {"distribution": "lognormal", "median": 1000, "p95": 50_000},
}


def damages(
    radius: str, agent: Values | None = None, topology: str = "autonomous", seed: int = FIRST_SEED
) -> Frame:
    """Damage of each delivery of an hour, by class of the task; NULL for right ones."""
    of = work(agent, topology, task={"blast_radius": radius}, damage=CLASSES, seed=seed)
    frame = cohort(events(of))
    return frame[frame.next == "deliver"].set_index("task").sort_index()


@pytest.mark.mechanism("RT-25")
@statistical
def test_damage_is_drawn_from_its_class_and_grows_with_the_blast_radius(look: Look) -> None:
    for radius, median in (("low", 10), ("high", 1000)):
        found = damages(radius, seed=look.seed)
        wrong = found[found.is_right == 0]
        assert wrong.damage.notna().all()
        assert found[found.is_right == 1].damage.isna().all()
        look.share(int((wrong.damage > median * 1e9).sum()), len(wrong), 0.5)
    assert damages("moderate").damage.isna().all()


@pytest.mark.mechanism("RT-25")
@pytest.mark.parametrize("cap", [0, 500, 10**9])
def test_no_wrong_delivery_does_more_damage_than_the_rights_of_its_maker_allow(cap: int) -> None:
    free, capped = damages("high"), damages("high", {"damage_cap": cap})
    limit = cap * 1e9
    wrong = free.is_right == 0
    assert capped.damage.max() <= limit
    assert (capped.damage[wrong] == free.damage[wrong].clip(upper=limit)).all()
    assert bool(free.damage.max() > limit) == (cap <= 500)


@pytest.mark.mechanism("RT-25")
def test_what_a_person_delivers_is_not_held_by_the_cap_of_the_agent() -> None:
    found = damages("high", {"damage_cap": 500}, "escalation")
    by_person = found[(found.role == "clerk") & (found.is_right == 0)]
    assert by_person.damage.max() > 500e9
    assert found[found.role == "extractor"].damage.max() <= 500e9


# -- causes that agents share -----------------------------------------------------------------------------------

STAGES = {"draft": {}, "send": {"agent": "sender"}}


def in_chain(share: float | None, seed: int, among: str = "model", **values: Any) -> tuple[Frame, Frame]:
    """Whether the work of each of two stages, on one model unless said otherwise, is right."""
    effect = {} if share is None else {"shared_cause": {"share": share, "among": among}}
    sender = {**OTHER, **values, **effect}
    of = scenario(
        "autonomous",
        agent={"success": 0.7, **effect},
        task={"stages": STAGES},
        workers={"sender": sender},
        seed=seed,
    )
    frame = cohort(events(of))
    work_of = frame[frame.action == "attempted"].set_index("task").sort_index()
    return tuple(work_of[work_of.stage == stage].own_right for stage in STAGES)


@pytest.mark.mechanism("RL-05")
@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
@statistical
def test_a_shared_cause_keeps_how_often_each_stage_fails_but_not_how_often_both_do(
    look: Look, share: float
) -> None:
    first, second = in_chain(share, look.seed)
    for stage in (first, second):
        look.share(int((stage == 0).sum()), len(stage), 0.3)
    both = share**2 * 0.3 + (1 - share**2) * 0.09
    hits = int(((first == 0) & (second == 0)).sum())
    look.share(hits, len(first), both)
    assert bool(stats.binomtest(hits, len(first), 0.09).pvalue < 1e-6) == (share > 0)


@pytest.mark.mechanism("RL-05")
@pytest.mark.parametrize(
    ("among", "values", "joint"),
    [
        ("model", {"model": "another-model"}, 0.09),
        ("provider", {"model": "another-model", "provider": "example"}, 0.3),
        ("provider", {"provider": "another"}, 0.09),
    ],
)
@statistical
def test_only_what_runs_on_the_same_model_or_provider_shares_the_cause(
    look: Look, among: str, values: dict[str, Any], joint: float
) -> None:
    effect = {"shared_cause": {"share": 1, "among": among}}
    of = scenario(
        "autonomous", agent={"success": 0.7, "provider": "example", **effect}, task={"stages": STAGES},
        workers={"sender": {**OTHER, "provider": "example", **values, **effect}}, seed=look.seed,
    )  # fmt: skip
    frame = cohort(events(of))
    right = frame[frame.action == "attempted"].pivot(index="task", columns="stage", values="own_right")
    look.share(int(right.eq(0).all(axis=1).sum()), len(right), joint)


@pytest.mark.mechanism("RL-05")
@statistical
def test_transient_failures_strike_at_once_too(look: Look) -> None:
    def both(share: float) -> tuple[int, int]:
        effect = {"failures": {"transient": 0.3}, "shared_cause": {"share": share}, "retries": 20}
        of = scenario(
            "autonomous", agent={"success": 0.7, **effect}, task={"stages": STAGES},
            workers={"sender": {**OTHER, **effect}}, seed=look.seed,
        )  # fmt: skip
        frame = cohort(events(of))
        first = frame[(frame.action == "attempted") & (frame.attempt == 1)]
        failed = first.pivot(index="task", columns="stage", values="outcome").eq("transient")
        return int(failed.all(axis=1).sum()), len(failed)

    look.share(*both(0.0), 0.09)
    look.share(*both(1.0), 0.3)


# -- off means off ----------------------------------------------------------------------------------------------

FAILS = {"failures": FAILING, "schema_invalid": 0.05}
OFF: list[dict[str, Any]] = [
    {"recovery": {}},
    {"recovery": {"transient": [], "deterministic": [], "memory_gain": 0, "partial_work": 0}},
    {"retries": {"policy": "by_category"}},
    {"ack_loss": 0, "idempotent": False},
    {"damage_cap": None},
    {"sandbox": None, "self_correction": None, "shared_cause": None},
]
"""Values of an agent role at their defaults, or without effect while others are at theirs."""
IDLE: list[dict[str, Any]] = [
    {"sandbox": {"contains_damage": False}},
    {"self_correction": {"rate": 0, "more_time": 0, "more_output": 0}},
    {"shared_cause": {"share": 0}},
    {"damage_cap": 10**9},
    {"recovery": {"memory_gain": 2, "partial_work": 0}, "failures": {"judgment": 0.1}},
]
"""Blocks that are written and do nothing."""


@pytest.mark.parametrize("values", OFF)
def test_a_plain_task_type_stays_plain_and_its_log_the_same(values: dict[str, Any]) -> None:
    task = {"mutating": True}
    rest: dict[str, Any] = {"drain_limit": "0 s", "horizon": "30 min"}
    plain, written = (
        scenario("escalation", agent={**FAILS, **agent}, task=task, **rest) for agent in ({}, values)
    )
    assert is_plain(written, "invoice")
    assert simulate(written).digest == simulate(plain).digest


@pytest.mark.parametrize("values", OFF + IDLE)
def test_the_log_of_a_workflow_is_the_same(values: dict[str, Any]) -> None:
    stages = {"draft": {}, "send": {"mutating": True}}
    rest: dict[str, Any] = {"drain_limit": "0 s", "horizon": "30 min"}
    fails = {**FAILS, **({"failures": values["failures"]} if "failures" in values else {})}
    plain, written = (
        scenario("escalation", agent={**fails, **agent}, task={"stages": stages, **DAMAGED}, **rest)
        for agent in ({}, values)
    )
    assert simulate(written).digest == simulate(plain).digest


@pytest.mark.parametrize("rule", [None, {"by": "clerk", "probability": 0}])
def test_without_discovery_or_with_none_found_the_log_of_a_workflow_is_the_same(rule: Any) -> None:
    plain, written = (work(topology="escalation", task=task) for task in ({}, {"discovery": rule}))
    assert simulate(written).digest == simulate(plain).digest


def test_recovery_of_failures_that_never_come_changes_nothing() -> None:
    moves = {"judgment": ["richer_context"], "deterministic": ["fix"], "governance": ["person"]}
    plain, written = (
        work({"failures": {"transient": 0.2}, **agent}, "escalation") for agent in ({}, {"recovery": moves})
    )
    assert simulate(written).digest == simulate(plain).digest


def test_work_that_takes_no_time_boots_its_sandbox_all_the_same() -> None:
    found = attempts(work({"work_time": "0 s", "sandbox": {"boot": "1 min"}}))
    assert set(found.ended - found.started) == {MINUTE}

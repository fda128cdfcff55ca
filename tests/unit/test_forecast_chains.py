"""The forecast of chains against hand values, and their risk against an integral done in another way."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from analysis import theory
from analysis.forecast import Forecast, forecast
from sim.overlay import overlaid
from sim.scenario import Scenario

STAGES = ("first", "second", "third", "fourth", "fifth")
CHAIN: dict[str, Any] = {
    "version": 1,
    "name": "Chain",
    "horizon": "100 h",
    "tasks": {
        "task": {
            "arrivals": {"process": "deterministic", "every": "1 min"},
            "input_tokens": 1000,
            "output_tokens": 100,
            "damage_if_wrong": 10,
            "stages": {name: {} for name in STAGES},
        }
    },
    "workers": {
        "agent": {
            "kind": "agent",
            "positions": 10,
            "model": "some-model",
            "price": {"input": 1, "output": 10},
            "work_time": "30 s",
            "success": 0.95,
        },
        "person": {
            "kind": "human",
            "positions": 10,
            "wage": "60 / h",
            "work_time": "5 min",
            "review_time": "1 min",
            "success": 1,
            "review": {"catch_rate": 0.8, "false_reject": 0},
        },
    },
    "topology": {"kind": "autonomous", "agent": "agent", "human": "person"},
}
"""Five stages of one agent that is right 19 times in 20."""


def chain(*patches: dict[str, Any]) -> Forecast:
    """The forecast of the chain with overlays."""
    tree = CHAIN
    for patch in patches:
        tree = overlaid(tree, patch)
    return forecast(Scenario.from_tree(tree))


def agent(**values: Any) -> dict[str, Any]:
    """An overlay of the agent."""
    return {"workers": {"agent": values}}


def stages(**values: Any) -> dict[str, Any]:
    """An overlay of stages of the task type."""
    return {"tasks": {"task": {"stages": values}}}


@pytest.mark.mechanism("RT-13")
@pytest.mark.mechanism("TP-09")
def test_five_stages_of_5_percent_fail_at_22_6() -> None:
    expected = chain()
    assert expected.risk.independent == pytest.approx(0.22621906, abs=1e-8)
    assert expected.risk.shared == pytest.approx(0.22621906, abs=1e-8)
    assert expected.journey.wrong == pytest.approx(0.22621906, abs=1e-8)
    escapes = {stage.stage: stage.escapes for stage in expected.stages}
    assert escapes == pytest.approx({name: 0.05 * 0.95**place for place, name in enumerate(STAGES)})


def test_every_cost_and_load_is_attempts_times_its_price() -> None:
    effort = chain().effort
    assert effort.inference == pytest.approx(5 * (1000 + 10 * 100) / 1e6)
    assert effort.agent_minutes == pytest.approx(2.5)
    (pool,) = chain().pools
    assert pool.load == pytest.approx(2.5)
    assert pool.visits == pytest.approx(5 * 6000, rel=1e-3)


def wrong_at(hardness: np.ndarray[Any, Any], mean: float, spread: float) -> np.ndarray[Any, Any]:
    """P(wrong) at a hardness, its level found by another root finder on another grid."""
    nodes = np.linspace(-8, 8, 4001)
    weights = np.exp(-nodes * nodes / 2)
    weights /= weights.sum()
    level = brentq(lambda x: weights @ expit(x - spread * nodes) - mean, -50, 50)
    return np.asarray(1.0 - expit(level - spread * hardness))


@pytest.mark.mechanism("RT-14")
@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_the_risk_with_shared_hardness_is_the_integral_over_it(spread: float) -> None:
    """Half of the variance is the task's: at each value of it the stages are independent."""
    shared, own = np.linspace(-8, 8, 801), np.linspace(-8, 8, 801)
    weights = np.exp(-shared * shared / 2)
    weights /= weights.sum()
    hardness = np.sqrt(0.5) * shared[:, None] + np.sqrt(0.5) * own
    given = wrong_at(hardness, 0.95, spread) @ weights
    exact = theory.shared_failure_risk([[p] * 5 for p in given.tolist()], weights.tolist())
    expected = chain(agent(success={"mean": 0.95, "spread": spread}))
    assert expected.risk.independent == pytest.approx(0.22621906, abs=1e-4)
    assert expected.risk.shared == pytest.approx(exact, abs=2e-4)
    assert expected.journey.wrong == pytest.approx(exact, abs=2e-4)
    assert exact < 0.2262


@pytest.mark.mechanism("RT-14")
def test_visible_failures_count_as_failures_of_their_stage() -> None:
    failures = {"transient": 0.2, "deterministic": 0.1}
    expected = chain(agent(failures=failures, retries=1))
    visible = 0.1 + 0.9 * 0.04
    failure = 1 - (1 - visible) * 0.95
    for stage in expected.stages:
        assert stage.visible == pytest.approx(visible)
        assert stage.right == pytest.approx(0.95)
        assert stage.failure == pytest.approx(failure)
        assert stage.attempts_per_pass == pytest.approx(0.1 + 0.9 * 1.2)
    assert expected.risk.independent == pytest.approx(theory.cascade_failure_risk([failure] * 5))
    assert expected.journey.right == pytest.approx(1 - expected.risk.independent)


def test_people_are_no_agent_stages() -> None:
    by_people = {"topology": {"kind": "human_only", "human": "person"}}
    expected = chain(stages(second=by_people, fourth=by_people))
    assert expected.risk.independent == pytest.approx(theory.cascade_failure_risk([0.05] * 3))
    assert [stage.agent_passes for stage in expected.stages] == pytest.approx([1, 0, 1, 0, 1])


@pytest.mark.mechanism("RT-12")
def test_reviewers_let_pass_what_the_closed_form_says() -> None:
    """Whoever does it again is always right, and mends an inherited defect at the catch rate."""
    expected = chain({"approval": {"review": "all", "reviewer": "person", "max_revisions": 0}})
    assert expected.journey.wrong == pytest.approx(theory.escape_probability([0.05] * 5, 0.8, 0.8))
    assert expected.risk.independent == pytest.approx(0.22621906)


@pytest.mark.mechanism("RT-12")
def test_an_error_breeds_by_the_factor() -> None:
    """What was wrong before is always repaired, so a delivery is wrong by the last agent's own error alone."""
    expected = chain(agent(propagation_factor=4, detect_upstream=1, on_upstream_defect="repair"))
    wrong = 0.0
    for _ in STAGES:
        wrong = wrong * 4 * 0.05 + (1 - wrong) * 0.05
    assert expected.journey.wrong == pytest.approx(wrong)
    assert expected.risk.independent == pytest.approx(0.22621906)


@pytest.mark.mechanism("HX-02")
@pytest.mark.mechanism("HX-12")
def test_context_that_is_lost_divides_the_odds() -> None:
    expected = chain({"hand_off": {"context_loss": 0.05}})
    for place, stage in enumerate(expected.stages):
        odds = 19.0 * 0.95**place
        assert stage.failure == pytest.approx(1 / (1 + odds), abs=1e-7)


@pytest.mark.mechanism("HX-03")
def test_a_store_keeps_the_context_and_costs_its_reads() -> None:
    store = {"hand_off": {"context_loss": 0.05, "store": {"read_cost": 0.01}}}
    assert chain(store).risk.independent == pytest.approx(0.22621906, abs=1e-8)
    assert chain(store).effort.tools == pytest.approx(4 * 0.01)


@pytest.mark.mechanism("RT-16")
def test_an_agent_that_looks_again_mends_its_share() -> None:
    expected = chain(agent(self_correction={"rate": 0.4, "more_time": 1, "more_output": 2}))
    assert expected.risk.independent == pytest.approx(theory.cascade_failure_risk([0.03] * 5))
    assert expected.effort.agent_minutes == pytest.approx(5.0)
    assert expected.effort.output_tokens == pytest.approx(5 * 300)


@pytest.mark.mechanism("CR-21")
@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_a_validator_with_the_same_blind_spots_catches_less(correlation: float) -> None:
    rule = {"sensitivity": 0.8, "specificity": 1, "correlation": correlation}
    escalation = {"kind": "escalation", "agent": "agent", "human": "person", "threshold": 0}
    expected = chain(stages(fifth={"validator": rule, "topology": escalation}))
    wrong = theory.cascade_failure_risk([0.05] * 5)
    assert expected.journey.by_check == pytest.approx(wrong * 0.8 * (1 - correlation))


@pytest.mark.mechanism("RT-04")
def test_recovery_moves_come_to_the_closed_form() -> None:
    moves = [{"move": "richer_context", "chance": 0.4}, {"move": "other_tool", "chance": 1}]
    expected = chain(agent(failures={"judgment": 0.5}, recovery={"judgment": moves}))
    exact = theory.recovery(0.5, [(0.4, 0.5), (1.0, 0.5)])
    assert expected.stages[0].attempts_per_pass == pytest.approx(exact.attempts)
    assert 1 - expected.stages[0].visible == pytest.approx(exact.success)


@pytest.mark.mechanism("RT-06")
def test_trying_everything_again_wastes_on_what_never_changes() -> None:
    failures = {"deterministic": 0.2}
    naive = chain(agent(failures=failures, retries={"limit": 2, "policy": "naive"}))
    designed = chain(agent(failures=failures))
    assert naive.stages[0].attempts_per_pass == pytest.approx(1 + 2 * 0.2)
    assert designed.stages[0].attempts_per_pass == pytest.approx(1.0)
    assert naive.journey.right == pytest.approx(designed.journey.right)


@pytest.mark.mechanism("CR-10")
@pytest.mark.parametrize(("small", "wins"), [(0.011, True), (0.009, False)])
def test_a_cascade_wins_on_its_side_of_the_boundary(small: float, wins: bool) -> None:
    """A validator that sees everything and costs nothing, independent outcomes: q_small/c_small against q/c."""
    roles = {
        "cheap": {
            **CHAIN["workers"]["agent"],
            "model": "cheap",
            "price": {"input": 10, "output": 0},
            "success": small,
        },
        "dear": {
            **CHAIN["workers"]["agent"],
            "model": "dear",
            "price": {"input": 1000, "output": 0},
            "success": 1.0,
        },
    }
    task = {"arrivals": CHAIN["tasks"]["task"]["arrivals"], "input_tokens": 1000}
    tree = {**CHAIN, "tasks": {"task": task}, "workers": roles}
    tiers = {
        "kind": "cascade",
        "tiers": [{"agent": "cheap", "threshold": 0}, {"agent": "dear", "threshold": 0}],
    }
    perfect = {"sensitivity": 1, "specificity": 1}
    both = forecast(Scenario.from_tree({**tree, "topology": tiers, "validator": perfect}))
    alone = forecast(Scenario.from_tree({**tree, "topology": {"kind": "autonomous", "agent": "dear"}}))
    assert both.cpst is not None
    assert alone.cpst is not None
    assert both.cpst == pytest.approx(theory.cascade_cost_per_success(small, 0.01, 1.0, 1.0))
    assert (both.cpst < alone.cpst) is wins


def test_a_join_is_wrong_when_any_branch_is() -> None:
    fork = stages(first={"parallel": ["second", "third"], "join": "fourth"})
    expected = chain(fork)
    assert expected.journey.wrong == pytest.approx(0.22621906)
    assert [stage.passes for stage in expected.stages] == pytest.approx([1.0] * 5)
    assert expected.risk.independent == pytest.approx(0.22621906)


def test_a_loop_is_passed_as_often_as_its_share_says() -> None:
    looped = stages(second={"next": {"second": 0.5, "third": 0.5}, "max_passes": 3})
    expected = chain(looped)
    assert expected.stages[1].passes == pytest.approx(1 + 0.5 + 0.25)
    assert expected.journey.failed == pytest.approx(0.125)
    assert (
        "approximate in the forecast: stages passed again (second): as if their own hardness were new"
        in expected.notes
    )


def test_parts_add_up_to_the_whole() -> None:
    expected = chain(
        {"approval": {"gate": "all", "reviewer": "person"}, "verification": {"detects": 0.5, "cost": 0.02}},
        {"tasks": {"task": {"discovery": {"by": "person", "probability": 0.5, "correction_time": "6 min"}}}},
        {"tasks": {"other": {"arrivals": {"process": "deterministic", "every": "2 min"}}}},
        agent(success={"mean": 0.9, "spread": 1}, sandbox={"cost": 0.01}),
    )
    for each in expected.types:
        effort, journey = each.effort, each.journey
        parts = sum(stage.effort.cost for stage in each.stages)
        assert effort.cost == pytest.approx(parts + effort.correction)
        assert journey.right + journey.wrong + journey.failed == pytest.approx(1.0)
        assert sum(stage.escapes for stage in each.stages) == pytest.approx(journey.wrong)
    for pool in expected.pools:
        stage_visits = sum(
            each.tasks * stage.loads[pool.role].visits
            for each in expected.types for stage in each.stages if pool.role in stage.loads
        )  # fmt: skip
        corrections = sum(each.tasks * each.journey.corrected for each in expected.types)
        assert pool.visits == pytest.approx(stage_visits + (corrections if pool.role == "person" else 0.0))
    task = next(each for each in expected.types if each.type_id == "task")
    assert task.effort.correction == pytest.approx(task.journey.wrong * 0.5 * 6)


def test_types_with_topologies_of_their_own_are_told_apart() -> None:
    expected = chain({"tasks": {"task": {"topology": {"kind": "human_only", "human": "person"}}}})
    assert expected.journey.attempts == 0
    assert expected.journey.right == pytest.approx(1.0)
    assert expected.risk.independent == pytest.approx(0.0)


def test_a_chain_is_forecast_in_a_moment() -> None:
    began = time.process_time()
    chain(
        agent(success={"mean": 0.93, "spread": 1.7}, confidence={"self_knowledge": 1.1, "hardness_seen": 0.4})
    )
    assert time.process_time() - began < 2.0

"""The forecast against simulated tasks, and what it says of pools, sizes and likely mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from analysis import theory
from analysis.forecast import Forecast, forecast
from analysis.forecast.stated import share_at_least
from analysis.forecast.values import dear_share
from sim.rules.confidence import ConfidenceBySignal, compile_confidence
from sim.rules.failures import FailureRates, compile_failures
from sim.rules.success import SuccessBySpread, compile_success
from sim.scenario import Scenario
from sim.tables import NORMAL_NODES, NORMAL_WEIGHTS
from tests.statistics.family import REPLICATIONS, Look, statistical
from tests.theory.observed import LABORATORY, laboratory, observe

NO_FAILURES = {"transient": 0, "deterministic": 0, "judgment": 0, "governance": 0}
SURE_OF_NOTHING = {"self_knowledge": 0, "overconfidence": 0.3, "hardness_seen": 1}


def agent(**values: Any) -> dict[str, Any]:
    """An overlay of the agent."""
    return {"workers": {"agent": values}}


def guardian(agent_values: dict[str, Any], **values: Any) -> dict[str, Any]:
    """An overlay of a guardian topology and of its agent."""
    return {"topology": {"kind": "guardian", **values}, **agent(**agent_values)}


CASES: dict[str, dict[str, Any]] = {
    "human_only": {"topology": {"kind": "human_only"}},
    "copilot": {"topology": {"kind": "copilot"}},
    "guardian": {"topology": {"kind": "guardian"}},
    "escalation": {},
    "autonomous": {"topology": {"kind": "autonomous"}},
    "every task alike": agent(success=0.75),
    "a steep spread of hardness": agent(success={"mean": 0.75, "spread": 4}),
    "success spread as a Beta": agent(success={"beta": [2, 1]}),
    "no hardness seen": agent(confidence={"self_knowledge": 1.0, "hardness_seen": 0}),
    "all hardness seen": agent(confidence={"self_knowledge": 1.0, "hardness_seen": 1}),
    "all hardness seen and no hint": agent(confidence=SURE_OF_NOTHING),
    "no failures": agent(failures=NO_FAILURES),
    "mostly transient failures": agent(failures={**NO_FAILURES, "transient": 0.6}, max_attempts=2),
    "many judgment failures": agent(failures={**NO_FAILURES, "judgment": 0.4}),
    "many deterministic failures": agent(failures={**NO_FAILURES, "deterministic": 0.4}),
    "guardian, attempts run out": guardian(
        {"failures": {"transient": 0.4, "deterministic": 0.1, "judgment": 0.1}, "max_attempts": 3},
        max_revisions=5,
    ),
    "guardian, revisions are better": guardian({"success": {"mean": 0.4, "spread": 2}}, revision_gain=1.5),
    "guardian, some are not revised": guardian({}, revise_share=0.5, max_revisions=1),
    "guardian, none is revised": guardian({}, max_revisions=0),
}
MEASURES = 30
"""What is compared in each case."""
NULL_HERE = ("sandbox", "verification", "correction")
"""Cost lines that plain task types do not have."""


def expected_of(expected: Forecast, name: str) -> float:
    """What a forecast says of a counted measure."""
    journey = expected.journey
    if name == "executions":
        return journey.alone + journey.drafted + journey.assisted + journey.redone
    return float(getattr(journey if hasattr(journey, name) else expected.effort, name))


@pytest.mark.parametrize("case", CASES)
@statistical
def test_every_expectation_is_what_simulated_tasks_come_to(look: Look, case: str) -> None:
    scenario = laboratory(CASES[case]).overlaid({"seed": look.seed, "horizon": "12 h"})
    expected = forecast(scenario)
    observed = {
        name: means for name, means in observe(scenario, REPLICATIONS).items() if name not in NULL_HERE
    }
    assert len(observed) == MEASURES
    for name, means in observed.items():
        look.mean(means, expected_of(expected, name), name)


def test_outcomes_and_reasons_add_up() -> None:
    for case, patch in CASES.items():
        journey = forecast(laboratory(patch)).journey
        assert journey.right + journey.wrong + journey.failed == pytest.approx(1.0, abs=1e-12), case
        by_person = journey.alone + journey.drafted + journey.redone
        if journey.attempts and not journey.failed:
            assert journey.to_person == pytest.approx(by_person, abs=1e-12), case


def test_a_threshold_of_0_passes_every_output_and_1_almost_none() -> None:
    everything = forecast(laboratory({"topology": {"threshold": 0}})).journey
    nothing = forecast(laboratory({"topology": {"threshold": 1}})).journey
    assert everything.by_confidence == pytest.approx(0.0, abs=1e-12)
    assert everything.confident == pytest.approx(everything.outputs)
    assert nothing.confident == pytest.approx(0.0, abs=1e-4)


def test_a_value_limit_of_0_sends_every_task_and_none_sends_nothing() -> None:
    assert forecast(laboratory({"topology": {"value_limit": 0}})).journey.by_value == pytest.approx(
        1.0, abs=1e-6
    )
    without = laboratory({"topology": {"kind": "guardian"}}).overlaid({"topology": {"kind": "escalation"}})
    assert forecast(without).journey.by_value == 0.0


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_certain_success_is_certain(mean: float) -> None:
    patch = agent(success=mean, failures=NO_FAILURES, schema_invalid=0)
    journey = forecast(laboratory({"topology": {"kind": "autonomous"}, **patch})).journey
    assert (journey.right, journey.wrong, journey.failed) == (mean, 1.0 - mean, 0.0)


def test_an_agent_that_always_fails_uses_up_its_retries() -> None:
    patch = agent(failures={**NO_FAILURES, "transient": 1}, retries=3)
    result = forecast(laboratory({"topology": {"kind": "autonomous"}, **patch}))
    assert (result.journey.failed, result.journey.attempts, result.cpst) == (1.0, 4.0, None)


def test_a_reviewer_who_misses_nothing_lets_nothing_wrong_pass() -> None:
    people = {"success": 1, "review": {"catch_rate": 1, "false_reject": 0}}
    patch = {"topology": {"kind": "guardian"}, "workers": {"person": people}}
    assert forecast(laboratory(patch)).journey.wrong == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("scale", "seen"), [(1.0, 1.0), (0.02, 1.0), (0.0, 1.0), (0.7, 0.0)])
def test_the_share_above_a_threshold_is_that_of_the_stated_formula(scale: float, seen: float) -> None:
    """Against the formula on a fine grid: a jump inside a cell of the quadrature is not lost."""
    success = compile_success(SuccessBySpread(mean=0.8, spread=1.5))
    rule = ConfidenceBySignal(self_knowledge=scale, overconfidence=0.2, hardness_seen=seen)
    curve = compile_confidence(rule, success, compile_failures(FailureRates(), success))
    got = float(np.sum(NORMAL_WEIGHTS * share_at_least(curve, 900_000_000, 1.0, NORMAL_NODES)))
    fine = np.linspace(-8, 8, 400_001)
    sees = (
        np.log(1 / (1 / expit(success.skill - 1.5 * fine) - 1))
        if seen
        else np.full_like(fine, np.log(0.8 / 0.2))
    )
    centre = sees + scale * scale / 2 + 0.2 - np.log(0.9 / 0.1)
    above = stats.norm.cdf(centre / scale) if scale else (centre >= 0)
    weights = stats.norm.pdf(fine) / np.sum(stats.norm.pdf(fine))
    assert got == pytest.approx(float(np.sum(weights * above)), abs=2e-5)


def test_the_share_above_the_limit_is_exact_for_a_value_on_the_limit() -> None:
    for value, share in ((400, 0.0), (400.004, 0.0), (400.006, 1.0)):
        scenario = laboratory({"tasks": {"task": {"value": value}}})
        assert dear_share(scenario, "task", scenario.topology.value_limit) == share  # type: ignore[union-attr]


def test_load_is_work_over_time_on_shift() -> None:
    office = {"office": {"days": "Mon-Fri", "hours": "08:00-18:00"}}
    arrivals = {"process": "poisson", "rate": "30 / h"}
    scenario = laboratory(
        {
            "horizon": "2 weeks",
            "calendars": office,
            "tasks": {"task": {"arrivals": arrivals}},
            "workers": {"person": {"calendar": "office", "positions": 20}},
            "topology": {"kind": "human_only"},
        }
    )
    (pool,) = forecast(scenario).pools
    assert (pool.slots, pool.open_hours) == (20, 100.0)
    assert pool.calendar == "office"
    assert pool.visits == pytest.approx(30 * 336)
    assert pool.visits_per_hour == pytest.approx(30 * 336 / 100)
    assert pool.load == pytest.approx(30 * 336 / 100 * 9 / 60)
    assert pool.utilisation == pytest.approx(pool.load / 20)
    assert pool.wait is None


def test_the_wait_of_a_pool_without_calendars_is_erlang_c() -> None:
    scenario = laboratory({"workers": {"person": {"positions": 6}}, "topology": {"kind": "human_only"}})
    (pool,) = forecast(scenario).pools
    assert pool.load == pytest.approx(4.5)
    assert pool.wait == pytest.approx(theory.mmc_mean_wait(6, 4.5, 9 * 60e6))


def test_an_overloaded_pool_is_named_with_its_load_and_has_no_wait() -> None:
    result = forecast(
        laboratory({"workers": {"person": {"positions": 4}}, "topology": {"kind": "human_only"}})
    )
    assert result.pools[0].wait is None
    assert "person gets 4.50 erlangs, has 4: the queue grows without bound" in result.notes


def test_a_role_without_work_and_a_window_of_broken_weeks_are_noted() -> None:
    notes = forecast(laboratory({"topology": {"kind": "autonomous"}})).notes
    assert notes == ("person takes no part: autonomous does not use it",)
    daily = {"calendars": {"day": {"days": "Mon-Sun", "hours": "00:00-24:00"}}}
    broken = forecast(
        laboratory({**daily, "workers": {"person": {"calendar": "day"}}, "horizon": "10 days"})
    ).notes
    assert broken == (
        "1 week 3 days are measured, which is not whole weeks: "
        "weekly calendars (day) weigh some days more than others",
    )
    assert (
        forecast(
            laboratory({**daily, "workers": {"person": {"calendar": "day"}}, "horizon": "2 weeks"})
        ).notes
        == ()
    )


def test_task_types_count_by_their_number() -> None:
    rare = {"arrivals": {"process": "poisson", "rate": "10 / h"}, "harder_by": 3}
    both = forecast(laboratory({"tasks": {"rare": rare}, "topology": {"kind": "human_only"}}))
    parts = {each.type_id: each for each in both.types}
    assert parts["rare"].tasks == pytest.approx(160)
    assert both.tasks == pytest.approx(640)
    weighted = 0.25 * parts["rare"].journey.right + 0.75 * parts["task"].journey.right
    assert both.journey.right == pytest.approx(weighted)
    assert parts["rare"].journey.right < parts["task"].journey.right


def test_fixed_costs_are_spread_over_the_measured_tasks() -> None:
    costs = {"licences": "300 / month", "servers": "60 per month"}
    plain, fixed = (forecast(laboratory(patch)) for patch in ({}, {"fixed_costs": costs}))
    assert fixed.cost - plain.cost == pytest.approx(360 * 16 / 720 / 480)


@pytest.mark.parametrize(
    ("arrivals", "tasks"),
    [
        ({"process": "deterministic", "every": "2 min"}, 480),
        ({"process": "renewal", "gap": {"distribution": "gamma", "mean": "4 min", "cv": 0.5}}, 240),
    ],
)
def test_expected_arrivals_are_time_over_the_mean_gap(arrivals: dict[str, Any], tasks: float) -> None:
    scenario = Scenario.from_tree({**LABORATORY, "tasks": {"task": {"arrivals": arrivals}}})
    assert forecast(scenario).tasks == pytest.approx(tasks)


def test_what_was_recorded_is_expected(tmp_path: Path) -> None:
    rows = [
        "t_s,value,input_tokens,output_tokens",
        "10,400.00,100,10",
        "20,400.01,300,20",
        "7200,900,500,30",
        "90000,0,0,0",
    ]
    (tmp_path / "tasks.csv").write_text("\n".join(rows))
    task = {"arrivals": {"process": "recorded", "file": "tasks.csv"}}
    result = forecast(Scenario.from_tree({**LABORATORY, "tasks": {"task": task}}, tmp_path))
    assert result.tasks == 3
    assert result.journey.by_value == 0.5
    assert result.effort.input_tokens == pytest.approx(result.journey.attempts * 225)


def test_a_reviewer_of_their_own_gets_the_reviews_and_no_more() -> None:
    reviewer = {
        "kind": "human",
        "wage": "60 / h",
        "work_time": "1 min",
        "review_time": "2 min",
        "positions": 500,
    }
    patch = {"workers": {"chief": reviewer}, "topology": {"kind": "guardian", "reviewer": "chief"}}
    result = forecast(laboratory(patch))
    loads = {pool.role: pool.load for pool in result.pools}
    assert loads["chief"] == pytest.approx(30 * result.journey.reviews * 2 / 60)
    assert loads["person"] == pytest.approx(30 * result.effort.human_minutes / 60 - loads["chief"])
    assert result.effort.human_review == pytest.approx(result.journey.reviews * 2)


def test_the_size_of_a_run_is_close_to_a_run() -> None:
    scenario = laboratory()
    size = forecast(scenario).size
    assert size.tasks == pytest.approx(480)
    assert size.rows == pytest.approx(480 * (2 + 0.164 + 0.533), rel=0.01)

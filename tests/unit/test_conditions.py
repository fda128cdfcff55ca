"""Conditions: how sure it is that they are met, above all where nothing varied, and what the page says of it."""

from __future__ import annotations

import re
from functools import cache

import pytest

import sim
from analysis.estimates import binomial_interval
from analysis.experiments import Replications, compare, replicate
from analysis.experiments.conditions import check, check_replications, parse_condition
from analysis.experiments.decision import BOUNDED, NOBODY, Rule, decide
from analysis.experiments.shares import at_limit, cases_alike
from analysis.experiments.solve import solve
from analysis.metrics import metric_of
from analysis.report.compare import compare_report

FLAWLESS = sim.loads(
    """
version: 1
name: Mail
horizon: 2 h
tasks:
  mail:
    arrivals: {process: deterministic, every: 20 min}
    sla: 1 h
    damage_if_wrong: 20
workers:
  agent: {kind: agent, model: none, price: {input: 0, output: 0}, tool_cost: 1, work_time: 2 min, success: 1}
  clerk: {kind: human, positions: 2, wage: 30 / h, work_time: 6 min, success: 1}
topology: {kind: human_only, human: clerk, agent: agent}
decide: {minimise: cpst_with_damage, subject_to: [escape_share <= 0.001, sla_share >= 0.5]}
"""
)


@cache
def flawless() -> Replications:
    """Ten replications in which nothing goes wrong and nothing varies."""
    return replicate(FLAWLESS, 10)


def chance(text: str, replications: int = 10) -> float | None:
    """The probability of meeting a condition, by the first replications."""
    return check(parse_condition(text), list(flawless().tallies)[:replications]).probability


def cases() -> int:
    """Measured tasks of all replications."""
    return sum(tally.cohort.tasks for tally in flawless().tallies)


# -- where nothing varied --------------------------------------------------------------------------------


def test_no_hit_in_few_cases_does_not_make_a_small_limit_sure() -> None:
    """As Clopper and Pearson: how often as many cases come without a hit at most, if their share is the limit."""
    assert cases() < 100
    assert chance("escape_share <= 0.001") == pytest.approx(1 - 0.999 ** cases())
    assert chance("escape_share <= 0.2") == pytest.approx(1 - 0.8 ** cases())
    assert chance("escape_share >= 0.2") == pytest.approx(0.8 ** cases())
    assert chance("wrong_per_1000 <= 200") == chance("escape_share <= 0.2")
    assert chance("retries_per_task <= 2") == 1.0


def test_hits_in_all_of_few_cases_do_not_make_a_high_limit_sure() -> None:
    assert chance("sla_share >= 0.999") == pytest.approx(1 - 0.999 ** cases())
    assert chance("sla_share <= 0.9") == pytest.approx(0.9 ** cases())


@pytest.mark.parametrize("text", ["escape_share <= 0", "sla_share >= 1", "damage_per_task <= 5"])
def test_nothing_is_said_of_a_limit_at_the_estimate_nor_of_damage_that_never_came(text: str) -> None:
    found = check(parse_condition(text), flawless().tallies)
    assert (found.is_met, found.probability) == (True, None)


@pytest.mark.parametrize(("text", "is_met"), [("wait_mean <= 60", True), ("people_on_shift < 2", False)])
def test_other_numbers_that_never_vary_go_by_the_sign_test(text: str, is_met: bool) -> None:
    assert check(parse_condition(text), flawless().tallies).is_met is is_met
    assert chance(text) == (1 - 0.5**10 if is_met else 0.5**10)


def test_cases_that_came_out_alike_have_the_interval_of_their_number() -> None:
    low, high = binomial_interval(0, cases())
    escapes, wrong = (flawless().estimate(name) for name in ("escape_share", "wrong_per_1000"))
    assert (escapes.value, escapes.low, escapes.high) == (0.0, low, high)
    assert wrong.low == 0.0
    assert wrong.high == pytest.approx(1000 * high)
    in_time = flawless().estimate("sla_share")
    assert in_time.low == pytest.approx(1 - high)
    assert in_time.high == 1.0


def test_shares_of_time_count_no_cases_and_what_varies_keeps_its_interval() -> None:
    used = flawless().estimate("utilisation_agents")
    assert used.value is None
    assert cases_alike(metric_of("utilisation"), [(0, 1000)] * 10) is None
    assert cases_alike(metric_of("escape_share"), [(0, 5), (1, 5)]) is None
    assert cases_alike(metric_of("escape_share"), [(0, 0), (0, 0)]) is None
    assert cases_alike(metric_of("retries_per_task"), [(5, 5)] * 10) is None
    one = replicate(FLAWLESS, 1).estimate("escape_share")
    assert not at_limit(metric_of("escape_share"), one, [(0, 6)]).has_interval


# -- too few replications --------------------------------------------------------------------------------


def test_below_ten_replications_no_condition_has_a_probability() -> None:
    assert chance("escape_share <= 0.5", 9) is None
    assert chance("wait_mean <= 60", 9) is None
    assert chance("escape_share <= 0.5", 10) is not None
    pair = {"two": FLAWLESS, "one": FLAWLESS.with_values({"workers.clerk.positions": 1})}
    conditions = ["escape_share <= 0.5", "people_on_shift >= 2"]
    page = " ".join(compare_report(compare(pair, 2, subject_to=conditions)).split())
    assert "with probability" not in page
    assert re.search(
        r"What decided: one would be .* better, but does not keep to people on shift at least 2 people "
        r"\(1\.00 people\)\. Choose two:",
        page,
    )


def test_to_be_sure_takes_ten_replications() -> None:
    check_replications(None, 2)
    check_replications(0.95, 10)
    with pytest.raises(ValueError, match="sure of a condition takes 10 replications or more, got 9"):
        check_replications(0.95, 9)


def test_a_search_is_not_sure_of_a_limit_that_its_few_tasks_cannot_show() -> None:
    found = solve(
        FLAWLESS,
        "workers.clerk.positions",
        ["escape_share<=0.001"],
        low=1,
        high=2,
        sure=0.99,
        replications=10,
    )
    assert found.best is None
    wide = solve(
        FLAWLESS, "workers.clerk.positions", ["escape_share<=0.2"], low=1, high=2, sure=0.99, replications=10
    )
    assert wide.best is not None


# -- why nothing is chosen --------------------------------------------------------------------------------


def test_an_objective_that_is_only_a_lower_bound_is_not_called_undefined() -> None:
    crowded = FLAWLESS.overlaid(
        {
            "drain_limit": "0 s",
            "tasks": {"mail": {"arrivals": {"process": "deterministic", "every": "1 min"}}},
            "workers": {"clerk": {"positions": 1}},
        }
    )
    found = replicate(crowded, 2)
    conditions = (parse_condition("escape_share <= 0.5"),)
    assert decide({"crowded": found}, Rule("cycle_time_mean", conditions)).reason == BOUNDED
    impossible = (*conditions, parse_condition("sla_share > 1"))
    assert decide({"crowded": found}, Rule("cycle_time_mean", impossible)).reason == NOBODY

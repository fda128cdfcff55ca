"""Sentences: amounts with their units, limits and topologies as people say them."""

from __future__ import annotations

from typing import get_args

import pytest

import sim
from analysis.estimates import LOWER_BOUND, Estimate
from analysis.experiments.conditions import Check, parse_condition
from analysis.metrics import METRICS, metric_of
from analysis.report import words
from sim.topology.presets import AnyTopology

NUMBER = Estimate(13_342.0, 13_331.0, 13_353.0, 10)
SHARE = Estimate(0.9988, 0.9983, 0.9993, 10)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("sla_share >= 95 %", "at least 95 % within SLA"),
        ("escape_share < 0.0125", "less than 1.25 % wrong deliveries of all tasks"),
        ("wrong_per_1000 <= 10", "at most 10 wrong deliveries per 1,000"),
        ("cpst > 12.3456", "cost per success more than EUR 12.3456"),
        ("cost_per_month_paid <= 19999", "monthly cost, hours paid at most EUR 19999 a month"),
        ("wait_mean <= 5400", "mean wait at most 1 h 30 min"),
        ("hops_max <= 3", "most hops at most 3 hops"),
    ],
)
def test_a_condition_is_said_with_its_unit_and_every_digit_that_was_stated(condition: str, said: str) -> None:
    assert words.limit(parse_condition(condition), "EUR") == said


def test_several_limits_make_one_phrase() -> None:
    conditions = map(parse_condition, ("sla_share >= 0.95", "escape_share <= 0.01"))
    assert (
        words.limits(conditions, "EUR")
        == "at least 95 % within SLA and at most 1 % wrong deliveries of all tasks"
    )
    assert words.limits((), "EUR") == ""


@pytest.mark.parametrize(
    ("metric", "found", "said"),
    [
        ("cost_per_month_paid", NUMBER, "EUR 13,342 [13,331, 13,353] a month"),
        ("cpst", Estimate(7.9239, 7.88, 7.97, 30), "EUR 7.92 [7.88, 7.97]"),
        ("sla_share", SHARE, "99.88 % [99.83, 99.93]"),
        ("wait_mean", Estimate(5400.0, 5340.0, 5460.0, 10), "1 h 30 min [1 h 29 min, 1 h 31 min]"),
        ("wrong_per_1000", Estimate(8.5, None, None, 1), "8.50 per 1,000"),
        ("cpst", Estimate(None, None, None, 3, "no success"), "-"),
    ],
)
def test_an_estimate_is_said_with_its_interval_and_unit(metric: str, found: Estimate, said: str) -> None:
    assert words.estimated(metric, found, "EUR") == said


def test_differences_of_shares_are_in_percentage_points() -> None:
    found = Estimate(-0.0512, -0.0612, -0.0412, 10)
    assert words.difference_text("sla_share", found, "EUR") == "-5.12 [-6.12, -4.12] %-points"
    assert words.difference_text("cpst", Estimate(0.5, 0.4, 0.6, 10), "EUR") == "EUR 0.500 [0.400, 0.600]"


def test_every_metric_has_words_without_underscores_that_no_other_of_its_unit_has() -> None:
    said = [(metric.label, metric.unit) for metric in METRICS]
    assert not [label for label, _ in said if "_" in label]
    assert len(dict.fromkeys(said)) == len(said)
    assert (metric_of("cpst").head, metric_of("sla_share").head) == ("CPST", "within SLA")


def test_every_topology_but_a_custom_one_is_told_in_words() -> None:
    kinds = [get_args(preset.model_fields["kind"].annotation)[0] for preset in get_args(AnyTopology)]
    assert sorted([*words.TOPOLOGIES, "custom"]) == sorted(kinds)


def test_who_does_what_is_told_where_one_topology_rules() -> None:
    assert words.topology(sim.load("scenarios/invoice_reconciliation.yaml")) == words.TOPOLOGIES["escalation"]


@pytest.mark.parametrize(
    ("condition", "value", "note", "said"),
    [
        ("sla_share >= 0.95", 0.94997, "", "at least 95 % within SLA (94.997 %)"),
        ("wrong_per_1000 <= 10", 10.0004, "", "at most 10 wrong deliveries per 1,000 (10.0004 per 1,000)"),
        ("cpst <= 5", 5.2, "", "cost per success at most EUR 5 (EUR 5.20)"),
        ("wait_mean <= 7200", 7203.0, "", "mean wait at most 2 h (2 h, 3 s off)"),
        ("cpst < 5", 5.0, "", "cost per success less than EUR 5 (EUR 5.00)"),
        ("wait_mean <= 60", 100.0, LOWER_BOUND, "mean wait at most 1 min (more than 1 min 40 s)"),
        ("cpst <= 5", None, "no success", "cost per success at most EUR 5 (-)"),
    ],
)
def test_what_misses_a_bound_is_told_with_the_digits_that_show_it(
    condition: str, value: float | None, note: str, said: str
) -> None:
    found = Check(parse_condition(condition), Estimate(value, None, None, 10, note), False, None)
    assert words.missed([found], "EUR") == said


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("escape_share", "fewer wrong deliveries of all tasks"),
        ("sla_share", "more within SLA"),
        ("wait_mean", "the lower mean wait"),
        ("throughput", "more delivered"),
    ],
)
def test_what_the_better_one_has_is_said_with_its_direction(metric: str, said: str) -> None:
    assert words.has_better(metric_of(metric)) == said

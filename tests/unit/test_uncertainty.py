"""Uncertain inputs of a scenario: what may be uncertain, what is drawn, and that a plain run knows nothing of it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

import sim
from sim import Scenario, ScenarioError, simulate
from sim.uncertainty import CHECKED, missing, parse_quantity, value_at, written
from tests.statistics.family import FIRST_SEED, Look, statistical

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASE = sim.load(SCENARIOS / "invoice_reconciliation.yaml").overlaid({"horizon": "1 day", "warm_up": "0 s"})
CATCH, THRESHOLD = "workers.clerk.review.catch_rate", "topology.threshold"
CATCH_RATE = {CATCH: {"distribution": "uniform", "low": 0.7, "high": 0.95}}


def uncertain(ranges: dict[str, Any]) -> Scenario:
    return BASE.overlaid({"uncertain": ranges})


def draws(path: str, distribution: Any, count: int = 400, seed: int = FIRST_SEED) -> list[Any]:
    scenario = uncertain({path: distribution})
    return [scenario.input_values(seed, replication)[path] for replication in range(count)]


def test_a_plain_run_does_not_depend_on_what_is_uncertain() -> None:
    scenario = uncertain(CATCH_RATE)
    assert scenario.digest() == BASE.digest()
    assert simulate(scenario, 7, 0).digest == simulate(BASE, 7, 0).digest


def test_the_digest_for_drawn_inputs_tells_ranges_apart() -> None:
    other = uncertain({CATCH: {"distribution": "uniform", "low": 0.7, "high": 0.96}})
    found = {scenario.digest_with_inputs() for scenario in (BASE, uncertain(CATCH_RATE), other)}
    assert len(found) == 3
    assert BASE.digest_with_inputs() == BASE.digest()


def test_a_draw_depends_on_seed_replication_and_path_alone() -> None:
    alone = uncertain(CATCH_RATE).input_values(7, 3)[CATCH]
    beside = uncertain({THRESHOLD: [0.8, 0.9], **CATCH_RATE}).input_values(7, 3)[CATCH]
    assert alone == beside
    assert alone != uncertain(CATCH_RATE).input_values(8, 3)[CATCH]
    assert alone != uncertain(CATCH_RATE).input_values(7, 4)[CATCH]


def test_a_drawn_scenario_has_the_value_and_nothing_uncertain() -> None:
    scenario = uncertain(CATCH_RATE)
    drawn, value = scenario.drawn(7, 3), scenario.input_values(7, 3)[CATCH]
    assert drawn.uncertain is None
    assert drawn.tree()["workers"]["clerk"]["review"] == {"catch_rate": value, "false_reject": 0.03}
    assert drawn.digest() == BASE.with_values({CATCH: value}).digest()


@statistical
def test_uniform_draws_fill_their_range_evenly(look: Look) -> None:
    found = draws(CATCH, {"distribution": "uniform", "low": 0.7, "high": 0.9}, 900, look.seed)
    assert 0.7 <= min(found) < 0.705
    assert 0.895 < max(found) <= 0.9
    look.mean(found, 0.8)


@statistical
def test_each_value_of_a_list_is_as_likely_as_the_others(look: Look) -> None:
    found = draws(THRESHOLD, [0.8, 0.85, 0.9], 900, look.seed)
    counts = [found.count(value) for value in (0.8, 0.85, 0.9)]
    assert sum(counts) == 900
    for count in counts:
        look.share(count, 900, 1 / 3)


@pytest.mark.parametrize(
    ("path", "distribution", "median"),
    [
        ("workers.clerk.work_time.mean", {"distribution": "uniform", "low": "8 min", "high": "600 s"}, "9 min"),
        ("workers.clerk.wage", {"distribution": "uniform", "low": "30 / h", "high": "38 / h"}, "34 / h"),
        ("workers.clerk.success", {"distribution": "uniform", "low": "90 %", "high": 0.98}, 0.94),
        ("workers.clerk.review_time", ["60 s", "1 min 30 s", "2 min"], "1 min 30 s"),
        ("workers.clerk.positions", [10, 11, 12], 11),
        ("tasks.invoice.damage_if_wrong", {"distribution": "lognormal", "median": 120, "p95": 400}, 120),
        ("tasks.invoice.arrivals.rate", {"distribution": "uniform", "low": "50 / h", "high": "70 / h"}, "60 / h"),
        ("tasks.invoice.sla", {"distribution": "uniform", "low": "4 h", "high": "12 h"}, "8 h"),
        ("workers.extractor.confidence.overconfidence", {"distribution": "uniform", "low": -1, "high": 1}, 0),
    ],
)  # fmt: skip
def test_a_value_is_drawn_in_its_own_unit(path: str, distribution: Any, median: Any) -> None:
    scenario = uncertain({path: distribution})
    assert scenario.uncertain is not None
    assert value_at(scenario.uncertain[path], 0.5) == median
    assert scenario.with_inputs({path: median}).uncertain is None


def test_a_value_is_on_a_grid_of_nine_digits() -> None:
    assert written(0.123456789123, "") == 0.123456789
    assert written(1234567.891, "duration") == "1.234568 s"
    assert written(1 / 3, "h") == "0.333333 / h"
    assert written(500.0 / 3, "month") == "166.6667 / month"


def test_what_is_written_is_read_again() -> None:
    scenario = uncertain({**CATCH_RATE, THRESHOLD: [0.8, 0.9], "workers.clerk.wage": ["30 / h", "35 / h"]})
    again = Scenario.from_tree(scenario.tree())
    assert again.uncertain == scenario.uncertain
    assert again.input_values(7, 0) == scenario.input_values(7, 0)
    assert Scenario.from_tree(scenario.resolved()).uncertain == scenario.uncertain
    assert pickle.loads(pickle.dumps(scenario)).input_values(7, 0) == scenario.input_values(7, 0)


def test_a_variant_shares_the_draws_and_does_without_what_it_lacks() -> None:
    scenario = uncertain({THRESHOLD: [0.8, 0.9], **CATCH_RATE})
    guardian = scenario.overlaid({"variants": {"guardian": {"topology": {"kind": "guardian"}}}}).variant(
        "guardian"
    )
    assert list(guardian.input_values(7, 0)) == [CATCH]
    assert guardian.input_values(7, 0)[CATCH] == scenario.input_values(7, 0)[CATCH]
    assert scenario.topologies("guardian")["guardian"].uncertain == guardian.uncertain


def test_a_variant_may_have_ranges_of_its_own() -> None:
    own = {"topology": {"kind": "guardian"}, "uncertain": {"topology.max_revisions": [1, 2, 3]}}
    scenario = uncertain({THRESHOLD: [0.8, 0.9]}).overlaid({"variants": {"guardian": own}})
    assert list(scenario.variant("guardian").uncertain or {}) == ["topology.max_revisions"]


def test_another_stated_value_keeps_the_range() -> None:
    assert uncertain(CATCH_RATE).with_values({CATCH: 0.8}).uncertain == uncertain(CATCH_RATE).uncertain


def test_a_value_out_of_bounds_is_refused_with_the_quantile_that_is() -> None:
    with pytest.raises(ScenarioError) as caught:
        uncertain({CATCH: {"distribution": "normal", "mean": 0.9, "sd": 0.08}})
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("E0372", f"uncertain.{CATCH}")
    assert "97.5 % quantile is 1.05" in fault.message


def test_a_list_goes_through_its_values_in_order() -> None:
    scenario = uncertain({THRESHOLD: [0.9, 0.7]})
    assert scenario.uncertain is not None
    ends = [
        value_at(scenario.uncertain[THRESHOLD], CHECKED[name]) for name in ("lowest draw", "highest draw")
    ]
    assert ends == [0.9, 0.7]


def test_what_is_missing_is_said_with_the_likely_name() -> None:
    assert missing(BASE, CATCH) == ""
    assert (
        missing(BASE, "workers.clerk.review.catch")
        == "no value catch in workers.clerk.review; did you mean catch_rate?"
    )
    assert "name one inside it" in missing(BASE, "workers.clerk.work_time")
    assert "nothing that a result depends on" in missing(BASE, "seed")


def test_a_quantity_keeps_its_unit_when_it_is_copied() -> None:
    quantity = pickle.loads(pickle.dumps(parse_quantity("34 / h")))
    assert (float(quantity), quantity.unit) == (34.0, "h")

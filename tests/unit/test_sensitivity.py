"""Sensitivity: parameters ranked by what they do, no effect last, and shares of variance of known functions."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sim
from analysis.estimates import UNDEFINED, Estimate
from analysis.experiments.one_at_a_time import Sensitivity, one_at_a_time
from analysis.experiments.ranges import BY, MOST_PARAMETERS, numbers_in, parameters_of
from analysis.experiments.sensitivity import sensitivity
from analysis.experiments.sobol import SobolIndices, sobol_indices
from analysis.experiments.variance_shares import CONSTANT, Index, design, indices_of
from analysis.report.sensitivity import sensitivity_answer, sensitivity_report
from analysis.report.sensitivity_scope import scope
from sim import Scenario, ScenarioError

INVOICES = sim.load(Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml")
DAY = INVOICES.with_values({"horizon": "1 day", "warm_up": "0 s"})
SUCCESS = "workers.extractor.success.mean"
THRESHOLD = "topology.threshold"
DAMAGE = "tasks.invoice.damage_if_wrong"
POSITIONS = "workers.clerk.positions"
REVIEW = "workers.clerk.review.catch_rate"
ADDITIVE = Scenario.from_tree({
    "version": 1,
    "name": "Additive",
    "horizon": "10 h",
    "currency": "EUR",
    "tasks": {"mail": {"arrivals": {"process": "deterministic", "every": "1 h"}, "value": 1}},
    "workers": {
        "clerk": {"kind": "human", "positions": 3, "wage": "60 / h", "work_time": "10 min", "success": 1},
        "bot": {
            "kind": "agent", "model": "own", "price": {"input": 0, "output": 0}, "work_time": "1 s",
            "tool_cost": 4, "success": 1, "concurrency": 9,
        },
    },
    "topology": {"kind": "escalation", "agent": "bot", "human": "clerk", "threshold": 0, "value_limit": 0},
})  # fmt: skip
"""Every task costs one use of a tool and some minutes of a clerk: cost per success is the sum of the two."""


@cache
def chosen() -> Sensitivity:
    """Three parameters that matter and two that do not."""
    paths = [DAMAGE, POSITIONS, THRESHOLD, SUCCESS, REVIEW]
    return one_at_a_time(DAY, paths, metrics="cpst_with_damage")


def flat(text: str) -> str:
    return re.sub(r"\n  (?=\S)", " ", text)


# -- ranges ------------------------------------------------------------------------------------------------------


def test_every_number_that_a_scenario_states_is_a_parameter_but_not_what_is_measured() -> None:
    paths = list(numbers_in(INVOICES.tree()))
    assert len(paths) == 32
    assert {
        SUCCESS,
        THRESHOLD,
        DAMAGE,
        "workers.clerk.wage",
        "tasks.invoice.arrivals.rate",
        "exchange.USD",
    } < set(paths)
    assert not [
        path for path in paths if path.split(".")[0] in ("horizon", "warm_up", "seed", "version", "variants")
    ]


def test_the_usual_range_is_20_percent_to_both_sides_in_the_unit_of_the_value() -> None:
    found = {one.path: (one.low, one.written, one.high) for one in parameters_of(INVOICES).varied}
    assert found[DAMAGE] == (96, 120, 144)
    assert found["workers.clerk.wage"] == ("27.2 / h", "34 / h", "40.8 / h")
    assert found["workers.clerk.work_time.mean"] == ("7 min 12 s", "9 min", "10 min 48 s")
    assert found["tasks.invoice.sla"][1] == "8 h"
    assert found["workers.extractor.failures.transient"] == (0.024, 0.03, 0.036)


def test_shares_stay_between_0_and_1_and_whole_numbers_change_by_1_at_least() -> None:
    found = {one.path: (one.low, one.high) for one in parameters_of(INVOICES).varied}
    assert found[SUCCESS] == (0.744, 1)
    assert found["workers.extractor.positions"] == (1, 3)
    assert found["workers.clerk.positions"] == (10, 14)
    single = DAY.with_values({"workers.extractor.positions": 1})
    (one,) = parameters_of(single, ["workers.extractor.positions"]).varied
    assert (one.low, one.high) == (1, 2)
    (one,) = parameters_of(INVOICES, [THRESHOLD], by=0.1).varied
    assert (one.low, one.high) == (0.765, 0.935)


def test_a_range_that_is_none_is_refused() -> None:
    for ranges, message in (
        ({DAMAGE: (2, 1)}, "from a smaller number to a larger"),
        ({DAMAGE: ("1 s", 2)}, "two numbers of one unit"),
        (["topology.kind"], "topology.kind is no number"),
        (["nothing.here"], "nothing.here is no number"),
        ([], "0 parameters to vary"),
    ):
        with pytest.raises(ValueError, match=message):
            parameters_of(INVOICES, ranges)  # type: ignore[arg-type]
    many = {f"fixed_costs.item{number}": ("1 / month", "2 / month") for number in range(MOST_PARAMETERS + 1)}
    with pytest.raises(ValueError, match="201 parameters to vary; 1 to 200 are allowed"):
        parameters_of(INVOICES, many)  # type: ignore[arg-type]


def test_stated_distributions_give_the_parameters_and_their_ranges() -> None:
    stated = INVOICES.overlaid({"uncertain": {REVIEW: {"distribution": "uniform", "low": 0.7, "high": 0.9}}})
    (one,) = parameters_of(stated).varied
    assert (one.path, one.written) == (REVIEW, 0.9)
    assert (one.low, one.high) == pytest.approx((0.71, 0.89))
    assert one.at(0.25) == pytest.approx(0.75)
    assert parameters_of(stated, [DAMAGE]).varied[0].path == DAMAGE


# -- one at a time -----------------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-16")
def test_a_parameter_without_effect_ranks_last() -> None:
    effects = chosen().ranking["cpst_with_damage"]
    assert effects[0].parameter.path in (SUCCESS, THRESHOLD)
    assert {effect.parameter.path for effect in effects[3:]} == {"workers.clerk.positions", REVIEW}
    for effect in effects[3:]:
        assert not effect.is_seen
        assert effect.size == 0
        assert (effect.difference.value, effect.difference.low, effect.difference.high) == (0, 0, 0)
    assert [effect.is_seen for effect in effects[:3]] == [True] * 3
    sizes = [effect.size for effect in effects]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.mechanism("MR-16")
def test_an_effect_that_could_be_noise_ranks_behind_those_that_are_seen() -> None:
    ranges = {"workers.clerk.work_time.cv": (0.2, 2.0), "workers.clerk.wage": ("33 / h", "35 / h")}
    effects = one_at_a_time(DAY, ranges, "cpst").ranking["cpst"]
    assert [effect.parameter.path for effect in effects] == [
        "workers.clerk.wage",
        "workers.clerk.work_time.cv",
    ]
    assert [effect.is_seen for effect in effects] == [True, False]


def test_a_metric_that_is_least_between_the_ends_depends_on_the_parameter_all_the_same() -> None:
    found = one_at_a_time(DAY, {THRESHOLD: (0.55, 1.0)}, "cpst_with_damage", 10)
    (effect,) = found.ranking["cpst_with_damage"]
    assert effect.is_seen
    assert effect.to_high.value is not None
    assert effect.to_low.value is not None
    assert effect.to_high.value > 0
    assert effect.to_low.value > 0


def test_a_known_effect_is_found_exactly() -> None:
    ranges = {"workers.bot.tool_cost": (2, 8), "workers.clerk.work_time": ("5 min", "20 min")}
    found = one_at_a_time(ADDITIVE, ranges, "cpst", 2)
    by_path = {effect.parameter.path: effect for effect in found.ranking["cpst"]}
    tool, clerk = by_path["workers.bot.tool_cost"], by_path["workers.clerk.work_time"]
    assert found.base.estimate("cpst").value == pytest.approx(14)
    assert (tool.to_low.value, tool.to_high.value, tool.difference.value) == pytest.approx((-2, 4, 6))
    assert (clerk.to_low.value, clerk.to_high.value, clerk.difference.value) == pytest.approx((-5, 10, 15))
    assert found.ranking["cpst"][0].parameter.path == "workers.clerk.work_time"


def test_the_tornado_has_a_row_per_metric_and_parameter() -> None:
    found = one_at_a_time(ADDITIVE, {"workers.bot.tool_cost": (2, 8)}, ["cpst", "throughput"], 2)
    frame = found.summary()
    assert list(frame.metric) == ["cpst", "throughput"]
    row = frame.iloc[0]
    assert (row.parameter, row.low_value, row.base_value, row.high_value) == (
        "workers.bot.tool_cost",
        2,
        4,
        8,
    )
    assert (row.at_low, row.at_base, row.at_high, row.difference) == pytest.approx((12, 14, 18, 6))
    assert len(found.to_frame()) == 3 * 2
    assert list(found.to_frame().end.unique()) == ["as written", "low", "high"]


def test_values_that_the_scenario_cannot_have_are_refused_before_any_run() -> None:
    with pytest.raises(ScenarioError) as caught:
        one_at_a_time(DAY, {THRESHOLD: (0.5, 1.5), "topology.treshold": (0.5, 0.6)})
    assert {fault.code for fault in caught.value.faults} == {"E0211", "E0107"}
    with pytest.raises(KeyError):
        one_at_a_time(DAY, [DAMAGE], "costs")
    with pytest.raises(ValueError, match="replications are at least 1"):
        one_at_a_time(DAY, [DAMAGE], replications=0)


def test_where_people_differ_idle_ones_count_as_in_a_comparison() -> None:
    apart = one_at_a_time(DAY, [POSITIONS, THRESHOLD], replications=3)
    assert apart.metrics == ("cpst_loaded_with_damage",)
    (positions,) = (
        effect for effect in apart.ranking[apart.metrics[0]] if effect.parameter.path == POSITIONS
    )
    assert positions.difference.value is not None
    assert positions.difference.value > 0
    assert "staffing differs between the points" in flat(scope(apart, DAY)[0])
    alike = one_at_a_time(DAY, [THRESHOLD], replications=3)
    assert (alike.metrics, scope(alike, DAY)) == (("cpst_with_damage",), [])


def test_only_what_seems_to_matter_gets_all_replications(tmp_path: Path) -> None:
    paths, told = [DAMAGE, THRESHOLD, SUCCESS, REVIEW], []
    near = one_at_a_time(
        DAY, paths, replications=4, closely=2, progress=lambda done, whole: told.append((done, whole))
    )
    whole = one_at_a_time(DAY, paths, replications=4)
    begun = one_at_a_time(DAY, paths, replications=2)
    kept = {effect.parameter.path for effect in begun.ranking["cpst_with_damage"][:2]}
    assert kept == set(begun.foremost(2)) == {one.path for one in near.parameters.varied}
    assert set(near.set_aside) == set(paths) - kept
    assert near.confidence == whole.confidence  # those set aside count, so that the choice costs no coverage
    for path, end in near.runs:
        assert near.runs[path, end].tallies == whole.runs[path, end].tallies
    assert [done for done, _ in told] == list(range(1, told[-1][0] + 1))
    assert told[-1][0] == told[-1][1]
    assert f"Set aside after 2 replications, for less of an effect: {', '.join(near.set_aside)}." in flat(
        scope(near, DAY)[0]
    )
    assert "95 % for all 4 together, Bonferroni, those set aside too" in flat(sensitivity_report(near))
    assert Sensitivity.load(near.save(tmp_path / "near.json")).to_json_dict() == near.to_json_dict()
    with pytest.raises(ValueError, match="at least 1 parameter"):
        one_at_a_time(DAY, paths, closely=0)


def test_few_parameters_are_all_looked_at_closely() -> None:
    assert one_at_a_time(DAY, [THRESHOLD, REVIEW], replications=3, closely=2).set_aside == ()


def test_the_page_says_first_what_matters_most() -> None:
    page = sensitivity_report(chosen())
    assert max(map(len, page.split("\n"))) <= 80
    first = chosen().ranking["cpst_with_damage"][0].parameter.path
    assert f"as written and depends most on {first}: " in flat(page)
    assert sensitivity_answer(chosen()) in flat(page)
    assert f"No effect at all: workers.clerk.positions, {REVIEW}." in flat(page)
    assert "(95 % for all 5 together, Bonferroni)" in flat(page)


def test_the_document_is_plain_json_and_a_saved_result_comes_back(tmp_path: Path) -> None:
    found = one_at_a_time(ADDITIVE, {"workers.bot.tool_cost": (2, 8)}, "cpst", 2)
    assert json.loads(json.dumps(found.to_json_dict(), allow_nan=False))["method"] == "one_at_a_time"
    again = Sensitivity.load(found.save(tmp_path / "result.json"))
    assert again.to_json_dict() == found.to_json_dict()
    assert sensitivity_report(again) == sensitivity_report(found)
    assert "2 replications: too few" in sensitivity_report(found)
    assert found.is_complete
    assert "<table>" in found._repr_html_()
    assert repr(found) == "<1 parameters, cpst depends most on workers.bot.tool_cost>"


# -- shares of variance ------------------------------------------------------------------------------------------


def ishigami(points: np.ndarray) -> list[float | None]:
    """A function whose indices are known: sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1, uniform on -pi .. pi."""
    x = math.pi * (2 * points - 1)
    found = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return list(found.tolist())


@pytest.mark.mechanism("MR-16")
def test_the_indices_of_a_known_function_are_found_with_intervals_that_hold_them() -> None:
    a, b, rows = 7.0, 0.1, 1024
    alone = 0.5 * (1 + b * math.pi**4 / 5) ** 2
    second, together = a**2 / 8, b**2 * math.pi**8 * (1 / 18 - 1 / 50)
    variance = alone + second + together
    known = {
        "x1": (alone / variance, (alone + together) / variance),
        "x2": (second / variance, second / variance),
        "x3": (0.0, together / variance),
    }
    for index in indices_of(ishigami(design(3, rows, 17)), list(known), rows):
        for found, value in zip((index.first, index.total), known[index.path], strict=True):
            assert found.value == pytest.approx(value, abs=0.03)
            assert found.low is not None
            assert found.high is not None
            assert found.low - 0.01 <= value <= found.high + 0.01
            assert found.high - found.low < 0.25


def test_the_indices_of_a_sum_are_its_shares_of_variance() -> None:
    ranges = {"workers.bot.tool_cost": (0, 8), "workers.clerk.work_time": ("5 min", "9 min")}
    found = sobol_indices(ADDITIVE, ranges, "cpst", replications=1, points=32)
    by_path = {index.path: index for index in found.indices["cpst"]}
    # cost per success is x + y, x uniform over 8, y over 4: variances as 4 to 1
    assert by_path["workers.bot.tool_cost"].first.value == pytest.approx(0.8, abs=0.1)
    assert by_path["workers.bot.tool_cost"].total.value == pytest.approx(0.8, abs=0.1)
    assert by_path["workers.clerk.work_time"].total.value == pytest.approx(0.2, abs=0.1)
    assert found.indices["cpst"][0].path == "workers.bot.tool_cost"
    assert found.noise == {"cpst": None}


def test_a_parameter_without_effect_has_no_share_and_the_noise_is_told(tmp_path: Path) -> None:
    ranges = {DAMAGE: (60, 240), REVIEW: (0.5, 0.9)}
    found = sensitivity(DAY, ranges, method="sobol", replications=2, points=8)
    assert isinstance(found, SobolIndices)
    last = found.indices["cpst_with_damage"][-1]
    assert (last.path, last.total.value) == (REVIEW, 0)
    assert found.noise["cpst_with_damage"] is not None
    page = sensitivity_report(found)
    assert max(map(len, page.split("\n"))) <= 80
    assert "Of the variance of cost per success with damage over the ranges " in flat(page)
    assert f" comes from {DAMAGE}" in flat(page)
    assert "Noise of the simulation in cost per success with damage: at most" in flat(page)
    assert "2 parameters at 32 points · 2 replications" in flat(page)
    again = SobolIndices.load(found.save(tmp_path / "result.json"))
    assert again.to_json_dict() == found.to_json_dict()
    assert json.loads(json.dumps(found.to_json_dict(), allow_nan=False))["method"] == "sobol"
    assert "<table>" in found._repr_html_()
    assert repr(found) == f"<Sobol indices of 2 parameters, cpst_with_damage depends most on {DAMAGE}>"
    assert len(found.summary()) == len(found.to_frame()) == 2


def test_a_share_of_the_variance_is_told_as_one_though_its_estimate_is_not() -> None:
    found = sensitivity(
        ADDITIVE,
        {"workers.bot.tool_cost": (0, 2), "workers.clerk.wage": ("50 / h", "60 / h")},
        method="sobol",
        points=8,
    )
    assert isinstance(found, SobolIndices)
    beyond = Index("workers.bot.tool_cost", Estimate(1.22, 0.4, 2.0, 8), Estimate(1.02, -0.1, 1.73, 8))
    page = flat(sensitivity_report(replace(found, indices={"cpst": [beyond]})))
    assert "over the ranges 100 % [0, 100] comes from workers.bot.tool_cost." in page
    assert "1.02 ±1" in page


def test_stated_distributions_are_what_the_points_are_drawn_from() -> None:
    stated = ADDITIVE.overlaid({
        "uncertain": {
            "workers.bot.tool_cost": {"distribution": "uniform", "low": 0, "high": 2},
            "workers.clerk.work_time": {"distribution": "uniform", "low": "2 min", "high": "130 s"},
        }
    })  # fmt: skip
    found = sobol_indices(stated, metrics="cpst", replications=1, points=8)
    first, last = found.indices["cpst"]
    assert first.path == "workers.bot.tool_cost"
    assert last.total.value == pytest.approx(0.0, abs=0.02)


def test_indices_that_cannot_be_given_say_why() -> None:
    same = indices_of([1.0] * 16, ["a", "b"], 4)
    assert [index.first.note for index in same] == [CONSTANT] * 2
    assert [index.total.value for index in same] == [0.0, 0.0]
    gap = indices_of([None, *[1.0] * 15], ["a", "b"], 4)
    assert [index.first.note for index in gap] == [UNDEFINED] * 2


@pytest.mark.parametrize(
    ("dimensions", "points", "message"),
    [
        (1, 8, "two parameters or more"),
        (2, 12, "a power of 2, got 12"),
        (2, 1, "power of 2"),
        (8, 1024, "at most 10,000"),
    ],
)
def test_a_design_that_is_none_is_refused(dimensions: int, points: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        design(dimensions, points, 1)


def test_there_are_two_methods() -> None:
    with pytest.raises(ValueError, match="no method 'guess'; there are one_at_a_time and sobol"):
        sensitivity(DAY, method="guess")  # type: ignore[arg-type]
    found = sensitivity(ADDITIVE, ["workers.bot.tool_cost"], replications=1)
    assert isinstance(found, Sensitivity)
    assert BY == 0.2

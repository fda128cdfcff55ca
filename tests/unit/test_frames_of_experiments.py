"""Frames of experiments: the same numbers as the estimates, and parts that add up to their whole."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from pathlib import Path

import pytest

from analysis import frames
from analysis.experiments import Comparison, estimate_of
from analysis.experiments.compare import compare
from analysis.experiments.decision import rule_of
from analysis.experiments.one_at_a_time import Sensitivity
from analysis.experiments.sensitivity import sensitivity
from analysis.experiments.sobol import SobolIndices
from analysis.experiments.sweep import Sweep, sweep
from analysis.frames.compared import DAMAGE_LINE, Basis
from analysis.metrics import metric_of
from sim import Scenario, load
from sim.quantities import BILLION, HOUR

SHIPPED = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"
SMALL = {"warm_up": "1 day", "horizon": "2 days", "workers.clerk.positions": 3}
THRESHOLD, POSITIONS = "topology.threshold", "workers.clerk.positions"


@pytest.fixture(scope="module")
def small() -> Scenario:
    return load(SHIPPED, SMALL)


@pytest.fixture(scope="module")
def hopeless() -> Scenario:
    """Nobody ever gets anything right."""
    return load(SHIPPED, {**SMALL, "workers.extractor.success": 0, "workers.clerk.success": 0})


@pytest.fixture(scope="module")
def compared(small: Scenario) -> Comparison:
    return compare(small.topologies("human_only", "guardian", "escalation", "autonomous"), 4)


@pytest.fixture(scope="module")
def swept(small: Scenario) -> Sweep:
    conditions = ["escalation_share <= 0.3"]
    return sweep(small, {THRESHOLD: [0.9, 0.6, 0.85, 0.97]}, 3, minimise="cpst", subject_to=conditions)


@pytest.fixture(scope="module")
def over_two(small: Scenario) -> Sweep:
    vary = {THRESHOLD: [0.7, 0.95], POSITIONS: [3, 2]}
    return sweep(small, vary, 2, minimise="cpst_with_damage", subject_to=["escape_share <= 0.04"])


@pytest.fixture(scope="module")
def moved(small: Scenario) -> Sensitivity:
    paths = [THRESHOLD, "workers.clerk.wage", "workers.clerk.review.catch_rate"]
    found = sensitivity(small, paths, ["cpst", "escape_share"], replications=3)
    assert isinstance(found, Sensitivity)
    return found


@pytest.fixture(scope="module")
def shares(small: Scenario) -> SobolIndices:
    found = sensitivity(small, [THRESHOLD, "workers.clerk.wage"], "cpst", "sobol", replications=1, points=4)
    assert isinstance(found, SobolIndices)
    return found


# -- variants ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["cpst", "sla_share", "cycle_time_p90"])
def test_a_comparison_has_the_estimate_of_every_variant(compared: Comparison, metric: str) -> None:
    rows = frames.comparison(compared, metric)
    assert rows["variant"].tolist() == list(compared.variants)
    for row in rows.to_dict("records"):
        expected = compared.estimate(row["variant"], metric_of(metric))
        assert (row["value"], row["low"], row["high"]) == (expected.value, expected.low, expected.high)
        assert row["unit"] == metric_of(metric).unit_in("EUR")
    assert rows.loc[rows["is_baseline"], "variant"].tolist() == [compared.baseline]
    assert rows.loc[rows["is_winner"], "variant"].tolist() == [compared.decision.winner]


def test_the_objective_of_staffed_variants_can_be_drawn_too(compared: Comparison) -> None:
    rows = frames.comparison(compared, "cpst_loaded_with_damage")
    assert rows["value"].notna().all()


@pytest.fixture(scope="module")
def harmful(compared: Comparison, small: Scenario) -> Comparison:
    """The same, decided by a cost with the damage of wrong deliveries."""
    return replace(compared, rule=rule_of(small, "cpst_with_damage", []))


@pytest.fixture(scope="module")
def spending(compared: Comparison, small: Scenario) -> Comparison:
    """The same, decided by a cost without damage."""
    return replace(compared, rule=rule_of(small, "cpst"))


@pytest.mark.parametrize("basis", ["worked", "paid", None])
def test_where_damage_decides_the_lines_of_cost_add_up_to_what_is_ranked_on(
    harmful: Comparison, basis: Basis | None
) -> None:
    rows = frames.cost_breakdown(harmful, basis)
    objective = harmful.decision.objective
    assert objective is not None
    expected = "cpst_with_damage" if basis == "worked" else objective.name
    assert rows.attrs["metric"] == expected
    for name, part in rows.groupby("variant"):
        assert part["line"].iloc[-1] == DAMAGE_LINE
        value = harmful.estimate(str(name), expected).value
        assert part["value"].sum() == pytest.approx(value, rel=1e-12)


def test_damage_that_does_not_decide_or_is_not_stated_is_no_line_of_cost(
    compared: Comparison, spending: Comparison, small: Scenario
) -> None:
    spared = compare(small.with_values({"tasks.invoice.damage_if_wrong": 0}).topologies("guardian"), 1)
    by_harm = replace(compared, rule=rule_of(small, "damage_per_task", []))
    for found in (spared, spending, by_harm, compared.base):
        assert DAMAGE_LINE not in set(frames.cost_breakdown(found)["line"])


@pytest.mark.parametrize(("basis", "metric"), [("worked", "cpst"), ("paid", "cpst_loaded")])
def test_the_lines_of_cost_add_up_to_the_cost_of_a_success(
    spending: Comparison, basis: Basis, metric: str
) -> None:
    rows = frames.cost_breakdown(spending, basis)
    assert (rows.attrs["basis"], rows.attrs["metric"]) == (basis, metric)
    for name, part in rows.groupby("variant"):
        expected = spending.estimate(str(name), metric_of(metric)).value
        assert part["value"].sum() == pytest.approx(expected, rel=1e-12)
    assert rows.groupby("line")["value"].any().all()
    assert (rows["value"] >= 0).all()


def test_cost_is_broken_down_on_the_basis_that_the_decision_ranks_on(
    spending: Comparison, harmful: Comparison, small: Scenario
) -> None:
    assert not spending.is_staffed_alike
    assert frames.cost_breakdown(spending).attrs["metric"] == "cpst_loaded"
    assert frames.cost_breakdown(harmful).attrs["metric"] == "cpst_loaded_with_damage"
    alike = compare(small.topologies("escalation", "guardian"), 1)
    assert frames.cost_breakdown(alike).attrs["metric"] == "cpst_with_damage"
    assert frames.cost_breakdown(alike.base).attrs["metric"] == "cpst"


def test_idle_hours_are_what_is_paid_and_not_worked(compared: Comparison) -> None:
    rows = frames.cost_breakdown(compared, "paid").set_index(["variant", "line"])["value"]
    for name, found in compared.variants.items():
        right = sum(one.window.right for one in found.tallies)
        for line, hours in (("worked", "busy_ticks"), ("idle", "present_ticks")):
            ticks = [
                role.wage * (getattr(role, hours) - (role.busy_ticks if line == "idle" else 0)) / HOUR
                for one in found.tallies
                for role in one.people
            ]
            assert rows[name, f"paid hours, {line}"] == pytest.approx(sum(ticks) / right / BILLION, abs=1e-8)


def test_the_frontier_marks_what_another_variant_beats_in_everything(compared: Comparison) -> None:
    rows = frames.frontier(compared, "cpst", "cfr_delivered", "throughput_right")
    for row in rows.to_dict("records"):
        others = rows[rows["variant"] != row["variant"]]
        at_least = (others["x"] <= row["x"]) & (others["y"] <= row["y"]) & (others["size"] >= row["size"])
        better = (others["x"] < row["x"]) | (others["y"] < row["y"]) | (others["size"] > row["size"])
        assert row["dominated"] == (at_least & better).any()


def test_the_frontier_is_of_the_cost_that_the_decision_ranks_on(
    compared: Comparison, small: Scenario
) -> None:
    alike = compare(small.topologies("escalation", "guardian"), 1)
    for found, metric in ((compared, "cpst_loaded"), (alike, "cpst"), (compared.base, "cpst")):
        expected = [
            frames.frontier(found, metric)["x"].tolist(),
            frames.comparison(found, metric)["value"].tolist(),
        ]
        assert [frames.frontier(found)["x"].tolist()] * 2 == expected
    assert frames.frontier(compared, "cpst")["x"].tolist() != frames.frontier(compared)["x"].tolist()


def test_risks_are_those_of_the_estimates(compared: Comparison) -> None:
    rows = frames.cfr(compared)
    assert len(rows) == 3 * len(compared.variants)
    for row in rows.to_dict("records"):
        expected = compared.estimate(row["variant"], metric_of(row["risk"]))
        assert (row["value"], row["low"], row["high"]) == (expected.value, expected.low, expected.high)


def test_convergence_ends_with_the_estimate_of_all_replications(compared: Comparison) -> None:
    rows = frames.convergence(compared.base, "cpst")
    assert rows["replications"].tolist() == [2, 3, 4]
    expected = compared.base.estimate("cpst")
    assert rows.iloc[-1][["value", "low", "high"]].tolist() == [expected.value, expected.low, expected.high]
    first = estimate_of(metric_of("cpst"), compared.base.tallies[:2])
    assert rows["low"].iloc[0] == first.low


# -- sweeps -----------------------------------------------------------------------------------------------------


def test_a_trade_off_has_each_metric_at_every_point_in_rising_order(swept: Sweep) -> None:
    rows = frames.trade_off(swept)
    assert list(dict.fromkeys(rows["metric"])) == ["escalation_share", "wrong_per_1000", "cpst"]
    for name, part in rows.groupby("metric"):
        assert part["point"].tolist() == [0.6, 0.85, 0.9, 0.97]
        for row in part.to_dict("records"):
            expected = swept.comparison.estimate(f"{THRESHOLD}={row['point']}", metric_of(str(name)))
            assert (row["value"], row["low"], row["high"]) == (expected.value, expected.low, expected.high)
    sent = rows[rows["metric"] == "escalation_share"]
    assert sent["value"].is_monotonic_increasing
    assert sent["is_feasible"].tolist() == (sent["value"] <= 0.3).tolist()
    assert sent.loc[sent["is_baseline"], "point"].tolist() == [0.85]
    assert rows.attrs["path"] == THRESHOLD


def test_a_heat_map_has_one_row_per_point_and_marks_the_best_that_is_feasible(over_two: Sweep) -> None:
    rows = frames.heat_map(over_two)
    assert (rows.attrs["x"], rows.attrs["y"]) == (THRESHOLD, POSITIONS)
    assert rows.attrs["metric"] == over_two.objective.name
    assert sorted(zip(rows["x"], rows["y"], strict=True)) == [(0.7, 2), (0.7, 3), (0.95, 2), (0.95, 3)]
    standings = over_two.standings()
    assert rows["value"].tolist() == standings["value"].tolist()
    assert rows["is_feasible"].tolist() == standings["is_feasible"].tolist()
    feasible = rows[rows["is_feasible"]]
    assert rows.loc[rows["is_winner"], "value"].tolist() == [feasible["value"].min()]


def test_a_heat_map_of_one_path_is_an_error(swept: Sweep) -> None:
    with pytest.raises(ValueError, match="two paths"):
        frames.heat_map(swept)


# -- sensitivity ------------------------------------------------------------------------------------------------


def test_a_sensitivity_has_the_differences_of_its_summary(moved: Sensitivity) -> None:
    for metric in ("cpst", "escape_share"):
        rows, summary = frames.sensitivity(moved, metric), moved.summary()
        its = summary[summary["metric"] == metric]
        for column in ("parameter", "to_low", "to_high_low", "is_seen"):
            assert rows[column].tolist() == its[column].tolist()
        assert rows.attrs["base"] == moved.base.estimate(metric).value
    assert frames.sensitivity(moved).attrs == {
        "metric": "cpst", "method": "one_at_a_time", "base": moved.base.estimate("cpst").value, "set_aside": (),
    }  # fmt: skip


def test_a_parameter_that_changes_nothing_is_not_seen(moved: Sensitivity) -> None:
    rows = frames.sensitivity(moved).set_index("parameter")
    nothing = rows.loc["workers.clerk.review.catch_rate"]
    assert (nothing["to_low"], nothing["to_high"], nothing["is_seen"]) == (0.0, 0.0, False)
    assert rows["is_seen"].iloc[0]


def test_shares_of_variance_are_those_of_the_indices(shares: SobolIndices) -> None:
    rows = frames.sensitivity(shares)
    assert rows.attrs["method"] == "sobol"
    assert rows["total"].tolist() == [index.total.value for index in shares.indices["cpst"]]
    assert rows["first_order_low"].tolist() == [index.first.low for index in shares.indices["cpst"]]


def test_a_metric_that_was_not_asked_about_is_an_error(moved: Sensitivity) -> None:
    with pytest.raises(KeyError, match="cpst, escape_share"):
        frames.sensitivity(moved, "sla_share")


# -- extremes ---------------------------------------------------------------------------------------------------


def test_without_a_success_what_costs_a_success_is_undefined_everywhere(hopeless: Scenario) -> None:
    compared = compare(hopeless.topologies("escalation", "autonomous"), 2)
    assert frames.comparison(compared)["value"].isna().all()
    assert set(frames.comparison(compared)["note"]) == {"undefined"}
    assert frames.cost_breakdown(compared)["value"].isna().all()
    assert frames.frontier(compared)["x"].isna().all()
    assert frames.convergence(compared.base)["value"].isna().all()
    swept = sweep(hopeless, {THRESHOLD: [0.5, 0.9]}, 2, minimise="cpst")
    rows = frames.trade_off(swept)
    assert rows.loc[rows["metric"] == "cpst", "value"].isna().all()
    assert not rows["is_winner"].any()


def test_one_replication_has_values_and_no_intervals(small: Scenario) -> None:
    compared = compare(small.topologies("escalation", "autonomous"), 1)
    rows = frames.comparison(compared)
    assert rows["value"].notna().all()
    assert rows["low"].isna().all()
    assert frames.convergence(compared.base).empty
    assert isnan(frames.cfr(compared)["low"].iloc[0])

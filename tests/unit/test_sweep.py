"""Sweeps: one row per point and replication, common draws, the best point, and what the page says of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import sim
from analysis.experiments.replicate import replicate
from analysis.experiments.saved import SavedResultError
from analysis.experiments.sweep import Sweep, sweep
from analysis.experiments.sweep_rows import close_points, dominated_points, replication_rows
from analysis.figures.paths import short_names
from analysis.metrics import METRICS, metric_of
from analysis.report.sweep import sweep_report, usual_columns
from analysis.report.sweep_words import answer
from sim import Scenario, ScenarioError

SCENARIOS = Path(__file__).parents[2] / "scenarios"
INVOICES = sim.load(SCENARIOS / "invoice_reconciliation.yaml")
DAY = INVOICES.with_values({"horizon": "1 day", "warm_up": "0 s"})
TWO_DAYS = INVOICES.with_values({"horizon": "2 days", "warm_up": "0 s"})
THRESHOLD = "topology.threshold"


@cache
def thresholds() -> Sweep:
    """The threshold from where everything passes to where little does."""
    return sweep(TWO_DAYS, {THRESHOLD: [0.6, 0.75, 0.85, 0.93, 0.99]}, 10, subject_to=["sla_share >= 0.5"])


def values(found: Sweep, metric: str) -> list[float]:
    estimates = [found.comparison.estimate(name, metric_of(metric)).value for name in found.points]
    assert None not in estimates
    return [value for value in estimates if value is not None]


def standings_of(page: str) -> dict[str, str]:
    """The last column of the first table by the value of the first; no column of numbers is empty."""
    rows = re.findall(
        r"^  (\d[^ ]*(?: · [^ ]+)*)  .*±[^ ]+(?:   (.*))?$", page.split("\n\n")[2], re.MULTILINE
    )
    return dict(rows)


def flat(text: str) -> str:
    return re.sub(r"\n  (?=\S)", " ", text)


def test_a_metric_of_ones_own_goes_wherever_the_name_of_one_does() -> None:
    found = sweep(DAY, {THRESHOLD: [0.8, 0.85]}, 2)
    own = replace(metric_of("cpst"), name="mine")
    high, comparison = f"{THRESHOLD}=0.8", found.comparison
    assert comparison.variants[high].estimate(own) == comparison.variants[high].estimate("cpst")
    assert found.estimate(high, own) == comparison.estimate(high, own) == found.estimate(high, "cpst")
    assert found.difference(high, own) == comparison.difference(high, own) == found.difference(high, "cpst")
    with pytest.raises(KeyError, match="no metric 'mine'"):
        found.estimate(high, "mine")


# -- rows --------------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-09")
def test_there_is_one_row_per_point_and_replication_with_the_varied_values_and_every_metric() -> None:
    found = sweep(DAY, {THRESHOLD: [0.8, 0.9], "workers.clerk.positions": [6, 12]}, 3)
    frame = found.to_frame()
    assert list(frame.columns) == [
        "point", THRESHOLD, "workers.clerk.positions", "replication", *(metric.name for metric in METRICS),
    ]  # fmt: skip
    assert len(frame) == 4 * 3
    assert frame.groupby("point")[[THRESHOLD, "workers.clerk.positions"]].first().to_numpy().tolist() == [
        [0.8, 6], [0.8, 12], [0.9, 6], [0.9, 12],
    ]  # fmt: skip
    alone = replicate(DAY.with_values({THRESHOLD: 0.9, "workers.clerk.positions": 6}), 3).to_frame()
    assert frame[frame.point == 3]["cpst"].tolist() == alone["cpst"].tolist()
    rows = list(replication_rows(found))
    assert [row["cpst"] for row in rows] == frame["cpst"].tolist()


@pytest.mark.mechanism("MR-09")
def test_the_summary_has_a_value_and_a_paired_difference_to_the_scenario_as_written() -> None:
    found = thresholds()
    assert found.is_as_written
    assert found.comparison.baseline == "topology.threshold=0.85"
    frame = found.summary()
    assert len(frame) == 5 * len(METRICS)
    own = frame[(frame.point == 3) & (frame.metric == "cpst")].iloc[0]
    assert (own.difference, own.difference_low, own.difference_high) == (0, 0, 0)
    other = frame[(frame.point == 5) & (frame.metric == "cpst")].iloc[0]
    assert other.difference == pytest.approx(other.value - own.value)
    assert 0 < other.difference_low < other.difference < other.difference_high
    assert found.comparison.confidence == pytest.approx(1 - 0.05 / 4)


def test_all_points_meet_the_same_tasks() -> None:
    arrived = [
        [tally.window.arrived for tally in run.tallies] for run in thresholds().comparison.variants.values()
    ]
    assert all(one == arrived[0] for one in arrived)


def test_without_the_scenario_as_written_the_first_point_is_the_baseline() -> None:
    found = sweep(DAY, {THRESHOLD: [0.7, 0.9]}, 2)
    assert not found.is_as_written
    assert found.comparison.baseline == "topology.threshold=0.7"
    assert "topology.threshold = 0.7, the first point" in flat(sweep_report(found))


def test_variants_of_the_file_can_be_swept_over_too() -> None:
    found = sweep(DAY, {"variant": ["as written", "guardian"], "workers.clerk.positions": [8, 12]}, 2)
    kinds = [run.scenario.topology.kind for run in found.comparison.variants.values()]
    assert kinds == ["escalation", "escalation", "guardian", "guardian"]


# -- mistakes ----------------------------------------------------------------------------------------------------


def test_everything_wrong_is_told_before_anything_is_simulated() -> None:
    def fail(*_: object) -> None:
        raise AssertionError("something was simulated")

    with pytest.raises(ScenarioError) as caught:
        sweep(DAY, {THRESHOLD: [0.8, 1.5], "workers.clerk.positions": [4, 0]}, 2, progress=fail)
    assert {fault.path for fault in caught.value.faults} == {THRESHOLD, "workers.clerk.positions"}


def test_a_point_that_comes_twice_is_simulated_once_with_a_warning() -> None:
    calls: list[tuple[int, int]] = []
    with pytest.warns(UserWarning, match="1 points came before"):
        found = sweep(
            DAY, {THRESHOLD: [0.8, 0.9, 0.8]}, 2, progress=lambda done, whole: calls.append((done, whole))
        )
    assert list(found.points) == ["topology.threshold=0.8", "topology.threshold=0.9"]
    assert calls[-1] == (4, 4)


def test_points_must_vary_the_same_paths_and_there_must_be_some() -> None:
    for points in ([], [{}], [{THRESHOLD: 0.8}, {"workers.clerk.positions": 3}]):
        with pytest.raises(ValueError, match="points that all vary the same paths"):
            sweep(DAY, points, 2)
    with pytest.raises(ValueError, match="replications are at least 1"):
        sweep(DAY, {THRESHOLD: [0.8]}, 0)
    with pytest.raises(ValueError, match="a: an empty list"):
        sweep(DAY, {"a": []}, 2)


# -- what curves look like ---------------------------------------------------------------------------------------


@pytest.mark.mechanism("CR-09")
def test_a_higher_threshold_lets_fewer_silent_errors_through_and_costs_more_of_people() -> None:
    silent = values(thresholds(), "wrong_per_1000")
    human = values(thresholds(), "human_execution_per_success")
    escalated = values(thresholds(), "escalation_share")
    assert silent == sorted(silent, reverse=True)
    assert human == sorted(human)
    assert escalated == sorted(escalated)
    assert silent[0] > 1.5 * silent[-1]
    assert human[-1] > 2 * human[0]


@pytest.mark.mechanism("CR-09")
def test_the_threshold_that_costs_least_with_damage_lies_between_the_ends() -> None:
    found = thresholds()
    cost = values(found, "cpst_with_damage")
    assert cost.index(min(cost)) not in (0, 4)
    assert found.comparison.decision.winner == list(found.points)[cost.index(min(cost))]


@pytest.mark.mechanism("BE-09")
def test_a_fixed_budget_gets_most_done_between_all_on_people_and_all_on_agents() -> None:
    split = sim.load(SCENARIOS / "budget_split.yaml").with_values({"horizon": "2 weeks"})
    people = [1, 2, 3, 4, 5]
    budget = [(count, 4 * (6 - count), f"{6557 * (6 - count)} / month") for count in people]
    paths = ("workers.lead.positions", "workers.drafter.positions", "fixed_costs.seats")
    found = sweep(split, {paths: budget}, 4)
    assert found.is_as_written
    spent = values(found, "cost_per_month_paid")
    assert max(spent) / min(spent) < 1.03
    done = values(found, "throughput")
    assert done.index(max(done)) == 3
    assert done[3] > 1.01 * max(done[0], done[1], done[4])
    assert values(found, "cpst_loaded").index(min(values(found, "cpst_loaded"))) == 3
    assert found.comparison.decision.winner == list(found.points)[3]


@pytest.mark.mechanism("WR-18")
def test_the_cheapest_model_causes_rework_and_the_dearest_burns_spend() -> None:
    tiers = [("claude-haiku-4-5", 0.88), ("claude-sonnet-4-5", 0.95), ("claude-opus-4-1", 0.955)]
    found = sweep(TWO_DAYS, {("workers.extractor.model", "workers.extractor.success.mean"): tiers}, 10)
    cost = values(found, "cpst")
    assert cost[1] < cost[0]
    assert cost[1] < cost[2]
    assert values(found, "human_execution_per_success")[0] > values(found, "human_execution_per_success")[1]
    assert values(found, "inference_per_success")[2] > values(found, "inference_per_success")[1]
    dearest = found.summary().query("point == 3 and metric == 'inference_per_success'").iloc[0]
    assert dearest.difference_low > 0


# -- the choice and the page -------------------------------------------------------------------------------------


def test_the_standings_say_what_is_feasible_best_and_dominated() -> None:
    found = sweep(TWO_DAYS, {THRESHOLD: [0.6, 0.85, 0.99]}, 10, subject_to=["wrong_per_1000 <= 36"])
    frame = found.standings()
    assert frame.is_feasible.tolist() == [False, True, True] or frame.is_feasible.tolist() == [
        False,
        False,
        True,
    ]
    assert frame.failed_conditions[0] == "wrong_per_1000 <= 36"
    assert frame.is_winner.sum() == 1
    assert frame.is_baseline.tolist() == [False, True, False]
    assert [bool(part) for part in frame.is_dominated] == [
        name in dominated_points(found) for name in found.points
    ]
    assert not frame.is_dominated[frame.objective.index[frame.value.argmin()]]


def test_the_page_begins_with_the_answer_and_fits_in_80_columns() -> None:
    found = thresholds()
    page = sweep_report(found)
    assert max(map(len, page.split("\n"))) <= 80
    assert flat(page).startswith(
        "Invoice reconciliation\n5 points on the same draws · 10 replications of 2 days"
    )
    winner = found.comparison.decision.winner
    assert winner is not None
    assert answer(found).startswith(
        f"Cost per success with damage is least at {winner.replace('=', ' = ')}: EUR "
    )
    said = standings_of(page)
    assert [value for value, text in said.items() if text.startswith("best, ")] == [winner.split("=")[1]]
    assert [f"{THRESHOLD}={value}" for value, text in said.items() if text == "~"] == list(
        close_points(found)
    )
    assert ("~ within the noise of the best" in flat(page)) == bool(close_points(found))


def test_points_within_the_noise_are_named_and_those_beyond_are_not() -> None:
    path = "workers.clerk.work_time.cv"
    near = sweep(DAY, {path: [0.45, 0.55]}, 10, subject_to=["sla_share >= 0"])
    winner = near.comparison.decision.winner
    close = close_points(near)
    assert list(close) == [name for name in near.points if name != winner]
    assert near.standings().is_within_noise.tolist() == [name in close for name in near.points]
    assert standings_of(sweep_report(near))[close[0].removeprefix(path + "=")] == "~"
    assert f"{close[0].removeprefix(path + '=')} is within the noise" in answer(near)
    far = sweep(DAY, {"workers.clerk.wage": ["30 / h", "40 / h"]}, 10, subject_to=["sla_share >= 0"])
    assert close_points(far) == ()
    assert "~" not in sweep_report(far)
    assert "every other is worse by more than the noise" in answer(far)


def test_the_best_at_the_end_of_what_was_varied_is_called_so() -> None:
    found = sweep(DAY, {THRESHOLD: [0.3, 0.5, 0.7]}, 10, minimise="cpst_with_damage", subject_to=[])
    assert found.comparison.decision.winner == "topology.threshold=0.7"
    assert "at the end of what was varied: look further" in answer(found)


def test_without_a_feasible_point_the_page_says_what_is_least_and_what_it_fails() -> None:
    found = sweep(DAY, {THRESHOLD: [0.8, 0.85]}, 2, subject_to=["wrong_per_1000 <= 0"])
    assert answer(found).startswith(
        "No point is chosen: no point meets every condition. Of all points cost per success with damage"
    )
    assert "which does not keep to at most 0 wrong deliveries per 1,000 (40.2 per 1,000)" in answer(found)
    assert standings_of(sweep_report(found)) == {"0.8": "fails: wrong", "0.85": "least, fails: wrong"}
    assert found.standings().is_within_noise.tolist() == [None, None]
    assert "2 replications: too few to claim anything" in flat(sweep_report(found))


def test_without_a_limit_on_errors_there_is_no_choice() -> None:
    careless = DAY.overlaid({"tasks": {"invoice": {"damage_if_wrong": 0}}})
    found = sweep(careless, {THRESHOLD: [0.8, 0.85]}, 2, minimise="cpst", subject_to=[])
    assert answer(found).startswith("No point is chosen: neither the objective nor a condition counts errors")


def test_columns_can_be_chosen_and_more_than_fit_make_another_table() -> None:
    page = sweep_report(
        thresholds(), ["cpst", "escalation_share", "cfr_delivered", "throughput", "sla_share", "wip"]
    )
    assert page.count("  threshold") == 2
    first, second = (part for part in page.split("\n\n") if "  threshold" in part)
    assert " EUR " in first
    assert " sent to a " in first
    assert second.splitlines()[2].split()[-1] == "tasks"
    assert all(part.count("best, ") == 1 for part in (first, second))
    assert max(map(len, page.split("\n"))) <= 80


def test_the_columns_are_the_objective_what_is_limited_and_then_what_fits() -> None:
    conditions = ["escape_share <= 0.5", "cycle_time_p90 <= 86400"]
    found = sweep(DAY, {THRESHOLD: [0.8, 0.85]}, 2, subject_to=conditions)
    names = [metric.name for metric in usual_columns(found)]
    assert names[:3] == ["cpst_with_damage", "escape_share", "cycle_time_p90"]
    assert "wrong_per_1000" not in names
    plain = replace(found, comparison=replace(found.comparison, rule=None))
    assert [metric.name for metric in usual_columns(plain)][:3] == ["cpst", "wrong_per_1000", "sla_share"]
    assert "what fails" not in sweep_report(plain)


def test_long_values_have_a_line_to_themselves_and_the_page_stays_narrow() -> None:
    lognormal = {"distribution": "lognormal", "mean": "9 min", "cv": 0.5}
    times = [lognormal, lognormal | {"cv": 0.6}]
    page = sweep_report(sweep(DAY, {"workers.clerk.work_time": times, "workers.clerk.positions": [8, 9]}, 2))
    assert max(map(len, page.split("\n"))) <= 80
    assert "  distribution lognormal, mean 9 min, cv 0.5 · 8\n     " in page


def test_shares_are_in_per_cent_and_times_in_a_unit_that_can_be_read() -> None:
    page = sweep_report(thresholds(), ["sla_share", "cycle_time_mean"])
    unit = next(line for line in page.splitlines() if line.split() == ["%", "min"])
    assert unit.endswith("min")
    cell = re.search(r"^  0\.6 +([\d.]+) ±[\d.]+ +([\d.]+) ±", page, re.MULTILINE)
    assert cell is not None
    first = next(iter(thresholds().points))
    share, mean = (thresholds().estimate(first, name).value for name in ("sla_share", "cycle_time_mean"))
    assert share is not None
    assert mean is not None
    assert float(cell[1]) == pytest.approx(100 * share, abs=0.06)
    assert float(cell[2]) == pytest.approx(mean / 60, rel=0.005)


def test_paths_are_called_by_the_shortest_ends_that_differ() -> None:
    assert short_names(["workers.a.positions", "workers.b.positions", "topology.threshold"]) == [
        "a.positions", "b.positions", "threshold",
    ]  # fmt: skip
    assert short_names(["positions", "workers.positions"]) == ["positions", "workers.positions"]


def test_a_mean_is_called_the_mean_of_something() -> None:
    assert short_names(["workers.clerk.work_time.mean"]) == ["work_time.mean"]
    assert short_names(["workers.clerk.success.mean", "workers.agent.success.mean"]) == [
        "clerk.success.mean", "agent.success.mean",
    ]  # fmt: skip
    assert short_names(["mean"]) == ["mean"]


# -- saving ------------------------------------------------------------------------------------------------------


def test_a_saved_sweep_comes_back_as_it_was(tmp_path: Path) -> None:
    found = sweep(DAY, {THRESHOLD: [0.8, 0.9], "workers.clerk.wage": ["30 / h", "40 / h"]}, 2)
    path = found.save(tmp_path / "result.json")
    again = Sweep.load(path)
    assert again.to_json_dict() == found.to_json_dict()
    assert sweep_report(again) == sweep_report(found)
    assert again.to_frame().equals(found.to_frame())
    assert path.read_bytes() == again.save(tmp_path / "again.json").read_bytes()
    path.write_text(path.read_text().replace('"sweep"', '"compare"', 1))
    with pytest.raises(SavedResultError):
        Sweep.load(path)


def test_the_document_is_plain_json_and_the_table_is_inert(capsys: pytest.CaptureFixture[str]) -> None:
    evil = Scenario.from_tree({**DAY.tree(), "name": "<b>x</b>"})
    found = sweep(evil, {THRESHOLD: [0.8]}, 2)
    assert json.loads(json.dumps(found.to_json_dict(), allow_nan=False))["paths"] == [THRESHOLD]
    assert "<b>" not in found._repr_html_()
    assert repr(found).startswith("<1 points, 2 replications")
    assert found.is_complete
    assert len(found.differences()) == 0 or "point" in found.differences()

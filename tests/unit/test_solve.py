"""Solving: the least that passes while one less fails, frontiers with their flags, staffing, and Optuna's search."""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path

import pytest

import sim
from analysis.executors import InProcess
from analysis.experiments import replicate
from analysis.experiments.saved import SavedResultError
from analysis.experiments.search.optuna_trials import NoOptunaError
from analysis.experiments.search.pareto import pareto
from analysis.experiments.search.staffing import least_staffing
from analysis.experiments.solution import Solution
from analysis.experiments.solve import solve
from analysis.report.solve import answer, solve_report
from analysis.report.solve_tables import frontier_table
from sim import ScenarioError

CLERK = "workers.clerk.positions"
CHECKER = "workers.checker.positions"
BASE = sim.loads(
    """
version: 1
name: Busy
horizon: 10 h
tasks:
  mail:
    arrivals: {process: poisson, rate: 20 / h}
    sla: 30 min
    damage_if_wrong: 20
workers:
  agent:
    kind: agent
    positions: 9
    model: none
    price: {input: 1, output: 5}
    tool_cost: 0.1
    work_time: {distribution: exponential, mean: 2 min}
    success: {mean: 0.9, spread: 1.0}
  clerk: {kind: human, positions: 9, wage: 34 / h, work_time: {distribution: exponential, mean: 9 min}}
  checker: {kind: human, positions: 3, wage: 50 / h, work_time: {distribution: exponential, mean: 9 min}}
topology: {kind: human_only, human: clerk}
decide: {minimise: cpst_loaded, subject_to: [sla_share >= 0.9]}
"""
)
TWO_ROLES = BASE.overlaid(
    {
        "tasks": {
            "mail": {"stages": {"work": {"human": "clerk"}, "check": {"human": "checker"}}, "sla": "1 h"}
        },
        "workers": {"checker": {"work_time": {"distribution": "exponential", "mean": "4 min"}}},
    }
)
"""Mail is worked on, and then checked by somebody dearer."""
ESCALATION = BASE.overlaid({"topology": {"kind": "escalation", "agent": "agent", "human": "clerk"}})


@cache
def found() -> Solution:
    """The least clerks for the base."""
    return solve(BASE, CLERK, replications=10)


# -- one path ------------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-19")
def test_the_answer_passes_and_one_less_fails_both_with_all_replications() -> None:
    best, (less,) = found().best, found().one_less
    assert best is not None
    assert best.passes
    assert not less.passes
    assert less.values[CLERK] == best.values[CLERK] - 1
    assert len(best.result.tallies) == len(less.result.tallies) == 10
    for candidate in (best, less):
        again = replicate(BASE.with_values(dict(candidate.values)), 10)
        assert [log.digest for log in again.logs] == [log.digest for log in candidate.result.logs]
        assert (again.estimate("sla_share").value >= 0.9) == candidate.passes  # type: ignore[operator]
    assert found().is_minimal


def test_everything_that_was_tried_is_shown_once() -> None:
    rows = found().summary()
    assert rows[CLERK].is_unique
    assert rows["is_answer"].sum() == 1
    assert (rows["passes"] == (rows["sla_share"] >= 0.9)).all()
    assert len(found().to_frame()) == 10 * len(rows)


def test_to_be_sure_takes_more_people_than_the_estimate_does() -> None:
    value = found().nearest.result.estimate("sla_share").value
    assert value is not None
    bound = f"sla_share>={value - 1e-6:.9f}"
    by_estimate = solve(BASE, CLERK, [bound], replications=10)
    surely = solve(BASE, CLERK, [bound], replications=10, sure=0.95)
    assert by_estimate.nearest.values == found().nearest.values
    assert surely.nearest.values[CLERK] > by_estimate.nearest.values[CLERK]
    assert surely.nearest.checks[0].probability > 0.95  # type: ignore[operator]
    assert "--sure 0.95 asks for more" in solve_report(by_estimate)


def test_when_nothing_is_enough_it_says_so_and_names_the_nearest() -> None:
    none = solve(BASE, CLERK, ["sla_share>=0.9"], high=2, replications=3)
    assert none.best is None
    assert none.nearest.values == {CLERK: 2}
    assert not none.is_minimal
    assert answer(none)[0] == "  Nothing that was tried keeps to at least 90 % within SLA."
    assert none.to_json_dict()["answer"] is None


def test_a_condition_that_nothing_changes_is_named() -> None:
    none = solve(BASE, CLERK, ["success_share>=0.999"], high=12, replications=3)
    page = " ".join(solve_report(none).split())
    assert (
        "At least 99.9 % right, of all tasks: none of the 8 that were tried keeps to it, and it hardly depends on "
        "them: from clerk 1" in page
    )
    assert (
        "it does not change at all, where 0.929 %-points is missing. Something else has to change that."
        in page
    )


def test_conditions_that_do_depend_on_what_is_varied_are_offered_alone() -> None:
    none = solve(BASE, CLERK, ["sla_share>=0.5", "success_share>=0.999"], high=12, replications=3)
    page = " ".join(solve_report(none).split())
    assert "Something else has to change that; --subject-to 'sla_share>=0.5' asks for the rest alone." in page
    assert solve(BASE, CLERK, ["sla_share>=0.5"], high=12, replications=3).best is not None


def test_a_condition_that_more_people_bring_near_is_not_called_fixed() -> None:
    none = solve(BASE, CLERK, ["sla_share>=0.9"], high=2, replications=3)
    assert "hardly depends" not in solve_report(none)


def test_listed_values_are_tried_in_their_order() -> None:
    sizes = {"workers.clerk.work_time.mean": ["15 min", "9 min", "3 min"]}
    quick = solve(BASE.with_values({CLERK: 3}), sizes, replications=3)
    assert quick.nearest.values == {"workers.clerk.work_time.mean": "3 min"}
    assert [less.values["workers.clerk.work_time.mean"] for less in quick.one_less] == ["9 min"]


@pytest.mark.parametrize(
    ("least", "wrong"),
    [
        ("workers.clerk.wage", "no whole number in the scenario but '34 / h'"),
        ("workers.clark.positions", "but nothing"),
        ({CLERK: []}, "no values to try"),
        ((), "nothing is to be searched for"),
    ],
)
def test_what_cannot_be_searched_is_refused(least: object, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        solve(BASE, least)  # type: ignore[arg-type]


def test_bounds_that_the_scenario_refuses_are_refused_before_anything_is_simulated() -> None:
    with pytest.raises(ScenarioError):
        solve(BASE, CLERK, low=0, progress=lambda done, total: pytest.fail("it simulates"))


def test_a_listed_value_that_the_scenario_refuses_is_refused_before_anything_is_simulated() -> None:
    def simulated(*_: int) -> None:
        raise AssertionError("simulated")

    for values in ([1, 0, 12, 14], [1, 12, 0, 14]):
        with pytest.raises(ScenarioError, match="positions=0"):
            solve(BASE, {CLERK: values}, replications=2, progress=simulated)
    with pytest.raises(ScenarioError, match="checker"):
        solve(BASE, {CLERK: [1, 2], CHECKER: [1, 0, 3]}, replications=2, progress=simulated)


def test_bounds_beside_values_to_try_say_nothing_and_are_refused() -> None:
    for bounds in ({"low": 2}, {"high": 9}):
        with pytest.raises(ValueError, match="low and high go with paths alone"):
            solve(BASE, {CLERK: [1, 2, 3]}, replications=2, **bounds)


def test_conditions_are_needed() -> None:
    bare = BASE.overlaid({"decide": {"subject_to": []}})
    with pytest.raises(ValueError, match="nothing says what must be met"):
        solve(bare, CLERK)


def test_a_solution_comes_back_from_its_file(tmp_path: Path) -> None:
    path = found().save(tmp_path / "result.json")
    again = Solution.load(path)
    assert again.to_json_dict() == found().to_json_dict()
    assert again.solved.digest() == found().solved.digest()
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(SavedResultError):
        Solution.load(path)


def test_the_page_begins_with_the_answer_and_fits() -> None:
    page = solve_report(found())
    told = " ".join(page.split())
    best = found().nearest.values[CLERK]
    assert (
        f"clerk {best} is the least that keeps to at least 90 % within SLA, in place of 9 as written" in told
    )
    assert re.search(rf"clerk {best - 1} does not: [\d.]+ % \[[\d., ]+\] within SLA", told)
    assert max(map(len, page.splitlines())) <= 80
    assert json.dumps(found().to_json_dict(), allow_nan=False)
    assert "<td>" in found()._repr_html_()


# -- several paths, and staffing -----------------------------------------------------------------------


def test_of_two_roles_the_cheapest_that_is_enough_is_found_and_no_step_down_passes() -> None:
    both = solve(TWO_ROLES, [CLERK, CHECKER], replications=5, high=8)
    assert both.best is not None
    assert both.is_minimal
    assert {tuple(less.values.values()) for less in both.one_less} == {
        (both.best.values[CLERK] - 1, both.best.values[CHECKER]),
        (both.best.values[CLERK], both.best.values[CHECKER] - 1),
    }
    passing = [found for found in both.tried if found.passes]
    assert both.best.objectives[0].value == min(found.objectives[0].value or 0.0 for found in passing)
    assert max(map(len, solve_report(both).splitlines())) <= 80


def test_a_small_box_is_searched_as_a_whole_by_weights() -> None:
    values = {CLERK: range(3, 7), CHECKER: range(1, 5)}
    weights = {CLERK: 1.0, CHECKER: 100.0}
    cheap = solve(TWO_ROLES, values, replications=3, weights=weights)
    assert len(cheap.tried) == 16
    least = min(found.values[CHECKER] for found in cheap.tried if found.passes)
    assert cheap.nearest.values[CHECKER] == least


def test_least_staffing_finds_the_people_of_every_role_at_work_and_leaves_the_others() -> None:
    staffed = least_staffing(BASE, ["sla_share>=0.9"], 10)
    assert staffed.is_met
    assert staffed.positions == {"clerk": found().nearest.values[CLERK]}
    assert staffed.scenario.workers["checker"].positions == 3
    assert staffed.scenario.workers["clerk"].positions == staffed.positions["clerk"]


def test_without_people_there_is_nobody_to_find() -> None:
    alone = BASE.overlaid({"topology": {"kind": "autonomous", "agent": "agent"}})
    assert least_staffing(alone, ["sla_share>=0.9"], 2).positions == {}


def test_staffing_that_cannot_be_met_gives_the_nearest() -> None:
    staffed = least_staffing(BASE, ["sla_share>=0.9"], 3, high=2)
    assert not staffed.is_met
    assert staffed.positions == {"clerk": 2}


# -- the frontier --------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-15")
def test_variants_are_flagged_by_their_estimates_and_doubt_by_their_paired_intervals() -> None:
    variants = {str(count): BASE.with_values({CLERK: count}) for count in (3, 5, 9)}
    variants["the same"] = variants["5"]
    weighed = pareto(variants, ["cost_per_month_paid", "sla_share"], replications=10)
    flags = weighed.flags
    assert not any(flag.is_dominated for flag in flags.values())
    assert flags["3"].is_sure
    frame = weighed.to_frame().set_index("variant")
    assert frame.loc["3", "cost_per_month_paid"] < frame.loc["5", "cost_per_month_paid"]
    assert flags["5"] == flags["the same"]
    assert max(map(len, frontier_table(weighed, "USD"))) <= 80


@pytest.mark.mechanism("MR-15")
def test_what_costs_more_and_is_no_better_is_surely_dominated_and_twins_are_in_doubt() -> None:
    idle = {str(count): BASE.with_values({CLERK: count}) for count in (20, 30)}
    flag = pareto(idle, ["cost_per_month_paid", "sla_share"], replications=10).flags["30"]
    assert (flag.is_dominated, flag.by, flag.is_sure) == (True, "20", True)
    twins = {
        "one": replicate(BASE, 10),
        "other": replicate(BASE, 10, first=10),
    }  # they differ by chance alone
    assert not any(flag.is_sure for flag in pareto(twins, ["cpst", "cycle_time_mean"]).flags.values())


def test_a_frontier_takes_what_was_replicated_and_two_or_three_objectives() -> None:
    done = {name: replicate(scenario, 3) for name, scenario in {"a": BASE, "b": ESCALATION}.items()}
    assert pareto(done, ["cpst", "wrong_per_1000", "wait_mean"]).variants == done
    with pytest.raises(ValueError, match="2 or 3 objectives"):
        pareto(done, ["cpst"])
    with pytest.raises(KeyError):
        pareto(done, ["cpst", "beauty"])


# -- Optuna --------------------------------------------------------------------------------------------


def optuna_search(trials: int = 24, executor: InProcess | None = None, **options: object) -> Solution:
    pytest.importorskip("optuna", reason="the extra optuna is not installed")
    ranges = {
        CLERK: range(1, 13),
        "workers.clerk.draft_help": [1.0, 0.5],
        "workers.agent.concurrency": (1, 3),
    }
    return solve(
        BASE, ranges, method="optuna", minimise="cost_per_month_paid", trials=trials, replications=3,
        executor=executor, **options,  # type: ignore[arg-type]
    )  # fmt: skip


def test_optuna_finds_the_corner_of_the_grid() -> None:
    searched = optuna_search(40)
    grid = solve(BASE, CLERK, replications=3)
    assert searched.best is not None
    assert searched.best.passes
    assert searched.best.values[CLERK] == grid.nearest.values[CLERK]


def test_the_same_trials_come_again_whoever_does_the_work() -> None:
    one, again = optuna_search(), optuna_search(executor=InProcess())
    assert [found.values for found in one.tried] == [found.values for found in again.tried]
    assert one.to_json_dict() == again.to_json_dict()
    assert optuna_search(seed=8).to_json_dict() != one.to_json_dict()


def test_the_answer_of_optuna_meets_the_conditions_and_comes_back_from_its_file(tmp_path: Path) -> None:
    searched = optuna_search()
    assert {found.passes for found in searched.tried} == {True, False}
    assert searched.nearest.passes
    assert Solution.load(searched.save(tmp_path / "found.json")).to_json_dict() == searched.to_json_dict()
    page = solve_report(searched)
    assert "is the best that was found" in re.sub(r"\n  ", " ", page)
    assert max(map(len, page.splitlines())) <= 80


def test_several_objectives_give_a_frontier_of_what_passes() -> None:
    pytest.importorskip("optuna", reason="the extra optuna is not installed")
    searched = solve(
        ESCALATION, {"topology.threshold": (0.5, 0.99), CLERK: (2, 6)}, ["sla_share>=0.5"], method="optuna",
        minimise=["cpst_loaded", "wrong_per_1000"], trials=24, replications=3,
    )  # fmt: skip
    assert searched.frontier is not None
    assert searched.nearest.label in searched.frontier.efficient
    assert all(0.5 <= found.values["topology.threshold"] <= 0.99 for found in searched.tried)
    page = solve_report(searched)
    assert "of the frontier" in " ".join(page.split())
    assert max(map(len, page.splitlines())) <= 80


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(NoOptunaError, match=r"hybrid-workforce-simulator\[optuna\]"):
        solve(BASE, CLERK, method="optuna", trials=1, replications=1)


def test_optuna_stays_between_the_bounds() -> None:
    pytest.importorskip("optuna", reason="the extra optuna is not installed")
    found = solve(BASE, CLERK, low=5, high=6, method="optuna", trials=8, replications=2)
    assert {candidate.values[CLERK] for candidate in found.tried} == {5, 6}


def test_candidates_that_the_scenario_refuses_are_counted() -> None:
    pytest.importorskip("optuna", reason="the extra optuna is not installed")
    searched = solve(
        BASE, {"workers.clerk.calendar": [None, "nowhere", None]}, method="optuna", trials=8, replications=1
    )
    assert searched.refused > 0
    assert "no valid scenario" in solve_report(searched)


@pytest.mark.parametrize("objectives", [[], ["cpst"] * 4])
def test_optuna_takes_one_to_three_objectives(objectives: list[str]) -> None:
    with pytest.raises(ValueError, match="1 to 3 objectives"):
        solve(BASE, CLERK, method="optuna", minimise=objectives)
    with pytest.raises(ValueError, match="several objectives"):
        solve(BASE, CLERK, minimise=["cpst", "wait_mean"])

"""What holds in every run: no task is lost, money adds up, Little's law is an identity."""

from __future__ import annotations

import dataclasses
from collections import Counter
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.experiments import replicate
from analysis.metrics import ACTIVITIES, ESCALATIONS, METRICS, Fold, Tally, tally
from sim import Log, Scenario, load, simulate
from sim.log import Block
from sim.log.columns import ACTIONS, COST_LINES, OUTCOMES, REASONS
from tests.laws.cases import BASE, CASES
from tests.laws.oracle import Expected, expected, rows_of


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Scenario, Log, Tally, Expected]:
    """A scenario, its log, the tally of it and what the oracle says."""
    scenario = CASES[request.param]
    log = simulate(scenario)
    return scenario, log, tally(scenario, log), expected(scenario, log)


Case = tuple[Scenario, Log, Tally, Expected]


@pytest.mark.mechanism("MR-06")
def test_fates_rows_and_times_of_each_type_are_those_of_the_events(case: Case) -> None:
    _, _, found, oracle = case
    for name, part in found.types.items():
        told = oracle.types[name]
        assert part.tasks == told["tasks"] > 50
        assert (part.delivered, part.right, part.failed, part.unfinished) == tuple(
            told[fate] for fate in ("delivered", "right", "failed", "unfinished")
        )
        assert (part.wrong_by_agent, part.wrong_by_person) == (
            told["wrong by agent"],
            told["wrong by person"],
        )
        assert (part.cycle_ticks, part.waited_ticks) == (told["cycle"], told["waited"])
        assert part.escalated == tuple(told["escalated " + reason] for reason in ESCALATIONS)
        assert part.actions == tuple(told["action " + action] for action in ACTIONS)
        assert part.reasons == tuple(told["reason " + reason] for reason in REASONS)
        assert part.outcomes == tuple(told["outcome " + outcome] for outcome in OUTCOMES)
        assert part.people_ticks == tuple(told["people " + activity] for activity in ACTIVITIES)


@pytest.mark.mechanism("BE-10")
def test_the_ledger_sums_to_the_last_unit(case: Case) -> None:
    scenario, _, found, oracle = case
    for name, part in found.types.items():
        assert part.costs == tuple(oracle.types[name]["cost " + line] for line in COST_LINES)
        assert part.damage == part.wrong * int(scenario.tasks[name].damage_if_wrong * 10**9)
    assert found.window.costs == tuple(oracle.window["cost " + line] for line in COST_LINES)


@pytest.mark.mechanism("MR-14")
def test_only_delivery_in_time_meets_the_service_level(case: Case) -> None:
    scenario, _, found, oracle = case
    for name, part in found.types.items():
        assert part.within_sla == oracle.types[name]["within sla"]
        assert part.with_sla == (part.tasks if scenario.tasks[name].sla else 0)
        assert part.within_sla <= part.delivered


def test_quantiles_are_order_statistics_with_the_unfinished_last(case: Case) -> None:
    _, _, found, oracle = case
    for name, part in found.types.items():
        ended = sorted(oracle.cycles[name])
        for percent, quantile in zip((50, 90, 99), part.quantiles, strict=True):
            rank = -(-part.tasks * percent // 100)
            assert quantile is not None
            assert quantile.is_bound == (rank > len(ended))
            assert quantile.is_bound or quantile.ticks == ended[rank - 1]


@pytest.mark.mechanism("BE-22")
def test_waits_work_and_verdicts_of_each_role_are_those_of_the_events(case: Case) -> None:
    _, _, found, oracle = case
    for role in found.roles:
        told = oracle.roles[role.name]
        assert role.work_ticks == tuple(told["work " + activity] for activity in ACTIVITIES)
        assert role.runs == tuple(told["runs " + activity] for activity in ACTIVITIES)
        for activity, waits in zip(ACTIVITIES, role.waits, strict=True):
            counted = tuple(told[f"{what} {activity}"] for what in ("waits", "waited", "longest"))
            assert (waits.count, waits.ticks, waits.longest) == counted
        assert sum(role.wait_histogram) == sum(waits.count for waits in role.waits)
        verdicts = product(("right", "wrong"), ("approved", "revised", "rejected"))
        assert role.verdicts == tuple(told[f"verdict {output} {verdict}"] for output, verdict in verdicts)


@pytest.mark.mechanism("HI-17")
def test_use_queues_and_capacity_of_the_window_are_those_of_the_events(case: Case) -> None:
    _, _, found, oracle = case
    for role in found.roles:
        told = oracle.roles[role.name]
        assert (role.busy_ticks, role.queue_ticks) == (told["busy"], told["queue"])
        assert (role.overtime_ticks, role.present_ticks) == (
            told["overtime"],
            told["available"] + told["overtime"],
        )
        assert role.busy_ticks <= role.present_ticks
        hours = zip(role.busy_hours, role.available_hours, role.overtime_hours, strict=True)
        assert all(busy <= available + overtime for busy, available, overtime in hours)
    window, told = found.window, oracle.window
    counts = (window.arrived, window.delivered, window.right, window.failed, window.staffed_ticks)
    assert counts == tuple(told[name] for name in ("arrived", "delivered", "right", "failed", "staffed"))


@pytest.mark.mechanism("PF-01")
@pytest.mark.mechanism("BE-07")
def test_the_record_of_each_position_is_that_of_the_events(case: Case) -> None:
    _, _, found, oracle = case
    for role in found.roles:
        for part in role.positions:
            told = oracle.positions[role.name, part.number]
            assert (part.starts, part.finished, part.good, part.work_ticks, part.busy_ticks) == tuple(
                told[name] for name in ("starts", "finished", "good", "work", "busy")
            )
            assert part.costs == tuple(told["cost " + line] for line in COST_LINES)
            assert (part.wrong_deliveries, part.correction) == (told["wrong"], told["correction"])


def _reconciles(found: Tally) -> None:
    """Parts by type, role and position add up to the whole."""
    whole = found.cohort
    for name in (
        "tasks",
        "delivered",
        "right",
        "failed",
        "unfinished",
        "with_sla",
        "within_sla",
        "damage",
        "wrong",
    ):
        assert getattr(whole, name) == sum(getattr(part, name) for part in found.types.values())
    positions = [part for role in found.roles for part in role.positions]
    for parts in (found.types.values(), positions):
        assert whole.costs == tuple(map(sum, zip(*(part.costs for part in parts), strict=True)))
    assert whole.wrong == sum(part.wrong_deliveries for part in positions)
    for role in found.roles:
        assert sum(role.work_ticks) == sum(part.work_ticks for part in role.positions)
        assert role.busy_ticks == sum(part.busy_ticks for part in role.positions)
        assert sum(role.runs) == sum(part.starts for part in role.positions)
    for place in range(len(ACTIVITIES)):
        assert whole.people_ticks[place] == sum(role.work_ticks[place] for role in found.people)


def test_parts_add_up_to_the_whole(case: Case) -> None:
    scenario, _, found, _ = case
    _reconciles(found)
    weeks = (scenario.horizon - scenario.warm_up) / (7 * 86_400_000_000)
    assert found.cohort.platform == round(799.5e9 * weeks * 7 / 30)


@pytest.mark.mechanism("MR-06")
def test_littles_law_is_an_identity(case: Case) -> None:
    """The area under the number of tasks in the system is the sum of the sojourns, clipped to the window."""
    scenario, log, found, oracle = case
    assert found.window.task_ticks == oracle.window["task_ticks"] == area_in_system(scenario, log)


def area_in_system(scenario: Scenario, log: Log) -> int:
    """The number of tasks in the system, step by step, integrated over the window."""
    steps: Counter[int] = Counter()
    for row in rows_of(log):
        if row["type"] is not None:
            steps[row["tick"]] += row["action"] == "arrived"
            steps[row["tick"]] -= row["next"] in ("deliver", "fail") or row["action"] == "unfinished"
    steps[scenario.warm_up] += 0
    steps[scenario.horizon] += 0
    area = inside = 0
    for tick, following in pairwise(sorted(steps)):
        inside += steps[tick]
        if scenario.warm_up <= tick < scenario.horizon:
            area += inside * (following - tick)
    return area


# -- the same numbers from the same rows ---------------------------------------------------------------------


@pytest.mark.mechanism("MA-03")
def test_a_saved_log_comes_to_the_same_as_the_live_run(case: Case, tmp_path: Path) -> None:
    scenario, log, found, _ = case
    live = Fold(scenario)
    simulate(scenario, out=tmp_path / "events.parquet", folds=[live])
    saved = dataclasses.replace(log, path=tmp_path / "events.parquet", _blocks=())
    assert live.tally() == tally(scenario, saved) == found


def test_where_a_log_is_cut_into_blocks_changes_nothing(case: Case) -> None:
    scenario, log, found, _ = case
    fold = Fold(scenario)
    for block in log.blocks():
        for first in range(0, len(block), 97):
            rows = {name: values[first : first + 97] for name, values in block.columns.items()}
            fold.add(Block(rows, block.names))
    assert fold.tally() == found


OF_PLAIN_FLOWS = ("confidence", "value", "failure", "rejected")
"""Why plain flows send tasks to people: the first of ESCALATIONS."""


def test_the_cases_reach_what_they_check() -> None:
    tallies = [tally(scenario, simulate(scenario)) for scenario in CASES.values()]
    assert ESCALATIONS[: len(OF_PLAIN_FLOWS)] == OF_PLAIN_FLOWS
    for seen in (
        [found.cohort.unfinished for found in tallies],
        [found.cohort.failed for found in tallies],
        [found.cohort.wrong_by_person for found in tallies],
        [found.cohort.people_ticks[ACTIVITIES.index("rework")] for found in tallies],
        [any(quantile and quantile.is_bound for quantile in found.cohort.quantiles) for found in tallies],
        [found.cohort.with_sla - found.cohort.within_sla for found in tallies],
        *([found.cohort.escalated[place] for found in tallies] for place in range(len(OF_PLAIN_FLOWS))),
        *([found.roles[0].verdicts[place] for found in tallies] for place in range(6)),
        [sum(hours > 0 for hours in found.roles[0].overtime_hours) > 20 for found in tallies],
    ):
        assert any(seen)


@pytest.mark.mechanism("MR-14")
def test_tasks_of_the_warm_up_are_in_no_metric_of_tasks(case: Case) -> None:
    scenario, log, found, _ = case
    arrivals = [row["tick"] for row in rows_of(log) if row["action"] == "arrived"]
    measured = [tick for tick in arrivals if scenario.warm_up <= tick < scenario.horizon]
    assert found.cohort.tasks == len(measured) < len(arrivals)


def test_a_run_that_a_limit_stopped_is_measured_up_to_there(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = BASE.overlaid({"topology": {"kind": "human_only"}})
    monkeypatch.setattr("sim.engine.journey.MOST_IN_SYSTEM", 150)
    log = simulate(scenario)
    found, oracle = tally(scenario, log), expected(scenario, log)
    assert log.status == "partial"
    assert scenario.warm_up < log.ended < scenario.horizon
    assert found.window.ticks == log.ended - scenario.warm_up
    assert found.window.task_ticks == oracle.window["task_ticks"]
    assert found.window.staffed_ticks == oracle.window["staffed"]
    assert found.cohort.unfinished > 0
    _reconciles(found)
    for role in found.roles:
        assert (
            role.present_ticks == oracle.roles[role.name]["available"] + oracle.roles[role.name]["overtime"]
        )


# -- any scenario --------------------------------------------------------------------------------------------

SMALL = {"horizon": "30 h", "warm_up": "6 h", "start": "2026-03-27"}


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(("human_only", "copilot", "guardian", "escalation", "autonomous")),
    seed=st.integers(0, 2**40),
    drain=st.sampled_from(("0 s", "2 h", "4 weeks")),
    clerks=st.integers(1, 4),
    transient=st.sampled_from((0.0, 0.2, 1.0)),
    success=st.sampled_from((0.0, 0.7, 1.0)),
    calendar=st.sampled_from(("office", "shop", None)),
)
@pytest.mark.mechanism("MR-13")
def test_no_task_is_lost_in_any_scenario(
    kind: str, seed: int, drain: str, clerks: int, transient: float, success: float, calendar: str | None
) -> None:
    """Every task that arrived was delivered, has failed or is unfinished, and all parts add up."""
    scenario = BASE.overlaid(SMALL | {
        "seed": seed, "drain_limit": drain, "topology": {"kind": kind},
        "workers": {
            "reader": {"failures": {"transient": transient}, "success": {"mean": success}, "spin_up": "0 s"},
            "clerk": {"positions": clerks, "calendar": calendar},
        },
    })  # fmt: skip
    fold = Fold(scenario)
    log = simulate(scenario, log="memory", folds=[fold])
    found, rows = fold.tally(), rows_of(log)
    arrivals = [row["tick"] for row in rows if row["action"] == "arrived"]
    created = sum(scenario.warm_up <= tick < scenario.horizon for tick in arrivals)
    whole = found.cohort
    assert created == whole.tasks == whole.delivered + whole.failed + whole.unfinished
    assert whole.right + whole.wrong == whole.delivered
    _reconciles(found)
    assert found.window.task_ticks == area_in_system(scenario, log)
    for metric in METRICS:
        value = metric.value(found)
        assert value is None or (np.isfinite(value) and value >= 0), metric.name
        assert value is None or metric.unit != "share" or value <= 1, metric.name
    assert found.cohort.right or METRICS[0].value(found) is None


@pytest.mark.mechanism("CR-09")
def test_a_higher_threshold_lets_fewer_errors_of_the_agent_pass_and_costs_more_human_work() -> None:
    """On the same draws the tasks that reach people only become more, so neither curve ever turns."""
    curve = []
    for threshold in (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0):
        scenario = BASE.overlaid(
            {"topology": {"threshold": threshold}, "workers": {"clerk": {"positions": 40}}}
        )
        whole = tally(scenario, simulate(scenario)).cohort
        curve.append((whole.wrong_by_agent, whole.costs[COST_LINES.index("human_execution")]))
    errors, costs = zip(*curve, strict=True)
    assert sorted(errors, reverse=True) == list(errors)
    assert sorted(costs) == list(costs)
    assert errors[0] > errors[-1]
    assert costs[0] < costs[-1]


@pytest.mark.mechanism("BE-22")
@pytest.mark.parametrize("most", [{"max_attempts": 1}, {"max_attempts": 20}], ids=str)
def test_rework_is_paid_for_exactly_when_it_takes_minutes(most: dict[str, int]) -> None:
    guardian = {"success": 0.5, "failures": {"transient": 0, "deterministic": 0, "judgment": 0}, **most}
    result = replicate(_guarded(guardian), 2)
    minutes = result.estimate("rework_minutes_per_task").value or 0.0
    paid = result.estimate("rework_per_success").value or 0.0
    assert minutes > 0.0
    assert paid > 0.0
    assert result.estimate("execute_minutes_per_task").value == 0.0
    assert result.estimate("escalation_failure").value == 0.0
    assert result.estimate("escalation_rejected").value > 0.0


SHIPPED = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"


def _guarded(agent: dict[str, object]) -> Scenario:
    """A guardian whose reviewers see every mistake and make none."""
    clerk = {"review": {"catch_rate": 1, "false_reject": 0}}
    return (
        load(SHIPPED)
        .topologies("guardian")["guardian"]
        .overlaid({"horizon": "9 days", "workers": {"extractor": agent, "clerk": clerk}})
    )

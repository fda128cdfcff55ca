"""Frames of one run: the same numbers as sums over the events, and as the tally of the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import frames
from analysis.metrics import Tally, tally
from analysis.metrics.tally import QUANTILES
from sim import Scenario, load, simulate
from sim.log.columns import COST_LINES
from sim.quantities import HOUR, SECOND

SHIPPED = Path(__file__).parents[2] / "scenarios"
BILLION = 1_000_000_000


@dataclass(frozen=True)
class Run:
    """One run, its events as a table, and what the metrics make of it."""

    scenario: Scenario
    log: Any
    events: Any
    """A DataFrame; the published stubs refuse ordinary selections of rows."""
    tally: Tally


def run_of(name: str, overrides: dict[str, Any]) -> Run:
    scenario = load(SHIPPED / f"{name}.yaml", overrides)
    log = simulate(scenario)
    return Run(scenario, log, log.events(), tally(scenario, log))


@pytest.fixture(scope="module")
def run() -> Run:
    """Too few clerks for two days of invoices, of which schemas spoil some: queues, overtime, unfinished tasks."""
    changes = {"horizon": "9 days", "drain_limit": "1 h", "workers.clerk.positions": 1}
    return run_of("invoice_reconciliation", {**changes, "workers.extractor.schema_invalid": 0.1})


@pytest.fixture(scope="module")
def chain() -> Run:
    return run_of("five_agent_chain", {"horizon": "9 days"})


@pytest.fixture(scope="module")
def guarded() -> Run:
    budgets = {
        "all": {"money": 1.5, "period": "7 h", "alerts": [0.5, 0.8]},
        "planner": {"money": 100, "period": "1 day", "roles": ["planner"]},
    }
    return run_of("runaway_loop", {"horizon": "2 days", "guards": {"budgets": budgets}})


def cohort(run: Run) -> Any:
    events = run.events
    arrived = events[(events.action == "arrived") & (events.tick >= run.scenario.warm_up)]
    return arrived[arrived.tick < run.scenario.horizon].set_index("trace_id")


# -- tasks ------------------------------------------------------------------------------------------------------


def test_cycle_times_are_the_ticks_from_arrival_to_the_end_of_each_task(run: Run) -> None:
    made = frames.cycle_times(run.log, run.scenario)
    events, arrived = run.events, cohort(run)
    ends = events[events.next.isin(["deliver", "fail"]) | (events.action == "unfinished")]
    expected = (ends.groupby("trace_id").tick.first().reindex(arrived.index) - arrived.tick) / SECOND
    names = made["type"] + "-" + made["task"].astype(int).astype(str)
    assert made["seconds"].tolist() == expected.reindex(names).tolist()
    assert len(made) == len(arrived) == run.tally.cohort.tasks


def test_the_ends_of_cycle_times_are_counted_as_the_metrics_count_them(run: Run) -> None:
    counts = frames.cycle_times(run.log, run.scenario)["end"].value_counts()
    cohort = run.tally.cohort
    assert (counts["delivered"], counts["unfinished"]) == (cohort.delivered, cohort.unfinished)
    assert counts.get("failed", 0) == cohort.failed
    assert cohort.unfinished > 0


@pytest.mark.parametrize("name", ["run", "chain"])
def test_quantiles_of_cycle_times_are_those_of_the_tally(name: str, request: pytest.FixtureRequest) -> None:
    run = request.getfixturevalue(name)
    found = frames.cycle_times(run.log, run.scenario).attrs["quantiles"]
    expected = [part.ticks / SECOND for part in run.tally.cohort.quantiles if part is not None]
    assert [found[share] for share in QUANTILES] == expected


def test_cycle_times_add_up_to_the_ticks_of_the_tally(chain: Run) -> None:
    seconds = frames.cycle_times(chain.log, chain.scenario)["seconds"]
    assert sum(round(value * SECOND) for value in seconds) == chain.tally.cohort.cycle_ticks


def test_a_trace_has_every_stay_of_its_task_and_all_of_its_cost(run: Run) -> None:
    task = run.events.groupby("trace_id").size().idxmax()
    its = run.events[run.events.trace_id == task]
    made = frames.trace(run.log, run.scenario, task)
    assert (made["doing"] != "waiting").sum() == its.started.notna().sum()
    assert (made["doing"] == "waiting").sum() == (its.started.fillna(its.ended) > its.queued).sum()
    assert made["cost"].sum() == pytest.approx(its[list(COST_LINES)].sum().sum() / BILLION, rel=1e-12)
    assert (made["end"] >= made["begin"]).all()


def test_a_task_that_never_was_has_no_trace(run: Run) -> None:
    for name in ("invoice-999999", "invoice", "other-1", "invoice-x"):
        with pytest.raises(KeyError, match="has no task"):
            frames.trace(run.log, run.scenario, name)


# -- confidence -------------------------------------------------------------------------------------------------


def test_confidences_leave_out_outputs_whose_form_failed(run: Run) -> None:
    events = run.events
    first = events[(events.action == "attempted") & (events.attempt == 1) & events.theta_raw.notna()]
    first = first[first.trace_id.isin(cohort(run).index)]
    assert (first.outcome == "invalid").sum() > 20
    kept = first[first.outcome != "invalid"]
    made = frames.confidences(run.log, run.scenario)
    assert made["stated"].tolist() == (kept.theta_raw / BILLION).tolist()
    assert made["right"].tolist() == (kept.outcome == "right").astype(int).tolist()


def test_confidence_of_a_chain_is_judged_on_the_work_itself(chain: Run) -> None:
    made = frames.confidences(chain.log, chain.scenario, "checker")
    events = chain.events[(chain.events.role == "checker") & (chain.events.attempt == 1)]
    its = events[events.trace_id.isin(cohort(chain).index) & events.theta_raw.notna()]
    assert made["right"].tolist() == its.own_right.astype(int).tolist()
    assert (its.own_right != its.is_right).any()


def test_calibration_adds_up_to_a_hand_made_expected_error(run: Run) -> None:
    rows, made = frames.confidences(run.log, run.scenario), frames.calibration(run.log, run.scenario)
    assert made["count"].sum() == len(rows)
    error = 0.0
    for low in range(10):
        part = rows[(rows["stated"] * 10).astype(int).clip(upper=9) == low]
        error += abs(part["stated"].sum() - part["right"].sum())
    assert made.attrs["ece"] == pytest.approx(error / len(rows), rel=1e-12)


def test_auroc_is_the_statistic_of_mann_and_whitney(run: Run) -> None:
    rows, made = frames.confidences(run.log, run.scenario), frames.calibration(run.log, run.scenario)
    right, wrong = (rows.loc[rows["right"] == value, "stated"] for value in (1, 0))
    expected = stats.mannwhitneyu(right, wrong).statistic / (len(right) * len(wrong))
    assert made.attrs["auroc"] == pytest.approx(expected, rel=1e-12)


def test_intervals_of_calibration_are_those_of_wilson(run: Run) -> None:
    for row in frames.calibration(run.log, run.scenario).to_dict("records"):
        interval = stats.binomtest(round(row["right"] * row["count"]), row["count"]).proportion_ci(
            method="wilson"
        )
        assert (row["right_low"], row["right_high"]) == pytest.approx(
            (interval.low, interval.high), abs=1e-12
        )


# -- pools ------------------------------------------------------------------------------------------------------


def test_the_length_of_a_queue_integrates_to_the_ticks_of_the_tally(run: Run) -> None:
    scenario = run.scenario
    made = frames.queue(run.log, scenario, "clerk", begin=scenario.warm_up)
    step = (scenario.horizon - scenario.warm_up) / len(made)
    expected = next(part.queue_ticks for part in run.tally.roles if part.name == "clerk")
    assert made["length"].sum() * step == pytest.approx(expected, rel=1e-6)
    assert expected > 0


def test_a_queue_counts_who_waits_and_how_long_the_first_has_waited(run: Run) -> None:
    scenario, events = run.scenario, run.events
    edges = np.linspace(0, scenario.horizon, 41).astype(int)
    made = frames.queue(run.log, scenario, "clerk", steps=40)
    its = events[(events.role == "clerk") & events.queued.notna()]
    left = its.started.fillna(its.ended)
    for place, edge in enumerate(edges[1:]):
        waiting = its[(its.queued <= edge) & (left > edge)]
        oldest = 0.0 if waiting.empty else (edge - waiting.queued.min()) / SECOND
        assert made["oldest"][place] == pytest.approx(oldest, abs=1e-6)
        assert made["longest"][place] >= len(waiting)
    assert (made["longest"] >= made["length"]).all()


def test_hours_of_work_add_up_to_the_busy_ticks_of_the_tally(run: Run) -> None:
    made = frames.utilisation(run.log, run.scenario)
    for role in run.tally.roles:
        hours = made.loc[made["role"] == role.name, "busy"].sum()
        assert hours * HOUR == pytest.approx(sum(part.busy_ticks for part in role.positions), rel=1e-12)
    known = made["utilisation"].dropna()
    assert known.between(0, 1).all()


def test_nobody_is_present_at_night_but_in_overtime(run: Run) -> None:
    made = frames.utilisation(run.log, run.scenario)
    night = made[(made["role"] == "clerk") & ~made["hour"].between(8, 16)]
    assert (night["present"] == night["busy"]).all()
    assert night.loc[night["present"] == 0, "utilisation"].isna().all()


def test_workload_is_the_work_that_joined_in_each_hour(chain: Run) -> None:
    made = frames.workload(chain.log, chain.scenario, "drafter")
    events = chain.events[(chain.events.role == "drafter") & chain.events.started.notna()]
    its = events[events.queued.between(chain.scenario.warm_up, chain.scenario.horizon - 1)]
    asked = made["workload"].to_numpy() * _hours_measured(chain.scenario)
    assert asked.sum() * HOUR == pytest.approx((its.ended - its.started).sum(), rel=1e-9)


def _hours_measured(scenario: Scenario) -> Any:
    """How often each hour of the week is measured; this window has no change of the clocks."""
    first = scenario.start.weekday() * 24 + scenario.warm_up // HOUR
    hours = np.arange(first, first + (scenario.horizon - scenario.warm_up) // HOUR) % 168
    return np.bincount(hours, minlength=168)


def test_shifts_are_the_stretches_with_slots(run: Run) -> None:
    made = frames.shifts(run.log, run.scenario, "clerk")
    assert {begin.hour for begin in made["begin"]} == {8}
    assert {end.hour for end in made["end"]} == {17}
    assert made["slots"].tolist() == [1] * len(made)


@pytest.mark.parametrize("frame", [frames.queue, frames.shifts, frames.workload])
def test_an_unknown_role_is_an_error_that_names_those_there_are(run: Run, frame: Any) -> None:
    with pytest.raises(KeyError, match="there is extractor, clerk"):
        frame(run.log, run.scenario, "typist")


# -- spending ---------------------------------------------------------------------------------------------------


def test_the_ledger_ends_with_the_sum_of_every_line_up_to_the_horizon(run: Run) -> None:
    made = frames.ledger(run.log, run.scenario)
    before = run.events[run.events.tick <= run.scenario.horizon]
    for line in COST_LINES:
        its = made[made["line"] == line.replace("_", " ")]
        expected = before[line].fillna(0).sum() / BILLION
        assert (its["total"].iloc[-1] if len(its) else 0.0) == pytest.approx(expected, rel=1e-12)
        assert its["total"].is_monotonic_increasing


@pytest.mark.parametrize("name", ["all", "planner"])
def test_what_a_budget_has_spent_is_what_its_roles_cost_in_the_period(guarded: Run, name: str) -> None:
    made = frames.budget(guarded.log, guarded.scenario, name)
    rule = guarded.scenario.guards.budgets[name]
    events = guarded.events[guarded.events.tick < guarded.scenario.horizon]
    if rule.roles:
        events = events[events.role.isin(rule.roles)]
    lines = events[["inference", "tools", "sandbox", "verification"]].fillna(0).sum(axis=1)
    expected = lines.groupby(events.tick // rule.period).sum() / BILLION
    made = made[made["event"] == ""].groupby("period")["spent"].last()
    assert made.to_numpy() == pytest.approx(expected.reindex(made.index, fill_value=0).to_numpy(), rel=1e-9)
    assert made.iloc[0] > 0


def test_the_guard_had_counted_what_the_curve_shows(guarded: Run) -> None:
    made = frames.budget(guarded.log, guarded.scenario, "all", steps=20_000)
    assert {"alert", "tripped"} <= set(made["event"])
    assert [made.attrs["limit"], *made.attrs["alerts"]] == pytest.approx([1.5, 0.75, 1.2])
    for place in made.index[made["event"].isin(["alert", "tripped"])]:
        around = made.loc[max(place - 3, 0) : place + 3]
        around = around[(around["event"] == "") & (around["period"] == made["period"][place])]["spent"]
        assert around.min() - 1e-9 <= made["spent"][place] <= around.max() + 1e-9


def test_a_budget_that_is_not_there_is_an_error(guarded: Run, run: Run) -> None:
    with pytest.raises(KeyError, match="all, planner"):
        frames.budget(guarded.log, guarded.scenario, "none of them")
    with pytest.raises(KeyError, match="no budget"):
        frames.budget(run.log, run.scenario)


# -- defects ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "chain"])
def test_no_defect_is_lost_between_stages(name: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(name).tally
    made, ways = frames.defects_by_stage([found]), frames.defect_flow([found])
    assert (made["inherited"] + made["born"] == made["caught"] + made["escaped"] + made["passed_on"]).all()
    assert made["passed_on"].tolist()[:-1] == made["inherited"].tolist()[1:]
    assert made["passed_on"].iloc[-1] == 0
    assert made["escaped"].sum() == ways.loc[ways["to"] == "delivered", "count"].sum()
    assert made["born"].sum() == ways.loc[ways["to"] != "client", "count"].sum()


def test_what_escapes_a_chain_is_what_the_metrics_call_wrong(chain: Run) -> None:
    made = frames.defects_by_stage([chain.tally], "prospect")
    assert made["stage"].tolist() == ["research", "enrich", "draft", "check", "send"]
    assert made["escaped"].sum() == chain.tally.cohort.wrong
    assert made.attrs["tasks"] == chain.tally.cohort.ended


def test_an_unknown_task_type_has_no_defects(chain: Run) -> None:
    with pytest.raises(KeyError, match="prospect"):
        frames.defects_by_stage([chain.tally], "letter")


# -- extremes ---------------------------------------------------------------------------------------------------


def test_a_run_in_which_nothing_arrives_has_empty_frames() -> None:
    arrivals = {"process": "deterministic", "every": "30 days"}
    empty = run_of("invoice_reconciliation", {"horizon": "8 days", "tasks.invoice.arrivals": arrivals})
    assert frames.cycle_times(empty.log, empty.scenario).empty
    assert frames.calibration(empty.log, empty.scenario).empty
    assert np.isnan(frames.calibration(empty.log, empty.scenario).attrs["auroc"])
    assert frames.ledger(empty.log, empty.scenario).empty
    queue = frames.queue(empty.log, empty.scenario, "clerk")
    assert not queue[["length", "longest", "oldest"]].any(axis=None)
    assert isinstance(queue["time"].dtype, pd.DatetimeTZDtype)

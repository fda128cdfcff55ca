"""What holds in every workflow: no task is lost or done twice, parts add up, limits hold, joins are complete."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from analysis.metrics import CATEGORIES, CHECKS, METRICS, Fold, Tally
from sim import Log, Scenario, simulate
from sim.log import Block
from sim.log.columns import COST_LINES, REASONS
from tests.laws.oracle import rows_of
from tests.laws.workflow_oracle import Row, Told, told, traces_of
from tests.laws.workflows import MAX_HOPS, WORKER, scenarios

SLOW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def run(scenario: Scenario) -> tuple[Log, Tally, list[Row]]:
    """One replication: its log, its tally taken while it ran, and its rows."""
    fold = Fold(scenario)
    log = simulate(scenario, folds=[fold])
    return log, fold.tally(), rows_of(log)


@pytest.mark.mechanism("MR-13")
@pytest.mark.mechanism("WL-12")
@SLOW
@given(scenario=scenarios())
def test_no_task_is_lost_or_done_twice(scenario: Scenario) -> None:
    """A task is delivered once, or has failed, or is unfinished; what comes later follows a discovery."""
    _, found, rows = run(scenario)
    for trace in traces_of(rows).values():
        assert [row["step"] for row in trace] == list(range(1, len(trace) + 1))
        assert trace[0]["action"] == "arrived"
        nexts = Counter(row["next"] for row in trace)
        assert nexts["deliver"] + nexts["fail"] <= 1
        is_cut_off = any(row["action"] == "unfinished" for row in trace)
        assert nexts["deliver"] + nexts["fail"] == 1 or is_cut_off
        discovered = sum(row["action"] == "discovered" for row in trace)
        assert nexts["redeliver"] + sum(row["action"] == "corrected" for row in trace) <= discovered <= 1
        assert not discovered or nexts["deliver"] == 1
    whole = found.cohort
    assert whole.tasks == whole.delivered + whole.failed + whole.unfinished
    assert whole.right + whole.wrong == whole.delivered + whole.corrected


@pytest.mark.mechanism("RT-15")
@pytest.mark.mechanism("RT-18")
@pytest.mark.mechanism("HX-13")
@SLOW
@given(scenario=scenarios())
def test_the_parts_of_a_tally_are_those_of_the_rows(scenario: Scenario) -> None:
    """Stage by stage and for the whole, against an oracle that reads the rows token by token."""
    _, found, rows = run(scenario)
    oracle = told(scenario, rows)
    _is_whole(found, oracle)
    _are_stages(found, oracle)
    ways = Counter({(way.born, way.to, way.at): way.count for way in found.defects})
    assert ways == oracle.ways
    for role in found.roles:
        for part in role.positions:
            counts = oracle.positions[role.name, part.number]
            got = part.wrong_deliveries, part.found, part.found_cost
            assert got == (counts["wrong"], counts["found"], counts["found_cost"])


def _is_whole(found: Tally, oracle: Told) -> None:
    whole, chain, told_of = found.cohort, found.cohort.chain, oracle.whole
    for name in ("tasks", "delivered", "failed", "unfinished", "wrong", "corrected", "damage"):
        assert getattr(whole, name) == told_of[name], name
    for name in ("defective", "sunk", "hops", "most_hops", "double_sends", "double_work", "repeat_cost",
                 "flagged_right", "flagged_wrong", "passed_right", "passed_wrong"):  # fmt: skip
        assert getattr(chain, name) == told_of[name], name
    assert dict(zip(REASONS, chain.failed_reasons, strict=True)) == {
        reason: oracle.failed_reasons[reason] for reason in REASONS
    }
    assert chain.failures == tuple(
        oracle.failures[category, reason] for category in CATEGORIES for reason in REASONS
    )
    assert sum(chain.failed_reasons) == whole.failed


def _are_stages(found: Tally, oracle: Told) -> None:
    for part in found.stages:
        counts = oracle.stages[part.stage]
        for name in ("passes", "repeats", "born_by_agent", "born_by_person", "inherited", "amplified", "repaired",
                     "agent_passes", "agent_failures", "attempts", "retries"):  # fmt: skip
            assert getattr(part, name) == counts[name], (part.stage, name)
        assert part.arrivals == counts["passes"] + counts["cut"]
        assert part.failures == tuple(counts["failed " + category] for category in CATEGORIES)
        assert part.caught == tuple(counts["caught " + check] for check in CHECKS)
        assert (part.waited_ticks, part.people_ticks) == (counts["waited"], counts["people"])
        assert part.costs == tuple(counts["cost " + line] for line in COST_LINES)


@pytest.mark.mechanism("BE-10")
@pytest.mark.mechanism("MR-08")
@SLOW
@given(scenario=scenarios())
def test_stages_add_up_to_the_whole_and_the_ledger_is_exact(scenario: Scenario) -> None:
    _, found, rows = run(scenario)
    whole, parts = found.cohort, found.stages
    assert whole.costs == tuple(map(sum, zip(*(part.costs for part in parts), strict=True)))
    assert sum(whole.costs) == sum(
        row[line]
        for trace in traces_of(rows).values()
        if scenario.warm_up <= trace[0]["tick"] < scenario.horizon
        for row in trace
        for line in COST_LINES
    )
    assert sum(part.waited_ticks for part in parts) == whole.waited_ticks
    assert sum(part.people_ticks for part in parts) == sum(whole.people_ticks)
    assert sum(part.escaped for part in parts) == whole.wrong
    positions = [part for role in found.roles for part in role.positions]
    assert sum(part.wrong_deliveries for part in positions) == whole.wrong
    for place, line in enumerate(COST_LINES):
        of_people = line in ("human_execution", "human_review", "rework", "correction")
        booked = sum(part.costs[place] for part in positions)
        assert booked == whole.costs[place] if of_people else booked <= whole.costs[place], line
    for metric in METRICS:
        value = metric.value(found)
        assert value is None or (np.isfinite(value) and value >= 0), metric.name
        assert value is None or metric.unit != "share" or value <= 1, metric.name


@pytest.mark.mechanism("MA-03")
@SLOW
@given(scenario=scenarios())
def test_where_a_workflows_log_is_cut_into_blocks_changes_nothing(scenario: Scenario) -> None:
    log, found, _ = run(scenario)
    fold = Fold(scenario)
    for block in log.blocks():
        for first in range(0, len(block), 61):
            columns = {name: values[first : first + 61] for name, values in block.columns.items()}
            fold.add(Block(columns, block.names))
    assert fold.tally() == found


@pytest.mark.mechanism("HX-01")
@pytest.mark.mechanism("BE-05")
@SLOW
@given(scenario=scenarios())
def test_limits_hold(scenario: Scenario) -> None:
    """Hops, attempts of a pass, passes of a stage, and what one task may spend."""
    _, _, rows = run(scenario)
    assert scenario.guards is not None
    budget = scenario.guards.trace_budget
    for trace in traces_of(rows).values():
        assert max(row["hop"] or 0 for row in trace) <= MAX_HOPS
        tries: Counter[Any] = Counter()
        passes: dict[str, int] = defaultdict(int)
        for row in trace:
            if row["action"] == "attempted":
                tries[row["stage"], row["pass"], row["branch"], row["role"]] += 1
            if row["stage"] is not None:
                passes[row["stage"]] = max(passes[row["stage"]], row["pass"] or 0)
        assert not tries or max(tries.values()) <= WORKER["max_attempts"]
        for stage, count in passes.items():
            opened_again = any(row["reason"] == "reopened" for row in trace)
            assert count <= scenario.tasks["job"].stages[stage].max_passes * (1 + opened_again)
        if budget is not None and budget.strict and budget.money is not None:
            calls = [row for row in trace if row["model"] is not None]
            assert sum(row["inference"] + row["tools"] for row in calls) <= float(budget.money) * 1e9


@pytest.mark.mechanism("WL-12")
@SLOW
@given(scenario=scenarios())
def test_every_join_is_complete(scenario: Scenario) -> None:
    """After a fork as many branches end in the join as began, and then the task goes on once."""
    _, _, rows = run(scenario)
    for trace in traces_of(rows).values():
        waiting: list[int] = []
        for row in trace:
            if row["next"] == "branch":
                waiting.append(len(scenario.tasks["job"].stages[row["stage"]].parallel))
            elif row["next"] == "join" and row["action"] != "unfinished":
                waiting[-1] -= 1
            elif row["action"] == "joined":
                assert waiting.pop() == 0
                assert row["reason"] in ("branches_joined", "branch_failed", "passes_exhausted", "hop_limit")
        assert not waiting or any(row["action"] == "unfinished" for row in trace)


@pytest.mark.mechanism("RT-15")
@SLOW
@given(scenario=scenarios())
def test_every_failure_has_a_reason(scenario: Scenario) -> None:
    _, _, rows = run(scenario)
    for row in rows:
        if row["next"] == "fail" or (row["action"] == "attempted" and row["is_right"] is None):
            assert row["reason"] not in (None, "none", "arrived"), row

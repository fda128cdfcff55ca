"""Chains, failures and guards from log to numbers: a workflow by hand, and what each metric counts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from analysis import theory
from analysis.estimates import ratio
from analysis.experiments import replicate
from analysis.frames import defect_flow, stages
from analysis.metrics import (
    CATEGORIES,
    METRICS,
    Tally,
    by_stage,
    causes,
    deliveries,
    guard_trips,
    metric_of,
    risk_totals,
    tally,
    task_failures,
    visible_failures,
)
from sim import Log, Scenario, simulate
from sim.overlay import overlaid
from sim.quantities import HOUR, MINUTE
from tests.statistics.family import FIRST_SEED, Look, statistical

AGENT: dict[str, Any] = {
    "kind": "agent", "positions": 20, "model": "some-model", "price": {"input": 1, "output": 5}, "tool_cost": 0.01,
    "work_time": {"distribution": "constant", "value": "60 s"}, "success": 1.0,
}  # fmt: skip
CLERK: dict[str, Any] = {
    "kind": "human", "positions": 20, "wage": "30 / h", "success": 1.0,
    "work_time": {"distribution": "constant", "value": "6 min"}, "review_time": "2 min",
    "review": {"catch_rate": 1, "false_reject": 0},
}  # fmt: skip
BASE: dict[str, Any] = {
    "version": 1, "name": "A chain", "horizon": "100 h", "currency": "EUR",
    "tasks": {"job": {
        "arrivals": {"process": "deterministic", "every": "1 h"}, "damage_if_wrong": 50,
        "stages": {"draft": {"agent": "writer"}, "check": {"agent": "checker"}, "send": {"agent": "sender"}},
    }},
    "workers": {"writer": AGENT, "checker": AGENT, "sender": AGENT, "clerk": CLERK},
    "topology": {"kind": "autonomous", "agent": "writer"},
}  # fmt: skip


def scenario(**changes: Any) -> Scenario:
    """The chain of three agents, changed."""
    return Scenario.from_tree(overlaid(BASE, changes))


def run(seed: int = FIRST_SEED, **changes: Any) -> tuple[Tally, Log]:
    of = scenario(**changes)
    log = simulate(of, seed)
    return tally(of, log), log


def value(found: Tally, name: str) -> float | None:
    return metric_of(name).value(found)


def hits(found: Tally, name: str) -> tuple[int, int]:
    """How many are counted by a metric that is a share, and of how many."""
    metric = metric_of(name)
    return int(metric.numerator(found) or 0), int(metric.denominator(found) or 0)


def events(log: Log) -> Any:
    """The rows of tasks, names as texts."""
    frame = log.events()
    names = frame.select_dtypes("category").columns
    return frame[frame.trace_id.notna()].astype(dict.fromkeys(names, object))


WRONG_DRAFTS = {"writer": {"success": 0.0}}


@pytest.mark.mechanism("RT-12")
@pytest.mark.mechanism("MR-08")
def test_a_defect_is_born_once_and_inherited_to_the_end() -> None:
    found, _ = run(workers=WRONG_DRAFTS)
    draft, check, send = found.stages
    tasks = found.cohort.tasks
    assert tasks == 99
    assert (draft.born_by_agent, draft.inherited, draft.escaped) == (tasks, 0, tasks)
    for later in (check, send):
        assert (later.born_by_agent, later.inherited, later.amplified, later.repaired) == (0, tasks, 0, 0)
        assert later.agent_passes == 0  # P_i is on clean input (decision D7)
    assert (draft.agent_passes, draft.agent_failures) == (tasks, tasks)
    assert [(row["born"], row["to"], row["count"]) for _, row in defect_flow([found]).iterrows()] == [
        ("draft", "delivered", tasks)
    ]
    assert list(stages([found])["risk"].fillna(-1)) == [1.0, -1.0, -1.0]


@pytest.mark.mechanism("RT-13")
@pytest.mark.mechanism("RT-14")
@pytest.mark.mechanism("MR-08")
@statistical
def test_the_risk_of_a_chain_is_one_less_the_product_of_its_stages(look: Look) -> None:
    workers = {
        name: {"success": share} for name, share in (("writer", 0.9), ("checker", 0.8), ("sender", 0.95))
    }
    found, _ = run(look.seed, workers=workers, tasks={"job": {"arrivals": {"every": "3 min"}}})
    risks = [part.agent_failures / part.agent_passes for part in found.stages]
    assert value(found, "cfr_analytic") == pytest.approx(theory.cascade_failure_risk(risks), abs=1e-9)
    assert value(found, "cfr_chain") == value(found, "cfr_delivered")
    look.share(*hits(found, "cfr_chain"), 1 - 0.9 * 0.8 * 0.95)
    totals = risk_totals([found, found], "job", "check")
    assert ratio(totals).value == risks[1]


@pytest.mark.mechanism("RT-14")
@statistical
def test_a_task_that_fails_early_does_not_hide_the_risk_of_later_stages(look: Look) -> None:
    failing = {name: {"failures": {"judgment": 0.3}} for name in ("writer", "checker", "sender")}
    found, _ = run(look.seed, workers=failing, tasks={"job": {"arrivals": {"every": "2 min"}}})
    risks = [part.agent_failures / part.agent_passes for part in found.stages]
    assert found.stages[2].passes < found.stages[0].passes
    assert value(found, "cfr_analytic") == pytest.approx(theory.cascade_failure_risk(risks), abs=1e-9)
    for part in found.stages:
        look.share(part.agent_failures, part.agent_passes, 0.3)
    look.share(*hits(found, "cfr_chain"), 1 - 0.7**3)
    assert task_failures([found]) == [{"reason": "judgment_failure", "tasks": found.cohort.failed}]


@pytest.mark.mechanism("RT-14")
@pytest.mark.mechanism("PF-21")
def test_a_reviewer_in_the_chain_keeps_defects_from_the_end() -> None:
    guard = {"topology": {"kind": "guardian", "agent": "checker", "human": "clerk", "max_revisions": 0}}
    found, _ = run(workers=WRONG_DRAFTS, tasks={"job": {"stages": {"check": guard}}})
    tasks = found.cohort.tasks
    assert (value(found, "cfr_chain"), value(found, "cfr_delivered")) == (1.0, 0.0)
    check = found.stages[1]
    assert (check.repaired, check.inherited) == (tasks, tasks)
    assert by_stage([found])[1]["caught_by_reviewer"] == tasks
    assert check.people_ticks == tasks * 8 * MINUTE
    flow = defect_flow([found])
    assert flow.to_dict("records") == [
        {"type": "job", "born": "draft", "to": "reviewer", "at": "check", "count": tasks}
    ]


@pytest.mark.mechanism("RT-14")
@statistical
def test_both_branches_of_a_fork_count(look: Look) -> None:
    """Two branches that each fail one time in five, then a join: 1 - 0.8 x 0.8."""
    workers = {"checker": {"success": 0.8}}
    fork = {
        "draft": {"agent": "writer", "parallel": ["left", "right"], "join": "send"},
        "left": {"agent": "checker"},
        "right": {"agent": "checker"},
        "check": None,
        "send": {"agent": "sender"},
    }
    tree = overlaid(BASE, {"workers": workers, "tasks": {"job": {"arrivals": {"every": "2 min"}}}})
    tree["tasks"]["job"]["stages"] = {name: stage for name, stage in fork.items() if stage}
    of = Scenario.from_tree(tree)
    found = tally(of, simulate(of, look.seed))
    risks = {
        part.stage: part.agent_failures / part.agent_passes for part in found.stages if part.agent_passes
    }
    expected = 1 - (1 - risks["left"]) * (1 - risks["right"])
    assert value(found, "cfr_analytic") == pytest.approx(expected, abs=1e-9)
    for part in found.stages:
        if part.stage in ("left", "right"):
            look.share(part.agent_failures, part.agent_passes, 0.2)
    look.share(*hits(found, "cfr_delivered"), 1 - 0.8**2)


@pytest.mark.mechanism("HX-13")
def test_the_cycle_time_is_made_of_work_waits_and_hand_offs() -> None:
    latency = {"latency": {"distribution": "constant", "value": "7 min"}}
    found, log = run(hand_off=latency)
    assert value(found, "hand_off_mean") == 7 * 60
    assert [part.hand_offs for part in found.stages] == [0, 99, 99]
    for _, trace in events(log).groupby("trace_id"):
        rows = [row for row in trace.itertuples() if row.action != "arrived"]
        work = sum(row.ended - row.started for row in rows)
        waits = sum(row.started - row.queued for row in rows)
        delays = sum(later.queued - row.ended for row, later in pairwise(rows))
        assert work + waits + delays == rows[-1].ended - trace.iloc[0].ended == 3 * MINUTE + 2 * 7 * MINUTE


@pytest.mark.mechanism("RT-17")
def test_what_failed_in_the_last_mile_is_sunk() -> None:
    found, _ = run(workers={"sender": {"failures": {"governance": 1.0}}})
    assert value(found, "landed_ratio") == 0.0
    assert found.cohort.chain.sunk == sum(found.cohort.costs) > 0
    assert value(found, "sunk_per_task") == pytest.approx(0.03)
    assert visible_failures([found]) == [
        {"category": "governance", "then": "governance_failure", "count": 99}
    ]


@pytest.mark.mechanism("RT-18")
@pytest.mark.mechanism("BE-11")
def test_what_a_client_finds_is_booked_on_whoever_caused_it() -> None:
    discovery = {"delay": {"distribution": "constant", "value": "5 h"}, "by": "clerk"}
    found, _ = run(
        workers={"checker": {"success": 0.0, "positions": 1}}, tasks={"job": {"discovery": discovery}}
    )
    whole = found.cohort
    assert whole.wrong == whole.corrected == whole.right == 99
    assert (
        value(found, "escape_share")
        == value(found, "success_share")
        == value(found, "discovered_share")
        == 1.0
    )
    assert value(found, "correction_per_task") == 3.0
    assert value(found, "correction_minutes_per_task") == 6.0
    assert whole.damage == 99 * 50 * 10**9
    assert causes([found]) == [
        {
            "role": "checker",
            "position": 1,
            "kind": "agent",
            "wrong_deliveries": 99,
            "found": 99,
            "correction": 297.0,
        }
    ]
    clients = [row for row in defect_flow([found]).itertuples() if row.to == "client"]
    assert [(row.born, row.at, row.count) for row in clients] == [("check", "", 99)]


@pytest.mark.mechanism("RT-22")
@statistical
def test_work_done_again_has_its_cost(look: Look) -> None:
    """Eight of ten posts go back to the draft, at most three times: the repeated passes are paid for."""
    stages_of = {"check": {"next": {"draft": 0.8, "send": 0.2}}, "draft": {"max_passes": 4}}
    found, log = run(look.seed, tasks={"job": {"stages": stages_of, "arrivals": {"every": "5 min"}}})
    draft, check, _ = found.stages
    assert (draft.repeats, draft.arrivals) == (draft.passes - found.cohort.tasks, draft.passes)
    assert found.cohort.chain.repeat_cost == (draft.repeats + check.repeats) * 10_000_000
    cohort = events(log).query("tick < 100 * @HOUR or task < @found.cohort.tasks")
    last = (cohort.stage == "check") & (cohort["pass"] == 4)
    look.share(draft.repeats, check.passes - int(last.sum()), 0.8)
    assert {row["reason"] for row in task_failures([found])} == {"passes_exhausted"}


@pytest.mark.mechanism("HX-06")
@pytest.mark.mechanism("CR-15")
@statistical
def test_faults_of_handing_out_have_the_rates_they_were_given(look: Look) -> None:
    faults = {"wrong_lane": 0.1, "unusable_return": 0.2, "missing_context": 0.3}
    none, _ = run()
    found, _ = run(
        look.seed, misrouting=faults, guards={"max_hops": 50}, tasks={"job": {"arrivals": {"every": "4 min"}}}
    )
    counts = []
    for name, share in faults.items():
        counts.append(hits(found, f"{name}_share"))
        look.share(*counts[-1], share)
        assert value(none, f"{name}_share") == 0.0
    per_task = sum(count for count, _ in counts) / found.cohort.tasks
    assert value(found, "failed_hand_offs_per_1000") == pytest.approx(1000 * per_task)
    assert value(found, "hops_mean") == pytest.approx(per_task)


@pytest.mark.mechanism("RT-23")
@pytest.mark.mechanism("RT-09")
@statistical
def test_each_reliability_fault_has_its_own_count_and_none_when_its_cause_is_off(look: Look) -> None:
    lost = {"sender": {"ack_loss": 0.3, "idempotent": False}}
    half = {"writer": {"failures": {"transient": 0.4}, "recovery": {"partial_work": 0.5}}}
    often = {"arrivals": {"every": "2 min"}, "mutating": True}
    names = ("double_sends_per_1000", "double_work_per_1000", "partial_publishes_per_1000",
             "failed_hand_offs_per_1000", "repeated_escalations_per_1000")  # fmt: skip
    none, _ = run(tasks={"job": often})
    assert [value(none, name) for name in names] == [0.0] * 5
    sends, _ = run(look.seed, tasks={"job": often}, workers=lost)
    doubled = sends.cohort.chain.double_sends
    assert value(sends, "double_sends_per_1000") == pytest.approx(1000 * doubled / sends.cohort.tasks)
    look.share(doubled, doubled + sends.cohort.tasks, 0.3)
    assert value(sends, "double_work_per_1000") == 0.0
    work, _ = run(tasks={"job": often}, workers=half)
    assert value(work, "double_sends_per_1000") == 0.0
    assert (value(work, "double_work_per_1000") or 0.0) > 100
    fork = {
        "draft": {"parallel": ["check", "other"], "join": "send"},
        "other": {"agent": "writer", "next": "send"},
        "send": {"next": "deliver"},
    }
    failing = {"checker": {"failures": {"judgment": 0.5}}}
    partial, _ = run(look.seed, tasks={"job": {**often, "stages": fork}}, workers=failing)
    per_1000, tasks = hits(partial, "partial_publishes_per_1000")
    look.share(per_1000 // 1000, tasks, 0.5)


@pytest.mark.mechanism("RT-01")
def test_visible_failures_are_counted_by_their_category() -> None:
    rates = {"transient": 0.1, "deterministic": 0.05, "judgment": 0.15, "governance": 0.02}
    found, log = run(workers={"writer": {"failures": rates}}, tasks={"job": {"arrivals": {"every": "2 min"}}})
    draft, rows = found.stages[0], events(log)
    told = rows[(rows.stage == "draft") & (rows.task < found.cohort.tasks)].outcome.value_counts()
    assert dict(zip(CATEGORIES, draft.failures, strict=True)) == {name: told[name] for name in CATEGORIES}
    assert sum(int(row["count"] or 0) for row in visible_failures([found])) == sum(draft.failures)
    assert draft.retries == found.cohort.chain.retries[0] > 0


@pytest.mark.mechanism("CR-05")
@statistical
def test_a_validator_is_judged_by_its_flags(look: Look) -> None:
    validator = {"sensitivity": 0.8, "specificity": 0.9, "cost": 0.02}
    often = {"arrivals": {"every": "1 min"}}
    topology = {"kind": "escalation", "agent": "writer", "human": "clerk", "threshold": 0.0}
    parts: dict[str, Any] = {
        "workers": {"writer": {"success": 0.7}}, "topology": topology, "tasks": {"job": often},
    }  # fmt: skip
    silent, _ = run(look.seed, **parts)
    found, _ = run(look.seed, **parts, validator=validator)
    look.share(*hits(found, "validator_catch_share"), 0.8)
    look.share(*hits(found, "validator_false_alarm_share"), 0.1)
    assert found.cohort.wrong < silent.cohort.wrong
    dearer = (found.cohort.costs[1] - silent.cohort.costs[1]) / 10**9
    assert dearer == pytest.approx(0.02 * found.cohort.chain.validated)
    assert value(silent, "validator_flag_share") is None


@pytest.mark.mechanism("CR-14")
@pytest.mark.mechanism("CR-17")
def test_a_ladder_spares_people_and_tiers_have_their_shares() -> None:
    agents = {"writer": {"success": 0.6, "confidence": {"preset": "typical"}}, "checker": {"success": 0.9}}
    often = {
        "arrivals": {"every": "2 min"},
        "stages": {"check": {"topology": {"kind": "autonomous", "agent": "checker"}}},
    }
    at_once = {"kind": "escalation", "agent": "writer", "human": "clerk", "threshold": 0.9}
    ladder = {**at_once, "ladder": {"own": 1, "peers": 1, "peer": "checker"}}
    before, after = (
        run(workers=agents, topology=shape, tasks={"job": often})[0] for shape in (at_once, ladder)
    )
    assert (value(after, "escalation_share") or 1.0) < (value(before, "escalation_share") or 0.0)
    assert after.cohort.costs[1] > before.cohort.costs[1]
    shares = [float(row["share"] or 0.0) for row in deliveries([after])]
    assert sum(shares) == pytest.approx(1.0)


@pytest.mark.mechanism("BE-06")
@pytest.mark.mechanism("HX-01")
def test_a_budget_that_is_spent_says_when() -> None:
    """Each task costs 0.03; a budget of 0.30 a day is spent by ten of its 24 tasks, in the eleventh hour."""
    budgets = {"day": {"money": 0.305, "period": "24 h", "then": "stop"}}
    found, _ = run(guards={"budgets": budgets})
    (day,) = found.guards
    assert day.name == "budget.day"
    assert day.trips == len(day.exhausted) == 4
    assert all(9 * HOUR < ticks < 13 * HOUR for ticks in day.exhausted)
    row = guard_trips([found, found])[0]
    assert (row["trips"], row["periods_spent"]) == (8, 8)
    assert 9 / 24 < float(row["exhausted_after"] or 0.0) < 13 / 24
    assert {row["reason"] for row in task_failures([found])} == {"period_budget"}
    assert (value(found, "refused_per_1000") or 0.0) > 400


@statistical
def test_new_metrics_of_plain_scenarios_say_what_their_one_stage_does(look: Look) -> None:
    plain = {
        **BASE,
        "tasks": {"job": {"arrivals": {"process": "deterministic", "every": "2 min"}}},
        "workers": {"writer": {**AGENT, "success": 0.8, "failures": {"judgment": 0.1}}},
    }
    of = Scenario.from_tree(plain)
    found = tally(of, simulate(of, look.seed))
    assert value(found, "cfr_chain") == pytest.approx(value(found, "cfr_analytic"), abs=1e-9)
    assert value(found, "cfr_chain") == value(found, "cfr_delivered")
    look.share(*hits(found, "cfr_chain"), 1 - 0.8 * 0.9)
    assert value(found, "landed_ratio") == value(found, "success_share")
    (part,) = found.stages
    assert (part.passes, part.born_by_agent, part.escaped) == (
        found.cohort.tasks, found.cohort.wrong, found.cohort.wrong,
    )  # fmt: skip


@statistical
def test_replications_give_an_interval_for_the_risk_of_a_stage(look: Look) -> None:
    result = replicate(scenario(workers={"writer": {"success": 0.8}}), 4, look.seed)
    found = ratio(risk_totals(result.tallies, "job", "draft"))
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert found.low < found.value < found.high
    failures = sum(tally.stages[0].agent_failures for tally in result.tallies)
    look.share(failures, sum(tally.stages[0].agent_passes for tally in result.tallies), 0.2)
    assert all(metric.name in result.estimates() for metric in METRICS)

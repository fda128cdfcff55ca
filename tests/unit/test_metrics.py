"""Metrics: hand-computed examples to the last unit, and the parts that folds are made of."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from analysis.metrics import (
    METRICS,
    Fold,
    Tally,
    busiest_hours,
    by_hour,
    by_type,
    by_worker,
    is_in_playbook_band,
    metric_of,
    queues,
    tally,
    verdicts,
    wait_columns,
)
from sim import Scenario, simulate
from sim.quantities import MINUTE

AT_SIX = {"process": "deterministic", "every": "6 h"}
"""One task within ten hours, at six."""


def three_tasks(**changes: Any) -> Scenario:
    """An easy task, one above the value limit, one that the agent always gets wrong; nothing is random."""
    tokens = {
        name: {"distribution": "constant", "value": value}
        for name, value in (("input_tokens", 1000), ("output_tokens", 200))
    }
    tree = {
        "version": 1, "name": "Three tasks", "horizon": "10 h", "currency": "EUR",
        "tasks": {
            "easy": {"arrivals": AT_SIX, "sla": "1 min", **tokens},
            "dear": {
                "arrivals": AT_SIX, "sla": "2 min", **tokens,
                "value": {"distribution": "constant", "value": 2000},
            },
            "odd": {"arrivals": AT_SIX, "damage_if_wrong": 50, **tokens},
        },
        "workers": {
            "agent": {
                "kind": "agent", "positions": 3, "model": "some-model", "provider": "somebody",
                "price": {"input": 1, "output": 5}, "tool_cost": 0.01, "success": 1.0,
                "work_time": {"distribution": "constant", "value": "60 s"},
                "by_task": {"odd": {"success": 0.0}},
            },
            "clerk": {
                "kind": "human", "wage": "30 / h", "success": 1.0,
                "work_time": {"distribution": "constant", "value": "6 min"},
                "review_time": {"distribution": "constant", "value": "90 s"},
                "review": {"catch_rate": 1.0, "false_reject": 0.0},
            },
        },
        "topology": {
            "kind": "escalation", "agent": "agent", "human": "clerk", "threshold": 0.0, "value_limit": 1000
        },
    }  # fmt: skip
    return Scenario.from_tree(tree).overlaid(changes)


def tally_of(scenario: Scenario) -> Tally:
    return tally(scenario, simulate(scenario))


def value(found: Tally, metric: str) -> float | None:
    return metric_of(metric).value(found)


@pytest.mark.mechanism("BE-04")
@pytest.mark.mechanism("MR-07")
def test_cost_per_success_by_hand() -> None:
    """Three attempts at 0.001 + 0.001 + 0.010, one execution of 6 min at 30 / h; two of three are right."""
    found = tally_of(three_tasks())
    assert found.cohort.costs == (6_000_000, 30_000_000, 3_000_000_000, 0, 0, 0, 0, 0)
    assert (found.cohort.tasks, found.cohort.right, found.cohort.wrong_by_agent) == (3, 2, 1)
    assert value(found, "cpst") == 3.036 / 2
    assert value(found, "cpst_playbook") == 0.036 / 2
    assert value(found, "cpst_with_damage") == 53.036 / 2
    assert value(found, "cost_per_task") == 3.036 / 3
    assert value(found, "damage_per_task") == 50 / 3


@pytest.mark.mechanism("BE-03")
def test_the_loaded_cost_pays_for_the_hours_on_shift() -> None:
    found = tally_of(three_tasks(horizon="10 h"))
    assert value(found, "cpst_loaded") == (10 * 30 + 0.036) / 2
    assert value(found, "cost_per_month_paid") == pytest.approx((300 + 0.036) * 72, rel=1e-15)
    assert value(found, "cost_per_month") == pytest.approx(3.036 * 72, rel=1e-15)
    assert value(found, "utilisation") == 0.01


@pytest.mark.mechanism("BE-03")
@pytest.mark.mechanism("BE-22")
def test_reviews_are_the_human_auditing_of_the_playbook() -> None:
    """Two are approved after 90 s each; odd is wrong each time: 3 reviews, 2 revisions, 6 min of rework."""
    found = tally_of(three_tasks(topology={"kind": "guardian"}))
    assert found.cohort.costs == (5 * 2_000_000, 5 * 10_000_000, 0, 5 * 750_000_000, 3_000_000_000, 0, 0, 0)
    assert value(found, "cpst_playbook") == (0.06 + 3.75) / 3
    assert value(found, "rejection_rate") == 3 / 5
    assert value(found, "review_minutes_per_task") == 7.5 / 3
    assert value(found, "rework_minutes_per_task") == 2
    assert value(found, "execute_minutes_per_task") == 0
    assert verdicts([found]) == [
        {"role": "clerk", "output": "right", "approved": 2, "revised": 0, "rejected": 0},
        {"role": "clerk", "output": "wrong", "approved": 0, "revised": 2, "rejected": 1},
    ]


@pytest.mark.mechanism("BE-04")
def test_without_a_success_there_is_no_cost_per_success() -> None:
    found = tally_of(three_tasks(topology={"kind": "autonomous"}, workers={"agent": {"success": 0.0}}))
    assert found.cohort.right == 0
    assert [value(found, name) for name in ("cpst", "cpst_playbook", "cpst_loaded", "cpst_with_damage")] == [
        None
    ] * 4
    assert value(found, "human_minutes_per_success") is None
    assert value(found, "cost_per_task") == 0.012


def test_without_a_task_every_share_is_undefined() -> None:
    found = tally_of(three_tasks(horizon="5 h"))
    assert found.cohort.tasks == 0
    for metric in METRICS:
        assert metric.unit != "share" or metric.name.startswith("utilisation") or metric.value(found) is None
    assert value(found, "cycle_time_p50") is None
    assert value(found, "throughput") == 0
    assert by_type([found])[0]["cycle_time_p50"] is None


def test_times_and_shares_by_hand() -> None:
    found = tally_of(three_tasks())
    assert [value(found, f"cycle_time_{name}") for name in ("mean", "p50", "p99")] == [180, 60, 420]
    assert (value(found, "escalation_share"), value(found, "escalation_value")) == (1 / 3, 1 / 3)
    assert (value(found, "success_share"), value(found, "reported_success_share")) == (2 / 3, 1)
    assert (value(found, "escape_share"), value(found, "cfr_delivered")) == (1 / 3, 1 / 3)
    assert value(found, "wrong_per_1000") == 1000 / 3
    assert value(found, "sla_share") == 1 / 2  # exactly a minute is in time, seven minutes are not
    assert value(found, "wip") == 540 / 36000
    assert value(found, "throughput") == 3 * 168 / 10
    assert value(found, "people_on_shift") == 1


def test_a_service_level_in_open_hours_counts_open_hours() -> None:
    """The clerk takes the dear task at 06:01 as the office opens at 08:00: done 08:06, six open minutes."""
    changes = {
        "calendars": {"office": {"days": "Mon-Fri", "hours": "08:00-17:00"}},
        "workers": {"clerk": {"calendar": "office"}},
    }
    open_hours, elapsed = (
        tally_of(three_tasks(**changes, tasks={"dear": {"sla": sla}})) for sla in ("6 min of office", "6 min")
    )
    assert (open_hours.types["dear"].within_sla, elapsed.types["dear"].within_sla) == (1, 0)
    assert open_hours.types["dear"].quantiles[0].ticks == 126 * MINUTE  # type: ignore[union-attr]


def test_unfinished_tasks_are_counted_with_their_cost_and_bound_the_quantiles() -> None:
    """Executing takes until after the end: the dear task's time so far is 30 min, and it is no success."""
    scenario = three_tasks(
        horizon="390 min",
        drain_limit="0 s",
        workers={"clerk": {"work_time": {"distribution": "constant", "value": "1 h"}}},
    )
    found = tally_of(scenario)
    dear = found.types["dear"]
    assert (dear.tasks, dear.unfinished, dear.right) == (1, 1, 0)
    assert dear.costs[2] == 29 * 30 * 10**9 // 60
    assert dear.quantiles[0] is not None
    assert (dear.quantiles[0].ticks, dear.quantiles[0].is_bound) == (30 * MINUTE, True)
    assert dear.people_ticks == (0, 29 * MINUTE, 0, 0, 0, 0, 0)
    assert value(found, "unfinished_share") == 1 / 3
    assert by_type([found])[0]["cycle_time_p90"] is None
    assert metric_of("cycle_time_mean").is_bound(found)
    assert metric_of("cycle_time_p99").is_bound(found)
    assert not metric_of("cycle_time_p50").is_bound(found)


def test_fixed_costs_are_booked_for_the_window() -> None:
    found = tally_of(three_tasks(fixed_costs={"licences": "720 / month", "hosting": "72 per month"}))
    assert found.cohort.platform == 11 * 10**9
    assert value(found, "cpst") == (3.036 + 11) / 2
    assert sum(part.platform for part in found.types.values()) == 0


@pytest.mark.mechanism("BE-07")
def test_each_worker_has_its_four_numbers() -> None:
    rows = {(row["role"], row["position"]): row for row in by_worker([tally_of(three_tasks())])}
    clerk, wrong = rows["clerk", 1], next(row for row in rows.values() if row["wrong_deliveries"])
    corrected = next(row for row in rows.values() if row["correction"])
    assert (clerk["runs"], clerk["success_rate"], clerk["cost_per_run"], clerk["cost_per_success"]) == (
        1,
        1,
        3,
        3,
    )
    assert (wrong["runs"], wrong["success_rate"], wrong["cost_per_success"]) == (1, 0, None)
    assert (corrected["kind"], corrected["cost_per_run"], corrected["correction_per_run"]) == (
        "agent",
        0.012,
        3,
    )


def test_tables_pool_the_replications() -> None:
    found = tally_of(three_tasks())
    once, thrice = by_type([found])[0], by_type([found] * 3)[0]
    assert once["tasks"] == 1
    assert thrice["tasks"] == 3
    assert once["cpst"] == thrice["cpst"] == 3.012
    assert by_worker([found] * 3)[0]["runs"] in (0, 3)


@pytest.mark.mechanism("HI-17")
def test_a_queue_tells_its_ageing_and_its_bottleneck() -> None:
    scenario = three_tasks(topology={"kind": "human_only"}, horizon="378 min")
    rows = {row["role"]: row for row in queues([tally_of(scenario)])}
    clerk = rows["clerk"]
    assert (clerk["waits"], clerk["none"], clerk["< 15 min"]) == (3, 1, 2)
    assert (clerk["wait_mean"], clerk["wait_longest"]) == (360, 720)
    assert clerk["utilisation"] == 18 / 378
    assert not clerk["is_bottleneck"]
    assert clerk["queue_length"] == pytest.approx((12 + 6) / 378, rel=1e-15)
    assert set(wait_columns()) < set(clerk)


def test_the_busiest_hours_are_the_hours_of_most_work_on_shift() -> None:
    found = tally_of(three_tasks())
    assert busiest_hours([found])[0] == {
        "role": "clerk",
        "weekday": "Mon",
        "from": 5,
        "to": 7,
        "utilisation": 0.05,
    }
    hour = next(row for row in by_hour([found]) if row["role"] == "clerk" and row["hour"] == 6)
    assert (hour["weekday"], hour["busy_hours"], hour["utilisation"]) == ("Mon", 0.1, 0.1)
    assert next(row for row in by_hour([found]) if row["weekday"] == "Tue")["utilisation"] is None


def test_a_fold_refuses_the_log_of_another_scenario() -> None:
    log = simulate(three_tasks())
    with pytest.raises(ValueError, match="another scenario: its roles are"):
        tally(three_tasks(topology={"kind": "human_only"}), log)
    with pytest.raises(ValueError, match="a position that its role has not here"):
        tally(three_tasks(workers={"agent": {"positions": 1}}), log)


def test_a_fold_with_a_tally_takes_no_more_blocks() -> None:
    scenario, fold = three_tasks(), Fold(three_tasks())
    log = simulate(scenario, folds=[fold])
    assert fold.tally() is fold.tally()
    with pytest.raises(ValueError, match="takes no more blocks"):
        fold.add(next(iter(log.blocks())))


def test_a_fold_remembers_at_most_16_bytes_of_a_task_and_nothing_else() -> None:
    def fold(horizon: str) -> tuple[Fold, int]:
        busy = {"process": "poisson", "rate": "400 / h"}
        scenario = three_tasks(
            horizon=horizon,
            topology={"kind": "autonomous"},
            tasks={"easy": {"arrivals": busy}},
            workers={"agent": {"positions": 30}},
        )
        made = Fold(scenario)
        return made, simulate(scenario, log="folded", folds=[made]).task_count

    (short, few), (long, many) = fold("10 h"), fold("40 h")
    assert short.remembered_bytes <= 16 * few
    assert long.remembered_bytes <= 16 * many
    grown = len(pickle.dumps(long)) - len(pickle.dumps(short))
    assert 12 * (many - few) < grown <= 16 * (many - few)


# -- the table -----------------------------------------------------------------------------------------------

REPORT_FIELDS = (
    "cpst", "cpst_playbook", "cpst_loaded", "cpst_with_damage", "success_share", "reported_success_share",
    "escape_share", "wrong_per_1000", "sla_share", "throughput", "cycle_time_mean", "cycle_time_p50",
    "cycle_time_p90", "cycle_time_p99", "wait_mean", "wip", "utilisation", "escalation_share",
    "cfr_delivered", "human_minutes_per_task", "human_minutes_per_success", "cost_per_task",
    "damage_per_task", "cost_per_month", "people_on_shift", "rejection_rate", "retries_per_task",
    "unfinished_share",
)  # fmt: skip


@pytest.mark.mechanism("PF-20")
def test_the_table_has_what_an_operator_watches() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert set(REPORT_FIELDS) <= set(names)
    for metric in METRICS:
        assert metric.definition
        assert metric.unit_in("EUR") == metric.unit.replace("currency", "EUR")


def test_an_unknown_metric_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no metric 'sla'; did you mean sla_share"):
        metric_of("sla")
    with pytest.raises(KeyError, match="no metric 'cost'"):
        metric_of("cost")


@pytest.mark.mechanism("TP-13")
def test_leverage_is_judged_by_the_playbooks_bands() -> None:
    judged = [
        is_in_playbook_band(*pair) for pair in (("guardian", 3.0), ("guardian", 5.1), ("autonomous", 400.0))
    ]
    assert judged == [True, False, True]
    assert is_in_playbook_band("human_only", 1.0) is None
    assert is_in_playbook_band("copilot", None) is None

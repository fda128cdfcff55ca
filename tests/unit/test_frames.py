"""The playbook's table of the log: ten columns, one row for each row of a task."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from analysis.frames import PLAYBOOK_COLUMNS, agent_execution_logs, defect_flow, stages
from analysis.metrics import tally
from sim import load, simulate

SHIPPED = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of all tasks of a log, and the same in the playbook's form."""
    scenario = load(SHIPPED, {"horizon": "8 days"})
    log = simulate(scenario)
    events = log.events()
    return events[events["trace_id"].notna()].reset_index(drop=True), agent_execution_logs(log, scenario)


@pytest.mark.mechanism("MA-01")
def test_the_table_has_exactly_the_ten_columns_of_the_playbook(
    tables: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    events, made = tables
    assert tuple(made.columns) == PLAYBOOK_COLUMNS
    assert len(PLAYBOOK_COLUMNS) == 10
    assert len(made) == len(events)


@pytest.mark.mechanism("MA-01")
def test_steps_of_a_trace_count_from_one_without_gaps(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    _, made = tables
    counted = made.groupby("trace_id").cumcount() + 1
    assert (made["step_number"] == counted).all()


def test_texts_fit_the_columns_of_the_playbook(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    _, made = tables
    for column, width in (("log_id", 64), ("trace_id", 64), ("agent_name", 100), ("action_taken", 255)):
        assert made[column].str.len().max() <= width
    assert made["log_id"].is_unique


def test_confidence_has_two_decimals_and_time_is_in_milliseconds(
    tables: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    events, made = tables
    stated = events["theta"].notna()
    assert (made["confidence_score"].isna() == ~stated).all()
    scores = made.loc[stated, "confidence_score"]
    assert (scores == scores.round(2)).all()
    assert (scores - events.loc[stated, "theta"] / 1e9).abs().max() <= 0.005
    worked = (events["ended"] - events["started"]).fillna(0) / 1000
    assert (made["execution_time_ms"] - worked).abs().max() <= 0.5


def test_payloads_are_json_with_the_units_of_the_log(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    events, made = tables
    row = int(events.index[events["reason"] == "low_confidence"][0])
    given, came = json.loads(made["input_payload"][row]), json.loads(made["output_payload"][row])
    assert given["input_tokens"] == events["input_tokens"][row]
    assert came["reason"] == "low_confidence"
    assert came["assigned"] == "clerk"
    assert came["inference"] == events["inference"][row]
    assert "value" not in given


def test_times_are_in_the_zone_of_the_scenario(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    _, made = tables
    first = made["created_at"].iloc[0]
    assert first.isoformat() == "2026-01-05T08:00:09.654033+01:00"
    assert made["created_at"].is_monotonic_increasing


WORKING = {"ASSIGNED", "RETRYING", "AWAITING_AUDIT", "ESCALATED", "REVISING"}
LEGAL = {
    "ASSIGNED": {
        "RETRYING",
        "AUTO_COMMITTED",
        "AWAITING_AUDIT",
        "ESCALATED",
        "SUCCESS",
        "FAILED",
        "UNFINISHED",
    },
    "RETRYING": {"RETRYING", "AUTO_COMMITTED", "AWAITING_AUDIT", "ESCALATED", "FAILED", "UNFINISHED"},
    "AWAITING_AUDIT": {"SUCCESS", "REVISING", "ESCALATED", "UNFINISHED"},
    "REVISING": {"RETRYING", "AWAITING_AUDIT", "ESCALATED", "UNFINISHED"},
    "ESCALATED": {"SUCCESS", "UNFINISHED"},
}
"""What may follow each status of a task that goes on; nothing follows the others."""


@pytest.mark.mechanism("CR-08")
@pytest.mark.mechanism("RT-15")
@pytest.mark.parametrize("kind", ["human_only", "copilot", "guardian", "escalation", "autonomous"])
def test_statuses_follow_one_another_legally_and_every_end_has_a_reason(kind: str) -> None:
    scenario = load(SHIPPED, {"horizon": "8 days", "workers.clerk.positions": 3}).topologies(kind)[kind]
    made = agent_execution_logs(simulate(scenario), scenario)
    made["came"] = made["output_payload"].map(json.loads)
    for _, trace in made.groupby("trace_id", sort=False):
        statuses = [came["status"] for came in trace["came"]]
        assert statuses[0] == "ASSIGNED"
        assert all(after in LEGAL[before] for before, after in pairwise(statuses)), statuses
        assert statuses[-1] not in WORKING
        assert trace["came"].iloc[-1]["reason"] not in ("", "none", "arrived")


@pytest.mark.mechanism("MR-08")
def test_stages_and_ways_of_defects_are_tidy() -> None:
    scenario = load(SHIPPED.with_name("five_agent_chain.yaml"), {"horizon": "9 days"})
    found = [tally(scenario, simulate(scenario))]
    table, ways = stages(found), defect_flow(found)
    assert tuple(table["stage"]) == scenario.stages("prospect")
    assert list(ways.columns) == ["type", "born", "to", "at", "count"]
    assert ways["count"].sum() == found[0].cohort.wrong == table["escaped"].sum()
    assert set(ways["born"]) <= set(table["stage"])
    assert list(defect_flow([tally(plain := load(SHIPPED, {"horizon": "8 days"}), simulate(plain))]).columns) == [
        "type", "born", "to", "at", "count",
    ]  # fmt: skip


def test_rows_of_a_chain_fit_the_playbooks_table() -> None:
    scenario = load(SHIPPED.with_name("content_pipeline.yaml"), {"horizon": "9 days"})
    made = agent_execution_logs(simulate(scenario), scenario)
    assert (made["step_number"] == made.groupby("trace_id").cumcount() + 1).all()
    assert made["action_taken"].str.contains("attempted draft").any()
    assert made["output_payload"].map(json.loads).map(lambda came: came["status"]).notna().all()

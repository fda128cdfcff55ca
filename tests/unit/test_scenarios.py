"""The shipped scenarios load with all their variants, run fast, lose no task, and show what they are for."""

from __future__ import annotations

import time
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import sim
from sim.log.columns import COLUMNS, COST_LINES, NULL, Integers
from sim.overlay import variant_warnings
from sim.reader import read_file
from sim.recorded import read_recording
from sim.workers import AgentRole

FOLDER = Path(__file__).parents[2] / "scenarios"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
VARIANTS = [
    pytest.param(name, variant, marks=pytest.mark.ci if number else ())
    for name in NAMES
    for number, variant in enumerate(read_file(FOLDER / f"{name}.yaml").tree["variants"])
]
"""The first of each scenario runs every day; all of them are loaded and checked every day."""
SECOND = 1_000_000
NULLABLE = {column.name for column in COLUMNS if column.is_nullable}


@cache
def scenario(name: str) -> sim.Scenario:
    return sim.load(FOLDER / f"{name}.yaml")


@cache
def timed(name: str) -> tuple[sim.Log, float]:
    """The log of a shipped scenario's run, and the seconds of processor time that it took."""
    chosen, begun = scenario(name), time.process_time()
    return sim.simulate(chosen), time.process_time() - begun


def log(name: str) -> sim.Log:
    return timed(name)[0]


@cache
def columns(log: sim.Log) -> dict[str, Integers]:
    """The columns of the whole log."""
    blocks = list(log.blocks())
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0].columns}


def code(log: sim.Log, column: str, name: str) -> int:
    return next(iter(log.blocks())).code(column, name)


def count(name: str, **wanted: str) -> int:
    """Rows of a shipped scenario's run with these names in these columns."""
    return int(np.sum(rows(log(name), **wanted)))


def rows(log: sim.Log, **wanted: str) -> NDArray[np.bool_]:
    """Which rows have these names in these columns."""
    table = columns(log)
    chosen = np.ones(len(table["seq"]), np.bool_)
    for column, name in wanted.items():
        chosen &= table[column] == code(log, column, name)
    return chosen


def busy_share(scenario: sim.Scenario, log: sim.Log, role: str) -> float:
    """Time a role worked on what it started before the horizon, over what its shifts offered."""
    table = columns(log)
    mine = (table["role"] == code(log, "role", role)) & (table["started"] >= 0)
    mine &= table["started"] < scenario.horizon
    worked = int(np.sum(table["ended"][mine] - table["started"][mine]))
    holder = scenario.workers[role]
    calendar = None if isinstance(holder, AgentRole) else holder.calendar
    slots = holder.positions * (holder.concurrency if isinstance(holder, AgentRole) else 1)
    return worked / (slots * scenario.calendar(calendar).open_ticks(scenario.horizon))


def test_these_scenarios_are_shipped() -> None:
    assert NAMES == [
        "budget_split", "cascade_support", "content_pipeline", "creative_copilot", "five_agent_chain",
        "human_only_baseline", "incident_response", "invoice_reconciliation", "loan_underwriting",
        "premium_lane_underwater", "recorded_arrivals", "review_everything", "runaway_loop", "support_guardian",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_opens_with_its_schema_and_its_flow(name: str) -> None:
    lines = (FOLDER / f"{name}.yaml").read_text().splitlines()
    assert lines[0] == "# yaml-language-server: $schema=./scenario.schema.json"
    assert any("-->" in line for line in lines[:20])
    assert any("ssumption" in line for line in lines[:20])


@pytest.mark.parametrize("name", NAMES)
def test_every_variant_of_a_shipped_scenario_is_valid_and_another_scenario(name: str) -> None:
    written = scenario(name)
    found = {variant: written.variant(variant) for variant in written.variants}
    assert len({made.digest() for made in (written, *found.values())}) == 1 + len(found) > 1
    for variant, made in found.items():
        assert not list(made.problems()), variant
        assert made.roles_at_work(), variant
        assert not variant_warnings(written.tree(), variant, written.variants[variant])


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_runs_within_two_seconds(name: str) -> None:
    assert timed(name)[1] < 2.0


@pytest.mark.parametrize("name", NAMES)
def test_every_task_ends_exactly_once(name: str) -> None:
    run = log(name)
    arrived = rows(run, action="arrived")
    unfinished = rows(run, action="unfinished")
    ended = (rows(run, next="deliver") | rows(run, next="fail")) & ~unfinished
    table = columns(run)
    key = table["type"] * (1 << 40) + table["task"]
    assert run.task_count == int(arrived.sum()) > 0
    # Branches side by side may all be unfinished.
    once = np.concatenate([key[ended], np.unique(key[unfinished])])
    assert np.array_equal(np.sort(once), np.sort(key[arrived]))


@pytest.mark.parametrize(("name", "variant"), [*((name, "") for name in NAMES), *VARIANTS])
def test_every_variant_runs_to_its_end_without_an_overloaded_pool(name: str, variant: str) -> None:
    chosen = scenario(name).variant(variant) if variant else scenario(name)
    run = sim.simulate(chosen) if variant else log(name)
    shares = {role: busy_share(chosen, run, role) for role in chosen.roles_at_work()}
    assert max(shares.values()) < 0.95, shares
    assert run.status == "complete"


@pytest.mark.parametrize("name", NAMES)
def test_every_cost_of_an_agent_is_at_the_list_price(name: str) -> None:
    """No shipped scenario writes a price of its own, so what it charges is what the catalogue says."""
    for role in scenario(name).priced_roles():
        assert scenario(name).price(role).source.startswith("list price")


# -- what each is for ---------------------------------------------------------------------------------------


@pytest.mark.mechanism("CS-01")
def test_loans_escalate_by_theta_and_by_value() -> None:
    assert count("loan_underwriting", action="attempted", reason="low_confidence") > 0
    assert count("loan_underwriting", action="attempted", reason="high_value") > 0
    assert busy_share(scenario("loan_underwriting"), log("loan_underwriting"), "underwriter") > 0.8


@pytest.mark.mechanism("CS-02")
def test_incident_response_costs_no_human_time_and_delivers_mistakes_silently() -> None:
    run = log("incident_response")
    table = columns(run)
    for line in ("human_execution", "human_review", "rework"):
        assert table[line].sum() == 0
    assert count("incident_response", action="executed") == count("incident_response", action="reviewed") == 0
    assert np.sum(rows(run, next="deliver") & (table["is_right"] == 0)) > 0


@pytest.mark.mechanism("CS-02")
def test_incident_response_handles_three_types_of_alerts() -> None:
    run = log("incident_response")
    types = {code(run, "type", name) for name in ("failed_login", "new_device", "port_scan")}
    assert set(columns(run)["type"][rows(run, action="arrived")].tolist()) == types


@pytest.mark.mechanism("CS-06")
def test_invoices_above_the_cap_go_to_a_clerk() -> None:
    run = log("invoice_reconciliation")
    table = columns(run)
    arrived = rows(run, action="arrived")
    values = dict(zip(table["task"][arrived].tolist(), table["value"][arrived].tolist(), strict=True))
    alone = table["task"][rows(run, action="attempted", next="deliver")].tolist()
    assert alone
    assert max(values[task] for task in alone) <= 1000_00
    assert max(values.values()) > 1000_00


@pytest.mark.mechanism("CS-07")
def test_no_reply_of_the_agent_is_delivered_without_a_review() -> None:
    run = log("support_guardian")
    delivered = rows(run, next="deliver")
    by_approval = rows(run, action="reviewed", outcome="approved")
    by_person = rows(run, action="executed")
    assert by_approval.sum() > 0
    assert np.array_equal(delivered, by_approval | (by_person & delivered))


@pytest.mark.mechanism("CS-08")
def test_people_do_every_brief_and_assistance_saves_what_the_playbook_says() -> None:
    run = log("creative_copilot")
    done = rows(run, role="writer", next="deliver")
    assert np.array_equal(done, rows(run, action="executed"))
    alone = sim.simulate(scenario("creative_copilot").overlaid({"topology": {"kind": "human_only"}}))
    assert minutes_each(alone) / minutes_each(run) == pytest.approx(1.35, rel=1e-6)
    assert 1.2 < minutes_each(alone) / minutes_each(run) < 1.5


def minutes_each(run: sim.Log) -> float:
    """Mean minutes of the first 900 briefs, which both topologies finish: the same on the same draws."""
    table = columns(run)
    done = rows(run, action="executed") & (table["task"] < 900)
    assert done.sum() == 900
    return float(np.mean(table["ended"][done] - table["started"][done])) / (60 * SECOND)


def test_the_baseline_is_the_same_invoices_without_the_agent() -> None:
    alone, routed = log("human_only_baseline"), log("invoice_reconciliation")
    for column in ("tick", "value"):
        first, second = (
            columns(run)[column][rows(run, action="arrived")][:13_000] for run in (alone, routed)
        )
        assert np.array_equal(first, second)
    assert count("human_only_baseline", action="attempted") == 0


def test_the_baseline_clerk_needs_the_same_minutes_for_the_same_invoice() -> None:
    alone, routed = columns(log("human_only_baseline")), columns(log("invoice_reconciliation"))
    spent = []
    for run, table in ((log("human_only_baseline"), alone), (log("invoice_reconciliation"), routed)):
        done = rows(run, action="executed")
        ticks = (table["ended"] - table["started"])[done].tolist()
        spent.append(dict(zip(table["task"][done].tolist(), ticks, strict=True)))
    shared = spent[0].keys() & spent[1].keys()
    assert len(shared) > 1000
    assert all(spent[0][task] == spent[1][task] for task in shared)


def test_the_recorded_tasks_arrive_as_they_were_recorded() -> None:
    run = log("recorded_arrivals")
    table, arrived = columns(run), rows(run, action="arrived")
    recorded = read_recording(FOLDER, "recorded_arrivals.csv").columns
    assert table["tick"][arrived].tolist() == [int(Decimal(str(text)) * SECOND) for text in recorded["t_s"]]
    assert table["value"][arrived].tolist() == [int(Decimal(str(text)) * 100) for text in recorded["value"]]
    assert 500 < run.task_count == len(recorded["t_s"]) < 700


def test_every_ledger_line_of_every_scenario_is_whole_and_not_negative() -> None:
    for name in NAMES:
        table = columns(log(name))
        for line in COST_LINES:
            assert table[line].dtype == np.int64
            assert table[line].min() >= (NULL if line in NULLABLE else 0)

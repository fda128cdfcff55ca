"""What `explain` says of a scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.explain import explain, explain_json
from sim.reader import read_file
from sim.scenario import Scenario
from sim.topology import KINDS
from tests.theory.observed import LABORATORY, laboratory

INVOICES = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"


@pytest.fixture(scope="module")
def tree() -> dict[str, Any]:
    """The shipped scenario as it is written."""
    return read_file(INVOICES).tree


@pytest.fixture(scope="module")
def invoices(tree: dict[str, Any]) -> Scenario:
    return Scenario.from_tree(tree, INVOICES.parent)


def rows(scenario: Scenario, written: Any = None) -> dict[str, tuple[str, str]]:
    """Value and origin by path."""
    sections = explain_json(scenario, written)["parameters"].values()
    return {row["path"]: (row["value"], row["from"]) for section in sections for row in section}


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_is_wider_than_80_columns(invoices: Scenario, kind: str) -> None:
    for scenario in (
        invoices.overlaid({"topology": {"kind": kind}}),
        laboratory({"topology": {"kind": kind}}),
    ):
        assert max(map(len, explain(scenario).splitlines())) <= 80


@pytest.mark.mechanism("MR-20")
def test_every_parameter_says_where_it_is_from(invoices: Scenario, tree: dict[str, Any]) -> None:
    for scenario in (invoices, laboratory()):
        nameless = [path for path, (value, origin) in rows(scenario).items() if value and not origin]
        assert nameless == []
    found = rows(invoices, tree)
    assert found["workers.clerk.positions"] == ("12", "your file")
    assert found["workers.extractor.retries.limit"] == ("2", "seed RT-02: retried twice with backoff")
    assert found["workers.extractor.retries.first_wait"] == ("2 s", "assumption")
    assert found["workers.extractor.schema_invalid"] == ("0", "default: off")
    value, origin = found["workers.extractor.price.input"]
    assert value.startswith("EUR 0.")
    assert origin.startswith("list price")


def test_a_price_of_ones_own_is_from_the_file() -> None:
    assert rows(laboratory())["workers.agent.price.output"] == (
        "USD 5 per 1M tokens",
        "your file",
    )


def test_what_is_set_but_not_written_is_an_override(invoices: Scenario, tree: dict[str, Any]) -> None:
    changed = invoices.overlaid({"workers": {"clerk": {"positions": 8, "draft_help": 2}}})
    found = rows(changed, tree)
    assert found["workers.clerk.positions"] == ("8", "your file")
    assert found["workers.clerk.draft_help"] == ("2", "override")
    assert rows(changed)["workers.clerk.draft_help"] == ("2", "your file")


def test_what_the_command_line_set_is_said_so_whatever_the_file_says(invoices: Scenario) -> None:
    changed = invoices.with_values({"workers.clerk.positions": 8, "workers.clerk.work_time.mean": "10 min"})
    told = explain_json(
        changed, set_by={"workers.clerk.positions": "--set", "workers.clerk.work_time.mean": "--set"}
    )
    found = {row["path"]: row["from"] for rows in told["parameters"].values() for row in rows}
    assert found["workers.clerk.positions"] == found["workers.clerk.work_time"] == "--set"
    assert found["workers.clerk.wage"] == "your file"


def test_a_variant_that_loses_the_spread_is_noted(invoices: Scenario) -> None:
    patch = {"workers": {"extractor": {"success": {"mean": 0.99}}}}
    changed = invoices.overlaid({"variants": {"better": patch}})
    lost = "variant better: workers.extractor.success is replaced whole, without the file's spread"
    assert lost in " ".join(explain(changed).split())
    assert any(lost in warning for warning in explain_json(changed)["warnings"])


def test_paths_serve_as_well_as_the_tree(invoices: Scenario) -> None:
    found = rows(invoices, {"workers.clerk.success", "workers.clerk.wage"})
    assert found["workers.clerk.success.mean"] == ("0.98", "your file")
    assert found["workers.clerk.wage"] == ("EUR 34 / h", "your file")
    assert found["workers.clerk.calendar"] == ("office", "override")


def test_a_default_block_carries_its_source() -> None:
    found = rows(laboratory({"workers": {"other": _other_agent()}}))
    assert found["workers.other.confidence.preset"] == ("typical", "published: LifeEval answers")
    assert found["workers.person.review_time"][1].startswith("seed HI-14")


def _other_agent() -> dict[str, Any]:
    same = LABORATORY["workers"]["agent"]
    return {name: same[name] for name in ("kind", "model", "price", "work_time", "success")}


def test_success_is_told_in_both_forms() -> None:
    by_spread = rows(laboratory({"workers": {"agent": {"success": {"mean": 0.8, "spread": 1.5}}}}))
    both = by_spread["workers.agent.success.both of two tries"][0]
    assert both == "0.679"
    measured = rows(
        laboratory({"workers": {"agent": {"success": {"mean": 0.8, "both_of_two_tries": 0.679170}}}})
    )
    assert measured["workers.agent.success.spread"] == ("1.50", "follows from it")
    assert measured["workers.agent.success.skill (logit)"] == by_spread["workers.agent.success.skill (logit)"]
    beta = rows(laboratory({"workers": {"agent": {"success": {"beta": [8, 2]}}}}))
    assert beta["workers.agent.success.mean"][0] == "0.800"
    assert beta["workers.agent.success.both of two tries"][0] == "0.655"


def test_confidence_is_told_in_both_forms() -> None:
    signal = {"self_knowledge": 1.5, "overconfidence": 0.4}
    found = rows(laboratory({"workers": {"agent": {"success": 0.9, "confidence": signal}}}))
    assert found["workers.agent.confidence.AUROC"][0] == "0.856"
    measured = {"auroc": 0.8556, "mean_stated": 0.92}
    found = rows(laboratory({"workers": {"agent": {"success": 0.9, "confidence": measured}}}))
    assert found["workers.agent.confidence.self_knowledge"] == ("1.50", "follows from it")
    assert "workers.agent.confidence.overconfidence" in found


def test_other_values_at_a_task_type_are_told_alone() -> None:
    special = {"by_task": {"task.work": {"success": {"mean": 0.6, "spread": 1}, "tool_cost": 0.5}}}
    found = rows(laboratory({"workers": {"agent": special}}))
    told = {path: value for path, value in found.items() if "by_task" in path and value[0]}
    head = "workers.agent.by_task.task.work"
    assert told[f"{head}.tool_cost"] == ("USD 0.5", "your file")
    assert told[f"{head}.success.mean"] == ("0.6", "your file")
    assert f"{head}.success.both of two tries" in told
    assert not [path for path in told if "confidence" in path or "failures" in path]


def test_the_flow_is_drawn_from_the_steps() -> None:
    assert explain_json(laboratory({"topology": {"kind": "guardian", "max_revisions": 1}}))["flow"] == [
        "arrives --> 1",
        "1  agent attempts",
        "   |-- output ----------------------------> 2",
        "   '-- visible failure, no retry left ----> 3",
        "2  person reviews (at most 1 revision)",
        "   |-- approved --------------------------> delivered",
        "   |-- sent back -------------------------> 1",
        "   '-- rejected --------------------------> 3",
        "3  person does the task, with the draft if there is one",
        "   '-- done ------------------------------> delivered",
    ]


def test_the_forecast_is_told_with_loads_and_reasons(invoices: Scenario, tree: dict[str, Any]) -> None:
    text = explain(invoices, tree)
    assert "Invoice reconciliation · escalation\n4 weeks measured after 1 week · seed 7\n" in text
    flat = " ".join(text.split())
    assert "clerk starts work 2,440 times, 13.6 per hour of office; 2.03 of 12 busy (16.9 %)" in flat
    assert "extractor starts work 11,100 times, 16.6 per hour around the clock; 0.115 of" in flat
    assert "To a person         22.6 % · value 13.8 % · confidence 7.1 % · failure 1.7 %" in text
    assert "about 13,500 tasks (10,800 measured)" in text


def test_warnings_are_told(invoices: Scenario) -> None:
    few = invoices.overlaid({"workers": {"clerk": {"positions": 2}}})
    assert "clerk gets 2.03 erlangs, has 2: the queue grows without bound" in explain(few)
    assert explain_json(few)["warnings"] == ["clerk gets 2.03 erlangs, has 2: the queue grows without bound"]


def test_a_pool_that_is_never_there_has_an_undefined_load() -> None:
    calendars = {"weekend": {"days": "Sat,Sun", "hours": "08:00-17:00"}}
    never = laboratory({"calendars": calendars, "workers": {"person": {"calendar": "weekend"}}})
    told = explain_json(never)
    assert "person is never on shift while measured, but gets work" in told["warnings"]
    assert [pool["load"] for pool in told["forecast"]["pools"] if pool["role"] == "person"] == [None]
    assert "  person is never on shift while measured\n" in explain(never)


def recorded(*columns: str, **task: Any) -> Scenario:
    """The shipped scenario of recorded arrivals, with other columns in its file and other attributes."""
    folder = INVOICES.parent
    scenario = Scenario.from_tree(read_file(folder / "recorded_arrivals.yaml").tree, folder)
    scenario = scenario.overlaid({"tasks": {"document": task}})
    recording = scenario.recording("recorded_arrivals.csv")
    for column in set(recording.columns) - {"t_s", *columns}:
        del recording.columns[column]
    return scenario


def test_an_attribute_that_the_file_of_arrivals_has_is_recorded_and_names_the_file() -> None:
    found = rows(recorded("value", "input_tokens", output_tokens=300))
    assert found["tasks.document.value"] == ("recorded", "recorded_arrivals.csv")
    assert found["tasks.document.input_tokens"] == ("recorded", "recorded_arrivals.csv")
    assert found["tasks.document.output_tokens"] == ("300", "your file")


def test_an_attribute_that_is_written_and_recorded_says_what_is_replaced() -> None:
    found = rows(recorded("value", value={"distribution": "exponential", "mean": 50}))
    assert found["tasks.document.value"] == (
        "recorded, replaces exponential, mean BRL 50", "recorded_arrivals.csv",
    )  # fmt: skip


def test_a_promise_in_open_hours_stays_in_hours(invoices: Scenario) -> None:
    said = {"24 h of office": "24 h of office", "90 min of office": "1 h 30 min of office", "24 h": "1 day"}
    for written, shown in said.items():
        changed = invoices.overlaid({"tasks": {"invoice": {"sla": written}}})
        assert rows(changed)["tasks.invoice.sla"] == (shown, "your file")


def test_shifts_read_as_people_write_them() -> None:
    week = [
        {"days": "Mon-Fri", "hours": ["06:00-14:00", "14:00-22:00"]},
        {"days": "Mon-Fri", "hours": "22:00-06:00", "next_day": True},
        {"days": "Sat", "hours": "08:00-12:00"},
    ]
    found = rows(laboratory({"calendars": {"round": {"shifts": week}}}))
    text = "Mon-Fri 06:00-14:00, 14:00-22:00; 22:00-06:00 next day; Sat 08:00-12:00"
    assert found["calendars.round.shifts"] == (text, "your file")


def test_several_task_types_are_told_apart() -> None:
    rare = {"arrivals": {"process": "poisson", "rate": "10 / h"}, "label": "Rare"}
    text = explain(laboratory({"tasks": {"rare": rare}, "topology": {"kind": "copilot"}}))
    assert "rare: 160 tasks, right" in text
    assert "Task type: rare" in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_json_form_holds_numbers_only_json_knows(kind: str) -> None:
    told = explain_json(laboratory({"topology": {"kind": kind}}))
    assert json.loads(json.dumps(told, allow_nan=False))["topology"] == kind


def test_an_undefined_cost_per_success_is_a_dash_and_null() -> None:
    hopeless = laboratory({"topology": {"kind": "autonomous"}, "workers": {"agent": {"success": 0}}})
    assert "Cost per success    - " in explain(hopeless)
    assert explain_json(hopeless)["forecast"]["cpst"] is None

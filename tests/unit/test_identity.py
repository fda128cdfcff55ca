"""The scenario hash: what can change a result is in it, what is off, unused or for display is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sim
from sim.scenario import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
INVOICES = SCENARIOS / "invoice_reconciliation.yaml"


@pytest.fixture(scope="module")
def base() -> Scenario:
    return sim.load(INVOICES)


@pytest.mark.parametrize(
    "patch",
    [
        {"name": "Another", "description": "words"},
        {"tasks": {"invoice": {"label": "An invoice", "description": "words"}}},
        {"seed": 8},
        {"variants": {}},
        {"calendars": {"unused": {"days": "Sat", "hours": "10:00-12:00"}}},
        {"workers": {"idle": {"kind": "human", "wage": "1 / h", "work_time": "1 min"}}},
        {"workers": {"clerk": {"wage": "34.0 / h", "by_task": {"invoice": {}}, "draft_help": 1}}},
        {"fixed_costs": {"licence": "0 / month"}},
        {"exchange": {"GBP": 1.2}},
        {"workers": {"extractor": {"schema_invalid": 0, "retries": 2}}},
    ],
    ids=str,
)
def test_what_changes_nothing_is_not_in_the_hash(base: Scenario, patch: dict[str, Any]) -> None:
    assert base.overlaid(patch).digest() == base.digest()


@pytest.mark.parametrize(
    "patch",
    [
        {"topology": {"threshold": 0.9}},
        {"workers": {"clerk": {"positions": 11}}},
        {"workers": {"extractor": {"price": {"input": 1, "output": 5}}}},
        {"exchange": {"USD": 0.93}},
        {"fixed_costs": {"licence": "1 / month"}},
        {"calendars": {"office": {"off": ["2026-01-06"]}}},
        {"horizon": "6 weeks"},
    ],
    ids=str,
)
def test_what_changes_a_result_is_in_the_hash(base: Scenario, patch: dict[str, Any]) -> None:
    assert base.overlaid(patch).digest() != base.digest()


def test_bindings_that_a_topology_does_not_use_are_not_in_the_hash(base: Scenario) -> None:
    kinds = base.topologies("human_only", "autonomous", "guardian")
    for kind, unused in (("human_only", "agent"), ("autonomous", "human")):
        assert kinds[kind].overlaid({"topology": {unused: None}}).digest() == kinds[kind].digest()
    named = kinds["guardian"].overlaid({"topology": {"reviewer": "clerk"}})
    assert named.digest() == kinds["guardian"].digest()


def test_an_input_file_is_read_once_whatever_is_laid_over_the_scenario(tmp_path: Path) -> None:
    text = (SCENARIOS / "recorded_arrivals.yaml").read_text(encoding="utf-8")
    (tmp_path / "recorded_arrivals.yaml").write_text(text, encoding="utf-8")
    copy = tmp_path / "recorded_arrivals.csv"
    copy.write_bytes((SCENARIOS / "recorded_arrivals.csv").read_bytes())
    scenario = sim.load(tmp_path / "recorded_arrivals.yaml")
    copy.unlink()
    variants = scenario.topologies("guardian", "escalation")
    assert len({sim.simulate(variant).task_count for variant in variants.values()}) == 1


@pytest.mark.parametrize("word", ["price", "success", "confidence", "distribution", "kind", "process"])
def test_an_id_may_be_called_like_a_block(base: Scenario, word: str) -> None:
    tree = base.tree()
    tree["tasks"] = {word: tree["tasks"]["invoice"]}
    tree["workers"]["clerk"]["by_task"] = {word: {"success": 0.9}}
    named = Scenario.from_tree({**tree, "variants": {}})
    changed = named.overlaid(
        {"tasks": {word: {"sla": "4 h"}}, "workers": {"clerk": {"by_task": {word: {"review_time": "1 min"}}}}}
    )
    assert changed.tasks[word].damage_if_wrong == 120
    assert str(changed.tasks[word].sla) == "4 h"
    assert changed.workers["clerk"].by_task[word].success is not None

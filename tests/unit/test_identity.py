"""The scenario hash: what can change a result is in it, what is off, unused or for display is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sim
from sim.flows import is_plain
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


OFF = [
    {"guards": {}},
    {"approval": {"gate": "none", "review": "none"}},
    {"tasks": {"invoice": {"approval": {"review": "edges"}}}},
    {"misrouting": {"time": "5 min"}},
    {"hand_off": {"latency": "5 min", "context_loss": 0.2}},
    {"damage": {"high": 5000}},
    {"workers": {"extractor": {"recovery": {"judgment": []}, "propagation_factor": 1}}},
]
"""Blocks that change nothing for a task of one stage, of moderate reach, that only comes in."""


@pytest.mark.parametrize("patch", OFF, ids=str)
def test_a_block_that_is_off_is_not_in_the_hash_and_leaves_the_quick_path(
    base: Scenario, patch: dict[str, Any]
) -> None:
    laid = base.overlaid(patch)
    assert laid.digest() == base.digest()
    assert is_plain(laid, "invoice")


AGENT = {
    "kind": "agent",
    "model": "m",
    "price": {"input": 1, "output": 5},
    "work_time": "25 s",
    "success": 0.93,
}
STAGES = {
    "draft": {"label": "Draft"},
    "gate": {"agent": "large", "next": {"draft": 0.2, "send": 0.8}},
    "send": {"topology": {"kind": "human_only", "human": "clerk"}},
}


@pytest.fixture(scope="module")
def chain() -> Scenario:
    """Three stages by two agents and a person."""
    task = {"arrivals": {"process": "poisson", "rate": "6 / h"}, "stages": STAGES}
    clerk = {"kind": "human", "wage": "34 / h", "work_time": "9 min"}
    return Scenario.from_tree(
        {
            "version": 1, "name": "Chain", "horizon": "1 day", "tasks": {"letter": task},
            "workers": {"small": AGENT, "large": AGENT, "clerk": clerk},
            "topology": {"kind": "autonomous", "agent": "small"},
        }
    )  # fmt: skip


def with_stages(stages: dict[str, Any]) -> dict[str, Any]:
    return {"tasks": {"letter": {"stages": stages}}}


@pytest.mark.parametrize(
    "patch",
    [
        with_stages({"draft": {"label": "Words", "description": "more words"}}),
        with_stages({"draft": {"human": "clerk"}}),
        with_stages(
            {"send": {"agent": "large", "validator": {"sensitivity": 0.5}, "topology": {"agent": "small"}}}
        ),
        with_stages({"send": {"approval": {"gate": "all"}}}),
        {"guards": {"max_hops": 5}},
        {"topology": {"human": "clerk"}},
        {"tasks": {"letter": {"misrouting": {"wrong_lane": 0}}}},
        {"damage": {"moderate": 5000}},
        {"workers": {"idle": AGENT}},
    ],
    ids=str,
)
def test_what_no_stage_uses_is_not_in_the_hash(chain: Scenario, patch: dict[str, Any]) -> None:
    assert chain.overlaid(patch).digest() == chain.digest()


@pytest.mark.parametrize(
    "patch",
    [
        with_stages({"draft": {"validator": {}}}),
        with_stages({"draft": {"agent": "large"}}),
        with_stages({"draft": {"harder_by": 1}}),
        with_stages({"gate": {"next": {"send": 0.8, "draft": 0.2}}}),  # shares are drawn in their order
        with_stages({"gate": {"on": {"failed": "draft"}}}),
        with_stages({"send": {"topology": {"kind": "copilot", "agent": "small"}}}),
        {"verification": {}},
        {"hand_off": {"latency": "5 min"}},
        {"approval": {"gate": "all", "reviewer": "clerk"}},
        {"guards": {"max_hops": 3}},
        {"guards": {"breaker": {}}},
        {"damage": {"low": 5}},
    ],
    ids=str,
)
def test_what_a_stage_uses_is_in_the_hash(chain: Scenario, patch: dict[str, Any]) -> None:
    assert chain.overlaid(patch).digest() != chain.digest()


def reordered(scenario: Scenario, path: tuple[str, ...], names: list[str]) -> Scenario:
    """The scenario with the keys of one mapping in another order."""
    tree = scenario.tree()
    place = tree
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = {name: place[path[-1]][name] for name in names}
    return Scenario.from_tree(tree)


def test_the_order_of_stages_is_in_the_hash() -> None:
    stages = {"one": {}, "two": {"harder_by": 1}, "three": {}}
    task = {"arrivals": {"process": "poisson", "rate": "6 / h"}, "stages": stages}
    chain = Scenario.from_tree(
        {
            "version": 1, "name": "Chain", "horizon": "1 day", "tasks": {"letter": task},
            "workers": {"small": AGENT}, "topology": {"kind": "autonomous", "agent": "small"},
        }
    )  # fmt: skip
    path = ("tasks", "letter", "stages")
    assert reordered(chain, path, ["one", "two", "three"]).digest() == chain.digest()
    assert reordered(chain, path, ["one", "three", "two"]).digest() != chain.digest()


def test_the_step_that_begins_a_custom_topology_is_in_the_hash(chain: Scenario) -> None:
    steps = {
        "try": {"attempt": "small", "output": "again", "failed": "again"},
        "again": {"attempt": "large", "output": "deliver", "failed": "try"},
    }
    custom = chain.overlaid(
        {**with_stages({"gate": {"agent": None}}), "topology": {"kind": "custom", "steps": steps}}
    )
    path = ("topology", "steps")
    assert reordered(custom, path, ["try", "again"]).digest() == custom.digest()
    assert reordered(custom, path, ["again", "try"]).digest() != custom.digest()


def test_a_topology_that_every_task_type_replaces_is_not_in_the_hash(base: Scenario) -> None:
    own = base.overlaid({"tasks": {"invoice": {"topology": {"kind": "autonomous", "agent": "extractor"}}}})
    assert own.overlaid({"topology": {"threshold": 0.5}}).digest() == own.digest()
    assert own.overlaid({"topology": {"kind": "human_only"}}).digest() == own.digest()


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

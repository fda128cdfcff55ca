"""Optional parameters: writing their default changes no byte, any other value changes the log."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from sim.run import simulate

from .builders import scenario
from .chains import chain

AGENT = {"success": {"mean": 0.6, "spread": 1.0}, "failures": {"transient": 0.2}}
KNOWS = {"self_knowledge": 1.5}

OPTIONS: list[tuple[str, str, str, Any, Any]] = [
    # topology, part, key, default, another value
    ("escalation", "task", "harder_by", 0, 1.5),
    ("escalation", "agent", "schema_invalid", 0, 0.1),
    ("escalation", "agent", "tool_errors", 0, 0.1),
    ("escalation", "agent", "tool_cost", 0.002, 0.003),
    ("escalation", "agent", "spin_up", "0 s", "3 min"),
    ("escalation", "agent", "max_attempts", 20, 1),
    (
        "escalation",
        "agent",
        "failures",
        {"transient": 0.2, "deterministic": 0},
        {"transient": 0.2, "deterministic": 0.1},
    ),
    (
        "escalation",
        "agent",
        "failures",
        {"transient": 0.2, "judgment": 0},
        {"transient": 0.2, "judgment": 0.1},
    ),
    (
        "escalation",
        "agent",
        "failures",
        {"transient": 0.2, "governance": 0},
        {"transient": 0.2, "governance": 0.1},
    ),
    ("escalation", "agent", "retries", 2, 1),
    ("escalation", "agent", "retries", {"first_wait": "2 s"}, {"first_wait": "3 s"}),
    ("escalation", "agent", "retries", {"growth": 2}, {"growth": 3}),
    ("escalation", "agent", "retries", {"jitter": 0.1}, {"jitter": 0}),
    ("escalation", "agent", "confidence", {**KNOWS, "overconfidence": 0}, {**KNOWS, "overconfidence": 0.4}),
    ("escalation", "agent", "confidence", {**KNOWS, "extremity": 1}, {**KNOWS, "extremity": 1.2}),
    ("escalation", "agent", "confidence", {**KNOWS, "noise": 0}, {**KNOWS, "noise": 0.3}),
    ("escalation", "agent", "confidence", {**KNOWS, "hardness_seen": 0}, {**KNOWS, "hardness_seen": 0.3}),
    ("escalation", "agent", "by_task", {}, {"invoice": {"work_time": "3 s"}}),
    ("escalation", "human", "draft_help", 1, 1.5),
    ("escalation", "human", "by_task", {}, {"invoice.work": {"success": 0.5}}),
    ("escalation", "topology", "threshold", 0.85, 0.7),
    ("escalation", "topology", "value_limit", None, 100),
    ("guardian", "topology", "max_revisions", 2, 1),
    ("guardian", "topology", "revise_share", 1, 0.5),
    ("guardian", "topology", "revision_gain", 0, 2),
    ("copilot", "topology", "assist_factor", 1.35, 1.5),
]


def digests(topology: str, part: str, values: dict[str, Any]) -> tuple[str, str]:
    """Digests of the log and of the scenario, with some values of one part written."""
    parts: dict[str, Any] = {"agent": dict(AGENT), "human": {}, "task": {}}
    shape = {"kind": topology}
    (shape if part == "topology" else parts[part]).update(values)
    of = scenario(
        shape,
        drain_limit="0 s",
        tasks={"order": {"arrivals": {"process": "poisson", "rate": "500 / h"}}},
        **parts,
    )
    return simulate(of).digest, of.digest()


@cache
def plain_digests(topology: str) -> tuple[str, str]:
    """The same with nothing written: whichever part it would be."""
    return digests(topology, "task", {})


@pytest.mark.parametrize(("topology", "part", "key", "default"), [option[:4] for option in OPTIONS])
def test_a_default_that_is_written_changes_neither_the_log_nor_the_scenarios_digest(
    topology: str, part: str, key: str, default: Any
) -> None:
    assert digests(topology, part, {key: default}) == plain_digests(topology)


@pytest.mark.parametrize(
    ("topology", "part", "key", "other"), [(*option[:3], option[4]) for option in OPTIONS]
)
def test_another_value_changes_both(topology: str, part: str, key: str, other: Any) -> None:
    plain, changed = plain_digests(topology), digests(topology, part, {key: other})
    assert plain[0] != changed[0]
    assert plain[1] != changed[1]


def test_parts_of_the_scenario_that_are_off_change_nothing_when_they_are_written() -> None:
    written: dict[str, Any] = {
        "start": "2026-01-05", "timezone": "UTC", "warm_up": "0 s", "drain_limit": "4 weeks",
        "currency": "USD", "exchange": {}, "fixed_costs": {}, "variants": {}, "description": "text",
    }  # fmt: skip
    off = {"priority": 5, "mutating": False, "blast_radius": "low", "damage_if_wrong": 0}
    plain, explicit = scenario(), scenario(task=off, **written)
    assert simulate(explicit).digest == simulate(plain).digest
    assert explicit.digest() == plain.digest()


def test_naming_the_human_as_reviewer_is_what_leaving_the_reviewer_out_means() -> None:
    assert digests("guardian", "topology", {"reviewer": "clerk"})[0] == plain_digests("guardian")[0]


ROUTES: list[tuple[Any, dict[str, Any]]] = [
    ("escalation", {"premature_escalation": 0}),
    ("escalation", {"ladder": {"own": 0}}),
    ("escalation", {"value_check": "after"}),
    ("guardian", {"send_back": False}),
]


@pytest.mark.parametrize(("kind", "written"), ROUTES)
def test_a_topologys_option_at_its_default_leaves_the_log_as_it_is(
    kind: str, written: dict[str, Any]
) -> None:
    plain = chain(2, topology={"kind": kind}, agents={"writer": {**AGENT, "confidence": KNOWS}})
    explicit = chain(2, topology={"kind": kind, **written}, agents={"writer": {**AGENT, "confidence": KNOWS}})
    assert simulate(explicit).digest == simulate(plain).digest


def test_an_approval_is_off_where_every_output_is_reviewed_anyway() -> None:
    plain, explicit = (
        chain(2, topology="guardian", **rest) for rest in ({}, {"approval": {"review": "all"}})
    )
    assert simulate(explicit).digest == simulate(plain).digest

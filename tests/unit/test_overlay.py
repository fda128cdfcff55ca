"""Overlays: what merges, what is replaced whole, what a topology of another kind keeps."""

from __future__ import annotations

from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.overlay import forgotten, overlaid, variant_warnings, with_values

ESCALATION = {"kind": "escalation", "agent": "extractor", "human": "clerk", "threshold": 0.9}
TOPOLOGY_PLACES = [
    ("topology",),
    ("tasks", "invoice", "topology"),
    ("tasks", "invoice", "stages", "post", "topology"),
]


def nested(path: tuple[str, ...], value: Any) -> Any:
    """Mappings with the value at this path."""
    for key in reversed(path):
        value = {key: value}
    return value


def at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


@pytest.mark.parametrize("path", TOPOLOGY_PLACES, ids=".".join)
def test_a_topology_of_another_kind_keeps_its_bindings_wherever_it_stands(path: tuple[str, ...]) -> None:
    laid = overlaid(nested(path, ESCALATION), nested(path, {"kind": "guardian", "max_revisions": 1}))
    bindings = {"agent": "extractor", "human": "clerk"}
    assert at(laid, path) == {"kind": "guardian", **bindings, "max_revisions": 1}


@pytest.mark.parametrize("path", TOPOLOGY_PLACES, ids=".".join)
def test_a_topology_of_the_same_kind_keeps_everything(path: tuple[str, ...]) -> None:
    laid = overlaid(nested(path, ESCALATION), nested(path, {"kind": "escalation", "human": "boss"}))
    assert at(laid, path) == {**ESCALATION, "human": "boss"}


def test_shares_of_ways_on_are_replaced_together() -> None:
    path = ("tasks", "invoice", "stages", "match", "next")
    laid = overlaid(nested(path, {"post": 0.9, "extract": 0.1}), nested(path, {"post": 1}))
    assert at(laid, path) == {"post": 1}


def test_endings_and_stages_merge_one_by_one() -> None:
    base = {"tasks": {"invoice": {"stages": {"read": {"on": {"failed": "post"}}, "post": {"harder_by": 1}}}}}
    patch = {
        "tasks": {"invoice": {"stages": {"read": {"on": {"by_person": "deliver"}}, "post": {"agent": "a"}}}}
    }
    stages = overlaid(base, patch)["tasks"]["invoice"]["stages"]
    assert stages == {
        "read": {"on": {"failed": "post", "by_person": "deliver"}},
        "post": {"harder_by": 1, "agent": "a"},
    }
    assert list(stages) == ["read", "post"]


def test_a_step_that_does_something_else_is_replaced_whole() -> None:
    path = ("tasks", "invoice", "topology", "steps")
    base = {"try": {"attempt": "extractor", "output": "deliver"}, "do": {"execute": "clerk"}}
    patch = {"try": {"failed": "do"}, "do": {"attempt": "large", "output": "deliver"}}
    assert at(overlaid(nested(path, base), nested(path, patch)), path) == {
        "try": {"attempt": "extractor", "output": "deliver", "failed": "do"},
        "do": {"attempt": "large", "output": "deliver"},
    }


def test_budgets_and_downgrades_merge_by_name_and_damage_by_class() -> None:
    base = {
        "guards": {"budgets": {"month": {"money": 900, "downgrade": {"large": "small"}}}},
        "damage": {"low": {"distribution": "exponential", "mean": 5}, "high": 90},
    }
    patch = {
        "guards": {"budgets": {"month": {"downgrade": {"huge": "small"}}, "day": {"money": 50}}},
        "damage": {"low": {"distribution": "exponential", "median": 5}},
    }
    laid = overlaid(base, patch)
    assert laid["guards"]["budgets"] == {
        "month": {"money": 900, "downgrade": {"large": "small", "huge": "small"}},
        "day": {"money": 50},
    }
    assert laid["damage"] == {"low": {"distribution": "exponential", "median": 5}, "high": 90}


@pytest.mark.parametrize("word", ["next", "topology", "success", "price", "kind", "steps", "distribution"])
def test_a_stage_or_step_may_be_called_like_a_block(word: str) -> None:
    stages, steps = ("tasks", "invoice", "stages", word), ("topology", "steps", word)
    base = {
        **nested(stages, {"agent": "a", "harder_by": 1}),
        **nested(steps, {"attempt": "a", "output": "deliver"}),
    }
    laid = overlaid(base, {**nested(stages, {"harder_by": 2}), **nested(steps, {"failed": "deliver"})})
    assert at(laid, stages) == {"agent": "a", "harder_by": 2}
    assert at(laid, steps) == {"attempt": "a", "output": "deliver", "failed": "deliver"}


BOT = {
    "success": {"mean": 0.9, "spread": 1.5},
    "work_time": {"distribution": "lognormal", "mean": "9 min", "cv": 0.5},
}


def test_a_single_value_leaves_what_stands_beside_it() -> None:
    base = {"workers": {"bot": BOT}}
    values = {"workers.bot.success.mean": 0.95, "workers.bot.work_time.cv": 1, "workers.bot.retries.count": 0}
    assert with_values(base, values)["workers"]["bot"] == {
        "success": {"mean": 0.95, "spread": 1.5},
        "work_time": {"distribution": "lognormal", "mean": "9 min", "cv": 1},
        "retries": {"count": 0},
    }
    assert base == {"workers": {"bot": BOT}}


def test_a_value_that_says_what_a_block_is_begins_it_anew_whatever_the_order() -> None:
    values = {"work_time.low": "1 min", "work_time.distribution": "uniform", "work_time.high": "2 min"}
    assert with_values(BOT, values)["work_time"] == {
        "distribution": "uniform",
        "low": "1 min",
        "high": "2 min",
    }
    assert with_values({"topology": ESCALATION}, {"topology.kind": "guardian"})["topology"] == {
        "kind": "guardian",
        "agent": "extractor",
        "human": "clerk",
    }


def test_a_block_given_for_a_value_is_an_overlay() -> None:
    assert with_values(BOT, {"success": {"mean": 0.8}})["success"] == {"mean": 0.8}
    calendars = {"office": {"days": "Mon"}}
    laid = with_values({"calendars": calendars}, {"calendars": {"night": {"days": "Tue"}}})
    assert list(laid["calendars"]) == ["office", "night"]


def test_a_path_inside_another_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"set twice; success\.mean lies inside it"):
        with_values(BOT, {"success": 0.9, "success.mean": 0.8})


SUCCESS = ("workers", "bot", "success")
CONFIDENCE = ("workers", "bot", "confidence")


@pytest.mark.parametrize(
    ("path", "base", "patch", "lost"),
    [
        (SUCCESS, {"mean": 0.93, "spread": 1.0}, {"mean": 0.95}, ("spread",)),
        (SUCCESS, {"mean": 0.93, "both_of_two_tries": 0.87}, {"mean": 0.95}, ("both_of_two_tries",)),
        (SUCCESS, {"mean": 0.93, "spread": 1.0}, {"mean": 0.95, "spread": 1.0}, None),
        (SUCCESS, {"mean": 0.93, "spread": 1.0}, {"mean": 0.95, "both_of_two_tries": 0.91}, None),
        (SUCCESS, {"mean": 0.93, "spread": 1.0}, {"beta": [8, 2]}, None),
        (SUCCESS, {"mean": 0.93, "spread": 1.0}, 0.95, None),
        (SUCCESS, {"mean": 0.93}, {"mean": 0.95}, None),
        (CONFIDENCE, {"self_knowledge": 1.5, "overconfidence": 0.4}, {"self_knowledge": 1}, ("overconfidence",)),
        (CONFIDENCE, {"self_knowledge": 1.5, "overconfidence": 0.4}, {"preset": "typical"}, None),
        (("workers", "bot", "by_task", "success", "success"), {"mean": 0.9, "spread": 1}, {"mean": 1}, ("spread",)),
    ],
)  # fmt: skip
def test_what_a_block_replaced_whole_loses_is_known(
    path: tuple[str, ...], base: Any, patch: Any, lost: tuple[str, ...] | None
) -> None:
    found = list(forgotten(nested(path, base), nested(path, patch)))
    assert found == ([] if lost is None else [(".".join(path), lost)])


def test_a_worker_may_be_called_success() -> None:
    base = {"workers": {"success": {"positions": 2, "concurrency": 3}}}
    assert list(forgotten(base, {"workers": {"success": {"positions": 3}}})) == []


def test_a_variant_is_told_what_it_loses() -> None:
    base = nested(SUCCESS, {"mean": 0.93, "spread": 1.0})
    assert variant_warnings(base, "better", nested(SUCCESS, {"mean": 0.95})) == [
        "variant better: workers.bot.success is replaced whole, without the file's spread: "
        "write it again to keep it"
    ]

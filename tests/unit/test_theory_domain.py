"""The closed forms refuse arguments outside their domain and load with the standard library alone."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest

from analysis import theory

UNSTABLE = "offered load must be below servers ({}), or the queue grows without end; got {}"

# Formula, its arguments, the whole message.
BAD_CALLS: list[tuple[Callable[..., object], tuple[Any, ...], str]] = [
    (theory.erlang_b, (-1, 1.0), "servers must be a whole number of at least 0; got -1"),
    (theory.erlang_b, (2.5, 1.0), "servers must be a whole number of at least 0; got 2.5"),
    (theory.erlang_b, (True, 1.0), "servers must be a whole number of at least 0; got True"),
    (theory.erlang_b, (2, math.nan), "offered load must be finite and at least 0; got nan"),
    (theory.erlang_c, (0, 0.0), "servers must be a whole number of at least 1; got 0"),
    (theory.mmc_mean_queue, (3, 3.0), UNSTABLE.format(3, 3.0)),
    (theory.mmc_mean_wait, (3, 1.0, -2.0), "mean service must be finite and at least 0; got -2.0"),
    (theory.mmc_service_level, (3, 1.0, 0.0, 1.0), "mean service must be finite and above 0; got 0.0"),
    (theory.mmc_service_level, (3, 1.0, 1.0, -1.0), "limit must be finite and at least 0; got -1.0"),
    (
        theory.mmc_wait_quantile,
        (3, 1.0, 1.0, 1.0),
        "share must be below 1: no wait is certain not to be exceeded; got 1.0",
    ),
    (theory.erlang_a, (3, 1.0, 1.0, math.inf), "mean patience must be finite and above 0; got inf"),
    (
        theory.erlang_a_service_level,
        (3, 1.0, 1.0, 1.0, math.nan),
        "limit must be finite and at least 0; got nan",
    ),
    (
        theory.pollaczek_khinchine_mean_wait,
        (0.5, 1.0, -0.1),
        "service cv must be finite and at least 0; got -0.1",
    ),
    (theory.pollaczek_khinchine_mean_wait, (1.0, 1.0, 1.0), UNSTABLE.format(1, 1.0)),
    (theory.priority_mean_waits, (2, [1, -0.5], 1.0), "offered load must be finite and at least 0; got -0.5"),
    (theory.priority_mean_waits, (2, [1.0, 1.5], 1.0), UNSTABLE.format(2, 2.5)),
    (theory.infinite_servers_busy, (-1.0, 1.0), "arrival rate must be finite and at least 0; got -1.0"),
    (
        theory.allen_cunneen_mean_wait,
        (2, 1.0, 1.0, math.inf, 1.0),
        "arrival cv must be finite and at least 0; got inf",
    ),
    (theory.cascade_failure_risk, ([0.1, 1.1],), "failure probability must be between 0 and 1; got 1.1"),
    (theory.success_after_retries, (-0.1, 1), "failure probability must be between 0 and 1; got -0.1"),
    (theory.success_after_retries, (0.1, -1), "retries must be a whole number of at least 0; got -1"),
    (theory.shared_failure_risk, ([[0.1]], [0.9]), "weights must sum to 1; got 0.9"),
    (theory.shared_failure_risk, ([[1.1]], [1.0]), "failure probability must be between 0 and 1; got 1.1"),
    (theory.escape_probability, ([0.1], 1.1), "catch rate must be between 0 and 1; got 1.1"),
    (theory.escape_probability, ([0.1], 0.5, -1), "repaired must be between 0 and 1; got -1"),
    (theory.recovery, (0.1, [(2.0, 0.1)]), "chance of a move must be between 0 and 1; got 2.0"),
    (theory.cost_per_success, (-1.0, 1), "cost must be finite and at least 0; got -1.0"),
    (theory.cost_per_success, (1.0, -1), "successes must be finite and at least 0; got -1"),
    (
        theory.cascade_cost_per_success,
        (0.5, 1.0, 1.5, 1.0),
        "success of the large model must be between 0 and 1; got 1.5",
    ),
    (
        theory.cascade_beats_large,
        (0.5, 1.0, 0.0, 1.0),
        "success of the large model must be finite and above 0; got 0.0",
    ),
]


@pytest.mark.parametrize(("formula", "arguments", "message"), BAD_CALLS)
def test_arguments_outside_the_domain_are_refused(
    formula: Callable[..., object], arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        formula(*arguments)
    assert str(caught.value) == message


def test_every_public_formula_has_a_refused_example() -> None:
    public = {
        name
        for name, value in vars(theory).items()
        if inspect.isfunction(value) and value.__module__ == theory.__name__ and not name.startswith("_")
    }
    assert public == {formula.__name__ for formula, _, _ in BAD_CALLS}


def test_loading_the_module_needs_only_the_standard_library() -> None:
    tree = ast.parse(inspect.getsource(theory))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported == {"__future__", "collections.abc", "itertools", "math", "numbers", "typing"}

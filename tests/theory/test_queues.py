"""Queues against closed forms, as scenarios through the public interface (row MR-12).

Every comparison is one of the family of statistical tests, which has the seeds, the level and the second look.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sim
from analysis import theory
from tests.statistics.family import FIRST_SEED, REPLICATIONS, agrees, holds

HERE = "tests/theory/test_queues.py"
SERVICE = 60.0
"""Mean service time in seconds."""


def queue(positions: int, load: float, work: dict[str, Any], hours: int, types: int = 1) -> dict[str, Any]:
    """A pool of people with `load` erlangs offered, evenly by `types` types of rising priority number."""
    rate = f"{load / SERVICE * 3600 / types:.6f} / h"
    tasks = {
        f"type{k}": {"arrivals": {"process": "poisson", "rate": rate}, "priority": k} for k in range(types)
    }
    return {
        "version": 1, "name": "Queue", "warm_up": f"{hours // 5} h", "horizon": f"{hours} h", "tasks": tasks,
        "workers": {"server": {"kind": "human", "positions": positions, "wage": "30 / h", "work_time": work}},
        "topology": {"kind": "human_only", "human": "server"},
    }  # fmt: skip


EXPONENTIAL = {"distribution": "exponential", "mean": "60 s"}
DETERMINISTIC = {"distribution": "constant", "value": "60 s"}
LOGNORMAL = {"distribution": "lognormal", "mean": "60 s", "cv": 1.5}


def mean_waits(
    tree: dict[str, Any], seed: int, replications: int, type_id: str | None = None
) -> np.ndarray[Any, Any]:
    """Mean wait in seconds of the measured tasks, one value a replication."""
    scenario = sim.Scenario.from_tree(tree)
    return np.array([_mean_wait(scenario, seed, number, type_id) for number in range(replications)])


def _mean_wait(scenario: sim.Scenario, seed: int, replication: int, type_id: str | None) -> float:
    total = count = 0
    for block in sim.simulate(scenario, seed, replication).blocks():
        chosen = (block["action"] == block.code("action", "executed")) & (block["queued"] >= scenario.warm_up)
        chosen &= block["queued"] < scenario.horizon
        if type_id is not None:
            chosen &= block["type"] == block.code("type", type_id)
        total += int(np.sum(block["started"][chosen] - block["queued"][chosen]))
        count += int(np.sum(chosen))
    return total / count / 1e6


def is_found(observe: Callable[[int, int], np.ndarray[Any, Any]], expected: float) -> bool:
    """Whether the mean over replications is as expected; a failure is looked at once more."""
    return holds(lambda seed, times: agrees(observe(seed, REPLICATIONS * times), expected, HERE))


@pytest.mark.mechanism("MR-12")
@pytest.mark.parametrize(
    ("servers", "load", "hours"), [(1, 0.5, 60), (1, 0.7, 100), (3, 2.1, 40), (10, 8.0, 25)]
)
def test_wait_of_an_exponential_queue_is_erlangs(servers: int, load: float, hours: int) -> None:
    tree = queue(servers, load, EXPONENTIAL, hours)
    expected = theory.mmc_mean_wait(servers, load, SERVICE)
    assert is_found(lambda seed, n: mean_waits(tree, seed, n), expected)


@pytest.mark.mechanism("MR-12")
@pytest.mark.parametrize(
    ("work", "cv"), [(DETERMINISTIC, 0.0), (LOGNORMAL, 1.5)], ids=["deterministic", "lognormal"]
)
def test_wait_of_one_server_is_pollaczeks_and_khinchines(work: dict[str, Any], cv: float) -> None:
    tree = queue(1, 0.6, work, 150)
    expected = theory.pollaczek_khinchine_mean_wait(0.6, SERVICE, cv)
    assert is_found(lambda seed, n: mean_waits(tree, seed, n), expected)


@pytest.mark.mechanism("MR-12")
@pytest.mark.parametrize("urgency", [0, 1])
def test_wait_by_priority_is_cobhams(urgency: int) -> None:
    tree = queue(2, 1.6, EXPONENTIAL, 100, types=2)
    expected = theory.priority_mean_waits(2, (0.8, 0.8), SERVICE)[urgency]
    assert is_found(lambda seed, n: mean_waits(tree, seed, n, f"type{urgency}"), expected)


@pytest.mark.mechanism("MR-12")
def test_the_look_finds_a_wait_that_is_a_tenth_off() -> None:
    tree = queue(1, 0.5, EXPONENTIAL, 60)
    waits = mean_waits(tree, FIRST_SEED, REPLICATIONS)
    assert not agrees(waits, 1.1 * theory.mmc_mean_wait(1, 0.5, SERVICE), HERE)

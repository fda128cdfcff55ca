"""Chains of agents against theory: the risk of a cascade over 200 seeds of the family."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analysis.theory import cascade_failure_risk
from sim.log import Block
from sim.run import simulate
from sim.scenario import Scenario
from tests.statistics.family import agrees, holds

HERE = "tests/theory/test_chains.py"
SEEDS = 200
TASKS = 1000
STAGES = 5


class DeliveredWrong:
    """A sink that counts the first tasks that were delivered wrong."""

    def __init__(self) -> None:
        """Nothing was delivered."""
        self.count = 0

    def add(self, block: Block) -> None:
        """Takes the next block."""
        is_wrong = (block["next"] == block.names["next"].index("deliver")) & (block["is_right"] == 0)
        self.count += int(np.count_nonzero(is_wrong & (block["task"] < TASKS)))


def chain(success: Any) -> Scenario:
    """Five agents in a row whom nobody waits for and nobody checks, one task a second."""
    return Scenario.from_tree(
        {
            "version": 1,
            "name": "Chain",
            "horizon": f"{TASKS + 1} s",
            "tasks": {
                "letter": {
                    "arrivals": {"process": "deterministic", "every": "1 s"},
                    "stages": {f"s{number}": {} for number in range(STAGES)},
                }
            },
            "workers": {
                "writer": {
                    "kind": "agent",
                    "concurrency": 100,
                    "model": "example-model",
                    "price": {"input": 1, "output": 5},
                    "work_time": "10 s",
                    "success": success,
                }
            },
            "topology": {"kind": "autonomous", "agent": "writer"},
        }
    )


def delivered_wrong(of: Scenario, seeds: range) -> list[int]:
    """Tasks delivered wrong, for each seed."""
    counts = []
    for seed in seeds:
        fold = DeliveredWrong()
        simulate(of, seed=seed, log="folded", folds=[fold])
        counts.append(fold.count)
    return counts


def intervals_that_cover(counts: list[int], risk: float) -> int:
    """How many of the seeds' 95 % intervals (Wilson's, for a share) hold the risk."""
    covers = 0
    for count in counts:
        interval = stats.binomtest(count, TASKS).proportion_ci(0.95, method="wilson")
        covers += interval.low <= risk <= interval.high
    return covers


def joint_risk(success: float, spread: float) -> float:
    """1 - E of the product of the stages' success over the hardness they share, by Gauss-Hermite quadrature.

    Hardness of (task, stage, model) = sqrt(.5) H(task) + sqrt(.3) H(task, stage) + sqrt(.2) H(task, stage, model):
    the last two are a normal of their own at each stage.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    weights = weights / weights.sum()
    low, high = -40.0, 40.0
    for _ in range(200):
        level = (low + high) / 2.0
        mean = float(weights @ (1.0 / (1.0 + np.exp(spread * nodes - level))))
        low, high = (level, high) if mean < success else (low, level)
    of_task, of_stage = nodes[:, None, None], nodes[None, :, None]
    hardness = math.sqrt(0.5) * of_task + math.sqrt(0.3) * of_stage + math.sqrt(0.2) * nodes[None, None, :]
    at_stage = (1.0 / (1.0 + np.exp(spread * hardness - level))) @ weights @ weights
    return float(1.0 - weights @ at_stage**STAGES)


@pytest.mark.ci
@pytest.mark.mechanism("RT-14")
@pytest.mark.mechanism("D6")
def test_the_analytic_risk_of_an_unguarded_chain_lies_in_the_intervals_of_95_percent_of_the_seeds() -> None:
    risk = cascade_failure_risk([0.05] * STAGES)

    def look(seed: int, times: int) -> bool:
        counts = delivered_wrong(chain(0.95), range(seed, seed + SEEDS * times))
        is_covered = 182 * times <= intervals_that_cover(counts, risk) <= 198 * times
        return is_covered and agrees(counts, TASKS * risk, HERE)

    assert holds(look)


@pytest.mark.ci
@pytest.mark.mechanism("RT-14")
@pytest.mark.mechanism("D6")
def test_with_shared_hardness_the_value_of_the_quadrature_does_and_the_analytic_risk_does_not() -> None:
    of, joint = chain({"mean": 0.95, "spread": 1.0}), joint_risk(0.95, 1.0)
    independent = cascade_failure_risk([0.05] * STAGES)

    def look(seed: int, times: int) -> bool:
        counts = delivered_wrong(of, range(seed, seed + SEEDS * times))
        is_covered = 182 * times <= intervals_that_cover(counts, joint) <= 198 * times
        assert stats.binomtest(sum(counts), TASKS * len(counts), independent).pvalue < 1e-9
        return is_covered and agrees(counts, TASKS * joint, HERE)

    assert holds(look)

"""Cost per success is total over total: nearly unbiased where the mean of the replications' ratios is far off."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis import Replications, estimates, replicate
from sim import Scenario
from tests.statistics.family import REPLICATIONS, agrees, holds

HERE = "tests/statistics/test_bias.py"
TASKS, SUCCESS = 10, 0.5
EXPERIMENTS = 30


def ten_tasks() -> Scenario:
    """Ten tasks a replication, each done for 1 and right at even odds: a success costs 2."""
    return Scenario.from_tree(
        {
            "version": 1, "name": "Ten tasks", "horizon": f"{60 * TASKS + 1} s",
            "tasks": {"job": {"arrivals": {"process": "deterministic", "every": "1 min"}}},
            "workers": {
                "clerk": {"kind": "human", "wage": "60 / h", "work_time": "1 min", "success": SUCCESS}
            },
            "topology": {"kind": "human_only", "human": "clerk"},
        }
    )  # fmt: skip


def expected_bias(tasks: int) -> float:
    """E[truth's estimate] / truth - 1 for tasks / successes, given at least one success; successes are binomial."""
    successes = np.arange(1, tasks + 1)
    chances = stats.binom.pmf(successes, tasks, SUCCESS)
    return float((chances / successes).sum() / chances.sum() * tasks * SUCCESS - 1.0)


def share_above(result: Replications) -> float:
    """By how much luck made the share of successes too high, relatively; 0 in the mean, so it may be added.

    It cancels nearly all of the chance in an estimate of the bias: a ratio falls by what its denominator rises.
    """
    share = result.estimate("success_share").value
    assert share is not None
    return share / SUCCESS - 1.0


def biases(seed: int, times: int) -> tuple[list[float], list[float]]:
    """Relative errors of the pooled ratio and of the mean of ratios, one each an experiment, freed of most chance."""
    pooled, of_ratios = [], []
    for experiment in range(EXPERIMENTS * times):
        result = replicate(ten_tasks(), REPLICATIONS, seed=seed + experiment)
        luck = share_above(result)
        ratio = result.estimate("cpst").value
        mean = estimates.mean(result.to_frame()["cpst"].dropna().tolist()).value
        assert ratio is not None
        assert mean is not None
        pooled.append(ratio * SUCCESS - 1.0 + luck)
        of_ratios.append(mean * SUCCESS - 1.0 + luck)
    return pooled, of_ratios


def test_the_exact_bias_of_the_pooled_ratio_is_under_1_percent_and_of_the_mean_of_ratios_over_10() -> None:
    assert 0.0 < expected_bias(TASKS * REPLICATIONS) < 0.01
    assert expected_bias(TASKS) > 0.10
    assert expected_bias(TASKS * REPLICATIONS) == pytest.approx(
        (1 - SUCCESS) / SUCCESS / (TASKS * REPLICATIONS), rel=0.02
    )


@pytest.mark.ci
@pytest.mark.mechanism("MR-05")
def test_with_ten_tasks_a_replication_the_pooled_ratio_is_within_1_percent_and_the_mean_of_ratios_is_not() -> (
    None
):
    def look(seed: int, times: int) -> bool:
        pooled, of_ratios = biases(seed, times)
        bias, bias_of_mean = float(np.mean(pooled)), float(np.mean(of_ratios))
        print(f"bias of the pooled ratio {bias:.4f}, of the mean of ratios {bias_of_mean:.4f}")
        is_as_said = abs(bias) < 0.01 < 0.10 < bias_of_mean
        is_exact = agrees(pooled, expected_bias(TASKS * REPLICATIONS), HERE)
        return is_as_said and is_exact and agrees(of_ratios, expected_bias(TASKS), HERE)

    assert holds(look)

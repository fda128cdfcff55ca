"""Intervals cover: of experiments with a known truth, as many as promised have it in their 95 % interval (MR-05)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from analysis import replicate
from analysis.theory import mmc_mean_wait
from sim import Scenario
from tests.statistics.family import FIRST_SEED, holds
from tests.statistics.queues import cost_per_success, mean_wait, queue

HOURS = 34.0
"""About 600 customers a replication, 30 of them successes. Few make the mean wait skewed; see the last test."""
COUNTS = (10, 30)
"""Replications of an experiment."""

Covered = dict[tuple[str, int], int]
"""Experiments whose interval holds the truth, by metric and number of replications."""


def covered(scenario: Scenario, truths: dict[str, float], experiments: int, seed: int) -> Covered:
    """How many of the experiments with the seeds from `seed` on cover; the first 10 replications of 30 are the 10."""
    found = {(metric, count): 0 for metric in truths for count in COUNTS}
    for experiment in range(experiments):
        whole = replicate(scenario, max(COUNTS), seed=seed + experiment)
        for metric, count in found:
            part = replace(whole, tallies=whole.tallies[:count], logs=whole.logs[:count])
            interval = part.estimate(metric)
            assert interval.low is not None
            assert interval.high is not None
            found[metric, count] += interval.low <= truths[metric] <= interval.high
    return found


def cover_as_promised(experiments: int, least: float, most: float) -> Callable[[int, int], bool]:
    """A look at whether the share of intervals that cover is within bounds, for both truths and both counts."""
    truths = {"wait_mean": mean_wait(HOURS), "cpst": cost_per_success()}

    def look(seed: int, times: int) -> bool:
        count = experiments * times
        found = covered(queue(HOURS), truths, count, seed)
        print(f"of {count} experiments with seeds from {seed} on cover: {found}")
        return all(least * count <= covers <= most * count for covers in found.values())

    return look


def test_the_wait_of_the_first_customers_is_less_than_in_the_long_run_and_comes_near_it() -> None:
    in_the_long_run = mmc_mean_wait(1, 0.5, 60.0)
    first, more, most = (mean_wait(hours, per_hour=30) for hours in (0.5, 5.0, 50.0))
    assert first < more < most < in_the_long_run
    assert most == pytest.approx(in_the_long_run, rel=2e-3)


def test_the_first_customers_wait_as_a_series_for_a_short_time_says() -> None:
    """E[L(t)] = a t - a m t^2 / 2 + ... for a short t: the integral over it is a T^2 / 2 - a m T^3 / 6."""
    birth, death, length = 0.5, 1.0, 0.01
    series = birth * length**2 / 2 - birth * death * length**3 / 6
    assert mean_wait(length / 60, per_hour=30) == pytest.approx(60 * series / length, rel=1e-4)


@pytest.mark.ci
@pytest.mark.mechanism("MR-05")
def test_182_to_198_of_200_experiments_cover_at_10_and_at_30_replications() -> None:
    assert holds(cover_as_promised(200, 182 / 200, 198 / 200))


@pytest.mark.soak
@pytest.mark.mechanism("MR-05")
def test_93_to_97_percent_of_1000_experiments_cover_at_10_and_at_30_replications() -> None:
    assert holds(cover_as_promised(1000, 0.93, 0.97))


@pytest.mark.soak
def test_short_skewed_replications_cover_less_often_as_the_page_on_statistics_says() -> None:
    """Twenty customers a replication at half load: a few of the means are large, so ten of them are not normal."""
    short = queue(2 / 3, per_hour=30)
    found = covered(short, {"wait_mean": mean_wait(2 / 3, per_hour=30)}, 1000, FIRST_SEED)
    assert 820 <= found["wait_mean", 10] <= 890
    assert 865 <= found["wait_mean", 30] <= 925

"""Ranking: probabilities against closed forms, Bonferroni, and the promises of searches for the best on known means."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from analysis.estimates import ratio
from analysis.experiments.until_best import UntilBest, linearised, survivors
from analysis.ranking import (
    kim_nelson,
    probability_above,
    probability_best,
    simultaneous,
)
from sim.draws import Stream
from tests.statistics.family import FIRST_SEED, holds


def normal_rows(
    means: list[float], count: int, experiment: int = 0, shared: float = 0.0, seed: int = FIRST_SEED
) -> list[list[float]]:
    """Unit-variance normal observations of systems; `shared` is the part of the variance they have in common."""
    common = Stream(seed, experiment, "common").block_normals(0, count)
    own = [Stream(seed, experiment, f"system {k}").block_normals(0, count) for k in range(len(means))]
    weights = math.sqrt(shared), math.sqrt(1 - shared)
    return [
        (mean + weights[0] * common + weights[1] * noise).tolist()
        for mean, noise in zip(means, own, strict=True)
    ]


def as_often(
    succeeds: Callable[[int, int], bool], fewest: float, experiments: int
) -> Callable[[int, int], bool]:
    """A look at whether so many experiments succeed, given the number of each and the seed."""

    def look(seed: int, times: int) -> bool:
        successes = sum(succeeds(experiment, seed) for experiment in range(experiments * times))
        print(f"{successes} of {experiments * times} with seed {seed}")
        return successes >= fewest * times

    return look


def means_of(rows: list[list[float]]) -> list[float]:
    return [math.fsum(row) / len(row) for row in rows]


# -- probabilities ------------------------------------------------------------------------------------


@pytest.mark.mechanism("MR-04")
def test_of_two_systems_the_probability_is_students_t_of_the_paired_difference() -> None:
    rows = normal_rows([1.0, 1.1], 12, shared=0.5)
    gaps = np.subtract(rows[1], rows[0])
    exact = float(stats.t.cdf(gaps.mean() / (gaps.std(ddof=1) / math.sqrt(12)), 11))
    first, second = probability_best(means_of(rows), rows)
    assert first == pytest.approx(exact, abs=0.015)
    assert first + second == pytest.approx(1.0, abs=1e-12)


def test_a_system_that_is_far_ahead_is_surely_the_best() -> None:
    rows = normal_rows([0.0, 9.0, 9.0], 10)
    assert probability_best(means_of(rows), rows)[0] > 0.999


def test_identical_systems_share_the_probability() -> None:
    row = normal_rows([0.0], 10)[0]
    assert probability_best([1.0, 1.0], [row, row]) == [0.5, 0.5]


def test_common_draws_make_the_best_surer_than_the_same_means_without_them() -> None:
    paired, apart = (normal_rows([0.0, 0.3], 20, shared=part) for part in (0.95, 0.0))
    assert probability_best([0.0, 0.3], paired)[0] > probability_best([0.0, 0.3], apart)[0]


def test_the_probability_is_the_same_each_time() -> None:
    rows = normal_rows([0.0, 0.1, 0.2], 10)
    assert probability_best(means_of(rows), rows) == probability_best(means_of(rows), rows)


@pytest.mark.parametrize(
    ("values", "rows"),
    [([1.0], [[1.0, 2.0], [1.0, 2.0]]), ([1.0, 2.0], [[1.0], [2.0]])],
    ids=["count", "one"],
)
def test_a_probability_needs_replications_of_every_system(
    values: list[float], rows: list[list[float]]
) -> None:
    with pytest.raises(ValueError, match="the same replications, two or more"):
        probability_best(values, rows)


def test_a_true_value_is_above_a_bound_with_students_probability() -> None:
    assert probability_above(0.0, 0.0, 1.0, 10) == 0.5
    assert probability_above(1.0, 2.0, 0.25, 10) == pytest.approx(float(stats.t.cdf(2.0, 9)), rel=1e-12)
    assert [probability_above(1.0, value, 0.0, 10) for value in (0.5, 1.0, 1.5)] == [0.0, 0.5, 1.0]


def test_bonferroni_divides_the_risk_among_the_statements() -> None:
    assert simultaneous(1) == pytest.approx(0.95)
    assert simultaneous(5) == pytest.approx(0.99)
    assert simultaneous(0) == pytest.approx(0.95)


@pytest.mark.ci
@pytest.mark.mechanism("MR-05")
def test_simultaneous_intervals_cover_together_in_95_of_100_experiments() -> None:
    """Four differences at once, over 1,000 experiments of 10 replications on common draws."""
    reach = float(stats.t.ppf((1 + simultaneous(4)) / 2, 9))

    def covers(experiment: int, seed: int) -> bool:
        rows = np.array(normal_rows([0.0, 0.0, 0.5, 1.0, 2.0], 10, experiment, 0.6, seed))
        gaps = rows[1:] - rows[0]
        error = gaps.std(axis=1, ddof=1) / math.sqrt(10)
        truth = np.array([0.0, 0.5, 1.0, 2.0])
        return bool((abs(gaps.mean(axis=1) - truth) <= reach * error).all())

    assert holds(as_often(covers, 935, 1000))


# -- Kim and Nelson -----------------------------------------------------------------------------------


def test_kim_and_nelson_end_with_the_best_when_it_is_far_ahead() -> None:
    rows = normal_rows([0.0, 3.0, 3.0, 3.0], 60)
    found = kim_nelson(rows, first=10, indifference=1.0)
    assert found.survivors == (0,)
    assert found.is_decided
    assert 10 <= found.observed < 30


def test_kim_and_nelson_keep_all_that_may_still_be_the_best() -> None:
    found = kim_nelson(normal_rows([0.0, 0.0], 12), first=10, indifference=0.1)
    assert found.survivors == (0, 1)
    assert not found.is_decided
    assert found.observed == 12


def test_kim_and_nelson_need_fewer_replications_on_common_draws() -> None:
    apart, paired = (
        kim_nelson(normal_rows([0.0, 0.5, 0.5], 400, shared=part), first=10, indifference=0.5)
        for part in (0.0, 0.9)
    )
    assert paired.is_decided
    assert paired.observed < apart.observed


@pytest.mark.parametrize(
    ("systems", "first", "indifference"),
    [(1, 5, 1.0), (2, 1, 1.0), (2, 11, 1.0), (2, 5, 0.0)],
    ids=["one system", "one first replication", "more than there are", "no indifference"],
)
def test_kim_and_nelson_refuse_what_they_cannot_promise(
    systems: int, first: int, indifference: float
) -> None:
    with pytest.raises(ValueError, match="needs two systems"):
        kim_nelson(normal_rows([0.0] * systems, 10), first, indifference)


@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_kim_and_nelson_choose_the_best_of_known_means_as_often_as_promised(shared: float) -> None:
    """The least favourable means: every rival behind by just the indifference; promised 95 of 100, of 200 here."""

    def chooses_the_best(experiment: int, seed: int) -> bool:
        rows = normal_rows([0.0, 1.0, 1.0, 1.0], 150, experiment, shared, seed)
        found = kim_nelson(rows, first=10, indifference=1.0)
        assert found.is_decided
        return found.survivors == (0,)

    assert holds(as_often(chooses_the_best, 182, 200))


@pytest.mark.parametrize(("confidence", "fewest"), [(0.8, 150), (0.99, 195)])
def test_kim_and_nelson_are_as_sure_as_they_are_asked_to_be(confidence: float, fewest: int) -> None:
    """Of 200 searches in the least favourable case; a surer one takes longer."""

    def chooses_the_best(experiment: int, seed: int) -> bool:
        rows = normal_rows([0.0, 1.0, 1.0, 1.0], 200, experiment, seed=seed)
        found = kim_nelson(rows, 10, 1.0, confidence)
        assert found.is_decided
        return found.survivors == (0,)

    assert holds(as_often(chooses_the_best, fewest, 200))


def test_to_be_surer_takes_more_replications() -> None:
    rows = normal_rows([0.0, 0.5, 0.5], 600)
    seen = [kim_nelson(rows, 10, 0.5, confidence).observed for confidence in (0.8, 0.95, 0.99)]
    assert seen == sorted(seen)
    assert seen[0] < seen[-1]


@pytest.mark.soak
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_of_4000_searches_by_kim_and_nelson_as_many_end_right_as_promised(
    confidence: float, shared: float
) -> None:

    def chooses_the_best(experiment: int, seed: int) -> bool:
        rows = normal_rows([0.0, 1.0, 1.0, 1.0], 250, experiment, shared, seed)
        return kim_nelson(rows, 10, 1.0, confidence).survivors == (0,)

    assert holds(as_often(chooses_the_best, 4000 * confidence, 4000))


# -- the search for the best ratio ----------------------------------------------------------------------


def few_tasks(success: float, cost: int, count: int, experiment: int, seed: int) -> list[tuple[int, int]]:
    """Cost and successes of replications with 15 tasks each, of which every one costs as much."""
    drawn = Stream(seed, experiment, f"success {success}").block(0, 15 * count).reshape(count, 15)
    return [(15 * cost, int(hits)) for hits in (drawn < success).sum(axis=1)]


def searched(systems: list[list[tuple[int, int]]], until: UntilBest, first: int) -> tuple[int, ...]:
    """Which systems a search leaves that looks at so many replications more each time."""
    left: tuple[int, ...] = ()
    for seen in range(first, len(systems[0]) + 1, first):
        left = survivors([totals[:seen] for totals in systems], until, first)
        if len(left) == 1:
            break
    return left


def test_what_replications_add_to_a_ratio_has_that_ratio_as_its_mean() -> None:
    totals = [(4, 1), (9, 3), (5, 0), (6, 2)]
    found = linearised(totals)
    assert math.fsum(found) / 4 == pytest.approx(24 / 6)
    assert found == pytest.approx([4.0, 2.0, 4 + 5 / 1.5, 4 - 2 / 1.5])
    with pytest.raises(ValueError, match="undefined"):
        linearised([(4, 0), (9, 0)])


def test_replications_without_successes_do_not_stop_a_search() -> None:
    rare = [(2, k % 2) for k in range(400)]
    common = [(2 + k % 3, 2) for k in range(400)]
    assert survivors([rare, common], UntilBest(0.5), 20) == (1,)


def test_who_is_ahead_over_all_replications_stays_in_the_race() -> None:
    """The first of both is out at the tenth replication, and far ahead by the fortieth."""
    late = [(10 if k < 10 else 1, 1) for k in range(40)]
    steady = [(7 + k % 2, 1) for k in range(40)]
    rows = [linearised(totals) for totals in (late, steady)]
    assert kim_nelson(rows, 10, 1.0).survivors == (1,)
    assert survivors([late, steady], UntilBest(1.0), 10) == (0, 1)


def test_a_search_with_few_tasks_per_replication_ends_with_the_lower_total_over_total() -> None:
    """2 per success against 2.09, where the means of replications' own ratios are in the other order."""

    def ends_right(experiment: int, seed: int) -> bool:
        systems = [few_tasks(*values, 900, experiment, seed) for values in ((0.5, 100), (0.9, 188))]
        return searched(systems, UntilBest(8.0), 30) == (0,)

    whole = [few_tasks(*values, 4000, 0, FIRST_SEED) for values in ((0.5, 100), (0.9, 188))]
    cheap, good = (
        math.fsum(cost / hits for cost, hits in part if hits) / sum(hits > 0 for _, hits in part)
        for part in whole
    )
    assert cheap > good
    assert (ratio(whole[0]).value or 0.0) < (ratio(whole[1]).value or 0.0)
    assert holds(as_often(ends_right, 182, 200))

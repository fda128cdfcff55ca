"""Ranking: probabilities against closed forms, Bonferroni, and the promises of searches for the best on known means."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from analysis.ranking import (
    kim_nelson,
    ocba_allocation,
    probability_above,
    probability_best,
    select_best,
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


# -- the budget of replications -----------------------------------------------------------------------


def test_an_allocation_is_that_of_the_paper() -> None:
    """Three systems: N1 / N2 = (s1 / d1)^2 / (s2 / d2)^2, and N0 = s0 sqrt(N1^2 / s1^2 + N2^2 / s2^2)."""
    first, second = 4.0 / 1.0, 9.0 / 4.0
    best = 1.0 * math.sqrt(first**2 / 4.0 + second**2 / 9.0)
    expected = [1000 * part / (best + first + second) for part in (best, first, second)]
    found = ocba_allocation([5.0, 6.0, 7.0], [1.0, 4.0, 9.0], 1000)
    assert sum(found) == 1000
    assert found == pytest.approx(expected, abs=1)


def test_what_ties_or_does_not_vary_can_be_allocated_for() -> None:
    assert ocba_allocation([1.0, 1.0], [1.0, 1.0], 10) == [5, 5]
    assert ocba_allocation([1.0, 1.0, 3.0], [1.0, 1.0, 1.0], 20) == [8, 6, 6]
    assert ocba_allocation([1.0, 2.0], [0.0, 1.0], 10) == [0, 10]
    assert ocba_allocation([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], 9) == [3, 3, 3]
    with pytest.raises(ValueError, match="a mean and a variance of each"):
        ocba_allocation([1.0, 2.0], [1.0], 10)


def searched(
    means: list[float],
    budget: int,
    experiment: int,
    seed: int,
    confidence: float | None = None,
    deviation: float = 1.0,
) -> tuple[bool, int]:
    """Whether a search with a budget ended with the first system, and what it spent.

    One that may stop early begins with 10 replications of each: after 5, chance variances stop some too soon.
    """
    scaled = normal_rows([mean / deviation for mean in means], budget, experiment, seed=seed)
    rows = [[deviation * value for value in row] for row in scaled]
    first = 5 if confidence is None else 10
    found = select_best(
        lambda one, numbers: rows[one][numbers.start : numbers.stop], len(means), budget, first, confidence
    )
    assert max(found.counts) <= budget
    return found.best == 0, sum(found.counts)


def equally(means: list[float], budget: int, experiment: int, seed: int, deviation: float = 1.0) -> bool:
    """Whether as many replications of every system, of the same budget, point to the first."""
    rows = normal_rows([m / deviation for m in means], budget // len(means), experiment, seed=seed)
    centres = means_of(rows)
    return centres[0] == min(centres)


def test_a_search_spends_its_budget_where_the_best_is_in_doubt() -> None:
    rows = normal_rows([0.0, 0.3, 5.0, 5.0], 300)
    found = select_best(lambda one, numbers: rows[one][numbers.start : numbers.stop], 4, 300)
    assert found.best == 0
    assert sum(found.counts) == 300
    assert min(found.counts[:2]) > 5 * max(found.counts[2:])
    assert found.means == pytest.approx(
        [math.fsum(row[:n]) / n for row, n in zip(rows, found.counts, strict=True)]
    )


def test_a_search_needs_a_third_of_the_replications_that_equal_shares_need() -> None:
    """Ten systems, 200 searches: right as often with 200 replications as equal shares are with 600."""
    means = [0.5 * place for place in range(10)]

    def look(seed: int, times: int) -> bool:
        experiments = range(200 * times)
        wise = sum(searched(means, 200, experiment, seed, deviation=2.0)[0] for experiment in experiments)
        equal, thrice = (
            sum(equally(means, budget, experiment, seed, deviation=2.0) for experiment in experiments)
            for budget in (200, 600)
        )
        print(f"right {wise} times, with equal shares {equal}, with three times the budget {thrice}")
        return wise >= 165 * times and wise > equal + 15 * times and wise >= thrice - 10 * times

    assert holds(look)


def test_a_search_that_may_stop_early_ends_right_as_often_as_promised() -> None:
    """200 searches over rivals that are all behind by the same; promised 95 of 100."""

    def ends_right(experiment: int, seed: int) -> bool:
        is_right, spent = searched([0.0, 1.0, 1.0, 1.0], 2000, experiment, seed, 0.95)
        assert spent < 1000
        return is_right

    assert holds(as_often(ends_right, 190, 200))


@pytest.mark.soak
@pytest.mark.parametrize("gap", [0.5, 1.0])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_of_2000_early_stops_as_many_are_right_as_promised(gap: float, confidence: float) -> None:

    def ends_right(experiment: int, seed: int) -> bool:
        return searched([0.0, gap, gap, gap], 3000, experiment, seed, confidence)[0]

    assert holds(as_often(ends_right, 2000 * confidence, 2000))


@pytest.mark.parametrize(("systems", "budget", "first"), [(1, 50, 5), (3, 14, 5), (3, 50, 1)])
def test_a_search_refuses_what_it_cannot_pay(systems: int, budget: int, first: int) -> None:
    with pytest.raises(ValueError, match="a budget that pays for them"):
        select_best(lambda one, numbers: [0.0] * len(numbers), systems, budget, first)

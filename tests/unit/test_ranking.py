"""Ranking: probabilities against closed forms, Bonferroni, and Kim and Nelson's promise on known normal means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from analysis.ranking import kim_nelson, probability_above, probability_best, simultaneous
from sim.draws import Stream


def normal_rows(
    means: list[float], count: int, experiment: int = 0, shared: float = 0.0
) -> list[list[float]]:
    """Unit-variance normal observations of systems; `shared` is the part of the variance they have in common."""
    common = Stream(1, experiment, "common").block_normals(0, count)
    own = [Stream(1, experiment, f"system {k}").block_normals(0, count) for k in range(len(means))]
    weights = math.sqrt(shared), math.sqrt(1 - shared)
    return [
        (mean + weights[0] * common + weights[1] * noise).tolist()
        for mean, noise in zip(means, own, strict=True)
    ]


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
    covered = 0
    for experiment in range(1000):
        rows = np.array(normal_rows([0.0, 0.0, 0.5, 1.0, 2.0], 10, experiment, shared=0.6))
        gaps = rows[1:] - rows[0]
        error = gaps.std(axis=1, ddof=1) / math.sqrt(10)
        truth = np.array([0.0, 0.5, 1.0, 2.0])
        covered += bool((abs(gaps.mean(axis=1) - truth) <= reach * error).all())
    assert covered >= 935


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
    chosen = 0
    for experiment in range(200):
        rows = normal_rows([0.0, 1.0, 1.0, 1.0], 150, experiment, shared)
        found = kim_nelson(rows, first=10, indifference=1.0)
        assert found.is_decided
        chosen += found.survivors == (0,)
    assert chosen >= 182

"""Ranking and selection: which of several systems is best, and how sure that is.

Smaller is better throughout. Every function takes numbers of replications on common draws, one list per system.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.estimates import CONFIDENCE
from sim.draws import Stream
from sim.maths import FloatArray

POSTERIOR_DRAWS = 10_000
"""Draws behind a probability of being best: it is known to within 0.01."""
_STREAM_SEED = 0  # the same draws in every comparison: a probability follows from the replications alone


def simultaneous(statements: int, confidence: float = CONFIDENCE) -> float:
    """Confidence of each of so many intervals that makes all of them cover together (Bonferroni).

    It holds whatever their dependence. With as many statements as rivals it also covers the choice of the best:
    only the differences to the truly best one can mislead (Hsu 1984; with common draws Nelson and Matejcik 1995).
    """
    return 1 - (1 - confidence) / max(statements, 1)


def probability_above(bound: float, value: float, variance: float, count: int) -> float:
    """Probability that a true value is above a bound, given its estimate over `count` replications.

    By Student's t around the estimate; 0, 0.5 or 1 where the estimate does not vary.
    """
    from scipy.special import stdtr

    if variance == 0.0:
        return 0.5 if value == bound else float(value > bound)
    return float(stdtr(count - 1, (value - bound) / math.sqrt(variance)))


def probability_best(values: Sequence[float], pseudo_values: Sequence[Sequence[float]]) -> list[float]:
    """Probability of each system of being the smallest, given its value and its jackknife pseudo-values.

    Draws the true values from the multivariate t distribution around the estimates with the covariance of the
    pseudo-values' means: what is believed after the replications and nothing else (a flat prior; Chick and Inoue
    2001). Systems that tie share the draw, so identical ones are equally likely. Raises ValueError for fewer than two
    replications or lists of different lengths.
    """
    table = np.array(pseudo_values, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != len(values) or table.shape[1] < 2:
        raise ValueError("every system needs its value and the same replications, two or more")
    drawn = _posterior(np.array(values, dtype=np.float64), table)
    is_best = drawn == drawn.min(axis=0)
    shares = is_best / is_best.sum(axis=0)
    return [math.fsum(row) / POSTERIOR_DRAWS for row in shares.tolist()]


def _posterior(values: FloatArray, table: FloatArray) -> FloatArray:
    """Draws of the true values, one row per system.

    A sum of the centred pseudo-values with normal weights has exactly their covariance, singular or not.
    """
    from scipy.special import gammaincinv

    systems, count = table.shape
    centred = table - _row_means(table)[:, None]
    stream = Stream(_STREAM_SEED, 0, "probability of being best")
    deviation = np.zeros((systems, POSTERIOR_DRAWS))
    for replication in range(count):
        weight = stream.block_normals(0, POSTERIOR_DRAWS, number=replication)
        deviation += centred[:, replication, None] * weight
    chi_square = 2 * gammaincinv((count - 1) / 2, stream.block(0, POSTERIOR_DRAWS, visit=1))
    scaled: FloatArray = values[:, None] + deviation * np.sqrt(1 / (count * chi_square))
    return scaled


def _row_means(table: FloatArray) -> FloatArray:
    """The mean of each row, summed exactly."""
    return np.array([math.fsum(row) / len(row) for row in table.tolist()])


@dataclass(frozen=True, slots=True)
class Selection:
    """What a sequential selection has come to."""

    survivors: tuple[int, ...]
    """Systems that may still be the best, by place."""
    observed: int
    """Replications that were looked at."""

    @property
    def is_decided(self) -> bool:
        """Whether one system is left."""
        return len(self.survivors) == 1


def kim_nelson(
    observations: Sequence[Sequence[float]], first: int, indifference: float, confidence: float = CONFIDENCE
) -> Selection:
    """The fully sequential procedure of Kim and Nelson (2001) for the smallest mean, c = 1.

    After `first` replications, and again after each further one, a system goes when another's mean is lower by more
    than a margin that shrinks to nothing. The one that is left is the best with probability `confidence`, whenever the
    best is ahead by `indifference` or more; common draws are allowed. Raises ValueError for fewer than two systems or
    first replications, or an indifference that is not above 0.
    """
    systems, count = len(observations), min(map(len, observations), default=0)
    if systems < 2 or not 2 <= first <= count or indifference <= 0:
        raise ValueError(
            "Kim and Nelson's procedure needs two systems, two first replications and an indifference above 0"
        )
    eta = ((2 * (1 - confidence) / (systems - 1)) ** (-2 / (first - 1)) - 1) / 2
    reach = 2 * eta * (first - 1)  # the paper's h squared
    start = {
        (one, other): reach * _variance_of_difference(observations[one][:first], observations[other][:first])
        for one in range(systems)
        for other in range(systems)
        if one != other
    }
    alive = tuple(range(systems))
    for seen in range(first, count + 1):
        sums = {one: math.fsum(observations[one][:seen]) for one in alive}
        slack = {pair: _slack(width, indifference, seen) for pair, width in start.items()}
        alive = _screened(sums, slack)
        if len(alive) == 1:
            return Selection(alive, seen)
    return Selection(alive, count)


def _screened(sums: dict[int, float], slack: dict[tuple[int, int], float]) -> tuple[int, ...]:
    """The systems whose sum is above no other's by more than the pair's slack."""
    return tuple(
        one
        for one in sums
        if all(sums[one] - sums[other] <= slack[one, other] for other in sums if other != one)
    )


def _slack(start: float, indifference: float, seen: int) -> float:
    """By how much the sum of a system may be above another's before it goes."""
    return max(0.0, start / indifference - indifference * seen) / 2


def _variance_of_difference(first: Sequence[float], second: Sequence[float]) -> float:
    return _variance([one - other for one, other in zip(first, second, strict=True)])


def _variance(values: Sequence[float]) -> float:
    centre = math.fsum(values) / len(values)
    return math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1)

"""The family of statistical tests: one error of 1 % for all of them, and a second look that decides.

A test that compares simulated numbers with a truth is wrong now and then though the code is right. The members of
the family divide 1 % among themselves, and each divides its part evenly among its comparisons (Bonferroni), so all
of them together raise a false alarm with a probability of 1 % at most. Seeds are declared here and never picked
again: a comparison that fails is made once more on the second seed with four times the data, and that look decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimates import t_quantile

FAMILY_ERROR = 0.01
FIRST_SEED, SECOND_SEED = 20_261_121, 20_270_131
REPLICATIONS = 30
"""The fewest replications of a comparison."""
MORE = 4
"""How many times the data the second look has."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of statistical tests: its part of the family's error, and what shares that part."""

    error: float
    comparisons: int

    @property
    def level(self) -> float:
        """Probability that one comparison fails at the first look though the code is right."""
        return self.error / self.comparisons


MEMBERS = {
    "tests/statistics/test_bias.py": Member(0.001, 2),
    "tests/statistics/test_coverage.py": Member(0.001, 8),
    "tests/statistics/test_family.py": Member(0.001, 1),
    "tests/statistics/test_pairing.py": Member(0.001, 4),
    "tests/theory/test_queues.py": Member(0.003, 8),
    "tests/theory/test_topologies.py": Member(0.003, 15),
}
"""All members; a test finds those that are missing. Coverage and pairing have bounds of their own, stated by the
claims they check; both looks together fail with less than the level by chance."""


def farthest(member: str, replications: int) -> float:
    """Standard errors that a mean of so many replications stays within at the level of the member (Student t)."""
    return t_quantile(replications - 1, 1.0 - MEMBERS[member].level / 2)


def agrees(values: ArrayLike, expected: float, member: str) -> bool:
    """Whether the mean of independent values is as expected, at the level of the member."""
    found = np.asarray(values, dtype=float)
    if len(found) < REPLICATIONS:
        raise ValueError(f"a comparison has {REPLICATIONS} replications or more, got {len(found)}")
    error = found.std(ddof=1) / np.sqrt(len(found))
    return bool(abs(found.mean() - expected) <= farthest(member, len(found)) * error)


def holds(look: Callable[[int, int], bool]) -> bool:
    """Whether a look holds that is given a seed and how many times the data: the first one, or else the second."""
    return look(FIRST_SEED, 1) or look(SECOND_SEED, MORE)

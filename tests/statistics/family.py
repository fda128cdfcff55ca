"""The family of statistical tests: one error of 1 % for all of them, and a second look that decides.

A test that compares simulated numbers with a truth is wrong now and then though the code is right. The members of
the family divide 1 % among themselves, and each divides its part evenly among its comparisons (Bonferroni), so all
of them together raise a false alarm with a probability of 1 % at most. Seeds are declared here and never picked
again: a comparison that fails is made once more on the second seed with four times the data, and that look decides.

A test is `statistical` and tells its look what it compares, or it calls `holds` with a look of its own. Replications
are compared by Student's t, shares by the binomial distribution, anything else by a p-value of its own.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from analysis.estimates import t_quantile

ROOT = Path(__file__).parents[2]

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
    "tests/mechanisms/test_agent_effects.py": Member(0.00020, 17),
    "tests/mechanisms/test_checks.py": Member(0.00040, 32),
    "tests/mechanisms/test_confidence.py": Member(0.00020, 19),
    "tests/mechanisms/test_discovery.py": Member(0.00010, 12),
    "tests/mechanisms/test_guards.py": Member(0.00005, 2),
    "tests/mechanisms/test_idempotence.py": Member(0.00005, 2),
    "tests/mechanisms/test_ladders.py": Member(0.00005, 3),
    "tests/mechanisms/test_propagation.py": Member(0.00030, 27),
    "tests/mechanisms/test_recovery.py": Member(0.00030, 24),
    "tests/mechanisms/test_retries.py": Member(0.00020, 17),
    "tests/mechanisms/test_review.py": Member(0.00010, 10),
    "tests/mechanisms/test_stages.py": Member(0.00030, 25),
    "tests/mechanisms/test_topologies.py": Member(0.00005, 1),
    "tests/mechanisms/test_workload.py": Member(0.00010, 6),
    "tests/soak/test_long_runs.py": Member(0.00010, 2),
    "tests/statistics/test_bias.py": Member(0.00020, 2),
    "tests/statistics/test_coverage.py": Member(0.00010, 8),
    "tests/statistics/test_family.py": Member(0.00010, 1),
    "tests/statistics/test_pairing.py": Member(0.00010, 4),
    "tests/theory/test_chains.py": Member(0.00010, 4),
    "tests/theory/test_queues.py": Member(0.00300, 8),
    "tests/theory/test_topologies.py": Member(0.00110, 15),
    "tests/unit/test_benchmarks.py": Member(0.00015, 12),
    "tests/unit/test_chain_benchmark.py": Member(0.00015, 19),
    "tests/unit/test_chain_scenarios.py": Member(0.00010, 6),
    "tests/unit/test_chains.py": Member(0.00020, 18),
    "tests/unit/test_draws.py": Member(0.00060, 14),
    "tests/unit/test_forecast.py": Member(0.00060, 377),
    "tests/unit/test_forecast_workflows.py": Member(0.00060, 165),
    "tests/unit/test_inputs.py": Member(0.00005, 3),
    "tests/unit/test_precision.py": Member(0.00005, 2),
    "tests/unit/test_ranking.py": Member(0.00010, 12),
    "tests/unit/test_stability.py": Member(0.00010, 8),
    "tests/unit/test_uncertainty.py": Member(0.00005, 4),
    "tests/unit/test_warmup.py": Member(0.00005, 1),
}
"""All members; a test finds those that are missing. Where a test counts how often a promise is kept (coverage, pairing,
ranking, precision, stability, warm-up), the bounds are those of the claim that it checks; both looks together miss them
less often than the level by chance."""


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


Data = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Data, the probability of what is at least as far from the truth as they are, and what is claimed of it."""

    name: str
    data: Data
    p_value: Callable[[Data], float]
    differs: bool

    def with_more(self, others: list[Data]) -> Comparison:
        """The same comparison over its own data and those of other runs."""
        return Comparison(self.name, np.concatenate([self.data, *others]), self.p_value, self.differs)

    def holds(self, level: float) -> bool:
        """Whether the data are as the truth says, or surely are not where they must differ from it."""
        found = float(self.p_value(self.data))
        is_held = found < level if self.differs else found > level
        if not is_held:
            print(
                f"{self.name}: p = {found:.3g} at level {level:.3g}, mean {self.data.mean(axis=0)} of {len(self.data)}"
            )
        return is_held


@dataclass(slots=True)
class Look:
    """A run of a test on a seed, and what it compares; judged after the last run of the look."""

    seed: int
    comparisons: list[Comparison] = field(default_factory=list)

    def compare(
        self, data: ArrayLike, p_value: Callable[[Data], float], name: str = "data", *, differs: bool = False
    ) -> None:
        """Data against a truth by the p-value of all data of the look; `differs`: they must not agree with it."""
        self.comparisons.append(Comparison(name, np.asarray(data, dtype=float), p_value, differs))

    def share(self, hits: int, count: int, probability: float, *, differs: bool = False) -> None:
        """So many hits of a count against a probability (two-sided binomial); 0 and 1 leave no room for chance."""
        if probability in (0.0, 1.0):
            assert (hits == probability * count) is not differs
            return

        def p_value(data: Data) -> float:
            found, of = data.sum(axis=0)
            return float(stats.binomtest(int(found), int(of), probability).pvalue)

        self.compare([[hits, count]], p_value, f"a share of {probability:.4g}", differs=differs)

    def mean(self, values: ArrayLike, expected: float, name: str = "values") -> None:
        """The mean of independent values against what is expected (two-sided Student t)."""
        found = np.asarray(values, dtype=float)
        if len(found) < REPLICATIONS:
            raise ValueError(f"a mean is over {REPLICATIONS} values or more, got {len(found)}")
        if np.ptp(found) < 1e-12:
            assert abs(found[0] - expected) < 1e-6, name
            return
        self.compare(
            found,
            lambda data: float(stats.ttest_1samp(data, expected).pvalue),
            f"{name}, expected {expected:.6g}",
        )


MADE: dict[str, dict[str, int]] = {name: {} for name in MEMBERS}
"""Comparisons of the tests that have run so far, by member."""


def statistical(test: Callable[..., None]) -> Callable[..., None]:
    """A test whose first argument is its look: what it compares has a second look, what it asserts has none."""
    member = Path(test.__code__.co_filename).relative_to(ROOT).as_posix()

    def judged(given: dict[str, Any], seed: int, times: int) -> bool:
        looks = [Look(seed + run) for run in range(times)]
        for look in looks:
            test(look, **given)
        first, *others = (look.comparisons for look in looks)
        _count(member, f"{test.__name__} {given}", len(first))
        merged = [
            own.with_more([other.data for other in more]) for own, *more in zip(first, *others, strict=True)
        ]
        verdicts = [comparison.holds(MEMBERS[member].level) for comparison in merged]
        return all(verdicts)

    @functools.wraps(test)
    def looked_at(**given: Any) -> None:
        assert holds(functools.partial(judged, given))

    _, *parameters = inspect.signature(test).parameters.values()
    vars(looked_at)["__signature__"] = inspect.Signature(parameters)
    return looked_at


def _count(member: str, test: str, comparisons: int) -> None:
    """Add the comparisons of a test; a member makes no more than it shares its part of the error among."""
    MADE[member][test] = comparisons
    assert sum(MADE[member].values()) <= MEMBERS[member].comparisons, f"{member} makes more comparisons"

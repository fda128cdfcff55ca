"""Estimates: from the numbers of replications to a value with its interval.

A mean has Student's t interval. A ratio such as cost per successful task is total over total, and its
interval comes from the jackknife that leaves out one replication at a time (Quenouille 1956, Tukey 1958); so
do those of the difference and the quotient of two ratios on the same draws. Intervals cover 95 % unless said
otherwise. What common draws buy is the variance of a difference without them over that with them (Glasserman and
Yao 1992, "Some guidelines and guarantees for common random numbers").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from analysis.format import estimated_number, significant

CONFIDENCE = 0.95
"""Share of intervals that cover the true value in the long run."""
FEWEST_FOR_CLAIMS = 10
"""Replications from which on an interval supports a claim."""
INSUFFICIENT = "insufficient data"
"""Note of an estimate without an interval: it is undefined in a replication, or without one of them."""
UNDEFINED = "undefined"
"""Note of an estimate without a value."""
ONE_REPLICATION = "one replication: no interval"
LOWER_BOUND = "lower bound: unfinished tasks"
"""Note of an estimate whose value is at least this; no interval."""

Totals = Sequence[tuple[int | None, int]]
"""Numerator and denominator of each replication; a numerator is None where it is undefined."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value over replications and its interval; None for what cannot be given, and a note that says why."""

    value: float | None
    low: float | None
    high: float | None
    replications: int
    note: str = ""

    def __str__(self) -> str:
        """The value with its interval, in the metric's own unit: `4.31 [4.02, 4.60]`; the note where one is missing."""
        if self.value is None:
            return f"{UNDEFINED}: {self.note}" if self.note not in ("", UNDEFINED) else UNDEFINED
        if self.low is None or self.high is None:
            return f"{significant(self.value)} ({self.note})" if self.note else significant(self.value)
        return " ".join(estimated_number(self.value, self.low, self.high))

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval."""
        return self.low is not None

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def supports_claims(self) -> bool:
        """Whether there are enough replications, and an interval, to claim anything."""
        return self.has_interval and self.replications >= FEWEST_FOR_CLAIMS


def within(estimate: Estimate, low: float, high: float | None) -> Estimate:
    """The estimate with its interval cut to what is possible, such as 0 to 1 for a share."""
    if estimate.low is None or estimate.high is None:
        return estimate
    top = estimate.high if high is None else min(estimate.high, high)
    return replace(estimate, low=max(estimate.low, low), high=top)


def mean(values: Sequence[float | None], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of one number per replication, with Student's t interval."""
    known = [value for value in values if value is not None]
    count = len(values)
    if not known:
        return Estimate(None, None, None, count, UNDEFINED)
    centre = math.fsum(known) / len(known)
    if len(known) < count:
        return Estimate(centre, None, None, count, INSUFFICIENT)
    if count < 2:
        return Estimate(centre, None, None, count, ONE_REPLICATION)
    variance = math.fsum((value - centre) ** 2 for value in known) / (count - 1)
    return _interval(centre, math.sqrt(variance / count), count, confidence)


def ratio(totals: Totals) -> Estimate:
    """Total over total, with the jackknife's interval."""
    return _jackknife(len(totals), _Ratio(totals))


def lower_bound(totals: Totals) -> Estimate:
    """Total over total where a replication knows a lower bound only."""
    value = _Ratio(totals)(None)
    return Estimate(value, None, None, len(totals), LOWER_BOUND if value is not None else UNDEFINED)


def paired_difference(first: Totals, second: Totals, confidence: float = CONFIDENCE) -> Estimate:
    """First ratio less second, both of the same replications."""
    return _of_two(first, second, lambda one, other: one - other, confidence)


def unpaired_difference(first: Totals, second: Totals, confidence: float = CONFIDENCE) -> Estimate:
    """First ratio less second as if their draws had nothing in common, with Welch's degrees of freedom (1947)."""
    one, other = _Ratio(first)(None), _Ratio(second)(None)
    count = min(len(first), len(second))
    if one is None or other is None:
        return Estimate(None, None, None, count, UNDEFINED)
    parts = [(ratio_variance(totals), len(totals) - 1) for totals in (first, second)]
    known = [(variance, freedom) for variance, freedom in parts if variance is not None]
    if len(known) < 2:
        return Estimate(one - other, None, None, count, ONE_REPLICATION if count < 2 else INSUFFICIENT)
    variance = math.fsum(part for part, _ in known)
    spread = math.fsum(part * part / freedom for part, freedom in known)
    reach = t_quantile(variance**2 / spread, (1 + confidence) / 2) * math.sqrt(variance) if spread else 0.0
    return Estimate(one - other, one - other - reach, one - other + reach, count)


def ratio_variance(totals: Totals) -> float | None:
    """Squared standard error of total over total; None where it is undefined."""
    return _variance(len(totals), _Ratio(totals))


def variance_bought(first: Totals, second: Totals) -> float | None:
    """Variance of the difference of two ratios without common draws over that with them.

    Above 1 where pairing narrows the interval, by its square root. None where either is undefined, and where the
    paired difference does not vary at all, as between identical configurations.
    """
    parts = [ratio_variance(first), ratio_variance(second)]
    known = [part for part in parts if part is not None]
    paired = _variance(len(first), _pair(first, second, lambda one, other: one - other))
    return math.fsum(known) / paired if len(known) == 2 and paired else None


def pseudo_values(totals: Totals) -> list[float] | None:
    """What each replication adds to total over total by the jackknife; None where one cannot be left out.

    Their mean is near the ratio, and they vary and covary as if the ratio were a mean (Tukey 1958).
    """
    count, statistic = len(totals), _Ratio(totals)
    whole = statistic(None)
    without = [part for part in map(statistic, range(count)) if part is not None]
    if whole is None or count < 2 or len(without) < count:
        return None
    return [count * whole - (count - 1) * part for part in without]


def paired_quotient(first: Totals, second: Totals) -> Estimate:
    """First ratio over second, both of the same replications; undefined where the second is 0."""
    return _of_two(first, second, lambda one, other: one / other if other else None)


def _of_two(
    first: Totals,
    second: Totals,
    combine: Callable[[float, float], float | None],
    confidence: float = CONFIDENCE,
) -> Estimate:
    return _jackknife(len(first), _pair(first, second, combine), confidence)


def _pair(
    first: Totals, second: Totals, combine: Callable[[float, float], float | None]
) -> Callable[[int | None], float | None]:
    """What two ratios come to together, of all replications or without one; raises ValueError for no pair."""
    if len(first) != len(second):
        raise ValueError(f"a pair has the same replications, got {len(first)} and {len(second)}")
    one, other = _Ratio(first), _Ratio(second)

    def statistic(left_out: int | None) -> float | None:
        a, b = one(left_out), other(left_out)
        return None if a is None or b is None else combine(a, b)

    return statistic


class _Ratio:
    """Total over total, of all replications or without one; None where it is undefined."""

    def __init__(self, totals: Totals) -> None:
        self._numerators = [numerator for numerator, _ in totals if numerator is not None]
        self._denominators = [denominator for _, denominator in totals]
        self._is_defined = len(self._numerators) == len(totals)
        self._numerator, self._denominator = sum(self._numerators), sum(self._denominators)

    def __call__(self, left_out: int | None) -> float | None:
        if not self._is_defined:
            return None
        numerator, denominator = self._numerator, self._denominator
        if left_out is not None:
            numerator -= self._numerators[left_out]
            denominator -= self._denominators[left_out]
        return numerator / denominator if denominator else None


def _jackknife(
    count: int, statistic: Callable[[int | None], float | None], confidence: float = CONFIDENCE
) -> Estimate:
    """The statistic of all replications, and an interval from those without one."""
    value = statistic(None)
    if value is None:
        return Estimate(None, None, None, count, UNDEFINED)
    if count < 2:
        return Estimate(value, None, None, count, ONE_REPLICATION)
    variance = _variance(count, statistic)
    if variance is None:
        return Estimate(value, None, None, count, INSUFFICIENT)
    return _interval(value, math.sqrt(variance), count, confidence)


def _variance(count: int, statistic: Callable[[int | None], float | None]) -> float | None:
    """The jackknife's squared standard error; None where the statistic is undefined without some replication."""
    without = [part for part in map(statistic, range(count)) if part is not None]
    if count < 2 or len(without) < count:
        return None
    centre = math.fsum(without) / count
    return (count - 1) / count * math.fsum((part - centre) ** 2 for part in without)


def _interval(value: float, error: float, count: int, confidence: float = CONFIDENCE) -> Estimate:
    reach = t_quantile(count - 1, (1 + confidence) / 2) * error
    return Estimate(value, value - reach, value + reach, count)


def binomial_interval(hits: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934) for the probability of what happened in `hits` of `count` cases.

    It covers with the stated confidence or more. Raises ValueError without a case, or for more hits than cases.
    """
    from scipy.special import betaincinv

    if not 0 <= hits <= count or count < 1:
        raise ValueError(
            f"hits are from 0 to the cases, of which there is one at least; got {hits} of {count}"
        )
    out = (1 - confidence) / 2
    low = float(betaincinv(hits, count - hits + 1, out)) if hits else 0.0
    high = float(betaincinv(hits + 1, count - hits, 1 - out)) if hits < count else 1.0
    return low, high


def t_quantile(freedom: float, share: float) -> float:
    """The value that Student's t with so many degrees of freedom does not exceed with probability `share`."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))

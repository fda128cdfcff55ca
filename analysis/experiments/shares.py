"""Shares at their limits: what is known of the next case when all cases came out alike."""

from __future__ import annotations

from dataclasses import replace

from analysis.estimates import Estimate, Totals, binomial_interval
from analysis.metrics import Metric

PER_CASE = {"share": 1.0, "per task": 1.0, "per 1,000": 1000.0}
"""Units of metrics that count cases, and the value of one that holds in every case."""
MEASURED = ("utilisation", "utilisation_agents", "cfr_analytic")
"""Shares of time and of probability, which count no cases."""


def cases_alike(metric: Metric, totals: Totals) -> int | None:
    """How many cases there were where it was none of them, or all of a share; None for anything else."""
    if metric.unit not in PER_CASE or metric.name in MEASURED:
        return None
    hits, cases = sum(hits or 0 for hits, _ in totals), sum(cases for _, cases in totals)
    is_alike = hits == 0 or (metric.unit == "share" and hits == cases)
    return cases if is_alike and cases > 0 else None


def probability_above(bound: float, metric: Metric, value: float, cases: int) -> float:
    """Probability that the true value is above a bound, when all cases came out alike.

    Clopper and Pearson's (1934): how often as many cases alike come about at most, if the true value is at the bound.
    """
    limit = min(bound / PER_CASE[metric.unit], 1.0)
    return float((1 - limit) ** cases) if value == 0.0 else float(1 - limit**cases)


def at_limit(metric: Metric, found: Estimate, totals: Totals) -> Estimate:
    """The estimate, with Clopper and Pearson's interval in place of one without width where all cases are alike.

    It takes the cases of all replications for independent, as nothing that varies says otherwise.
    """
    cases = cases_alike(metric, totals) if found.half_width == 0.0 else None
    if cases is None:
        return found
    scale = PER_CASE[metric.unit]
    low, high = binomial_interval(cases if found.value else 0, cases)
    return replace(found, low=scale * low, high=scale * high)

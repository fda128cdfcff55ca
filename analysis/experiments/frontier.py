"""The frontier: points that no other is at least as good as in everything and better in something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.experiments.results import estimate_of
from analysis.metrics import Metric, Tally, metric_of

BESIDE_COST = ("wrong_per_1000", "sla_share")
"""What a comparison weighs cost against."""


def frontier(variants: Mapping[str, Sequence[Tally]], cost: Metric) -> tuple[str, ...]:
    """The variants that are not dominated in cost, wrong deliveries and service level, by their estimates.

    What is undefined for every variant is left out; a variant for which something is undefined that others have
    cannot dominate.
    """
    metrics = (cost, *map(metric_of, BESIDE_COST))
    points = [point_of(metrics, tallies) for tallies in variants.values()]
    return tuple(name for name, is_out in zip(variants, dominated(points), strict=True) if not is_out)


def point_of(metrics: Sequence[Metric], tallies: Sequence[Tally]) -> list[float]:
    """The estimates of some metrics, turned so that smaller is better; infinite where one is undefined."""
    return [_smaller_is_better(metric, tallies) for metric in metrics]


def dominated(points: Sequence[Sequence[float]]) -> list[bool]:
    """Whether some other point dominates each of the points."""
    return [any(dominates(other, point) for other in points) for point in points]


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether `one` is nowhere larger than `other` and somewhere smaller; equal points do not dominate each other."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)


def _smaller_is_better(metric: Metric, tallies: Sequence[Tally]) -> float:
    value = estimate_of(metric, tallies).value
    if value is None:
        return float("inf")
    return -value if metric.direction == "higher" else value

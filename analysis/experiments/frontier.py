"""The frontier: variants that no other is at least as good as in everything and better in something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.experiments.results import estimate_of
from analysis.metrics import Metric, Tally, metric_of

BESIDE_COST = ("wrong_per_1000", "sla_share")
"""What the frontier weighs cost against."""


def frontier(variants: Mapping[str, tuple[Tally, ...]], cost: Metric) -> tuple[str, ...]:
    """The variants that are not dominated in cost, wrong deliveries and service level, by their estimates.

    What is undefined for every variant is left out; a variant for which something is undefined that others have
    cannot dominate.
    """
    metrics = (cost, *map(metric_of, BESIDE_COST))
    points = {
        name: [_smaller_is_better(metric, tallies) for metric in metrics]
        for name, tallies in variants.items()
    }
    return tuple(
        name
        for name, point in points.items()
        if not any(dominates(other, point) for other in points.values())
    )


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether `one` is nowhere larger than `other` and somewhere smaller."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)


def _smaller_is_better(metric: Metric, tallies: tuple[Tally, ...]) -> float:
    value = estimate_of(metric, tallies).value
    if value is None:
        return float("inf")
    return -value if metric.direction == "higher" else value

"""Until the best is known: whether the replications so far single out one variant."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.estimates import CONFIDENCE
from analysis.experiments.comparison import Comparison
from analysis.experiments.results import totals_of
from analysis.metrics.table import quotient
from analysis.ranking import kim_nelson

MOST = 1000
"""Replications of each variant after which the search ends undecided, unless another number is given."""


@dataclass(frozen=True, slots=True)
class UntilBest:
    """When to stop replicating: the best is known surely enough, or there are replications or seconds enough."""

    indifference: float
    """By how much in the objective the best must be ahead for the promise to hold."""
    most: int = MOST
    """Replications of each variant to end with at the latest."""
    confidence: float = CONFIDENCE
    """How often of all such searches the one that is left is to be the best."""
    seconds: float | None = None
    """Seconds after which no more replications begin; what was done until then depends on the machine."""

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that are not above 0, and a confidence that is not from 0.5 to below 1."""
        if not 0.5 <= self.confidence < 1:
            raise ValueError(f"a confidence is from 0.5 to below 1, got {self.confidence:g}")
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError(f"a limit of time is above 0, got {self.seconds:g} seconds")
        if not self.indifference > 0 or self.most < 1:
            raise ValueError(
                f"the indifference and the most replications are above 0, got {self.indifference} and {self.most}"
            )


def still_in_the_race(comparison: Comparison, until: UntilBest, first: int) -> tuple[str, ...]:
    """The variants that may still be the best, by Kim and Nelson's procedure on the objective of each replication.

    Only those that meet the conditions by their estimates are in it, and none when there is no rule. It needs an
    objective in every replication; without it all of them stay.
    """
    decision = comparison.decision
    admitted = tuple(name for name, standing in decision.standings.items() if standing.is_admitted)
    if decision.objective is None or len(admitted) < 2:
        return admitted
    rows = []
    for name in admitted:
        totals = totals_of(decision.objective, comparison.variants[name].tallies)
        values = [quotient(*pair) for pair in totals]
        rows.append([value for value in values if value is not None])
    if min(map(len, rows)) < comparison.replications:
        return admitted
    selected = kim_nelson(rows, first, until.indifference, until.confidence)
    return tuple(admitted[place] for place in selected.survivors)

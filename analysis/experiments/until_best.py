"""Until the best is known: whether the replications so far single out one variant."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.experiments.comparison import Comparison
from analysis.ranking import kim_nelson

MOST = 1000
"""Replications of each variant after which the search ends undecided, unless another number is given."""


@dataclass(frozen=True, slots=True)
class UntilBest:
    """When to stop replicating: the best is known with 95 %, or there are replications enough."""

    indifference: float
    """By how much in the objective the best must be ahead for the promise to hold."""
    most: int = MOST
    """Replications of each variant to end with at the latest."""

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that are not above 0."""
        if not self.indifference > 0 or self.most < 1:
            raise ValueError(
                f"the indifference and the most replications are above 0, got {self.indifference} and {self.most}"
            )


def still_in_the_race(comparison: Comparison, indifference: float, first: int) -> tuple[str, ...]:
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
        values = [decision.objective.value(tally) for tally in comparison.variants[name].tallies]
        rows.append([value for value in values if value is not None])
    if min(map(len, rows)) < comparison.replications:
        return admitted
    return tuple(admitted[place] for place in kim_nelson(rows, first, indifference).survivors)

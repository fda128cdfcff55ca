"""Until the best is known: whether the replications so far single out one variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.estimates import CONFIDENCE, Totals, ratio
from analysis.experiments.comparison import Comparison
from analysis.experiments.results import totals_of
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
    """The variants that may still be the best: those that `survivors` leaves of those that meet the conditions.

    None when there is no rule.
    """
    decision = comparison.decision
    admitted = tuple(name for name, standing in decision.standings.items() if standing.is_admitted)
    if decision.objective is None or len(admitted) < 2:
        return admitted
    totals = [totals_of(decision.objective, comparison.variants[name].tallies) for name in admitted]
    return tuple(admitted[place] for place in survivors(totals, until, first))


def survivors(systems: Sequence[Totals], until: UntilBest, first: int) -> tuple[int, ...]:
    """Which systems may still have the smallest total over total, by place.

    Those that Kim and Nelson's procedure leaves, and the one that is ahead over all replications: where that is
    another one, the procedure and the estimates do not agree yet, and the search is not over. Raises ValueError for a
    system whose ratio is undefined.
    """
    rows = [linearised(totals) for totals in systems]
    selected = kim_nelson(rows, first, until.indifference, until.confidence)
    ratios = [ratio(totals).value or 0.0 for totals in systems]
    ahead = min(range(len(systems)), key=ratios.__getitem__)
    return tuple(sorted({*selected.survivors, ahead}))


def linearised(totals: Totals) -> list[float]:
    """What each replication adds to total over total, so that the mean of it is that ratio: R + (n - R d) / mean d.

    The first terms of the ratio's expansion around its totals (Cochran 1977, section 2.11). A replication without
    successes has a number like any other. Raises ValueError where the ratio is undefined.
    """
    whole = ratio(totals).value
    if whole is None:
        raise ValueError("a ratio that is undefined has no contributions of replications")
    centre = sum(below for _, below in totals) / len(totals)
    return [whole + ((above or 0) - whole * below) / centre for above, below in totals]

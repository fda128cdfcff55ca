"""A metric: what a number is called, its unit, which way is better, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from analysis.metrics.labels import head_of, label_of
from analysis.metrics.tally import Part, Tally

MONEY = "currency"
"""Unit of a metric that is an amount in the scenario's currency."""

OURS = "this project"
"""Source of a metric that no source defines."""

Direction = Literal["lower", "higher"] | None


@dataclass(frozen=True, slots=True)
class PartMetric:
    """A metric of the cohort tasks of one type, or of all: the quotient of two integers."""

    numerator: Callable[[Part], int | None]
    denominator: Callable[[Part], int]
    is_bound: Callable[[Part], bool]
    """Whether unfinished tasks make the number a lower bound."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a replication: the quotient of two integers."""

    name: str
    unit: str
    """`currency`, `share` (0 to 1), `s`, `min`, or what is counted."""
    direction: Direction
    """Which way is better; None where that depends."""
    definition: str
    numerator: Callable[[Tally], int | None]
    """None where the number is undefined."""
    denominator: Callable[[Tally], int]
    """0 where the number is undefined."""
    is_bound: Callable[[Tally], bool] = lambda tally: False
    """Whether unfinished tasks make the number a lower bound."""
    of_part: PartMetric | None = None
    """The same number for one task type, where it has one."""
    source: str = OURS
    """Where the definition comes from: a section of the playbook, a row of `docs/mechanisms.md`, or a publication."""

    @property
    def label(self) -> str:
        """The metric in words."""
        return label_of(self.name)

    @property
    def head(self) -> str:
        """The metric in words for the head of a narrow column."""
        return head_of(self.name)

    def value(self, tally: Tally) -> float | None:
        """The number of one replication; None where it is undefined, never 0 or infinity in its place."""
        return quotient(self.numerator(tally), self.denominator(tally))

    def unit_in(self, currency: str) -> str:
        """The unit, with the currency's code for an amount."""
        return self.unit.replace(MONEY, currency)


def quotient(numerator: int | None, denominator: int) -> float | None:
    """The quotient of two integers, rounded once; None where it is undefined."""
    return None if numerator is None or denominator == 0 else numerator / denominator


def cohort(
    name: str, unit: str, direction: Direction, definition: str,
    numerator: Callable[[Part], int | None], denominator: Callable[[Part], int],
    is_bound: Callable[[Part], bool] = lambda part: False, source: str = OURS,
) -> Metric:  # fmt: skip
    """A metric of the cohort's tasks, of all or of one type."""
    return Metric(
        name, unit, direction, definition,
        lambda tally: numerator(tally.cohort), lambda tally: denominator(tally.cohort),
        lambda tally: is_bound(tally.cohort), PartMetric(numerator, denominator, is_bound), source,
    )  # fmt: skip

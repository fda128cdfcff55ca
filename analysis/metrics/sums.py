"""Sums of integers that are exact whatever their number and size."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import add

import numpy as np

from sim.log.columns import Integers

_LOW_BITS = 32
_LOW = np.int64((1 << _LOW_BITS) - 1)


def total(values: Iterable[int]) -> int:
    """The sum of some of Python's integers."""
    return reduce(add, values, 0)


def exact_sum(values: Integers) -> int:
    """The sum of up to 2^31 integers, in parts that cannot overflow."""
    return (int((values >> _LOW_BITS).sum()) << _LOW_BITS) + int((values & _LOW).sum())


class Sums:
    """A row of sums, each kept as a high and a low part: up to 2^31 integers fit in every one."""

    def __init__(self, size: int) -> None:
        """Sums that are all 0."""
        self._parts = np.zeros((2, size), np.int64)

    def add(self, places: Integers, values: Integers) -> None:
        """Adds each value to the sum at its place."""
        np.add.at(self._parts[0], places, values >> _LOW_BITS)
        np.add.at(self._parts[1], places, values & _LOW)

    def totals(self) -> list[int]:
        """The sums so far."""
        high, low = self._parts.tolist()
        return [(upper << _LOW_BITS) + lower for upper, lower in zip(high, low, strict=True)]

    def grouped(self, width: int) -> list[tuple[int, ...]]:
        """The sums so far, cut into groups of `width`."""
        totals = self.totals()
        return [tuple(totals[place : place + width]) for place in range(0, len(totals), width)]


class Counts:
    """A row of counts."""

    def __init__(self, size: int) -> None:
        """Counts that are all 0."""
        self._counts = np.zeros(size, np.int64)

    def add(self, places: Integers) -> None:
        """Counts each place once."""
        self._counts += np.bincount(places, minlength=len(self._counts))

    def totals(self) -> list[int]:
        """The counts so far."""
        totals: list[int] = self._counts.tolist()
        return totals

    def grouped(self, width: int) -> list[tuple[int, ...]]:
        """The counts so far, cut into groups of `width`."""
        totals = self.totals()
        return [tuple(totals[place : place + width]) for place in range(0, len(totals), width)]

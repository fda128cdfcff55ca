"""Axes: what an experiment varies, either through listed values or between two."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.uncertainty import Quantity, parse_quantity, written

DRAWN_DIGITS = 6
"""Significant digits of a drawn value."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Paths that take listed values, all of a row at a time."""

    paths: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    """In each row a value for every path."""


@dataclass(frozen=True, slots=True)
class Between:
    """A path that takes values between two, of one unit."""

    path: str
    low: Any
    high: Any
    is_log: bool = False
    """Whether equal ratios, not equal differences, are equally likely."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The one path."""
        return (self.path,)

    @property
    def is_whole(self) -> bool:
        """Whether both ends are whole numbers without a unit."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def value(self, u: float, is_whole: bool) -> int | float | str:
        """The value at a share u of the way from low to high, whole numbers equally likely where it is to be whole."""
        low, high = parse_quantity(self.low), parse_quantity(self.high)
        room = 1 if is_whole else 0
        top = high + room
        number = low * (top / low) ** u if self.is_log else low + u * (top - low)
        return math.floor(number) if is_whole else written(_rounded(number), low.unit)

    def problem(self) -> str:
        """What is wrong with the range; empty when nothing is."""
        low, high = quantity_of(self.low), quantity_of(self.high)
        if low is None or high is None or low.unit != high.unit:
            return f"a range has two numbers of one unit, got {self.low} and {self.high}"
        if low >= high:
            return f"a range goes from a smaller number to a larger, got {self.low} and {self.high}"
        return "a range by ratios starts above 0" if self.is_log and low <= 0 else ""


Axis = Listed | Between
"""One thing that is varied: its paths, and what they take."""


def quantity_of(value: Any) -> Quantity | None:
    """The number of a scenario's value with its unit; None for words, truth values and blocks."""
    try:
        return parse_quantity(value)
    except ValueError:
        return None


def axes_of(vary: Mapping[str | tuple[str, ...], Sequence[Any]]) -> Iterator[Axis]:
    """Axes from values by path, or rows of values by several paths that vary in lock step."""
    for paths, values in vary.items():
        if isinstance(paths, str):
            yield Listed((paths,), tuple((value,) for value in values))
        else:
            yield Listed(paths, tuple(tuple(row) for row in values))


def _rounded(number: float) -> float:
    return float(f"{number:.{DRAWN_DIGITS - 1}e}")

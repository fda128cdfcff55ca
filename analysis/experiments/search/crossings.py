"""Crossings: where along a line a difference with an interval changes its sign, and where to look next.

A crossing lies between two neighbours with differences of opposite sign. Its interval is the set of places around it
where the interval of the difference holds 0: it ends where the upper limit, or the lower one, crosses 0 itself
(inversion of the test, as in Fieller 1954). Crossings with nothing sure between them share their interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

FINER = 0.1
"""An end of the interval is looked for to this part of the interval's width."""
EVERY = 3
"""After so many places in the same bracket one is taken in its middle, whatever the line through its ends says."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A difference at one place, with its interval."""

    at: float
    value: float
    low: float | None
    """None where there is no interval."""
    high: float | None

    def side(self, sign: int) -> float:
        """The limit on the side of 0 for a difference of that sign: beyond 0 only when the difference is sure."""
        limit = self.low if sign > 0 else self.high
        return -sign * math.inf if limit is None else limit

    @property
    def sure_sign(self) -> int:
        """-1 or 1 where the interval leaves 0 out on that side, else 0."""
        return next((sign for sign in (-1, 1) if self.side(sign) * sign > 0), 0)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a difference changes its sign."""

    at: float
    """Place of the change; for whole numbers the first on the other side."""
    low: float | None
    """Where the interval begins: before it the difference is sure, with either sign; None when nowhere before."""
    high: float | None
    """Where it ends: after it the difference is sure, with either sign; None when nowhere after."""
    sign_before: int
    """-1 or 1: the difference before it has this sign, and after it the other."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a line where a difference keeps its sign."""

    sign: int
    start: Crossing | None
    """Where it begins; None for the beginning of the line."""
    end: Crossing | None
    is_sure: bool
    """Whether the difference is sure, with this sign, at any place in it."""


Bracket = tuple[tuple[float, float], tuple[float, float]]
"""Two places with the values there, of opposite sign."""
Curve = Callable[[Reading], float]


def crossings(readings: Sequence[Reading], is_whole: bool) -> tuple[Crossing, ...]:
    """Every change of sign between neighbours, in order of place; equal differences of 0 lie within one."""
    found = []
    for before, after in _changes(readings):
        sign = 1 if before.value > 0 else -1
        left, right = _end(readings, before.at, -1), _end(readings, after.at, 1)
        zeros = [part.at for part in readings if before.at < part.at < after.at]
        bracket = (before.at, before.value), (after.at, after.value)
        at = after.at if is_whole else (zeros[0] + zeros[-1]) / 2 if zeros else _root(bracket)
        low, high = (
            None if end is None else _at_end(end, is_whole, is_left)
            for end, is_left in ((left, True), (right, False))
        )
        found.append(Crossing(at, low, high, sign))
    return tuple(found)


def stretches(readings: Sequence[Reading], found: Sequence[Crossing]) -> tuple[Stretch, ...]:
    """What lies between the crossings of these readings, in order of place; empty without a crossing."""
    if not found:
        return ()
    ends = [None, *found, None]
    signs = [found[0].sign_before, *(-part.sign_before for part in found)]
    parts = []
    for sign, start, end in zip(signs, ends[:-1], ends[1:], strict=True):
        inside = [
            part
            for part in readings
            if (start is None or part.at >= start.at) and (end is None or part.at <= end.at)
        ]
        parts.append(Stretch(sign, start, end, any(part.sure_sign == sign for part in inside)))
    return tuple(parts)


def _at_end(bracket: Bracket, is_whole: bool, is_left: bool) -> float:
    """Where an interval ends: where its limit crosses 0, or the whole number from which on it is sure."""
    if is_whole:
        return bracket[0][0] if is_left else bracket[1][0]
    return _root(bracket)


def next_place(readings: Sequence[Reading], tolerance: float, is_whole: bool) -> float | None:
    """Where to look next so that every crossing and every end of its interval becomes exact enough.

    None when they are: a crossing to the tolerance, an end to that or a tenth of the interval, whole numbers exactly.
    """
    for bracket, width in _brackets(readings, tolerance, is_whole):
        inside = sum(bracket[0][0] <= part.at <= bracket[1][0] for part in readings)
        if bracket[1][0] - bracket[0][0] > width and inside == 2:
            return _between(bracket, width, is_whole, len(readings) % EVERY == 0)
    return None


def _brackets(
    readings: Sequence[Reading], tolerance: float, is_whole: bool
) -> Iterator[tuple[Bracket, float]]:
    """What holds a crossing or an end of its interval, and how wide it may stay."""
    finest = 1.0 if is_whole else tolerance
    changes = list(_changes(readings))
    for before, after in changes:
        yield ((before.at, before.value), (after.at, after.value)), finest
    for crossing, (before, after) in zip(crossings(readings, is_whole), changes, strict=True):
        wide = finest
        if not is_whole and crossing.low is not None and crossing.high is not None:
            wide = max(finest, FINER * (crossing.high - crossing.low))
        for end in (_end(readings, before.at, -1), _end(readings, after.at, 1)):
            if end is not None:
                yield end, wide


def _changes(readings: Sequence[Reading]) -> Iterator[tuple[Reading, Reading]]:
    """Neighbours with differences of opposite sign, zeros left out."""
    known = [part for part in readings if part.value != 0.0]
    return ((one, other) for one, other in pairwise(known) if (one.value > 0) != (other.value > 0))


def _end(readings: Sequence[Reading], start: float, way: int) -> Bracket | None:
    """The bracket in which the difference becomes sure, with either sign, going that way from next to a crossing."""
    path = [part for part in readings if (part.at - start) * way >= 0][::way]
    inner = next((part for part in readings[::-way] if (part.at - start) * way < 0), None)
    for part in path:
        if (sign := part.sure_sign) and inner is not None:
            pair = (inner.at, _finite(inner, sign)), (part.at, part.side(sign))
            return pair if way > 0 else pair[::-1]
        inner = part
    return None


def _finite(reading: Reading, sign: int) -> float:
    """The limit of a difference that is not sure; next to it, where there is none."""
    limit = reading.side(sign)
    return limit if math.isfinite(limit) else reading.value


def _root(bracket: Bracket) -> float:
    """Where the straight line through both ends is 0."""
    (a, low), (b, high) = bracket
    return a if low == high else a + (b - a) * (low / (low - high))


def _between(bracket: Bracket, width: float, is_whole: bool, in_middle: bool) -> float:
    """A place inside a bracket: near where the straight line says, so that what is left on one side is narrow."""
    first, last = bracket[0][0], bracket[1][0]
    if is_whole:
        guess = (first + last) // 2 if in_middle else math.floor(_root(bracket))
        return float(min(max(guess, first + 1), last - 1))
    if in_middle:
        return (first + last) / 2
    return (
        min(max(_root(bracket), first + width), last - width)
        if last - first > 2 * width
        else (first + last) / 2
    )

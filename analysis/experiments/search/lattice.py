"""Searches for the least that passes, on a line and on a lattice of whole numbers.

What passes is asked of a function that names the conditions a point fails. Every point counts from 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product

Point = tuple[int, ...]
"""A place on the lattice: how far along each axis."""
Failed = Callable[[Point], Sequence[str]]
"""Names of the conditions that a point does not meet; none when it passes."""
SMALL_BOX = 32
"""Lattices of at most so many points are tried as a whole."""


def least_on_line(failed: Callable[[int], Sequence[str]], count: int, start: int) -> int | None:
    """The least of 0 .. `count` - 1 that passes, where the one before it was tried and fails.

    Steps of 1, 2, 4, ... from `start`, up and then down, find one that passes; halving finds the least below it. A
    window between points that fail different conditions is looked for too. None when nothing that was tried passes.
    """
    tried: dict[int, Sequence[str]] = {}

    def passes(place: int) -> bool:
        if place not in tried:
            tried[place] = failed(place)
        return not tried[place]

    if not any(passes(place) for place in _outwards(start, count)):
        _look_for_a_window(tried, passes)
    while passing := [place for place in tried if not tried[place]]:
        least = min(passing)
        below = max((place for place in tried if place < least), default=-1)
        if below == least - 1:
            return least
        passes((below + least) // 2)
    return None


def _outwards(start: int, count: int) -> Iterator[int]:
    """The start, then ever further from it up to the last, then down to the first."""
    yield start
    for last, sign in ((count - 1, 1), (0, -1)):
        step, place = 1, start
        while place != last:
            place = min(start + step, last) if sign > 0 else max(start - step, last)
            yield place
            step *= 2


def _look_for_a_window(tried: dict[int, Sequence[str]], passes: Callable[[int], bool]) -> None:
    """Halves between neighbours that fail for different reasons, until one passes or none can."""
    for low, high in pairwise(sorted(tried)):
        while high - low > 1 and not _share(tried[low], tried[high]):
            middle = (low + high) // 2
            if passes(middle):
                return
            low, high = (middle, high) if _share(tried[middle], tried[low]) else (low, middle)


def _share(one: Sequence[str], other: Sequence[str]) -> bool:
    return any(name in other for name in one)


def least_point(
    failed: Failed, sizes: Sequence[int], start: Point, cost: Callable[[Point], float]
) -> Point | None:
    """A point that passes and costs least, as far as it was looked for; None when nothing that was tried passes.

    A small lattice is tried as a whole. In a larger one no single step down from the answer passes, and no
    exchange of one step up for steps down elsewhere costs less.
    """
    if math.prod(sizes) <= SMALL_BOX:
        passing = [point for point in product(*map(range, sizes)) if not failed(point)]
        return min(passing, key=lambda point: (cost(point), sum(point), point), default=None)
    found = _first_that_passes(failed, sizes, start)
    if found is None:
        return None
    found = _descended(failed, found)
    while (better := _exchanged(failed, sizes, found, cost)) is not None:
        found = better
    return found


def steps_down(point: Point) -> list[Point]:
    """The points one step below along each axis, where there are any."""
    return [_moved(point, axis, place - 1) for axis, place in enumerate(point) if place > 0]


def _first_that_passes(failed: Failed, sizes: Sequence[int], start: Point) -> Point | None:
    """The least that passes along the diagonal through the start, cut off at the walls."""
    before = max(start)
    after = max(size - 1 - place for size, place in zip(sizes, start, strict=True))

    def on_diagonal(step: int) -> Point:
        moved = (place + step - before for place in start)
        return tuple(min(max(place, 0), size - 1) for place, size in zip(moved, sizes, strict=True))

    found = least_on_line(lambda step: failed(on_diagonal(step)), before + after + 1, before)
    return None if found is None else on_diagonal(found)


def _descended(failed: Failed, point: Point, kept: int = -1) -> Point:
    """From a point that passes, down axis by axis until no single step down passes; the axis `kept` stays."""
    while True:
        before = point
        for axis in range(len(point)):
            if axis != kept:
                point = _lowered(failed, point, axis)
        if point == before:
            return point


def _lowered(failed: Failed, point: Point, axis: int) -> Point:
    """The least along one axis that passes, from a point that passes."""
    place = point[axis]
    if place == 0 or failed(_moved(point, axis, place - 1)):
        return point
    least = least_on_line(lambda other: failed(_moved(point, axis, other)), place, place - 1)
    assert least is not None
    return _moved(point, axis, least)


def _exchanged(
    failed: Failed, sizes: Sequence[int], point: Point, cost: Callable[[Point], float]
) -> Point | None:
    """A cheaper point by one step up along an axis and steps down along others; None when there is none."""
    for axis, size in enumerate(sizes):
        raised = _moved(point, axis, point[axis] + 1)
        if raised[axis] == size or failed(raised):
            continue
        lowered = _descended(failed, raised, kept=axis)
        if lowered != raised and cost(lowered) < cost(point):
            return lowered
    return None


def _moved(point: Point, axis: int, place: int) -> Point:
    return (*point[:axis], place, *point[axis + 1 :])

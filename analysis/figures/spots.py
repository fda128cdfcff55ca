"""Spots for labels: the nearest that cover neither each other nor what is drawn, reckoned in points on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

NEAR, FAR = (3.5, 11.5, 23.5, 37.5), 5.0
"""Points between a label and the edge of what it names, tried in this order; from where on a line joins the two."""
COLUMNS, ROWS = 9, 14
"""Spots all over the Axes, for labels that find none near what they name."""
KEPT = 70
"""Spots of each label that are tried beside those of the others, the best ones by themselves."""
ROUNDS = 4
"""How often each label may look for a better spot once all have one."""
COVERING, COLLIDING, CROSSING, ASTRAY = 10.0, 1000.0, 25.0, 15.0
"""Points of distance that are as bad as a square point of something covered, or of another label; as a line that
crosses another label, its line or its point; as a label that is nearer to another point than to its own."""

Point = tuple[float, float]
"""A place on Axes, as data or in points."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in points."""

    left: float
    low: float
    right: float
    high: float

    @cached_property
    def middle(self) -> Point:
        """Its middle."""
        return (self.left + self.right) / 2, (self.low + self.high) / 2

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.high, other.high) - max(self.low, other.low)
        return max(width, 0.0) * max(height, 0.0)

    def is_met_by(self, start: Point, end: Point) -> bool:
        """Whether a straight line comes into it (Liang and Barsky's clipping)."""
        first, last = 0.0, 1.0
        for place, low, high in ((0, self.left, self.right), (1, self.low, self.high)):
            way = end[place] - start[place]
            if not way:
                if not low < start[place] < high:
                    return False
                continue
            ends = sorted(((low - start[place]) / way, (high - start[place]) / way))
            first, last = max(first, ends[0]), min(last, ends[1])
        return first < last


@dataclass(frozen=True)
class Named:
    """What a label names, and the room that the label takes."""

    at: Point
    radius: float
    width: float
    height: float

    @cached_property
    def box(self) -> Box:
        """What the named shape covers."""
        (x, y), far = self.at, self.radius
        return Box(x - far, y - far, x + far, y + far)


@dataclass(frozen=True)
class Spot:
    """Where a label may stand, how far from what it names, and how bad that is by itself."""

    box: Box
    distance: float
    cost: float

    @property
    def is_far(self) -> bool:
        """Whether a line joins the label and what it names."""
        return self.distance > FAR


def spots_for(named: Sequence[Named], taken: Sequence[Box], frame: Box) -> list[Spot]:
    """A spot inside the frame for each label: near what it names and clear of the rest where there is room.

    Each label in its turn takes the best that is left, from the top or from either side; then each looks again.
    """
    covered = [*taken, *(one.box for one in named)]
    choices = [_choices(one, named, covered, frame) for one in named]
    turns = [sorted(range(len(named)), key=key) for key in (
        lambda number: -named[number].at[1], lambda number: named[number].at[0], lambda number: -named[number].at[0],
    )]  # fmt: skip
    found = [_settled(named, choices, turn) for turn in turns]
    return min(found, key=lambda spots: _total(named, spots))


def _choices(one: Named, named: Sequence[Named], taken: Sequence[Box], frame: Box) -> list[Spot]:
    """Spots of a label around what it names and all over the frame, the best by themselves."""
    wide, high = one.width, one.height
    around = [(box, near) for near in NEAR for box in _around(one, one.radius + near)]
    lefts = (frame.left + (frame.right - frame.left - wide) * step / (COLUMNS - 1) for step in range(COLUMNS))
    lows = [frame.low + (frame.high - frame.low - high) * step / (ROWS - 1) for step in range(ROWS)]
    others = [Box(left, low, left + wide, low + high) for left in lefts for low in lows]
    around += [(box, max(_distance(box, one), FAR + NEAR[0])) for box in others]
    rest = [other for other in named if other is not one]
    found = []
    for box, far in around:
        astray = sum(_distance(box, other) < far for other in rest)
        found.append(Spot(box, far, far + ASTRAY * astray + _badness(box, taken, frame)))
    return sorted(found, key=lambda spot: spot.cost)[:KEPT]


def _badness(box: Box, taken: Sequence[Box], frame: Box) -> float:
    outside = (box.right - box.left) * (box.high - box.low) - box.overlap(frame)
    return COLLIDING * outside + COVERING * sum(box.overlap(other) for other in taken)


def _around(one: Named, near: float) -> list[Box]:
    """Right, left, above and below of a point, and between these."""
    (x, y), width, height = one.at, one.width, one.height
    lefts = (x + near, x - near - width, x - width / 2)
    lows = (y + 0.6 * near - 2, y - 0.6 * near + 2 - height, y - height / 2)
    corners = [(left, low) for left in lefts[:2] for low in (lows[2], lows[0], lows[1])]
    corners += [(lefts[2], y + near), (lefts[2], y - near - height)]
    return [Box(left, low, left + width, low + height) for left, low in corners]


def _distance(box: Box, one: Named) -> float:
    """From the edge of a shape to the nearest edge of a box."""
    x, y = one.at
    across, up = max(box.left - x, x - box.right, 0.0), max(box.low - y, y - box.high, 0.0)
    return float((across * across + up * up) ** 0.5) - one.radius


def _settled(named: Sequence[Named], choices: Sequence[Sequence[Spot]], turn: Sequence[int]) -> list[Spot]:
    """Spots taken in turn, and taken again until no label finds a better one."""
    chosen: dict[int, Spot] = {}
    for _ in range(1 + ROUNDS):
        before = dict(chosen)
        for number in turn:
            chosen[number] = min(choices[number], key=_cost_beside(number, named, chosen))
        if chosen == before:
            break
    return [chosen[number] for number in range(len(named))]


def _cost_beside(number: int, named: Sequence[Named], chosen: dict[int, Spot]) -> Callable[[Spot], float]:
    """What a spot of a label costs beside the spots that the others have."""
    others = [(named[other], spot) for other, spot in chosen.items() if other != number]
    rest = [other.box for place, other in enumerate(named) if place != number]

    def cost(spot: Spot) -> float:
        one = named[number]
        passed = sum(box.is_met_by(spot.box.middle, one.at) for box in rest) if spot.is_far else 0
        return spot.cost + CROSSING * passed + sum(_between(one, spot, *other) for other in others)

    return cost


def _between(one: Named, spot: Spot, other: Named, there: Spot) -> float:
    """What two labels cost each other."""
    crossings = int(spot.is_far and there.box.is_met_by(spot.box.middle, one.at))
    crossings += int(there.is_far and spot.box.is_met_by(there.box.middle, other.at))
    crossings += int(
        spot.is_far and there.is_far and _do_cross(spot.box.middle, one.at, there.box.middle, other.at)
    )
    return COLLIDING * spot.box.overlap(there.box) + CROSSING * crossings


def _do_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the lines from a to b and from c to d cross."""
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(start: Point, end: Point, point: Point) -> float:
    """Above 0 where a point is to the left of a line, below 0 where it is to the right."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _total(named: Sequence[Named], spots: Sequence[Spot]) -> float:
    pairs = combinations(zip(named, spots, strict=True), 2)
    return sum(spot.cost for spot in spots) + sum(_between(*one, *other) for one, other in pairs)

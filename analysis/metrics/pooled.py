"""Pooling: the tallies of several replications as one, of which every table comes out the same.

Counts, ticks and amounts add up. What else a number means is in `OTHERWISE`: the largest of all stays the largest,
what a role or position is stays as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

from analysis.metrics.stage_parts import GuardPart
from analysis.metrics.tally import ChainPart, PositionPart, RolePart, Tally, Waits

OTHERWISE: dict[tuple[type, str], Callable[[int, int], int]] = {
    (ChainPart, "most_hops"): max,
    (Waits, "longest"): max,
    (PositionPart, "number"): max,
    (RolePart, "wage"): max,
}
"""Numbers that do not add up."""


def pooled(tallies: Iterable[Tally]) -> Tally:
    """The tallies of some replications of one scenario as one; raises ValueError without any.

    Neighbours are joined first, so that lists that grow are copied only as often as their number has digits.
    """
    waiting: list[tuple[int, Tally]] = []
    for tally in tallies:
        size, found = 1, tally
        while waiting and waiting[-1][0] == size:
            found = _joined(waiting.pop()[1], found)
            size *= 2
        waiting.append((size, found))
    if not waiting:
        raise ValueError("there is no tally to pool")
    _, found = waiting.pop()
    while waiting:
        found = _joined(waiting.pop()[1], found)
    return found


def _joined(one: Any, other: Any) -> Any:
    """Two values of the same place in two tallies as one."""
    if isinstance(one, bool):
        return one or other
    if isinstance(one, int):
        return one + other
    if one is None or other is None:
        return None
    if isinstance(one, str):
        return one
    if isinstance(one, tuple):
        join = operator.add if one and type(one[0]) is int else _joined  # the rule of int, many at once
        return tuple(join(first, second) for first, second in zip(one, other, strict=True))
    if isinstance(one, dict):
        return {name: _joined(part, other[name]) for name, part in one.items()}
    kind = type(one)
    return kind(*(_field(kind, part.name, one, other) for part in fields(one)))


def _field(kind: type, name: str, one: Any, other: Any) -> Any:
    first, second = getattr(one, name), getattr(other, name)
    if (kind, name) in OTHERWISE:
        return OTHERWISE[kind, name](first, second)
    if (kind, name) in _KEYED:
        return _KEYED[kind, name](first, second)
    return _joined(first, second)


def _by_key(key: Callable[[Any], Any]) -> Callable[[tuple[Any, ...], tuple[Any, ...]], tuple[Any, ...]]:
    """Joins what has the same key; what only one of the two has stays as it is, in the order of the keys."""

    def joined(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
        found = {key(part): part for part in first}
        for part in second:
            found[key(part)] = _joined(found[key(part)], part) if key(part) in found else part
        return tuple(found[name] for name in sorted(found))

    return joined


_KEYED: dict[tuple[type, str], Callable[[Any, Any], Any]] = {
    (Tally, "defects"): _by_key(operator.attrgetter("type", "born", "at", "to")),
    (Tally, "guards"): _by_key(operator.attrgetter("name")),
    (GuardPart, "refused"): _by_key(operator.itemgetter(0)),
    (GuardPart, "changes"): _by_key(operator.itemgetter(0)),
    (GuardPart, "exhausted"): lambda first, second: tuple(sorted(first + second)),
}
"""Lists of which the replications have different parts."""

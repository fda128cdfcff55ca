"""Graphs of names: what can be reached from where, and where a way never ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Edges = Mapping[str, Sequence[str]]
"""Name -> names that it leads to."""


def reachable(edges: Edges, starts: Iterable[str], border: Sequence[str] = ()) -> dict[str, None]:
    """What can be reached from the starts, these included, in a fixed order; nothing behind the border is."""
    found = dict.fromkeys(start for start in starts if start not in border)
    waiting = list(found)
    while waiting:
        for name in edges.get(waiting.pop(), ()):
            if name not in found and name not in border:
                found[name] = None
                waiting.append(name)
    return found


def reversed_edges(edges: Edges) -> dict[str, list[str]]:
    """The same graph, led backwards."""
    found: dict[str, list[str]] = {}
    for name, following in edges.items():
        for other in following:
            found.setdefault(other, []).append(name)
    return found


def first_cycle(edges: Edges, among: Mapping[str, None]) -> list[str]:
    """The first circle found inside `among`, its first name again at its end; empty when there is none."""
    done: dict[str, None] = {}
    for start in among:
        way: dict[str, None] = {}
        stack = [(start, False)]
        while stack:
            name, is_left = stack.pop()
            if is_left:
                way.pop(name)
                done[name] = None
            elif name in way:
                names = list(way)
                return [*names[names.index(name) :], name]
            elif name not in done:
                way[name] = None
                stack.append((name, True))
                stack += [(other, False) for other in reversed(edges.get(name, ())) if other in among]
    return []

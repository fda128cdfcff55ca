"""One value of a scenario file together with where it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
"""Keys and list indexes that lead from the top of a scenario to a value."""


class Place(NamedTuple):
    """Where something is written; line and column count from 1, width is in characters of that line."""

    line: int
    column: int
    width: int


@dataclass(slots=True)
class Node:
    """One value with the places of everything in it. Aliases and merge keys share nodes, never copy them."""

    value: Any
    place: Place
    is_block: bool = False
    """A mapping or list written over several lines: it is found by its key, not by a bracket."""
    weight: int = 1
    """Nodes in it once its aliases are expanded."""
    keys: dict[str, Place] = field(default_factory=dict)
    children: dict[str | int, Node] = field(default_factory=dict)


def path_text(path: Path) -> str:
    """A path as messages show it: `workers.clerk.skills[0]`; long keys and long paths are shortened."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            shown = step if len(step) <= 40 else step[:37] + "..."
            text += f".{shown}" if text else shown
    return text if len(text) <= 160 else text[:157] + "..."

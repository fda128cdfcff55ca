"""A scenario text that has been read: its values, and the place of each in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.errors import Fault
from sim.reader.nodes import Node, Path, Place, path_text
from sim.reader.source import Source


@dataclass(frozen=True, slots=True)
class Document:
    """The values of one text, as plain Python, with their places.

    Values are dict, list, None, bool, int, Decimal, str, and float for `.nan` and `.inf`. Aliases share
    one object, so nothing in `tree` may be changed.
    """

    source: Source
    root: Node

    @property
    def file(self) -> str:
        """The name that messages use."""
        return self.source.file

    @property
    def lines(self) -> tuple[str, ...]:
        """The text, line by line, without line ends."""
        return self.source.lines

    @property
    def tree(self) -> dict[str, Any]:
        """The values of the whole document."""
        tree: dict[str, Any] = self.root.value
        return tree

    def place(self, path: Path, of_key: bool = False) -> Place:
        """Where the value at `path` is written, or its key.

        A mapping or list that is written over several lines is found at its key. What does not exist is
        found at the nearest parent that does. What came through an alias is found where it was written.
        """
        node, key_place = self.root, _first_key(self.root)
        for step in path:
            child = node.children.get(step)
            if child is None:
                of_key = True
                break
            key_place = node.keys.get(step, child.place) if isinstance(step, str) else child.place
            node = child
        return key_place if of_key or node.is_block else node.place

    def depth(self, path: Path) -> int:
        """How many steps of `path` exist in the text."""
        node: Node | None = self.root
        for index, step in enumerate(path):
            node = node.children.get(step) if node is not None else None
            if node is None:
                return index
        return len(path)

    def has(self, path: Path) -> bool:
        """Whether something is written at `path`."""
        return self.depth(path) == len(path)

    def fault(self, path: Path, code: str, message: str, of_key: bool = False) -> Fault:
        """A fault of the value at `path` (or of its key), with its line of text."""
        return self.source.fault(*self.place(path, of_key), code, path_text(path), message)


def _first_key(node: Node) -> Place:
    return next(iter(node.keys.values()), node.place)

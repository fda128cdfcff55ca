"""YAML text to a tree of values with their places, inside stated limits.

Only the event stream of ruamel.yaml is used: nothing is constructed, resolved or recursed into by it, so the
limits hold before any value exists (a deep or self-multiplying file is refused while it is being read).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.errors import Fault, ScenarioError
from sim.reader.codes import MOST_FAULTS
from sim.reader.nodes import Node, Place, path_text
from sim.reader.scalars import plain_value
from sim.reader.source import HIDDEN, Source
from sim.reader.syntax import explain_syntax

MOST_LEVELS = 64
MOST_NODES = 50_000
"""Reading stays near one second; a scenario of ten task types and thirty roles has about 1,000."""
MOST_EXPANDED_NODES = 1_000_000
MOST_ALIASES = 1_000

MERGE = "<<"
"""The key that copies the entries of other mappings; entries written out win."""

KEY_STYLES = (None, "'", '"')
"""Plain and quoted text; the block styles `|` and `>` make no key."""


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    node: Node
    key: str | None = None
    """The key that waits for its value."""
    entered: str | int = 0
    """The key or index of the last value."""
    merged: Node | None = None
    """The value of the merge key."""

    @property
    def next_step(self) -> str | int | None:
        """The key or index of the value being read."""
        return self.key if isinstance(self.node.value, dict) else len(self.node.value)


class _StopError(Exception):
    """Reading on would serve nobody: a limit is passed, or enough faults are known."""


def build_tree(source: Source) -> Node:
    """The tree of one YAML document whose top level is a mapping.

    Raises ScenarioError with every fault found up to the first one that ends the reading.
    """
    builder = _Builder(source)
    try:
        for event in _events(builder):
            builder.take(event)
        builder.check_top()
    except _StopError:
        pass
    if builder.faults or builder.root is None:
        raise ScenarioError(builder.faults)
    return builder.root


def _events(builder: _Builder) -> Iterator[Event]:
    """The events of the text; an error of the parser becomes a fault, after which nothing follows."""
    try:
        yield from YAML(typ="safe", pure=True).parse("\n".join(builder.source.lines))
    except MarkedYAMLError as problem:
        line, column, message = explain_syntax(problem, len(builder.source.lines))
        builder.stop(Place(line, column, 1), "E0105", message, "")
    except (ValueError, ArithmeticError, LookupError):
        # The parser lets some of Python's own errors through, such as OverflowError for "\UFFFFFFFF".
        builder.stop(builder.last, "E0105", "what follows this is not YAML", "")


class _Builder:
    """Events in, nodes out, with a list of open nodes in place of recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self.last = Place(1, 1, 1)
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0
        self._aliases = 0

    def take(self, event: Event) -> None:
        """Digest one event."""
        self.last = self._place(event)
        match event:
            case ScalarEvent():
                self._take_scalar(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._take_start(event)
            case MappingEndEvent() | SequenceEndEvent():
                self._take_end()
            case AliasEvent():
                self._take_alias(event)
            case DocumentStartEvent():
                self._take_document(event)

    def check_top(self) -> None:
        """The whole must be a mapping with something in it."""
        if self.root is None or self.root.value is None:
            self.stop(Place(1, 1, 1), "E0104", "the scenario is empty; write at least a version and a name")
        elif not isinstance(self.root.value, dict):
            found = "a list" if isinstance(self.root.value, list) else "a single value"
            self.stop(self.root.place, "E0106", f"a scenario is a mapping (key: value lines), got {found}")

    def stop(self, place: Place, code: str, message: str, path: str | None = None) -> NoReturn:
        """Record a fault after which reading ends; its path is that of the value being read, unless given."""
        self._note(place, code, message, path)
        raise _StopError

    def _note(self, place: Place, code: str, message: str, path: str | None = None) -> None:
        self.faults.append(self.source.fault(*place, code, self._path() if path is None else path, message))
        if len(self.faults) >= MOST_FAULTS:
            raise _StopError

    def _path(self) -> str:
        if not self._open:
            return ""
        steps: list[str | int] = [frame.entered for frame in self._open[:-1]]
        step = self._open[-1].next_step
        return path_text((*steps, step) if step is not None else tuple(steps))

    def _place(self, event: Event) -> Place:
        start, end = event.start_mark, event.end_mark
        line = min(start.line, len(self.source.lines) - 1)
        last = end.column if end.line == line else len(self.source.lines[line])
        return Place(line + 1, start.column + 1, max(1, last - start.column))

    def _take_document(self, event: DocumentStartEvent) -> None:
        if self.root is not None:
            self.stop(self.last, "E0110", "a second document starts here; a scenario file has one")
        if event.tags:
            self._note(self._directive_place("%TAG"), "E0118", "%TAG is not allowed; remove the line")
        if event.version is not None and tuple(event.version) != (1, 2):
            place = self._directive_place("%YAML")
            self._note(place, "E0118", "scenarios are YAML 1.2; remove the %YAML line")

    def _directive_place(self, name: str) -> Place:
        """Events do not tell where a directive was; it starts its line."""
        lines = self.source.lines
        line = next((number for number, text in enumerate(lines, 1) if text.startswith(name)), 1)
        return Place(line, 1, len(lines[line - 1]))

    def _take_scalar(self, event: ScalarEvent) -> None:
        self._check_tag(event)
        if self._expects_key():
            self._take_key(event)
            return
        is_empty = not event.value and event.style is None
        place = self._key_place() if is_empty else self.last
        node = Node(self._scalar(event), place)
        self._anchor(event, node)
        self._weigh(1)
        self._put(node)

    def _scalar(self, event: ScalarEvent) -> Any:
        if event.style is not None:
            self._check_hidden(event.value)
            return event.value
        try:
            return plain_value(event.value)
        except ValueError as problem:
            self._note(self.last, "E0416", str(problem))
            return None

    def _take_key(self, event: ScalarEvent) -> None:
        frame = self._open[-1]
        key = event.value
        if not key or "\n" in key or event.style not in KEY_STYLES:
            self._note(self.last, "E0112", "a key must be text on one line")
        self._check_hidden(key)
        first = frame.node.keys.get(key)
        frame.key = key
        if first is not None:
            self._note(self.last, "E0111", f"the key is written twice; the first is on line {first.line}")
        frame.node.keys.setdefault(key, self.last)
        self._anchor(event, Node(key, self.last))
        self._count()
        self._weigh(1)

    def _take_start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        if self._expects_key():
            self.stop(self.last, "E0112", "a key must be text, not a mapping or list")
        if len(self._open) >= MOST_LEVELS:
            self.stop(self.last, "E0412", f"nested too deep; the limit is {MOST_LEVELS} levels")
        self._check_tag(event)
        is_mapping = isinstance(event, MappingStartEvent)
        node = Node({} if is_mapping else [], self.last, is_block=not event.flow_style, weight=0)
        self._anchor(event, node)
        self._put(node)
        self._open.append(_Open(node))
        self._weigh(1)

    def _take_end(self) -> None:
        frame = self._open[-1]
        if frame.merged is not None:
            self._merge(frame.node, frame.merged)
        self._open.pop()
        if self._open:
            self._weigh(frame.node.weight)

    def _take_alias(self, event: AliasEvent) -> None:
        if self._expects_key():
            self.stop(self.last, "E0112", "a key must be text, not an alias")
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            self.stop(self.last, "E0415", f"too many aliases; the limit is {MOST_ALIASES:,}")
        self._put(self._target(event.anchor))

    def _target(self, name: str) -> Node:
        node = self._anchors.get(name)
        if node is None:
            self._note(self.last, "E0114", f"nothing above is marked &{name}")
        elif any(frame.node is node for frame in self._open):
            line = node.place.line
            self._note(self.last, "E0115", f"*{name} is inside the value that it stands for (line {line})")
        else:
            self._weigh(node.weight)
            return node
        return Node({}, self.last)

    def _put(self, node: Node) -> None:
        """Hang a value into the innermost open mapping or list."""
        self._count()
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        step = frame.next_step
        assert step is not None, "a value follows its key"
        frame.entered = step
        if isinstance(frame.node.value, list):
            frame.node.value.append(node.value)
        elif step == MERGE:
            frame.merged, frame.key = node, None
            return
        else:
            frame.node.value[step] = node.value
            frame.key = None
        frame.node.children[step] = node

    def _merge(self, node: Node, merged: Node) -> None:
        """Copy the entries of the merged mappings; what is written out wins, then the first mapping."""
        place = node.keys.pop(MERGE)
        sources = list(merged.children.values()) if isinstance(merged.value, list) else [merged]
        if not all(isinstance(other.value, dict) for other in sources):
            self._note(place, "E0117", "a merge key takes a mapping or a list of mappings")
            return
        for other in sources:
            for key, child in other.children.items():
                if key not in node.children and isinstance(key, str):
                    node.value[key] = child.value
                    node.keys[key] = other.keys[key]
                    node.children[key] = child

    def _anchor(self, event: Any, node: Node) -> None:
        if event.anchor is None:
            return
        first = self._anchors.setdefault(event.anchor, node)
        if first is not node:
            line = first.place.line
            self._note(self.last, "E0116", f"&{event.anchor} is defined twice; the first is on line {line}")

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self.stop(self.last, "E0413", f"too many values; the limit is {MOST_NODES:,}")

    def _weigh(self, weight: int) -> None:
        if not self._open:
            return
        node = self._open[-1].node
        node.weight += weight
        if node.weight > MOST_EXPANDED_NODES:
            limit = f"{MOST_EXPANDED_NODES:,}"
            self.stop(self.last, "E0414", f"aliases multiply the values; the limit is {limit} in all")

    def _check_tag(self, event: Any) -> None:
        if event.ctag is not None:
            self._note(self.last, "E0113", "tags (words that start with !) are not allowed; remove the tag")

    def _check_hidden(self, text: str) -> None:
        """Escapes such as "\\0" bring in what may not be typed; a line separator is harmless in a value."""
        hidden = HIDDEN.search(text.replace("\u2028", "").replace("\u2029", ""))
        if hidden is not None:
            message = f"the character U+{ord(hidden.group()):04X} is not allowed in text"
            self._note(self.last, "E0103", message)

    def _expects_key(self) -> bool:
        return bool(self._open) and self._open[-1].next_step is None

    def _key_place(self) -> Place:
        """The place of the key whose value is empty."""
        frame = self._open[-1] if self._open else None
        return frame.node.keys[frame.key] if frame is not None and frame.key is not None else self.last

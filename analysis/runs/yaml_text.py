"""Plain values as YAML that the scenario reader reads back to the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sim.reader.scalars import plain_value

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./%-]*(?: [A-Za-z0-9_./%-]+)*")
"""Text that needs no quotes: no character that YAML gives a meaning."""
OTHER_MEANING = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that some YAML readers take for something else."""


def yaml_text(tree: dict[str, Any], comment: str = "") -> str:
    """The mapping as a YAML document: mappings in blocks, lists in brackets, order kept.

    Values are mappings with text keys, lists, text, numbers, true, false and null; ValueError for anything else.
    """
    heading = [f"# {line}".rstrip() for line in comment.splitlines()]
    return "\n".join([*heading, *_block(tree, "")]) + "\n"


def _block(tree: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield f"{indent}{_scalar(key)}:"
            yield from _block(value, indent + "  ")
        else:
            yield f"{indent}{_scalar(key)}: {_inline(value)}"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_inline(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        is_plain = (
            PLAIN.fullmatch(value) and value.lower() not in OTHER_MEANING and plain_value(value) == value
        )
        return value if is_plain else _quoted(value)
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value, allow_nan=False)
    raise ValueError(f"a scenario holds no {type(value).__name__}")


def _quoted(text: str) -> str:
    """In double quotes; characters that cannot be seen are written as escapes."""
    return "".join(_escaped(character) for character in json.dumps(text, ensure_ascii=False))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

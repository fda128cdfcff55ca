"""The scenario reader: YAML text in, values with their places out, every mistake with file, line and column.

Nothing else reads text that a user wrote as a scenario. The way of a text:

    source    bytes to lines: size, encoding, hidden characters
    tree      YAML events to values with places: depth, number, aliases, tags, keys
    document  the result: values, and the place of each
    messages  what pydantic says about the values, in plain words at their places
"""

from __future__ import annotations

import os

from sim.reader.codes import CODES
from sim.reader.document import Document
from sim.reader.messages import faults_of
from sim.reader.nodes import Path
from sim.reader.source import decode, read_bytes
from sim.reader.tree import build_tree

__all__ = ["CODES", "Document", "Path", "faults_of", "read_file", "read_text"]


def read_text(text: str | bytes, file: str = "<text>") -> Document:
    """The values of a YAML text; `file` is the name that messages use.

    Raises ScenarioError with every fault of the text.
    """
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    source = decode(content, file)
    return Document(source, build_tree(source))


def read_file(path: str | os.PathLike[str]) -> Document:
    """The values of a YAML file.

    Raises ScenarioError when it cannot be read (E0101) and for every fault of its text.
    """
    return read_text(read_bytes(path), os.fspath(path))

"""The text of a scenario file: bounded, UTF-8, without hidden characters, line by line."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from sim.errors import Fault, ScenarioError

MOST_BYTES = 1024 * 1024
"""Largest scenario file. Bulk data belongs in the input files that a scenario names."""

LONGEST_SHOWN_LINE = 200
"""Longer lines are not repeated under a message: a caret in them helps nobody."""

HIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Control characters, surrogates, byte order marks, and separators that some programs take for line ends."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text as lines, with the name that its faults carry. Lines and columns count from 1."""

    file: str
    lines: tuple[str, ...]

    def fault(self, line: int, column: int, width: int, code: str, path: str, message: str) -> Fault:
        """A fault at a place of this text; line 0 means the file as a whole."""
        shown = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if len(shown) > LONGEST_SHOWN_LINE:
            shown = ""
        room = max(1, len(shown) - column + 1)
        return Fault(
            file=printable(self.file),
            line=line,
            column=column,
            code=code,
            path=printable(path),
            message=printable(message),
            source=printable(shown),
            width=max(1, min(width, room)),
        )

    def error(self, line: int, column: int, code: str, message: str) -> ScenarioError:
        """The error that holds one fault of this text."""
        return ScenarioError([self.fault(line, column, 1, code, "", message)])


def printable(text: str) -> str:
    """The text with each character that a terminal would act on replaced by one mark, so columns stay."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else "\ufffd" for character in text.replace("\t", " ")
    )


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The content of a regular file, at most one byte more than the limit.

    Raises ScenarioError (E0101) when the file is missing, unreadable, a folder, a pipe or a device.
    """
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _unreadable(path, "not a regular file")
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise _unreadable(path, _reason(problem)) from None


def _open_without_waiting(path: str, flags: int) -> int:
    """Opening a pipe that nobody writes to would otherwise never return."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def decode(content: bytes, file: str) -> Source:
    """The lines of a text after all checks on bytes and characters.

    A leading byte order mark is dropped; CR LF and CR end a line as LF does.
    Raises ScenarioError: E0411 size, E0102 encoding, E0103 hidden characters.
    """
    if len(content) > MOST_BYTES:
        raise Source(file, ()).error(
            0, 0, "E0411", f"the file is larger than {MOST_BYTES:,} bytes, the most a scenario may have"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise _not_utf8(content, problem, file) from None
    text = _with_plain_line_ends(text.removeprefix("\ufeff"))
    source = Source(file, tuple(text.split("\n")))
    hidden = HIDDEN.search(text)
    if hidden is not None:
        line, column = _place(text[: hidden.start()])
        raise source.error(
            line, column, "E0103", f"the character U+{ord(hidden.group()):04X} is not allowed; remove it"
        )
    return source


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _place(before: str) -> tuple[int, int]:
    """Line and column of the character that follows the text `before`."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _not_utf8(content: bytes, problem: UnicodeDecodeError, file: str) -> ScenarioError:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Source(file, ()).error(0, 0, "E0102", "the file is UTF-16; save it as UTF-8")
    line, column = _place(_with_plain_line_ends(content[: problem.start].decode("utf-8")))
    source = Source(file, tuple(_with_plain_line_ends(content.decode("utf-8", "replace")).split("\n")))
    byte = f"the byte 0x{content[problem.start]:02X} (number {problem.start + 1:,} of the file)"
    return source.error(line, column, "E0102", f"{byte} is not UTF-8; save the file as UTF-8")


def _unreadable(path: str | os.PathLike[str], reason: str) -> ScenarioError:
    return Source(str(Path(path)), ()).error(0, 0, "E0101", f"cannot be read: {reason}")


def _reason(problem: OSError | ValueError) -> str:
    match problem:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "a folder, not a file"
        case PermissionError():
            return "permission denied"
        case OSError():
            return problem.strerror or "input error"
        case _:
            return "the name is not a file name"

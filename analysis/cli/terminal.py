"""Messages on standard error: a line each for programs, broken at words where somebody reads them."""

from __future__ import annotations

import os
import sys
import textwrap
from io import StringIO

import click

from sim.errors import Fault

USUAL, NARROWEST = 80, 40
"""Columns of a terminal that does not say how many it has, and those for which lines are broken at least."""
INDENT, COMMAND_INDENT = "    ", "      "
"""How the further lines of a message begin, and a command that is to be typed."""
LEFT_OUT = "…"


def columns() -> int | None:
    """Width of the terminal that standard error is; None when it is none, so that every message is one line."""
    if not sys.stderr.isatty():
        return None
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return max(int(told), NARROWEST)
    try:
        return max(os.get_terminal_size(sys.stderr.fileno()).columns or USUAL, NARROWEST)
    except (OSError, ValueError):  # a stream that only says it is a terminal
        return USUAL


def shown(message: str) -> str:
    """A message as standard error shows it; a line that is indented, such as a command, is never broken."""
    width = columns()
    if width is None:
        return message
    lines = message.split("\n")
    return "\n".join(
        part for line in lines for part in ([line] if line[:1].isspace() else broken(line, width))
    )


def to_be_typed(*commands: str) -> str:
    """Commands as the end of a message, each on a line of its own."""
    return ":" + "".join(f"\n{COMMAND_INDENT}{command}" for command in commands)


def shown_fault(fault: Fault) -> str:
    """A fault with its line of text; what an editor reads, up to the path, is never broken."""
    width = columns()
    if width is None:
        return fault.with_source()
    lines = broken(fault.message, width, head=str(fault).removesuffix(fault.message))
    if fault.source:
        *_, source, underline = fault.with_source().split("\n")
        lines += clipped(source, underline, width)
    return "\n".join(lines)


def usage_message(error: click.ClickException) -> str:
    """What click says of an error."""
    text = StringIO()
    error.show(text)
    return text.getvalue().rstrip("\n")


def broken(line: str, width: int, head: str = "") -> list[str]:
    """A line as several of at most so many columns, as far as words allow; what is before it, `head`, stays whole."""
    if len(head + line) <= width:
        return [head + line]
    return textwrap.wrap(
        line,
        width,
        initial_indent=head,
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def clipped(source: str, underline: str, width: int) -> list[str]:
    """A line of text and the one that underlines a place in it: as much around the place as there are columns."""
    gutter = underline.index("|") + 2
    text, marks, room = source[gutter:], underline[gutter:], width - gutter
    if len(text) <= room:
        return [source, underline]
    start = max(0, min(marks.index("^") - room // 3, len(text) - room))
    part = text[start : start + room]
    part = LEFT_OUT + part[1:] if start else part
    part = part[:-1] + LEFT_OUT if start + room < len(text) else part
    return [source[:gutter] + part, underline[:gutter] + marks[start : start + room]]

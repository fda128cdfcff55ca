"""The page as Markdown: the same texts and numbers, pictures as what they say in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.page.model import Block, Cell, Command, Figure, Listing, PageDocument, Paragraph, Table
from analysis.page.texts import harmless

INTERVAL = re.compile(r"\[[-+<>]?[\d.,]+, [-+<>]?[\d.,]+\](?![(\[:])")
"""An interval: brackets that mean nothing in Markdown."""
ACTIVE = re.compile(
    r"([\\`*\[\]<|~$@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|\{(?=[{%])|#(?=\d)|&(?=#?\w+;)|:(?=//)|(?<=\b[wW]{3})\.)"
)
"""Characters that mean something in Markdown or in what pages make of it: links, mentions, formulas, entities."""
AT_THE_START = re.compile(r"^([-+](?=\s|$)|[=>#]|-+$|\d+(?=[.)](\s|$)))")
"""What makes a list, a quotation or a heading of a line that begins with it."""


def markdown_page(document: PageDocument) -> str:
    """The document in Markdown with tables (GitHub's), ended by a line break; texts of users are inert."""
    lines = [f"# {inert(document.title)}", "", inert(" · ".join(document.facts)), ""]
    if document.description:
        lines += [inert(document.description), ""]
    lines += [f"**{inert(document.answer)}**", ""]
    for reason in document.reasons:
        lines += [inert(reason), ""]
    for section in document.sections:
        lines += [f"## {inert(section.title)}", ""]
        for block in section.blocks:
            lines += [*_block(block), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def inert(text: str, is_line: bool = True) -> str:
    """A text that Markdown shows as it is, as a line of its own or, with less to mind, within one."""
    line = " ".join(harmless(text).split())
    found, end = [], 0
    for match in INTERVAL.finditer(line):
        found += [ACTIVE.sub(r"\\\1", line[end : match.start()]), match[0]]
        end = match.end()
    escaped = "".join([*found, ACTIVE.sub(r"\\\1", line[end:])])
    return AT_THE_START.sub(_escaped_start, escaped) if is_line else escaped


def _escaped_start(match: re.Match[str]) -> str:
    return f"{match[0]}\\" if match[0].isdecimal() else f"\\{match[0]}"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Table():
            yield from _table(block)
        case Figure():
            yield f"*Picture: {inert(block.title)}.* {inert(block.description)}"
        case Paragraph():
            yield inert(block.text)
        case Listing():
            yield from (f"- {inert(item)}" for item in block.items)
        case Command():
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", block.text)), default=0))
            yield from (fence, " ".join(harmless(block.text).split()), fence)


def _table(table: Table) -> Iterator[str]:
    notes = {note: number for number, note in enumerate(table.footnotes, 1)}
    yield f"### {inert(table.title)}"
    yield ""
    yield _line(inert(column.whole, is_line=False) for column in table.columns)
    yield _line("---:" if column.is_number else ":---" for column in table.columns)
    for row in table.rows:
        first, *others = (_cell(cell, notes) for cell in row.cells)
        yield _line([f"{first} ({row.mark})" if row.mark else first, *others])
    if table.remark:
        yield from ("", inert(table.remark))
    if notes:
        yield ""
    for note, number in notes.items():
        yield f"({number}) {inert(note)}  "


def _line(cells: Iterator[str] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell, notes: dict[str, int]) -> str:
    mark = f" ({notes[cell.note]})" if cell.note else ""
    return inert(cell.whole, is_line=False) + mark

"""The log as JSON lines: one object a row, numbers and flags as such, what is empty left out."""

from __future__ import annotations

from typing import BinaryIO

from analysis.exports.clock import Clock
from analysis.exports.columns import ExportColumn, export_columns, pieces, texts_of, wrapped
from analysis.exports.text import json_text
from analysis.logs import Blocks
from sim.log.columns import Block
from sim.scenario import Scenario

QUOTED = ("name", "trace", "time")
"""Forms of columns whose cells are JSON strings."""


def write_jsonl(log: Blocks, scenario: Scenario, file: BinaryIO) -> None:
    """Writes every row of the log as an object of the columns it has; ASCII alone, no NaN.

    Some thousand rows are in memory at a time. Amounts are exact decimals.
    """
    columns, clock = export_columns(scenario), Clock(scenario)
    for block in pieces(log):
        members = [_members(block, column, clock) for column in columns]
        lines = [f"{{{''.join(row)[1:]}}}\n" for row in zip(*members, strict=True)]
        file.write("".join(lines).encode())


def _members(block: Block, column: ExportColumn, clock: Clock) -> list[str]:
    """`,"name":value` for each row that has one."""
    quote = '"' if column.form in QUOTED else ""
    texts = texts_of(block, column, clock, json_text)
    return wrapped(texts, f',"{column.name}":{quote}', quote)

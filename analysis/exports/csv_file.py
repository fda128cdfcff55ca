"""The log as CSV: one line a row, readable, with no cell that a spreadsheet computes."""

from __future__ import annotations

from typing import BinaryIO

from analysis.exports.clock import Clock
from analysis.exports.columns import export_columns, pieces, texts_of
from analysis.exports.text import csv_text
from analysis.logs import Blocks
from sim.scenario import Scenario


def write_csv(log: Blocks, scenario: Scenario, file: BinaryIO) -> None:
    """Writes a header with units, then every row of the log; UTF-8, lines end with a newline alone.

    Some thousand rows are in memory at a time.
    """
    columns, clock = export_columns(scenario), Clock(scenario)
    file.write((",".join(csv_text(column.name) for column in columns) + "\n").encode())
    for block in pieces(log):
        cells = [texts_of(block, column, clock, csv_text) for column in columns]
        file.write("".join(f"{','.join(row)}\n" for row in zip(*cells, strict=True)).encode())

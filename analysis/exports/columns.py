"""The columns of an export: those of the log, with names, times and amounts as people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.exports.clock import Clock
from analysis.logs import Blocks
from sim.log.columns import COLUMNS, COST_LINES, NULL, Block, Column, Integers
from sim.scenario import Scenario

Form = Literal["name", "trace", "time", "number", "decimal", "flag"]
NANO = 9
"""Digits after the point of nano-units and billionths."""
PIECE = 8192
"""Rows whose cells are in memory at once."""
COST = "cost"
"""The sum of the ledger's lines, which the log does not hold as a column."""


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of an export."""

    name: str
    source: str
    """The column of the log it is made of."""
    form: Form
    meaning: str
    digits: int = 0
    """Of a decimal: digits after the point of the integer in the log."""
    is_amount: bool = False


def export_columns(scenario: Scenario) -> tuple[ExportColumn, ...]:
    """Every column of an export, in order, named with its unit where it has one."""
    return tuple(part for column in COLUMNS for part in _parts(column, scenario))


def _parts(column: Column, scenario: Scenario) -> Iterator[ExportColumn]:
    name, meaning, currency = column.name, column.meaning, scenario.currency
    if name == "tick":  # the same as `ended`
        return
    if name == "inference":
        yield ExportColumn(f"{COST}_{currency}", COST, "decimal", "cost of the row, all lines", NANO, True)
    match column.unit:
        case "us":
            yield ExportColumn(name, name, "time", meaning)
            yield ExportColumn(f"{name}_us", name, "number", f"{meaning}, in microseconds since the start")
        case "1e-9 currency":
            yield ExportColumn(f"{name}_{currency}", name, "decimal", meaning, NANO, True)
        case "minor units":
            yield ExportColumn(f"{name}_{currency}", name, "decimal", meaning, scenario.minor_digits, True)
        case "1e-9":
            yield ExportColumn(name, name, "decimal", meaning, NANO)
        case "0 or 1" | "1":
            yield ExportColumn(name, name, "flag", meaning)
        case "slots":
            yield ExportColumn(f"{name}_slots", name, "number", meaning)
        case _:
            yield ExportColumn(name, name, "name" if column.kind == "name" else "number", meaning)
    if name == "seq":
        yield ExportColumn("trace_id", "task", "trace", "task type and index: the story of one task")


def pieces(log: Blocks) -> Iterator[Block]:
    """The rows of a log in small blocks, however large those are in which they come."""
    for block in log.blocks():
        for begin in range(0, len(block), PIECE):
            rows = slice(begin, begin + PIECE)
            yield Block({name: values[rows] for name, values in block.columns.items()}, block.names)


def values_of(block: Block, column: ExportColumn) -> Integers:
    """The integers of a block that a column is made of, NULL for no value."""
    return cost_of(block) if column.source == COST else block[column.source]


def cost_of(block: Block) -> Integers:
    """Sum of the ledger's lines of each row, in nano-units of the currency."""
    costs: Integers = np.sum([np.maximum(block[line], 0) for line in COST_LINES], axis=0)
    return costs


def texts_of(
    block: Block, column: ExportColumn, clock: Clock, escape: Callable[[str], str], has_zeros: bool = True
) -> list[str]:
    """The cells of a column as text, empty for no value.

    Names go through `escape`; decimals are exact; flags are `true` and `false`. Without `has_zeros` an amount of
    nothing is empty, too.
    """
    values = values_of(block, column)
    if len(values) and int(values.max()) == NULL:
        return [""] * len(values)
    match column.form:
        case "name":
            texts = (*map(escape, block.names[column.source]), "")
            return [texts[code] for code in values.tolist()]
        case "trace":
            return trace_ids(block)
        case "time":
            return clock.texts(values)
        case "flag":
            return [("false", "true", "")[value] for value in values.tolist()]
        case "decimal":
            zero = "0" if has_zeros or not column.is_amount else ""
            return [decimal_text(value, column.digits) if value else zero for value in values.tolist()]
        case "number":
            return ["" if value == NULL else str(value) for value in values.tolist()]


def trace_ids(block: Block) -> list[str]:
    """The trace id of each row, empty for rows of no task. Types are ids, so that it needs no escape."""
    types = (*block.names["type"], "")
    pairs = zip(block["type"].tolist(), block["task"].tolist(), strict=True)
    return ["" if code == NULL else f"{types[code]}-{task}" for code, task in pairs]


def decimal_text(value: int, digits: int) -> str:
    """An integer of the smallest unit as a decimal without needless zeros; empty for NULL."""
    if value == NULL:
        return ""
    whole, rest = divmod(value, 10**digits)
    return f"{whole}.{rest:0{digits}d}".rstrip("0") if rest else str(whole)


def wrapped(texts: list[str], head: str, tail: str = "") -> list[str]:
    """Each text between head and tail; nothing where there is no text."""
    return [f"{head}{text}{tail}" if text else "" for text in texts]

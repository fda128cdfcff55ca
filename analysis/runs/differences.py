"""Where two logs part: the first row, and in it the first column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.log.columns import COLUMNS, NULL, Block


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two logs part."""

    seq: int
    column: str
    """Empty when one log has ended."""
    stored: str
    new: str

    def __str__(self) -> str:
        where = f"row {self.seq}" + (f", column {self.column}" if self.column else "")
        return f"{where}: stored {self.stored}, now {self.new}"


def first_difference(stored: Iterator[Block], new: Iterator[Block]) -> Difference | None:
    """The first row, and in it the first column, where two logs differ; names count as text."""
    for old, made in _side_by_side(stored, new):
        if old is None or made is None:
            return _ended(old, made)
        found = [
            (row, place) for place, column in enumerate(COLUMNS) for row in _unequal(old, made, column.name)
        ]
        if found:
            row, place = min(found)
            name = COLUMNS[place].name
            return Difference(int(made["seq"][row]), name, _shown(old, name, row), _shown(made, name, row))
    return None


def _side_by_side(
    first: Iterator[Block], second: Iterator[Block]
) -> Iterator[tuple[Block | None, Block | None]]:
    """Parts of equal length from both; what one has more stands beside None."""
    one, other = next(first, None), next(second, None)
    while one is not None and other is not None:
        size = min(len(one), len(other))
        yield _part(one, 0, size), _part(other, 0, size)
        one = _part(one, size, len(one)) if len(one) > size else next(first, None)
        other = _part(other, size, len(other)) if len(other) > size else next(second, None)
    if one is not None:
        yield one, None
    elif other is not None:
        yield None, other


def _ended(old: Block | None, made: Block | None) -> Difference | None:
    """The first row that only one of the logs has."""
    if old is not None:
        return Difference(int(old["seq"][0]), "", "a row", "the log has ended")
    return Difference(int(made["seq"][0]), "", "the log has ended", "a row") if made is not None else None


def _part(block: Block, begin: int, end: int) -> Block:
    return Block({name: values[begin:end] for name, values in block.columns.items()}, block.names)


def _unequal(old: Block, made: Block, column: str) -> list[int]:
    """The first row, if any, where a column differs."""
    values = old[column]
    if column in old.names and old.names[column] != made.names[column]:
        codes = [made.code(column, name) for name in old.names[column]]
        values = np.array([*codes, NULL], np.int64)[values]
    return [int(row) for row in np.flatnonzero(values != made[column])[:1]]


def _shown(block: Block, column: str, row: int) -> str:
    value = int(block[column][row])
    if value == NULL:
        return "nothing"
    return block.names[column][value] if column in block.names else str(value)

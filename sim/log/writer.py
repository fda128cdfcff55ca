"""Writing the log: rows packed while the run goes on, columns filled in when a block closes.

The engine packs only what varies. What follows from a row's step (stage, role, model, provider, prices) is
filled in with numpy, with the same rounding for every row.
"""

from __future__ import annotations

import struct
from typing import Protocol

import numpy as np

from sim.log.columns import NULL, Block
from sim.log.tables import FIELDS, WIDE_FIELDS, StepTables
from sim.plan import Plan

ROWS = 8192
"""Rows in a block."""


class Sink(Protocol):
    """What takes closed blocks: a digest, a file, a fold of metrics."""

    def add(self, block: Block) -> None:
        """Takes the next block."""


class NullWriter:
    """Keeps nothing: for measuring the engine alone."""

    rows = 0

    def write(
        self, uid: int, cause: int, code: int, order: int, position: int, theta_raw: int, theta: int, queued: int,
        started: int, ended: int, tokens_in: int, tokens_out: int, amount: int,
    ) -> int:  # fmt: skip
        """Ignores the row."""
        return 0

    def write_wide(
        self, uid: int, cause: int, code: int, order: int, position: int, theta_raw: int, theta: int, queued: int,
        started: int, ended: int, tokens_in: int, tokens_out: int, amount: int, marks: int, hop: int, context: int,
        charge: int, damage: int,
    ) -> int:  # fmt: skip
        """Ignores the row."""
        return 0

    def close(self) -> None:
        """Nothing to close."""


class LogWriter:
    """Packs rows into blocks and hands full ones to the sinks."""

    def __init__(self, plan: Plan, sinks: list[Sink]) -> None:
        """A writer for one run of `plan`."""
        self.sinks, self.tables = sinks, StepTables(plan)
        self.rows, self._closed_rows, self._offset = 0, 0, 0
        self._fields = WIDE_FIELDS if plan.is_wide else FIELDS
        self._packer = struct.Struct(f"<{self._fields}q")
        self._pack, self._size = self._packer.pack_into, self._packer.size
        self._limit = ROWS * self._size
        self._buffer = bytearray(self._limit)
        if plan.is_wide:
            self.write = self._write_with_nothing  # type: ignore[method-assign,assignment]

    def write(
        self, uid: int, cause: int, code: int, order: int, position: int, theta_raw: int, theta: int, queued: int,
        started: int, ended: int, tokens_in: int, tokens_out: int, amount: int,
    ) -> int:  # fmt: skip
        """Packs one row and returns its number; named parameters are quicker here than a tuple."""
        offset = self._offset
        self._pack(
            self._buffer, offset, uid, cause, code, order, position, theta_raw, theta, queued, started, ended,
            tokens_in, tokens_out, amount,
        )  # fmt: skip
        self._offset = offset = offset + self._size
        seq = self.rows
        self.rows = seq + 1
        if offset == self._limit:
            self.flush()
        return seq

    def _write_with_nothing(self, *row: int) -> int:
        """Packs a row that has nothing in the columns of workflows."""
        return self.write_wide(*row, 0, NULL, NULL, 0, NULL)  # type: ignore[call-arg]

    def write_wide(
        self, uid: int, cause: int, code: int, order: int, position: int, theta_raw: int, theta: int, queued: int,
        started: int, ended: int, tokens_in: int, tokens_out: int, amount: int, marks: int, hop: int, context: int,
        charge: int, damage: int,
    ) -> int:  # fmt: skip
        """Packs one row with the columns of workflows and returns its number."""
        offset = self._offset
        self._pack(
            self._buffer, offset, uid, cause, code, order, position, theta_raw, theta, queued, started, ended,
            tokens_in, tokens_out, amount, marks, hop, context, charge, damage,
        )  # fmt: skip
        self._offset = offset = offset + self._size
        seq = self.rows
        self.rows = seq + 1
        if offset == self._limit:
            self.flush()
        return seq

    def flush(self) -> None:
        """Closes the block that is being filled."""
        count = self._offset // self._size
        if not count:
            return
        fields = self._fields
        raw = np.frombuffer(self._buffer, dtype="<i8", count=count * fields).reshape(count, fields)
        block = self.tables.block(np.ascontiguousarray(raw.T), self._closed_rows)
        self._closed_rows += count
        self._offset = 0
        for sink in self.sinks:
            sink.add(block)

    def close(self) -> None:
        """Hands on what is left."""
        self.flush()

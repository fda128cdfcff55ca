"""The digest of a log: one running SHA-256 per column, combined by column name.

Names enter as 64-bit words of their text, never as codes, and columns that are null throughout are left out:
the same history has the same digest whatever else the scenario declares.
"""

from __future__ import annotations

import hashlib

import numpy as np

from sim.draws import word
from sim.log.columns import COLUMNS, NULL, Block


class LogDigest:
    """A sink that digests the blocks it is given."""

    def __init__(self) -> None:
        """An empty log's digest."""
        self._hashes = {column.name: hashlib.sha256() for column in COLUMNS}
        self._pending_nulls = {column.name: 0 for column in COLUMNS}
        self._has_values = dict.fromkeys(self._hashes, False)
        self._words: dict[str, np.ndarray[tuple[int], np.dtype[np.uint64]]] = {}

    def add(self, block: Block) -> None:
        """Takes the next block."""
        nothing = block.nothing
        for column in COLUMNS:
            values = block[column.name]
            name = column.name
            if column.is_nullable and not self._has_values[name]:
                if values is nothing or not (values != NULL).any():
                    self._pending_nulls[name] += len(values)
                    continue
                self._has_values[name] = True
                self._hashes[name].update(np.full(self._pending_nulls[name], NULL, "<i8").tobytes())
            if column.kind == "name":
                self._hashes[name].update(self._words_of(block, name)[values].tobytes())
            else:
                self._hashes[name].update(np.ascontiguousarray(values, "<i8").data)

    def _words_of(self, block: Block, name: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        """Words by code; the last one, which code -1 reads, stands for no value."""
        if name not in self._words:
            self._words[name] = np.array([*map(word, block.names[name]), (1 << 64) - 1], dtype="<u8")
        return self._words[name]

    def hexdigest(self) -> str:
        """The digest of all blocks so far."""
        total = hashlib.sha256()
        for column in sorted(COLUMNS, key=lambda column: column.name):
            if self._has_values[column.name] or not column.is_nullable:
                total.update(f"{column.name}:{self._hashes[column.name].hexdigest()}\n".encode())
        return total.hexdigest()

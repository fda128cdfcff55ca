"""Logs as reports read them, live or saved: rows in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sim.log import Block


class Blocks(Protocol):
    """A log: anything that gives its rows in blocks, each time from the first on."""

    def blocks(self) -> Iterator[Block]:
        """The rows, in order, in blocks."""


@dataclass(frozen=True, slots=True)
class SavedLog:
    """A log in a Parquet file."""

    path: Path

    def blocks(self) -> Iterator[Block]:
        """The rows, in order, in blocks; raises OSError or ValueError when the file cannot be read."""
        from sim.log.arrow import read_blocks

        return read_blocks(self.path)

"""Shelves: bytes that lie in unnamed temporary files, so that many of them take little memory."""

from __future__ import annotations

import os
import weakref
from array import array
from tempfile import TemporaryFile
from threading import Lock

LARGEST = 1 << 24
"""Bytes after which a shelf is full and another begins: temporary space is given back shelf by shelf."""
NO_FILE = -1
"""Stands for a file that could not be made: writing to it fails like writing to a full disk."""


class Shelf:
    """Pieces of bytes in one unnamed temporary file, found by number; what cannot be written stays in memory.

    The file goes, and its space with it, when nobody has the shelf any longer. Reading moves nothing that a writer
    or a forked process relies on, so it needs no lock.
    """

    def __init__(self) -> None:
        """An empty shelf."""
        self._lock = Lock()
        self._ends = array("q", [0])
        """Where each piece ends in the file, after where the first begins."""
        self._in_memory: dict[int, bytes] = {}
        self._file = NO_FILE
        try:
            file = TemporaryFile(buffering=0)  # noqa: SIM115, it is closed with the shelf
        except OSError:  # no folder for it, a full disk, or too many open files
            return
        self._file = file.fileno()
        weakref.finalize(self, file.close)

    @property
    def is_full(self) -> bool:
        """Whether another one should be begun."""
        return self._ends[-1] >= LARGEST

    def put(self, *pieces: bytes) -> int:
        """The number of the first of these pieces; the others have those that follow."""
        with self._lock:
            first, end = len(self._ends) - 1, self._ends[-1]
            is_written = self._write(b"".join(pieces), end)
            for number, piece in enumerate(pieces, first):
                if is_written:
                    end += len(piece)
                else:
                    self._in_memory[number] = piece
                self._ends.append(end)
        return first

    def get(self, number: int) -> bytes:
        """The piece of this number."""
        if number in self._in_memory:
            return self._in_memory[number]
        start, end = self._ends[number : number + 2]
        return os.pread(self._file, end - start, start)

    def _write(self, content: bytes, start: int) -> bool:
        """Whether all of it could be written."""
        done = 0
        try:
            while done < len(content):
                done += os.pwrite(self._file, content[done:], start + done)
        except OSError:
            return False
        return True


_FILLED: weakref.WeakValueDictionary[int, Shelf] = weakref.WeakValueDictionary()
"""The shelf that is being filled, by process: a forked one must not write where its parent does."""


def shelved(*pieces: bytes) -> tuple[Shelf, int]:
    """Puts some pieces on a shelf that has room: that shelf, and the number of the first of them."""
    process = os.getpid()
    shelf = _FILLED.get(process)
    if shelf is None or shelf.is_full:
        shelf = _FILLED[process] = Shelf()
    return shelf, shelf.put(*pieces)

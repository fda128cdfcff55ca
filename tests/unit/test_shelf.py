"""Shelves: what is put on them comes back, whatever the disk, other threads and forked processes do."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pytest

from analysis.metrics import shelf as shelves
from analysis.metrics.shelf import Shelf, shelved

ROOT = Path(__file__).parents[2]
FORK = """
import os
from analysis.metrics.shelf import shelved

shelf, number = shelved(b"before")
child = os.fork()
if not child:
    own, place = shelved(b"of the child", b"too")
    is_right = own is not shelf and (shelf.get(number), own.get(place + 1)) == (b"before", b"too")
    os._exit(0 if is_right else 1)
_, status = os.waitpid(child, 0)
same, later = shelved(b"afterwards")
assert os.waitstatus_to_exitcode(status) == 0
assert same is shelf
assert (shelf.get(number), shelf.get(later)) == (b"before", b"afterwards")
"""


def full_disk(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[IO[bytes]]:
    """The temporary files that shelves have made in this test."""
    made: list[IO[bytes]] = []
    make = shelves.TemporaryFile

    def noted(**named: Any) -> IO[bytes]:
        made.append(make(**named))
        return made[-1]

    monkeypatch.setattr(shelves, "TemporaryFile", noted)
    return made


def test_pieces_come_back_by_their_numbers_in_any_order() -> None:
    shelf = Shelf()
    assert [shelf.put(b"one"), shelf.put(b"two", b"three"), shelf.put(b"four")] == [0, 1, 3]
    assert [shelf.get(number) for number in (3, 0, 2, 1)] == [b"four", b"one", b"three", b"two"]


def test_pieces_lie_in_a_file_and_not_in_memory(files: list[IO[bytes]]) -> None:
    shelf = Shelf()
    shelf.put(b"x" * 1000)
    assert [os.fstat(file.fileno()).st_size for file in files] == [1000]
    assert [os.fstat(file.fileno()).st_nlink for file in files] == [0]


def test_what_a_full_disk_refuses_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    before = shelf.put(b"before")
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", full_disk)
        during = shelf.put(b"during", b"it")
    after = shelf.put(b"after")
    found = [shelf.get(number) for number in (before, during, during + 1, after)]
    assert found == [b"before", b"during", b"it", b"after"]


def test_a_piece_that_was_written_in_part_is_not_taken_for_a_whole_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf, write = Shelf(), os.pwrite
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", lambda *to: write(to[0], to[1][:3], to[2]) if to[2] == 0 else full_disk())
        number = shelf.put(b"written in part")
    assert shelf.get(shelf.put(b"next")) == b"next"
    assert shelf.get(number) == b"written in part"


def test_without_a_folder_for_temporary_files_pieces_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_folder(**_: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(shelves, "TemporaryFile", no_folder)
    shelf = Shelf()
    assert [shelf.get(shelf.put(piece)) for piece in (b"one", b"two")] == [b"one", b"two"]


def test_the_file_is_closed_when_nobody_has_its_shelf(files: list[IO[bytes]]) -> None:
    shelf = Shelf()
    shelf.put(b"content")
    assert [file.closed for file in files] == [False]
    del shelf
    assert [file.closed for file in files] == [True]


def test_a_full_shelf_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "LARGEST", 10)
    first, _ = shelved(b"more than", b"ten bytes")
    then, number = shelved(b"and more")
    again, _ = shelved(b"!")
    assert first is not then is again
    assert then.get(number) == b"and more"


def test_threads_share_a_shelf() -> None:
    shelf = Shelf()
    pieces = [str(number).encode() * 50 for number in range(2000)]

    def kept(piece: bytes) -> bytes:
        number = shelf.put(piece, piece[::-1])
        return shelf.get(number) + shelf.get(number + 1)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(kept, pieces)) == [piece + piece[::-1] for piece in pieces]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
def test_a_forked_process_leaves_the_shelf_of_its_parent_as_it_was() -> None:
    subprocess.run([sys.executable, "-c", FORK], cwd=ROOT, check=True, timeout=60)

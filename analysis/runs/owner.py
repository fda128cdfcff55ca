"""The owner of a folder: one process at a time, told by a lock that ends with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.runs.folder import RunFolderError

LOCK = "owner.lock"
"""File whose lock says that the folder has an owner; it holds the owner's process id."""
LONGEST_ID = 32


class OwnedError(RunFolderError):
    """A folder that another process is writing."""


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """The folder, made if need be, is this process's own while the block runs.

    The system ends the lock with its process however that ends, so that an owner who died is no owner. Raises
    OwnedError that names the process which is at it, RunFolderError when there is something else in its place.
    """
    handle = _taken(folder)
    try:
        yield
    finally:
        os.close(handle)


def _taken(folder: Path) -> int:
    """The locked file in the folder."""
    path = folder / LOCK
    while True:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise RunFolderError(
                f"{folder} is in the way: it is not a folder; move it or choose another --out"
            )
        folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except FileNotFoundError:  # its last owner has just finished and removed it
            continue
        if not _is_locked(handle):
            owner = os.pread(handle, LONGEST_ID, 0).decode("ascii", "replace").strip()
            os.close(handle)
            raise OwnedError(
                f"{folder} is being written by process {owner or '(unknown)'}; wait for it or choose another --out"
            )
        if _is_at(handle, path):
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            return handle
        os.close(handle)


def _is_locked(handle: int) -> bool:
    """Whether this process has the lock now."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether the locked file is the one that others would find, not one that was removed meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False

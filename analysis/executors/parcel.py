"""Parcels: values that go with many calls and are unpacked once by each worker."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
MOST_HELD = 64
"""Parcels that a process keeps unpacked; the oldest goes first."""


class Parcel(Generic[Value]):
    """A value with its own way of travelling between processes: packed once, unpacked once by each worker.

    Only what the package itself sent is ever unpacked; nothing of it is read from a file or written to one.
    """

    def __init__(self, value: Value) -> None:
        """A parcel of this value, which must not change from now on."""
        self.value = value

    @cached_property
    def _packed(self) -> tuple[str, bytes]:
        content = pickle.dumps(self.value, protocol=pickle.HIGHEST_PROTOCOL)
        return hashlib.sha256(content).hexdigest(), content

    def __reduce__(self) -> tuple[Callable[[str, bytes], Parcel[Any]], tuple[str, bytes]]:
        """How it travels: as the digest and the bytes of its value."""
        return _received, self._packed


_held: dict[str, Parcel[Any]] = {}


def _received(digest: str, content: bytes) -> Parcel[Any]:
    """The parcel at its destination: the one that is there already, or this one unpacked."""
    parcel = _held.get(digest)
    if parcel is None:
        parcel = Parcel(pickle.loads(content))
        while len(_held) >= MOST_HELD:
            _held.pop(next(iter(_held)), None)
        _held[digest] = parcel
    return parcel

"""Numbers remembered by key for as long as they are needed, in sorted arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.log import NULL
from sim.log.columns import Integers


class Remembered:
    """A few numbers for each key; keys come and go, so that only what is open takes memory."""

    def __init__(self, width: int) -> None:
        """Nothing is remembered; each key will have `width` numbers."""
        self._keys = np.zeros(0, np.int64)
        self._values = np.zeros((width, 0), np.int64)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def nbytes(self) -> int:
        """Bytes taken."""
        return self._keys.nbytes + self._values.nbytes

    def find(self, keys: Integers) -> Integers:
        """The numbers of some keys, a row for each kind of number; NULL for keys that are not known."""
        found = np.full((len(self._values), len(keys)), NULL, np.int64)
        if len(self._keys):
            places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            is_known = self._keys[places] == keys
            found[:, is_known] = self._values[:, places[is_known]]
        return found

    def replace(self, touched: Integers, keys: Integers, values: Integers) -> None:
        """Forgets the sorted keys `touched`, then remembers `keys` (each once, sorted) with their numbers."""
        is_left = ~_is_among(self._keys, touched)
        merged = np.concatenate([self._keys[is_left], keys])
        order = np.argsort(merged, kind="stable")
        self._keys = merged[order]
        self._values = np.concatenate([self._values[:, is_left], values], axis=1)[:, order]

    def forget_groups(self, groups: Integers, size: int) -> None:
        """Forgets every key that is `size` times one of the sorted groups, plus something below `size`."""
        self.replace(self._keys[_is_among(self._keys // size, groups)], self._keys[:0], self._values[:, :0])


def _is_among(values: Integers, known: Integers) -> NDArray[np.bool_]:
    """Whether each value is among some sorted ones."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    is_among: NDArray[np.bool_] = known[places] == values
    return is_among

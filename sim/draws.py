"""Keyed draws: every random number is a pure function of what it is for.

The key is (seed, replication, purpose, task type id, stage id, role id) for a `Stream`, then (task index,
visit, number) within it. Nothing is consumed in order, so a draw does not depend on what else was drawn.

The generator is the SplitMix64 finaliser (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
generators"; multipliers of Stafford's variant 13). The key of a stream folds into a 64-bit prefix, which
seeds a SplitMix64 sequence over task indices; each of its values seeds a sequence over (visit, number), whose
values are the draws.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from sim import maths
from sim.maths import FloatArray, IntArray

STREAM_VERSION = 1
"""Version of all draws: a release that changes any draw must raise it and say so in the changelog."""

SEED_LIMIT = 2**63
"""Seeds are 0 <= seed < 2^63."""

REPLICATION_LIMIT = 2**31
"""Replications are 0 <= replication < 2^31."""

BoolArray = NDArray[np.bool_]
BitArray = NDArray[np.uint64]

_MASK = 2**64 - 1
_STEP = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio: the increment of SplitMix64
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
_VISIT_SHIFT = 32  # a visit and a draw number share one counter of 64 bits
_UNIT = 1.0 / (1 << 52)


def word(text: str) -> int:
    """The 64-bit word of a name: the first 8 bytes of its SHA-256, big endian."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big")


def mix(bits: int) -> int:
    """The SplitMix64 finaliser of a 64-bit word: one input bit flips each output bit about half the time."""
    bits = ((bits ^ (bits >> 30)) * _FIRST) & _MASK
    bits = ((bits ^ (bits >> 27)) * _SECOND) & _MASK
    return bits ^ (bits >> 31)


def _mix_block(bits: BitArray) -> BitArray:
    """`mix` of each word, in place."""
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(_FIRST)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(_SECOND)
    bits ^= bits >> np.uint64(31)
    return bits


def _counter(visit: int, number: int) -> int:
    """What (visit, number) adds to a task's word: its place in the sequence times the increment."""
    return (((visit << _VISIT_SHIFT) + number + 1) * _STEP) & _MASK


class Stream:
    """The draws for one purpose, task type, stage and role in one replication.

    `block` serves the tasks first, first + 1, ... at once, `scalar` one task; both give the same bits.
    `visit` counts earlier starts of the activity, `number` the draws within it; both lie in 0..2^32 - 1.
    Draws of a task as a whole have an empty stage and role; hardness has the model's id in place of the role.
    """

    __slots__ = ("prefix",)

    prefix: int
    """The 64-bit word that the names, the seed and the replication come to."""

    def __init__(
        self, seed: int, replication: int, purpose: str, type_id: str = "", stage: str = "", role: str = ""
    ) -> None:
        """Raises ValueError when the seed or the replication is out of range."""
        if not 0 <= seed < SEED_LIMIT:
            raise ValueError(f"a seed must be in 0..2^63 - 1, not {seed}")
        if not 0 <= replication < REPLICATION_LIMIT:
            raise ValueError(f"a replication must be in 0..2^31 - 1, not {replication}")
        self.prefix = 0
        for part in (seed, replication, word(purpose), word(type_id), word(stage), word(role)):
            self.prefix = mix(((self.prefix ^ part) + _STEP) & _MASK)

    def block(self, first: int, count: int, visit: int = 0, number: int = 0) -> FloatArray:
        """One uniform draw u, 0 < u < 1, for each of `count` tasks from index `first`."""
        return self.of(np.arange(first, first + count, dtype=np.uint64), visit, number)

    def of(self, indices: BitArray, visit: int = 0, number: int = 0) -> FloatArray:
        """One uniform draw u, 0 < u < 1, for each task of these indices."""
        bits = indices + np.uint64(1)
        bits *= np.uint64(_STEP)
        bits += np.uint64(self.prefix)
        bits = _mix_block(bits)
        bits += np.uint64(_counter(visit, number))
        bits = _mix_block(bits) >> np.uint64(12)
        return (bits.view(np.int64).astype(np.float64) + 0.5) * _UNIT

    def scalar(self, index: int, visit: int = 0, number: int = 0) -> float:
        """The uniform draw u, 0 < u < 1, of task `index`."""
        # `mix` twice, written out: a call costs as much as its arithmetic.
        bits = (self.prefix + (index + 1) * _STEP) & _MASK
        bits = ((bits ^ (bits >> 30)) * _FIRST) & _MASK
        bits = ((bits ^ (bits >> 27)) * _SECOND) & _MASK
        bits = ((bits ^ (bits >> 31)) + ((visit << _VISIT_SHIFT) + number + 1) * _STEP) & _MASK
        bits = ((bits ^ (bits >> 30)) * _FIRST) & _MASK
        bits = ((bits ^ (bits >> 27)) * _SECOND) & _MASK
        return (((bits ^ (bits >> 31)) >> 12) + 0.5) * _UNIT

    def block_events(
        self, first: int, count: int, p_billionths: int | IntArray, visit: int = 0, number: int = 0
    ) -> BoolArray:
        """Whether an event of p billionths happens to each task; p may differ by task."""
        happens: BoolArray = maths.block.billionths(self.block(first, count, visit, number)) < p_billionths
        return happens

    def scalar_event(self, index: int, p_billionths: int, visit: int = 0, number: int = 0) -> bool:
        """Whether an event of p billionths happens to task `index`."""
        return maths.scalar.billionths(self.scalar(index, visit, number)) < p_billionths

    def block_normals(self, first: int, count: int, visit: int = 0, number: int = 0) -> FloatArray:
        """One standard normal draw for each task, by inversion."""
        return maths.block.normal_quantile(self.block(first, count, visit, number))

    def scalar_normal(self, index: int, visit: int = 0, number: int = 0) -> float:
        """The standard normal draw of task `index`, by inversion."""
        return maths.scalar.normal_quantile(self.scalar(index, visit, number))

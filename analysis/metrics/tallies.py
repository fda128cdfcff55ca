"""Tallies of many replications, each packed into few bytes and unpacked while somebody reads it."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from analysis.metrics.packs import PackedSequence
from analysis.metrics.pooled import pooled
from analysis.metrics.saved import tally_document, tally_of
from analysis.metrics.shelf import Shelf, shelved
from analysis.metrics.table import METRICS, Metric
from analysis.metrics.tally import Tally

LARGEST = 1 << 26
"""Bytes that one tally may unpack to."""
MOST_AT_HAND = 512
"""Unpacked tallies that are kept, of all replications together: small experiments are read again and again."""
MOST_OTHERS = 16
"""Metrics beside those of the table whose numbers are remembered."""
_PLACES = {metric: place for place, metric in enumerate(METRICS)}
Numbers = Sequence[int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """One tally in few bytes, with what the metrics make of it, both on a shelf; equal to another of the same tally."""

    shelf: Shelf
    number: int
    """That of its two pieces which comes first."""

    @classmethod
    def of(cls, tally: Tally) -> Packed:
        """The tally, packed."""
        totals = chain.from_iterable(_numbers_of(metric, tally) for metric in METRICS)
        return cls.shelved(_packed(tally_document(tally)), _packed(list(totals)))

    @classmethod
    def shelved(cls, content: bytes, totals: bytes) -> Packed:
        """What has this content and these totals, put on a shelf of this process."""
        return cls(*shelved(content, totals))

    @classmethod
    def from_text(cls, text: str) -> Packed:
        """What `text` gave; raises ValueError for anything else."""
        try:
            return cls.of(tally_of(_unpacked(base64.b64decode(text, validate=True))))
        except (binascii.Error, zlib.error, RecursionError) as error:
            raise ValueError(f"a tally cannot be unpacked: {error}") from None

    @property
    def content(self) -> bytes:
        """Its plain values."""
        return self.shelf.get(self.number)

    @property
    def totals(self) -> bytes:
        """Numerator, denominator, and 1 where it is a bound, of each of METRICS."""
        return self.shelf.get(self.number + 1)

    def __eq__(self, other: object) -> bool:
        return self.content == other.content if isinstance(other, Packed) else NotImplemented

    def __reduce__(self) -> tuple[Callable[[bytes, bytes], Packed], tuple[bytes, bytes]]:
        """How it travels: with its bytes, which go on a shelf where it arrives."""
        return Packed.shelved, (self.content, self.totals)

    def text(self) -> str:
        """The tally as a text of ASCII letters, digits, +, / and =."""
        return base64.b64encode(self.content).decode("ascii")

    def tally(self) -> Tally:
        """The tally, unpacked."""
        return _at_hand(self.content)


@lru_cache(MOST_AT_HAND)
def _at_hand(content: bytes) -> Tally:
    return tally_of(_unpacked(content))


def _packed(document: list[Any]) -> bytes:
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode("ascii"))


def _unpacked(content: bytes) -> Any:
    """Raises ValueError or zlib.error for what is not packed; more than LARGEST bytes are not unpacked."""
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(content, LARGEST)
    if not unpacker.eof:
        raise ValueError("it is cut short, or too large")
    return json.loads(text)


class Tallies(PackedSequence[Tally, Packed]):
    """The tallies of some replications in their order: a sequence that takes about a hundred bytes for each.

    The rest lies in temporary files. Reading one unpacks it, which takes about a millisecond; estimates and tables
    read numbers that are kept ready.
    """

    pack = staticmethod(Packed.of)
    unpack = staticmethod(Packed.tally)

    def __init__(self, packed: Iterable[Packed] = ()) -> None:
        """The tallies that were packed before."""
        super().__init__(packed)
        self._others: dict[Metric, list[Numbers]] = {}

    def __repr__(self) -> str:
        return f"<tallies of {len(self)} replications>"

    @cached_property
    def pooled(self) -> Tally:
        """All as one, of which every table comes out the same; raises ValueError without any."""
        return pooled(self)

    def totals(self, metric: Metric) -> list[tuple[int | None, int]]:
        """Numerator and denominator of a metric in each replication."""
        numerators, denominators, _ = self._numbers(metric)
        return [(number, below or 0) for number, below in zip(numerators, denominators, strict=True)]

    def is_bound(self, metric: Metric) -> bool:
        """Whether unfinished tasks make a metric a lower bound in any replication."""
        return any(self._numbers(metric)[2])

    def _numbers(self, metric: Metric) -> list[Numbers]:
        """Numerators, denominators, and whether they are bounds; of metrics beside the table the latest few stay."""
        if metric in _PLACES:
            return self._columns[3 * _PLACES[metric] :][:3]
        if metric not in self._others:
            found = _columns((_numbers_of(metric, tally) for tally in self), 3)
            while len(self._others) >= MOST_OTHERS:
                self._others.pop(next(iter(self._others)))
            self._others[metric] = found
        return self._others[metric]

    @cached_property
    def _columns(self) -> list[Numbers]:
        """The numbers of each metric of the table, by replication."""
        return _columns((_unpacked(packed.totals) for packed in self.packed), 3 * len(METRICS))


def together(tallies: Sequence[Tally]) -> Sequence[Tally]:
    """What a table goes through: the one that packed tallies come to, or each of the others."""
    return (tallies.pooled,) if isinstance(tallies, Tallies) else tallies


def _numbers_of(metric: Metric, tally: Tally) -> tuple[int | None, int, int]:
    """Numerator, denominator, and 1 where the metric is a bound."""
    return metric.numerator(tally), metric.denominator(tally), int(metric.is_bound(tally))


def _columns(rows: Iterable[Sequence[int | None]], width: int) -> list[Numbers]:
    """Rows as columns of eight bytes a number where they fit; equal columns are one."""
    columns: list[array[int] | list[int | None]] = [array("q") for _ in range(width)]
    for row in rows:
        for place, number in enumerate(row):
            try:
                columns[place].append(number)  # type: ignore[arg-type]
            except (OverflowError, TypeError):
                columns[place] = [*columns[place], number]
    known: dict[bytes | tuple[int | None, ...], Numbers] = {}
    return [
        known.setdefault(part.tobytes() if isinstance(part, array) else tuple(part), part) for part in columns
    ]

"""Packed sequences: each value takes few bytes and is unpacked while somebody reads it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, Self, TypeVar, overload

Value = TypeVar("Value")
Pack = TypeVar("Pack")


class PackedSequence(Sequence[Value], Generic[Value, Pack]):
    """Packed values in their order; equal to another one with the same packs, and to a tuple of the same values."""

    def __init__(self, packed: Iterable[Pack] = ()) -> None:
        """The values that were packed before."""
        self.packed = tuple(packed)

    @classmethod
    def of(cls, values: Iterable[Value]) -> Self:
        """Some values, packed one by one; what is packed already stays as it is."""
        return values if isinstance(values, cls) else cls(map(cls.pack, values))

    @staticmethod
    @abstractmethod
    def pack(value: Any, /) -> Any:
        """A value in few bytes."""

    @staticmethod
    @abstractmethod
    def unpack(packed: Any, /) -> Any:
        """The value that was packed."""

    def __len__(self) -> int:
        return len(self.packed)

    def __iter__(self) -> Iterator[Value]:
        return map(self.unpack, self.packed)

    @overload
    def __getitem__(self, place: int) -> Value: ...
    @overload
    def __getitem__(self, place: slice) -> Self: ...
    def __getitem__(self, place: int | slice) -> Value | Self:
        """One value, unpacked, or some of them."""
        if isinstance(place, slice):
            return type(self)(self.packed[place])
        found: Value = self.unpack(self.packed[place])
        return found

    def __add__(self, other: Self) -> Self:
        return type(self)(self.packed + other.packed)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return self.packed == other.packed
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Pack, ...]]]:
        """How they travel: without what was made ready."""
        return type(self), (self.packed,)

    def chosen(self, places: Iterable[int]) -> Self:
        """Those at some places."""
        return type(self)(self.packed[place] for place in places)

"""The codec of tallies: values made of dataclasses as plain JSON values, and back, driven by their type hints.

A dataclass becomes the list of its fields in their order, a tuple a list, a mapping the list of its pairs in their
order. Every number is exact, and nothing is taken for something else on the way back: what does not have the form of
the hint raises ValueError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from analysis.metrics.tally import Tally

Value = TypeVar("Value")
ATOMS = (int, float, bool, str, NoneType)
"""Types that JSON knows as they are."""


class Codec(NamedTuple):
    """How the values of one hint become plain values, and how they come back."""

    plain: Callable[[Any], Any]
    value: Callable[[Any], Any]


OWN: dict[Any, Codec] = {}
"""Codecs of types with a plain form of their own; entered by the module that defines it."""


def tally_document(tally: Tally) -> list[Any]:
    """The tally as plain JSON values."""
    return plain_values(tally)


def tally_of(document: Any) -> Tally:
    """The tally that became these plain values; raises ValueError when none did."""
    return value_of(Tally, document)


def plain_values(value: Any) -> list[Any]:
    """A value of any dataclass as plain JSON values; raises TypeError for a hint that has no plain form."""
    kind: Any = type(value)
    found: list[Any] = codec_of(kind).plain(value)
    return found


def value_of(kind: type[Value], document: Any) -> Value:
    """The value of a dataclass that became these plain values; raises ValueError when none did."""
    hint: Any = kind
    found: Value = codec_of(hint).value(document)
    return found


@cache
def codec_of(hint: Any) -> Codec:
    """The codec of a type hint; raises TypeError for one that has no plain form."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in OWN:
        return OWN[hint]
    if hint in ATOMS:
        return _atom(hint)
    if origin is Literal:
        return _word(parts)
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint)
    if origin is tuple and parts[-1:] == (...,):
        return _sequence(parts[0])
    if origin is tuple:
        return _fixed(tuple(map(codec_of, parts)), tuple)
    if origin in (dict, Mapping):
        return _mapping(*parts)
    if origin in (UnionType, Union) and all(part in ATOMS for part in parts):
        return _atom(*parts)
    if origin in (UnionType, Union) and len(parts) == 2 and NoneType in parts:
        return _optional(next(part for part in parts if part is not NoneType))
    raise TypeError(f"{hint} has no plain form")


def _atom(*kinds: type) -> Codec:
    """Numbers, texts, truth values and None stay what they are; a fraction may be a whole number."""
    allowed = (*kinds, int) if float in kinds else kinds

    def value(document: Any) -> Any:
        if type(document) not in allowed:
            expected = " or ".join(kind.__name__ for kind in kinds)
            raise ValueError(f"expected {expected}, got {type(document).__name__}")
        return document

    return Codec(_same, value)


def _word(words: tuple[Any, ...]) -> Codec:
    """One of a few words."""

    def value(document: Any) -> Any:
        if document not in words:
            raise ValueError(f"expected one of {words}, got {document!r}")
        return document

    return Codec(_same, value)


def _same(value: Any) -> Any:
    return value


def _dataclass(kind: type) -> Codec:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    codecs = tuple(codec_of(hints[name]) for name in names)
    columns = [(name, codec.plain) for name, codec in zip(names, codecs, strict=True)]

    def plain(value: Any) -> list[Any]:
        return [convert(getattr(value, name)) for name, convert in columns]

    return Codec(plain, _fixed(codecs, lambda values: kind(*values)).value)


def _fixed(codecs: tuple[Codec, ...], made: Callable[[list[Any]], Any]) -> Codec:
    """So many values, each with a codec of its own."""
    places = range(len(codecs))

    def plain(values: tuple[Any, ...]) -> list[Any]:
        return [codecs[place].plain(values[place]) for place in places]

    def value(document: Any) -> Any:
        items = _listed(document)
        if len(items) != len(codecs):
            raise ValueError(f"expected {len(codecs)} values, got {len(items)}")
        return made([codecs[place].value(items[place]) for place in places])

    return Codec(plain, value)


def _sequence(hint: Any) -> Codec:
    """Any number of values of one kind; those of atoms are looked at all at once, which is most of a tally."""
    codec, is_atom = codec_of(hint), hint in ATOMS

    def plain(values: tuple[Any, ...]) -> list[Any]:
        return list(values) if is_atom else list(map(codec.plain, values))

    def value(document: Any) -> tuple[Any, ...]:
        items = _listed(document)
        if is_atom and {*map(type, items)} <= {hint}:
            return tuple(items)
        return tuple(map(codec.value, items))

    return Codec(plain, value)


def _mapping(key_hint: Any, hint: Any) -> Codec:
    """Pairs in the order of the mapping, which may mean something."""
    pairs = _sequence(tuple[key_hint, hint])
    return Codec(
        lambda values: pairs.plain(tuple(values.items())), lambda document: dict(pairs.value(document))
    )


def _optional(hint: Any) -> Codec:
    codec = codec_of(hint)
    return Codec(
        lambda value: None if value is None else codec.plain(value),
        lambda document: None if document is None else codec.value(document),
    )


def _listed(document: Any) -> list[Any]:
    if not isinstance(document, list):
        raise ValueError(f"expected a list, got {type(document).__name__}")
    return document

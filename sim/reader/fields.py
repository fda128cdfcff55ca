"""Where an error of pydantic is, and what the model allows there.

Pydantic puts the branch of a union into the location of an error (`tasks, invoice, value, lognormal,
median`). Following the annotations tells these tags from keys, even where a tag is spelt like a key.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from sim.reader.nodes import Path


@dataclass(frozen=True, slots=True)
class Branch:
    """One type that a value may have, with the tag that a union gives it."""

    annotation: Any
    tag: str = ""

    @property
    def model(self) -> type[BaseModel] | None:
        """The type when it is a model."""
        annotation = self.annotation
        return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None

    def is_named(self, item: str | int) -> bool:
        """Whether pydantic would write `item` into a location for this branch of a union."""
        if self.model is None:
            return item in (self.tag, getattr(self.annotation, "__name__", ""))
        return item in (self.tag, self.model.__name__) or any(
            item in words for words in kinds_of(self.model).values()
        )


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an error is: the path without union tags, and what may stand there."""

    path: Path
    branches: tuple[Branch, ...]

    @property
    def allowed_keys(self) -> list[str]:
        """Keys that a mapping at this spot may have, in the order of their definition, inherited ones last."""
        keys = (name for model in self.models for name in sorted(field_types(model), key=_inherited(model)))
        return list(dict.fromkeys(keys))

    @property
    def models(self) -> list[type[BaseModel]]:
        """The models that may stand here."""
        return [branch.model for branch in self.branches if branch.model is not None]

    def kinds(self) -> tuple[str, list[str]]:
        """The key that tells the models here apart, and its words; ("", []) when no single key does."""
        shared: dict[str, list[str]] = {}
        for model in self.models:
            for key, words in kinds_of(model).items():
                shared.setdefault(key, []).extend(words)
        for key, words in shared.items():
            if all(key in kinds_of(model) for model in self.models):
                return key, list(dict.fromkeys(words))
        return "", []


def find_spot(model: type[BaseModel], tree: Any, location: Path) -> Spot:
    """Follow a location of pydantic through the model and the values.

    A step that exists only inside a validator (a bare share read as `{mean: share}`) is left out, except
    the last one inside a mapping: a missing or unknown key. What no key can be (`constrained-str`) is the tag
    of a union.
    """
    branches: tuple[Branch, ...] = (Branch(model),)
    path: list[str | int] = []
    for index, item in enumerate(location):
        is_last = index == len(location) - 1
        named = tuple(branch for branch in branches if branch.is_named(item)) if len(branches) > 1 else ()
        if named:
            branches = named
            continue
        inner = tuple(found for branch in branches for found in _inside(branch.annotation, item))
        is_held = _holds(tree, item)
        if is_held or (is_last and isinstance(tree, dict) and str(item).isidentifier()):
            path.append(item)
            branches, tree = inner, _child(tree, item)
        elif inner:
            branches = inner
    return Spot(tuple(path), branches)


def field_types(model: type[BaseModel]) -> dict[str, Any]:
    """The keys of a model as they are written, each with its annotation."""
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def _inherited(model: type[BaseModel]) -> Callable[[str], bool]:
    """Whether a key is one that the model shares with others."""
    shared = getattr(model.__base__, "model_fields", {})
    return lambda key: key in shared


def kinds_of(model: type[BaseModel]) -> dict[str, list[str]]:
    """The fields of a model that are fixed words, such as `kind: backoff`."""
    return {
        key: [str(word) for word in get_args(annotation)]
        for key, annotation in field_types(model).items()
        if get_origin(annotation) is Literal and isinstance(get_args(annotation)[0], str)
    }


def _inside(annotation: Any, item: str | int) -> list[Branch]:
    """What may stand under a key or index of a value of this type."""
    model = Branch(annotation).model
    if model is not None:
        fields = field_types(model)
        return branches_of(fields[item]) if item in fields else []
    origin, arguments = get_origin(annotation), get_args(annotation)
    if not isinstance(origin, type):
        return []
    if issubclass(origin, Mapping):
        return branches_of(arguments[1]) if isinstance(item, str) else []
    if issubclass(origin, tuple | list) and isinstance(item, int):
        return [found for argument in arguments if argument is not ... for found in branches_of(argument)]
    return []


def branches_of(annotation: Any, tag: str = "") -> list[Branch]:
    """The types of a union, flat and without None; one type is a union of one."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        tags = [extra.tag for extra in arguments[1:] if isinstance(extra, Tag)]
        return branches_of(arguments[0], tags[0] if tags else tag)
    if origin in (Union, types.UnionType):
        return [
            found
            for argument in arguments
            if argument is not type(None)
            for found in branches_of(argument, tag)
        ]
    return [Branch(annotation, tag)]


def _holds(tree: Any, item: str | int) -> bool:
    if isinstance(tree, list):
        return isinstance(item, int) and item < len(tree)
    return isinstance(tree, dict) and item in tree


def _child(tree: Any, item: str | int) -> Any:
    return tree[item] if _holds(tree, item) else None

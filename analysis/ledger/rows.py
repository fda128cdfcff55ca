"""Parameters as rows: every key of a scenario with its form, default, bounds, provenance and meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from sim.distributions import FAMILIES, Family
from sim.quantities import format_duration
from sim.scenario import Scenario
from sim.spec import Id, Spec, provenance

FORMS = {
    "parse_duration": "duration", "parse_rate": "rate", "parse_money": "amount of money",
    "parse_wage": "wage", "parse_share": "share", "parse_number": "number", "parse_day": "date",
    "parse_days": "days of the week", "parse_hours": "hours of a day", "check_zone": "time zone",
    "_parse_sla": "service level", "parse_quantity": "value in its own unit",
}  # fmt: skip
"""What a value is called, by the function that reads it."""
PLAIN = {int: "whole number", bool: "true or false", str: "text", float: "number", Any: "anything"}
"""What a value without a reader of its own is called."""
ID_RULES = get_args(Id)[1:]
"""What makes a text the name of something else in the scenario."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key of one part of a scenario: `default` is empty for a key that must be given, `-` for none."""

    part: str
    key: str
    form: str
    default: str
    bounds: str
    provenance: str
    meaning: str


def parameters() -> list[Parameter]:
    """Every key of every part, in the order a scenario is written in."""
    return [parameter for part in parts() for parameter in of_part(part)]


def assumptions() -> list[Parameter]:
    """Every parameter with a default value, and where that comes from (row MR-20)."""
    return [row for row in parameters() if row.default not in ("", "-") and not _is_tag(row)]


def parts() -> list[type[Spec]]:
    """Every model a scenario is made of, each once, the families of distributions last."""
    found: dict[type[Spec], None] = {Scenario: None}
    waiting: list[type[Spec]] = [Scenario]
    for part in waiting:
        for field in part.model_fields.values():
            for inner in _specs_in(field.annotation):
                if inner not in found and not issubclass(inner, Family):
                    found[inner] = None
                    waiting.append(inner)
    return [*found, *FAMILIES]


def title(part: type[Spec]) -> str:
    """A part's name in words: `AgentRole` is `Agent role`."""
    words = re.findall(r"[A-Z][a-z]+", part.__name__.replace("Spec", ""))
    return " ".join([words[0], *(word.lower() for word in words[1:])])


def _is_tag(row: Parameter) -> bool:
    """Whether the key only tells the forms of a part apart."""
    return row.key in ("kind", "process", "distribution")


def of_part(part: type[Spec]) -> Iterator[Parameter]:
    """The rows of one part, in the order of its keys."""
    for key, field in part.model_fields.items():
        yield Parameter(
            title(part), key, _form(field.annotation, field.metadata), _default(field),
            _bounds(field), provenance(part, key),
            " ".join((field.description or "Tells the forms apart.").split()),
        )  # fmt: skip


def _default(field: FieldInfo) -> str:
    """The default as a scenario would write it."""
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if value is None or value == {} or value == ():
        return "-"
    annotation: Any = field.annotation
    adapter = TypeAdapter(Annotated[annotation, *field.metadata] if field.metadata else annotation)
    return _written(adapter.dump_python(value, mode="json", exclude_none=True, warnings=False))


def _written(value: Any) -> str:
    """A value as a YAML file shows it."""
    if isinstance(value, dict):
        if value.get("distribution") == "constant" or list(value) == ["preset"]:
            return _written(list(value.values())[-1])
        return "{" + ", ".join(f"{key}: {_written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _form(annotation: Any, metadata: list[Any]) -> str:
    """What kind of value a key takes."""
    named = [FORMS[reader] for reader in _readers(metadata) if reader in FORMS]
    origin, inner = get_origin(annotation), get_args(annotation)
    if named:
        return named[0]
    if any(item in ID_RULES for item in metadata):
        return "id"
    if origin is Annotated:
        return _form(inner[0], list(inner[1:]))
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in inner)
    if origin in (Union, UnionType):
        return _form_of_union([choice for choice in inner if choice is not type(None)])
    if origin is dict:
        return f"mapping to {_form(inner[1], [])}"
    if origin is tuple:
        return f"list of {_form(inner[0], [])}"
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return f"[{title(annotation).lower()}](#{title(annotation).lower().replace(' ', '-')})"
    return "the quantity" if isinstance(annotation, TypeVar) else PLAIN[annotation]


def _readers(metadata: list[Any]) -> list[str]:
    """Names of the functions that read a value."""
    return [getattr(getattr(item, "func", None), "__name__", "") for item in metadata]


def _form_of_union(choices: list[Any]) -> str:
    if len(choices) == 1:
        return _form(choices[0], [])
    families = [part for part in choices for part in _specs_in(part) if issubclass(part, Family)]
    if families:
        value = families[0].model_fields["value"]
        return f"{_form(value.annotation, value.metadata)}, or a [distribution](#constant)"
    return " or ".join(dict.fromkeys(_form(choice, []) for choice in choices))


def _specs_in(annotation: Any) -> list[type[Spec]]:
    """Models named anywhere in an annotation."""
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation] if issubclass(annotation, Spec) else []
    return [part for inner in get_args(annotation) for part in _specs_in(inner)]


def _inner_metadata(annotation: Any) -> list[Any]:
    """Constraints on what is inside an optional value, a mapping or a list."""
    found: list[Any] = []
    choices = get_args(annotation) if get_origin(annotation) in (Union, UnionType, tuple) else ()
    if get_origin(annotation) is dict:
        choices = get_args(annotation)[1:]
    for choice in choices:
        if get_origin(choice) is Annotated and not _specs_in(choice):
            found += get_args(choice)[1:]
    return found


def _bounds(field: FieldInfo) -> str:
    """The bounds of a value in words: how small and large it may be, and how long."""
    inside = _inner_metadata(field.annotation)
    size = _size([*field.metadata, *(part for item in inside for part in getattr(item, "metadata", [item]))])
    is_many = get_origin(field.annotation) in (dict, tuple)
    texts = field.metadata if is_many else [*field.metadata, *inside]
    longest = [item.max_length for item in texts if getattr(item, "max_length", None)]
    length = [f"at most {longest[0]} {'entries' if is_many else 'characters'}"] if longest else []
    return ", ".join([*size, *length])


def _size(metadata: list[Any]) -> list[str]:
    """The tightest bounds on a quantity."""
    readers = _readers(metadata)
    if "parse_money" in readers:
        return ["from 0 to 1e+12"]
    said = []
    for words, ends, tightest in (
        (("above", "from"), ("gt", "ge"), max),
        (("below", "to"), ("lt", "le"), min),
    ):
        for word, end in zip(words, ends, strict=True):
            limits = [getattr(item, end) for item in metadata if hasattr(item, end)]
            if limits:
                said.append(f"{word} {_number(tightest(limits), readers)}")
                break
    return [" ".join(said)] if said else []


def _number(value: Any, readers: list[str]) -> str:
    """A bound as a scenario writes it."""
    if "parse_duration" in readers:
        return format_duration(value)
    return str(value) if isinstance(value, int) else f"{value:g}"

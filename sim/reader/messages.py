"""Pydantic's errors in this project's words, each at its place in the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from sim.errors import Fault
from sim.problems import likely, nearest
from sim.quantities import format_duration, shown
from sim.reader.codes import MOST_FAULTS
from sim.reader.document import Document
from sim.reader.fields import Spot, find_spot
from sim.reader.nodes import Path
from sim.reader.words import (
    LIST,
    MAPPING,
    NOTHING,
    NUMBER,
    TEXT,
    TRUE_OR_FALSE,
    WHOLE_NUMBER,
    choices,
    either,
    got,
    kind_hint,
    plain_number,
    respelt,
)
from sim.scenario import Constraint, Currency, MonthlyCost
from sim.spec import Id, Text
from sim.uncertainty import ValuePath
from sim.workers import ModelName, Provider, WorkKey

OWN_CODE = re.compile(r"E\d{4}")
"""Errors of this project's validators carry their code as type and their message ready to print."""

KINDS_OF_VALUE = {
    "int_type": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "float_type": NUMBER,
    "decimal_type": NUMBER,
    "string_type": TEXT,
    "bool_type": TRUE_OR_FALSE,
    "dict_type": MAPPING,
    "mapping_type": MAPPING,
    "model_type": MAPPING,
    "model_attributes_type": MAPPING,
    "list_type": LIST,
    "tuple_type": LIST,
}
BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
LENGTHS = {
    "too_short": ("min_length", "at least", "E0203", "entry", "entries"),
    "too_long": ("max_length", "at most", "E0203", "entry", "entries"),
    "string_too_short": ("min_length", "at least", "E0207", "character", "characters"),
    "string_too_long": ("max_length", "at most", "E0207", "character", "characters"),
}
FORMS = {
    get_args(form)[1].pattern: (code, words)
    for form, code, words in (
        (Id, "E0206", "an id is lower-case letters, digits and _, starting with a letter"),
        (Text, "E0207", "a text is one line without control characters"),
        (Currency, "E0207", "a currency is three capital letters such as EUR"),
        (MonthlyCost, "E0207", "a fixed cost is an amount per month such as 500 / month"),
        (
            Constraint,
            "E0207",
            "a condition is a metric, >=, <=, > or <, and a number, as in sla_share >= 0.95",
        ),
        (WorkKey, "E0207", "a key here is a task type, or a task type and a stage as in invoice.work"),
        (ModelName, "E0207", "a model is named in letters, digits and . _ : / @ -, without spaces"),
        (ValuePath, "E0207", "a path is keys with dots between, such as workers.clerk.review.catch_rate"),
        (Provider, "E0207", "a provider is named in lower-case letters, digits and . _ -, such as openai"),
    )
}
"""Patterns of the fields that have one -> code, and what the pattern asks for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One error before it is placed."""

    path: Path
    code: str
    message: str
    of_key: bool = False
    expected: str = ""
    """The kind of value that was wanted, when the error is that the value is of another kind."""
    received: str = ""
    hint: str = ""
    means: Path = ()
    """The key that an unknown key was probably meant to be."""


@dataclass(frozen=True, slots=True)
class Context:
    """One error of pydantic with the spot it is about."""

    type: str
    message: str
    value: Any
    details: dict[str, Any]
    spot: Spot
    siblings: Spot
    """The spot of the mapping that holds, or should hold, the key in question."""
    of_key: bool

    def finding(self, code: str, message: str, of_key: bool = False, step: str = "") -> Finding:
        """A finding here, or at a key inside this mapping."""
        path = (*self.spot.path, step) if step else self.spot.path
        return Finding(path, code, message, of_key or self.of_key)


def faults_of(
    error: ValidationError,
    document: Document,
    model: type[BaseModel],
    tree: Any = None,
    overlay: Path = (),
) -> list[Fault]:
    """What is wrong, sorted by place: one fault for one mistake, at most MOST_FAULTS.

    `model` is what was validated. When that was not the document as written but the document with the
    mapping at `overlay` laid over it, `tree` is the value that was validated; a fault is then placed in
    the overlay if the overlay wrote the value, else in the base.
    """
    values = document.tree if tree is None else tree
    findings = [_finding(details, values, model) for details in error.errors(include_url=False)]
    faults = [_placed(finding, document, overlay) for finding in _without_echoes(findings)]
    return sorted(dict.fromkeys(faults))[:MOST_FAULTS]


def _placed(finding: Finding, document: Document, overlay: Path) -> Fault:
    path = finding.path
    inside = document.depth(overlay + path) - len(overlay)
    if overlay and inside > 0 and inside >= document.depth(path):
        path = overlay + path
    return document.fault(path, finding.code, finding.message, finding.of_key)


def _finding(error: Any, tree: Any, model: type[BaseModel]) -> Finding:
    location: Path = error["loc"]
    of_key = bool(location) and location[-1] == "[key]"
    location = location[:-1] if of_key else location
    context = Context(
        type=error["type"],
        message=error["msg"],
        value=error["input"],
        details=error.get("ctx", {}),
        spot=find_spot(model, tree, location),
        siblings=find_spot(model, tree, location[:-1]),
        of_key=of_key,
    )
    if OWN_CODE.fullmatch(context.type):
        return _own(context)
    for known, translate in TRANSLATIONS:
        if context.type in known:
            return translate(context)
    return context.finding("E0299", f"{context.message}, got {got(context.value)}")


def _own(context: Context) -> Finding:
    """A refusal of this project's validators.

    A rule of a whole block that begins with the name of a key is placed at that key. An empty value gets
    the words that every empty value gets.
    """
    value, message = context.value, context.message
    if value is None and context.spot.path:
        return context.finding("E0208", f"no value is given{_what_is_allowed(message)}")
    named, _, _ = message.partition(" ")
    return context.finding(
        context.type, message, step=named if isinstance(value, dict) and named in value else ""
    )


def _what_is_allowed(message: str) -> str:
    """The part of a refusal that stays true when the value is empty."""
    rule, is_received, _ = message.partition(f", got {NOTHING}")
    _, is_listed, allowed = message.partition("; allowed: ")
    return f"; allowed: {allowed}" if is_listed else f"; {rule}" if is_received else ""


def _unknown_key(context: Context) -> Finding:
    *parents, key = context.spot.path
    allowed = context.siblings.allowed_keys
    meant = nearest(key, allowed)
    means = (*parents, meant) if meant else ()
    return Finding(
        context.spot.path, "E0107", f"unknown key{choices(key, allowed)}", of_key=True, means=means
    )


def _missing_key(context: Context) -> Finding:
    if isinstance(context.value, list | tuple):  # of a fixed number of entries, each is required
        return context.finding("E0203", f"must have more entries, got {len(context.value)}")
    return context.finding("E0108", "required key is missing")


def _wrong_kind(context: Context) -> Finding:
    expected = KINDS_OF_VALUE[context.type]
    hint = kind_hint(expected, context.value)
    return Finding(context.spot.path, "", "", context.of_key, expected, got(context.value), hint)


def _out_of_bounds(context: Context) -> Finding:
    limit, words = BOUNDS[context.type]
    bound = context.details[limit]
    if isinstance(context.value, str):  # of texts only durations have bounds, in ticks
        return context.finding("E0204", f"must be {words} {format_duration(bound)}, got {context.value}")
    return context.finding("E0204", f"must be {words} {plain_number(bound)}, got {got(context.value)}")


def _not_finite(context: Context) -> Finding:
    return context.finding("E0205", f"must be a finite number, got {got(context.value)}")


def _unknown_kind(context: Context) -> Finding:
    key, words = context.spot.kinds()
    if not words:  # told apart by something other than one key: the tags are all there is
        words = [branch.tag for branch in context.spot.branches if branch.tag]
    value = context.value
    if not isinstance(value, dict):
        return Finding(context.spot.path, "", "", expected=MAPPING, received=got(value))
    if not key and context.details.get("tag") is None:  # the words are keys themselves
        meant = next(filter(None, (likely(name, words) for name in value)), "")
        return context.finding("E0109", f"one of the keys {either(words)} must be given{meant}")
    if key and key not in value:
        return context.finding("E0109", f"the key {key} is missing; allowed: {', '.join(words)}")
    written = value.get(key, context.details.get("tag"))
    if written is None:
        return context.finding("E0208", f"no value is given; allowed: {', '.join(words)}", step=key)
    return context.finding("E0109", f"unknown kind {shown(written)}{choices(written, words)}", step=key)


def _wrong_word(context: Context) -> Finding:
    expected = str(context.details.get("expected", ""))
    words = re.findall(r"'([^']*)'", expected) or re.split(r", | or ", expected)
    if context.value is None:
        return context.finding("E0208", f"no value is given; must be {either(words)}")
    message = f"must be {either(words)}, got {shown(context.value)}{likely(context.value, words)}"
    return context.finding("E0209", message)


def _wrong_form(context: Context) -> Finding:
    pattern = str(context.details.get("pattern", ""))
    code, words = FORMS.get(pattern, ("E0207", f"must match {pattern}"))
    return context.finding(code, f"{words}; got {shown(context.value)}{respelt(context.value, pattern)}")


def _wrong_length(context: Context) -> Finding:
    limit, words, code, one, many = LENGTHS[context.type]
    count = context.details[limit]
    actual = context.details.get("actual_length") or len(context.value)
    return context.finding(code, f"must have {words} {count} {one if count == 1 else many}, got {actual}")


def _broken_rule(context: Context) -> Finding:
    return context.finding(
        "E0298", context.message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    )


TRANSLATIONS: tuple[tuple[Any, Callable[[Context], Finding]], ...] = (
    (("extra_forbidden",), _unknown_key),
    (("missing",), _missing_key),
    (KINDS_OF_VALUE, _wrong_kind),
    (BOUNDS, _out_of_bounds),
    (("finite_number",), _not_finite),
    (("union_tag_invalid", "union_tag_not_found"), _unknown_kind),
    (("literal_error", "enum"), _wrong_word),
    (("string_pattern_mismatch",), _wrong_form),
    (LENGTHS, _wrong_length),
    (("value_error", "assertion_error"), _broken_rule),
)
"""Types of pydantic's errors -> the function that words them."""


def _without_echoes(findings: list[Finding]) -> list[Finding]:
    """One finding for one mistake, although a union without tags reports every branch it tried.

    A value of the wrong kind for one branch is no fault when another branch got further; when no branch
    fits, the kinds are named together. A required key that is there, but misspelt, is not missing.
    """
    misspelt = [finding.means for finding in findings if finding.means]
    others = [
        finding
        for finding in findings
        if not finding.expected and not (finding.code == "E0108" and finding.path in misspelt)
    ]
    kept = list(others)
    by_path: dict[Path, list[Finding]] = {}
    for finding in findings:
        if finding.expected:
            by_path.setdefault(finding.path, []).append(finding)
    for path, mismatches in by_path.items():
        if not any(other.path[: len(path)] == path for other in others):
            kept.append(_kinds_together(mismatches))
    return kept


def _kinds_together(mismatches: list[Finding]) -> Finding:
    first = mismatches[0]
    expected = list(dict.fromkeys(finding.expected for finding in mismatches))
    hint = next((finding.hint for finding in mismatches if finding.hint), "")
    wanted = " or ".join(expected)
    if first.received == NOTHING:
        return Finding(first.path, "E0208", f"no value is given; must be {wanted}", first.of_key)
    code = "E0202" if NUMBER in expected else "E0201"
    return Finding(first.path, code, f"must be {wanted}, got {first.received}{hint}", first.of_key)

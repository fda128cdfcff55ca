"""Pydantic's errors are told in plain words, each at its place, one for one mistake."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationError, model_validator

from sim.errors import Fault
from sim.reader import faults_of, read_text
from sim.spec import Id, Spec, Text, fault


class Calm(Spec):
    """One kind."""

    kind: Literal["calm"] = "calm"
    patience: int = Field(default=3, ge=1, lt=10)


class Hasty(Spec):
    """Another kind, with a required key."""

    kind: Literal["hasty"] = "hasty"
    factor: float = Field(gt=0, le=1e6)


class ByMean(Spec):
    """A form told apart by its keys; a bare number means this."""

    mean: float = Field(ge=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"mean": value}


class Beta(Spec):
    """A form whose tag is spelt like its key."""

    beta: list[float]


def form_of(value: Any) -> str:
    """The tag of a form."""
    return "beta" if isinstance(value, dict) and "beta" in value else "mean"


def refuse_odd(value: int) -> int:
    """A check of this project, with its own code and words."""
    if value % 2:
        raise fault("E0216", f"must be even, got {value}")
    return value


def refuse_seven(value: int) -> int:
    """A check with Python's own error."""
    if value == 7:
        raise ValueError("seven is taken")
    return value


class Whole(Spec):
    """What the tests read."""

    name: Text = "x"
    rule: Annotated[Calm | Hasty, Field(discriminator="kind")] = Field(default_factory=Calm)
    rules: dict[Id, Annotated[Calm | Hasty, Field(discriminator="kind")]] = Field({}, max_length=2)
    success: Annotated[
        Annotated[ByMean, Tag("mean")] | Annotated[Beta, Tag("beta")], Discriminator(form_of)
    ] = Field(default_factory=lambda: ByMean(mean=1.0))
    either: float | Hasty = 1.0
    items: list[Calm] = Field([], min_length=1)
    flag: bool = True
    version: Literal[1] = 1
    colour: Literal["red", "green"] = "red"
    even: Annotated[int, AfterValidator(refuse_odd), AfterValidator(refuse_seven)] = 0
    maybe: Calm | None = None
    code: Annotated[str, Field(pattern="^[A-Z]+$", min_length=2)] = "AB"


def faults(text: str, **options: Any) -> list[Fault]:
    """The faults of a text as a `Whole`."""
    document = read_text(text, "f.yaml")
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(options.get("tree", document.tree))
    return faults_of(caught.value, document, Whole, **options)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # keys
        ("flagg: true", "1:1: E0107 flagg: unknown key; allowed: {keys}; did you mean flag?"),
        ("zzz: true", "1:1: E0107 zzz: unknown key; allowed: {keys}"),
        (
            "maybe: {patienc: 2}",
            "1:9: E0107 maybe.patienc: unknown key; allowed: kind, patience; did you mean patience?",
        ),
        ("rule:\n  kind: hasty", "1:1: E0108 rule.factor: required key is missing"),
        (
            "rule: {kind: hasty, facto: 1}",
            "1:21: E0107 rule.facto: unknown key; allowed: kind, factor; did you mean factor?",
        ),
        (
            "rules: {Ab: {kind: calm}}",
            "1:9: E0206 rules.Ab: an id is lower-case letters, digits and _, starting with a letter; "
            "got 'Ab'; did you mean ab?",
        ),
        # kinds
        (
            "rule: {kind: clam}",
            "1:14: E0109 rule.kind: unknown kind 'clam'; allowed: calm, hasty; did you mean calm?",
        ),
        ("rule: {kind: 5}", "1:14: E0109 rule.kind: unknown kind 5; allowed: calm, hasty"),
        ("rule: {patience: 2}", "1:7: E0109 rule: the key kind is missing; allowed: calm, hasty"),
        ("rules:\n  a: {}", "2:6: E0109 rules.a: the key kind is missing; allowed: calm, hasty"),
        # types
        ("flag: yes", "1:7: E0201 flag: must be true or false, got text 'yes'; write true"),
        ("flag: OFF", "1:7: E0201 flag: must be true or false, got text 'OFF'; write false"),
        ("flag: 1", "1:7: E0201 flag: must be true or false, got 1"),
        ("name: 12", "1:7: E0201 name: must be text, got 12; put it in quotes"),
        ("name: [a]", "1:7: E0201 name: must be text, got a list"),
        ("items: 5", "1:8: E0201 items: must be a list, got 5"),
        (
            "items: [{patience: '10'}]",
            "1:20: E0201 items[0].patience: must be a whole number, got text '10'; write it without quotes",
        ),
        (
            "items: [{patience: 010}]",
            "1:20: E0201 items[0].patience: must be a whole number, got text '010'; write plain decimal "
            "digits",
        ),
        (
            f"items: [{{patience: '{'1' * 41}'}}]",
            f"1:20: E0201 items[0].patience: must be a whole number, got text '{'1' * 37}...'; "
            "write it without quotes",
        ),
        ("items: [{patience: ten}]", "1:20: E0201 items[0].patience: must be a whole number, got text 'ten'"),
        ("items: [{patience: 1.5}]", "1:20: E0201 items[0].patience: must be a whole number, got 1.5"),
        ("items: [{patience: true}]", "1:20: E0201 items[0].patience: must be a whole number, got true"),
        ("items:\n  - patience:", "2:5: E0208 items[0].patience: no value is given; must be a whole number"),
        ("rule: {kind: hasty, factor: a}", "1:29: E0202 rule.factor: must be a number, got text 'a'"),
        ("maybe: 5", "1:8: E0201 maybe: must be a mapping (key: value lines), got 5"),
        ("rules: [1]", "1:8: E0201 rules: must be a mapping (key: value lines), got a list"),
        ("rule: 5", "1:7: E0201 rule: must be a mapping (key: value lines), got 5"),
        ("either: x", "1:9: E0202 either: must be a number or a mapping (key: value lines), got text 'x'"),
        ("either: {kind: hasty}", "1:1: E0108 either.factor: required key is missing"),
        # bounds and forms
        ("maybe: {patience: 0}", "1:19: E0204 maybe.patience: must be at least 1, got 0"),
        ("maybe: {patience: 10}", "1:19: E0204 maybe.patience: must be below 10, got 10"),
        ("rule: {kind: hasty, factor: 0}", "1:29: E0204 rule.factor: must be above 0, got 0"),
        ("rule: {kind: hasty, factor: 2e6}", "1:29: E0204 rule.factor: must be at most 1000000, got 2000000"),
        ("rule: {kind: hasty, factor: .nan}", "1:29: E0205 rule.factor: must be a finite number, got .nan"),
        ("rule: {kind: hasty, factor: -.inf}", "1:29: E0205 rule.factor: must be a finite number, got -.inf"),
        ("version: 2", "1:10: E0209 version: must be 1, got 2"),
        ("colour: gren", "1:9: E0209 colour: must be red or green, got 'gren'; did you mean green?"),
        ("items: []", "1:8: E0203 items: must have at least 1 entry, got 0"),
        (
            "rules: {a: {kind: calm}, b: {kind: calm}, c: {kind: calm}}",
            "1:8: E0203 rules: must have at most 2 entries, got 3",
        ),
        ("code: A", "1:7: E0207 code: must have at least 2 characters, got 1"),
        ("code: ab", "1:7: E0207 code: must match ^[A-Z]+$; got 'ab'; did you mean AB?"),
        ('name: "a\\nb"', "1:7: E0207 name: a text is one line without control characters; got 'a\\nb'"),
        # checks of validators
        ("even: 3", "1:7: E0216 even: must be even, got 3"),
        # forms without a key of their own
        ("success: 2", "1:10: E0204 success: must be at most 1, got 2"),
        ("success: {mean: 2}", "1:17: E0204 success.mean: must be at most 1, got 2"),
        ("success: {beta: [1, x]}", "1:21: E0202 success.beta[1]: must be a number, got text 'x'"),
        (
            "success: {beta: [1], betta: 2}",
            "1:22: E0107 success.betta: unknown key; allowed: beta; did you mean beta?",
        ),
        ("success:", "1:1: E0208 success: no value is given; must be a number"),
    ],
)  # fmt: skip
def test_a_mistake_has_one_message(text: str, message: str) -> None:
    found = faults(text)
    assert [str(one) for one in found] == [
        f"f.yaml:{message}".replace("{keys}", ", ".join(Whole.model_fields))
    ]


def test_a_plain_value_error_keeps_its_words() -> None:
    class Other(Spec):
        even: Annotated[int, AfterValidator(refuse_seven)]

    document = read_text("even: 7")
    with pytest.raises(ValidationError) as caught:
        Other.model_validate(document.tree)
    assert [str(one) for one in faults_of(caught.value, document, Other)] == [
        "<text>:1:7: E0298 even: seven is taken"
    ]


def test_a_form_that_no_tag_names_lists_the_tags() -> None:
    class Other(Spec):
        form: Annotated[
            Annotated[ByMean, Tag("mean")] | Annotated[Beta, Tag("beta")], Discriminator(lambda value: "bta")
        ]

    document = read_text("form: {x: 1}")
    with pytest.raises(ValidationError) as caught:
        Other.model_validate(document.tree)
    assert [str(one) for one in faults_of(caught.value, document, Other)] == [
        "<text>:1:7: E0109 form: unknown kind 'bta'; allowed: mean, beta; did you mean beta?"
    ]


def test_what_nobody_foresaw_keeps_the_words_of_pydantic() -> None:
    class Other(Spec):
        pair: frozenset[int]

    document = read_text("pair: [1]")
    with pytest.raises(ValidationError) as caught:
        Other.model_validate(document.tree)
    found = faults_of(caught.value, document, Other)
    assert [(one.code, one.path) for one in found] == [("E0299", "pair")]


def test_faults_are_sorted_by_place() -> None:
    found = faults("version: 2\nname: 5\nmaybe: {patience: 0, zzz: 1}\nflag: 3\n")
    assert [(one.line, one.column) for one in found] == [(1, 10), (2, 7), (3, 19), (3, 22), (4, 7)]


def test_at_most_twenty_are_reported() -> None:
    found = faults("\n".join(f"unknown_{n}: 1" for n in range(50)))
    assert [one.line for one in found] == list(range(1, 21))


OVERLAID = (
    "maybe: {patience: 2}\nitems:\n  - patience: 3\nvariants:\n  hurry: {maybe: {patience: 0}, flag: 3}\n"
)


def test_a_fault_of_an_overlay_is_placed_where_the_value_was_written() -> None:
    tree = {"maybe": {"patience": 0}, "items": [{"patience": "x"}], "flag": 3}
    found = faults(OVERLAID, tree=tree, overlay=("variants", "hurry"))
    assert [(one.line, one.column, one.path) for one in found] == [
        (3, 15, "items[0].patience"),
        (5, 29, "variants.hurry.maybe.patience"),
        (5, 39, "variants.hurry.flag"),
    ]

"""The scenario reader turns text into values with their places."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sim.errors import Fault, ScenarioError
from sim.reader import CODES, read_text
from sim.reader.scalars import plain_value

READER = Path(__file__).parents[2] / "sim" / "reader"


def refused(text: str | bytes) -> tuple[Fault, ...]:
    """The faults of a text that must be refused."""
    with pytest.raises(ScenarioError) as caught:
        read_text(text, "file.yaml")
    return caught.value.faults


def fault_of(text: str | bytes) -> Fault:
    """The one fault of a text."""
    faults = refused(text)
    assert len(faults) == 1, faults
    return faults[0]


# -- what a plain word means -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("+5", 5),
        ("-12", -12),
        ("9" * 40, int("9" * 40)),
        (".5", Decimal("0.5")),
        ("5.", Decimal("5")),
        ("0.90", Decimal("0.90")),
        ("1e3", Decimal("1000")),
        ("1.0e-3", Decimal("0.001")),
        ("-2.5E+2", Decimal("-250")),
        (".inf", math.inf),
        ("+.inf", math.inf),
        ("-.inf", -math.inf),
    ],
)
def test_words_become_numbers_only_in_plain_decimal_form(word: str, value: Any) -> None:
    read = plain_value(word)
    assert read == value
    assert type(read) is type(value)


def test_nan_is_read_so_that_its_field_can_refuse_it_by_name() -> None:
    read = plain_value(".nan")
    assert isinstance(read, float)
    assert math.isnan(read)


TEXT_WORDS = """
    yes no on off y n NO True FALSE Null NaN nan inf 010 -07 00 0x1F 0o10 0b1 1_000 1,000 10:00 09:00 25:00:00
    2026-01-05 2026-13-45 1.2.3 1e 1e+ . +. 1e3.5 60/h <<x
"""


@pytest.mark.parametrize("word", TEXT_WORDS.split())
def test_every_other_word_stays_text(word: str) -> None:
    assert plain_value(word) == word


def test_digits_of_other_scripts_are_text() -> None:
    assert plain_value("١٢") == "١٢"


@pytest.mark.parametrize(
    "word", ["1" * 41, "0." + "1" * 41, "1" * 100_000, "1e401", "1e-401", "1e" + "9" * 30]
)
def test_numbers_too_large_for_exact_arithmetic_are_refused(word: str) -> None:
    assert fault_of(f"a: {word}").code == "E0416"


def test_quoted_words_stay_text() -> None:
    tree = read_text("{a: \"1\", b: 'true', c: '~', d: \"\"}").tree
    assert tree == {"a": "1", "b": "true", "c": "~", "d": ""}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read_text("on: 1\n1: 2\ntrue: 3\n~: 4\n1.0: 5").tree == {
        "on": 1,
        "1": 2,
        "true": 3,
        "~": 4,
        "1.0": 5,
    }


# -- structure -------------------------------------------------------------------------------------


def test_block_and_flow_forms_give_the_same_values() -> None:
    block = "a:\n  - 1\n  - b: x\n    c: [~]\nd: |\n  two\n  lines\n"
    flow = '{a: [1, {b: x, c: [null]}], d: "two\\nlines\\n"}'
    assert (
        read_text(block).tree
        == read_text(flow).tree
        == {"a": [1, {"b": "x", "c": [None]}], "d": "two\nlines\n"}
    )


def test_comments_and_a_document_start_are_ignored() -> None:
    assert read_text("%YAML 1.2\n---\n# note\na: 1 # more\n...\n").tree == {"a": 1}


@pytest.mark.parametrize("text", ["", "\n", "# only words\n", "---\n", "~", "\ufeff"])
def test_an_empty_scenario_is_refused(text: str) -> None:
    assert fault_of(text).code == "E0104"


@pytest.mark.parametrize("text", ["- a\n", "word", "12", "[a: 1]"])
def test_the_top_level_must_be_a_mapping(text: str) -> None:
    assert fault_of(text).code == "E0106"


def test_a_second_document_is_refused_at_its_line() -> None:
    fault = fault_of("a: 1\n---\nb: 2\n")
    assert (fault.code, fault.line, fault.column) == ("E0110", 2, 1)


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "a: 1\nb: 2\n'a': 3\n", 'a: 1\nb: 2\n"\\x61": 3\n'])
def test_a_key_written_twice_names_both_lines(text: str) -> None:
    fault = fault_of(text)
    assert (fault.code, fault.line, fault.path) == ("E0111", 3, "a")
    assert "line 1" in fault.message


def test_independent_faults_are_reported_together() -> None:
    faults = refused("a: 1\na: 2\nb: !x 3\nc: *none\n")
    assert [(fault.code, fault.line) for fault in faults] == [("E0111", 2), ("E0113", 3), ("E0114", 4)]


def test_at_most_twenty_faults_are_reported() -> None:
    assert len(refused("a: 1\n" * 100)) == 20


@pytest.mark.parametrize(
    "text", ["? [1, 2]\n: 3", "? {a: 1}\n: 3", "a: &x b\n*x : 3", "? |\n  a\n: 3", ": 3", '"a\\nb": 3']
)
def test_a_key_must_be_text_on_one_line(text: str) -> None:
    assert fault_of(text).code == "E0112"


TAGS = """
    !!python/object/apply:os.system !!python/name:os.system !dist !!set !!omap !!binary !!timestamp !!int
    !!bool !
"""


@pytest.mark.parametrize("value", TAGS.split())
def test_tags_are_refused(value: str) -> None:
    for text in (f"a: {value} word", f"a: {value} {{b: 1}}", f"a: {value} [b]"):
        fault = fault_of(text)
        assert (fault.code, fault.line, fault.column) == ("E0113", 1, 4)


@pytest.mark.parametrize("line", ["%YAML 1.1", "%TAG ! tag:example,2026:"])
def test_directives_that_change_the_reading_are_refused(line: str) -> None:
    assert fault_of(f"{line}\n---\na: 1\n").code == "E0118"


# -- aliases and merge keys ------------------------------------------------------------------------


def test_an_alias_stands_for_its_anchor() -> None:
    assert read_text("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n").tree == {
        "a": {"b": 1},
        "c": {"b": 1},
        "d": [{"b": 1}] * 2,
    }


def test_sixty_honest_aliases_are_accepted() -> None:
    text = "base: &base {rate: 1, cost: 2}\n" + "".join(f"t{n}: *base\n" for n in range(60))
    assert len(read_text(text).tree) == 61


def test_an_alias_without_anchor_is_refused() -> None:
    fault = fault_of("a: *later\nb: &later 1\n")
    assert (fault.code, fault.line, fault.column, fault.path) == ("E0114", 1, 4, "a")


@pytest.mark.parametrize(
    "text", ["a: &x [*x]", "a: &x {b: {c: *x}}", "a: &x {b: &y [*x]}", "a: &x\n  <<: *x\n"]
)
def test_an_alias_inside_its_own_anchor_is_refused(text: str) -> None:
    assert fault_of(text).code == "E0115"


def test_an_anchor_defined_twice_names_both_lines() -> None:
    fault = fault_of("a: &x 1\nb: &x 2\n")
    assert (fault.code, fault.line) == ("E0116", 2)
    assert "line 1" in fault.message


def test_entries_written_out_win_over_merged_ones() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  y: 9\n  <<: [*a, *b]\n"
    assert read_text(text).tree["c"] == {"y": 9, "x": 1, "z": 4}


def test_the_first_of_several_merged_mappings_wins() -> None:
    text = "a: &a {x: 1}\nb: &b {x: 2}\nc: {<<: [*b, *a]}\nd: {<<: *a}\n"
    tree = read_text(text).tree
    assert (tree["c"], tree["d"]) == ({"x": 2}, {"x": 1})


@pytest.mark.parametrize("value", ["3", "~", "[1]", "[{a: 1}, 2]"])
def test_only_mappings_can_be_merged(value: str) -> None:
    assert fault_of(f"b: {{<<: {value}}}").code == "E0117"


# -- places ----------------------------------------------------------------------------------------

PLACED = """\
tasks:
  invoice:
    value: {mean: 180, cv: ~}
    skills: [a, bc]
    steps:
      - name: one
      - two
    note:
empty: &e {x: 10}
other: *e
"""


@pytest.mark.parametrize(
    ("path", "of_key", "place"),
    [
        ((), False, (1, 1, 5)),
        (("tasks",), False, (1, 1, 5)),
        (("tasks", "invoice", "value"), False, (3, 12, 1)),
        (("tasks", "invoice", "value"), True, (3, 5, 5)),
        (("tasks", "invoice", "value", "mean"), False, (3, 19, 3)),
        (("tasks", "invoice", "value", "cv"), False, (3, 28, 1)),
        (("tasks", "invoice", "value", "sd"), False, (3, 5, 5)),
        (("tasks", "invoice", "skills", 1), False, (4, 17, 2)),
        (("tasks", "invoice", "skills", 7), False, (4, 5, 6)),
        (("tasks", "invoice", "steps", 0, "name"), False, (6, 15, 3)),
        (("tasks", "invoice", "steps", 0, "time"), False, (6, 9, 1)),
        (("tasks", "invoice", "steps", 1), False, (7, 9, 3)),
        (("tasks", "invoice", "note"), False, (8, 5, 4)),
        (("tasks", "bill", "value"), False, (1, 1, 5)),
        (("nothing",), False, (1, 1, 5)),
        (("other", "x"), False, (9, 15, 2)),
    ],
)
def test_a_value_is_found_where_it_is_written(
    path: tuple[str | int, ...], of_key: bool, place: tuple[int, int, int]
) -> None:
    assert read_text(PLACED).place(path, of_key) == place


def test_depth_counts_the_steps_that_exist() -> None:
    document = read_text(PLACED)
    assert document.depth(("tasks", "invoice", "skills", 1)) == 4
    assert document.depth(("tasks", "bill", "value")) == 1
    assert document.has(("tasks", "invoice"))
    assert not document.has(("tasks", "bill"))


def test_a_fault_shows_its_line_with_the_value_underlined() -> None:
    fault = read_text(PLACED, "mine.yaml").fault(("tasks", "invoice", "value", "mean"), "E0211", "too much")
    assert fault.with_source() == (
        "mine.yaml:3:19: E0211 tasks.invoice.value.mean: too much\n"
        "    3 |     value: {mean: 180, cv: ~}\n"
        "      |                   ^^^"
    )


def test_messages_hold_no_character_that_a_terminal_obeys() -> None:
    document = read_text('"\u202ekey": 1\n', "a\x1b[31m.yaml")
    assert (
        document.fault(("\u202ekey",), "E0211", "got \x1b[31m").with_source().isprintable() is False
    )  # line feeds
    for character in "\x1b\u202e":
        assert character not in document.fault(("\u202ekey",), "E0211", f"got {character}").with_source()


def test_very_long_lines_are_not_repeated() -> None:
    assert read_text("a: " + "x" * 500).fault(("a",), "E0211", "wrong").source == ""


# -- codes --------------------------------------------------------------------------------------


def test_every_code_of_the_reader_has_a_meaning() -> None:
    used = set[str]()
    for file in sorted(READER.glob("*.py")):
        used.update(re.findall(r'"(E\d{4})"', file.read_text(encoding="utf-8")))
    assert used <= set(CODES)
    assert all(meaning and not meaning.endswith(".") for meaning in CODES.values())


# -- syntax ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\n\tb: 2\n", 2, 1, "tab"),
        ("a: 1\n  b: 2\n", 2, 4, "second value"),
        ("a: [1, 2\nb: 3\n", 1, 4, "[ opened here"),
        ("a: {b: 1\n", 1, 4, "{ opened here"),
        ('a: "b\nc: 3\n', 1, 4, "quote opened here"),
        ("a:\n  - 1\n b: 2\n", 3, 2, "indent"),
        ("a: 1\nb\n", 2, 1, "needs a `:`"),
        ('a: "\\q"', 1, 6, "escape"),
        ("a: @b", 1, 4, "quotes"),
        ("a: [}", 1, 5, "a value is missing"),
        ("%YAML 2.0\n---\na: 1", 1, 1, "YAML 1.2"),
        ('a: 1\nb: "\\UFFFFFFFF"', 2, 1, "not YAML"),
        ("a: |99\n x", 1, 6, "not YAML"),
    ],
)
def test_a_syntax_error_is_told_in_plain_words(text: str, line: int, column: int, words: str) -> None:
    fault = fault_of(text)
    assert (fault.code, fault.line, fault.column) == ("E0105", line, column)
    assert words in fault.message

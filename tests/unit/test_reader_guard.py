"""The scenario reader refuses hostile bytes, files and structures before they cost anything."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import Fault, ScenarioError
from sim.reader import CODES, read_file, read_text
from sim.reader.source import MOST_BYTES
from sim.reader.tree import MOST_ALIASES, MOST_LEVELS, MOST_NODES

PATIENCE = 2.0 if sys.gettrace() is None else 20.0
"""Seconds of processor time: twice the goal of one, and more under a tracer such as coverage."""


def fault_of(text: str | bytes) -> Fault:
    """The one fault of a text that must be refused at once."""
    started = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        read_text(text, "file.yaml")
    assert time.process_time() - started < PATIENCE
    assert len(caught.value.faults) == 1, caught.value.faults
    return caught.value.faults[0]


# -- limits: a hostile file costs nothing ----------------------------------------------------------


def billion_laughs() -> str:
    lines = ["a0: &a0 [" + ",".join("x" * 9) + "]"]
    lines += [f"a{n}: &a{n} [" + ",".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 10)]
    return "\n".join(lines)


def merge_bomb() -> str:
    lines = ["a0: &a0 {" + ",".join(f"k{n}: 1" for n in range(9)) + "}"]
    lines += [f"a{n}: &a{n} {{<<: [" + ",".join([f"*a{n - 1}"] * 9) + "]}" for n in range(1, 10)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (billion_laughs, "E0414"),
        (merge_bomb, "E0414"),
        (lambda: "a: " + "[" * 100_000, "E0412"),
        (lambda: "a: " + "{a: " * 100_000, "E0412"),
        (lambda: "- " * 100_000, "E0412"),
        (lambda: "\n".join(" " * level + "k:" for level in range(1_000)), "E0412"),
        (lambda: "{" + ",".join(f"k{n}" for n in range(1_000_000)) + "}", "E0411"),
        (lambda: "a: &x 1\nb: [" + "*x," * (MOST_ALIASES + 1) + "]", "E0415"),
        (lambda: "#" * (MOST_BYTES + 1), "E0411"),
        (lambda: 'a: "' + "x" * 900_000, "E0105"),
    ],
    ids=[
        "laughs",
        "merges",
        "brackets",
        "braces",
        "dashes",
        "indents",
        "keys",
        "aliases",
        "comment",
        "quote",
    ],
)
def test_a_hostile_text_is_refused_within_a_second(write: Callable[[], str], code: str) -> None:
    assert fault_of(write()).code == code


def test_too_many_values_are_refused() -> None:
    with pytest.raises(ScenarioError) as caught:
        read_text("a: [" + "1," * MOST_NODES + "]")
    assert caught.value.faults[0].code == "E0413"
    assert f"{MOST_NODES:,}" in caught.value.faults[0].message


def test_the_deepest_nesting_allowed_is_read() -> None:
    value: Any = read_text("a: " + "[" * (MOST_LEVELS - 1) + "]" * (MOST_LEVELS - 1)).tree["a"]
    for _ in range(MOST_LEVELS - 2):
        value = value[0]
    assert value == []


# -- bytes and characters --------------------------------------------------------------------------


def test_a_byte_order_mark_is_accepted() -> None:
    document = read_text(b"\xef\xbb\xbfa: 1\n")
    assert document.tree == {"a": 1}
    assert document.place(("a",)) == (1, 4, 1)


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [(b"a: 1\nb: caf\xe9\n", 2, 7), (b"a: \x80", 1, 4), (b"a: 1\r\rb: \xed\xa0\x80", 3, 4)],
)
def test_bytes_that_are_not_utf8_are_placed(content: bytes, line: int, column: int) -> None:
    fault = fault_of(content)
    assert (fault.code, fault.line, fault.column) == ("E0102", line, column)


def test_utf16_is_named() -> None:
    assert "UTF-16" in fault_of("a: 1".encode("utf-16")).message


@pytest.mark.parametrize("character", ["\0", "\a", "\x1b", "\x7f", "\x85", "\u2028", "\ufeff", "\uffff"])
def test_hidden_characters_are_refused_where_they_are(character: str) -> None:
    fault = fault_of(f"a: 1\nb: x{character}\n")
    assert (fault.code, fault.line, fault.column) == ("E0103", 2, 5)
    assert character not in fault.with_source()


@pytest.mark.parametrize("escape", ["\\ud800", "\\0", "\\e", "\\x7f", "\\uFEFF"])
def test_escapes_bring_in_no_hidden_characters(escape: str) -> None:
    assert fault_of(f'a: "x{escape}"').code == "E0103"
    assert fault_of(f'"x{escape}": 1').code == "E0103"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_counts_once(end: str) -> None:
    document = read_text(end.join(["a: 1", "# note", "b: |", "  two", "  lines", "c:   x"]))
    assert document.tree == {"a": 1, "b": "two\nlines\n", "c": "x"}
    assert document.place(("c",)) == (6, 6, 1)


# -- files -----------------------------------------------------------------------------------------


def test_a_file_is_read_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    document = read_file(path)
    assert (document.file, document.tree, document.lines) == (str(path), {"a": 1}, ("a: 1", ""))


def unreadable(path: str | Path) -> Fault:
    with pytest.raises(ScenarioError) as caught:
        read_file(path)
    assert caught.value.faults[0].code == "E0101"
    return caught.value.faults[0]


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    assert (
        str(unreadable(tmp_path / "none.yaml"))
        == f"{tmp_path / 'none.yaml'}: E0101: cannot be read: there is no such file"
    )
    assert "folder" in unreadable(tmp_path).message
    assert "not a file name" in unreadable("a\0b").message
    assert "too long" in unreadable("a" * 5_000).message


def test_pipes_and_devices_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in unreadable(tmp_path / "pipe").message
    assert "not a regular file" in unreadable("/dev/zero").message


def test_no_more_than_the_limit_is_read_of_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(ScenarioError) as caught:
        read_file(path)
    assert caught.value.faults[0].code == "E0411"


# -- any text --------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["a", "b: ", "- ", "[", "]", "{", "}", ", ", "\n", "\n  ", "&x ", "*x", "<<: ", "!t ", '"', "'", "|\n",
     ">", "? ", ": ", "#", "%", "\t", "1e9", "\\", "---\n", "...\n", "@", "\r", "é", "\\ud800", "~"]
)  # fmt: skip


def codes_of(text: str | bytes) -> list[str]:
    """The codes of a text's faults, none when it can be read; any other error is a defect."""
    try:
        read_text(text)
    except ScenarioError as error:
        return [fault.code for fault in error.faults] or ["an error without faults"]
    return []


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_gives_values_or_faults_with_a_code(text: str) -> None:
    assert set(codes_of(text)) <= set(CODES)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_any_bytes_give_values_or_faults_with_a_code(content: bytes) -> None:
    assert set(codes_of(content)) <= set(CODES)

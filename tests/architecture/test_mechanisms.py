"""docs/mechanisms.md is true: files exist, tests carry the ids, and no id that a test carries is missing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mechanisms.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [A-Z]+-?\d+ \|", line)
]


def marks() -> dict[str, set[str]]:
    """Test files by the mechanism they carry."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.mechanism":
                for argument in node.args:
                    assert isinstance(argument, ast.Constant)
                    found[argument.value].add(path.relative_to(ROOT).as_posix())
    return found


MARKS = marks()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_files_that_exist_and_tests_that_carry_it(row: list[str]) -> None:
    files = re.findall(r"`([^`]+\.[a-z]+)`", "|".join(row[2:]))
    assert all((ROOT / file).is_file() for file in files)
    assert {file for file in files if file.startswith("tests/")} == MARKS[row[0]]


def test_every_mechanism_is_listed_once() -> None:
    listed = [row[0] for row in ROWS]
    assert len(listed) == len(dict.fromkeys(listed))
    assert sorted(listed) == sorted(MARKS)

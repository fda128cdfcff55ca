"""Messages on standard error: broken at words on a terminal, a line each where a program reads them."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from functools import cache
from pathlib import Path

import pytest

from analysis.cli.terminal import broken, clipped, shown
from sim.errors import Fault
from tests.tiny import TINY

ROOT = Path(__file__).parents[2]
FLOW = TINY.replace("kind: human", "kind: human, draft_halp: 0.5, label: Somebody who knows what to do")
"""A scenario with a long line and a mistake in it."""


@cache
def said(*typed: str, folder: Path, is_terminal: bool, width: int = 80, **environment: str) -> list[str]:
    """Lines on standard error of a command that is wrong, on a terminal of so many columns or in a pipe."""
    terminal, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    known = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    ended = subprocess.run(
        [sys.executable, "-c", "from analysis.cli import main; main()", *typed],
        cwd=folder,
        env={**known, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.DEVNULL,
        stderr=side if is_terminal else subprocess.PIPE,
        timeout=120,
        check=False,
    )
    os.close(side)
    text = os.read(terminal, 100_000) if is_terminal else ended.stderr
    os.close(terminal)
    assert ended.returncode == 2
    return text.decode().splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario that has a mistake, and one that has none."""
    place = tmp_path_factory.mktemp("terminal")
    (place / "tiny.yaml").write_text(TINY, encoding="utf-8")
    (place / "wrong.yaml").write_text(FLOW, encoding="utf-8")
    return place


def test_a_fault_is_broken_at_words_below_its_place(folder: Path) -> None:
    lines = said("run", "wrong.yaml", folder=folder, is_terminal=True)
    plain = said("run", "wrong.yaml", folder=folder, is_terminal=False)
    head = plain[0][: plain[0].index("unknown key")]
    assert head.startswith("wrong.yaml:")
    assert head.endswith(": E0107 workers.clerk.draft_halp: ")
    assert max(map(len, lines)) <= 80 < len(plain[0])
    message = lines[: next(number for number, line in enumerate(lines) if "|" in line)]
    assert message[0].startswith(head)
    assert all(line.startswith("    ") for line in message[1:])
    assert " ".join(line.strip() for line in message) == plain[0]
    assert lines[-1] == plain[-1] == "1 error, nothing was run"


def test_the_line_of_a_fault_is_cut_around_the_place(folder: Path) -> None:
    *_, source, underline, _ = said("run", "wrong.yaml", folder=folder, is_terminal=True)
    *_, whole, _, _ = said("run", "wrong.yaml", folder=folder, is_terminal=False)
    assert len(source) == 80 < len(whole)
    assert source.endswith("…")
    assert source[underline.index("^") :].startswith("draft_halp")


def test_an_error_of_usage_is_broken_too(folder: Path) -> None:
    typed = ("compare", "tiny.yaml", "--topologies", "guardien,autonomous")
    lines = said(*typed, folder=folder, is_terminal=True)
    plain = said(*typed, folder=folder, is_terminal=False)
    assert max(map(len, lines)) <= 80 < max(map(len, plain))
    assert plain[:3] == lines[:3]
    assert " ".join(line.strip() for line in lines[3:]) == plain[3]


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("0", 80), ("wide", 80), ("3", 40)])
def test_the_terminal_is_as_wide_as_it_says(columns: str, width: int, folder: Path) -> None:
    lines = said(
        "run", "lost.yaml", "--set", f"x={'why ' * 40}", folder=folder, is_terminal=True, COLUMNS=columns
    )
    lines += said(
        "runs", "list", f"a folder {'that is not ' * 20}", folder=folder, is_terminal=True, COLUMNS=columns
    )
    assert width - 12 < max(map(len, lines)) <= width


def test_a_terminal_that_does_not_know_its_width_is_a_usual_one(folder: Path) -> None:
    lines = said("compare", "tiny.yaml", "--topologies", "guardien", folder=folder, is_terminal=True, width=0)
    assert 60 < max(map(len, lines)) <= 80


def test_a_pipe_has_a_line_for_each_error_whatever_columns_says(folder: Path) -> None:
    plain = said("run", "wrong.yaml", folder=folder, is_terminal=False)
    assert said("run", "wrong.yaml", folder=folder, is_terminal=False, COLUMNS="40") == plain


def test_a_command_to_be_copied_is_not_broken(folder: Path) -> None:
    name = f"{'a long name ' * 8}.yaml"
    (folder / name).write_text(TINY, encoding="utf-8")
    lines = said("report", name, folder=folder, is_terminal=True)
    assert lines[-2:] == [f"      workforce run '{name}'", f"      workforce compare '{name}'"]


def test_what_fits_is_left_as_it_is() -> None:
    assert broken("x" * 80, 80) == ["x" * 80]
    assert broken("two words", 40, head="file.yaml:1:2: E0101: ") == ["file.yaml:1:2: E0101: two words"]
    assert broken("a  b", 40) == ["a  b"]
    assert shown(f"{'long ' * 40}") == f"{'long ' * 40}"


def test_a_long_place_and_a_long_word_stay_whole() -> None:
    head = f"{'deep/' * 20}file.yaml:31:18: E0211 workers.clerk: "
    assert broken("a share is between 0 and 1", 40, head) == [f"{head}a", "    share is between 0 and 1"]
    assert broken(f"see {'y' * 50} there", 40) == ["see", f"    {'y' * 50}", "    there"]


@pytest.mark.parametrize("column", [1, 30, 60, 100, 170, 200])
@pytest.mark.parametrize("width", [40, 80, 208, 300])
def test_the_underlined_place_is_seen_wherever_it_is(column: int, width: int) -> None:
    text = "".join(chr(ord("a") + place % 26) for place in range(200))
    fault = Fault("f.yaml", 7, column, "E0107", "x", "wrong", text)
    _, whole, marks = fault.with_source().split("\n")
    source, underline = clipped(whole, marks, width)
    assert len(source) <= width
    assert source[:8] == "    7 | "
    assert source[underline.index("^")] == text[column - 1]
    assert (source == whole) == (width >= 208)

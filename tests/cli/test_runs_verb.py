"""`runs list` and `runs show`: what was run, what can be continued, and how to do it again."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
from pathlib import Path

import pytest

from analysis.cli import main
from tests.cli.test_resume import Command, Machine, command, machine

__all__ = ["command", "machine"]  # fixtures

RUN = ("run", "tiny.yaml", "-n", "2", "-q")
COMPARE = ("compare", "tiny.yaml", "-n", "2", "-j", "1", "--minimise", "cpst", "-q")
SWEEP = ("sweep", "tiny.yaml", "--vary", "workers.clerk.positions=2,3", "-n", "2", "-j", "1", "-q")


@pytest.fixture
def home(command: Command, tmp_path: Path) -> Path:
    """A folder with four of ours, done, partial and unfinished, and some that are not."""
    home = tmp_path / "runs"
    assert command(*RUN, "--out", "runs/one", "--set", "horizon=5 h").code == 0
    assert command(*SWEEP, "--out", "runs/a_name_that_is_so_long_that_nothing_else_is_beside_it").code == 0
    assert command("run", "tiny.yaml", "-n", "5", "--out", "runs/two", "--seed", "8", at=3).code == 130
    shutil.copytree(home / "one", home / ".hidden")
    (home / "notes").mkdir()
    (home / "notes" / "manifest.json").write_text('{"format": "something else"}')
    (home / "empty.unfinished").mkdir()
    (home / "file.unfinished").touch()
    return home


def test_the_list_has_a_line_for_each_of_ours_in_80_columns(home: Path, command: Command) -> None:
    out = command("runs", "list").out
    assert out == (
        "  folder                                   verb  status      replications  seed\n"
        "Tiny\n"
        "  a_name_that_is_so_long_that_nothing_else_is_beside_it\n"
        "                                           sweep  complete               2     1\n"
        "  one                                      run    complete               2     1\n"
        "  two                                      run    partial                3     8\n"
        "  two.unfinished                           run    unfinished    3 finished     8\n"
    ).replace(
        "                                   verb  status", "                                   verb   status"
    )
    assert max(map(len, out.splitlines())) <= 80


def test_the_list_as_json_says_the_same(home: Path, command: Command) -> None:
    document = json.loads(command("runs", "list", str(home), "--json").out)
    assert [one["folder"] for one in document] == [
        "a_name_that_is_so_long_that_nothing_else_is_beside_it", "one", "two", "two.unfinished",
    ]  # fmt: skip
    assert document[3] == {
        "folder": "two.unfinished", "kind": "run", "status": "unfinished", "scenario": "Tiny",
        "replications": 5, "seed": 8, "finished": 3,
    }  # fmt: skip
    assert document[1]["finished"] is None


def test_where_nothing_was_run_that_is_said(command: Command, tmp_path: Path) -> None:
    assert command("runs", "list").out == "nothing was run into runs yet\n"
    assert command("runs", "list", ".").out == "nothing was run into . yet\n"
    assert json.loads(command("runs", "list", "--json").out) == []
    ended = command("runs", "list", "elsewhere")
    assert (ended.code, ended.err) == (3, "error: there is no folder elsewhere\n")


def test_a_run_is_shown_in_words(home: Path, command: Command) -> None:
    lines = command("runs", "show", "runs/one").out.splitlines()
    assert lines[:5] == [
        "Tiny: run, complete",
        "  folder         runs/one",
        "  replications   2, seed 1",
        "  repeat with    workforce run runs/one/scenario.resolved.yaml -n 2 --seed 1",
        "  set            horizon=5 h",
    ]
    assert lines[-1] == "  checked        every file is as it was left"
    assert any(line.endswith("  kpis.json") for line in lines)
    assert max(map(len, lines)) <= 80


def test_what_is_partial_and_what_was_changed_is_shown(home: Path, command: Command) -> None:
    (home / "two" / "kpis.json").write_text("{}")
    shown = command("runs", "show", "runs/two").out
    assert "Tiny: run, partial\n" in shown
    assert "  partial        run: interrupted after 3 of 5 replications\n" in shown
    assert "  checked        kpis.json was changed since the run\n" in shown
    document = json.loads(command("runs", "show", "runs/two", "--json").out)
    assert document["changed"] == ["kpis.json was changed since the run"]
    assert (document["status"], document["seed"]) == ("partial", 8)


def test_what_is_unfinished_is_shown_with_how_to_go_on(home: Path, command: Command) -> None:
    command(*SWEEP, "--out", "runs/three", at=1)
    shown = command("runs", "show", "runs/three.unfinished").out
    assert shown.startswith("Tiny: sweep, unfinished\n")
    assert "  finished       1 replication\n" in shown
    assert "  options        --vary workers.clerk.positions=2,3\n" in shown
    assert shown.endswith("  continue with  the command that began it and --resume\n")
    document = json.loads(command("runs", "show", "runs/three.unfinished", "--json").out)
    assert (document["finished"], document["kind"]) == (1, "sweep")


@pytest.mark.parametrize("folder", ["notes", "empty.unfinished", "file.unfinished", "nowhere"])
def test_what_is_not_ours_is_not_shown(folder: str, home: Path, command: Command) -> None:
    ended = command("runs", "show", f"runs/{folder}")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith(f"error: runs/{folder}")


def numbers_of(path: Path) -> object:
    """What a table says, but for the names of variants."""
    if path.suffix == ".parquet":
        return path.read_bytes()
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {column: text for column, text in row.items() if column not in ("variant", "baseline")}
        for row in rows
    ]


@pytest.mark.parametrize("typed", [RUN, COMPARE, (*COMPARE, "--baseline", "more clerks"), SWEEP])
def test_the_command_that_is_shown_does_it_again(
    typed: tuple[str, ...], command: Command, tmp_path: Path
) -> None:
    command(*typed, "--out", "one", "--set", "horizon=5 h")
    shown = json.loads(command("runs", "show", "one", "--json").out)["command"]
    program, *again = shlex.split(shown)
    assert program == "workforce"
    assert command(*again, "--out", "two").code == 0
    one, two = (sorted((tmp_path / name).glob("*.[cp][sa][vr]*")) for name in ("one", "two"))
    assert [path.name for path in one] == [path.name for path in two] != []
    for first, second in zip(one, two, strict=True):
        assert numbers_of(first) == numbers_of(second)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ((*RUN, "--within", "cpst=200 %", "--most", "12"), "-n 2 --seed 1 --within 'cpst=200 %' --most 12"),
        ((*RUN, "--events", "--max-time", "9 h"), "-n 2 --seed 1 --max-time '9 h' --events"),
        ((*COMPARE, "--within", "cpst=200 %"), "-n 2 --seed 1 --minimise cpst --within 'cpst=200 %'"),
        (
            (*COMPARE, "--until-best", "9", "--most", "4"),
            "-n 2 --seed 1 --minimise cpst --until-best 9.0 --most 4",
        ),
    ],
)
def test_what_was_asked_is_shown_and_not_what_came_of_it(
    typed: tuple[str, ...], asked: str, command: Command, tmp_path: Path
) -> None:
    command(*typed, "--out", "one")
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    shown = json.loads(command("runs", "show", "one", "--json").out)["command"]
    assert set(shlex.split(asked)) <= set(shlex.split(shown))
    assert command(*shlex.split(shown)[1:], "--out", "two").code == 0
    again = json.loads((tmp_path / "two" / "manifest.json").read_text())
    assert again["replications"] == manifest["replications"]
    if manifest["kind"] == "run":
        assert again["identity"] == manifest["identity"]
        assert again["files"].keys() == manifest["files"].keys()
        assert again["files"]["kpis.json"] == manifest["files"]["kpis.json"]


def test_runs_alone_says_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["runs", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "list  List the folders" in shown
    assert "show  Show what is known" in shown


def test_the_machine_of_these_tests_does_what_is_asked(machine: Machine, command: Command) -> None:
    command(*RUN)
    assert machine.done == 2

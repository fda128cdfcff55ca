"""`runs list` and `runs show`: what was run, what can be continued, and how to do it again."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from analysis.cli import main
from tests.cli.test_resume import TEXT, Command, Machine, command, machine

__all__ = ["command", "machine"]  # fixtures

RUN = ("run", "tiny.yaml", "-n", "2", "-q")
MORE = """
  guardian: {topology: {kind: guardian}}
  dearer model: {workers: {agent: {model: claude-opus-4-5}}}
uncertain: {workers.agent.success: {distribution: uniform, low: 0.8, high: 0.95}}
"""
"""Further variants of the scenario, and what is not known of it."""
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


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("elsewhere", "there is no folder elsewhere\n"),
        ("tiny.yaml", "tiny.yaml is a file, not a folder of runs\n"),
        ("runs/one", "runs/one is one of them, not a folder of runs:\n      workforce runs show runs/one\n"),
    ],
)
def test_what_holds_no_runs_is_not_listed(place: str, message: str, home: Path, command: Command) -> None:
    ended = command("runs", "list", place)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith(f"Error: Invalid value for DIR: {message}")


def test_a_run_is_shown_in_words(home: Path, command: Command) -> None:
    lines = command("runs", "show", "runs/one").out.splitlines()
    assert lines[:5] == [
        "Tiny: run, complete",
        "  folder         runs/one",
        "  replications   2, seed 1",
        "  repeat with    workforce run runs/one/stated/scenario.yaml -n 2 --seed 1 --out runs/one-again",
        "  set            horizon=5 h",
    ]
    assert lines[5] == "                 merged into stated/scenario.yaml"
    assert lines[-1] == "  checked        every file is as it was left"
    assert any(line.endswith("  kpis.json") for line in lines)
    assert max(len(line) for line in lines if "repeat with" not in line) <= 80


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
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: ")
    assert f" runs/{folder} " in ended.err.replace(";", " ")


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the manifest."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


BEST = ("--minimise", "cpst", "-n", "2", "-j", "1", "-q")
ASKED = {
    "run": RUN,
    "run with its log and draws": ("run", "tiny.yaml", "-n", "2", "--events", "--draws", "2", "-q"),
    "run of a variant": (*RUN, "--variant", "guardian"),
    "compare one file without variants": ("compare", "plain.yaml", *BEST),
    "compare variants": ("compare", "tiny.yaml", *BEST),
    "compare to a variant": ("compare", "tiny.yaml", *BEST, "--baseline", "more clerks"),
    "compare topologies": ("compare", "tiny.yaml", *BEST, "--topologies", "guardian,autonomous"),
    "compare staffed alike": ("compare", "tiny.yaml", *BEST, "--staff-to", "sla_share>=0.2"),
    "compare files": ("compare", "tiny.yaml", "other/more.yaml", *BEST, "--baseline", "more"),
    "compare files of one name": ("compare", "tiny.yaml", "other/tiny.yaml", *BEST),
    "run of recorded tasks": ("run", "recorded.yaml", "-n", "1", "-q"),
    "compare recorded tasks": ("compare", "recorded.yaml", *BEST),
    "sweep": SWEEP,
    "sweep over models": (*SWEEP[:2], "--vary", "workers.agent.model=claude-haiku-4-5,claude-opus-4-5", *SWEEP[4:]),
    "sweep over variants": (*SWEEP[:2], "--vary", "variant=as written,guardian,dearer model", *SWEEP[4:]),
    "sensitivity by shares of the variance": (
        "sensitivity", "tiny.yaml", "--method", "sobol", "--vary", "workers.clerk.positions=2..4", "--vary",
        "workers.agent.tool_cost=0..1", "--points", "4", "-n", "1", "-j", "1", "-q",
    ),
    "sensitivity": (
        "sensitivity", "tiny.yaml", "--vary", "workers.clerk.positions=2..4", "-n", "2", "-j", "1", "-q",
    ),
    "breakeven": (
        "breakeven", "tiny.yaml", "--between", "as written,guardian", "--vary", "workers.clerk.wage=20 / h..50 / h",
        "--points", "2", *BEST,
    ),
    "breakeven staffed alike": (
        "breakeven", "tiny.yaml", "--between", "as written,guardian", "--vary", "workers.agent.tool_cost=0..9",
        "--points", "2", *BEST, "--staff-to", "sla_share>=0.2",
    ),
    "solve": ("solve", "tiny.yaml", "--staff", "clerk", "--subject-to", "sla_share>=0.2", *BEST),
}  # fmt: skip
"""What somebody asks, of every verb."""


def files_asked_about() -> dict[str, str]:
    """Short scenarios with much that can be varied, and the recorded arrivals that one of them reads."""
    text = TEXT.replace("horizon: 6 h", "horizon: 3 h").replace(
        "damage_if_wrong", "sla: 1 h, damage_if_wrong"
    )
    scenario = text + MORE
    more = scenario.replace("positions: 2", "positions: 4")
    recorded = "arrivals: {process: recorded, file: other/early.csv, time_column: at}"
    known = re.sub("arrivals: {.*?}", recorded, scenario.partition("uncertain:")[0])
    return {
        "tiny.yaml": scenario,
        "other/tiny.yaml": more,
        "other/more.yaml": more,
        "plain.yaml": scenario.partition("variants:")[0],
        "recorded.yaml": known + "  later: {tasks: {mail: {arrivals: {file: late.csv}}}}\n",
        "other/early.csv": "at\n60\n300\n",
        "late.csv": "at\n600\n3000\n",
    }


@pytest.mark.parametrize("asked", ASKED)
def test_the_command_that_is_shown_leaves_the_same_bytes_from_the_folder_alone(
    asked: str, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    for name, text in files_asked_about().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    whole = command(*ASKED[asked], "--out", "one", "--set", "workers.clerk.wage=36 / h", "--seed", "5")
    assert whole.code == 0, whole.err
    before, manifest = files_of(tmp_path / "one"), (tmp_path / "one" / "manifest.json").read_bytes()
    shown = json.loads(command("runs", "show", "one", "--json").out)["command"]
    for name in files_asked_about():
        (tmp_path / name).unlink()
    program, *again = shlex.split(shown)
    assert program == "workforce"
    ended = command(*again, "-q")
    assert ended.code == 0, ended.err
    assert (tmp_path / "one" / "manifest.json").read_bytes() == manifest
    after = files_of(tmp_path / "one-again")
    assert {name for name in before if before[name] != after.get(name)} == set()
    assert after.keys() == before.keys()


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


def test_a_run_without_a_name_of_its_own_is_repeated_without_taking_its_place(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scenario.yaml").write_text((tmp_path / "tiny.yaml").read_text())
    ended = command("run", "scenario.yaml", "-n", "2", "-q", "--set", "workers.clerk.positions=3")
    kept = (ended.folder / "manifest.json").read_bytes()
    shown = json.loads(command("runs", "show", str(ended.folder), "--json").out)
    assert shown["overrides"] == {"workers.clerk.positions": "3"}
    again = command(*shlex.split(shown["command"])[1:], "-q").folder
    assert again == ended.folder.with_name(f"{ended.folder.name}-again")
    assert (ended.folder / "manifest.json").read_bytes() == kept
    assert files_of(again) == files_of(ended.folder)
    monkeypatch.chdir(ended.folder)
    inside = json.loads(command("runs", "show", ".", "--json").out)["command"]
    assert Path(shlex.split(inside)[-1]) == tmp_path / again


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

"""`export`: a run's log in the formats of other tools, as a whole file or not at all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.cli import VERBS
from analysis.cli.export_verb import SUFFIXES
from analysis.exports import FORMATS, ExportError, export_log
from analysis.runs import read_run, verify
from sim import simulate
from tests.cli.test_resume import ROOT, Command, command, machine
from tests.exports.cases import case

__all__ = ["command", "machine"]  # fixtures

RUN = ("run", "tiny.yaml", "-n", "2", "-q", "--out", "one", "--events")


@pytest.fixture(autouse=True)
def verb(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verb is there even before it is listed."""
    monkeypatch.setitem(VERBS, "export", "analysis.cli.export_verb:export")


@pytest.fixture
def home(command: Command, tmp_path: Path) -> Path:
    """The folder of the commands, with a run of two replications and its log."""
    assert command(*RUN).code == 0
    return tmp_path


def test_the_formats_of_the_verb_are_those_there_are() -> None:
    assert {name: form.suffix for name, form in FORMATS.items()} == SUFFIXES


@pytest.mark.parametrize("form", SUFFIXES)
def test_the_last_line_is_the_file_and_the_folder_stays_as_it_was(
    form: str, home: Path, command: Command
) -> None:
    ended = command("export", "one", "--format", form)
    assert (ended.code, ended.out, ended.err) == (0, f"one{SUFFIXES[form]}\n", "")
    assert sorted(path.name for path in home.iterdir()) == ["one", f"one{SUFFIXES[form]}", "tiny.yaml"]
    assert verify(home / "one") == ()
    again = command("export", str(home / "one"), "--format", form, "--out", "elsewhere")
    assert again.out == "elsewhere\n"
    assert (home / "elsewhere").read_bytes() == (home / f"one{SUFFIXES[form]}").read_bytes()


def test_the_file_stands_beside_the_folder_wherever_that_is(
    home: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "runs").mkdir()
    (home / "one").rename(home / "runs" / "one")
    assert command("export", "runs/one", "--format", "csv").out == "runs/one.csv\n"
    monkeypatch.chdir(home / "runs" / "one")
    ended = command("export", ".", "--format", "jsonl")
    assert ended.out == f"{(home / 'runs' / 'one.jsonl').resolve()}\n"
    assert verify(home / "runs" / "one") == ()


def test_a_log_that_was_not_kept_is_simulated_again(home: Path, command: Command) -> None:
    ended = command("export", "one", "--format", "csv", "--replication", "1")
    assert (ended.code, ended.out) == (0, "one-1.csv\n")
    assert ended.err == "the log of replication 1 was not kept: simulating it again\n"
    run = read_run(home / "one")
    wanted = export_log(
        simulate(run.scenario, run.manifest.seed, 1), run.scenario, "csv", home / "wanted.csv"
    )
    assert (home / "one-1.csv").read_bytes() == wanted.read_bytes()
    command("run", "tiny.yaml", "-n", "2", "-q", "--out", "two")
    bare = command("export", "two", "--format", "csv")
    assert (bare.code, bare.err) == (0, "the log of replication 0 was not kept: simulating it again\n")
    assert command("export", "one", "--format", "csv", "--out", "two.csv").code == 0  # the same bytes


def test_to_standard_output_goes_the_file_and_nothing_else(home: Path, command: Command) -> None:
    command("export", "one", "--format", "jsonl")
    ended = command("export", "one", "--format", "jsonl", "--out", "-")
    assert ended.out == (home / "one.jsonl").read_text()
    assert all(json.loads(line) for line in ended.out.splitlines())


def test_a_file_of_something_else_is_not_replaced(home: Path, command: Command) -> None:
    (home / "taken.csv").write_text("mine")
    ended = command("export", "one", "--format", "csv", "--out", "taken.csv")
    assert (ended.code, ended.out) == (3, "")
    assert (
        ended.err == "error: taken.csv exists and holds something else; choose another --out or remove it\n"
    )
    assert (home / "taken.csv").read_text() == "mine"
    assert command("export", "one", "--format", "csv").code == 0
    assert command("export", "one", "--format", "csv").code == 0
    assert sorted(path.name for path in home.iterdir()) == ["one", "one.csv", "taken.csv", "tiny.yaml"]


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        (("one", "--format", "csv", "--replication", "2"), 3, "the run has replications 0 to 1, got 2"),
        (("one", "--format", "csv", "--out", "no/x.csv"), 3, "there is no folder no to write x.csv into"),
        (("one", "--format", "csv", "--out", "one"), 3, "one exists and is not a file; choose another --out"),
        (
            ("one", "--format", "csv", "--out", "one/x.csv"), 3,
            "one is the folder of a run and holds nothing else; choose another --out",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line(
    typed: tuple[str, ...], code: int, message: str, home: Path, command: Command
) -> None:
    ended = command("export", *typed)
    lines = [line for line in ended.err.splitlines() if "simulating" not in line]
    assert (ended.code, ended.out, lines) == (code, "", [f"error: {message}"])
    assert sorted(path.name for path in home.iterdir()) == ["one", "tiny.yaml"]
    assert verify(home / "one") == ()


@pytest.mark.parametrize(
    "typed", [("one",), ("one", "--format", "xls"), ("one", "--format", "csv", "--rows")]
)
def test_what_is_not_understood_is_an_error_of_usage(
    typed: tuple[str, ...], home: Path, command: Command
) -> None:
    assert command("export", *typed).code == 2


def test_folders_of_other_experiments_and_damaged_logs_are_refused(home: Path, command: Command) -> None:
    command("sweep", "tiny.yaml", "--vary", "workers.clerk.positions=2,3", "-n", "2", "-q", "--out", "swept")
    ended = command("export", "swept", "--format", "xes")
    assert ended.code == 2
    assert ended.err.startswith("Error: swept is the folder of a sweep, not of a run")
    shutil.copytree(home / "one", home / "damaged")
    (home / "damaged" / "events.parquet").write_bytes(b"PAR1")
    ended = command("export", "damaged", "--format", "xes")
    assert ended.code == 3
    assert ended.err.startswith("error: events.parquet of this run is damaged or not its own")


def test_a_file_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    class Broken:
        def blocks(self) -> object:
            yield next(iter(case("reopened").log.blocks()))
            raise ValueError("cut short")

    for form in FORMATS:
        with pytest.raises(ValueError, match="cut short"):
            export_log(Broken(), case("reopened").scenario, form, tmp_path / "x")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(ExportError, match="not a file"):
        export_log(case("reopened").log, case("reopened").scenario, "csv", tmp_path / "link")


def test_help_loads_no_format() -> None:
    code = (
        "import sys; from analysis.cli.export_verb import export; "
        "print(sorted(set(sys.modules) & {'numpy', 'pandas', 'pyarrow', 'analysis.exports'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

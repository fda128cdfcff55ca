"""The verb report: where the page goes, what it prints, and what it says of folders that it cannot read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analysis.cli import VERBS, main
from analysis.cli.report_verb import MARKER
from analysis.runs import verify
from tests.cli.ended import Command, Ended
from tests.page.examples import TINY


@pytest.fixture
def workforce(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command in a folder that holds tiny.yaml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(VERBS, "report", "analysis.cli.report_verb:report")
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


@pytest.fixture
def run(workforce: Command) -> Path:
    """The folder of a run."""
    assert workforce("run", "tiny.yaml", "-n", "2", "--out", "ran").code == 0
    return Path("ran")


def test_the_page_becomes_part_of_the_folder(workforce: Command, run: Path) -> None:
    ended = workforce("report", "ran")
    assert (ended.code, ended.out, ended.err) == (0, "ran/report.html\n", "")
    first = (run / "report.html").read_bytes()
    assert first.startswith(b"<!doctype html>")
    assert verify(run) == ()
    assert "report.html" in json.loads((run / "manifest.json").read_text())["files"]
    assert workforce("replay", "ran").code == 0
    assert workforce("run", "tiny.yaml", "-n", "2", "--out", "ran").code == 0
    assert not (run / "report.html").exists()
    assert workforce("report", "ran").code == 0
    assert (run / "report.html").read_bytes() == first


def test_a_copy_of_the_folder_gives_the_same_page(workforce: Command, run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, "copy")
    assert workforce("report", "ran").code == workforce("report", "copy", "--out", "mailed.html").code == 0
    page = Path("mailed.html").read_bytes()
    assert page == (run / "report.html").read_bytes()
    assert str(tmp_path).encode() not in page
    assert not Path("copy/report.html").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "tiny.yaml", "-n", "2", "-j", "1"),
        ("sweep", "tiny.yaml", "-n", "2", "-j", "1", "--vary", "topology.threshold=0.6,0.9"),
        ("solve", "tiny.yaml", "-n", "2", "-j", "1", "--staff", "clerk", "--subject-to", "sla_share>=0.5"),
        ("breakeven", "tiny.yaml", "-n", "2", "-j", "1", "--between", "as written,guarded", "--points", "2",
         "--tolerance", "0.5", "--vary", "topology.threshold=0.6..0.9"),
        ("sensitivity", "tiny.yaml", "-n", "2", "-j", "1", "--vary", "topology.threshold=0.6..0.9"),
        ("sensitivity", "tiny.yaml", "-n", "2", "-j", "1", "--vary", "topology.threshold=0.6..0.9",
         "--vary", "topology.value_limit=300..600", "--points", "4", "--method", "sobol"),
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[-2]}",
)  # fmt: skip
def test_every_experiment_has_a_page(workforce: Command, arguments: tuple[str, ...]) -> None:
    assert workforce(*arguments, "--out", "found").code == 0
    ended = workforce("report", "found", "--json")
    assert (ended.code, ended.err) == (0, "")
    page = json.loads(ended.out)
    assert page["kind"] == arguments[0]
    assert page["answer"].endswith(".")
    assert [section["key"] for section in page["sections"]][-3:] == ["basis", "warnings", "again"]


def test_markdown_and_json_are_printed_and_nothing_is_written(workforce: Command, run: Path) -> None:
    before = sorted(path.name for path in run.iterdir())
    assert workforce("report", "ran", "--markdown").out.startswith("# Tiny\n")
    assert json.loads(workforce("report", "ran", "--json").out)["title"] == "Tiny"
    assert sorted(path.name for path in run.iterdir()) == before


def test_it_says_how_to_have_the_same_again(workforce: Command, run: Path) -> None:
    page = json.loads(workforce("report", "ran", "--json").out)
    (command,) = [block["text"] for block in page["sections"][-1]["blocks"] if block["kind"] == "command"]
    assert command == "workforce run stated/scenario.yaml -n 2 --seed 1 --out ../again"
    assert str(run) not in command


def test_what_cannot_be_reported_is_said_in_one_line(workforce: Command, run: Path) -> None:
    missing = workforce("report", "nowhere")
    assert (missing.code, missing.out) == (2, "")
    assert missing.err == "Error: there is no folder nowhere; workforce runs list shows what there is\n"
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["files"]["result.json"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    older = workforce("report", "ran")
    assert older.code == 3
    assert "has no result.json" in older.err
    assert older.err.endswith("repeat the run\n")


def test_changed_results_are_not_reported(workforce: Command, run: Path) -> None:
    assert workforce("run", "tiny.yaml", "-n", "1", "--out", "one").code == 0
    Path("one/events.parquet").write_bytes(b"")
    damaged = workforce("report", "one")
    assert (damaged.code, "events.parquet of this run is damaged" in damaged.err) == (3, True)
    (run / "result.json").write_text("{}")
    changed = workforce("report", "ran")
    assert (changed.code, changed.err) == (3, "error: ran/result.json was changed since the run\n")


def test_only_a_page_is_replaced_by_a_page(workforce: Command, run: Path) -> None:
    refused = workforce("report", "ran", "--out", "tiny.yaml")
    assert refused.code == 2
    assert "tiny.yaml exists and is not a page of this command" in refused.err
    assert Path("tiny.yaml").read_text(encoding="utf-8") == TINY
    Path("page.html").write_text(f"<!doctype html>{MARKER}an older one", encoding="utf-8")
    assert workforce("report", "ran", "--out", "page.html").code == 0
    assert "an older one" not in Path("page.html").read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_said(workforce: Command, run: Path) -> None:
    ended = workforce("report", "ran", "--out", "nowhere/page.html")
    assert (ended.code, "nowhere" in ended.err) == (3, True)


def test_forms_that_exclude_each_other_are_refused(workforce: Command, run: Path) -> None:
    assert workforce("report", "ran", "--json", "--markdown").code == 2
    assert workforce("report", "ran", "--json", "--out", "x.html").code == 2

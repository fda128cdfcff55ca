"""The option --variant: one variant of a file, explained or run, and what is kept of that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.cli import main

TINY = """
version: 1
name: Tiny
horizon: 6 h
tasks:
  mail:
    arrivals: {process: poisson, rate: 10 / h}
workers:
  agent:
    kind: agent
    model: claude-haiku-4-5
    work_time: 2 min
    success: {mean: 0.9, spread: 1.0}
  clerk: {kind: human, positions: 2, wage: 34 / h, work_time: 5 min}
topology: {kind: escalation, agent: agent, human: clerk}
variants:
  three clerks: {workers: {clerk: {positions: 3}}}
  better: {workers: {agent: {success: {mean: 0.95}}}}
"""


@pytest.fixture(autouse=True)
def _in_a_folder_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")


def command(*arguments: str) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_a_run_of_a_variant_says_so_and_replays(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--set", "workers.clerk.wage=30 / h", "-n", "1", "--no-progress", "--out", "here")
    assert command("run", "tiny.yaml", "--variant", "three clerks", *options) == 0
    assert capsys.readouterr().out.startswith("Tiny: three clerks")
    manifest = json.loads(Path("here/manifest.json").read_text(encoding="utf-8"))
    assert manifest["overrides"] == {"workers.clerk.wage": "30 / h", "--variant": "three clerks"}
    assert "positions: 3" in Path("here/scenario.resolved.yaml").read_text(encoding="utf-8")
    assert command("replay", "here") == 0


def test_explain_names_what_the_variant_and_the_command_line_set(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--variant", "three clerks", "--set", "workers.clerk.wage=30 / h", "--json")
    assert command("explain", "tiny.yaml", *arguments) == 0
    rows = json.loads(capsys.readouterr().out)["parameters"]["Worker: clerk (human)"]
    origins = {row["path"]: row["from"] for row in rows}
    assert origins["workers.clerk.positions"] == "--variant"
    assert origins["workers.clerk.wage"] == "--set"
    assert origins["workers.clerk.work_time"] == "your file"


@pytest.mark.parametrize("verb", ["run", "explain"])
def test_an_unknown_variant_is_refused_with_the_list(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(verb, "tiny.yaml", "--variant", "four clerks") == 2
    assert "no variant 'four clerks'; the file has: three clerks, better" in capsys.readouterr().err


def test_validate_warns_of_what_a_variant_loses(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("validate", "tiny.yaml") == 0
    assert capsys.readouterr().err == (
        "tiny.yaml: warning variant better: workers.agent.success is replaced whole, without the file's spread: "
        "write it again to keep it\n"
    )


def test_compare_notes_what_a_variant_loses(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("compare", "tiny.yaml", "-n", "2", "-j", "1", "--no-progress", "--minimise", "cpst") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "variant better: workers.agent.success is replaced whole, without the file's spread" in told

"""The verb solve: what it takes, what it prints and writes, and how it ends."""

from __future__ import annotations

import csv
import json
import signal
import time
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.executors import InProcess
from analysis.experiments.replicate import Work
from analysis.experiments.solution import Solution
from analysis.runs.finished import FINISHED
from tests.cli.ended import Command, Ended
from tests.cli.test_jobs import needs_proc
from tests.cli.test_resume import Started, contents, finished_lines

TINY = """
version: 1
name: Tiny
horizon: 6 h
tasks:
  mail:
    arrivals: {process: poisson, rate: 20 / h}
    sla: 30 min
    damage_if_wrong: 20
workers:
  agent:
    kind: agent
    positions: 4
    model: none
    price: {input: 1, output: 5}
    tool_cost: 0.1
    work_time: {distribution: exponential, mean: 2 min}
    success: {mean: 0.9, spread: 1.0}
  clerk: {kind: human, positions: 6, wage: 34 / h, work_time: {distribution: exponential, mean: 9 min}}
topology: {kind: human_only, human: clerk, agent: agent}
decide: {minimise: cpst_loaded, subject_to: [sla_share >= 0.9]}
"""


@pytest.fixture
def solve(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the verb with one job in a folder that holds tiny.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(("solve", "tiny.yaml", *arguments, "-j", "1", "-n", "3"))
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return command


@pytest.mark.mechanism("MR-19")
def test_the_page_names_the_least_and_what_one_less_comes_to(solve: Command) -> None:
    ended = solve("--staff", "clerk")
    assert ended.code == 0
    found = Solution.load(ended.folder / "result.json")
    best = found.nearest.values["workers.clerk.positions"]
    assert f"clerk {best} is the least that keeps to at least 90 % within SLA" in ended.words
    assert f"clerk {best - 1} does not" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_the_folder_has_every_candidate_and_is_named_after_the_verb(solve: Command) -> None:
    folder = solve("--staff", "clerk").folder
    assert folder.name.startswith("tiny-solve-")
    assert {path.name for path in folder.iterdir()} >= {
        "manifest.json", "solve.json", "candidates.csv", "one_less.csv", "result.json", "scenario.resolved.yaml",
    }  # fmt: skip
    with open(folder / "candidates.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    document = json.loads((folder / "solve.json").read_text(encoding="utf-8"))
    assert len(rows) == len(document["candidates"])
    assert [row["is_answer"] for row in rows].count("True") == 1


def test_the_same_command_leaves_the_same_bytes(solve: Command) -> None:
    one, other = (
        solve("--staff", "clerk", "--out", "one").folder,
        solve("--staff", "clerk", "--out", "two").folder,
    )
    for path in one.iterdir():
        if path.is_file() and path.name != "manifest.json":
            assert path.read_bytes() == (other / path.name).read_bytes()


def test_a_path_with_values_is_searched_among_these(solve: Command) -> None:
    ended = solve("--least", "workers.clerk.positions=2:8:3", "--json")
    document = json.loads(ended.out)
    assert {row["workers.clerk.positions"] for row in document["candidates"]} <= {2, 5, 8}
    assert document["answer"] == {"workers.clerk.positions": 5}
    assert Path(document["folder"]).is_dir()


def test_nothing_that_is_enough_exits_with_1_and_shows_the_nearest(solve: Command) -> None:
    ended = solve("--staff", "clerk", "--high", "2", "-q")
    assert ended.code == 1
    assert "Nothing that was tried keeps to at least 90 % within SLA." in ended.words
    assert "clerk 2 comes nearest" in ended.out
    assert "Tried" not in ended.out


def test_optuna_searches_ranges(solve: Command) -> None:
    pytest.importorskip("optuna", reason="the extra optuna is not installed")
    ended = solve(
        "--method", "optuna", "--trials", "6", "--least", "topology.threshold=0.5..0.99", "--staff", "clerk",
        "--set", "topology.kind=escalation", "--subject-to", "sla_share>=0.2", "--minimise", "cpst_loaded",
        "--minimise", "wrong_per_1000",
    )  # fmt: skip
    assert ended.code == 0
    assert "Frontier" in ended.out
    assert (ended.folder / "frontier.csv").is_file()


def nothing_is_begun(*_: Any, **__: Any) -> Any:
    """In place of `carried_out`: what is refused is refused before folder and workers are set up."""
    raise AssertionError("the search has begun")


class Watched(InProcess):
    """Does a number of replications in this process, and then somebody interrupts."""

    left = 10**9
    done = 0

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        if isinstance(function, Work):
            if Watched.left == 0:
                raise KeyboardInterrupt
            Watched.left, Watched.done = Watched.left - 1, Watched.done + 1
        return super().submit(function, *arguments, **named)


@pytest.mark.parametrize(
    "typed",
    [
        ("--staff", "clerk"),
        (
            "--staff",
            "clerk",
            "--method",
            "optuna",
            "--trials",
            "12",
            "--least",
            "workers.agent.positions=1..3",
        ),
    ],
)
def test_a_search_that_was_interrupted_asks_for_the_same_candidates_again(
    solve: Command, typed: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "optuna" in typed:
        pytest.importorskip("optuna", reason="the extra optuna is not installed")
    monkeypatch.setattr("analysis.cli.varied_experiment.chosen_executor", lambda *_: nullcontext(Watched()))
    monkeypatch.setattr(Watched, "done", 0)
    whole = solve(*typed, "--out", "whole")
    needed = Watched.done
    monkeypatch.setattr(Watched, "left", 7)
    assert solve(*typed, "--out", "out").code == 130
    monkeypatch.setattr(Watched, "left", 10**9)
    monkeypatch.setattr(Watched, "done", 0)
    assert solve(*typed, "--out", "out", "--resume").code == whole.code
    assert Watched.done == needed - 7
    for path in Path("whole").iterdir():
        if path.is_file() and path.name != "manifest.json":
            assert path.read_bytes() == (Path("out") / path.name).read_bytes()


@pytest.mark.ci
@needs_proc
@pytest.mark.parametrize("lines", [2, 20])
def test_a_search_by_trials_that_was_killed_goes_on_to_the_same_folder_with_other_processes(
    lines: int, tmp_path: Path
) -> None:
    pytest.importorskip("optuna", reason="the extra optuna is not installed")
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    typed = (
        "solve", "tiny.yaml", "--staff", "clerk", "--least", "workers.agent.positions=1..3", "--method", "optuna",
        "--trials", "16", "-n", "3", "--set", "horizon=2 days",
    )  # fmt: skip
    started, log = Started(tmp_path, typed), tmp_path / "out.unfinished" / FINISHED
    with started.process("--out", "whole", "-j", "1") as process:
        assert process.wait() == 0
    with started.process("--out", "out", "-j", "2") as process:
        while process.poll() is None and finished_lines(log) < lines:
            time.sleep(0.002)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert finished_lines(log) >= lines
    with started.process("--out", "out", "-j", "1", "--resume") as process:
        said = process.communicate()[1]
    assert process.returncode == 0, said
    assert said.startswith("continuing out.unfinished")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ([], "say what to find the least of"),
        (["--staff", "clark"], "no role clark; did you mean clerk?"),
        (["--staff", "clerk", "--subject-to", "sla>=0.9"], "no metric sla"),
        (["--staff", "clerk", "--subject-to", "sla_share"], "is not a condition"),
        (["--staff", "clerk", "--minimise", "beauty"], "no metric beauty"),
        (["--least", "workers.clerk.wage"], "no whole number in the scenario"),
        (["--least", "topology.threshold=0.5..0.9"], "--method optuna for a range"),
        (["--least", "workers.clerk.positions="], "an empty list of values"),
        (["--least", "workers.clark.positions=1:3"], "workers.clark"),
        (["--staff", "clerk", "--trials", "5"], "--trials goes with --method optuna"),
        (
            ["--staff", "clerk", "--least", "workers.clerk.positions=1:3"],
            "workers.clerk.positions is given twice",
        ),
        (["--staff", "clerk", "--low", "0"], "workers.clerk.positions"),
        (["--least", "workers.clerk.positions=1,0,12,14"], "--least number 1 (workers.clerk.positions=0)"),
        (["--staff", "clerk", "--least", "workers.agent.positions=1,0,3"], "workers.agent.positions"),
        (["--least", "workers.clerk.positions=1,,3"], "--least number 1"),
        (["--least", "workers.clerk.positions=1:9", "--high", "3"], "--high goes with --staff"),
        (["--least", "workers.clerk.positions=1:9", "--low", "3"], "--low goes with --staff"),
        (["--staff", "clerk", "--staff", "clerk"], "workers.clerk.positions is given twice"),
        (
            ["--least", "workers.clerk.positions", "--least", "workers.clerk.positions"],
            "workers.clerk.positions is given twice",
        ),
        (
            ["--least", "workers.clerk.positions=1:3", "--least", "workers.clerk.positions=4:6"],
            "workers.clerk.positions is given twice",
        ),
        (
            ["--staff", "clerk", "--minimise", "cpst", "--minimise", "cpst_loaded"],
            "go with the method optuna",
        ),
    ],
)
def test_what_cannot_be_searched_exits_with_2_and_writes_nothing(
    solve: Command, arguments: list[str], wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.cli.solve_verb.carried_out", nothing_is_begun)
    ended = solve(*arguments)
    assert ended.code == 2
    assert wrong in ended.err
    assert not Path("runs").exists()


def test_without_any_condition_nothing_is_begun(solve: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.cli.solve_verb.carried_out", nothing_is_begun)
    Path("tiny.yaml").write_text(TINY.partition("decide:")[0], encoding="utf-8")
    ended = solve("--staff", "clerk")
    assert (ended.code, "nothing says what must be met" in ended.err) == (2, True)

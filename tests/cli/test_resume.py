"""`--resume`: what is finished is kept, whatever ends the command, and the results are those of one that was let be."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.executors import ClusterError, InProcess
from analysis.experiments.replicate import Work
from analysis.runs.finished import FINISHED
from analysis.runs.owner import LOCK, owned
from tests.cli.ended import Command, Ended
from tests.cli.test_jobs import ENTRY, ROOT, all_gone, needs_proc

TEXT = """
version: 1
name: Tiny
horizon: 6 h
tasks:
  mail: {arrivals: {process: poisson, rate: 20 / h}, damage_if_wrong: 20}
workers:
  agent: {kind: agent, model: claude-haiku-4-5, work_time: 2 min, success: 0.9}
  clerk: {kind: human, positions: 2, wage: 34 / h, work_time: 5 min}
topology: {kind: escalation, agent: agent, human: clerk}
decide: {minimise: cpst_with_damage}
variants:
  more clerks: {workers: {clerk: {positions: 3}}}
"""
VERBS = {
    "run": ("run", "tiny.yaml", "-n", "6"),
    "compare": ("compare", "tiny.yaml", "-n", "2", "-j", "1"),
    "sweep": ("sweep", "tiny.yaml", "--vary", "workers.clerk.positions=2,3", "-n", "3", "-j", "1"),
}
"""Commands that simulate six replications."""


@dataclass
class Machine:
    """Does replications in this process, and has something happen at one of them."""

    at: int = -1
    error: BaseException = field(default_factory=KeyboardInterrupt)
    done: int = 0

    @contextmanager
    def chosen(self, *_: Any, **__: Any) -> Iterator[Executor]:
        """In place of `chosen_executor`."""
        machine = self

        class Watched(InProcess):
            def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
                if isinstance(function, Work):
                    if machine.done == machine.at:
                        raise machine.error
                    machine.done += 1
                return super().submit(function, *arguments, **named)

        yield Watched()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Where the commands of a test have their work done."""
    found = Machine()
    monkeypatch.setattr("analysis.cli.varied_experiment.chosen_executor", found.chosen)
    return found


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> Command:
    """Runs a command in a folder that holds tiny.yaml; `at` says before which replication `error` happens."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TEXT, encoding="utf-8")

    def called(*typed: str, at: int = -1, error: BaseException | None = None) -> Ended:
        machine.at, machine.done = at, 0
        machine.error = error or KeyboardInterrupt()
        with pytest.raises(SystemExit) as ended:
            main(typed)
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return called


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the manifest, whose `versions` alone may differ between two equal experiments."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {str(path.relative_to(folder)): path.read_bytes() for path in paths}
    if "manifest.json" in files:
        manifest = json.loads(files["manifest.json"])
        files["manifest.json"] = json.dumps(manifest | {"versions": {}}).encode()
    return files


# -- interrupted --------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("at", [1, 5])
def test_an_interrupted_experiment_goes_on_and_ends_as_if_nothing_had_happened(
    at: int, verb: str, command: Command, machine: Machine, tmp_path: Path
) -> None:
    whole = command(*VERBS[verb], "--out", "whole")
    assert (whole.code, machine.done) == (0, 6)
    ended = command(*VERBS[verb], "--out", "out", at=at)
    assert ended.code == 130
    assert ended.err.startswith("interrupted")
    assert verb == "run" or "; the same command with --resume continues" in ended.err
    assert sorted(path.name for path in (tmp_path / "out.unfinished").iterdir()) == [FINISHED, LOCK]
    again = command(*VERBS[verb], "--out", "out", "--resume")
    assert (again.code, machine.done) == (0, 6 - at)
    assert again.err.startswith(f"continuing out.unfinished: {at} replication")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert again.out.replace("\nout\n", "") == whole.out.replace("\nwhole\n", "")
    assert not (tmp_path / "out.unfinished").exists()


@pytest.mark.parametrize("verb", VERBS)
def test_one_that_is_interrupted_again_and_again_gets_there(
    verb: str, command: Command, tmp_path: Path
) -> None:
    command(*VERBS[verb], "--out", "whole")
    codes = [command(*VERBS[verb], "--out", "out", at=1).code]
    while codes[-1] == 130:
        assert len(codes) < 10
        codes.append(command(*VERBS[verb], "--out", "out", "--resume", at=1).code)
    assert codes == [130] * 5 + [0]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("verb", VERBS)
def test_one_that_is_interrupted_before_anything_is_finished_leaves_nothing(
    verb: str, command: Command, tmp_path: Path
) -> None:
    ended = command(*VERBS[verb], "--out", "out", at=0)
    assert (ended.code, ended.err.strip()) == (130, "interrupted, nothing was written")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.yaml"]


def test_an_interrupted_run_leaves_its_partial_results_too(command: Command, tmp_path: Path) -> None:
    command(*VERBS["run"], at=4)
    (folder,) = (tmp_path / "runs").glob("tiny-??????")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["stopped_by"] == {"run": "interrupted after 4 of 6 replications"}
    assert command(*VERBS["run"], "--resume").out.endswith(f"\nruns/{folder.name}\n")
    assert json.loads((folder / "manifest.json").read_text())["status"] == "complete"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [folder.name]


def test_without_out_a_comparison_is_kept_in_runs_while_it_is_unfinished(
    command: Command, tmp_path: Path
) -> None:
    assert "kept in runs/tiny-compare-" in command(*VERBS["compare"], at=4).err
    assert command(*VERBS["compare"], "--resume").code == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("tiny-compare-")
    assert not folder.name.endswith(".unfinished")


def test_the_log_that_is_kept_is_the_same(command: Command, machine: Machine, tmp_path: Path) -> None:
    command(*VERBS["run"], "--events", "--out", "whole")
    command(*VERBS["run"], "--events", "--out", "out", at=3)
    assert command(*VERBS["run"], "--events", "--out", "out", "--resume").code == 0
    assert machine.done == 4  # the first once more, for its log
    assert "events.parquet" in contents(tmp_path / "out")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("verb", VERBS)
def test_an_error_loses_nothing_that_is_finished(verb: str, command: Command, machine: Machine) -> None:
    ended = command(*VERBS[verb], "--out", "out", at=4, error=ClusterError("the cluster at tcp://s is gone"))
    assert ended.code == 3
    assert ended.err.endswith("error: the cluster at tcp://s is gone\n")
    assert command(*VERBS[verb], "--out", "out", "--resume").code == 0
    assert machine.done == 2


# -- what is not continued ----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_an_unfinished_experiment_is_not_begun_again_by_mistake(
    verb: str, command: Command, machine: Machine, tmp_path: Path
) -> None:
    command(*VERBS[verb], "--out", "out", at=2)
    before = (tmp_path / "out.unfinished" / FINISHED).read_bytes()
    ended = command(*VERBS[verb], "--out", "out")
    assert (ended.code, machine.done, ended.out) == (2, 0, "")
    assert ended.err == (
        "Error: out.unfinished holds an unfinished experiment (2 replications are finished); "
        "continue it with --resume, or choose another --out\n"
    )
    assert (tmp_path / "out.unfinished" / FINISHED).read_bytes() == before


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (("--seed", "8"), "it was begun with seed 1, and this is seed 8"),
        (("--set", "horizon=7 h"), "the scenario has changed since it was begun"),
        (("-n", "7"), "replications, and this is 7"),
    ],
)
@pytest.mark.parametrize("out", [("--out", "out"), ()])
def test_an_experiment_that_was_changed_is_not_continued(
    out: tuple[str, ...], typed: tuple[str, ...], text: str, verb: str, command: Command, machine: Machine
) -> None:
    command(*VERBS[verb], *out, at=2)
    ended = command(*VERBS[verb], *out, *typed, "--resume")
    assert (ended.code, machine.done, ended.out) == (2, 0, "")
    assert text in ended.err
    assert command(*VERBS[verb], *out, "--resume").code == 0


def test_another_version_of_the_package_does_not_continue(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(*VERBS["run"], at=2)
    monkeypatch.setattr("analysis.runs.asked.versions", lambda: {"hybrid-workforce-simulator": "99.0"})
    ended = command(*VERBS["run"], "--resume")
    assert ended.code == 2
    assert "it was begun by version " in ended.err
    assert "of the package, and this is 99.0" in ended.err


def test_a_result_that_was_edited_is_named_by_its_line(command: Command, tmp_path: Path) -> None:
    command(*VERBS["run"], "--out", "out", at=3)
    path = tmp_path / "out.unfinished" / FINISHED
    path.write_text(path.read_text().replace('"complete"', '"complese"', 2))
    ended = command(*VERBS["run"], "--out", "out", "--resume")
    assert ended.code == 2
    assert f"out.unfinished/{FINISHED}:2: the line is not as it was written" in ended.err


def test_a_result_that_was_cut_off_is_simulated_again(
    command: Command, machine: Machine, tmp_path: Path
) -> None:
    command(*VERBS["run"], "--out", "out", at=3)
    path = tmp_path / "out.unfinished" / FINISHED
    path.write_bytes(path.read_bytes()[:-1000])
    assert command(*VERBS["run"], "--out", "out", "--resume").code == 0
    assert machine.done == 4


@pytest.mark.parametrize("resume", [("--resume",), ()])
def test_a_second_writer_is_refused(resume: tuple[str, ...], command: Command, tmp_path: Path) -> None:
    command(*VERBS["run"], "--out", "out", at=3)
    with owned(tmp_path / "out.unfinished"):
        ended = command(*VERBS["run"], "--out", "out", *resume)
    assert ended.code == 3
    assert ended.err == (
        f"error: out.unfinished is being written by process {os.getpid()}; "
        "wait for it or choose another --out\n"
    )
    assert command(*VERBS["run"], "--out", "out", "--resume").code == 0


@pytest.mark.parametrize("verb", VERBS)
def test_with_nothing_to_continue_it_is_the_beginning(verb: str, command: Command, machine: Machine) -> None:
    ended = command(*VERBS[verb], "--resume")
    assert (ended.code, machine.done) == (0, 6)
    assert ended.err.endswith("; this is the beginning\n")


# -- killed -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Started:
    """A command as a process of its own, in a session of its own."""

    folder: Path
    typed: tuple[str, ...]

    def process(self, *more: str) -> subprocess.Popen[str]:
        """Starts it."""
        script = self.folder / "workforce.py"
        script.write_text(ENTRY)
        return subprocess.Popen(
            [sys.executable, str(script), *self.typed, *more], cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip


def finished_lines(log: Path) -> int:
    """Lines of a file that may not be there yet."""
    return log.read_bytes().count(b"\n") if log.exists() else 0


SWEEP = ("sweep", "tiny.yaml", "--vary", "workers.clerk.positions=2,3,4", "-n", "20", "-j", "2", "-q")
"""Sixty replications, so few that starting the processes takes most of the time."""
KILLS = (3, 3, 3, 3, 3)
"""How often each of the experiments is killed before it is let be."""


@pytest.mark.ci
@needs_proc
def test_killed_at_random_and_resumed_it_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(TEXT, encoding="utf-8")
    started = Started(tmp_path, SWEEP)
    with started.process("--out", "whole") as process:
        assert process.wait() == 0
    whole, generator = contents(tmp_path / "whole"), random.Random(4)
    log, kept = tmp_path / "out.unfinished" / FINISHED, []
    for kills in KILLS:
        for lines in sorted(generator.sample(range(62), kills)):
            with started.process("--out", "out", "--resume") as process:
                while process.poll() is None and finished_lines(log) < lines:
                    time.sleep(0.002)
                time.sleep(generator.uniform(0, 0.1) if lines else generator.uniform(0, 1.5))
                if generator.random() < 0.5 and process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)  # its workers at the same moment
                process.kill()
                said = process.communicate()[1]
            assert process.returncode in (0, -signal.SIGKILL), said
            assert all_gone(process.pid, 5)
            kept.append(finished_lines(log))
        with started.process("--out", "out", "--resume") as process:
            said = process.communicate()[1]
        assert process.returncode == 0, said
        found = contents(tmp_path / "out")
        assert [name for name in whole if found[name] != whole[name]] == []
        assert list(found) == list(whole)
        assert {path.name for path in tmp_path.iterdir()} == {"tiny.yaml", "workforce.py", "whole", "out"}
        shutil.rmtree(tmp_path / "out")
    assert len(kept) == 15
    assert sum(0 < count < 61 for count in kept) >= 8  # the moments were not all before or after the work


@pytest.mark.ci
@needs_proc
@pytest.mark.parametrize("lines", [0, 1, 5])
@pytest.mark.parametrize("verb", ["run", "compare", "sweep"])
def test_ctrl_c_ends_with_130_within_3_seconds_and_can_be_resumed(
    verb: str, lines: int, tmp_path: Path
) -> None:
    (tmp_path / "tiny.yaml").write_text(TEXT, encoding="utf-8")
    varied = ("--vary", "workers.clerk.positions=2,3") if verb == "sweep" else ()
    typed = (verb, "tiny.yaml", *varied, "-n", "5000", "-j", "2", "--set", "horizon=2 days", "--out", "out")
    log = tmp_path / "out.unfinished" / FINISHED
    with Started(tmp_path, typed).process() as process:
        time.sleep(0.8)
        while finished_lines(log) < lines:
            time.sleep(0.02)
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=20)[1]
        assert time.monotonic() - began < 3
    assert process.returncode == 130, said
    assert said.strip().startswith("interrupted")
    assert "Traceback" not in said
    assert all_gone(process.pid, 1)
    assert log.exists() == ("nothing was written" not in said)
    assert log.exists() or lines < 5


@pytest.mark.ci
@needs_proc
def test_what_a_cluster_did_before_the_kill_is_finished_by_this_machine(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    from tests.cluster.test_dask import cluster_of

    (tmp_path / "tiny.yaml").write_text(TEXT, encoding="utf-8")
    typed = ("run", "tiny.yaml", "-n", "200", "-q", "--set", "horizon=1 week")
    log = tmp_path / "out.unfinished" / FINISHED
    with cluster_of(tmp_path, 2) as cluster:
        there = Started(tmp_path, (*typed, "--engine", "dask", "--address", cluster.address))
        with there.process("--out", "out") as process:
            while process.poll() is None and finished_lines(log) < 20:
                time.sleep(0.02)
            process.kill()
    assert process.returncode == -signal.SIGKILL
    kept = finished_lines(log)
    here = Started(tmp_path, typed)
    with here.process("--out", "out", "--resume") as process:
        said = process.communicate()[1]
    assert process.returncode == 0, said
    assert 19 <= int(said.split(": ")[1].split()[0]) <= kept
    with here.process("--out", "whole", "-j", "2") as process:
        assert process.wait() == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")

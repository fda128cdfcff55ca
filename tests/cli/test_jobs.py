"""`--jobs`, `--engine` and `--address`: the same folder, interruptions, and what is said when replications are lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.cli.progress import rate_text
from analysis.executors import InProcess, TaskLostError
from sim import InvariantError

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "invoice_reconciliation.yaml"
SHORT = ("--set", "horizon=1 day", "--set", "warm_up=0 s")
ENTRY = "from analysis.cli import main\nif __name__ == '__main__':\n    main()\n"


def run(*typed: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["run", str(SCENARIO), *SHORT, "-q", *typed])
    return int(ended.value.code or 0)


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("--engine", "dask"), "--engine dask needs the scheduler's --address"),
        (("--address", "tcp://127.0.0.1:1"), "--address goes with --engine dask"),
        (
            ("--engine", "dask", "--address", "tcp://127.0.0.1:1", "-j", "2"),
            "--jobs goes with --engine local",
        ),
        (("-j", "0"), "0 is not in the range 1<=x<=256"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(
    typed: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--out", str(tmp_path / "out"), *typed) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_two_jobs_leave_the_folder_that_one_leaves(tmp_path: Path) -> None:
    for jobs in ("1", "2"):
        assert run("-n", "3", "--events", "-j", jobs, "--out", str(tmp_path / jobs)) == 0
    one, two = contents(tmp_path / "1"), contents(tmp_path / "2")
    assert one == two
    assert "events.parquet" in one


def losing(error: Exception, lost: set[int]) -> Any:
    """A stand-in for `chosen_executor` in which some replications end with an error."""

    class Losing(InProcess):
        def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Any:
            future = super().submit(function, *arguments, **named)
            if arguments[0] in lost:
                future = type(future)()
                future.set_exception(error)
            return future

    @contextmanager
    def chosen(*_: Any, **__: Any) -> Iterator[Executor]:
        yield Losing()

    return chosen


def test_a_lost_replication_is_named_and_the_rest_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = losing(TaskLostError("it killed its worker process 3 times"), {0})
    monkeypatch.setattr("analysis.cli.varied_experiment.chosen_executor", chosen)
    assert run("-n", "3", "--events", "--out", str(tmp_path / "out")) == 1
    assert "replication 0 is missing: it killed its worker process 3 times" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["status"] == "partial"
    assert manifest["stopped_by"] == {"0": "it killed its worker process 3 times"}
    assert [bool(digest) for digest in manifest["log_digests"]] == [False, True, True]
    assert "events.parquet" not in manifest["files"]
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(tmp_path / "out")])
    assert ended.value.code == 0  # what is there is right; the deadly one is not tried


def test_when_all_are_lost_the_run_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "analysis.cli.varied_experiment.chosen_executor", losing(TaskLostError("it died"), {0, 1})
    )
    assert run("-n", "2", "--out", str(tmp_path / "out")) == 3
    assert capsys.readouterr().err == "error: no replication was finished: it died\n"
    assert not (tmp_path / "out").exists()


def test_a_broken_law_is_reported_with_its_replication(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = InvariantError("a task was lost")
    error.add_note("in replication 1 of 'Invoices', seed 7")
    monkeypatch.setattr("analysis.cli.varied_experiment.chosen_executor", losing(error, {1}))
    assert run("-n", "3", "--out", str(tmp_path / "out")) == 3
    said = capsys.readouterr().err
    assert said.startswith(
        "in replication 1 of 'Invoices', seed 7\ninternal error: InvariantError: a task was lost\n"
    )


@pytest.mark.parametrize(
    ("per_second", "text"),
    [(None, ""), (0.0, ""), (3.24, "3.24 per second"), (152.3, "152 per second"), (0.2, "12 per minute")],
)
def test_the_rate_is_told_in_a_unit_that_suits_it(per_second: float | None, text: str) -> None:
    assert rate_text(per_second) == text


# -- interrupted and killed ---------------------------------------------------------------------------


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    """The command as a script, as the installed one is."""
    script = tmp_path / "workforce.py"
    script.write_text(ENTRY)
    return script


def started(entry: Path, out: Path) -> subprocess.Popen[str]:
    """A long run by two processes, in a group of its own as under a terminal."""
    command = [
        sys.executable,
        str(entry),
        "run",
        str(SCENARIO),
        "-n",
        "5000",
        "-j",
        "2",
        "-q",
        "--out",
        str(out),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    )


def members_alive(session: int) -> list[int]:
    """Processes of a session that run, as /proc knows them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session = path.read_text().rsplit(")", 1)[1].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_session) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def all_gone(session: int, seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while members_alive(session):
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


@pytest.mark.ci
@needs_proc
@pytest.mark.parametrize("wait", [0.3, 0.6, 0.9, 1.2, 1.6, 2.0, 3.0, 4.0])
def test_ctrl_c_at_any_moment_ends_with_130_within_3_seconds_and_leaves_nobody(
    wait: float, entry: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with started(entry, out) as process:
        time.sleep(wait)
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=10)[1]
        assert time.monotonic() - began < 3
    assert process.returncode == 130
    assert said.strip().startswith("interrupted")
    assert "Traceback" not in said
    assert all_gone(process.pid, 1)
    if out.exists():
        manifest = json.loads((out / "manifest.json").read_text())
        assert manifest["status"] == "partial"
        assert manifest["stopped_by"]["run"].startswith(
            f"interrupted after {manifest['replications']} of 5000"
        )


@pytest.mark.ci
@needs_proc
@pytest.mark.parametrize("wait", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_killed_leaves_no_worker(
    how: signal.Signals, wait: float, entry: Path, tmp_path: Path
) -> None:
    with started(entry, tmp_path / "out") as process:
        time.sleep(wait)
        process.send_signal(how)
    assert process.returncode == -how
    assert all_gone(process.pid, 5)


@pytest.mark.ci
@needs_proc
def test_workers_killed_at_random_change_nothing(tmp_path: Path) -> None:
    import random

    from analysis.executors import ProcessPool
    from analysis.experiments import replicate
    from sim import load

    scenario = load(SCENARIO, {"horizon": "2 weeks"})
    generator, killed = random.Random(7), []

    with ProcessPool(2) as pool:

        def kill_one(done: int, total: int) -> None:
            children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
            workers = [int(word) for path in children for word in path.read_text().split()]
            names = {worker: Path(f"/proc/{worker}/cmdline").read_bytes() for worker in workers}
            alive = sorted(worker for worker, name in names.items() if b"spawn_main" in name)
            if done % 4 == 1 and alive:
                killed.append(generator.choice(alive))
                os.kill(killed[-1], signal.SIGKILL)

        found = replicate(scenario, 24, executor=pool, progress=kill_one)
    whole = replicate(scenario, 24)
    assert len(killed) >= 5
    assert (found.tallies, found.logs, found.lost) == (whole.tallies, whole.logs, {})

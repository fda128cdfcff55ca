"""A real Dask cluster over TCP gives the same bytes as one process, also when a worker dies or differs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

import sim
from analysis.cli import main
from analysis.executors import ClusterError, TaskLostError, dask_executor, in_order
from analysis.experiments import Replications, replicate
from tests import calls

pytestmark = pytest.mark.ci
pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "invoice_reconciliation.yaml"
OTHER_STREAMS = "import sim.draws\nsim.draws.STREAM_VERSION = 99\n"
"""Makes a worker one of another version."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.address = f"tcp://127.0.0.1:{free_port()}"
        port = self.address.rsplit(":", 1)[1]
        self.scheduler = self._start("dask_scheduler", "--port", port, "--no-show")
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self, *options: str, nanny: str = "--no-nanny") -> subprocess.Popen[bytes]:
        worker = self._start("dask_worker", self.address, nanny, "--nthreads", "1", *options)
        self.workers.append(worker)
        return worker

    def _start(self, command: str, *options: str) -> subprocess.Popen[bytes]:
        arguments = [
            sys.executable,
            "-m",
            f"distributed.cli.{command}",
            "--host",
            "127.0.0.1",
            "--no-dashboard",
        ]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_TEMPORARY_DIRECTORY": str(self.folder)}
        log = (self.folder / f"{command}.log").open("ab")
        self.stack.callback(log.close)
        process = subprocess.Popen(
            [*arguments, *options], cwd=self.folder, env=environment, stdout=log, stderr=log
        )
        self.stack.callback(ended, process)
        return process

    def wait_for_workers(self, number: int) -> None:
        from distributed import Client

        with Client(self.address, set_as_default=False, timeout="30 s") as client:
            client.wait_for_workers(number, timeout=30)


def ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def cluster_of(folder: Path, workers: int, nanny: str = "--no-nanny") -> Iterator[Cluster]:
    with ExitStack() as stack:
        cluster = Cluster(folder, stack)
        for _ in range(workers):
            cluster.add_worker(nanny=nanny)
        if workers:
            cluster.wait_for_workers(workers)
        yield cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler and two workers."""
    with cluster_of(tmp_path, 2) as found:
        yield found


def scenario(name: str = "invoice_reconciliation") -> sim.Scenario:
    return sim.load(ROOT / "scenarios" / f"{name}.yaml", {"horizon": "2 weeks"})


def assert_same(found: Replications, wanted: Replications) -> None:
    assert found.tallies == wanted.tallies
    assert found.logs == wanted.logs
    assert found.to_json_dict() == wanted.to_json_dict()


def test_a_cluster_gives_what_one_process_gives(cluster: Cluster, tmp_path: Path) -> None:
    here = replicate(scenario(), 10, keep=tmp_path / "here.parquet")
    with dask_executor(cluster.address) as executor:
        there = replicate(scenario(), 10, keep=tmp_path / "there.parquet", executor=executor)
        recorded = replicate(sim.load(ROOT / "scenarios" / "recorded_arrivals.yaml"), 2, executor=executor)
    assert_same(there, here)
    assert_same(recorded, replicate(sim.load(ROOT / "scenarios" / "recorded_arrivals.yaml"), 2))
    assert (tmp_path / "here.parquet").read_bytes() == (tmp_path / "there.parquet").read_bytes()


def test_a_worker_killed_in_the_middle_loses_nothing(cluster: Cluster) -> None:
    def kill_one(done: int, total: int) -> None:
        if done == 3:
            cluster.workers[0].kill()

    with dask_executor(cluster.address) as executor:
        found = replicate(scenario(), 12, executor=executor, progress=kill_one)
    assert cluster.workers[0].poll() is not None
    assert_same(found, replicate(scenario(), 12))


def test_the_command_leaves_the_folder_that_it_leaves_without_a_cluster(
    cluster: Cluster, tmp_path: Path
) -> None:
    for name, engine in (("here", ()), ("there", ("--engine", "dask", "--address", cluster.address))):
        with pytest.raises(SystemExit) as done:
            main(["run", str(SCENARIO), "-n", "3", "--events", "-q", "--out", str(tmp_path / name), *engine])
        assert done.value.code == 0
    here, there = (
        {
            path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("here", "there")
    )
    assert here == there


def test_a_worker_of_another_version_is_refused_also_when_it_joins_late(
    cluster: Cluster, tmp_path: Path
) -> None:
    preload = tmp_path / "other_streams.py"
    preload.write_text(OTHER_STREAMS)
    with dask_executor(cluster.address) as executor:
        cluster.add_worker("--preload", str(preload))
        cluster.wait_for_workers(3)
        with pytest.raises(ClusterError, match=r"another version \(streams\): 99 there, 1 here"):
            replicate(scenario(), 30, executor=executor)
    with pytest.raises(ClusterError, match=r"worker tcp://127\.0\.0\.1:\d+ has another version \(streams\)"):
        dask_executor(cluster.address)


def test_a_call_that_kills_its_workers_is_given_up_and_the_rest_is_done(tmp_path: Path) -> None:
    with cluster_of(tmp_path, 2, nanny="--nanny") as cluster, dask_executor(cluster.address) as executor:
        futures = dict(in_order(executor, partial(calls.die_always, tmp_path), range(6)))
        with pytest.raises(TaskLostError, match="it killed 4 workers of the cluster"):
            futures.pop(2).result(timeout=90)
        assert {number: future.result(timeout=90) for number, future in futures.items()} == {
            number: number for number in (0, 1, 3, 4, 5)
        }


def test_a_cluster_that_goes_away_ends_the_work(cluster: Cluster) -> None:
    def end(done: int, total: int) -> None:
        if done == 2:
            cluster.scheduler.kill()

    began = time.monotonic()
    with (
        pytest.raises(ClusterError, match="is gone"),
        dask_executor(cluster.address) as executor,
    ):
        replicate(scenario(), 50, executor=executor, progress=end)
    assert time.monotonic() - began < 30


def test_a_cluster_without_workers_and_one_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with cluster_of(tmp_path, 0) as empty, pytest.raises(ClusterError, match="has no workers"):
        dask_executor(empty.address)
    with pytest.raises(ClusterError, match="no Dask scheduler answers at"):
        dask_executor(f"tcp://127.0.0.1:{free_port()}")

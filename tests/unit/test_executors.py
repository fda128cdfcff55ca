"""Executors: results in order, workers that die and are replaced, and nothing left behind."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import sim
from analysis import executors
from analysis.executors import (
    ClusterError,
    InProcess,
    Parcel,
    ProcessPool,
    TaskLostError,
    dask_executor,
    in_order,
    local_executor,
)
from analysis.executors.cluster import check_versions, check_workers, checked_call, versions
from analysis.experiments import Replications, replicate
from analysis.experiments.replicate import Work, replicate_one
from sim import InvariantError, Scenario
from tests import calls

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPool]:
    """Two workers for the tests that leave them alive and well."""
    with ProcessPool(2) as started:
        yield started


def scenario(name: str = "invoice_reconciliation", horizon: str = "1 day") -> Scenario:
    return sim.load(ROOT / "scenarios" / f"{name}.yaml", {"horizon": horizon, "warm_up": "0 s"})


def is_alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# -- in this process ----------------------------------------------------------------------------------


def test_one_job_needs_no_other_process() -> None:
    with local_executor(1) as here:
        assert here.submit(calls.process_id).result() == os.getpid()
    assert isinstance(local_executor(2), ProcessPool)


def test_an_error_in_this_process_waits_for_who_asks_and_an_interruption_does_not() -> None:
    assert isinstance(InProcess().submit(calls.refuse, "plain").exception(), ValueError)

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InProcess().submit(interrupted)


@pytest.mark.parametrize("jobs", [0, -1])
def test_fewer_jobs_than_one_are_refused(jobs: int) -> None:
    with pytest.raises(ValueError, match="at least 1 job"):
        local_executor(jobs)


# -- in order -----------------------------------------------------------------------------------------


class Counted(Executor):
    """Counts the calls that were submitted and not yet handed on."""

    def __init__(self) -> None:
        self.open: list[Future[Any]] = []
        self.submitted = 0

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.submitted += 1
        self.open.append(future)
        return future


def test_at_most_twice_the_jobs_are_in_flight_however_many_there_are() -> None:
    counted, most = Counted(), 0
    for number, _ in in_order(counted, calls.doubled_late, range(10_000), jobs=3):
        most = max(most, counted.submitted - number)
    assert (counted.submitted, most) == (10_000, 6)


def test_one_job_is_submitted_when_the_one_before_was_read() -> None:
    done: list[int] = []
    for number, future in in_order(InProcess(), lambda item: done.append(item), range(4)):
        assert future.done()
        assert done == list(range(number + 1))


def test_leaving_early_cancels_what_has_not_begun() -> None:
    counted = Counted()
    results = in_order(counted, calls.doubled_late, range(100), jobs=2)
    next(results)
    results.close()
    assert [future.cancelled() for future in counted.open] == [False, True, True, True]


def test_results_of_a_foreign_executor_come_in_order() -> None:
    with ThreadPoolExecutor(3) as threads:
        found = [(n, future.result()) for n, future in in_order(threads, calls.doubled_late, range(9), 3)]
    assert found == [(number, 2 * number) for number in range(9)]


# -- the pool -----------------------------------------------------------------------------------------


def test_results_of_the_pool_come_in_order(pool: ProcessPool) -> None:
    found = [(n, future.result()) for n, future in in_order(pool, calls.doubled_late, range(12))]
    assert found == [(number, 2 * number) for number in range(12)]


def test_both_workers_of_the_pool_work_at_once(pool: ProcessPool, tmp_path: Path) -> None:
    ids = {future.result() for _, future in in_order(pool, partial(calls.meet, tmp_path), range(2))}
    assert len(ids) == 2
    assert os.getpid() not in ids


def test_a_worker_uses_one_thread_and_leaves_ctrl_c_to_its_parent() -> None:
    with ProcessPool(1) as fresh:
        state = fresh.submit(calls.state_of_the_worker).result()
    assert state == {"threads": ["1", "1", "1"], "ignores": True, "blocks": True, "loaded": []}


def test_a_worker_that_dies_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    with ProcessPool(2) as mortal:
        found = [f.result() for _, f in in_order(mortal, partial(calls.die_once, tmp_path), range(8))]
    assert found == list(range(8))
    assert (tmp_path / "died").exists()


def test_a_call_that_kills_three_workers_is_given_up_and_it_alone(tmp_path: Path) -> None:
    found: list[int] = []
    with ProcessPool(2) as mortal:
        for number, future in in_order(mortal, partial(calls.die_always, tmp_path), range(8)):
            if number == 2:
                with pytest.raises(TaskLostError, match="it killed its worker process 3 times"):
                    future.result()
            else:
                found.append(future.result())
    assert found == [0, 1, 3, 4, 5, 6, 7]
    tried = [len((tmp_path / f"calls-{number}").read_text()) for number in range(8)]
    assert tried == [1, 1, 3, 1, 1, 1, 1, 1]  # its neighbours were not disturbed


def test_an_error_comes_back_with_its_notes_and_its_place(pool: ProcessPool) -> None:
    error = pool.submit(calls.refuse, "plain").exception()
    assert isinstance(error, ValueError)
    assert error.__notes__ == ["in replication 5"]
    assert "calls.py" in str(error.__cause__)


@pytest.mark.parametrize(
    ("kind", "text"), [("awkward", "AwkwardError: this and that"), ("lock", "ValueError: with a lock")]
)
def test_an_error_that_cannot_travel_is_told_by_one_that_can(kind: str, text: str, pool: ProcessPool) -> None:
    error = pool.submit(calls.refuse, kind).exception()
    assert isinstance(error, RuntimeError)
    assert str(error) == text


def test_a_result_or_a_call_that_cannot_travel_is_an_error_and_no_death(pool: ProcessPool) -> None:
    assert "cannot pickle" in str(pool.submit(calls.a_lock, 0).exception())
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pool.submit(lambda: 0)


def test_a_killed_pool_is_gone_at_once_and_takes_no_more_calls() -> None:
    killed = ProcessPool(1)
    worker = killed.submit(calls.process_id).result()
    running, waiting = killed.submit(calls.sleep_long, 60), killed.submit(calls.sleep_long, 60)
    while not running.running():
        time.sleep(0.01)
    began = time.monotonic()
    killed.kill()
    assert time.monotonic() - began < 30  # the call would take 60
    assert not is_alive(worker)
    with pytest.raises(BrokenExecutor):
        running.result()
    with pytest.raises(CancelledError):
        waiting.result()
    with pytest.raises(RuntimeError, match="shut"):
        killed.submit(calls.process_id)


def test_leaving_by_an_error_does_not_wait_for_what_is_in_flight() -> None:
    def leave() -> None:
        with ProcessPool(1) as left:
            left.submit(calls.sleep_long, 60)
            raise ZeroDivisionError

    began = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        leave()
    assert time.monotonic() - began < 30  # the call would take 60


def test_a_shut_pool_finishes_what_it_was_given(tmp_path: Path) -> None:
    with ProcessPool(1) as shut:
        futures = [shut.submit(calls.noted, tmp_path, name) for name in ("a", "b", "c")]
    assert [future.result() for future in futures] == ["a", "b", "c"]
    shut.shutdown()  # a second time does no harm
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


PARENT = """
import time
from analysis.executors import ProcessPool
from tests import calls
if __name__ == "__main__":
    pool = ProcessPool(2)
    workers = {pool.submit(calls.process_id).result() for _ in range(2)}
    while len(workers) < 2:
        workers |= {future.result() for future in [pool.submit(calls.process_id) for _ in range(4)]}
    pool.submit(calls.sleep_long, 60)
    print(*workers, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_workers_busy_or_idle_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [int(word) for word in parent.stdout.readline().split()]
        assert len(workers) == 2
        assert all(map(is_alive, workers))
        parent.send_signal(signal.SIGKILL)
    ends = time.monotonic() + 30
    while any(map(is_alive, workers)) and time.monotonic() < ends:
        time.sleep(0.02)
    assert not any(map(is_alive, workers))


def test_a_script_without_a_main_guard_is_told_what_is_wrong(tmp_path: Path) -> None:
    script = tmp_path / "bare.py"
    script.write_text("from analysis.executors import ProcessPool\nProcessPool(1).submit(abs, -1).result()\n")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "must do its work below `if __name__ == '__main__':`" in ended.stderr.splitlines()[-1]


# -- parcels ------------------------------------------------------------------------------------------


def test_a_parcel_is_unpacked_once_by_each_worker(pool: ProcessPool) -> None:
    parcel = Parcel(["a value"])
    found = [future.result() for _, future in in_order(pool, calls.held_by, [parcel] * 30)]
    processes = {process for process, _ in found}
    assert len({*found}) == len(processes)


def test_a_parcel_that_never_travels_is_never_packed() -> None:
    value = calls.a_lock(0)
    assert Parcel(value).value is value


@pytest.mark.parametrize("name", ["invoice_reconciliation", "recorded_arrivals", "content_pipeline"])
def test_a_scenario_travels_with_all_its_inputs(name: str) -> None:
    sent = scenario(name)
    received = pickle.loads(pickle.dumps(Parcel(sent))).value
    assert received is not sent
    assert received.digest() == sent.digest()
    assert sim.simulate(received).digest == sim.simulate(sent).digest


# -- replications -------------------------------------------------------------------------------------


def test_replications_are_the_same_bytes_whoever_does_them(pool: ProcessPool, tmp_path: Path) -> None:
    here = replicate(scenario(), 5, first=1, keep=tmp_path / "here.parquet")
    there = replicate(scenario(), 5, first=1, keep=tmp_path / "there.parquet", executor=pool)
    with ThreadPoolExecutor(2) as threads:
        else_where = replicate(scenario(), 5, first=1, keep=tmp_path / "else.parquet", executor=threads)
    assert here.tallies == there.tallies == else_where.tallies
    assert here.logs == there.logs == else_where.logs
    first, *others = [(tmp_path / f"{name}.parquet").read_bytes() for name in ("here", "there", "else")]
    assert others == [first, first]


def test_two_jobs_give_what_one_gives() -> None:
    assert replicate(scenario(), 3, jobs=2).tallies == replicate(scenario(), 3).tallies


class Losing(InProcess):
    """Loses some replications, as a pool does whose workers they kill."""

    def __init__(self, *lost: int) -> None:
        self.lost = lost

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        if arguments[0] not in self.lost:
            return super().submit(function, *arguments, **named)
        future: Future[Any] = Future()
        future.set_exception(TaskLostError("it killed its worker process 3 times"))
        return future


def test_a_replication_that_kills_its_workers_is_named_and_the_rest_is_there() -> None:
    told: list[tuple[int, int]] = []
    found = replicate(
        scenario(), 4, executor=Losing(1), progress=lambda done, total: told.append((done, total))
    )
    assert [log.replication for log in found.logs] == [0, 2, 3]
    assert found.lost == {1: "it killed its worker process 3 times"}
    assert not found.is_complete
    assert not found.is_interrupted
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert isinstance(found, Replications)
    assert len(found.to_frame()) == 3


def test_when_all_are_lost_there_is_no_result() -> None:
    with pytest.raises(TaskLostError, match="no replication was finished: it killed its worker"):
        replicate(scenario(), 2, executor=Losing(0, 1))


def test_an_error_names_its_replication_and_ends_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    outcome = replicate_one(scenario(), 7, 0)

    def broken(_: Scenario, seed: int, replication: int, keep: Path | None = None) -> Any:
        done.append(replication)
        if replication == 2:
            raise InvariantError("a task was lost")
        return outcome

    monkeypatch.setattr(sys.modules[Work.__module__], "replicate_one", broken)
    with pytest.raises(InvariantError, match="a task was lost") as caught:
        replicate(scenario(), 10)
    assert caught.value.__notes__ == ["in replication 2 of 'Invoice reconciliation', seed 7"]
    assert done == [0, 1, 2]


def test_an_interruption_ends_the_callers_pool_too() -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with ProcessPool(1) as interrupted:
        found = replicate(scenario(), 50, executor=interrupted, progress=interrupt)
        assert found.is_interrupted
        assert len(found.logs) == 1
        with pytest.raises(RuntimeError, match="shut"):
            interrupted.submit(calls.process_id)


def test_an_interruption_after_the_last_replication_is_one_too() -> None:
    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    found = replicate(scenario(), 2, progress=interrupt)
    assert (found.is_interrupted, len(found.logs)) == (True, 2)


# -- clusters -----------------------------------------------------------------------------------------


def test_a_worker_of_another_version_is_named_with_both_versions() -> None:
    found = versions() | {"streams": "99"}
    with pytest.raises(
        ClusterError, match=r"worker tcp://a has another version \(streams\): 99 there, 1 here"
    ):
        check_versions("tcp://a", found, versions())
    with pytest.raises(
        ClusterError, match="another version"
    ):  # one that joined after the others were checked
        checked_call(found, calls.process_id)
    assert checked_call(versions(), calls.process_id) == os.getpid()


class FakeClient:
    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    def run(self, function: Callable[[], Any], on_error: str) -> dict[str, Any]:
        return self.answers


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ({}, "the cluster at tcp://s has no workers"),
        (
            {"tcp://b": ModuleNotFoundError("No module named 'analysis'")},
            "worker tcp://b cannot use this package",
        ),
        ({"tcp://b": {}}, "worker tcp://b has another version"),
    ],
)
def test_a_cluster_that_is_of_no_use_is_refused_before_the_work(answers: dict[str, Any], text: str) -> None:
    with pytest.raises(ClusterError, match=text):
        check_workers(FakeClient(answers), "tcp://s")


def test_without_the_extra_a_cluster_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'hybrid-workforce-simulator\[dask\]'"):
        dask_executor("tcp://127.0.0.1:1")


def test_every_public_name_can_be_had() -> None:
    assert all(getattr(executors, name) is not None for name in executors.__all__)

"""The pool of worker processes on this machine, which heals itself."""

from __future__ import annotations

import pickle
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, TypeVar

from analysis.executors.errors import TaskLostError
from analysis.executors.worker import READY, WorkerSideError, serve

P = ParamSpec("P")
Result = TypeVar("Result")
MOST_DEATHS = 3
"""Workers that one call may kill before it is given up."""


class _Call(NamedTuple):
    payload: bytes
    future: Future[Any]


class _Worker(NamedTuple):
    process: SpawnProcess
    calls: Connection


class ProcessPool(Executor):
    """`jobs` worker processes, each started afresh when there is work for it.

    A worker that dies is replaced and its call, which alone can be to blame, is tried again; the third death gives
    the call up with TaskLostError. The other workers notice nothing. Workers die with this process. Leaving the
    `with` block by an error kills them; leaving it otherwise waits for what is in flight.
    """

    def __init__(self, jobs: int) -> None:
        """A pool without processes yet; raises ValueError for fewer than one job."""
        if jobs < 1:
            raise ValueError(f"a pool has at least 1 job, got {jobs}")
        self.jobs = jobs
        self.window = 2 * jobs
        """Calls worth submitting before the first is read."""
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._workers: dict[int, _Worker] = {}
        self._lock = Lock()
        self._is_open = True
        self._is_killed = False
        self._keepers = [Thread(target=self._keep, args=(n,), daemon=True) for n in range(jobs)]
        for keeper in self._keepers:
            keeper.start()

    def submit(
        self, function: Callable[P, Result], /, *arguments: P.args, **named: P.kwargs
    ) -> Future[Result]:
        """The call, to be done by the next free worker; RuntimeError when the pool is shut."""
        payload = pickle.dumps((function, arguments, named))
        future: Future[Result] = Future()
        with self._lock:
            if not self._is_open:
                raise RuntimeError("the pool is shut; no more calls")
            self._calls.put(_Call(payload, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more calls; ends the workers when those in flight are done."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
        if cancel_futures:
            self._cancel_waiting()
        if was_open:
            for _ in self._keepers:
                self._calls.put(None)
        if wait:
            for keeper in self._keepers:
                keeper.join()

    def kill(self) -> None:
        """Ends the workers now, whatever they do; calls in flight fail with BrokenExecutor."""
        with self._lock:
            self._is_killed = True
            for worker in self._workers.values():
                worker.process.kill()
        self.shutdown(wait=True, cancel_futures=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for what is in flight, or kills it when an error is under way."""
        if kind is None:
            self.shutdown()
        else:
            self.kill()

    def _cancel_waiting(self) -> None:
        while not self._calls.empty():
            call = self._calls.get()
            if call is not None:
                call.future.cancel()

    def _keep(self, number: int) -> None:
        """One thread's life: it keeps worker `number` at work."""
        _turn_deaf()
        while (call := self._calls.get()) is not None:
            if call.future.set_running_or_notify_cancel():
                try:
                    self._do(number, call)
                except BaseException as error:  # a thread has nobody above it
                    call.future.set_exception(error)
        self._dismiss(number)

    def _do(self, number: int, call: _Call) -> None:
        """Has the call done, by one worker after the other while they die of it."""
        for _ in range(MOST_DEATHS):
            worker = self._workers.get(number) or self._start(number)
            try:
                worker.calls.send_bytes(call.payload)
                result, error, origin = pickle.loads(worker.calls.recv_bytes())
            except (EOFError, OSError):
                self._dismiss(number)
                continue
            if error is None:
                call.future.set_result(result)
            else:
                error.__cause__ = WorkerSideError(origin)
                call.future.set_exception(error)
            return
        raise TaskLostError(f"it killed its worker process {MOST_DEATHS} times")

    def _start(self, number: int) -> _Worker:
        """A new worker that has said it is ready; BrokenExecutor when none can be had."""
        for _ in range(MOST_DEATHS):
            with self._lock:
                if self._is_killed:
                    raise BrokenExecutor("the pool was killed")
                worker = self._workers[number] = _new_worker()
            try:
                if worker.calls.recv_bytes() == READY:
                    return worker
            except (EOFError, OSError):
                self._dismiss(number)
        raise BrokenExecutor(
            "worker processes cannot be started; a script that uses them must do its work below "
            "`if __name__ == '__main__':`, because each worker imports it"
        )

    def _dismiss(self, number: int) -> None:
        """Ends worker `number`, which is idle or dead, and waits until it is gone."""
        with self._lock:
            worker = self._workers.pop(number, None)
        if worker is not None:
            worker.calls.close()
            worker.process.join()
            worker.process.close()


def _turn_deaf() -> None:
    """Keeps Ctrl-C from this thread and, because they inherit it, from the processes it starts, from their start."""
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # it would undo what follows when the first process is started
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _new_worker() -> _Worker:
    """A fresh interpreter, never a copy of this process: copies inherit locks and threads in mid-air."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), name="workforce worker", daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)

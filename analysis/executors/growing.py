"""The executor that grows: in this process while there is little to do, by a pool once that pays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from time import perf_counter
from types import TracebackType
from typing import ParamSpec, TypeVar

from analysis.executors.here import InProcess
from analysis.executors.pool import ProcessPool

P = ParamSpec("P")
Result = TypeVar("Result")
PATIENCE = 2.0
"""Seconds of work before there is a pool: about what it costs to start one, so that at most this is lost."""


class GrowingExecutor(InProcess):
    """Does calls in this process until they have taken a while, and those that follow by `jobs` processes.

    Short work is done before worker processes would have started; for long work the beginning does not matter. Where
    a call is done changes nothing in its result. One job stays in this process.
    """

    def __init__(self, jobs: int, patience: float = PATIENCE) -> None:
        """An executor without a pool yet, which begins one after `patience` seconds of work."""
        self.jobs = jobs
        self.window = 1
        """Calls worth submitting before the first is read."""
        self._patience = patience
        self._spent = 0.0
        self._pool: ProcessPool | None = None

    def submit(
        self, function: Callable[P, Result], /, *arguments: P.args, **named: P.kwargs
    ) -> Future[Result]:
        """The call, done here at once, or to be done by the pool."""
        if self._pool is None and self.jobs > 1 and self._spent >= self._patience:
            self._pool = ProcessPool(self.jobs)
            self.window = self._pool.window
        if self._pool is not None:
            return self._pool.submit(function, *arguments, **named)
        began = perf_counter()
        try:
            return super().submit(function, *arguments, **named)
        finally:
            self._spent += perf_counter() - began

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more calls; ends the pool, if there is one, when those in flight are done."""
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)

    def kill(self) -> None:
        """Ends what is in flight now."""
        if self._pool is not None:
            self._pool.kill()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for what is in flight, or ends it when an error is under way."""
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)

"""A running Dask cluster as an executor: the same package everywhere, or none of it."""

from __future__ import annotations

import os
import platform
import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from analysis.executors.errors import ClusterError, TaskLostError

if TYPE_CHECKING:
    from distributed import Client

P = ParamSpec("P")
Result = TypeVar("Result")
PACKAGE = "hybrid-workforce-simulator"
PATIENCE = "10 s"
"""How long the scheduler is waited for."""


@cache
def versions() -> dict[str, str]:
    """What must be the same on every worker for the same bytes."""
    # imported here because numpy comes with it: too early for a worker of the local pool
    from sim.draws import STREAM_VERSION
    from sim.prices import catalogue_version

    try:
        package = version(PACKAGE)
    except PackageNotFoundError:
        package = "not installed"
    return {
        "package": package,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "streams": str(STREAM_VERSION),
        "prices": catalogue_version(),
    }


def dask_executor(address: str) -> Cluster:
    """The Dask cluster whose scheduler is at `address` (`tcp://host:8786`).

    Raises ClusterError when the extra `dask` is missing, nobody answers, there are no workers, or a worker has
    another version of this package, of Python, of the draws or of the price catalogue.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(f"a cluster needs the extra: pip install '{PACKAGE}[dask]'") from error
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:  # a time-out is an OSError
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from error
    try:
        check_workers(client, address)
        return Cluster(client, address)
    except BaseException:
        client.close()
        raise


def check_workers(client: Client, address: str) -> None:
    """Raises ClusterError that names a worker which is not like this process."""
    answers = client.run(versions, on_error="return")
    if not answers:
        raise ClusterError(f"the cluster at {address} has no workers")
    for worker, found in sorted(answers.items()):
        if isinstance(found, Exception):
            raise ClusterError(f"worker {worker} cannot use this package: {type(found).__name__}: {found}")
        check_versions(worker, found, versions())


def check_versions(worker: str, found: dict[str, str], wanted: dict[str, str]) -> None:
    """Raises ClusterError that says what a worker has and what it should have."""
    for name, value in wanted.items():
        if found.get(name) != value:
            raise ClusterError(
                f"worker {worker} has another version ({name}): {found.get(name)} there, {value} here"
            )


def checked_call(
    wanted: dict[str, str], function: Callable[..., Result], *arguments: Any, **named: Any
) -> Result:
    """The call, by a worker that is like the sender: it may have joined after the others were checked."""
    check_versions(f"{socket.gethostname()}:{os.getpid()}", versions(), wanted)
    return function(*arguments, **named)


class _Call(NamedTuple):
    """A call on its way: what to do, and who waits for it."""

    outer: Future[Any]
    work: Callable[[], Any]
    is_trial: bool = False
    """Whether it is under suspicion and tried while no other suspect is."""


class Cluster(Executor):
    """The executor of a Dask client, with the errors of this package. Transport and its security are Dask's.

    Dask gives up every call that waited on enough workers that died, whichever of the calls killed them. Such calls
    are therefore tried once more, one after the other: only one that is given up again is to blame.
    """

    def __init__(self, client: Client, address: str) -> None:
        """An executor that owns the client."""
        self._client, self._address = client, address
        self._executor = client.get_executor(pure=False)  # pure: equal calls would be taken for one
        self.window = 2 * max(1, sum(client.nthreads().values()))
        """Calls worth submitting before the first is read."""
        self._is_open = True
        self._suspects: deque[_Call] = deque()
        self._is_trying = False

    def submit(
        self, function: Callable[P, Result], /, *arguments: P.args, **named: P.kwargs
    ) -> Future[Result]:
        """The call, to be done by some worker; one that dies is replaced as the scheduler sees fit."""
        outer: Future[Result] = Future()
        self._send(_Call(outer, partial(checked_call, versions(), function, *arguments, **named)))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster as it is and closes the connection to it."""
        if self._is_open:
            self._is_open = False
            self._executor.shutdown(wait and not cancel_futures)
            self._client.close(timeout=1)

    def kill(self) -> None:
        """Leaves at once; the workers drop what they do when they are done with it."""
        self.shutdown(wait=False, cancel_futures=True)

    def _send(self, call: _Call) -> None:
        try:
            inner = self._executor.submit(call.work)
        except RuntimeError as error:  # the client has noticed that the scheduler is gone
            call.outer.set_exception(ClusterError(f"the cluster at {self._address} is gone: {error}"))
            return
        call.outer.add_done_callback(lambda outer: inner.cancel() if outer.cancelled() else None)
        inner.add_done_callback(partial(self._ended, call))

    def _ended(self, call: _Call, inner: Future[Any]) -> None:
        """Dask is done with a call, one way or another."""
        error = CancelledError() if inner.cancelled() else inner.exception()
        if not call.is_trial and error is not None and _deaths(error):
            self._suspects.append(call._replace(is_trial=True))
        else:
            self._tell(call.outer, inner, error)
            self._is_trying = self._is_trying and not call.is_trial
        self._try_next()

    def _try_next(self) -> None:
        """Sends the next suspect when no other is being tried."""
        if self._suspects and not self._is_trying:
            self._is_trying = True
            self._send(self._suspects.popleft())

    def _tell(self, outer: Future[Any], inner: Future[Any], error: BaseException | None) -> None:
        """Result or error to who waits for it, in the words of this package."""
        if outer.cancelled() or not outer.set_running_or_notify_cancel():
            return
        if error is None:
            outer.set_result(inner.result())
        elif isinstance(error, CancelledError):
            outer.set_exception(ClusterError(f"the cluster at {self._address} is gone"))
        elif deaths := _deaths(error):
            outer.set_exception(TaskLostError(f"it killed {deaths} workers of the cluster"))
        else:
            outer.set_exception(error)


def _deaths(error: BaseException) -> int:
    """How many workers died before Dask gave the call up; 0 when that is not what happened."""
    from distributed.scheduler import KilledWorker

    return int(error.allowed_failures) + 1 if isinstance(error, KilledWorker) else 0

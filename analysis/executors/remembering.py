"""The executor that remembers: a call whose result is known is not done again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
Result = TypeVar("Result")


class Memory(Protocol):
    """Keeps results by key. Its methods may be called by several threads at once."""

    def key_of(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> str | None:
        """What tells this call from all others; None for one that is not to be remembered."""

    def recall(self, key: str) -> Any:
        """The result of an earlier call; KeyError when there was none."""

    def keep(self, key: str, result: Any) -> None:
        """Remembers a result."""


class RememberingExecutor(Executor):
    """Answers a call from memory when it can, else has it done by `inner` and remembers the result.

    A result is handed on when it is remembered, never before. Errors are not remembered. Leaving the `with` block
    leaves `inner` as it is: whoever made it ends it. How many
    calls are in flight is up to the inner one.
    """

    def __init__(self, inner: Executor, memory: Memory) -> None:
        """An executor that does by `inner` what is not in `memory`."""
        self.inner = inner
        self._memory = memory

    def __getattr__(self, name: str) -> Any:
        """What the inner executor has: `window`, `jobs`."""
        if name == "inner":  # not set yet
            raise AttributeError(name)
        return getattr(self.inner, name)

    def kill(self) -> None:
        """Ends what the inner executor has in flight, if it can."""
        kill = getattr(self.inner, "kill", None)
        if kill is not None:
            kill()

    def submit(
        self, function: Callable[P, Result], /, *arguments: P.args, **named: P.kwargs
    ) -> Future[Result]:
        """The call, done already when its result is known."""
        key = None if named else self._memory.key_of(function, arguments)
        if key is None:
            return self.inner.submit(function, *arguments, **named)
        outer: Future[Result] = Future()
        try:
            outer.set_result(self._memory.recall(key))
        except KeyError:
            inner = self.inner.submit(function, *arguments)  # type: ignore[call-arg]
            outer.add_done_callback(lambda future: inner.cancel() if future.cancelled() else None)
            inner.add_done_callback(partial(self._ended, key, outer))
        return outer

    def _ended(self, key: str, outer: Future[Any], inner: Future[Any]) -> None:
        """The inner executor is done with a call, one way or another; a result counts even if nobody waits."""
        if inner.cancelled():
            outer.cancel()
            return
        error = inner.exception()
        if error is None:
            try:
                self._memory.keep(key, inner.result())
            except Exception as failure:  # a thread of the pool has nobody above it
                error = failure
        if not outer.set_running_or_notify_cancel():
            return
        if error is None:
            outer.set_result(inner.result())
        else:
            outer.set_exception(error)


def bare(executor: Executor) -> Executor:
    """The executor that does the work: the inner one of one that remembers."""
    return bare(executor.inner) if isinstance(executor, RememberingExecutor) else executor

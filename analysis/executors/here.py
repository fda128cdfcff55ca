"""The executor of one job: each call is done at once, in this process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
Result = TypeVar("Result")


class InProcess(Executor):
    """Does each call when it is submitted. An interruption (Ctrl-C) leaves `submit` itself."""

    window = 1
    """Calls worth submitting before the first is read."""

    def submit(
        self, function: Callable[P, Result], /, *arguments: P.args, **named: P.kwargs
    ) -> Future[Result]:
        """The call, done."""
        future: Future[Result] = Future()
        try:
            future.set_result(function(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future

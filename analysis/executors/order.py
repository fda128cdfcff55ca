"""Calls in order: few in flight at a time, results as they were asked for."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    executor: Executor, function: Callable[[Item], Result], items: Iterable[Item], jobs: int | None = None
) -> Iterator[tuple[Item, Future[Result]]]:
    """Each item with the future of `function(item)`, in the order of the items, done or soon to be.

    At most twice as many calls are in flight as the executor does at once, so that ten thousand items need no more
    memory than ten. `jobs` says how many that is for an executor from elsewhere. Calls that have not begun are
    cancelled when the iterator is closed early.
    """
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    try:
        for item in items:
            waiting.append((item, executor.submit(function, item)))
            if len(waiting) >= window_of(executor, jobs):
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        for _, future in waiting:
            future.cancel()


def window_of(executor: Executor, jobs: int | None = None) -> int:
    """Calls to have in flight: enough that no worker waits while results are read."""
    return int(getattr(executor, "window", 2 * (jobs or os.cpu_count() or 1)))

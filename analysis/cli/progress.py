"""The progress bar: on standard error, and only where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from analysis.cli.interruption import raise_if_pressed

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

Progress = Callable[[int, int], None]
"""Told how many are done, and of how many."""


@contextmanager
def progress_bar(title: str, is_wanted: bool) -> Iterator[Progress]:
    """What to call as work gets done; it draws nothing when not wanted or when nobody watches.

    Each call raises KeyboardInterrupt when Ctrl-C was pressed and nothing has come of it yet.
    """
    if not is_wanted or not sys.stderr.isatty():
        yield lambda done, total: raise_if_pressed()
        return
    with _bar() as bar:
        task = bar.add_task(title, total=None, rate="")

        def advance(done: int, total: int) -> None:
            raise_if_pressed()
            bar.update(task, completed=done, total=total)
            bar.update(task, rate=rate_text(bar.tasks[0].speed))

        yield advance


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    timing = (TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    return Bar(*columns, *timing, console=Console(stderr=True), transient=True)


def rate_text(per_second: float | None) -> str:
    """How fast the work goes: `3.2 per second`, `12 per minute`; empty when not known yet."""
    if not per_second:
        return ""
    if per_second >= 1:
        return f"{per_second:.3g} per second"
    return f"{60 * per_second:.2g} per minute"

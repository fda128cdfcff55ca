"""The guard against runs without end: it reads closed blocks, so that it costs nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.log import Block

MOST_ROWS_AT_ONE_TICK = 1_000_000
"""Rows without an advance of the clock after which a run is stopped."""
MOST_ROWS = 2_000_000_000
"""Rows of one run at most."""


class EndlessRunGuard:
    """A sink that asks for the end of a run which goes on without end, and names the task it was at."""

    def __init__(self, stop: Callable[[str], None]) -> None:
        """`stop` takes the reason; it is told again with every further block."""
        self._stop = stop
        self._tick, self._rows_at_tick = -1, 0

    def add(self, block: Block) -> None:
        """Looks at the next block."""
        ticks = block["tick"]
        last = int(ticks[-1])
        at_last = int(np.count_nonzero(ticks == last))
        goes_on = at_last == len(block) and last == self._tick
        self._tick, self._rows_at_tick = last, at_last + (self._rows_at_tick if goes_on else 0)
        if self._rows_at_tick >= MOST_ROWS_AT_ONE_TICK:
            self._stop(
                f"{self._rows_at_tick} rows without an advance of the clock; the last is of {_trace(block)}"
            )
        rows = int(block["seq"][-1]) + 1
        if rows >= MOST_ROWS:
            self._stop(f"{rows} rows; the last is of {_trace(block)}")


def _trace(block: Block) -> str:
    """The task of the last row that has one."""
    rows = np.flatnonzero(block["task"] >= 0)
    if not len(rows):
        return "no task"
    return f"{block.names['type'][int(block['type'][rows[-1]])]}-{int(block['task'][rows[-1]])}"

"""Growth: how much more waits in queues at the end of the measured window than at its begin."""

from __future__ import annotations

import numpy as np

from analysis.metrics.layout import Layout
from analysis.metrics.sums import Sums
from sim.log.columns import Integers
from sim.quantities import DAY, WEEK


def compared_parts(ticks: int) -> tuple[int, int]:
    """Ticks of each of the two parts of a window that are compared, and ticks from one's begin to the other's.

    They are the first and the last third, in whole weeks or else whole days where there are two or more: what
    repeats by the week or the day is then the same in both.
    """
    for period in (WEEK, DAY):
        if ticks >= 2 * period:
            length = max(ticks // period // 3, 1) * period
            return length, ticks // period * period - length
    return ticks // 3, 2 * (ticks // 3)


class QueueGrowth:
    """Queue length integrated over the last part of the window, less that over the first, by role."""

    def __init__(self, layout: Layout) -> None:
        """Nobody has waited yet."""
        length, distance = compared_parts(layout.horizon - layout.warm_up)
        self._parts = [
            (sign, begin, begin + length)
            for sign, begin in ((-1, layout.warm_up), (1, layout.warm_up + distance))
        ]
        self._sums = Sums(len(layout.roles))

    def add(self, roles: Integers, begins: Integers, ends: Integers) -> None:
        """Adds waits [begin, end) in the queues of some roles."""
        for sign, first, last in self._parts:
            self._sums.add(roles, sign * (np.clip(ends, first, last) - np.clip(begins, first, last)))

    def totals(self) -> list[int]:
        """Of each role."""
        return self._sums.totals()

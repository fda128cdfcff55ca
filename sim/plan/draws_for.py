"""One way to ask for draws, for a block of tasks or for one: the same formula serves both."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim import maths
from sim.draws import Stream


class BlockDraws:
    """Draws of one visit for a block of tasks, as arrays."""

    m = maths.block

    def __init__(self, indices: Any, visit: int = 0) -> None:
        """The tasks of these indices (an array of unsigned integers), at their `visit`-th later start."""
        self.indices, self.visit = indices, visit

    @classmethod
    def span(cls, first: int, count: int) -> BlockDraws:
        """The first visit of the tasks first, first + 1, ..."""
        return cls(np.arange(first, first + count, dtype=np.uint64))

    def u(self, stream: Stream, number: int = 0) -> Any:
        """Uniform draws."""
        return stream.of(self.indices, self.visit, number)

    def of_task(self, stream: Stream) -> Any:
        """Normal draws that all visits share."""
        return self.m.normal_quantile(stream.of(self.indices))

    def happens(self, stream: Stream, p: Any) -> Any:
        """Events of p billionths."""
        return self.m.billionths(stream.of(self.indices, self.visit)) < p

    def happens_once(self, stream: Stream, p: int) -> Any:
        """Events of p billionths that all visits share."""
        return self.m.billionths(stream.of(self.indices)) < p

    def constant(self, value: float) -> Any:
        """The same value for every task."""
        return np.full(len(self.indices), value, dtype=np.float64)

    def never(self) -> Any:
        """False for every task."""
        return np.zeros(len(self.indices), dtype=np.bool_)

    @staticmethod
    def where(condition: Any, yes: Any, no: Any) -> Any:
        """`yes` where the condition holds, else `no`."""
        return np.where(condition, yes, no)


class ScalarDraws:
    """Draws of one visit for one task, as plain numbers: the same bits as the block."""

    m = maths.scalar

    def __init__(self, index: int, visit: int) -> None:
        """Task `index` at its `visit`-th later start."""
        self.index, self.visit = index, visit

    def u(self, stream: Stream, number: int = 0) -> Any:
        """A uniform draw."""
        return stream.scalar(self.index, self.visit, number)

    def of_task(self, stream: Stream) -> Any:
        """A normal draw that all visits share."""
        return stream.scalar_normal(self.index)

    def happens(self, stream: Stream, p: Any) -> Any:
        """An event of p billionths."""
        return stream.scalar_event(self.index, p, self.visit)

    def happens_once(self, stream: Stream, p: int) -> Any:
        """An event of p billionths that all visits share."""
        return stream.scalar_event(self.index, p)

    def constant(self, value: float) -> Any:
        """The value."""
        return value

    def never(self) -> Any:
        """False."""
        return False

    @staticmethod
    def where(condition: Any, yes: Any, no: Any) -> Any:
        """`yes` if the condition holds, else `no`."""
        return yes if condition else no


Draws = BlockDraws | ScalarDraws
"""Either form."""

"""Time limits: replications in portions, so that no more is begun than there is time for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

Clock = Callable[[], float]
"""Seconds since some moment."""


class TimeLimit:
    """Seconds from now on that work may take; None for as long as it takes."""

    def __init__(self, seconds: float | None, clock: Clock = time.monotonic) -> None:
        """A limit that begins now."""
        self._seconds, self._clock, self._begin, self._done = seconds, clock, clock(), 0

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._seconds is not None and self._clock() - self._begin >= self._seconds

    def portions(self, numbers: range, fewest: int) -> Iterator[range]:
        """The numbers in portions, to be done while this waits, until the time is up; the first one ever always.

        Each has at least `fewest` numbers, and as many as by the speed so far fit into the time that is left: the
        limit is passed by little more than `fewest` of them take. Without a limit it is one portion.
        """
        while numbers and not (self._done and self.is_over):
            portion = numbers[: max(fewest, self._affordable(len(numbers)))]
            yield portion
            self._done += len(portion)
            numbers = numbers[len(portion) :]

    def _affordable(self, wanted: int) -> int:
        """How many of those wanted there is time for, as far as one can tell."""
        if self._seconds is None:
            return wanted
        spent = self._clock() - self._begin
        if not self._done or spent <= 0:
            return 0
        return min(wanted, int((self._seconds - spent) * self._done / spent))

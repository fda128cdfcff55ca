"""Open time: a calendar as segments of ticks, and the questions that a run asks of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sim.calendars.shifts import CalendarSpec, Span
from sim.calendars.zones import load_zone, midnight, ticks_between, time_zero
from sim.errors import InvariantError
from sim.quantities import DAY

FOREVER = 2**62
"""A tick later than any run; it fits a signed 64-bit integer."""

_DAYS_BEFORE = 2
"""Where the clocks skip a whole date, a shift of 24 hours may end two days after it started."""
_DAYS_AFTER = 9
"""A segment that is open at the end of a run closes within a week, unless the calendar never closes."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Open time as half-open segments [open, close) in ticks, sorted, with a gap between any two.

    It knows the time up to the end of its last segment; after it everything is closed.
    """

    opens: tuple[int, ...]
    closes: tuple[int, ...]
    before: tuple[int, ...]
    """Open ticks before each segment, and as one more entry the open ticks of all."""

    def is_open(self, tick: int) -> bool:
        """Whether the tick lies in a segment."""
        index = bisect_right(self.opens, tick) - 1
        return index >= 0 and tick < self.closes[index]

    def open_ticks(self, tick: int) -> int:
        """Open time in [0, tick)."""
        index = bisect_right(self.opens, tick) - 1
        return self.before[index] + min(tick, self.closes[index]) - self.opens[index] if index >= 0 else 0

    def open_between(self, first: int, last: int) -> int:
        """Open time in [first, last); negative when `last` comes first."""
        return self.open_ticks(last) - self.open_ticks(first)

    def tick_at(self, amount: int) -> int | None:
        """The open tick with exactly that much open time before it, None past the last segment.

        Right-continuous: the amount of some whole segments is the next opening, not the last closing.
        Raises InvariantError when the amount is negative.
        """
        if amount < 0:
            raise InvariantError(f"open time is never negative, got {amount} ticks")
        index = bisect_right(self.before, amount) - 1
        return self.opens[index] + amount - self.before[index] if index < len(self.opens) else None

    def next_open(self, tick: int) -> int | None:
        """The tick itself if it is open, else the next opening, None past the last segment."""
        index = bisect_right(self.closes, tick)
        return max(tick, self.opens[index]) if index < len(self.opens) else None

    def close_after(self, tick: int) -> int:
        """End of the segment that contains the tick; the tick itself when it is closed."""
        index = bisect_right(self.opens, tick) - 1
        return max(tick, self.closes[index]) if index >= 0 else tick

    def open_ticks_block(self, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        """`open_ticks` of many ticks."""
        if not self.opens:
            return np.zeros_like(ticks)
        opens, closes, before = _column(self.opens), _column(self.closes), _column(self.before)
        index = np.searchsorted(opens, ticks, side="right") - 1
        inside = before[index] + np.minimum(ticks, closes[index]) - opens[index]
        return np.where(index >= 0, inside, np.int64(0))

    def close_after_block(self, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        """`close_after` of many ticks."""
        if not self.opens:
            return ticks.copy()
        closes = _column(self.closes)
        index = np.searchsorted(_column(self.opens), ticks, side="right") - 1
        return np.where(index >= 0, np.maximum(ticks, closes[index]), ticks)


def always_open() -> Calendar:
    """The calendar of what never closes: one segment [0, FOREVER)."""
    return _calendar([(0, FOREVER)])


def compile_calendar(spec: CalendarSpec, start: date, zone: str, length: int) -> Calendar:
    """The segments of ticks 0 to `length` of a run that starts at local midnight of `start`.

    A segment that began before the start is cut off at 0; the one that contains `length` keeps its own end,
    or ends a week later where the week has no gap. Shifts that touch are one segment, and so are shifts that
    a change of the clocks makes overlap. A shift that such a change leaves without time does not take place
    (02:30 to 03:15 where the clocks skip 02:00 to 03:00). Without any open time there is no segment.

    Raises E0230 for an unknown zone.
    """
    segments: list[tuple[int, int]] = []
    for opens, closes in sorted(_shift_ticks(spec, start, zone, length)):
        if segments and opens <= segments[-1][1]:
            segments[-1] = segments[-1][0], max(segments[-1][1], closes)
        elif opens < closes:
            segments.append((opens, closes))
    within = [(max(opens, 0), closes) for opens, closes in segments if closes > 0 and opens <= length]
    return _calendar(within)


def _shift_ticks(spec: CalendarSpec, start: date, zone: str, length: int) -> Iterator[tuple[int, int]]:
    """Start and end of each shift that starts on a date without `off`, around [0, length]."""
    rules = load_zone(zone)
    zero, off = time_zero(start, rules), frozenset(spec.off)
    spans: list[list[Span]] = [[] for _ in range(7)]
    for weekday, span in spec.week():
        spans[weekday].append(span)
    for offset in range(-_DAYS_BEFORE, length // DAY + _DAYS_AFTER):
        day = start + timedelta(days=offset)
        if day in off:
            continue
        wall = midnight(day, rules)
        for span in spans[day.weekday()]:
            opens, closes = (ticks_between(zero, wall + timedelta(minutes=minute)) for minute in span)
            yield opens, closes


def _calendar(segments: list[tuple[int, int]]) -> Calendar:
    return Calendar(
        opens=tuple(opens for opens, _ in segments),
        closes=tuple(closes for _, closes in segments),
        before=tuple(accumulate((closes - opens for opens, closes in segments), initial=0)),
    )


def _column(ticks: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(ticks, dtype=np.int64)

"""Ticks as ISO 8601 times on the clock of a scenario's zone."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np

from sim.calendars.zones import load_zone, local_time, time_zero
from sim.log.columns import Integers
from sim.quantities import DAY, MINUTE
from sim.scenario import Scenario


class Clock:
    """Writes ticks as local times with microseconds and the offset from UTC: `2026-01-05T09:14:02.000000+01:00`.

    An offset that is not of whole minutes, as before zones were agreed on, is cut to minutes, in the time as in
    the offset, so that the instant stays the same.
    """

    def __init__(self, scenario: Scenario) -> None:
        """The clock of the scenario's zone."""
        self._scenario = scenario
        zero = time_zero(scenario.start, load_zone(scenario.timezone))
        self._zero = np.datetime64(zero.replace(tzinfo=None), "us")
        self._known = 0
        self._starts, self._offsets = [0], [self._offset(0)]

    def text(self, tick: int) -> str:
        """One tick."""
        return self.texts(np.array([tick], dtype=np.int64))[0]

    def texts(self, ticks: Integers) -> list[str]:
        """Each tick; empty for no value."""
        is_given = ticks >= 0
        if not is_given.any():
            return [""] * len(ticks)
        self._learn(int(ticks.max()))
        starts, offsets = np.array(self._starts), np.array(self._offsets)
        place = np.searchsorted(starts, np.maximum(ticks, 0), side="right") - 1
        local = self._zero + np.maximum(ticks, 0) + offsets[place] * MINUTE
        ends = [_offset_text(offset) for offset in self._offsets]
        written = np.datetime_as_string(local, unit="us").tolist()
        return [
            time + ends[where] if given else ""
            for time, where, given in zip(written, place.tolist(), is_given.tolist(), strict=True)
        ]

    def _offset(self, tick: int) -> int:
        """Whole minutes that the clock is ahead of UTC."""
        ahead = local_time(tick, self._scenario.start, self._scenario.timezone).utcoffset()
        assert ahead is not None
        return int(ahead / timedelta(minutes=1))

    def _learn(self, last: int) -> None:
        """Finds the changes of the clock up to a tick, each by halving the day in which it is."""
        days = range(self._known, last + DAY, DAY)
        for known, later in pairwise(days):
            if self._offset(later) != self._offsets[-1]:
                self._add_change(known, later)
            self._known = later

    def _add_change(self, before: int, later: int) -> None:
        while later - before > 1:
            middle = (before + later) // 2
            is_old = self._offset(middle) == self._offsets[-1]
            before, later = (middle, later) if is_old else (before, middle)
        self._starts.append(later)
        self._offsets.append(self._offset(later))


def _offset_text(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"

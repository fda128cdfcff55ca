"""Hours of the week: how much of many intervals of ticks falls into each local hour from Monday 00:00 on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from sim.calendars import local_time
from sim.log.columns import Integers
from sim.quantities import DAY, HOUR, WEEK
from sim.scenario import Scenario

HOURS = WEEK // HOUR
"""Hours in a week."""


class LocalClock:
    """What the clocks of the scenario's time zone add to a tick, from Monday 00:00 of its first week on.

    `shifts[k]` holds from tick `starts[k]` until the next start: a new one at each change of the clocks.
    """

    def __init__(self, scenario: Scenario) -> None:
        """The clock of the scenario's measured window."""
        self._scenario = scenario
        changes = [(scenario.warm_up, self._shift(scenario.warm_up)), *self._changes()]
        self.starts = np.array([tick for tick, _ in changes], dtype=np.int64)
        self.shifts = np.array([shift for _, shift in changes], dtype=np.int64)
        self.before = self._hours_before()

    def _shift(self, tick: int) -> int:
        start, zone = self._scenario.start, self._scenario.timezone
        first, now = local_time(0, start, zone).utcoffset(), local_time(tick, start, zone).utcoffset()
        assert first is not None
        assert now is not None
        return (now - first) // timedelta(microseconds=1) + start.weekday() * DAY

    def _changes(self) -> Iterator[tuple[int, int]]:
        """Each change of the clocks in the window: its tick, found by halving a day, and the new shift."""
        known, shift = self._scenario.warm_up, self._shift(self._scenario.warm_up)
        while known < self._scenario.horizon:
            later = min(known + DAY, self._scenario.horizon)
            if self._shift(later) != shift:
                before = known
                while later - before > 1:
                    middle = (before + later) // 2
                    before, later = (middle, later) if self._shift(middle) == shift else (before, middle)
                shift = self._shift(later)
                yield later, shift
            known = later

    def _hours_before(self) -> list[list[int]]:
        """For each shift, what must be added to hours counted on its own clock alone."""
        before = [[0] * HOURS]
        for place in range(1, len(self.starts)):
            tick = int(self.starts[place])
            old, new = (_hours_until(tick + int(self.shifts[place + step])) for step in (-1, 0))
            before.append([known + was - now for known, was, now in zip(before[-1], old, new, strict=True)])
        return before


def _hours_until(local: int) -> list[int]:
    """Ticks of each hour of the week from local tick 0 on until `local`."""
    weeks, rest = divmod(local, WEEK)
    return [weeks * HOUR + min(max(rest - hour * HOUR, 0), HOUR) for hour in range(HOURS)]


class HourSums:
    """Ticks of intervals by group and hour of the week.

    The time of an hour up to a tick depends on the tick's week, hour and rest alone, so an interval enters as
    its end less its begin, and sums over weeks, hours and rests are all that is kept. With weight 1 they fit
    into 64 bits for 2^31 intervals; weighted intervals are summed as Python's integers.
    """

    def __init__(self, clock: LocalClock, groups: int, *, is_weighted: bool = False) -> None:
        """Sums that are all 0."""
        kind: Any = object if is_weighted else np.int64
        self._clock = clock
        self._shifts = np.zeros((groups, len(clock.starts)), kind)
        self._weeks = np.zeros(groups, kind)
        self._whole = np.zeros((groups, HOURS), kind)
        self._rest = np.zeros((groups, HOURS), kind)

    def add(self, groups: Integers, begins: Integers, ends: Integers, weights: Any = 1) -> None:
        """Adds intervals [begin, end) inside the window, each as often as its weight says."""
        self._add(groups, ends, weights)
        self._add(groups, begins, -weights)

    def _add(self, groups: Integers, ticks: Integers, weights: Any) -> None:
        place = np.searchsorted(self._clock.starts, ticks, side="right") - 1
        weeks, rest = np.divmod(ticks + self._clock.shifts[place], WEEK)
        hours, rest = np.divmod(rest, HOUR)
        np.add.at(self._shifts, (groups, place), weights)
        np.add.at(self._weeks, groups, weeks * weights)
        np.add.at(self._whole, (groups, hours), weights)
        np.add.at(self._rest, (groups, hours), rest * weights)

    def totals(self) -> list[list[int]]:
        """Ticks of each group in each hour of the week."""
        whole = self._whole.astype(object)
        later = whole[:, ::-1].cumsum(axis=1)[:, ::-1] - whole
        shifted = self._shifts.astype(object).dot(np.array(self._clock.before, dtype=object))
        weeks = self._weeks.astype(object)[:, None]
        totals: list[list[int]] = ((weeks + later) * HOUR + self._rest.astype(object) + shifted).tolist()
        return totals

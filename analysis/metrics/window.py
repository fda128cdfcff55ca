"""The measured window: what happens between warm-up and horizon, to whatever tasks."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np

from analysis.metrics.growth import QueueGrowth
from analysis.metrics.hours import HourSums, LocalClock
from analysis.metrics.layout import Layout
from analysis.metrics.sums import Sums, exact_sum, total
from analysis.metrics.tally import Window
from sim.calendars import Calendar
from sim.log import Block
from sim.log.columns import (
    ARRIVED,
    CAPACITY_CHANGED,
    CORRECTED,
    COST_LINES,
    NEXT_DELIVER,
    NEXT_FAIL,
    NEXT_REDELIVER,
    STOPPED,
    UNFINISHED,
    Integers,
)  # fmt: skip
from sim.quantities import MONTH, nano
from sim.workers import HumanRole


class Capacity:
    """Slots on shift over time: each change closes the interval that the one before it opened."""

    def __init__(self, layout: Layout, clock: LocalClock) -> None:
        """Nobody is there yet."""
        self._layout = layout
        self.available = HourSums(clock, len(layout.roles), is_weighted=True)
        self._slots, self._since = [0] * len(layout.roles), [0] * len(layout.roles)
        self._people, self._people_since, self.staffed_ticks = 0, 0, 0

    def add(self, block: Block) -> None:
        """Takes the changes in a block; there are few."""
        rows = np.flatnonzero(block["action"] == CAPACITY_CHANGED)
        columns = (block[column][rows].tolist() for column in ("role", "tick", "capacity"))
        for role, tick, slots in zip(*columns, strict=True):
            self._change(role, tick, slots)

    def close(self, tick: int) -> None:
        """Ends every interval."""
        for role in range(len(self._slots)):
            self._change(role, tick, 0)

    def _change(self, role: int, tick: int, slots: int) -> None:
        if self._slots[role]:
            begin, end = self._layout.clipped(np.array([[self._since[role]], [tick]]))
            self.available.add(np.array([role]), begin, end, np.array([self._slots[role]], dtype=object))
        if self._layout.is_person[role]:
            if self._people:
                begin, end = self._layout.clipped(np.array([self._people_since, tick])).tolist()
                self.staffed_ticks += end - begin
            self._people, self._people_since = self._people + slots - self._slots[role], tick
        self._slots[role], self._since[role] = slots, tick


class WindowFold:
    """What happens in the measured window."""

    def __init__(self, layout: Layout) -> None:
        """Nothing yet."""
        self._layout, clock = layout, LocalClock(layout.scenario)
        self.capacity = Capacity(layout, clock)
        self.busy, self.overtime = HourSums(clock, len(layout.roles)), HourSums(clock, len(layout.roles))
        self.worker_busy, self.queue = Sums(layout.worker_count), Sums(len(layout.roles))
        self.growth = QueueGrowth(layout)
        self._calendars = _calendars(layout)
        self._counts = dict.fromkeys(("arrived", "delivered", "right", "failed"), 0)
        self._costs, self._task_ticks, self._in_system = [0] * len(COST_LINES), 0, 0
        self._end = layout.horizon

    def add(self, block: Block) -> None:
        """Takes the next block."""
        self._count(block)
        self.capacity.add(block)
        self._add_queues(block)
        self._add_work(block)

    def _count(self, block: Block) -> None:
        action, tick = block["action"], block["tick"]
        is_inside, is_arrival = self._layout.is_inside(tick), action == ARRIVED
        is_done = action != UNFINISHED
        is_delivered, is_failed = (
            is_done & (block["next"] == NEXT_DELIVER),
            is_done & (block["next"] == NEXT_FAIL),
        )
        is_mended = (action == CORRECTED) | (is_done & (block["next"] == NEXT_REDELIVER))
        for name, is_so in (
            ("arrived", is_arrival),
            ("delivered", is_delivered),
            ("right", (is_delivered | is_mended) & (block["is_right"] == 1)),
            ("failed", is_failed),
        ):
            self._counts[name] += int(np.count_nonzero(is_so & is_inside))
        for place, line in enumerate(COST_LINES):
            self._costs[place] += exact_sum(np.maximum(block[line][is_inside], 0))
        to_come, is_end = self._layout.horizon - self._layout.clipped(tick), is_delivered | is_failed
        self._task_ticks += exact_sum(to_come[is_arrival]) - exact_sum(to_come[is_end])
        self._in_system += int(np.count_nonzero(is_arrival)) - int(np.count_nonzero(is_end))
        if (action == STOPPED).any():
            self._end = min(self._end, int(tick[action == STOPPED][0]))

    def _add_queues(self, block: Block) -> None:
        """A wait lasts until the work starts, or until the run ends."""
        started, rows = block["started"], np.flatnonzero((block["queued"] >= 0) & (block["role"] >= 0))
        until = np.where(started >= 0, started, block["ended"])[rows]
        waited = self._layout.clipped(until) - self._layout.clipped(block["queued"][rows])
        self.queue.add(block["role"][rows], waited)
        self.growth.add(block["role"][rows], block["queued"][rows], until)

    def _add_work(self, block: Block) -> None:
        rows = np.flatnonzero((block["started"] >= 0) & (block["position"] > 0))
        role, started, ended = block["role"][rows], block["started"][rows], block["ended"][rows]
        begin, end = self._layout.clipped(started), self._layout.clipped(ended)
        self.busy.add(role, begin, end)
        self.worker_busy.add(self._layout.workers(role, block["position"][rows]), end - begin)
        for number, calendar in self._calendars.items():
            is_late = (role == number) & (ended > calendar.close_after_block(started))
            self._add_overtime(number, calendar, started[is_late], ended[is_late])

    def _add_overtime(self, role: int, calendar: Calendar, started: Integers, ended: Integers) -> None:
        """The parts of some work between shifts, shift by shift for work that outlasts the next one too."""
        opens = np.array([*calendar.opens, self._layout.scenario.length + 1], dtype=np.int64)
        begin, last = calendar.close_after_block(started), ended
        while len(begin):
            reopens = opens[np.minimum(np.searchsorted(opens, begin, side="right"), len(opens) - 1)]
            end = np.minimum(last, reopens)
            inside = self._layout.clipped(begin), self._layout.clipped(end)
            self.overtime.add(np.full(len(begin), role), *inside)
            begin = calendar.close_after_block(end)
            is_left = (begin < last) & (end < last)
            begin, last = begin[is_left], last[is_left]

    def window(self) -> Window:
        """What happened in the window; closes the intervals that are open."""
        self.capacity.close(self._end)
        ticks = max(self._end - self._layout.warm_up, 0)
        cut_off = self._in_system * (self._layout.horizon - int(self._layout.clipped(np.array(self._end))))
        return Window(
            ticks=ticks,
            costs=tuple(self._costs),
            platform=platform_cost(self._layout, ticks),
            task_ticks=self._task_ticks - cut_off,
            staffed_ticks=self.capacity.staffed_ticks,
            **self._counts,
        )


def _calendars(layout: Layout) -> dict[int, Calendar]:
    """Calendars of the roles that have one; the others know no overtime."""
    found = {}
    for number, name in enumerate(layout.roles):
        role = layout.scenario.workers[name]
        if isinstance(role, HumanRole) and role.calendar is not None:
            found[number] = layout.scenario.calendar(role.calendar)
    return found


def platform_cost(layout: Layout, ticks: int) -> int:
    """Nano-units of the scenario's fixed costs for so much time; a month is 30 days."""
    amounts = (re.split("/|per", text)[0] for text in layout.scenario.fixed_costs.values())
    per_month = total(nano(Decimal(amount.strip())) for amount in amounts)
    return (per_month * ticks + MONTH // 2) // MONTH

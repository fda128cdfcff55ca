"""When tasks arrive: ticks in order, one list per block of tasks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate

import numpy as np

from sim import maths
from sim.calendars import Calendar
from sim.distributions import Sampler
from sim.draws import Stream
from sim.quantities import BILLION
from sim.recorded import RecordedTask
from sim.scenario import Scenario
from sim.tasks import Deterministic, Poisson, Recorded, Renewal

BLOCK = 4096
"""Tasks drawn at once."""
FIRST_BLOCK = 256
"""The first block is small, so that a short run draws little."""


def block_sizes() -> Iterator[tuple[int, int]]:
    """First index and size of each block of tasks, without end."""
    first, size = 0, FIRST_BLOCK
    while True:
        yield first, size
        first, size = first + size, BLOCK


def arrival_blocks(scenario: Scenario, type_id: str, replication: int, seed: int) -> Iterator[list[int]]:
    """Ticks of the arrivals of one task type, block by block; ends where the run's calendars end."""
    arrivals = scenario.tasks[type_id].arrivals
    calendar = scenario.calendar(arrivals.during)
    stream = Stream(seed, replication, "arrival", type_id)
    match arrivals:
        case Poisson():
            open_times = _poisson(stream, arrivals.rate)
        case Deterministic():
            open_times = _deterministic(arrivals.every)
        case Renewal():
            open_times = _renewal(stream, arrivals.gap.sampler())
        case Recorded():
            yield from _recorded(recorded_tasks(scenario, type_id), calendar)
            return
    yield from _in_calendar(open_times, calendar, scenario.length)


def recorded_tasks(scenario: Scenario, type_id: str) -> list[RecordedTask]:
    """The recorded tasks of a type whose arrivals are recorded, else none."""
    arrivals = scenario.tasks[type_id].arrivals
    if not isinstance(arrivals, Recorded):
        return []
    return scenario.recording(arrivals.file).rows_of(type_id, arrivals.time_column)


def _poisson(stream: Stream, rate: Fraction) -> Iterator[list[int]]:
    """Open ticks at which the integrated rate reaches the sums of unit gaps, by ceiling division."""
    total, per_tick, step = 0, rate.numerator * BILLION, rate.denominator
    for first, count in block_sizes():
        gaps = maths.block.round_to_int(-maths.block.log(stream.block(first, count)) * 1e9)
        sums = (np.cumsum(gaps) + total).tolist()
        total = sums[-1]
        yield [-(-units * step // per_tick) for units in sums]


def _deterministic(every: int) -> Iterator[list[int]]:
    for first, count in block_sizes():
        yield [every * (index + 1) for index in range(first, first + count)]


def _renewal(stream: Stream, gap: Sampler) -> Iterator[list[int]]:
    total = 0
    for first, count in block_sizes():
        drawn = maths.block.clip(gap.quantile(stream.block(first, count), maths.block), 0.0, float(1 << 52))
        sums = list(accumulate(maths.block.round_to_int(drawn).tolist(), initial=total))[1:]
        total = sums[-1]
        yield sums


def _in_calendar(open_times: Iterator[list[int]], calendar: Calendar, length: int) -> Iterator[list[int]]:
    """Clock ticks of amounts of open time, which rise; a full segment maps to the next opening."""
    segments = iter(zip(calendar.opens, calendar.closes, strict=True))
    before, opens, closes = 0, 0, 0
    for block in open_times:
        shift = opens - before
        if block[-1] - before < closes - opens and block[-1] + shift <= length:
            yield [amount + shift for amount in block] if shift else block
            continue
        ticks: list[int] = []
        for amount in block:
            while amount - before >= closes - opens:
                before += closes - opens
                segment = next(segments, None)
                if segment is None:
                    yield ticks
                    return
                opens, closes = segment
            tick = opens + amount - before
            if tick > length:
                yield ticks
                return
            ticks.append(tick)
        yield ticks


def _recorded(tasks: list[RecordedTask], calendar: Calendar) -> Iterator[list[int]]:
    for first, count in block_sizes():
        block = tasks[first : first + count]
        if not block:
            return
        ticks = [calendar.next_open(task.tick) for task in block]
        yield [tick for tick in ticks if tick is not None]
        if None in ticks:
            return

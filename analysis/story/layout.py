"""The page of a story: 80 columns, times on the left, costs on the right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime

from analysis.format import duration, money, service_level
from analysis.story.sentences import Teller
from analysis.story.trace import Row, Trace
from analysis.story.wording import clock_text, day_text
from sim.calendars import local_time
from sim.quantities import BILLION
from sim.scenario import Scenario

WIDTH = 80
MARGIN = 12
"""Columns before the text: indent and clock time."""
TEXT = 54
"""Columns of text; costs stand right of it."""


def laid_out(scenario: Scenario, teller: Teller) -> str:
    """The story as text, without a newline at its end."""
    trace = teller.trace
    arrived = _local(scenario, trace.arrived)
    arrival = f"arrived {day_text(arrived.date())} {clock_text(arrived)}"
    heading = [trace.trace_id, f"value {teller.value()}", arrival]
    lines = [*joined(heading), *_body(scenario, teller), *joined(_ending(scenario, trace))]
    return "\n".join(lines)


def joined(parts: Iterable[str]) -> Iterator[str]:
    """The parts with dots between them, on a new line where the page ends."""
    line = ""
    for part in parts:
        longer = f"{line} · {part}" if line else part
        if line and len(longer) > WIDTH:
            yield line
            longer = f"  {part}"
        line = longer
    yield line


def _body(scenario: Scenario, teller: Teller) -> Iterator[str]:
    day = _local(scenario, teller.trace.arrived).date()
    for line in teller.lines():
        clock = ""
        if line.tick is not None:
            moment = _local(scenario, line.tick)
            if moment.date() != day:
                day = moment.date()
                yield f"  {day_text(day)}"
            clock = clock_text(moment)
        cost = _money(scenario, line.cost) if line.cost else ""
        yield from _wrapped(clock, line.text, cost)


def _wrapped(clock: str, text: str, cost: str) -> Iterator[str]:
    """The sentence over as many lines as it needs; the cost stands beside the last."""
    parts = textwrap.wrap(text, TEXT)
    for number, part in enumerate(parts, 1):
        left = f"  {clock if number == 1 else '':<{MARGIN - 2}}{part}"
        has_cost = cost and number == len(parts)
        yield f"{left:<{MARGIN + TEXT}}{cost:>{WIDTH - MARGIN - TEXT}}" if has_cost else left


def _ending(scenario: Scenario, trace: Trace) -> Iterator[str]:
    """Cycle time, cost, and how it ended."""
    end = trace.ending
    cost = sum(row.cost for row in trace.rows)
    cycle = duration((end or trace.rows[-1]).ended - trace.arrived)
    yield f"cycle {cycle}" if end is not None else f"cycle more than {cycle}"
    yield _money(scenario, cost)
    if end is None:
        yield "unfinished"
    elif end.next == "fail":
        yield "failed"
    else:
        yield _outcome(trace, end)
        yield from _service(scenario, trace, end)
    if not scenario.warm_up <= trace.arrived < scenario.horizon:
        yield "not measured"


def _outcome(trace: Trace, end: Row) -> str:
    """How a delivery turned out, once and for all."""
    if end.is_right == 1:
        return "success"
    return "delivered wrong, corrected later" if trace.is_right_at_the_end else "delivered, but wrong"


def _service(scenario: Scenario, trace: Trace, last: Row) -> Iterator[str]:
    """Whether a delivery met its service level, when there is one."""
    sla = scenario.tasks[trace.type_id].sla
    if sla is not None:
        taken = scenario.calendar(sla.calendar).open_between(trace.arrived, last.ended)
        promise = service_level(sla)
        yield f"within {promise}" if taken <= sla.ticks else f"later than {promise}"


def _local(scenario: Scenario, tick: int) -> datetime:
    return local_time(tick, scenario.start, scenario.timezone)


def _money(scenario: Scenario, nano: int) -> str:
    return money(nano / BILLION, scenario.currency)

"""The log as XES, the XML of IEEE 1849: a trace for each task, events where its activities start and complete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from analysis.exports.clock import Clock
from analysis.exports.columns import COST, NANO, ExportColumn, decimal_text, export_columns, texts_of, wrapped
from analysis.exports.text import xml_text
from analysis.exports.traces import ExportTrace, traces
from analysis.exports.workers import activities, workers
from analysis.logs import Blocks
from sim.log.columns import NULL, Block
from sim.scenario import Scenario

EXTENSIONS = (
    ("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Time", "time"), ("Cost", "cost"),
)  # fmt: skip
"""Name and prefix of each standard extension that is used."""
LEFT_OUT = frozenset(
    {"seq", "task", "type", "step", "cause_seq", "role", "position", "action", "status", "assigned", "queued",
     "started", "ended", "value", "capacity", "spent", "theta_raw", COST}
)  # fmt: skip
"""Columns of the log that are attributes of the standard, belong to the trace, or are about the log itself."""
TIMESTAMP = "time:timestamp"
ELEMENTS = {"name": "string", "time": "date", "number": "int", "decimal": "float", "flag": "boolean"}
"""The element of an attribute by the form of its column."""
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
"""
GLOBALS = """<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000000+00:00"/>
</global>
<classifier name="activity" scope="event" keys="concept:name"/>
<classifier name="transition" scope="event" keys="concept:name lifecycle:transition"/>
"""


def write_xes(log: Blocks, scenario: Scenario, file: BinaryIO) -> None:
    """Writes the tasks in the order of their last rows; rows of no task have no place in the format.

    In memory are the rows of tasks under way.
    """
    clock = Clock(scenario)
    columns = [column for column in export_columns(scenario) if column.source not in LEFT_OUT]
    currency = _attribute("string", "cost:currency", scenario.currency)
    file.write(_head(scenario).encode())
    for trace in traces(log, lambda block: _events(block, columns, clock, scenario.currency)):
        file.write(f"<trace>\n{_of_trace(trace, scenario, currency)}{_in_order(trace)}</trace>\n".encode())
    file.write(b"</log>\n")


def _attribute(element: str, key: str, value: str) -> str:
    return f'<{element} key="{key}" value="{value}"/>\n'


def _head(scenario: Scenario) -> str:
    extensions = "".join(
        f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
        for name, prefix in EXTENSIONS
    )
    named = _attribute("string", "concept:name", xml_text(scenario.name))
    return HEAD + extensions + GLOBALS + named + _attribute("string", "lifecycle:model", "standard")


def _of_trace(trace: ExportTrace, scenario: Scenario, currency: str) -> str:
    """Name, type, value, outcome and cost of the task."""
    is_measured = scenario.warm_up <= trace.arrived < scenario.horizon
    parts = [
        _attribute("string", "concept:name", trace.trace_id),
        _attribute("string", "type", trace.type),
        _attribute("string", "outcome", trace.end),
        _attribute("boolean", "measured", "true" if is_measured else "false"),
        _attribute("float", "cost:total", decimal_text(trace.cost, NANO)) + currency,
    ]
    if trace.value != NULL:
        parts.append(_attribute("float", "value", decimal_text(trace.value, scenario.minor_digits)))
    return "".join(parts)


def _in_order(trace: ExportTrace) -> str:
    """The events by time; those of one tick in the order of the log."""
    moments = []
    for row in trace.rows:
        start, complete = row.text
        moments += [(row.started, start), (row.ended, complete)] if start else [(row.ended, complete)]
    return "".join(text for _, text in sorted(moments, key=lambda moment: moment[0]))


def _events(block: Block, columns: list[ExportColumn], clock: Clock, currency: str) -> list[tuple[str, ...]]:
    """For each row its event `start`, empty where nobody worked, and its event `complete`."""
    common = list(map("".join, zip(*_common(block), strict=True)))
    begun, queued = _cells("date", TIMESTAMP, clock.texts(block["started"])), clock.texts(block["queued"])
    starts = [
        f"<event>\n{same}{_START}{time}{since}</event>\n" if time else ""
        for same, time, since in zip(common, begun, _cells("date", "queued", queued), strict=True)
    ]
    ended = _cells("date", TIMESTAMP, clock.texts(block["ended"]))
    total = texts_of(block, _TOTAL, clock, xml_text, has_zeros=False)
    costs = wrapped(_cells("float", _TOTAL.name, total), "", _attribute("string", "cost:currency", currency))
    others = [
        _cells(ELEMENTS[column.form], column.name, texts_of(block, column, clock, xml_text, has_zeros=False))
        for column in columns
    ]
    parts = zip(common, _transitions(block), ended, costs, *others, strict=True)
    return list(zip(starts, (f"<event>\n{''.join(row)}</event>\n" for row in parts), strict=True))


def _cells(element: str, key: str, texts: list[str]) -> list[str]:
    """The attribute of each row that has a value."""
    return wrapped(texts, f'<{element} key="{key}" value="', '"/>\n')


def _common(block: Block) -> Iterator[list[str]]:
    """What both events of a row have: its activity, who did it, in which role."""
    roles = (*block.names["role"], "")
    yield _cells("string", "concept:name", activities(block))
    yield _cells("string", "org:resource", workers(block))
    yield _cells("string", "org:role", [roles[code] for code in block["role"].tolist()])


def _transitions(block: Block) -> list[str]:
    """`complete`, or `pi_abort` of what the end of the run cut off."""
    done, cut = (_attribute("string", "lifecycle:transition", word) for word in ("complete", "pi_abort"))
    unfinished = block.code("action", "unfinished")
    return [cut if code == unfinished else done for code in block["action"].tolist()]


_START = _attribute("string", "lifecycle:transition", "start")
_TOTAL = ExportColumn("cost:total", COST, "decimal", "cost of the row, all lines", NANO, True)

"""The log as OCEL 2.0 JSON: events with the task, the worker, the role and the model that took part in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from analysis.exports.clock import Clock
from analysis.exports.columns import (
    ExportColumn,
    decimal_text,
    export_columns,
    pieces,
    texts_of,
    trace_ids,
    wrapped,
)
from analysis.exports.ocel_survey import Survey
from analysis.exports.text import json_text
from analysis.exports.traces import ExportTrace, traces
from analysis.exports.workers import activities, workers
from analysis.logs import Blocks
from sim.log.columns import NULL, Block
from sim.scenario import Scenario

ALWAYS = "1970-01-01T00:00:00Z"
"""Time of an attribute that never changes, as the format has it."""
TYPES = {"name": "string", "time": "time", "number": "integer", "decimal": "float", "flag": "boolean"}
"""The format's type of an attribute by the form of its column."""
ROLE, WORKER, MODEL = "Role", "Worker", "Model"
"""Types of objects beside the task types, which are in lower case."""


def write_ocel(log: Blocks, scenario: Scenario, file: BinaryIO) -> None:
    """Writes every row of the log as an event, and every task, worker, role and model as an object.

    Values are text, as the format's schema has them; each attribute says its type where it is declared. The log is
    read four times; in memory are the rows of tasks under way.
    """
    clock, survey = Clock(scenario), Survey(log, export_columns(scenario))
    file.write(b'{"objectTypes":[\n')
    _lines(file, _object_types(scenario))
    file.write(b'],"eventTypes":[\n')
    _lines(file, _event_types(survey))
    file.write(b'],"events":[\n')
    _lines(file, chain.from_iterable(_events(block, survey.columns, clock) for block in pieces(log)))
    file.write(b'],"objects":[\n')
    _lines(file, chain(_tasks(log, scenario, clock), _workforce(survey, clock)))
    file.write(b"]}\n")


def _lines(file: BinaryIO, items: Iterable[str]) -> None:
    """The items of an array, one a line."""
    for number, item in enumerate(items):
        file.write(f"{',' if number else ''}{item}\n".encode())


def _type(name: str, attributes: Iterable[tuple[str, str]]) -> str:
    declared = ",".join(f'{{"name":"{own}","type":"{form}"}}' for own, form in attributes)
    return f'{{"name":"{json_text(name)}","attributes":[{declared}]}}'


def _object_types(scenario: Scenario) -> Iterator[str]:
    task = [(f"value_{scenario.currency}", "float"), ("status", "string"), ("outcome", "string")]
    yield from (_type(name, task) for name in scenario.tasks)
    yield _type(WORKER, [])
    yield _type(ROLE, [("capacity_slots", "integer")])
    yield _type(MODEL, [("provider", "string")])


def _event_types(survey: Survey) -> Iterator[str]:
    for activity, columns in survey.activities.items():
        yield _type(activity, [(column.name, TYPES[column.form]) for column in columns])


def _events(block: Block, columns: tuple[ExportColumn, ...], clock: Clock) -> Iterator[str]:
    """The rows of a block as events; one that has no value for an attribute does not name it."""
    heads = [
        f'{{"id":"e{seq}","type":"{json_text(activity)}","time":"{time}","attributes":['
        for seq, activity, time in zip(
            block["seq"].tolist(), activities(block), clock.texts(block["ended"]), strict=True
        )
    ]
    attributes = zip(
        *(
            wrapped(
                texts_of(block, column, clock, json_text, False), f',{{"name":"{column.name}","value":"', '"}'
            )
            for column in columns
        ),
        strict=True,
    )
    related = zip(*_relations(block), strict=True)
    for head, own, others in zip(heads, attributes, related, strict=True):
        yield f'{head}{"".join(own)[1:]}],"relationships":[{"".join(others)[1:]}]}}'


def _relations(block: Block) -> Iterator[list[str]]:
    """Which objects took part in each row, and as what."""

    def named(column: str, prefix: str) -> list[str]:
        ids = (*(prefix + json_text(name) for name in block.names[column]), "")
        return [ids[code] for code in block[column].tolist()]

    for ids, qualifier in (
        (trace_ids(block), "task"),
        (workers(block), "worker"),
        (named("role", "role: "), "role"),
        (named("assigned", "role: "), "assigned to"),
        (named("model", "model: "), "model"),
    ):
        yield wrapped(ids, ',{"objectId":"', f'","qualifier":"{qualifier}"}}')


def _object(name: str, kind: str, attributes: Iterable[str], related: Iterable[tuple[str, str]] = ()) -> str:
    others = ",".join(f'{{"objectId":"{own}","qualifier":"{qualifier}"}}' for own, qualifier in related)
    return (
        f'{{"id":"{name}","type":"{kind}","attributes":[{",".join(attributes)}],"relationships":[{others}]}}'
    )


def _attribute(name: str, time: str, value: str) -> str:
    return f'{{"name":"{name}","time":"{time}","value":"{value}"}}'


def _tasks(log: Blocks, scenario: Scenario, clock: Clock) -> Iterator[str]:
    """The tasks with their value on arrival, each change of their status, and how they ended."""
    for trace in traces(log, lambda block: [(time,) for time in clock.texts(block["ended"])]):
        yield _object(trace.trace_id, trace.type, _story(trace, scenario))


def _story(trace: ExportTrace, scenario: Scenario) -> Iterator[str]:
    (arrived,), (ended,) = trace.rows[0].text, trace.rows[-1].text
    if trace.value != NULL:
        value = decimal_text(trace.value, scenario.minor_digits)
        yield _attribute(f"value_{scenario.currency}", arrived, value)
    before = ""
    for row in trace.rows:
        if row.status and row.status != before:
            before = row.status
            yield _attribute("status", row.text[0], json_text(before))
    yield _attribute("outcome", ended, trace.end)


def _workforce(survey: Survey, clock: Clock) -> Iterator[str]:
    """Roles with every change of their capacity, their positions, and the models they run on."""
    for role, changes in survey.roles.items():
        ticks = (_attribute("capacity_slots", clock.text(tick), str(slots)) for tick, slots in changes)
        models = ((f"model: {json_text(model)}", "runs on") for model in survey.models_of.get(role, ()))
        yield _object(f"role: {role}", ROLE, ticks, models)
    for role, position in sorted(survey.positions):
        yield _object(f"{role} {position}", WORKER, (), [(f"role: {role}", "holds")])
    for model, provider in survey.models.items():
        served = [_attribute("provider", ALWAYS, json_text(provider))] if provider else []
        yield _object(f"model: {json_text(model)}", MODEL, served)

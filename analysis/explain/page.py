"""The page: what is explained of a scenario, as plain text of 80 columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from analysis.explain.outlook import Line
from analysis.explain.rows import Row
from analysis.format import duration
from sim.flows import topology_of
from sim.scenario import Scenario

WIDTH = 80
_NAME, _VALUE, _ORIGIN = 25, 29, 22
_LABEL = 20
_NO_BREAK = "\N{NO-BREAK SPACE}"


def page(
    scenario: Scenario,
    sections: Sequence[tuple[str, list[Row]]],
    flow: Sequence[str],
    outlook: Sequence[Line],
    notes: Sequence[str],
    stages: Sequence[str] = (),
    guards: Sequence[str] = (),
) -> str:
    """Header, flow, guards, forecast, stages, notes, then every parameter with its origin."""
    lines = [*_header(scenario), "", "How a task goes", *(f"  {line}" for line in flow)]
    if guards:
        lines += ["", "Guards", *(text for guard in guards for text in _indented(guard, "  - "))]
    lines += ["", "Before any run", *(text for line in outlook for text in _labelled(*line))]
    if stages:
        lines += ["", *stages]
    if notes:
        lines += ["", "Noted", *(text for note in notes for text in _indented(note, "  - "))]
    for title, rows in sections:
        lines += ["", *_section(title, rows)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _header(scenario: Scenario) -> Iterator[str]:
    yield from wrap(f"{scenario.name} · {', '.join(kinds_of(scenario))}", WIDTH)
    if scenario.description:
        yield from wrap(scenario.description, WIDTH)
    after = f" after {duration(scenario.warm_up)}" if scenario.warm_up else ""
    yield f"{duration(scenario.horizon - scenario.warm_up)} measured{after} · seed {scenario.seed}"


def kinds_of(scenario: Scenario) -> tuple[str, ...]:
    """The topologies that its stages are under, in the order of the stages."""
    found = (
        topology_of(scenario, type_id, stage).kind
        for type_id in scenario.tasks
        for stage in scenario.stages(type_id)
    )
    return tuple(dict.fromkeys(found))


def _labelled(label: str, text: str) -> list[str]:
    """A label and its text, continued under the text; a text without a label goes over the whole width."""
    return _indented(text, f"  {label:<{_LABEL}}" if label else "  ")


def _indented(text: str, first: str) -> list[str]:
    """A text after what its first line begins with; a number stays with its unit."""
    together = re.sub(r"(?<=\d) (?=\S)", _NO_BREAK, text)
    lines = wrap(together, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))
    return [line.replace(_NO_BREAK, " ") for line in lines]


def _section(title: str, rows: Sequence[Row]) -> Iterator[str]:
    yield f"{title:<{_NAME + _VALUE + 3}} from" if len(title) < _NAME + _VALUE else title
    for row in rows:
        yield from _cells(row)


def _cells(row: Row) -> Iterator[str]:
    """A row as three columns, each continued in its own."""
    indent = "  " * (row.depth + 1)
    name = wrap(row.label, _NAME + 1, initial_indent=indent, subsequent_indent=indent + "  ")
    columns = (name, wrap(row.value, _VALUE), wrap(row.origin, _ORIGIN, break_on_hyphens=False))
    for first, second, third in zip_longest(*columns, fillvalue=""):
        yield f"{first:<{_NAME + 2}} {second:<{_VALUE}} {third}"

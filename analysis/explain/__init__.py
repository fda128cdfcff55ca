"""Explain: what a scenario says, where each number is from, how tasks go, and what to expect.

rows     every parameter with its value and its origin
derived  the other form of success and confidence, and what was solved
flow     the step table as a diagram
outlook  the forecast in words
page     the page of plain text, 80 columns
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from analysis.explain.flow import flow_lines
from analysis.explain.outlook import outlook
from analysis.explain.page import page
from analysis.explain.rows import Row, sections
from analysis.forecast import forecast
from sim.scenario import Scenario

__all__ = ["explain", "explain_json"]

Written = Mapping[str, Any] | Collection[str]
"""What the file itself says: its tree, or the dotted paths in it."""


def explain(scenario: Scenario, written: Written | None = None) -> str:
    """The scenario as plain text of 80 columns.

    With `written`, a parameter that is set but not in the file counts as an override; without it, everything
    that is set counts as from the file.
    """
    expected = forecast(scenario)
    told = outlook(scenario, expected)
    return page(scenario, sections(scenario, written), flow_lines(scenario), told, expected.notes)


def explain_json(scenario: Scenario, written: Written | None = None) -> dict[str, Any]:
    """The same content as plain mappings: numbers in base units, texts as on the page."""
    expected = forecast(scenario)
    parameters = {title: [_as_mapping(row) for row in rows] for title, rows in sections(scenario, written)}
    numbers = asdict(expected) | {
        "cost": expected.cost,
        "cpst": expected.cpst,
        "cpst_with_damage": expected.cpst_with_damage,
        "cpst_playbook": expected.cpst_playbook,
    }
    return {
        "name": scenario.name,
        "topology": scenario.topology.kind,
        "currency": scenario.currency,
        "seed": scenario.seed,
        "parameters": parameters,
        "flow": flow_lines(scenario),
        "forecast": _finite(numbers),
        "warnings": list(expected.notes),
    }


def _finite(value: Any) -> Any:
    """The same value with null for numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _as_mapping(row: Row) -> dict[str, str]:
    return {"path": row.path, "value": row.value, "from": row.origin}

"""Explain: what a scenario says, where each number is from, how tasks go, and what to expect.

rows     every parameter with its value and its origin
derived  the other form of success and confidence, and what was solved
flow     the stages and their step tables as a diagram
steps    what each step does, in words
stops    which guards may stop a step
guards   what stops work
remarks  what may be taken for something else
outlook  the forecast in words
stages   the forecast of each stage, as a table
page     the page of plain text, 80 columns
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from analysis.explain.flow import flow_lines
from analysis.explain.guards import guard_lines
from analysis.explain.outlook import outlook
from analysis.explain.page import kinds_of, page
from analysis.explain.remarks import remarks
from analysis.explain.rows import Row, sections
from analysis.explain.stages import stage_table
from analysis.forecast import StageForecast, forecast
from sim.scenario import Scenario

__all__ = ["explain", "explain_json"]

Written = Mapping[str, Any] | Collection[str]
"""What the file itself says: its tree, or the dotted paths in it."""


def explain(
    scenario: Scenario, written: Written | None = None, set_by: Mapping[str, str] | None = None
) -> str:
    """The scenario as plain text of 80 columns.

    With `written`, a parameter that is set but not in the file counts as an override; without it, everything
    that is set counts as from the file. `set_by` says by dotted path what else set a value, such as `--set`.
    """
    expected = forecast(scenario)
    told = outlook(scenario, expected)
    table = () if expected.is_plain else stage_table(scenario, expected)
    return page(
        scenario, sections(scenario, written, set_by), flow_lines(scenario), told,
        (*expected.notes, *remarks(scenario)), table, guard_lines(scenario),
    )  # fmt: skip


def explain_json(
    scenario: Scenario, written: Written | None = None, set_by: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The same content as plain mappings: numbers in base units, texts as on the page."""
    expected = forecast(scenario)
    parameters = {
        title: [_as_mapping(row) for row in rows] for title, rows in sections(scenario, written, set_by)
    }
    numbers = _without_what_is_off(asdict(expected)) | {
        "cost": expected.cost,
        "cpst": expected.cpst,
        "cpst_with_damage": expected.cpst_with_damage,
        "cpst_playbook": expected.cpst_playbook,
    }
    if not expected.is_plain:
        numbers["stages"] = [_stage(stage) for stage in expected.stages]
    return {
        "name": scenario.name,
        "topology": ", ".join(kinds_of(scenario)),
        "currency": scenario.currency,
        "seed": scenario.seed,
        "parameters": parameters,
        "flow": flow_lines(scenario),
        "forecast": _finite(numbers),
        "warnings": [*expected.notes, *remarks(scenario)],
    }


def _stage(stage: StageForecast) -> dict[str, Any]:
    """A stage as the table has it."""
    return {
        "type": stage.type_id,
        "stage": stage.stage,
        "done_by": stage.done_by,
        "passes": stage.passes,
        "attempts_per_pass": stage.attempts_per_pass,
        "visible": stage.visible,
        "hidden": stage.hidden,
        "failure": stage.failure if stage.agent_passes else None,
        "escapes": stage.escapes,
        "cost": stage.effort.cost,
    }


_OF_MECHANISMS = (
    "corrected", "by_check", "by_chance", "sandbox", "verification", "correction", "correction_minutes",
)  # fmt: skip
"""Numbers that are 0 unless a mechanism is on: left out then."""
_OF_STAGES = ("stages", "risk", "loads", "checks")
"""Parts that say nothing new of tasks with a single plain stage."""


def _without_what_is_off(numbers: dict[str, Any]) -> dict[str, Any]:
    """The numbers, all the way down, without those of mechanisms that are off."""
    is_plain = numbers.pop("is_plain")

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: kept(part)
                for name, part in value.items()
                if not ((is_plain and name in _OF_STAGES) or (name in _OF_MECHANISMS and not part))
            }
        return [kept(part) for part in value] if isinstance(value, list | tuple) else value

    found: dict[str, Any] = kept(numbers)
    return found


def _finite(value: Any) -> Any:
    """The same value with null for numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _as_mapping(row: Row) -> dict[str, str]:
    return {"path": row.path, "value": row.value, "from": row.origin}

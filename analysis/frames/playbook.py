"""The playbook's table `agent_execution_logs`, made from a log."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from analysis.logs import Blocks
from sim.calendars.zones import load_zone, local_time
from sim.log.columns import COST_LINES, NULL, Block, Integers
from sim.scenario import Scenario

PLAYBOOK_COLUMNS = (
    "log_id", "trace_id", "agent_name", "step_number", "action_taken", "input_payload", "output_payload",
    "confidence_score", "execution_time_ms", "created_at",
)  # fmt: skip
"""Columns of the playbook's table `agent_execution_logs` (row MA-01)."""

INPUTS = ("type", "task", "stage", "attempt", "value", "input_tokens")
"""Columns of the log that say what an activity had before it."""
OUTPUTS = ("outcome", "is_right", "theta_raw", "reason", "status", "next", "assigned", "model", "provider",
           "output_tokens", *COST_LINES)  # fmt: skip
"""Columns of the log that say what came of it."""


def agent_execution_logs(log: Blocks, scenario: Scenario) -> pd.DataFrame:
    """The rows of all tasks with exactly the ten columns of the playbook (row MA-01).

    `confidence_score` is theta with two decimals, NaN where none was stated; `execution_time_ms` is 0 where
    nobody worked; `created_at` is when the activity ended, in the scenario's zone; the payloads are JSON with
    the log's own names and units. The rows of a trace count `step_number` from 1 without gaps.
    """
    zero = pd.Timestamp(local_time(0, scenario.start, scenario.timezone))
    zone = load_zone(scenario.timezone)
    frames = [_frame(block, zero, zone) for block in log.blocks()]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(PLAYBOOK_COLUMNS))


def _frame(block: Block, zero: pd.Timestamp, zone: Any) -> pd.DataFrame:
    places = np.flatnonzero(block["type"] != NULL)
    part = Block({name: values[places] for name, values in block.columns.items()}, block.names)
    worked = np.where(part["started"] != NULL, part["ended"] - part["started"], 0)
    made = {
        "log_id": [f"log-{seq}" for seq in part["seq"].tolist()],
        "trace_id": list(map("{}-{}".format, _names(part, "type"), part["task"].tolist())),
        "agent_name": list(map(_who, _names(part, "role"), part["position"].tolist())),
        "step_number": part["step"],
        "action_taken": list(map(_done, _names(part, "action"), _names(part, "stage"))),
        "input_payload": _payloads(part, INPUTS),
        "output_payload": _payloads(part, OUTPUTS),
        "confidence_score": _score(part["theta"]),
        "execution_time_ms": (worked + 500) // 1000,
        "created_at": (zero.tz_convert("UTC") + pd.to_timedelta(part["ended"], unit="us")).tz_convert(zone),
    }
    return pd.DataFrame(made, columns=list(PLAYBOOK_COLUMNS))


def _names(block: Block, column: str) -> list[str | None]:
    known = (*block.names[column], None)
    return [known[code] for code in block[column].tolist()]


def _who(role: str | None, position: int) -> str:
    """The worker as the story calls it; arrivals have none."""
    if role is None:
        return ""
    return f"{role} {position}" if position != NULL else role


def _done(action: str | None, stage: str | None) -> str:
    return f"{action} {stage}" if stage else str(action)


def _score(theta: Integers) -> Any:
    """Billionths as a number with two decimals, half up; NaN for no value."""
    return np.where(theta != NULL, ((theta + 5_000_000) // 10_000_000) / 100, np.nan)


def _payloads(block: Block, columns: tuple[str, ...]) -> list[str]:
    """One JSON object a row: sorted keys, no spaces, without what has no value."""
    keys = sorted(columns)
    rows = zip(*(_cells(block, key) for key in keys), strict=True)
    given = ({key: cell for key, cell in zip(keys, row, strict=True) if cell is not None} for row in rows)
    return [json.dumps(cells, separators=(",", ":")) for cells in given]


def _cells(block: Block, column: str) -> list[Any]:
    if column in block.names:
        return _names(block, column)
    return [None if value == NULL else value for value in block[column].tolist()]

"""Tables of one run's tasks: cycle times, and the stays of one task."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from analysis.frames.rows import cohort_arrivals, columns_of, local_times, tasks_of
from analysis.logs import Blocks
from analysis.metrics.quantiles import quantile
from analysis.metrics.tally import QUANTILES
from sim.log.columns import COST_LINES, NULL
from sim.quantities import BILLION, SECOND
from sim.scenario import Scenario

ENDS = {"deliver": "delivered", "fail": "failed"}
"""What a task does next at its end, and how it has then ended."""
UNFINISHED = "unfinished"


def cycle_times(log: Blocks, scenario: Scenario) -> pd.DataFrame:
    """One row per cohort task: `type`, `task`, `arrived` (local time), `seconds` from arrival to end, `end`.

    `end` is `delivered`, `failed` or `unfinished`; an unfinished task has its time so far, a lower bound. `attrs` holds
    `quantiles`: by per cent of the tasks, the seconds that so many did not exceed, the unfinished ones counted last.
    """
    rows = columns_of(log, "type", "task", "tick", "action", "next")
    keys, arrivals = tasks_of(rows), cohort_arrivals(rows, scenario)
    ends = _ends(rows, keys).reindex(keys[arrivals])
    places, last = arrivals[ends.notna()], ends.dropna().to_numpy(dtype=np.int64)
    frame = pd.DataFrame(
        {
            "type": rows["type"][places],
            "task": rows["task"][places],
            "arrived": local_times(rows["tick"][places], scenario),
            "seconds": (rows["tick"][last] - rows["tick"][places]) / SECOND,
            "end": [ENDS.get(follows, UNFINISHED) for follows in rows["next"][last]],
        }
    )
    ticks = rows["tick"][last] - rows["tick"][places]
    known = np.sort(np.where(frame["end"] == UNFINISHED, NULL - ticks, ticks))
    found = {share: quantile([known], share) for share in QUANTILES}
    frame.attrs["quantiles"] = {
        share: part.ticks / SECOND for share, part in found.items() if part is not None
    }
    return frame


def _ends(rows: dict[str, Any], keys: np.ndarray) -> pd.Series:
    """The place of each task's end by its number: its first delivery or failure, else where it was cut off."""
    is_end = (rows["next"] == "deliver") | (rows["next"] == "fail")
    is_open = (rows["action"] == UNFINISHED) & ~is_end
    order = np.concatenate([np.flatnonzero(is_end & (keys != NULL)), np.flatnonzero(is_open)])
    found = pd.Series(order, index=keys[order])
    return found[~found.index.duplicated()]


def trace(log: Blocks, scenario: Scenario, task: str) -> pd.DataFrame:
    """One row per stay of one task: `who`, `doing` (waiting or the action), `begin`, `end` (local times), `stage`,
    `outcome`, `reason`, `cost`.

    `task` is a trace id such as `invoice-4711`. Raises KeyError when the log has none of it.
    """
    found = []
    for row in _rows_of(log, task):
        who, cost = _who(row), math.fsum(max(row[line], 0) for line in COST_LINES) / BILLION
        about = {name: row[name] for name in ("stage", "outcome", "reason")}
        left = row["ended"] if row["started"] == NULL else row["started"]
        if row["queued"] != NULL and left > row["queued"]:
            stay = {"who": who, "doing": "waiting", "begin": row["queued"], "end": left}
            found.append({**stay, **about, "cost": 0.0})
        if row["started"] != NULL and row["role"] is not None:
            stay = {"who": who, "doing": row["action"], "begin": row["started"], "end": row["ended"]}
            found.append({**stay, **about, "cost": cost})
        elif cost:
            found.append({"who": who, "doing": row["action"], "begin": row["ended"], "end": row["ended"],
                          **about, "cost": cost})  # fmt: skip
    names = ["who", "doing", "begin", "end", "stage", "outcome", "reason", "cost"]
    frame = pd.DataFrame(found, columns=names)
    for name in ("begin", "end"):
        frame[name] = local_times(frame[name].to_numpy(dtype=np.int64), scenario)
    return frame


def _rows_of(log: Blocks, task: str) -> list[dict[str, Any]]:
    """The rows of one task, in order; raises KeyError when there are none."""
    type_id, _, number = task.rpartition("-")
    about = ("type", "task", "stage", "role", "position", "action", "outcome", "reason")
    rows = columns_of(log, *about, "queued", "started", "ended", *COST_LINES)
    is_its = (rows["type"] == type_id) & (rows["task"] == (int(number) if number.isdecimal() else -2))
    mine = np.flatnonzero(is_its)
    if not len(mine):
        raise KeyError(f"the log has no task {task!r}")
    columns = {name: values[mine].tolist() for name, values in rows.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _who(row: dict[str, Any]) -> str:
    if row["role"] is None:
        return "nobody"
    return f"{row['role']} {row['position']}" if row["position"] != NULL else str(row["role"])

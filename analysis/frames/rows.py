"""Columns of a log as whole arrays, cohort tasks found in them, and ticks as local time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.logs import Blocks
from sim.calendars.zones import load_zone, local_time
from sim.log.columns import NULL, Integers
from sim.scenario import Scenario


def columns_of(log: Blocks, *wanted: str) -> dict[str, Any]:
    """Columns of all rows by name: integers with -1 for no value, names as text with None for no value."""
    parts: dict[str, list[Any]] = {name: [] for name in wanted}
    for block in log.blocks():
        for name in wanted:
            values = block[name]
            if name in block.names:
                texts = np.array([*block.names[name], None], dtype=object)
                values = texts[values]
            parts[name].append(values)
    empty = np.zeros(0, dtype=np.int64)
    return {name: np.concatenate(found) if found else empty for name, found in parts.items()}


def tasks_of(rows: dict[str, Any]) -> Integers:
    """A number for each row that is the same in all rows of one task; -1 in rows of no task.

    Reads the columns `type` and `task`.
    """
    types, _ = pd.factorize(rows["type"])
    numbers = rows["task"].astype(np.int64)
    keys = types.astype(np.int64) * (int(numbers.max(initial=0)) + 1) + numbers
    return np.where((types < 0) | (numbers == NULL), NULL, keys)


def cohort_arrivals(rows: dict[str, Any], scenario: Scenario) -> Integers:
    """Places of the rows in which cohort tasks arrived. Reads `action` and `tick`."""
    arrived = (rows["action"] == "arrived") & (rows["tick"] >= scenario.warm_up)
    found: Integers = np.flatnonzero(arrived & (rows["tick"] < scenario.horizon))
    return found


def local_times(ticks: Integers, scenario: Scenario) -> pd.DatetimeIndex:
    """Ticks as times on the clock of the scenario's zone."""
    zero = pd.Timestamp(local_time(0, scenario.start, scenario.timezone))
    times = zero.tz_convert("UTC") + pd.to_timedelta(np.asarray(ticks), unit="us")
    return pd.DatetimeIndex(times).tz_convert(load_zone(scenario.timezone))

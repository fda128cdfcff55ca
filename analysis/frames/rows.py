"""Columns of a log as whole arrays, and ticks as local time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.logs import Blocks
from sim.calendars.zones import load_zone, local_time
from sim.log.columns import Integers
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


def local_times(ticks: Integers, scenario: Scenario) -> pd.DatetimeIndex:
    """Ticks as times on the clock of the scenario's zone."""
    zero = pd.Timestamp(local_time(0, scenario.start, scenario.timezone))
    times = zero.tz_convert("UTC") + pd.to_timedelta(np.asarray(ticks), unit="us")
    return pd.DatetimeIndex(times).tz_convert(load_zone(scenario.timezone))

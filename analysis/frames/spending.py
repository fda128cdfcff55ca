"""Tables of one run's spending: the ledger over time, and budgets over their periods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.frames.rows import columns_of, local_times
from analysis.logs import Blocks
from sim.log.columns import COST_LINES, Integers
from sim.quantities import BILLION
from sim.rules.guards import PeriodBudget
from sim.scenario import Scenario

GUARDED = ("inference", "tools", "sandbox", "verification")
"""Lines of cost that budgets count."""


def ledger(log: Blocks, scenario: Scenario, steps: int = 300) -> pd.DataFrame:
    """One row per step of time and line of cost: `time` (its local end), `line`, `total` booked by then, in currency.

    From the start to the horizon, for all tasks; lines that stay 0 are left out.
    """
    rows = columns_of(log, "tick", *COST_LINES)
    edges = np.linspace(0, scenario.horizon, steps + 1).astype(np.int64)[1:]
    times, found = local_times(edges, scenario), []
    for line in COST_LINES:
        total = _booked(rows["tick"], np.maximum(rows[line], 0), edges)
        if rows[line].max(initial=0) > 0:
            name = line.replace("_", " ")
            found.append(pd.DataFrame({"time": times, "line": name, "total": total / BILLION}))
    names = ["time", "line", "total"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=names)


def budget(log: Blocks, scenario: Scenario, name: str | None = None, steps: int = 300) -> pd.DataFrame:
    """One row per step of time and per change of state of a budget: `time`, `period` (from 0), `spent`, `event`.

    `spent` in currency counts from the begin of the period; a period ends with a row of its own, and `event` is empty
    or what the guard did: `alert`, `tripped`, `downgraded`, `period_began`. Without `name` the scenario's first budget.
    `attrs` holds `name`, `limit` and `alerts` (amounts). Raises KeyError when the scenario has no such budget.
    """
    name, rule = _rule(scenario, name)
    rows = columns_of(log, "tick", "role", "action", "guard", "reason", "spent", *GUARDED)
    costs = np.maximum(np.stack([rows[line] for line in GUARDED]), 0).sum(axis=0)
    if rule.roles:
        costs = np.where(np.isin(rows["role"].astype(str), rule.roles), costs, 0)
    begins, last = np.arange(0, scenario.horizon, rule.period, dtype=np.int64), scenario.horizon - 1
    even = np.linspace(0, last, steps + 1).astype(np.int64)
    edges = np.unique(np.concatenate([even, begins, np.minimum(begins + rule.period - 1, last)]))
    period = edges // rule.period
    before = _booked(rows["tick"], costs, period * rule.period - 1)
    curve = _frame(edges, period, _booked(rows["tick"], costs, edges) - before, "")
    changes = np.flatnonzero((rows["action"] == "guard_changed") & (rows["guard"] == f"budget.{name}"))
    ticks, reasons = rows["tick"][changes], rows["reason"][changes]
    events = _frame(ticks, ticks // rule.period, rows["spent"][changes], reasons)
    frame = pd.concat([curve, events[events["tick"] < scenario.horizon]]).sort_values("tick", kind="stable")
    frame = frame.reset_index(drop=True)
    frame.insert(0, "time", local_times(frame.pop("tick").to_numpy(dtype=np.int64), scenario))
    limit = float(rule.money)
    frame.attrs |= {"name": name, "limit": limit, "alerts": [float(share) * limit for share in rule.alerts]}
    return frame


def _rule(scenario: Scenario, name: str | None) -> tuple[str, PeriodBudget]:
    known = scenario.guards.budgets if scenario.guards is not None else {}
    if name is None and known:
        name = next(iter(known))
    if name is None or name not in known:
        raise KeyError(f"no budget {name!r}; there is {', '.join(known) or 'none'}" if name else "no budget")
    return name, known[name]


def _frame(ticks: Integers, period: Integers, spent: Integers, event: Any) -> pd.DataFrame:
    return pd.DataFrame({"tick": ticks, "period": period, "spent": spent / BILLION, "event": event})


def _booked(ticks: Integers, amounts: Integers, edges: Integers) -> Any:
    """What rows up to each edge, itself included, come to; rows are in the order of their ticks."""
    sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(amounts)])
    return sums[np.searchsorted(ticks, edges, side="right")]

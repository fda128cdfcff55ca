"""Logs that are exported in these tests, with the frame of their rows to reckon with."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.exports import FORMATS
from sim import Log, Scenario, load, loads, simulate
from sim.log.columns import COST_LINES
from tests.mechanisms.test_discovery import work

SCENARIOS = Path(__file__).parents[2] / "scenarios"
CLOCKS_CHANGE = """
version: 1
name: '=HYPERLINK("http://x.example/?a=1&b=2","<b>]]>&amp;</b>")'
start: 2026-03-27
timezone: Europe/Berlin
horizon: 4 days
warm_up: 1 day
currency: EUR
exchange: {USD: 0.92}
tasks:
  mail:
    label: "=1+1"
    arrivals: {process: poisson, rate: 2 / h}
    value: {distribution: lognormal, median: 100, p95: 900}
  call: {arrivals: {process: poisson, rate: 1 / h}}
workers:
  agent:
    kind: agent
    label: '"><script>alert(1)</script>'
    model: model/x:y@z-1
    price: {input: 1, output: 5}
    work_time: {distribution: exponential, mean: 2 min}
    success: {mean: 0.9, spread: 1.0}
    tool_cost: 0.003
    failures: {transient: 10 %}
  clerk: {kind: human, positions: 2, wage: 34 / h, work_time: {distribution: exponential, mean: 12 min}}
topology: {kind: escalation, agent: agent, human: clerk, value_limit: 500}
"""
"""Two types, a spring night when the clocks change, and words that mean something elsewhere."""


@dataclass(frozen=True)
class Case:
    """A log, its scenario and its rows."""

    scenario: Scenario
    log: Log
    events: pd.DataFrame

    @property
    def rows_of_tasks(self) -> pd.DataFrame:
        """Rows that belong to a task."""
        return self.events[self.events["trace_id"].notna()]

    @property
    def worked(self) -> pd.DataFrame:
        """Rows in which a worker worked."""
        return self.events[self.events["started"].notna() & self.events["position"].notna()]

    def busy(self) -> dict[str, int]:
        """Ticks that each worker worked, by name."""
        worked = self.worked
        names = worked["role"].astype(str) + " " + worked["position"].astype(int).astype(str)
        ticks = (worked["ended"] - worked["started"]).astype("int64").groupby(names).sum()
        return {str(name): int(total) for name, total in ticks.items()}

    def costs(self) -> int:
        """Nano-units of all lines of all rows."""
        return sum(int(self.events[line].fillna(0).astype("int64").sum()) for line in COST_LINES)

    def exported(self, form: str) -> bytes:
        """The export of the log."""
        file = io.BytesIO()
        FORMATS[form].write(self.log, self.scenario, file)
        return file.getvalue()


@cache
def case(name: str) -> Case:
    """The case of that name, made once."""
    scenario = _scenario(name)
    log = simulate(scenario)
    return Case(scenario, log, log.events())


def _scenario(name: str) -> Scenario:
    changes: dict[str, dict[str, Any]] = {
        "content_pipeline": {"warm_up": "1 h", "horizon": "14 h"},
        "runaway_loop": {"warm_up": "1 h", "horizon": "8 h 30 min"},
    }
    match name:
        case "clocks_change":
            return loads(CLOCKS_CHANGE)
        case "reopened":
            found = {"by": "clerk", "delay": "10 min", "correction_time": "15 min"}
            arrivals = {"process": "deterministic", "every": "20 s"}
            return work(task={"discovery": found, "arrivals": arrivals})
    return load(SCENARIOS / f"{name}.yaml", changes[name])


NAMES = ("clocks_change", "content_pipeline", "runaway_loop", "reopened")
"""All cases: bare tasks, parallel stages, guards that stop tasks, wrong deliveries that are corrected."""

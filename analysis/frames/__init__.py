"""Tidy tables for charts and for other tools."""

from __future__ import annotations

from analysis.frames.chains import defect_flow, defects_by_stage, stages
from analysis.frames.compared import cfr, comparison, convergence, cost_breakdown, frontier
from analysis.frames.confidence import calibration, confidences
from analysis.frames.crossover import breakeven, crossings
from analysis.frames.playbook import PLAYBOOK_COLUMNS, agent_execution_logs
from analysis.frames.pools import queue, shifts, utilisation, workload
from analysis.frames.spending import budget, ledger
from analysis.frames.sweeps import heat_map, sensitivity, trade_off
from analysis.frames.tasks import cycle_times, trace

__all__ = [
    "PLAYBOOK_COLUMNS", "agent_execution_logs", "breakeven", "budget", "calibration", "cfr", "comparison",
    "confidences", "convergence", "cost_breakdown", "crossings", "cycle_times", "defect_flow", "defects_by_stage",
    "frontier", "heat_map", "ledger", "queue", "sensitivity", "shifts", "stages", "trace", "trade_off",
    "utilisation", "workload",
]  # fmt: skip

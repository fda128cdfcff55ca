"""Tidy tables for charts and for other tools."""

from __future__ import annotations

from analysis.frames.chains import defect_flow, stages
from analysis.frames.compared import cfr, comparison, convergence, cost_breakdown, frontier
from analysis.frames.playbook import PLAYBOOK_COLUMNS, agent_execution_logs
from analysis.frames.pools import queue, shifts, utilisation, workload
from analysis.frames.tasks import calibration, confidences, cycle_times, ledger, trace

__all__ = [
    "PLAYBOOK_COLUMNS", "agent_execution_logs", "calibration", "cfr", "comparison", "confidences", "convergence",
    "cost_breakdown", "cycle_times", "defect_flow", "frontier", "ledger", "queue", "shifts", "stages", "trace",
    "utilisation", "workload",
]  # fmt: skip

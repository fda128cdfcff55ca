"""Tidy tables for charts and for other tools."""

from __future__ import annotations

from analysis.frames.chains import defect_flow, stages
from analysis.frames.compared import cfr, comparison, convergence, cost_breakdown, frontier
from analysis.frames.playbook import PLAYBOOK_COLUMNS, agent_execution_logs
from analysis.frames.pools import queue, shifts, utilisation, workload

__all__ = [
    "PLAYBOOK_COLUMNS", "agent_execution_logs", "cfr", "comparison", "convergence", "cost_breakdown", "defect_flow",
    "frontier", "queue", "shifts", "stages", "utilisation", "workload",
]  # fmt: skip

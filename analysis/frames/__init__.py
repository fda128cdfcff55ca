"""Tidy tables for charts and for other tools."""

from __future__ import annotations

from analysis.frames.chains import defect_flow, stages
from analysis.frames.playbook import PLAYBOOK_COLUMNS, agent_execution_logs

__all__ = ["PLAYBOOK_COLUMNS", "agent_execution_logs", "defect_flow", "stages"]

"""Tiny scenarios that the tests of several commands begin from: mail for an agent and two clerks, half a day of it."""

from __future__ import annotations

TINY = """
version: 1
name: Tiny
horizon: 12 h
tasks:
  mail:
    arrivals: {process: poisson, rate: 20 / h}
    value: {distribution: lognormal, median: 100, p95: 900}
workers:
  agent:
    kind: agent
    model: claude-haiku-4-5
    work_time: {distribution: exponential, mean: 2 min}
    success: {mean: 0.9, spread: 1.0}
    failures: {transient: 10 %}
  clerk: {kind: human, positions: 2, wage: 34 / h, work_time: {distribution: exponential, mean: 5 min}}
topology: {kind: escalation, agent: agent, human: clerk, value_limit: 500}
"""
CHOICE = TINY.replace("p95: 900}\n", "p95: 900}\n    sla: 4 h\n    damage_if_wrong: 20\n") + (
    "decide: {minimise: cpst_with_damage, subject_to: [sla_share >= 0.5]}\n"
)
"""The same with something to choose by."""
DECIDED = (
    CHOICE
    + """\
variants:
  "=sum": {topology: {kind: guardian}}
"""
)
"""The same with a variant whose name looks like a formula."""
REVIEWED = CHOICE.replace("    failures: {transient: 10 %}\n", "").replace(
    "positions: 2,", "positions: 4, review: {catch_rate: 0.8, false_reject: 0.03},"
)
"""Something to choose by, for four clerks who review and an agent that never fails visibly."""

"""What metrics are called in sentences, tables and charts."""

from __future__ import annotations

LABELS = {
    "cpst": "cost per success", "cpst_playbook": "playbook cost per success", "cpst_loaded": "loaded cost per success",
    "cpst_with_damage": "cost per success with damage",
    "cpst_loaded_with_damage": "loaded cost per success with damage",
    "cost_per_month": "monthly cost, minutes worked", "cost_per_month_paid": "monthly cost, hours paid",
    "success_share": "right, of all tasks", "reported_success_share": "delivered, of all tasks",
    "escape_share": "wrong deliveries of all tasks", "wrong_per_1000": "wrong deliveries",
    "unfinished_share": "unfinished at the end", "cfr_delivered": "wrong or failed at the end",
    "cfr_analytic": "analytic risk", "cfr_chain": "chain risk",
    "sla_share": "within SLA", "throughput": "delivered", "throughput_right": "right deliveries",
    "cycle_time_mean": "mean cycle time", "cycle_time_p50": "median cycle time",
    "cycle_time_p90": "cycle time that 90 % do not exceed", "cycle_time_p99": "cycle time that 99 % do not exceed",
    "wait_mean": "mean wait", "wait_people_mean": "mean wait for a person", "wait_longest": "longest wait",
    "wip": "tasks in the system", "utilisation": "people's time used", "utilisation_agents": "agents' time used",
    "escalation_share": "sent to a person", "human_minutes_per_task": "people's minutes per task",
    "human_minutes_per_success": "people's minutes per success", "rework_minutes_per_task": "of these, rework",
    "correction_minutes_per_task": "of these, correction", "hops_mean": "mean hops", "hops_max": "most hops",
    "hand_off_mean": "mean hand-off",
}  # fmt: skip
"""Metrics whose name is no good as words."""
HEADS = {
    "cpst": "CPST", "cpst_loaded": "loaded CPST", "cpst_with_damage": "CPST with damage",
    "cpst_loaded_with_damage": "loaded CPST with damage", "cost_per_month": "by minutes",
    "cost_per_month_paid": "as paid", "cycle_time_p50": "cycle time 50 %", "cycle_time_p90": "cycle time 90 %",
    "cycle_time_p99": "cycle time 99 %",
}  # fmt: skip
"""Metrics whose words are too long for the head of a narrow column."""


def label_of(name: str) -> str:
    """A metric in words, by its name: `wait_people_mean` is the `mean wait for a person`."""
    return LABELS.get(name, name.replace("_", " "))


def head_of(name: str) -> str:
    """A metric in words that fit above a narrow column, by its name."""
    return HEADS.get(name) or label_of(name)

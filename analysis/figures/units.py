"""Units as charts show them: shares in per cent, seconds in what is readable, names of metrics in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

WORDS = {
    "cpst": "cost per success", "cpst_loaded": "loaded cost per success", "cpst_playbook": "playbook cost per success",
    "cpst_with_damage": "cost per success with damage",
    "cpst_loaded_with_damage": "loaded cost per success with damage",
    "cfr_analytic": "analytic risk", "cfr_chain": "chain risk",
    "cfr_delivered": "wrong or failed at the end", "sla_share": "within SLA", "throughput": "delivered",
    "wrong_per_1000": "wrong deliveries", "escalation_share": "sent to a person", "escape_share": "wrong deliveries",
    "cycle_time_mean": "mean cycle time", "wait_mean": "mean wait", "wait_people_mean": "mean wait for a person",
    "wait_longest": "longest wait", "success_share": "right, of all tasks", "cycle_time_p50": "median cycle time",
    "cycle_time_p90": "cycle time, 90 %", "cycle_time_p99": "cycle time, 99 %", "wip": "tasks in the system",
    "cost_per_month": "cost per month, by minutes", "cost_per_month_paid": "cost per month, as paid",
    "utilisation": "utilisation of people", "utilisation_agents": "utilisation of agents",
}  # fmt: skip
"""Names of metrics that people know by other words."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What numbers are multiplied by before they are drawn, and the unit they then have."""

    factor: float
    unit: str


def scale_of(unit: str, values: Iterable[float]) -> Scale:
    """How to show numbers of this unit, by the largest of them."""
    if unit == "share":
        return Scale(100.0, "%")
    if unit != "s":
        return Scale(1.0, unit)
    largest = max((abs(value) for value in values if isfinite(value)), default=0.0)
    for seconds, name in ((172_800, "days"), (7_200, "h"), (120, "min")):
        if largest >= seconds:
            return Scale(1 / {"days": 86_400, "h": 3_600, "min": 60}[name], name)
    return Scale(1.0, "s")


def words(metric: str) -> str:
    """A metric in words."""
    return WORDS.get(metric, metric.replace("_", " "))


def sentence(metric: str) -> str:
    """A metric in words, as the begin of a sentence."""
    text = words(metric)
    return text[:1].upper() + text[1:]


def labelled(metric: str, unit: str) -> str:
    """A metric in words with its unit, for an axis: `cost per success (EUR)`."""
    return f"{words(metric)} ({unit})" if unit else words(metric)


def unit_of(metric: str, currency: str) -> str:
    """The unit of a metric, with the currency's code for an amount; raises KeyError for an unknown metric."""
    from analysis.frames.compared import metric_named

    return metric_named(metric).unit_in(currency)

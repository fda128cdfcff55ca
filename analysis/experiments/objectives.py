"""Objectives: the metric that variants are ranked on, which depends on whether they are staffed alike."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.experiments.conditions import DAMAGE, ERRORS
from analysis.metrics import LOADED_WITH_DAMAGE, Metric, metric_of
from sim import Scenario
from sim.workers import HumanRole

__all__ = [
    "DAMAGE", "LOADED", "LOADED_WITH_DAMAGE", "counts_errors", "is_staffed_alike", "objective_of", "states_damage",
]  # fmt: skip

LOADED = {"cpst": metric_of("cpst_loaded"), "cpst_with_damage": LOADED_WITH_DAMAGE}
"""What is ranked on in place of an objective where staffing differs, since idle people are paid too."""


def objective_of(name: str, is_staffed_alike: bool) -> Metric:
    """The metric that a stated objective ranks on.

    Raises KeyError for an unknown name, ValueError for a metric of which more is better.
    """
    metric = metric_of(name)
    if metric.direction == "higher":
        raise ValueError(f"more {name} is better: it cannot be minimised; set it a limit with subject_to")
    return metric if is_staffed_alike else LOADED.get(name, metric)


def is_staffed_alike(scenarios: Iterable[Scenario]) -> bool:
    """Whether the people at work are as many, on the same shifts, in all of them."""
    found = [_staffing(scenario) for scenario in scenarios]
    return all(one == found[0] for one in found)


def _staffing(scenario: Scenario) -> dict[str, tuple[int, object]]:
    """Positions and shifts of each role of people that has work."""
    roles = {name: scenario.workers[name] for name in scenario.roles_at_work()}
    return {
        name: (role.positions, scenario.calendars[role.calendar] if role.calendar else None)
        for name, role in roles.items()
        if isinstance(role, HumanRole)
    }


def counts_errors(metric: Metric, scenarios: Iterable[Scenario], type_id: str | None = None) -> bool:
    """Whether wrong deliveries make the objective worse: by damage that is stated, or as what it counts."""
    if metric.name in DAMAGE:
        return any(states_damage(scenario, type_id) for scenario in scenarios)
    return metric.name in ERRORS


def states_damage(scenario: Scenario, type_id: str | None = None) -> bool:
    """Whether a wrong delivery costs anything, of that task type or of any."""
    return any(
        bool(task.damage_if_wrong) or task.blast_radius in scenario.damage
        for name, task in scenario.tasks.items()
        if type_id in (None, name)
    )

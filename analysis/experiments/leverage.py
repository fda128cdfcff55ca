"""Leverage: people's minutes per success when they do everything over those under another topology."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from analysis.estimates import UNDEFINED, Estimate, paired_quotient
from analysis.experiments.results import Replications, totals_of
from analysis.metrics import PLAYBOOK_BANDS, Metric, is_in_playbook_band, metric_of
from sim import Scenario, ScenarioError
from sim.flows import topology_of
from sim.quantities import HOUR

HUMAN_ONLY = "human_only"
MINUTES = "human_minutes_per_success"
PER_PAID_HOUR = Metric(
    "throughput_per_paid_hour", "per h", "higher", "tasks delivered in the window / people's paid hours",
    lambda tally: tally.window.delivered * HOUR, lambda tally: sum(role.present_ticks for role in tally.people),
)  # fmt: skip
"""Undefined where nobody is paid (row TP-05)."""


@dataclass(frozen=True, slots=True)
class Leverage:
    """How many times as far people's minutes reach as when they do everything, and what the playbook promises."""

    estimate: Estimate
    """Undefined where people spend no minutes, or when nothing can be done by people alone."""
    topology: str
    """The one topology of all stages; empty where they differ."""
    band: tuple[float, float | None] | None
    """From and to; None for a topology without a promise."""
    is_in_band: bool | None
    """Whether the estimate keeps the promise; it is never made to."""


def leverage_of(variant: Replications, human_only: Replications | None) -> Leverage:
    """The leverage of a variant against people alone on the same draws."""
    topology = topology_kind(variant.scenario)
    metric = metric_of(MINUTES)
    if human_only is None:
        found = Estimate(None, None, None, len(variant.tallies), UNDEFINED)
    else:
        found = paired_quotient(totals_of(metric, human_only.tallies), totals_of(metric, variant.tallies))
    band, kept = PLAYBOOK_BANDS.get(topology), is_in_playbook_band(topology, found.value)
    return Leverage(found, topology, band, kept)


def topology_kind(scenario: Scenario) -> str:
    """The kind of topology that all stages have; empty where they differ."""
    kinds = [
        topology_of(scenario, type_id, stage).kind
        for type_id in scenario.tasks
        for stage in scenario.stages(type_id)
    ]
    return kinds[0] if all(kind == kinds[0] for kind in kinds) else ""


def under_people_alone(scenario: Scenario) -> Scenario | None:
    """The scenario with people doing everything; None when its bindings do not say who."""
    try:
        found = scenario.overlaid({"topology": {"kind": HUMAN_ONLY}})
    except (ScenarioError, ValidationError):
        return None
    return found if topology_kind(found) == HUMAN_ONLY else None

"""The effort of a task: expected minutes, tokens and money of its visits."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.forecast.journey import Journey
from sim.flows import topology_of
from sim.plan.arrivals import recorded_tasks
from sim.quantities import HOUR, MINUTE
from sim.scenario import Scenario
from sim.topology import STAGE, Copilot, Guardian, HumanOnly
from sim.workers import AgentRole, HumanRole, at_work

MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What one task takes on average; money is in the scenario's currency, on the basis of active time.

    Rounding to ticks, tokens and nano-units is left out.
    """

    agent_minutes: float = 0.0
    execution_minutes: float = 0.0
    """Of people doing tasks, without what was rejected."""
    review_minutes: float = 0.0
    rework_minutes: float = 0.0
    """Of people doing again what was rejected."""
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    inference: float = 0.0
    tools: float = 0.0
    human_execution: float = 0.0
    human_review: float = 0.0
    rework: float = 0.0
    sandbox: float = 0.0
    verification: float = 0.0
    correction: float = 0.0
    correction_minutes: float = 0.0
    """Of people correcting what was delivered wrong."""
    damage: float = 0.0
    """Damage of wrong deliveries; no cost line."""

    @property
    def cost(self) -> float:
        """All cost lines."""
        done = self.inference + self.tools + self.human_execution + self.human_review + self.rework
        return done + self.sandbox + self.verification + self.correction

    @property
    def human_minutes(self) -> float:
        """Minutes of people, of every kind."""
        minutes = self.execution_minutes + self.review_minutes + self.rework_minutes
        return minutes + self.correction_minutes


def effort_of(scenario: Scenario, type_id: str, journey: Journey) -> Effort:
    """The expected effort of a task of this type with this journey."""
    parts = _agent_part(scenario, type_id, journey) | _human_part(scenario, type_id, journey)
    return Effort(**parts, damage=float(scenario.tasks[type_id].damage_if_wrong) * journey.wrong)


def _agent_part(scenario: Scenario, type_id: str, journey: Journey) -> dict[str, float]:
    """Attempts read and write tokens, failed ones too, but a transient failure writes none."""
    topology = topology_of(scenario, type_id)
    if isinstance(topology, HumanOnly):
        return {}
    name = topology.agent
    assert name is not None
    role, price = scenario.workers[name], scenario.price(name)
    assert isinstance(role, AgentRole)
    calls = journey.attempts + journey.assisted
    read = calls * mean_tokens(scenario, type_id, "input_tokens")
    written = (calls - journey.transient_failures) * mean_tokens(scenario, type_id, "output_tokens")
    return {
        "agent_minutes": journey.attempts * at_work(role, "work_time", type_id, STAGE).mean_value() / MINUTE,
        "input_tokens": read,
        "output_tokens": written,
        "inference": (read * float(price.input) + written * float(price.output)) / MILLION,
        "tools": journey.attempts * float(at_work(role, "tool_cost", type_id, STAGE)),
    }


def _human_part(scenario: Scenario, type_id: str, journey: Journey) -> dict[str, float]:
    topology = topology_of(scenario, type_id)
    if topology.human is None:
        return {}
    role = scenario.workers[topology.human]
    assert isinstance(role, HumanRole)
    once = at_work(role, "work_time", type_id, STAGE).mean_value()
    factor = topology.assist_factor if isinstance(topology, Copilot) else 1.0
    execution = once * (journey.alone + journey.drafted / role.draft_help + journey.assisted / factor)
    rework = once * journey.redone / role.draft_help
    parts = {
        "execution_minutes": execution / MINUTE,
        "rework_minutes": rework / MINUTE,
        "human_execution": execution / HOUR * float(role.wage),
        "rework": rework / HOUR * float(role.wage),
    }
    if isinstance(topology, Guardian):
        reviewer = scenario.workers[topology.reviewer or topology.human]
        assert isinstance(reviewer, HumanRole)
        review = journey.reviews * at_work(reviewer, "review_time", type_id, STAGE).mean_value()
        parts |= {"review_minutes": review / MINUTE, "human_review": review / HOUR * float(reviewer.wage)}
    return parts


def mean_tokens(scenario: Scenario, type_id: str, field: str) -> float:
    """Mean of `input_tokens` or `output_tokens` of a task: recorded, or of its distribution."""
    recorded = [getattr(task, field) for task in recorded_tasks(scenario, type_id)]
    if recorded and recorded[0] is not None:
        return float(sum(recorded)) / len(recorded)
    return float(getattr(scenario.tasks[type_id], field).mean_value())

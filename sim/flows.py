"""Flows of a scenario: which topology and policies hold at a stage, and the step table they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.rules.approval import Approval, needs_approval
from sim.rules.recovery import NEEDS_ROLE
from sim.topology import STAGE, AnyTopology, Escalation, Extras, Flow, Guardian, compile_flow
from sim.workers import AgentRole

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.stages import Stage
    from sim.tasks import TaskType


def stages_of(task: TaskType) -> tuple[str, ...]:
    """Stages of a task type, in order: `work` when it declares none."""
    return tuple(task.stages) or (STAGE,)


def stage_of(scenario: Scenario, type_id: str, stage: str) -> Stage | None:
    """The stage as it was written; None for the one stage of a type that declares none."""
    return scenario.tasks[type_id].stages.get(stage)


def topology_of(scenario: Scenario, type_id: str, stage: str = STAGE) -> AnyTopology:
    """The topology of a stage: its own, its task type's or the scenario's, with the stage's roles in place."""
    task, written = scenario.tasks[type_id], stage_of(scenario, type_id, stage)
    topology: AnyTopology = task.topology or scenario.topology
    if written is None:
        return topology
    topology = written.topology or topology
    bound = {name: getattr(written, name) for name in ("agent", "human") if getattr(written, name)}
    return topology.model_copy(update=bound) if bound else topology


def policy_of(scenario: Scenario, type_id: str, stage: str, name: str) -> Any:
    """The policy of that name at a stage: its own, its task type's or the scenario's; None when there is none."""
    for place in (stage_of(scenario, type_id, stage), scenario.tasks[type_id], scenario):
        if place is not None and getattr(place, name) is not None:
            return getattr(place, name)
    return None


def is_mutating(scenario: Scenario, type_id: str, stage: str = STAGE) -> bool:
    """Whether a stage changes a system of record."""
    written, task = stage_of(scenario, type_id, stage), scenario.tasks[type_id]
    return task.mutating if written is None or written.mutating is None else written.mutating


def action_at(scenario: Scenario, type_id: str, stage: str = STAGE) -> str:
    """What a stage does to the world outside."""
    written, task = stage_of(scenario, type_id, stage), scenario.tasks[type_id]
    return task.action if written is None or written.action is None else written.action


def flow_of(scenario: Scenario, type_id: str, stage: str = STAGE) -> Flow:
    """The step table of a stage, with what policies, roles and guards add to its topology."""
    approval: Approval | None = policy_of(scenario, type_id, stage, "approval")
    when = "never"
    if approval is not None:
        radius = scenario.tasks[type_id].blast_radius
        mutating = is_mutating(scenario, type_id, stage)
        when = needs_approval(approval, action_at(scenario, type_id, stage), mutating, radius)
    agents = {name: role for name, role in scenario.workers.items() if isinstance(role, AgentRole)}
    extras = Extras(
        approval=approval,
        approval_when=when,  # type: ignore[arg-type]
        reviewer=(approval.reviewer if approval is not None else None) or "",
        validator=policy_of(scenario, type_id, stage, "validator"),
        verification=policy_of(scenario, type_id, stage, "verification"),
        person=(scenario.guards.person if scenario.guards is not None else None) or "",
        stand_ins={name: stand_ins_of(scenario, name, role) for name, role in agents.items()},
        clarifications={
            name: role.clarification for name, role in agents.items() if role.clarification is not None
        },
    )
    return compile_flow(topology_of(scenario, type_id, stage), stage, extras)


def stand_ins_of(scenario: Scenario, name: str, role: AgentRole) -> tuple[str, ...]:
    """Agent roles that may try in the place of this one: by its recovery moves, or as a cheaper role."""
    rule = role.recovery
    moves = (*rule.transient, *rule.deterministic, *rule.judgment, *rule.governance)
    found = [move.role for move in moves if move.move in NEEDS_ROLE and move.role]
    if scenario.guards is not None:
        found += [
            budget.downgrade[name] for budget in scenario.guards.budgets.values() if name in budget.downgrade
        ]
    return tuple(role for role in dict.fromkeys(found) if role != name)


PLAIN_FIELDS = (
    "recovery", "propagation_factor", "detect_upstream", "shared_cause", "self_correction", "clarification",
    "sandbox", "ack_loss", "damage_cap",
)  # fmt: skip
"""Fields of an agent role that only matter when they are not at their defaults."""


def is_plain(scenario: Scenario, type_id: str) -> bool:
    """Whether a task type has one stage under a bare preset, without policies, guards or effects: the quick path."""
    task = scenario.tasks[type_id]
    policies = [policy_of(scenario, type_id, STAGE, name) for name in ("approval", "validator", "verification")]
    if task.stages or any(policies) or scenario.guards is not None or task.discovery is not None:
        return False
    if policy_of(scenario, type_id, STAGE, "misrouting") is not None or scenario.damage:
        return False
    topology = topology_of(scenario, type_id)
    if topology.kind in ("cascade", "custom") or (isinstance(topology, Guardian) and topology.send_back):
        return False
    if isinstance(topology, Escalation) and (
        topology.ladder is not None or topology.premature_escalation or topology.value_check == "before"
    ):
        return False
    return all(_is_plain_role(scenario, name) for name in _agents(flow_of(scenario, type_id)))


def _agents(flow: Flow) -> list[str]:
    return [step.role for step in flow.steps if step.role]


def _is_plain_role(scenario: Scenario, name: str) -> bool:
    role = scenario.workers[name]
    if not isinstance(role, AgentRole):
        return True
    defaults = AgentRole.model_fields
    changed = [field for field in PLAIN_FIELDS if getattr(role, field) != defaults[field].default]
    return not changed and role.retries.policy == "by_category"

"""Flows of a scenario: which topology and policies hold at a stage, and the step table they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.policies import POLICIES
from sim.rules.approval import Approval, needs_approval
from sim.rules.guards import Guards
from sim.rules.handoff import HandOff
from sim.rules.misrouting import KINDS
from sim.rules.recovery import NEEDS_ROLE
from sim.stages import DELIVER
from sim.topology import (
    STAGE,
    Action,
    AnyTopology,
    Cascade,
    Custom,
    Escalation,
    Extras,
    Flow,
    Guardian,
    Ladder,
    compile_flow,
)
from sim.topology.build import APPROVE
from sim.topology.custom import AttemptStep
from sim.workers import AgentRole

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.stages import Stage
    from sim.tasks import TaskType


def stages_of(task: TaskType) -> tuple[str, ...]:
    """Stages of a task type, in order: `work` when it declares none."""
    return tuple(task.stages) or (STAGE,)


def next_of(task: TaskType, stage: str) -> dict[str, float]:
    """Where a stage leads when it ends, with probabilities: stages or `deliver`; empty for one that branches.

    Without `next` it is the stage written after it, `deliver` after the last, and for the first stage of a parallel
    branch the stage that joins the branches.
    """
    names = stages_of(task)
    written = task.stages.get(stage)
    if written is not None and written.parallel:
        return {}
    if written is not None and written.next is not None:
        return dict(written.next) if isinstance(written.next, dict) else {written.next: 1.0}
    for fork in task.stages.values():
        if stage in fork.parallel and fork.join is not None:
            return {fork.join: 1.0}
    place = names.index(stage)
    return {names[place + 1] if place + 1 < len(names) else DELIVER: 1.0}


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


def place_of(scenario: Scenario, type_id: str, stage: str, name: str) -> tuple[str, ...]:
    """Where the topology or the policy of that name is written that holds at a stage."""
    written, task = stage_of(scenario, type_id, stage), scenario.tasks[type_id]
    if written is not None and getattr(written, name) is not None:
        return ("tasks", type_id, "stages", stage, name)
    return ("tasks", type_id, name) if getattr(task, name) is not None else (name,)


def is_used(scenario: Scenario, type_id: str, stage: str, name: str, flow: Flow) -> bool:
    """Whether the policy of that name changes anything at a stage, whose flow is given."""
    policy = policy_of(scenario, type_id, stage, name)
    if policy is None:
        return False
    match name:
        case "hand_off":
            return bool(scenario.tasks[type_id].stages) and policy != HandOff()
        case "misrouting":
            return any(getattr(policy, kind) for kind in KINDS)
        case "approval":
            return any(step.label == APPROVE for step in flow.steps)
        case _:
            action = Action.VALIDATE if name == "validator" else Action.VERIFY
            return any(step.action is action for step in flow.steps)


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
    topology = topology_of(scenario, type_id, stage)
    stand_ins = _stand_ins(scenario, trying(topology))
    extras = Extras(
        approval=approval,
        approval_when=when,  # type: ignore[arg-type]
        reviewer=(approval.reviewer if approval is not None else None) or "",
        validator=policy_of(scenario, type_id, stage, "validator"),
        verification=policy_of(scenario, type_id, stage, "verification"),
        person=(scenario.guards.person if scenario.guards is not None else None) or "",
        stand_ins=stand_ins,
        clarifications={
            name: role.clarification
            for name in stand_ins
            if isinstance(role := scenario.workers[name], AgentRole) and role.clarification is not None
        },
    )
    return compile_flow(topology, stage, extras)


def _stand_ins(scenario: Scenario, names: list[str]) -> dict[str, tuple[str, ...]]:
    """Who may try in the place of each of these roles, and of those who do."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = stand_ins_of(scenario, name)
            waiting += found[name]
    return found


def trying(topology: AnyTopology) -> list[str]:
    """Agent roles that a topology lets try."""
    match topology:
        case Cascade():
            return [tier.agent for tier in topology.tiers]
        case Custom():
            return [step.attempt for step in topology.steps.values() if isinstance(step, AttemptStep)]
        case Escalation(ladder=Ladder(peer=str(peer))):
            return [topology.agent, peer]
        case _:
            return [topology.agent] if topology.agent else []


def stand_ins_of(scenario: Scenario, name: str) -> tuple[str, ...]:
    """Agent roles that may try in the place of this one: by its recovery moves, or as a cheaper role."""
    role = scenario.workers[name]
    assert isinstance(role, AgentRole)
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
    task, flow = scenario.tasks[type_id], flow_of(scenario, type_id)
    if task.stages or task.discovery is not None or _is_guarded(scenario):
        return False
    if any(is_used(scenario, type_id, STAGE, name, flow) for name in POLICIES):
        return False
    if task.blast_radius in scenario.damage and not task.damage_if_wrong:
        return False
    topology = topology_of(scenario, type_id)
    if topology.kind in ("cascade", "custom") or (isinstance(topology, Guardian) and topology.send_back):
        return False
    if isinstance(topology, Escalation) and (
        topology.ladder is not None or topology.premature_escalation or topology.value_check == "before"
    ):
        return False
    return all(_is_plain_role(scenario, name) for name in _agents(flow))


def _is_guarded(scenario: Scenario) -> bool:
    """Whether a guard could ever act on a task that no agent hands to another."""
    rule = scenario.guards
    return rule is not None and (
        rule.model_copy(update={"max_hops": 0, "count_stage_handoffs": False}) != Guards(max_hops=0)
    )


def _agents(flow: Flow) -> list[str]:
    return [step.role for step in flow.steps if step.role]


def _is_plain_role(scenario: Scenario, name: str) -> bool:
    role = scenario.workers[name]
    if not isinstance(role, AgentRole):
        return True
    defaults = AgentRole.model_fields
    changed = [field for field in PLAIN_FIELDS if getattr(role, field) != defaults[field].default]
    return not changed and role.retries.policy == "by_category"

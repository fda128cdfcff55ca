"""What the walks of a task type need to know of it: who varies with hardness, which values are dear, the damage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from analysis.forecast.agents import agent_work, varies
from analysis.forecast.values import dear_share
from sim.flows import stages_of
from sim.rules.success import compile_success
from sim.scenario import Scenario
from sim.topology import Action, RouteRule, Step
from sim.workers import AgentRole, HumanRole, at_work


def varying_models(scenario: Scenario, type_id: str, stage: str) -> tuple[str, ...]:
    """Models at a stage whose success depends on hardness, in the order of its steps."""
    found = {}
    for role, step in _workers(scenario, type_id, stage, Action.ATTEMPT):
        if isinstance(role, AgentRole) and varies(compile_success(at_work(role, "success", type_id, stage))):
            found[role.model] = step
    return tuple(found)


def judges(scenario: Scenario, type_id: str, stage: str) -> tuple[str, ...]:
    """Agent roles that see a part of the hardness and may state their confidence twice in one pass.

    What they see beside the hardness is the same each time. One at most: each adds an axis to the grid.
    """
    steps = scenario.flow(type_id, stage).steps
    rules = [step.rule for step in steps if isinstance(step.rule, RouteRule) and step.rule.threshold > 0.0]
    again = any(rule.own or rule.peers > 1 for rule in rules)
    again = again or any(step.action in (Action.VERIFY, Action.REVIEW) for step in steps)
    found = []
    for role, step in _workers(scenario, type_id, stage, Action.ATTEMPT):
        assert isinstance(role, AgentRole)
        seen = agent_work(scenario, type_id, step.role, stage=stage).confidence.seen
        if rules and again and 0.0 < seen < 1.0:
            found.append(step.role)
    return tuple(found[:1])


def people_vary(scenario: Scenario, type_id: str, stage: str) -> bool:
    """Whether the success of somebody who does the work of a stage depends on hardness."""
    workers = _workers(scenario, type_id, stage, Action.EXECUTE)
    return any(varies(compile_success(at_work(role, "success", type_id, stage))) for role, _ in workers)


def _workers(
    scenario: Scenario, type_id: str, stage: str, action: Action
) -> Iterator[tuple[AgentRole | HumanRole, Step]]:
    for step in scenario.flow(type_id, stage).steps:
        if step.action is action:
            yield scenario.workers[step.role], step


def values(scenario: Scenario, type_id: str) -> tuple[dict[int, float], dict[Decimal, int]]:
    """Share of tasks by the number of value limits that they are above, and the place of each limit, from 0."""
    rules = [
        step.rule
        for name in stages_of(scenario.tasks[type_id])
        for step in scenario.flow(type_id, name).steps
        if isinstance(step.rule, RouteRule)
    ]
    limits = sorted({rule.value_limit for rule in rules if rule.value_limit is not None})
    above = [1.0, *(dear_share(scenario, type_id, limit) for limit in limits), 0.0]
    shares = {number: above[number] - above[number + 1] for number in range(len(limits) + 1)}
    return {number: share for number, share in shares.items() if share > 0.0}, {
        limit: place for place, limit in enumerate(limits)
    }


def damage(scenario: Scenario, type_id: str) -> float:
    """Mean damage of one wrong delivery, before any cap: what the type states, else that of its blast radius."""
    task = scenario.tasks[type_id]
    by_class = scenario.damage.get(task.blast_radius)
    return float(task.damage_if_wrong or (by_class.mean_value() if by_class is not None else 0.0))

"""Stops: which guards may stop a call, and whether they send it to a person."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario import Scenario
from sim.topology import Action, Step
from sim.workers import AgentRole


def stopped_to(scenario: Scenario, step: Step) -> Iterator[bool]:
    """For each guard that may stop an agent at a step: whether what it stops goes to the person, if there is one."""
    guards = scenario.guards
    if guards is None or step.action not in (Action.ATTEMPT, Action.CLARIFY):
        return
    role = scenario.workers[step.role]
    if step.action is Action.CLARIFY or (isinstance(role, AgentRole) and role.clarification is not None):
        yield True  # by the limit of hops
    if guards.trace_budget is not None:
        yield guards.trace_budget.then == "person"
    for budget in guards.budgets.values():
        if budget.then != "downgrade" and (not budget.roles or step.role in budget.roles):
            yield budget.then == "person"
    if guards.breaker is not None:
        yield True
    if guards.kill_switch is not None and guards.kill_switch.then == "person":
        yield True

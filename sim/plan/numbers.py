"""Numbers of a step: what a role brings to its work, on the grids the engine computes on."""

from __future__ import annotations

from sim.plan.activities import (
    Activity,
    Answering,
    Attempt,
    Checking,
    Execution,
    Key,
    Reviewing,
)
from sim.plan.steps import WorkStep
from sim.quantities import HOUR, billionths, nano
from sim.rules.retry import compile_retries
from sim.rules.routing import NO_LIMIT
from sim.scenario import Scenario
from sim.topology import Action, ReviewRule, RouteRule, Step
from sim.workers import AgentRole, HumanRole, at_work


def activity_of(scenario: Scenario, step: Step, key: Key) -> Activity:
    """What the step's role does, or a check that no role does."""
    if step.action is Action.VERIFY:
        return Checking(step.rule.time, key, "verify")
    if step.action is Action.VALIDATE and not step.role:
        return Checking(step.rule.time, key, "validate")
    role, task = scenario.workers[step.role], scenario.tasks[key.type_id]
    if isinstance(role, AgentRole):
        if step.action is Action.VALIDATE:
            return Checking(at_work(role, "work_time", key.type_id, key.stage), key, "validate")
        if step.action is Action.CLARIFY:
            return Answering(step.rule, key)
        provider = scenario.price(step.role).provider if role.shared_cause is not None else ""
        return Attempt(role, task, key, provider)
    return Execution(role, task, key) if step.action is Action.EXECUTE else Reviewing(role, key)


def set_numbers(made: WorkStep, scenario: Scenario, step: Step, key: Key) -> None:
    """Fills in prices, wages, waits and rates; nothing for a check that no role does."""
    role = scenario.workers.get(step.role)
    if isinstance(role, AgentRole):
        _agent_numbers(made, scenario, role, key)
    elif isinstance(role, HumanRole):
        _human_numbers(made, scenario, role, step)


def _agent_numbers(made: WorkStep, scenario: Scenario, role: AgentRole, key: Key) -> None:
    set_model(made, scenario, made.role)
    made.tool_cost = nano(at_work(role, "tool_cost", made.type_id, made.stage))
    made.waits, made.jitter = compile_retries(role.retries), role.retries.jitter
    made.jitter_stream, made.max_attempts = key.stream("attempt.jitter"), role.max_attempts


def _human_numbers(made: WorkStep, scenario: Scenario, role: HumanRole, step: Step) -> None:
    made.wage = nano(role.wage) / HOUR
    made.draft_help = role.draft_help
    review = at_work(role, "review", made.type_id, made.stage)
    made.catch_rate, made.false_reject = billionths(review.catch_rate), billionths(review.false_reject)
    if isinstance(step.rule, ReviewRule):
        made.max_revisions, made.revise_share = step.rule.max_revisions, billionths(step.rule.revise_share)
    made.assist_factor = step.assist_factor
    made.is_helped = step.action is Action.EXECUTE and (made.assist_factor, made.draft_help) != (1.0, 1.0)
    if step.assistant:
        set_model(made, scenario, step.assistant)


def set_model(made: WorkStep, scenario: Scenario, agent: str) -> None:
    """The model of an agent role and its price, in nano-units per million tokens."""
    role, price = scenario.workers[agent], scenario.price(agent)
    assert isinstance(role, AgentRole)
    made.model, made.provider = role.model, price.provider
    made.input_price, made.output_price = nano(price.input), nano(price.output)


def route_numbers(rule: RouteRule, minor_digits: int) -> tuple[int, int]:
    """Threshold in billionths and value limit in minor units of the currency."""
    limit = rule.value_limit
    # Rounded down: a value on the grid is above the limit exactly when it is above the limit's whole units.
    return billionths(rule.threshold), NO_LIMIT if limit is None else int(limit.scaleb(minor_digits))

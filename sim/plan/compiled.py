"""Plans of one stage: task types under a bare preset compiled to steps, and the plan as a whole."""

from __future__ import annotations

from sim.flows import is_plain
from sim.plan.activities import Key
from sim.plan.arrivals import arrival_blocks, recorded_tasks
from sim.plan.attributes import Attributes
from sim.plan.codes import COMPLETION, pack_code
from sim.plan.guards import compile_guards
from sim.plan.numbers import activity_of, route_numbers, set_numbers
from sim.plan.steps import FIRST_WORK, FinalStep, Plan, PoolPlan, Row, TypePlan, WorkflowPlan, WorkStep
from sim.plan.workflow import workflow_plan
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.scenario import Scenario
from sim.topology import Action, Flow, Step
from sim.workers import HumanRole


def compile_plan(scenario: Scenario, seed: int, replication: int) -> Plan:
    """The plan of one replication."""
    roles = scenario.roles_at_work()
    pools = tuple(_pool(scenario, role) for role in roles)
    plan = Plan(scenario, seed, replication, (), pools)
    steps: list[Row] = []
    types = []
    for code, type_id in enumerate(sorted(scenario.tasks)):
        compiled = _type_plan if is_plain(scenario, type_id) else workflow_plan
        types.append(compiled(plan, code, type_id, roles, steps))
    plan.types, plan.steps = tuple(types), tuple(steps)
    plan.is_wide = any(isinstance(type_plan, WorkflowPlan) for type_plan in types)
    if plan.is_wide:
        plan.guards = compile_guards(scenario).names
    return plan


def _pool(scenario: Scenario, name: str) -> PoolPlan:
    role = scenario.workers[name]
    if isinstance(role, HumanRole):
        return PoolPlan(name, role.positions, 1, scenario.calendar(role.calendar), 0)
    return PoolPlan(name, role.positions, role.concurrency, scenario.calendar(None), role.spin_up)


def _type_plan(plan: Plan, code: int, type_id: str, roles: tuple[str, ...], steps: list[Row]) -> TypePlan:
    """A task type of one stage under a bare preset."""
    scenario, task = plan.scenario, plan.scenario.tasks[type_id]
    flow = scenario.flow(type_id)
    compiled: dict[int, WorkStep | FinalStep] = {}
    facts_at, shift = FIRST_WORK, 0
    for place, step in enumerate(flow.steps):
        if step.action is Action.ROUTE:
            continue
        if step.action in (Action.DELIVER, Action.FAIL):
            made: WorkStep | FinalStep = FinalStep(len(steps), step.action)
        else:
            made = _work_step(plan, flow, step, type_id, len(steps), roles.index(step.role), facts_at, shift)
            facts_at, shift = facts_at + made.activity.width, shift + 16
        compiled[place] = made
        steps.append(made)
    for place, made in compiled.items():
        if isinstance(made, WorkStep):
            _connect(made, flow, flow.steps[place], compiled, scenario.minor_digits)
    first = compiled[0]
    assert isinstance(first, WorkStep)
    attributes = Attributes(
        task, plan.seed, plan.replication, type_id, scenario.minor_digits, recorded_tasks(scenario, type_id)
    )
    type_plan = TypePlan(
        code=code,
        type_id=type_id,
        rank=COMPLETION | (task.priority << 56) | (code << 48),
        uid=code << 40,
        arrival_code=pack_code(len(steps), Outcome.NONE, Reason.ARRIVED, first.number),
        first=first,
        ticks=arrival_blocks(scenario, type_id, plan.replication, plan.seed),
        attributes=attributes,
        steps=tuple(made for made in compiled.values() if isinstance(made, WorkStep)),
    )
    steps.append(type_plan)
    return type_plan


def _work_step(
    plan: Plan, flow: Flow, step: Step, type_id: str, number: int, pool: int, facts_at: int, shift: int
) -> WorkStep:
    key = Key(plan.seed, plan.replication, type_id, flow.stage, step.role)
    activity = activity_of(plan.scenario, step, key)
    made = WorkStep(
        number, step.action, type_id, flow.stage, step.role, pool, facts_at, activity, visit_shift=shift
    )
    set_numbers(made, plan.scenario, step, key)
    return made


def _connect(
    made: WorkStep, flow: Flow, step: Step, compiled: dict[int, WorkStep | FinalStep], minor_digits: int
) -> None:
    """Fills in where results lead; a route is folded into the attempt before it."""
    match made.action:
        case Action.ATTEMPT:
            following = flow.steps[step.go[Outcome.RIGHT]]
            made.otherwise = compiled[step.go[Outcome.TRANSIENT]]
            made.is_routed = following.action is Action.ROUTE
            if made.is_routed:
                made.threshold, made.value_limit = route_numbers(following.rule, minor_digits)
            elif following.action is Action.REVIEW:
                made.revision_gain = following.rule.revision_gain
            made.after = compiled[
                following.go[Reason.CONFIDENT] if made.is_routed else step.go[Outcome.RIGHT]
            ]
        case Action.REVIEW:
            made.after = compiled[step.go[Outcome.APPROVED]]
            made.otherwise, made.revise = (
                compiled[step.go[Outcome.REJECTED]],
                compiled[step.go[Outcome.REVISED]],
            )
            attempt = made.revise
            assert isinstance(attempt, WorkStep)
            made.max_attempts = attempt.max_attempts
        case _:
            made.after = compiled[step.go[Outcome.RIGHT]]

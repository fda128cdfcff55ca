"""Step tables with numbers: what each task type does, in which pool, with which draws and prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.calendars import Calendar
from sim.draws import Stream
from sim.plan.activities import (
    Activity,
    Attempt,
    Execution,
    Key,
    Reviewing,
    first_visits,
    later_visit,
    second_visits,
)
from sim.plan.arrivals import arrival_blocks, recorded_tasks
from sim.plan.attributes import Attributes
from sim.plan.codes import COMPLETION, pack_code
from sim.quantities import HOUR, billionths, nano
from sim.rules.failures import Outcome
from sim.rules.retry import compile_retries
from sim.rules.routing import NO_LIMIT, Reason
from sim.scenario import Scenario
from sim.topology import Action, Copilot, Escalation, Flow, Guardian, Step, compile_flow
from sim.workers import AgentRole, HumanRole, at_work

_TRANSIENT = int(Outcome.TRANSIENT)
VALUE, INPUT_TOKENS, OUTPUT_TOKENS, FIRST_WORK = 1, 2, 3, 4
"""Places in a task's tuple of facts; place 0 is the tick of its arrival."""


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """One role at work: its positions and when they are there."""

    role: str
    positions: int
    concurrency: int
    calendar: Calendar
    spin_up: int
    """Ticks from the start until the positions exist."""


@dataclass(slots=True, eq=False)
class FinalStep:
    """The end of a stage: delivered or failed."""

    number: int
    action: Action


@dataclass(slots=True, eq=False)
class WorkStep:
    """Work of one role at one stage, with where each result leads.

    `facts_at` is the place of its first-visit draws in a task's facts; `visit_shift` the place of its visit
    counter. Thresholds and rates are in billionths, the value limit in minor units, costs in nano-units.
    """

    number: int
    action: Action
    type_id: str
    stage: str
    role: str
    pool: int
    facts_at: int
    activity: Activity
    model: str = ""
    provider: str = ""
    input_price: int = 0
    """Nano-units per million input tokens."""
    output_price: int = 0
    tool_cost: int = 0
    wage: float = 0.0
    """Nano-units per tick of a person."""
    after: WorkStep | FinalStep | None = None
    """Where output, approval or finished work goes; for a routed attempt, where a confident output goes."""
    otherwise: WorkStep | FinalStep | None = None
    """Where a visible failure, a rejection or an escalated output goes."""
    revise: WorkStep | FinalStep | None = None
    """Where a revision goes."""
    is_routed: bool = False
    threshold: int = 0
    value_limit: int = NO_LIMIT
    waits: tuple[int, ...] = ()
    jitter: float = 0.0
    jitter_stream: Stream | None = None
    max_attempts: int = 0
    max_revisions: int = 0
    revise_share: int = 0
    revision_gain: float = 0.0
    catch_rate: int = 0
    false_reject: int = 0
    assist_factor: float = 1.0
    draft_help: float = 1.0
    is_helped: bool = False
    """Whether assistance or a draft can shorten the work."""
    visit_shift: int = 0
    callbacks: list[Any] = field(default_factory=list)
    """What the engine calls when the work ends."""
    place: Any = None
    """The pool at run time; the engine sets it."""
    foreseen: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    """Second visits by task index that are sure to come, drawn with their block."""

    def foresee(self, first: int, facts: list[list[Any]]) -> None:
        """Draws the second attempt of the tasks of a block whose first one fails and will be tried again.

        One by one these draws cost ten times as much: 3 % of retries took a sixth of a run of benchmark W2.
        """
        if not self.waits or self.max_attempts < 2:
            return
        again = [first + place for place, outcome in enumerate(facts[1]) if outcome == _TRANSIENT]
        if again:
            self.foreseen.update(zip(again, second_visits(self.activity, again), strict=True))

    def draws_at(self, index: int, visit: int, gain: float) -> tuple[Any, ...]:
        """The facts of a later visit, at the place of this step's facts."""
        facts = self.foreseen.pop(index, None) if visit == 1 else None
        if facts is None:
            facts = later_visit(self.activity, index, visit, gain)
        return (None,) * self.facts_at + facts


@dataclass(slots=True, eq=False)
class TypePlan:
    """One task type: where its tasks come from and where they begin."""

    code: int
    type_id: str
    rank: int
    """What its tasks' ranks begin with: class of completions, priority, type."""
    uid: int
    """What its tasks' numbers in the log begin with."""
    arrival_code: int
    """What the log says of each arrival."""
    first: WorkStep
    ticks: Iterator[list[int]]
    attributes: Attributes
    steps: tuple[WorkStep, ...]

    def tasks(self) -> Iterator[tuple[Any, ...]]:
        """One tuple of facts per task, in order of arrival: tick, value, tokens, then each step's first visit."""
        first = 0
        for ticks in self.ticks:
            count = len(ticks)
            if not count:
                continue
            columns = [ticks, *self.attributes.facts(first, count)]
            for step in self.steps:
                facts = first_visits(step.activity, first, count)
                step.foresee(first, facts)
                columns += facts
            yield from zip(*columns, strict=True)
            first += count


@dataclass(slots=True, eq=False)
class Plan:
    """Everything one replication needs, as numbers."""

    scenario: Scenario
    seed: int
    replication: int
    types: tuple[TypePlan, ...]
    pools: tuple[PoolPlan, ...]
    steps: tuple[WorkStep | FinalStep | TypePlan, ...] = field(default=())
    """By number, as the log's rows refer to them."""


def compile_plan(scenario: Scenario, seed: int, replication: int) -> Plan:
    """The plan of one replication."""
    flow = compile_flow(scenario.topology)
    roles = scenario.roles_at_work()
    pools = tuple(_pool(scenario, role) for role in roles)
    plan = Plan(scenario, seed, replication, (), pools)
    steps: list[WorkStep | FinalStep | TypePlan] = []
    types = []
    for code, type_id in enumerate(sorted(scenario.tasks)):
        types.append(_type_plan(plan, flow, code, type_id, roles, steps))
    plan.types, plan.steps = tuple(types), tuple(steps)
    return plan


def _pool(scenario: Scenario, name: str) -> PoolPlan:
    role = scenario.workers[name]
    if isinstance(role, HumanRole):
        return PoolPlan(name, role.positions, 1, scenario.calendar(role.calendar), 0)
    return PoolPlan(name, role.positions, role.concurrency, scenario.calendar(None), role.spin_up)


def _type_plan(
    plan: Plan,
    flow: Flow,
    code: int,
    type_id: str,
    roles: tuple[str, ...],
    steps: list[WorkStep | FinalStep | TypePlan],
) -> TypePlan:
    scenario, task = plan.scenario, plan.scenario.tasks[type_id]
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
            _connect(made, flow, flow.steps[place], compiled)
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
    scenario, role, task = plan.scenario, plan.scenario.workers[step.role], plan.scenario.tasks[type_id]
    key = Key(plan.seed, plan.replication, type_id, flow.stage, step.role)
    activity: Activity
    if isinstance(role, AgentRole):
        activity = Attempt(role, task, key)
    elif step.action is Action.EXECUTE:
        activity = Execution(role, task, key)
    else:
        activity = Reviewing(role, key)
    made = WorkStep(
        number, step.action, type_id, flow.stage, step.role, pool, facts_at, activity, visit_shift=shift
    )
    if isinstance(role, AgentRole):
        _agent_numbers(made, scenario, role, key)
    else:
        _human_numbers(made, scenario, role, step)
    return made


def _agent_numbers(made: WorkStep, scenario: Scenario, role: AgentRole, key: Key) -> None:
    _model_numbers(made, scenario, made.role)
    made.tool_cost = nano(at_work(role, "tool_cost", made.type_id, made.stage))
    made.waits, made.jitter = compile_retries(role.retries), role.retries.jitter
    made.jitter_stream, made.max_attempts = key.stream("attempt.jitter"), role.max_attempts
    match scenario.topology:
        case Escalation(threshold=threshold, value_limit=limit):
            made.threshold = billionths(threshold)
            # Rounded down: a value on the grid is above the limit exactly when it is above the limit's whole units.
            made.value_limit = NO_LIMIT if limit is None else int(limit.scaleb(scenario.minor_digits))
        case Guardian(revision_gain=gain):
            made.revision_gain = gain
        case _:
            pass


def _human_numbers(made: WorkStep, scenario: Scenario, role: HumanRole, step: Step) -> None:
    made.wage = nano(role.wage) / HOUR
    made.draft_help = role.draft_help
    review = at_work(role, "review", made.type_id, made.stage)
    made.catch_rate, made.false_reject = billionths(review.catch_rate), billionths(review.false_reject)
    match scenario.topology:
        case Guardian(max_revisions=most, revise_share=share):
            made.max_revisions, made.revise_share = most, billionths(share)
        case Copilot(assist_factor=factor):
            made.assist_factor = factor
        case _:
            pass
    made.is_helped = step.action is Action.EXECUTE and (made.assist_factor, made.draft_help) != (1.0, 1.0)
    if step.assistant:
        _model_numbers(made, scenario, step.assistant)


def _model_numbers(made: WorkStep, scenario: Scenario, agent: str) -> None:
    role, price = scenario.workers[agent], scenario.price(agent)
    assert isinstance(role, AgentRole)
    made.model, made.provider = role.model, price.provider
    made.input_price, made.output_price = nano(price.input), nano(price.output)


def _connect(made: WorkStep, flow: Flow, step: Step, compiled: dict[int, WorkStep | FinalStep]) -> None:
    """Fills in where results lead; a route is folded into the attempt before it."""
    match made.action:
        case Action.ATTEMPT:
            following = flow.steps[step.go[Outcome.RIGHT]]
            made.otherwise = compiled[step.go[Outcome.TRANSIENT]]
            made.is_routed = following.action is Action.ROUTE
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

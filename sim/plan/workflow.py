"""Plans of workflows: task types with stages, policies, guards or effects compiled to steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sim.distributions import ConstantSampler, CountDistribution
from sim.draws import Stream
from sim.flows import is_mutating, next_of, policy_of, stage_of
from sim.plan.activities import Correcting, Key
from sim.plan.arrivals import arrival_blocks, recorded_tasks
from sim.plan.attributes import Attributes
from sim.plan.codes import COMPLETION, pack_code
from sim.plan.numbers import activity_of, route_numbers, set_numbers
from sim.plan.roles import agent_numbers
from sim.plan.steps import (
    FIRST_WORK,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    DamageNumbers,
    DiscoveryNumbers,
    FinalStep,
    HandOffNumbers,
    Marker,
    Plan,
    RouteStep,
    Row,
    StagePlan,
    StageStep,
    Target,
    TriageStep,
    WorkflowPlan,
)
from sim.quantities import BILLION, billionths, nano
from sim.rules.failures import Outcome
from sim.rules.misrouting import KINDS
from sim.rules.routing import Reason
from sim.rules.validation import Validator, in_billionths
from sim.rules.verification import Verification
from sim.stages import Stage
from sim.tasks import TaskType
from sim.topology import FINAL, Action, Flow, Step
from sim.workers import AgentRole

LAZY = ("peer", "person", "redo")
"""Labels of steps that few tasks come to; so are stand-ins, answers and corrections."""
ENDS = {
    "deliver": Action.DELIVER, "redeliver": Action.REDELIVER, "fail": Action.FAIL, "branch": Action.BRANCH,
    "join": Action.JOIN, "give_up": Action.GIVE_UP,
}  # fmt: skip
"""What a task does next when no step of a stage follows."""


@dataclass(slots=True)
class Making:
    """What one task type's plan is being made of."""

    plan: Plan
    type_id: str
    roles: tuple[str, ...]
    rows: list[Row]
    columns: list[tuple[Any, Stream]] = field(default_factory=list)
    visits: dict[tuple[str, Action, str], int] = field(default_factory=dict)
    """Places of the visit counters: steps at which a role does the same at a stage share one."""
    ends: dict[str, FinalStep] = field(default_factory=dict)
    drawn: list[StageStep] = field(default_factory=list)
    facts_at: int = FIRST_WORK

    def key(self, stage: str, role: str = "") -> Key:
        """What draws at a stage are keyed by."""
        return Key(self.plan.seed, self.plan.replication, self.type_id, stage, role)

    def visit_place(self, stage: str, action: Action, role: str) -> int:
        """Place of the counter of this role's starts of this activity on this stage."""
        return self.visits.setdefault((stage, action, role), len(self.visits))

    def add(self, row: Row) -> int:
        """Gives the row's number."""
        self.rows.append(row)
        return len(self.rows) - 1


def workflow_plan(
    plan: Plan, code: int, type_id: str, roles: tuple[str, ...], rows: list[Row]
) -> WorkflowPlan:
    """The plan of a task type that needs more than the quick path."""
    scenario, task = plan.scenario, plan.scenario.tasks[type_id]
    making = Making(plan, type_id, roles, rows)
    for name, action in ENDS.items():
        end = FinalStep(len(rows), action)
        making.add(end)
        making.ends[name] = end
    names = scenario.stages(type_id)
    tokens = {name: _token_places(making, stage_of(scenario, type_id, name)) for name in names}
    making.facts_at = FIRST_WORK + len(making.columns)
    stages = {name: _stage_plan(making, number, name, tokens[name]) for number, name in enumerate(names)}
    for name in names:
        _lead_on(stages, name, task)
    first = stages[names[0]]
    made = WorkflowPlan(
        code=code,
        type_id=type_id,
        rank=COMPLETION | (task.priority << 56) | (code << 48),
        uid=code << 40,
        arrival_code=pack_code(len(rows), Outcome.NONE, Reason.ARRIVED, 0),
        first=first.steps[0],
        ticks=arrival_blocks(scenario, type_id, plan.replication, plan.seed),
        attributes=Attributes(
            task, plan.seed, plan.replication, type_id, scenario.minor_digits,
            recorded_tasks(scenario, type_id),
        ),
        steps=tuple(making.drawn),
        stages=tuple(stages.values()),
        token_columns=tuple(making.columns),
        damage=_damage(making),
        ends=making.ends,
    )  # fmt: skip
    rows.append(made)
    made.discovery = _discovery(making, stages)
    made.visit_places = len(making.visits)
    return made


def _token_places(making: Making, stage: Stage | None) -> tuple[int, int]:
    """Places of a stage's input and output tokens among the facts of a task."""
    places = [INPUT_TOKENS, OUTPUT_TOKENS]
    for number, name in enumerate(("input_tokens", "output_tokens")):
        written: CountDistribution | None = getattr(stage, name, None)
        if stage is not None and written is not None:
            key = making.key(_stage_name(making, stage))
            places[number] = FIRST_WORK + len(making.columns)
            making.columns.append((written.sampler(), key.stream(name)))
    return places[0], places[1]


def _stage_name(making: Making, stage: Stage) -> str:
    stages = making.plan.scenario.tasks[making.type_id].stages
    return next(name for name, written in stages.items() if written is stage)


# -- one stage --------------------------------------------------------------------------------------------------


def _stage_plan(making: Making, number: int, name: str, tokens: tuple[int, int]) -> StagePlan:
    scenario, type_id = making.plan.scenario, making.type_id
    flow, written = scenario.flow(type_id, name), stage_of(scenario, type_id, name)
    targets = _targets(making, flow, tokens)
    steps = tuple(target for target in targets.values() if isinstance(target, StageStep))
    faults = policy_of(scenario, type_id, name, "misrouting")
    key = making.key(name)
    person = targets[flow.person] if flow.person >= 0 else None
    made = StagePlan(
        number=number,
        name=name,
        first=targets[0],
        steps=steps,
        person=person if isinstance(person, StageStep) else None,
        questions={
            pair: step
            for pair, place in flow.questions.items()
            if isinstance(step := targets[place], StageStep)
        },
        hand_off=_hand_off(making, name),
        misrouting=tuple(
            (billionths(getattr(faults, kind)), key.stream(f"misrouting.{kind}"), int(Reason[kind.upper()]))
            for kind in KINDS
            if faults is not None and getattr(faults, kind)
        ),
        misrouting_time=(faults.time.sampler(), key.stream("misrouting.time"))
        if faults is not None
        else None,
        is_mutating=is_mutating(scenario, type_id, name),
        max_passes=written.max_passes if written is not None else 1_000_000,
        branch_stream=key.stream("next"),
        rerouted=making.add(Marker("rerouted", name)),
        joined=making.add(Marker("joined", name)),
        discovered=making.add(Marker("discovered", name)),
    )
    for step in steps:
        step.stage_plan = made
    return made


def _targets(making: Making, flow: Flow, tokens: tuple[int, int]) -> dict[int, Target]:
    """The steps of a flow with numbers, by place; then their results are connected."""
    # A stand-in comes after the attempt in whose place it stands.
    stand_ins = [twin for (place, _), twin in flow.stand_ins.items() if twin > place]
    lazy = {*stand_ins, *flow.questions.values()}
    targets: dict[int, Target] = {}
    for place, step in enumerate(flow.steps):
        if step.action in FINAL:
            targets[place] = making.ends["deliver" if step.action is Action.DELIVER else "fail"]
        elif step.action is Action.ROUTE:
            targets[place] = _route(making, flow, step)
        elif step.action is Action.TRIAGE:
            targets[place] = _triage(making, flow, step)
        else:
            targets[place] = _stage_step(making, flow, step, tokens, place in lazy or step.label in LAZY)
    for place, step in enumerate(flow.steps):
        target = targets[place]
        if not isinstance(target, FinalStep):
            target.go = {int(result): targets[to] for result, to in step.go.items()}
    for (place, role), twin in flow.stand_ins.items():
        original, other = targets[place], targets[twin]
        assert isinstance(original, StageStep)
        assert isinstance(other, StageStep)
        original.stand_ins[role] = other
        if twin > place and original.stands_for is None:
            other.stands_for = original
    return targets


def _stage_step(making: Making, flow: Flow, step: Step, tokens: tuple[int, int], is_lazy: bool) -> StageStep:
    scenario = making.plan.scenario
    key = making.key(flow.stage, step.role)
    made = StageStep(
        number=len(making.rows),
        action=step.action,
        type_id=making.type_id,
        stage=flow.stage,
        role=step.role,
        pool=making.roles.index(step.role) if step.role else -1,
        facts_at=0 if is_lazy else making.facts_at,
        activity=activity_of(scenario, step, key),
        label=step.label,
        visit_place=making.visit_place(flow.stage, step.action, step.role),
        is_lazy=is_lazy,
        rule=step.rule,
        input_at=tokens[0],
        output_at=tokens[1],
        mean_output=_mean_output(making, flow.stage),
    )
    set_numbers(made, scenario, step, key)
    role = scenario.workers.get(step.role)
    made.caller = step.role if isinstance(role, AgentRole) else step.assistant
    if isinstance(role, AgentRole):
        if step.action in (Action.ATTEMPT, Action.CLARIFY):
            made.agent = agent_numbers(role, key)
        if step.action is Action.ATTEMPT and role.sandbox is not None:
            made.sandbox_cost = nano(role.sandbox.cost)
    if isinstance(step.rule, Validator):
        made.numbers = in_billionths(step.rule)
        made.tool_cost = made.tool_cost if step.role else nano(step.rule.cost)
    if isinstance(step.rule, Verification):
        made.numbers = (billionths(step.rule.detects),)
        made.verification_cost = nano(step.rule.cost)
    if step.action is Action.EXECUTE:
        made.repair_stream = key.stream("execute.repair")
    making.add(made)
    if not is_lazy:
        making.drawn.append(made)
        making.facts_at += made.activity.width
    return made


def _mean_output(making: Making, stage: str) -> float:
    task = making.plan.scenario.tasks[making.type_id]
    written = task.stages.get(stage)
    tokens = written.output_tokens if written is not None and written.output_tokens is not None else None
    return float((tokens or task.output_tokens).mean_value())


def _route(making: Making, flow: Flow, step: Step) -> RouteStep:
    threshold, limit = route_numbers(step.rule, making.plan.scenario.minor_digits)
    # The one route of a preset, or several of the author's, each with draws of its own.
    purpose = "premature" if step.label == "route" else f"premature.{step.label}"
    rule, stream = step.rule, making.key(flow.stage).stream(purpose)
    return RouteStep(
        {}, threshold, limit, billionths(rule.premature), rule.own, rule.peers, rule.is_last, stream
    )


def _triage(making: Making, flow: Flow, step: Step) -> TriageStep:
    key = making.key(flow.stage)
    hardness = (
        Stream(key.seed, key.replication, "hardness", key.type_id),
        Stream(key.seed, key.replication, "hardness", key.type_id, key.stage),
    )
    return TriageStep({}, tuple(step.rule.boundaries), step.rule.error, hardness, key.stream("triage"))


def _hand_off(making: Making, stage: str) -> HandOffNumbers | None:
    rule = policy_of(making.plan.scenario, making.type_id, stage, "hand_off")
    if rule is None:
        return None
    key, store = making.key(stage), rule.store
    return HandOffNumbers(
        latency=None if rule.latency is None else (rule.latency.sampler(), key.stream("hand_off.latency")),
        loss=0 if store is not None else billionths(rule.context_loss),
        read_ticks=store.read_time if store is not None else 0,
        read_cost=nano(store.read_cost) if store is not None else 0,
        contract=rule.contract_tokens if rule.mode == "contract" else 0,
        is_transcript=rule.mode == "transcript",
        misread=billionths(rule.misread),
        misread_stream=key.stream("hand_off.misread"),
    )


# -- between stages ---------------------------------------------------------------------------------------------


def _lead_on(stages: dict[str, StagePlan], name: str, task: TaskType) -> None:
    """Fills in where a stage leads."""
    made, written = stages[name], task.stages.get(name)
    upper, ends = 0, []
    for target, share in next_of(task, name).items():
        upper += billionths(share)
        ends.append((upper, stages.get(target)))
    made.shares = (*ends[:-1], (BILLION, ends[-1][1])) if ends else ()
    if written is None:
        return
    made.on = {ending: stages.get(target) for ending, target in written.on.items()}
    made.parallel = tuple(stages[target] for target in written.parallel)
    made.join = stages[written.join] if written.join is not None else None


# -- after delivery ---------------------------------------------------------------------------------------------


def _discovery(making: Making, stages: dict[str, StagePlan]) -> DiscoveryNumbers | None:
    scenario = making.plan.scenario
    rule = scenario.tasks[making.type_id].discovery
    if rule is None:
        return None
    last = list(stages)[-1]
    key = making.key("")
    correct = None
    if rule.then == "correct":
        work = making.key(last, rule.by)
        role: Any = scenario.workers[rule.by]
        step = Step(Action.CORRECT, rule.by, label="correct")
        correct = StageStep(
            number=len(making.rows), action=Action.CORRECT, type_id=making.type_id, stage=last, role=rule.by,
            pool=making.roles.index(rule.by), facts_at=0,
            activity=Correcting(rule.correction_time or role.work_time, work), label="correct",
            visit_place=making.visit_place(last, Action.CORRECT, rule.by), is_lazy=True, stage_plan=stages[last],
        )  # fmt: skip
        set_numbers(correct, scenario, step, work)
        making.add(correct)
    return DiscoveryNumbers(
        probability=billionths(rule.probability),
        stream=key.stream("discovery"),
        delay=(rule.delay.sampler(), key.stream("discovery.delay")),
        correct=correct,
    )


def _damage(making: Making) -> DamageNumbers | None:
    scenario = making.plan.scenario
    task = scenario.tasks[making.type_id]
    stream = Stream(making.plan.seed, making.plan.replication, "damage", making.type_id)
    doubled = nano(task.damage_if_doubled)
    by_class = scenario.damage.get(task.blast_radius)
    if task.damage_if_wrong or by_class is None:
        if not task.damage_if_wrong and not doubled:
            return None
        return DamageNumbers(ConstantSampler(float(task.damage_if_wrong)), stream, 1e9, doubled)
    return DamageNumbers(by_class.sampler(), stream, 1e9, doubled)

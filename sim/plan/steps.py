"""Steps with numbers: what a plan is made of, as the engine reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.calendars import Calendar
from sim.distributions import Sampler
from sim.draws import Stream
from sim.plan.activities import (
    NO_EFFECTS,
    Activity,
    Effects,
    first_visits,
    later_visit,
    second_visits,
)
from sim.plan.attributes import MOST_TOKENS, Attributes
from sim.plan.draws_for import BlockDraws
from sim.rules.failures import Outcome
from sim.rules.recovery import CompiledMove
from sim.rules.routing import NO_LIMIT
from sim.scenario import Scenario
from sim.topology import Action

_TRANSIENT = int(Outcome.TRANSIENT)
VALUE, INPUT_TOKENS, OUTPUT_TOKENS, FIRST_WORK = 1, 2, 3, 4
"""Places in a task's tuple of facts; place 0 is the tick of its arrival."""
MOST_FORESEEN = 8192
"""Second visits kept for one step; those of a task that takes longer to come are drawn when it comes."""


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
    """Logits that a revision by this step gains."""
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
        while len(self.foreseen) > MOST_FORESEEN:  # of tasks that never came here, the oldest first
            del self.foreseen[next(iter(self.foreseen))]

    def draws_at(self, index: int, visit: int, effects: Effects = NO_EFFECTS) -> tuple[Any, ...]:
        """The facts of a later visit, or of one under effects, at the place of this step's facts."""
        facts = self.foreseen.pop(index, None) if visit == 1 else None
        if facts is None or effects is not NO_EFFECTS:
            facts = later_visit(self.activity, index, visit, effects)
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
    """Those whose first visits are drawn with their block."""

    def tasks(self) -> Iterator[tuple[Any, ...]]:
        """One tuple of facts per task, in order of arrival: tick, value, tokens, then each step's first visit."""
        first = 0
        for ticks in self.ticks:
            count = len(ticks)
            if not count:
                continue
            columns = self.columns(first, count, ticks)
            for step in self.steps:
                facts = first_visits(step.activity, first, count)
                step.foresee(first, facts)
                columns += facts
            yield from zip(*columns, strict=True)
            first += count

    def columns(self, first: int, count: int, ticks: list[int]) -> list[list[Any]]:
        """The attributes of a block of tasks: tick, value, tokens."""
        return [ticks, *self.attributes.facts(first, count)]


@dataclass(slots=True, eq=False)
class StageStep(WorkStep):
    """Work at a stage of a workflow; `go` says where each result leads: an Outcome or a Reason."""

    label: str = ""
    visit_place: int = 0
    """Place of its visit counter among those of the task."""
    is_lazy: bool = False
    """Whether even first visits are drawn one by one: work that few tasks come to."""
    go: dict[int, Target] = field(default_factory=dict)
    stage_plan: Any = None
    """The StagePlan it belongs to."""
    caller: str = ""
    """Agent role whose call the work is, that of the assistant for a person's; empty for work without a model."""
    input_at: int = INPUT_TOKENS
    """Place of the input tokens among a task's facts."""
    output_at: int = OUTPUT_TOKENS
    mean_output: float = 0.0
    """Expected output tokens, for what a budget reserves."""
    rule: Any = None
    """The ReviewRule, Validator or Verification behind it."""
    numbers: tuple[int, ...] = ()
    """Sensitivity, specificity and correlation of a validator, or the share a verification detects, in billionths."""
    agent: AgentNumbers | None = None
    """Effects of the agent role that does it."""
    stand_ins: dict[str, StageStep] = field(default_factory=dict)
    """Agent role -> its attempt in the place of this one."""
    stands_for: StageStep | None = None
    """The attempt in whose place it is done."""
    asks: str = ""
    """Role that is asked next in a row of questions."""
    sandbox_cost: int = 0
    verification_cost: int = 0
    follows: StagePlan | FinalStep | None = None
    """The stage or delivery that follows whatever happens, where the engine has a quick way."""
    repair_stream: Stream | None = None
    """Draws whether a person repairs an inherited defect."""


@dataclass(frozen=True, slots=True)
class AgentNumbers:
    """What an agent role's attempts do beside being right or wrong; rates in billionths."""

    recovery: dict[int, tuple[CompiledMove, ...]]
    is_naive: bool
    memory_gain: float
    partial_work: int
    propagation_factor: float
    detect_upstream: int
    on_upstream_defect: str
    clarify: int
    asks: str
    ack_loss: int
    idempotent: bool
    more_output: float
    boot: int
    """Ticks to start a sandbox."""
    contains_damage: bool
    damage_cap: int
    """Nano-units; -1 without a cap."""
    streams: dict[str, Stream]
    """Draws by purpose: recovery, partial_work, detect_upstream, clarify, ask_back, ack_loss."""


@dataclass(slots=True, eq=False)
class RouteStep:
    """Sends an output on by what is known of it; takes no time."""

    go: dict[int, Target]
    threshold: int
    value_limit: int
    premature: int
    own: int
    peers: int
    is_last: bool
    stream: Stream
    """Draws premature escalations."""


@dataclass(slots=True, eq=False)
class TriageStep:
    """Chooses the tier at which a cascade begins, by an estimate of the hardness; takes no time."""

    go: dict[int, Target]
    boundaries: tuple[float, ...]
    error: float
    hardness: tuple[Stream, Stream]
    """Hardness of the task and of the task at the stage."""
    stream: Stream
    """Draws the error of the estimate."""


Target = StageStep | RouteStep | TriageStep | FinalStep
"""Where a result may lead within a stage; a FinalStep there is the end of the stage."""


@dataclass(frozen=True, slots=True)
class HandOffNumbers:
    """What it takes to come to a stage: shares in billionths, times in ticks, cost in nano-units."""

    latency: tuple[Sampler, Stream] | None
    loss: int
    read_ticks: int
    read_cost: int
    contract: int
    """Tokens of a contract; 0 without one."""
    is_transcript: bool
    misread: int
    misread_stream: Stream


@dataclass(slots=True, eq=False)
class StagePlan:
    """One stage of a workflow: its steps, and where it leads."""

    number: int
    name: str
    first: Target
    steps: tuple[StageStep, ...]
    person: StageStep | None
    """Takes what a guard stops."""
    questions: dict[tuple[str, str], StageStep]
    """(who asks, who answers) -> the step of the answer."""
    hand_off: HandOffNumbers | None
    misrouting: tuple[tuple[int, Stream, int], ...]
    """Share, draws and reason of each fault in handing work out."""
    misrouting_time: tuple[Sampler, Stream] | None
    is_mutating: bool
    max_passes: int
    branch_stream: Stream
    """Draws where several stages may follow."""
    shares: tuple[tuple[int, StagePlan | None], ...] = ()
    """What may follow: the upper end in billionths and the stage, None for delivery; they rise to 10^9."""
    on: dict[str, StagePlan | None] = field(default_factory=dict)
    parallel: tuple[StagePlan, ...] = ()
    join: StagePlan | None = None
    rerouted: int = 0
    """Numbers of the rows that no step of the stage writes."""
    joined: int = 0
    discovered: int = 0


@dataclass(frozen=True, slots=True)
class DiscoveryNumbers:
    """How wrong deliveries come to light."""

    probability: int
    stream: Stream
    delay: tuple[Sampler, Stream]
    correct: StageStep | None
    """The correction; None when the task is opened again."""


@dataclass(frozen=True, slots=True)
class DamageNumbers:
    """Damage of wrong and doubled deliveries in nano-units."""

    sampler: Sampler
    stream: Stream
    scale: float
    """Nano-units in one of the sampler's units."""
    doubled: int


@dataclass(slots=True, eq=False)
class WorkflowPlan(TypePlan):
    """A task type with stages, policies, guards or effects."""

    stages: tuple[StagePlan, ...] = ()
    visit_places: int = 0
    """Visit counters that each task needs."""
    token_columns: tuple[tuple[Sampler, Stream], ...] = ()
    """Tokens of stages that have their own."""
    discovery: DiscoveryNumbers | None = None
    damage: DamageNumbers | None = None
    ends: dict[str, FinalStep] = field(default_factory=dict)
    """deliver, redeliver, fail, give_up, branch, join."""
    begins: StageStep | None = None
    """The first step, where the engine has a quick way from it."""

    def columns(self, first: int, count: int, ticks: list[int]) -> list[list[Any]]:
        """The attributes of a block of tasks, with the tokens of stages that have their own."""
        draws = BlockDraws.span(first, count)
        m: Any = draws.m
        columns = [ticks, *self.attributes.facts(first, count)]
        for sampler, stream in self.token_columns:
            drawn = m.clip(sampler.quantile(draws.u(stream), m), 0.0, MOST_TOKENS)
            columns.append(m.round_to_int(drawn).tolist())
        return columns


@dataclass(frozen=True, slots=True)
class Marker:
    """A row that belongs to a stage but to none of its steps."""

    action: str
    stage: str


Row = WorkStep | FinalStep | TypePlan | Marker
"""What the number in a row's code stands for."""


@dataclass(slots=True, eq=False)
class Plan:
    """Everything one replication needs, as numbers."""

    scenario: Scenario
    seed: int
    replication: int
    types: tuple[TypePlan, ...]
    pools: tuple[PoolPlan, ...]
    steps: tuple[Row, ...] = field(default=())
    """By number, as the log's rows refer to them."""
    guards: tuple[str, ...] = ()
    """Names of the guards, as rows refer to them."""
    is_wide: bool = False
    """Whether any task type is a workflow, so that rows need the columns of workflows."""

"""Tallies: what one replication's log comes to, in whole ticks, nano-units and counts."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.metrics.stage_parts import CfrPart, DefectFlow, GuardPart, StagePart
from analysis.metrics.sums import total
from sim.log.columns import COST_LINES
from sim.quantities import HOUR, MINUTE, WEEK

QUANTILES = (50, 90, 99)
"""Per cent of the cohort tasks whose cycle times a tally knows."""
WAIT_EDGES = (1, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 24 * HOUR, 72 * HOUR, WEEK)
"""Ticks that divide waits into those of none, below a minute, ..., a week and more."""
_INFERENCE, _TOOLS, _, _REVIEW, _, _SANDBOX, _VERIFICATION, _ = range(len(COST_LINES))


@dataclass(frozen=True, slots=True)
class Quantile:
    """A cycle time that a share of the tasks does not exceed; at least that long where `is_bound`."""

    ticks: int
    is_bound: bool
    summands: int = 1
    """Replications whose cycle times `ticks` is the sum of."""


@dataclass(frozen=True, slots=True)
class ChainPart:
    """What happened between the workers of the cohort tasks of one type, or of all."""

    defective: int
    """Ended tasks with a defect, or a visible failure, left by at least one agent stage (decision D6)."""
    failed_reasons: tuple[int, ...]
    """Tasks that failed, by REASONS; they sum to `failed`."""
    failures: tuple[int, ...]
    """Visible failures of attempts by category, then by REASONS: what followed."""
    retries: tuple[int, ...]
    """Visible failures that agents answered with another try, or with a move towards one, by category."""
    wrong_again: int
    """Deliveries of reopened tasks that were wrong again."""
    sunk: int
    """Nano-units of cost of tasks that failed, all of it."""
    hops: int
    """Transfers between agents, of ended tasks."""
    most_hops: int
    double_sends: int
    """Actions done twice because an acknowledgement was lost."""
    double_work: int
    """Attempts that did again what an earlier one had half done."""
    repeated_escalations: int
    """Times a task was sent to a person again in one pass through a stage."""
    repeat_cost: int
    """Nano-units of work at stages to which a task had come before."""
    flagged_right: int
    flagged_wrong: int
    """Outputs that a validator flagged."""
    passed_wrong: int
    """Wrong outputs that a validator let pass."""
    passed_right: int

    @property
    def validated(self) -> int:
        """Outputs that a validator looked at."""
        return self.flagged_right + self.flagged_wrong + self.passed_right + self.passed_wrong


@dataclass(frozen=True, slots=True)
class Part:
    """The cohort tasks of one type, or of all: what became of them, and what they cost until they ended.

    The parts of the types add up to the part of all, but for the platform cost, which no task causes.
    """

    tasks: int
    delivered: int
    right: int
    """Delivered and right at the end: the successes, whoever did them; corrected tasks are among them."""
    wrong_by_agent: int
    """Delivered wrong by the doing of an agent, corrected later or not."""
    wrong_by_person: int
    corrected: int
    """Delivered wrong and right at the end: somebody found it and it was corrected or done again."""
    failed: int
    unfinished: int
    """Still waited for or worked on when the run ended."""
    with_sla: int
    within_sla: int
    """Delivered within the promised time, right or not."""
    escalated: tuple[int, ...]
    """Tasks sent to a person after an agent, by ESCALATIONS."""
    actions: tuple[int, ...]
    """Rows by ACTIONS."""
    reasons: tuple[int, ...]
    """Rows by REASONS."""
    outcomes: tuple[int, ...]
    """Rows by OUTCOMES."""
    costs: tuple[int, ...]
    """Nano-units by COST_LINES."""
    platform: int
    """Nano-units of fixed costs in the measured window; 0 in the part of a type."""
    damage: int
    """Nano-units of damage by wrong deliveries."""
    cycle_ticks: int
    """Ticks from arrival to end; for an unfinished task its time so far."""
    quantiles: tuple[Quantile | None, ...]
    """Cycle times by QUANTILES; None without a task."""
    waited_ticks: int
    """Ticks spent in queues."""
    people_ticks: tuple[int, ...]
    """Ticks of people's work, by ACTIVITIES."""
    chain: ChainPart
    """What happened between workers."""
    cfr: CfrPart
    """The risk that a chain of agents carries a defect, estimated from its stages."""

    @property
    def wrong(self) -> int:
        """Wrong deliveries."""
        return self.wrong_by_agent + self.wrong_by_person

    @property
    def ended(self) -> int:
        """Tasks that were delivered or failed."""
        return self.delivered + self.failed

    @property
    def cost(self) -> int:
        """Nano-units of all cost, damage apart."""
        return total(self.costs) + self.platform

    @property
    def playbook_cost(self) -> int:
        """Nano-units of the playbook's three terms: inference, tools and human auditing (row BE-04).

        Sandboxes are tools in its sense.
        """
        return self.costs[_INFERENCE] + self.costs[_TOOLS] + self.costs[_SANDBOX] + self.costs[_REVIEW]


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits of cohort tasks in one role's queue for one activity; one cut off counts as it was then."""

    count: int
    ticks: int
    longest: int


@dataclass(frozen=True, slots=True)
class PositionPart:
    """One position's work at cohort tasks."""

    number: int
    starts: int
    finished: int
    good: int
    """Right outputs; for reviews, right verdicts."""
    work_ticks: int
    costs: tuple[int, ...]
    """Nano-units by COST_LINES."""
    wrong_deliveries: int
    """Wrong deliveries of what it made, whoever let them pass."""
    correction: int
    """Nano-units of people's work at what it had tried: review, execution, rework, and correction of what came to
    light after delivery (rows BE-07, BE-11)."""
    found: int
    """Wrong deliveries of what it made that a client found."""
    found_cost: int
    """Nano-units of people's correction of those: part of `correction`."""
    busy_ticks: int
    """Ticks of work in the measured window, at all tasks."""


@dataclass(frozen=True, slots=True)
class RolePart:
    """One role: its work and queues at cohort tasks, its capacity and use in the measured window."""

    name: str
    is_person: bool
    wage: int
    """Nano-units per hour; 0 for agents."""
    positions: tuple[PositionPart, ...]
    work_ticks: tuple[int, ...]
    """By ACTIVITIES."""
    runs: tuple[int, ...]
    """Starts by ACTIVITIES."""
    waits: tuple[Waits, ...]
    """By ACTIVITIES."""
    wait_histogram: tuple[int, ...]
    """Waits by length, divided at WAIT_EDGES."""
    verdicts: tuple[int, ...]
    """Reviews of right outputs that approved, asked for a revision, rejected; then those of wrong outputs."""
    deliveries: int
    """Cohort tasks delivered with its output in hand."""
    queue_ticks: int
    """Queue length integrated over the window, for all tasks."""
    busy_hours: tuple[int, ...]
    """Ticks of work in the window, for all tasks, by local hour of the week from Monday 00:00 on."""
    overtime_hours: tuple[int, ...]
    """The part of it outside the role's shifts, by hour of the week."""
    available_hours: tuple[int, ...]
    """Slots on shift, integrated over the window, by hour of the week."""
    queue_growth: int
    """Queue length integrated over the last part of the window, less that over the first (`compared_parts`)."""

    @property
    def busy_ticks(self) -> int:
        """Ticks of work in the window."""
        return total(self.busy_hours)

    @property
    def overtime_ticks(self) -> int:
        """Ticks of work in the window outside the role's shifts."""
        return total(self.overtime_hours)

    @property
    def present_ticks(self) -> int:
        """Slots on shift integrated over the window, and overtime: utilisation is against this."""
        return total(self.available_hours) + self.overtime_ticks

    @property
    def paid(self) -> int:
        """Nano-units of pay for the hours on shift and overtime."""
        return (self.wage * self.present_ticks + HOUR // 2) // HOUR


@dataclass(frozen=True, slots=True)
class Window:
    """What happened in the measured window, to whatever tasks."""

    ticks: int
    """Its length; up to the limit that stopped the run."""
    arrived: int
    delivered: int
    right: int
    failed: int
    costs: tuple[int, ...]
    """Nano-units booked in it, by COST_LINES."""
    platform: int
    """Nano-units of fixed costs."""
    task_ticks: int
    """Tasks in the system integrated over the window: the sum of their sojourns, clipped to it."""
    staffed_ticks: int
    """Ticks during which at least one person was on shift."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one replication's log comes to. Ticks are microseconds, money is in nano-units of `currency`."""

    currency: str
    cohort: Part
    types: dict[str, Part]
    roles: tuple[RolePart, ...]
    window: Window
    stages: tuple[StagePart, ...]
    """One for each stage of each task type, in the order of the workflows."""
    defects: tuple[DefectFlow, ...]
    """From where defects were born to where they were caught or delivered."""
    guards: tuple[GuardPart, ...]
    """The guards that showed in the log, by name, at whatever tasks."""

    @property
    def people(self) -> tuple[RolePart, ...]:
        """The roles of people."""
        return tuple(role for role in self.roles if role.is_person)

    @property
    def agents(self) -> tuple[RolePart, ...]:
        """The roles of agents."""
        return tuple(role for role in self.roles if not role.is_person)

    @property
    def paid_cost(self) -> int:
        """Nano-units of the window with people's paid hours in place of their minutes of work."""
        costs = self.window.costs
        used = costs[_INFERENCE] + costs[_TOOLS] + costs[_SANDBOX] + costs[_VERIFICATION]
        return used + self.window.platform + total(role.paid for role in self.people)

    @property
    def active_cost(self) -> int:
        """Nano-units of the window with people's minutes of work."""
        return total(self.window.costs) + self.window.platform

"""Traces and their tokens: a task of a workflow, and what moves through its stages for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.engine.token import Token

if TYPE_CHECKING:
    from sim.plan.steps import StagePlan, StageStep, WorkflowPlan


class Trace:
    """One task of a workflow: what all of its tokens share."""

    __slots__ = (
        "branches", "hops", "instead", "is_delivered", "passes", "plan", "reserved", "reserved_tokens",
        "rows", "spent", "tokens", "visits", "written",
    )  # fmt: skip

    def __init__(self, plan: WorkflowPlan) -> None:
        """A task that has just arrived."""
        self.plan = plan
        self.rows = 1
        self.visits = [0] * plan.visit_places
        """Starts of each activity so far."""
        self.passes = [0] * len(plan.stages)
        """Times the task came to each stage."""
        self.branches = 0
        """Tokens made so far beside the first."""
        self.hops = 0
        self.written = 0
        """Output tokens of all attempts so far: the transcript."""
        self.spent = self.reserved = 0
        """Nano-units of models and tools, booked and reserved."""
        self.tokens = self.reserved_tokens = 0
        self.is_delivered = False
        self.instead: dict[str, str] = {}
        """Agent roles that cheaper ones stand in for."""


class Fork:
    """A token that waits for its branches."""

    __slots__ = ("born", "context", "failed", "is_wrong", "join", "parent", "waiting")

    def __init__(self, parent: BranchToken, join: StagePlan, waiting: int) -> None:
        """`waiting` branches have not come to `join` yet."""
        self.parent, self.join, self.waiting = parent, join, waiting
        self.failed = self.is_wrong = False
        self.born, self.context = -1, parent.context


class BranchToken(Token):
    """What moves through a workflow: the task itself, or one of its parallel branches."""

    __slots__ = (
        "agents_part",
        "asker",
        "attempts",
        "born",
        "branch",
        "charge",
        "cleared",
        "context",
        "errands",
        "extra_input",
        "fork",
        "gain",
        "goal",
        "has_landed",
        "inherited",
        "inherited_from",
        "is_approved",
        "is_doubled",
        "is_misread",
        "is_unassisted",
        "judgment_gain",
        "maker",
        "more_input",
        "moves",
        "own_tries",
        "own_wrong",
        "peer_tries",
        "place",
        "reserved",
        "reserved_tokens",
        "revision_gain",
        "stage",
        "theta",
        "trace",
        "tried",
        "tries",
        "visited",
    )  # fmt: skip

    trace: Trace
    stage: StagePlan
    branch: int
    fork: Fork | None
    """The fork it is a branch of."""
    visited: list[int]
    """Stages it came through, in its branch."""
    errands: list[tuple[int, Callable[[BranchToken, int], bool] | None]]
    """Delays before it joins the queue of its step, last first: ticks, and what follows each."""
    goal: StageStep | None
    """The step it joins after its errands; None when it only waits."""
    place: int
    """Place of the facts of the visit in hand."""
    context: int
    """Share of the context left, in billionths."""
    born: int
    """Stage where the defect was born that it carries; -1 when it carries none."""
    inherited: bool
    """Whether what came into the stage was wrong."""
    inherited_from: int
    """Stage where that defect was born; -1 when it was right."""
    is_approved: bool
    """Whether a person approved the output in hand."""
    is_misread: bool
    own_wrong: bool
    """Whether the agents' own work in this pass is wrong."""
    agents_part: int
    """0 before the agents of the stage have tried, 1 while their part goes on, 2 once it has ended."""
    asker: StageStep | None
    """The attempt that questions are asked for."""
    attempts: int
    """Attempts in this pass through the stage, whatever the role."""
    tried: dict[str, int]
    """Attempts in this pass by role: what `max_attempts` limits."""
    tries: int
    """Times a verification sent it back in this pass."""
    own_tries: int
    peer_tries: int
    moves: dict[tuple[str, int], tuple[int, int]]
    """Role and Outcome -> the place of the last recovery move among the role's, and how often it was made."""
    revision_gain: float
    """Logits that revisions gain, as the review that asked for them says."""
    is_unassisted: bool
    """Whether a guard refused the model that assists a person."""
    gain: float
    judgment_gain: float
    more_input: float
    extra_input: int
    """Tokens of the hand-off that attempts at this stage read."""
    cleared: int
    """Outcomes (1 << Outcome) whose cause was removed."""
    charge: int
    """Nano-units that its next row books as tools."""
    maker: StageStep | None
    """The attempt or execution that made the output in hand."""
    theta: int
    has_landed: bool
    """Whether an action landed without acknowledgement."""
    is_doubled: bool
    """Whether what is under way does something a second time."""
    reserved: int
    reserved_tokens: int


def fresh_token(trace: Trace, token: BranchToken) -> BranchToken:
    """Sets what every token of a workflow begins with."""
    token.trace = trace
    token._ok = True
    token.branch = token.charge = token.reserved = token.reserved_tokens = 0
    token.fork, token.goal, token.maker, token.position = None, None, None, None
    token.visited, token.errands = [], []
    token.context, token.born = 1_000_000_000, -1
    token.is_wrong = token.is_rework = token.has_draft = token.is_misread = token.inherited = False
    token.visits = 0
    return token


def begin_pass(token: BranchToken, stage: StagePlan) -> None:
    """Forgets what belongs to one pass through a stage."""
    token.stage = stage
    token.inherited, token.inherited_from = token.is_wrong, token.born
    token.own_wrong = token.is_misread = token.has_landed = token.is_doubled = False
    token.has_draft = token.is_rework = token.is_approved = False
    token.agents_part = token.attempts = token.tries = token.own_tries = token.peer_tries = 0
    token.failures = token.revisions = token.cleared = token.extra_input = 0
    token.gain = token.judgment_gain = token.revision_gain = 0.0
    token.is_unassisted = False
    token.more_input = 1.0
    token.moves, token.tried = {}, {}
    token.maker = token.asker = None
    token.theta = 0


def scalar_ticks(drawn: tuple[Any, Any], index: int, visit: int, m: Any) -> int:
    """Ticks of a drawn time: (sampler, stream)."""
    sampler, stream = drawn
    value = sampler.quantile(stream.scalar(index, visit), m)
    return int(m.round_to_int(m.clip(value, 0.0, float(1 << 52))))

"""Who works: roles of people and of agents, with their positions, pace, skill and price."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from sim.distributions import DurationDistribution, LognormalDuration
from sim.quantities import Duration, Money, Number, Share, Wage
from sim.rules.agent_effects import Clarification, Sandbox, SelfCorrection, SharedCause
from sim.rules.confidence import Confidence, ConfidencePreset
from sim.rules.failures import FailureRates
from sim.rules.recovery import Recovery
from sim.rules.retry import Retries
from sim.rules.review import Review
from sim.rules.success import Success, SuccessBySpread
from sim.spec import Id, Spec, Text, default

Positions = Annotated[int, Field(ge=1, le=100_000)]
"""How many hold a role."""
WorkKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=129)]
"""A task type, or a task type and a stage: `invoice`, `invoice.work`."""
ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$", max_length=120)]
"""Name of a model as its provider writes it."""
Provider = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
"""Who serves a model, by the catalogue's name."""


class Price(Spec):
    """Price of a model in the scenario's currency, per million tokens."""

    input: Money
    """Per million input tokens."""
    output: Money
    """Per million output tokens."""


class HumanAtWork(Spec):
    """What a human role does differently at one type of work; only what is given is replaced."""

    work_time: DurationDistribution | None = None
    """Time to do the task alone."""
    review_time: DurationDistribution | None = None
    """Time to review an output."""
    success: Success | None = None
    """How likely the work is right."""
    review: Review | None = None
    """How well errors are seen."""


class AgentAtWork(Spec):
    """What an agent role does differently at one type of work; only what is given is replaced."""

    work_time: DurationDistribution | None = None
    """Time of one attempt."""
    success: Success | None = None
    """How likely the output is right."""
    confidence: Confidence | None = None
    """How sure the agent says it is."""
    failures: FailureRates | None = None
    """Visible failures."""
    tool_cost: Money | None = None
    """Cost of tools per attempt."""


class HumanRole(Spec):
    """A job done by people."""

    kind: Literal["human"]
    label: Text | None = None
    """Name for display; changes nothing."""
    description: Text | None = None
    """Explanation for display; changes nothing."""
    positions: Positions = default(1)
    """How many people hold the role."""
    calendar: Id | None = None
    """When they are on shift; without it, always. Nothing starts outside a shift; what runs at its end is
    finished."""
    wage: Wage
    """Pay per hour, with all that an hour costs the employer."""
    work_time: DurationDistribution
    """Time to do the task alone, without a draft."""
    review_time: DurationDistribution = default(
        LognormalDuration.model_validate({"distribution": "lognormal", "mean": "90 s", "cv": 0.5}),
        "seed HI-14: 90 s; cv 0.5 is an assumption",
    )
    """Time to review one output."""
    success: Success = default(SuccessBySpread(mean=0.98), "assumption D14: human error 2 %")
    """How likely their own work is right."""
    review: Review = default(Review(), "assumption D14")
    """How well they tell right outputs from wrong ones."""
    draft_help: Annotated[Number, Field(ge=0.1, le=100)] = default(1.0)
    """Working from an agent's draft takes the time divided by this."""
    by_task: dict[WorkKey, HumanAtWork] = Field(default_factory=dict, max_length=1000)
    """Other values for a task type, or for a stage of one."""


class AgentRole(Spec):
    """A job done by AI agents."""

    kind: Literal["agent"]
    label: Text | None = None
    """Name for display; changes nothing."""
    description: Text | None = None
    """Explanation for display; changes nothing."""
    positions: Positions = default(1)
    """How many instances run."""
    concurrency: Annotated[int, Field(ge=1, le=100_000)] = default(1, "decision D38")
    """Tasks that one position works on at once."""
    model: ModelName
    """The model it runs on; its list price comes from the bundled catalogue unless `price` is given."""
    provider: Provider | None = None
    """Who serves the model; from the catalogue when it knows the model."""
    price: Price | None = None
    """Price per million tokens in the scenario's currency, in place of the list price."""
    work_time: DurationDistribution
    """Time of one attempt."""
    tool_cost: Money = default(Decimal(0), "off")
    """Cost of tools and sandboxes per attempt."""
    success: Success
    """How likely an output is right."""
    confidence: Confidence = default(ConfidencePreset(preset="typical"), "published: LifeEval answers")
    """How sure it says it is."""
    failures: FailureRates = default(FailureRates(), "off")
    """Visible failures by category."""
    retries: Retries = default(Retries(), "seed RT-02; waits are assumptions")
    """What follows a transient failure."""
    max_attempts: Annotated[int, Field(ge=1, le=1000)] = default(20)
    """Attempts of this role at one stage of one task in one pass, whatever the cause (row RT-10)."""
    schema_invalid: Share = default(0.0, "off")
    """Share of outputs that break their schema: wrong, and theta is 0."""
    tool_errors: Share = default(0.0, "off")
    """Share of attempts with an error in the logs: theta is halved."""
    spin_up: Duration = default(0, "off")
    """Time from the start of the run until the positions take work."""
    recovery: Recovery = default(Recovery(), "off")
    """What follows a visible failure when no retry is left."""
    propagation_factor: Annotated[Number, Field(ge=0, le=1000)] = default(1.0, "decision D10")
    """How many times likelier its own error is when what it was given is wrong."""
    detect_upstream: Share = default(0.0, "decision D9")
    """Share of defects in what it was given that it notices."""
    on_upstream_defect: Literal["report", "repair", "send_back"] = default("report")
    """What it does then: say so (theta becomes 0), repair it, or send the task back to where the defect was born."""
    shared_cause: SharedCause | None = None
    """Failures that strike at once whatever runs on the same model or provider."""
    self_correction: SelfCorrection | None = None
    """A look at its own work."""
    clarification: Clarification | None = None
    """Questions to other agents."""
    sandbox: Sandbox | None = None
    """A sandbox for every attempt."""
    ack_loss: Share = default(0.0, "off")
    """Share of its outputs on mutating tasks that land without acknowledgement: it sees a failure and tries again."""
    idempotent: bool = default(True, "off")
    """Whether doing an action twice is the same as doing it once; if not, a lost acknowledgement makes a duplicate."""
    damage_cap: Money | None = None
    """The most damage that one wrong delivery of its making can do, by the rights it has (row RT-25)."""
    by_task: dict[WorkKey, AgentAtWork] = Field(default_factory=dict, max_length=1000)
    """Other values for a task type, or for a stage of one."""


def _kind(value: Any) -> str:
    return str(value.get("kind", "no kind") if isinstance(value, dict) else getattr(value, "kind", ""))


Role = Annotated[
    Annotated[HumanRole, Tag("human")] | Annotated[AgentRole, Tag("agent")], Discriminator(_kind)
]
"""A job, told apart by the key `kind`."""


def at_work(role: HumanRole | AgentRole, field: str, type_id: str, stage: str) -> Any:
    """The value of `field` for this work: that of `type.stage`, else of `type`, else the role's own."""
    for key in (f"{type_id}.{stage}", type_id):
        special = role.by_task.get(key)
        if special is not None and getattr(special, field) is not None:
            return getattr(special, field)
    return getattr(role, field)

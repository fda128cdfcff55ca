"""What arrives: task types, their attributes and their arrivals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)

from sim.distributions import (
    ConstantCount,
    ConstantMoney,
    CountDistribution,
    DurationDistribution,
    MoneyDistribution,
)
from sim.policies import Policies
from sim.quantities import Duration, Money, Number, Rate, format_duration, parse_duration, shown
from sim.rules.approval import EdgeName
from sim.rules.discovery import Discovery
from sim.spec import Id, Spec, Text, default, fault
from sim.stages import Stage
from sim.topology import Topology


class Poisson(Spec):
    """Arrivals at random at a constant rate while the calendar is open."""

    process: Literal["poisson"]
    rate: Rate
    """Expected arrivals per unit of open time."""
    during: Id | None = None
    """Calendar that limits the arrivals; open time only counts. Without it, always."""


class Deterministic(Spec):
    """Arrivals at fixed gaps of open time; the first comes one gap after the start."""

    process: Literal["deterministic"]
    every: Annotated[Duration, Field(ge=1)]
    """The gap between arrivals, in open time."""
    during: Id | None = None
    """Calendar that limits the arrivals. Without it, always."""


class Renewal(Spec):
    """Arrivals with independent gaps of open time from one distribution."""

    process: Literal["renewal"]
    gap: DurationDistribution
    """The gap between arrivals, in open time."""
    during: Id | None = None
    """Calendar that limits the arrivals. Without it, always."""


class Recorded(Spec):
    """Arrivals at recorded times, with whatever else was recorded of each task.

    The file (CSV or Parquet) has a column of times in seconds since the start of the run and may have the
    columns `value`, `input_tokens`, `output_tokens` (these replace the drawn ones) and `type` (only rows of
    this task type are taken).
    """

    process: Literal["recorded"]
    file: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Name of the file, relative to the scenario's folder."""
    time_column: Annotated[str, StringConstraints(min_length=1, max_length=64)] = default("t_s")
    """Column with the seconds since the start of the run."""
    during: Id | None = None
    """Calendar that limits the arrivals: a task recorded outside it waits for the next opening. Without it, always."""


def _process(value: Any) -> str:
    return (
        str(value.get("process", "no process given"))
        if isinstance(value, dict)
        else str(getattr(value, "process", ""))
    )


Arrivals = Annotated[
    Annotated[Poisson, Tag("poisson")]
    | Annotated[Deterministic, Tag("deterministic")]
    | Annotated[Renewal, Tag("renewal")]
    | Annotated[Recorded, Tag("recorded")],
    Discriminator(_process),
]
"""How tasks arrive, told apart by the key `process`."""


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """A promised time to delivery: `ticks` elapsed, or of open time of a calendar."""

    ticks: int
    calendar: str | None

    def __str__(self) -> str:
        return format_duration(self.ticks) + (f" of {self.calendar}" if self.calendar else "")


def _parse_sla(value: object) -> ServiceLevel:
    if isinstance(value, ServiceLevel):
        return value
    match = (
        re.fullmatch(r"(.*?)(?:\s+of\s+([a-z][a-z0-9_]{0,63}))?\s*", value)
        if isinstance(value, str)
        else None
    )
    if match is None:
        raise fault(
            "E0210",
            f"not a service level: {shown(value)}; allowed: a duration such as 8 h, or 8 h of <calendar>",
        )
    ticks = parse_duration(match[1])
    if ticks == 0:
        raise fault("E0216", "a service level must be above 0, got 0 s")
    return ServiceLevel(ticks, match[2])


Sla = Annotated[
    ServiceLevel,
    PlainValidator(_parse_sla),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "description": "Elapsed time such as `8 h`, or open hours such as `8 h of office`.",
            "examples": ["8 h", "8 h of office"],
        }
    ),
]
"""A promised time to delivery."""


class TaskType(Policies):
    """One class of demand."""

    label: Text | None = None
    """Name for display; changes nothing."""
    description: Text | None = None
    """Explanation for display; changes nothing."""
    arrivals: Arrivals
    """When tasks of this type arrive."""
    value: MoneyDistribution = default(ConstantMoney(value=Decimal(0)), "off")
    """Value of a task, rounded to the currency's minor unit; a value limit sends dear tasks to a person."""
    input_tokens: CountDistribution = default(ConstantCount(value=0.0), "off")
    """Tokens a model reads in one attempt at the task."""
    output_tokens: CountDistribution = default(ConstantCount(value=0.0), "off")
    """Tokens a model writes in one attempt at the task."""
    sla: Sla | None = None
    """Promised time from arrival to delivery; without it there is no SLA share."""
    mutating: bool = default(False, "off")
    """Whether delivery changes a system of record."""
    blast_radius: Literal["low", "moderate", "high"] = default("low", "off")
    """How far a mistake reaches: its class of damage, and what a gate of `risk` holds."""
    damage_if_wrong: Money = default(Decimal(0), "off")
    """Damage of one wrong delivery, counted in `cpst_with_damage` only."""
    damage_if_doubled: Money = default(Decimal(0), "off")
    """Damage of one action done twice, counted in `cpst_with_damage` only."""
    action: EdgeName = default("internal", "off")
    """What delivery does to the world outside; a review policy of `edges` goes by it."""
    discovery: Discovery | None = None
    """How wrong deliveries come to light later; without it they never do."""
    topology: Topology | None = None
    """Who does this type of task and who checks it, in place of the scenario's."""
    stages: dict[Id, Stage] = Field(default_factory=dict, max_length=50)
    """Stages of the workflow, in order; without any there is one, `work`."""
    harder_by: Annotated[Number, Field(ge=-20, le=20)] = default(0.0, "off")
    """Logits taken from the success of agents and people at this type, after their skill was solved."""
    priority: Annotated[int, Field(ge=0, le=9)] = default(5)
    """Queues serve the lowest number first."""

    @model_validator(mode="after")
    def _sensible(self) -> TaskType:
        for name in ("input_tokens", "output_tokens"):
            if getattr(self, name).mean_value() > 1e8:
                raise fault("E0216", f"{name} must have a mean of at most 1e8 tokens")
        if self.value.mean_value() > 1e9:
            raise fault("E0216", "value must have a mean of at most 1e9")
        return self

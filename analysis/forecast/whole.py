"""The forecast of a scenario: what is expected of its tasks, its pools and the run itself."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from analysis import theory
from analysis.forecast.arrivals import expected_arrivals
from analysis.forecast.effort import Effort, effort_of
from analysis.forecast.journey import Journey
from analysis.forecast.notes import notes_on
from analysis.forecast.pools import PoolForecast, plain_loads, pool_forecasts
from analysis.forecast.stages import Load, StageForecast
from analysis.forecast.topologies import journey_of
from analysis.forecast.workflow import Risk, workflow_forecast
from sim.flows import is_plain, topology_of
from sim.quantities import MONTH
from sim.scenario import Scenario
from sim.topology import STAGE

SECONDS_PER_ROW = 5e-6
BYTES_PER_ROW = 30.0
"""Measured on the shipped scenarios: time of simulating a row, and its size in a Parquet file."""

Means = TypeVar("Means", Journey, Effort, Risk)


@dataclass(frozen=True, slots=True)
class TypeForecast:
    """One task type: its expected number in the measured window, and what one task comes to."""

    type_id: str
    tasks: float
    journey: Journey
    effort: Effort
    risk: Risk
    loads: Mapping[str, Load]
    """By role, per task."""
    stages: tuple[StageForecast, ...]
    checks: float = 0.0
    """Rows per task beside attempts, reviews and executions: validations, verifications, answers, corrections."""


@dataclass(frozen=True, slots=True)
class RunSize:
    """About how large one replication is."""

    tasks: float
    """From the start to the horizon, warm-up included."""
    rows: float
    seconds: float
    megabytes: float
    """Of the log as a Parquet file."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected before any run, over the tasks that arrive in the measured window.

    Costs per success are ratios of expectations, people's time on the active basis; None without successes.
    """

    types: tuple[TypeForecast, ...]
    journey: Journey
    """Of a task of any type."""
    effort: Effort
    """Of a task of any type."""
    tasks: float
    platform: float
    """Fixed costs per task."""
    pools: tuple[PoolForecast, ...]
    size: RunSize
    notes: tuple[str, ...]
    risk: Risk
    """Cascade failure risk of a task of any type."""

    is_plain: bool
    """Whether every type has one stage under the scenario's topology, a bare preset with nothing added."""

    @property
    def stages(self) -> tuple[StageForecast, ...]:
        """The stages of all types."""
        return tuple(stage for each in self.types for stage in each.stages)

    @property
    def cost(self) -> float:
        """Cost per task, fixed costs included."""
        return self.effort.cost + self.platform

    @property
    def cpst(self) -> float | None:
        """Cost per task that is right in the end."""
        return theory.cost_per_success(self.cost, self.journey.successes)

    @property
    def cpst_with_damage(self) -> float | None:
        """Cost and damage of wrong deliveries per successful task."""
        return theory.cost_per_success(self.cost + self.effort.damage, self.journey.successes)

    @property
    def cpst_playbook(self) -> float | None:
        """Inference, tools and review per successful task: the playbook's three terms."""
        terms = self.effort.inference + self.effort.tools + self.effort.human_review
        return theory.cost_per_success(terms, self.journey.successes)


def forecast(scenario: Scenario) -> Forecast:
    """The forecast of a scenario, without simulating."""
    first, last = scenario.warm_up, scenario.horizon
    types = []
    for type_id in sorted(scenario.tasks):
        tasks = expected_arrivals(scenario, type_id, first, last)
        make = _plain if is_plain(scenario, type_id) else _walked
        types.append(make(scenario, type_id, tasks))
    tasks = math.fsum(each.tasks for each in types)
    weights = [each.tasks / tasks if tasks else 1.0 / len(types) for each in types]
    pools = pool_forecasts(scenario, [(each.tasks, each.loads) for each in types])
    fixed = math.fsum(float(re.split("/|per", text)[0]) for text in scenario.fixed_costs.values())
    return Forecast(
        types=tuple(types),
        journey=_mean([each.journey for each in types], weights),
        effort=_mean([each.effort for each in types], weights),
        tasks=tasks,
        platform=fixed * (last - first) / MONTH / tasks if tasks else 0.0,
        pools=pools,
        size=_size(scenario, types),
        notes=tuple(notes_on(scenario, pools)),
        risk=_mean([each.risk for each in types], weights),
        is_plain=all(
            is_plain(scenario, name) and task.topology is None for name, task in scenario.tasks.items()
        ),
    )


def _plain(scenario: Scenario, type_id: str, tasks: float) -> TypeForecast:
    """A type with one stage under a bare preset, in closed form."""
    journey = journey_of(scenario, type_id)
    effort = effort_of(scenario, type_id, journey)
    loads = plain_loads(scenario, type_id, journey, effort)
    stage = StageForecast(
        type_id=type_id, stage=STAGE, done_by=topology_of(scenario, type_id).kind, passes=1.0,
        agent_passes=1.0 if journey.attempts else 0.0, attempts=journey.attempts,
        visible=1.0 - journey.outputs if journey.attempts else 0.0,
        right=journey.right_outputs / journey.outputs if journey.outputs else 0.0,
        escapes=journey.wrong, effort=replace(effort, damage=0.0), loads=loads,
    )  # fmt: skip
    risk = Risk(journey.defects, journey.defects)
    return TypeForecast(type_id, tasks, journey, effort, risk, loads, (stage,))


def _walked(scenario: Scenario, type_id: str, tasks: float) -> TypeForecast:
    """A type with stages, policies, recovery or effects, by a walk."""
    found = workflow_forecast(scenario, type_id)
    return TypeForecast(
        type_id, tasks, found.journey, found.effort, found.risk, found.loads, found.stages, found.checks
    )


def _mean(parts: Sequence[Means], weights: Sequence[float]) -> Means:
    """The mean over task types, field by field."""
    kind = type(parts[0])
    means = {
        field.name: math.fsum(
            weight * getattr(part, field.name) for part, weight in zip(parts, weights, strict=True)
        )
        for field in fields(kind)
    }
    return kind(**means)


def _size(scenario: Scenario, types: Sequence[TypeForecast]) -> RunSize:
    """A row for each arrival and each visit."""
    tasks = rows = 0.0
    for each in types:
        number = expected_arrivals(scenario, each.type_id, 0, scenario.horizon)
        tasks += number
        journey = each.journey
        executions = journey.alone + journey.drafted + journey.assisted + journey.redone
        rows += number * (1.0 + journey.attempts + journey.reviews + executions + each.checks)
    return RunSize(tasks, rows, rows * SECONDS_PER_ROW, rows * BYTES_PER_ROW / 1e6)

"""The forecast of a scenario: what is expected of its tasks, its pools and the run itself."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from analysis import theory
from analysis.forecast.arrivals import expected_arrivals
from analysis.forecast.effort import Effort, effort_of
from analysis.forecast.journey import Journey
from analysis.forecast.notes import notes_on
from analysis.forecast.pools import PoolForecast, pool_forecasts
from analysis.forecast.topologies import journey_of
from sim.quantities import MONTH
from sim.scenario import Scenario

SECONDS_PER_ROW = 5e-6
BYTES_PER_ROW = 30.0
"""Measured on the shipped scenarios: time of simulating a row, and its size in a Parquet file."""

Means = TypeVar("Means", Journey, Effort)


@dataclass(frozen=True, slots=True)
class TypeForecast:
    """One task type: its expected number in the measured window, and what one task comes to."""

    type_id: str
    tasks: float
    journey: Journey
    effort: Effort


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

    @property
    def cost(self) -> float:
        """Cost per task, fixed costs included."""
        return self.effort.cost + self.platform

    @property
    def cpst(self) -> float | None:
        """Cost per successful task."""
        return theory.cost_per_success(self.cost, self.journey.right)

    @property
    def cpst_with_damage(self) -> float | None:
        """Cost and damage of wrong deliveries per successful task."""
        return theory.cost_per_success(self.cost + self.effort.damage, self.journey.right)

    @property
    def cpst_playbook(self) -> float | None:
        """Inference, tools and review per successful task: the playbook's three terms."""
        terms = self.effort.inference + self.effort.tools + self.effort.human_review
        return theory.cost_per_success(terms, self.journey.right)


def forecast(scenario: Scenario) -> Forecast:
    """The forecast of a scenario, without simulating."""
    first, last = scenario.warm_up, scenario.horizon
    types = []
    for type_id in sorted(scenario.tasks):
        journey = journey_of(scenario, type_id)
        tasks = expected_arrivals(scenario, type_id, first, last)
        types.append(TypeForecast(type_id, tasks, journey, effort_of(scenario, type_id, journey)))
    tasks = math.fsum(each.tasks for each in types)
    weights = [each.tasks / tasks if tasks else 1.0 / len(types) for each in types]
    pools = pool_forecasts(scenario, [(each.tasks, each.journey, each.effort) for each in types])
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
    """A row for each arrival and each visit, and two for each shift."""
    tasks = rows = 0.0
    for each in types:
        number = expected_arrivals(scenario, each.type_id, 0, scenario.horizon)
        journey = each.journey
        executions = journey.alone + journey.drafted + journey.assisted + journey.redone
        tasks += number
        rows += number * (1.0 + journey.attempts + journey.reviews + executions)
    return RunSize(tasks, rows, rows * SECONDS_PER_ROW, rows * BYTES_PER_ROW / 1e6)

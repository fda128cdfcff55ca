"""Plans: what a search looks for, and the candidates it has tried."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.experiments.conditions import Condition, parse_condition
from analysis.experiments.objectives import is_staffed_alike
from analysis.experiments.points import scenario_at
from analysis.experiments.search.bench import Bench
from analysis.experiments.search.candidate import Candidate, candidate, stated_objective
from analysis.metrics import Metric
from sim import Scenario
from sim.errors import ScenarioError


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for."""

    scenario: Scenario
    conditions: tuple[Condition, ...]
    minimise: tuple[str, ...]
    weights: Mapping[str, float] | None
    sure: float | None

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        conditions: Sequence[str] | None,
        minimise: str | Sequence[str],
        weights: Mapping[str, float] | None,
        sure: float | None,
    ) -> Plan:
        """The plan; raises ValueError or KeyError for a part of it that is none."""
        stated = scenario.decide.subject_to if scenario.decide is not None else ()
        written = stated if conditions is None else conditions
        if sure is not None and not 0.0 < sure < 1.0:
            raise ValueError(f"a probability to be sure with is between 0 and 1, got {sure}")
        names = (minimise,) if isinstance(minimise, str) else tuple(minimise)
        for name in names:
            stated_objective(name, is_staffed_alike=True)
        return cls(scenario, tuple(map(parse_condition, written)), names, weights, sure)

    def check_steps(self) -> None:
        """Raises ValueError when the search step by step cannot go by this plan."""
        if not self.conditions:
            raise ValueError("nothing says what must be met: give a condition such as 'sla_share>=0.95'")
        if len(self.minimise) > 1:
            raise ValueError("several objectives go with the method optuna")

    def metrics(self, corners: Sequence[Scenario]) -> tuple[Metric, ...]:
        """What is made small: where staffing differs between the corners, idle people count."""
        alike = is_staffed_alike([self.scenario, *corners])
        return tuple(stated_objective(name, alike) for name in self.minimise)


@dataclass(slots=True)
class Tried:
    """The candidates of a search, each simulated when it is first asked for."""

    plan: Plan
    place: Bench
    metrics: tuple[Metric, ...]
    candidates: dict[tuple[Any, ...], Candidate] = field(default_factory=dict)
    """By values, in the order in which they were asked for."""

    def at(self, values: Mapping[str, Any]) -> Candidate:
        """The candidate with these values; raises ScenarioError when the scenario refuses them."""
        key = tuple(values.values())
        if key not in self.candidates:
            (result,) = self.place.replicated(scenario_at(self.plan.scenario, values))
            self.candidates[key] = candidate(
                values, result, self.plan.conditions, self.metrics, self.plan.sure
            )
        return self.candidates[key]

    def batch(self, asked: Sequence[Mapping[str, Any]]) -> list[Candidate | None]:
        """The candidates with these values, simulated together; None for what the scenario refuses."""
        valid: list[Scenario | None] = []
        for values in asked:
            try:
                valid.append(scenario_at(self.plan.scenario, values))
            except ScenarioError:
                valid.append(None)
        self.place.replicated(*(scenario for scenario in valid if scenario is not None))
        return [
            None if scenario is None else self.at(values)
            for values, scenario in zip(asked, valid, strict=True)
        ]

    def place_of(self, found: Candidate) -> int:
        """Where a candidate is among those that were tried."""
        return list(self.candidates).index(tuple(found.values.values()))

    def cost(self, found: Candidate) -> float:
        """What a candidate costs: weights times values, or the first estimate; infinite where it is undefined."""
        weights = self.plan.weights
        if weights is not None:
            return math.fsum(weights.get(path, 0.0) * float(value) for path, value in found.values.items())
        value = found.objectives[0].value
        if value is None:
            return math.inf
        return -value if self.metrics[0].direction == "higher" else value

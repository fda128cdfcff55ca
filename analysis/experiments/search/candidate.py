"""Candidates: values that were tried, what they came to, and whether that meets the conditions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.estimates import Estimate
from analysis.experiments.conditions import Check, Condition, check
from analysis.experiments.objectives import objective_of
from analysis.experiments.results import Replications, estimate_of
from analysis.metrics import Metric, metric_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """Values at some paths of a scenario, replicated and held against the conditions."""

    values: Mapping[str, Any]
    """By dotted path."""
    result: Replications
    checks: tuple[Check, ...]
    objectives: tuple[Estimate, ...]
    """One for each metric that is to be made small, or large."""
    sure: float | None = None
    """Probability with which each condition must be met; None where the estimate decides."""

    @property
    def failed(self) -> tuple[Check, ...]:
        """The conditions that are not met."""
        return tuple(found for found in self.checks if not self._is_met(found))

    @property
    def passes(self) -> bool:
        """Whether every condition is met."""
        return not self.failed

    def _is_met(self, found: Check) -> bool:
        if self.sure is None:
            return found.is_met
        return found.is_met and found.probability is not None and found.probability >= self.sure

    @property
    def violations(self) -> tuple[float, ...]:
        """How far each condition is from being met; 0 or less where it is.

        In parts of its bound, or of the probability that is missing where one was asked for.
        """
        if self.sure is None:
            return tuple(violation(found) for found in self.checks)
        return tuple(self.sure - (found.probability or 0.0) for found in self.checks)

    @property
    def shortfall(self) -> float:
        """All violations together; 0 when it passes."""
        return math.fsum(max(part, 0.0) for part in self.violations)

    @property
    def label(self) -> str:
        """The values in words, `clerk 3, topology.threshold 0.9`."""
        return ", ".join(f"{short_name(path)} {value}" for path, value in self.values.items())


def violation(found: Check) -> float:
    """How far an estimate is on the wrong side of its bound, in parts of it; 0 or less when it meets it.

    Infinite for what is undefined. A strict limit that is met with equality counts as missed by next to nothing.
    """
    bound = found.condition.bound
    if found.estimate.value is None:
        return math.inf
    gap = found.estimate.value - bound
    far = (gap if found.condition.sign.startswith("<") else -gap) / (abs(bound) or 1.0)
    return far if found.is_met == (far <= 0.0) else 1e-9


def short_name(path: str) -> str:
    """How tables call a path: a role for the number of its positions, else the path."""
    steps = path.split(".")
    is_staff = len(steps) == 3 and steps[0] == "workers" and steps[2] == "positions"
    return steps[1] if is_staff else path


def candidate(
    values: Mapping[str, Any],
    result: Replications,
    conditions: Sequence[Condition],
    objectives: Sequence[Metric],
    sure: float | None = None,
) -> Candidate:
    """The candidate that some replications are of."""
    checks = tuple(check(condition, result.tallies) for condition in conditions)
    estimates = tuple(estimate_of(metric, result.tallies) for metric in objectives)
    return Candidate(dict(values), result, checks, estimates, sure)


def stated_objective(name: str, is_staffed_alike: bool) -> Metric:
    """The metric to make small or, where more is better, large; KeyError for an unknown name.

    Where staffing differs it is the one that counts idle people too (`objectives`).
    """
    metric = metric_of(name)
    return metric if metric.direction == "higher" else objective_of(name, is_staffed_alike)

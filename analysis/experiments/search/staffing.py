"""Staffing: the least people of every role that let a scenario meet conditions."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from analysis.experiments.replicate import Progress
from analysis.experiments.search.candidate import Candidate
from analysis.experiments.search.values import staff_paths
from analysis.experiments.solution import Solution
from analysis.experiments.solve import REPLICATIONS, solve
from sim import Scenario


@dataclass(frozen=True, slots=True)
class Staffed:
    """A scenario with the least people that were found for it, and what was tried on the way."""

    scenario: Scenario
    """With those positions; those of the nearest candidate when nothing that was tried meets the conditions, and as
    it was when no people work in it."""
    positions: dict[str, int]
    """By role; the roles of people that have work."""
    solution: Solution | None
    """None when no people work in it."""

    @property
    def is_met(self) -> bool:
        """Whether the conditions are met; without people there is nothing to find, so this says nothing of them."""
        return self.solution is None or self.solution.best is not None

    @property
    def tried(self) -> tuple[Candidate, ...]:
        """Every candidate that was simulated."""
        return () if self.solution is None else self.solution.tried


def least_staffing(
    scenario: Scenario,
    conditions: Sequence[str] | None = None,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    *,
    high: int | None = None,
    sure: float | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Staffed:
    """The least positions of every role of people that has work in the scenario as it is, so that it meets conditions.

    Several roles are chosen for the least cost per month; roles without work keep theirs. Raises what `solve` raises.
    """
    paths = staff_paths(scenario)
    if not paths:
        return Staffed(scenario, {}, None)
    found = solve(
        scenario, tuple(paths.values()), conditions, high=high, sure=sure, replications=replications,
        seed=seed, jobs=jobs, progress=progress, executor=executor,
    )  # fmt: skip
    positions = {role: int(found.nearest.values[path]) for role, path in paths.items()}
    return Staffed(found.solved, positions, found)

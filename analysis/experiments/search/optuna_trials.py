"""Optuna's samplers as the search: they ask for candidates in batches, and are told what these came to.

Akiba et al. 2019, "Optuna: a next-generation hyperparameter optimization framework"; one objective by the
tree-structured Parzen estimator (Bergstra et al. 2011), several by NSGA-II (Deb et al. 2002).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from analysis.experiments.axes import Between
from analysis.experiments.points import scenario_at
from analysis.experiments.search.bench import Bench
from analysis.experiments.search.candidate import Candidate
from analysis.experiments.search.pareto import MOST_OBJECTIVES, Pareto
from analysis.experiments.search.plan import Plan, Tried
from analysis.experiments.search.values import Least, is_whole, values_to_try
from analysis.experiments.solution import Solution
from sim.errors import WorkforceError

if TYPE_CHECKING:
    import optuna

BATCH = 8
"""Trials asked for at once; always so many, so that the trials do not depend on how many processes there are."""
UNBOUNDED = 1e300
"""What Optuna is told of a condition on something undefined."""


class NoOptunaError(WorkforceError):
    """The extra that a search by trials needs is not installed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values, whatever they are."""

    path: str
    values: Sequence[Any]

    def drawn(self, trial: optuna.Trial) -> Any:
        """What a trial takes; whole numbers are neighbours of each other, other values are not."""
        if isinstance(self.values, range):
            return trial.suggest_int(self.path, self.values[0], self.values[-1], step=self.values.step)
        return self.values[trial.suggest_categorical(self.path, list(range(len(self.values))))]


@dataclass(frozen=True, slots=True)
class Span:
    """Anything between two quantities of one unit."""

    axis: Between

    @property
    def path(self) -> str:
        """What is varied."""
        return self.axis.path

    def drawn(self, trial: optuna.Trial) -> Any:
        """What a trial takes, in the unit of the ends."""
        return self.axis.value(trial.suggest_float(self.path, 0.0, 1.0), is_whole=False)


def search_by_optuna(plan: Plan, place: Bench, ranges: Least, trials: int) -> Solution:
    """The search with so many trials; seeded, so that the same call asks for the same candidates.

    Raises NoOptunaError without the library, ValueError for a number of trials or objectives that it cannot have.
    """
    if trials < 1 or not 1 <= len(plan.minimise) <= MOST_OBJECTIVES:
        raise ValueError(
            f"at least 1 trial and 1 to 3 objectives, got {trials} trials and {len(plan.minimise)} objectives"
        )
    spaces = spaces_of(plan, ranges)
    corners = [
        scenario_at(plan.scenario, {space.path: _ends(space)[end] for space in spaces}) for end in (0, -1)
    ]
    tried = Tried(plan, place, plan.metrics(corners))
    study = _study(tried, place.seed)
    refused = 0
    for first in range(0, trials, BATCH):
        asked = [study.ask() for _ in range(min(BATCH, trials - first))]
        refused += _told(study, tried, [(trial, _drawn(spaces, trial)) for trial in asked])
    return _solution(plan, tried, tuple(space.path for space in spaces), refused)


def spaces_of(plan: Plan, ranges: Least) -> list[Choice | Span]:
    """What each path may take; raises ValueError for a range without a unit in common."""
    found: list[Choice | Span] = []
    if isinstance(ranges, Mapping):
        for path, values in ranges.items():
            if isinstance(values, tuple) and len(values) == 2 and not all(map(is_whole, values)):
                axis = Between(path, *values)
                if problem := axis.problem():
                    raise ValueError(f"{path}: {problem}")
                found.append(Span(axis))
            else:
                found.append(Choice(path, values_to_try(plan.scenario, {path: values})[path]))
        return found
    return [Choice(path, values) for path, values in values_to_try(plan.scenario, ranges).items()]


def _ends(space: Choice | Span) -> Sequence[Any]:
    return (space.axis.low, space.axis.high) if isinstance(space, Span) else space.values


def _drawn(spaces: Sequence[Choice | Span], trial: optuna.Trial) -> dict[str, Any]:
    return {space.path: space.drawn(trial) for space in spaces}


def _study(tried: Tried, seed: int) -> optuna.Study:
    """A study in memory; what has been simulated comes back at once when the same is asked again."""
    try:
        import optuna
    except ImportError:
        raise NoOptunaError(
            "a search by trials needs the extra optuna: pip install 'hybrid-workforce-simulator[optuna]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    seed %= 2**32  # what numpy's generators take
    sampler: optuna.samplers.BaseSampler
    if len(tried.metrics) == 1:
        sampler = optuna.samplers.TPESampler(seed=seed)
    else:
        sampler = optuna.samplers.NSGAIISampler(seed=seed, population_size=2 * BATCH)
    ways: list[Literal["minimize", "maximize"]] = [
        "maximize" if metric.direction == "higher" else "minimize" for metric in tried.metrics
    ]
    return optuna.create_study(sampler=sampler, directions=ways)


def _told(study: optuna.Study, tried: Tried, asked: Sequence[tuple[optuna.Trial, dict[str, Any]]]) -> int:
    """Simulates a batch and tells what it came to; how many of it the scenario refuses."""
    from optuna.trial import TrialState

    refused = 0
    for (trial, _), found in zip(asked, tried.batch([values for _, values in asked]), strict=True):
        if found is None:
            refused += 1
            study.tell(trial, state=TrialState.FAIL)
            continue
        for check, far in zip(found.checks, found.violations, strict=True):
            trial.set_constraint(str(check.condition), min(far, UNBOUNDED))
        amounts = [estimate.value for estimate in found.objectives]
        known = [amount for amount in amounts if amount is not None]
        if len(known) < len(amounts):
            study.tell(trial, state=TrialState.FAIL)
        else:
            study.tell(trial, known)
    return refused


def _solution(plan: Plan, tried: Tried, paths: tuple[str, ...], refused: int) -> Solution:
    """The best of what passes: for several objectives, the first on the frontier by the first of them."""
    candidates = tuple(tried.candidates.values())
    if not candidates:
        raise ValueError("the scenario refuses every candidate that was tried")
    passing = [found for found in candidates if found.passes and _is_known(found)]
    if len(plan.minimise) > 1 and passing:
        efficient = Pareto({found.label: found.result for found in passing}, tried.metrics).efficient
        passing = [found for found in passing if found.label in efficient]
    best = min(passing, key=tried.cost, default=None)
    answer = None if best is None else tried.place_of(best)
    return Solution(
        plan.scenario, paths, plan.conditions, tried.metrics, plan.sure, candidates, answer,
        method="optuna", refused=refused,
    )  # fmt: skip


def _is_known(found: Candidate) -> bool:
    return all(estimate.value is not None for estimate in found.objectives)

"""Comparing: variants replicated on the same draws, set against a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from analysis.executors import local_executor
from analysis.experiments.comparison import Comparison, Search
from analysis.experiments.decision import Rule, rule_of
from analysis.experiments.leverage import HUMAN_ONLY, topology_kind, under_people_alone
from analysis.experiments.replicate import Progress
from analysis.experiments.results import Replications
from analysis.experiments.rounds import joined, same_replications, simulated
from analysis.experiments.until_best import UntilBest, still_in_the_race
from analysis.experiments.warm_up import warm_up
from sim import Scenario
from sim.draws import SEED_LIMIT

AS_WRITTEN = "as written"
"""Name of a scenario beside its own variants."""
REPLICATIONS = 30
"""Replications of each variant unless another number is given."""
LOOKED_AT = 5
"""Replications of the baseline that are simulated again to judge the warm-up."""
Scenarios = Mapping[str, Scenario] | Scenario | Sequence[Scenario]
"""What can be compared: named scenarios, one with its variants, or several by their own names."""


def compare(
    scenarios: Scenarios,
    replications: int = REPLICATIONS,
    baseline: str | None = None,
    minimise: str | None = None,
    subject_to: Sequence[str] | None = None,
    jobs: int = 1,
    seed: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    until_best: UntilBest | None = None,
) -> Comparison:
    """Replicates every variant with the seed of the baseline, or `seed`, and the same replications.

    A single scenario is compared with its own variants. The baseline is the first unless it is named; what to choose
    by is what its `decide` says, as far as `minimise` and `subject_to` do not. Identical configurations are simulated
    once. With `until_best` as many replications again follow, and again, until one variant is known to be the best.
    The warm-up of the baseline is judged by its first replications. Raises ValueError or KeyError for a baseline, a
    metric or a condition that does not exist, for two currencies, and whatever `replicate` raises; an interruption
    leaves nothing.
    """
    if replications < (2 if until_best is not None else 1):
        raise ValueError(f"replications are at least 1, and 2 to search for the best, got {replications}")
    plan = _plan(scenarios, baseline, rule=(minimise, subject_to), seed=seed)
    with _place(executor, jobs) as place:
        done = simulated(plan.planned, range(replications), plan.seed, progress, place)
        while more := _missing(plan.compared(done), until_best, replications):
            done = joined(done, simulated(plan.planned, more, plan.seed, progress, place))
        found = plan.compared(done)
        looked_at = [log.replication for log in found.base.logs[:LOOKED_AT]]
        begun = warm_up(found.base.scenario, looked_at, plan.seed, place)
    search = None if until_best is None else _search(found, until_best, replications)
    return replace(found, search=search, warm_up=begun)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is compared, and how."""

    named: Mapping[str, Scenario]
    baseline: str
    rule: Rule | None
    seed: int
    people: tuple[str, Scenario] | None
    """The variant in which people do everything, which need not be among those compared."""

    @property
    def planned(self) -> dict[str, Scenario]:
        """Everything to simulate."""
        return {**self.named, **dict([self.people] if self.people is not None else [])}

    def compared(self, done: Mapping[str, Replications]) -> Comparison:
        """What has been simulated so far, as a comparison."""
        together = same_replications(done)
        alone = None if self.people is None else together[self.people[0]]
        return Comparison({name: together[name] for name in self.named}, self.baseline, self.rule, alone)


def _plan(
    scenarios: Scenarios,
    baseline: str | None,
    rule: tuple[str | None, Sequence[str] | None],
    seed: int | None,
) -> _Plan:
    named = named_scenarios(scenarios)
    base = next(iter(named)) if baseline is None else baseline
    check_together(named, base)
    used = named[base].seed if seed is None else seed
    if not 0 <= used < SEED_LIMIT:
        raise ValueError(f"a seed is from 0 to 2^63 - 1, got {used}")
    return _Plan(named, base, rule_of(named[base], *rule), used, _people_alone(named, base))


def _missing(found: Comparison, until: UntilBest | None, first: int) -> range:
    """The replications to do next; none when no search was asked for, one variant is left, or there are enough."""
    if until is None or len(_search(found, until, first).left) < 2:
        return range(0)
    done = found.replications + len(found.base.lost)
    return range(done, min(done + first, until.most))


def _search(found: Comparison, until: UntilBest, first: int) -> Search:
    """How far the search for the best is."""
    left = still_in_the_race(found, until.indifference, min(first, found.replications))
    return Search(until.indifference, left)


def named_scenarios(scenarios: Scenarios) -> dict[str, Scenario]:
    """The scenarios by the names they are shown under; raises ValueError without any."""
    if isinstance(scenarios, Scenario):
        return {AS_WRITTEN: scenarios, **{name: scenarios.variant(name) for name in scenarios.variants}}
    if isinstance(scenarios, Mapping):
        found = dict(scenarios)
    else:
        found = {}
        for scenario in scenarios:
            found[_free_name(scenario.name, found)] = scenario
    if not found:
        raise ValueError("there is nothing to compare")
    return found


def _free_name(name: str, taken: Mapping[str, Scenario]) -> str:
    """The name, with a number when it is taken."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def check_together(named: Mapping[str, Scenario], baseline: str) -> None:
    """Raises ValueError when the scenarios cannot be set against each other."""
    if baseline not in named:
        raise ValueError(f"no variant {baseline!r} to set the others against; there are {', '.join(named)}")
    currencies = list(dict.fromkeys(scenario.currency for scenario in named.values()))
    if len(currencies) > 1:
        raise ValueError(f"amounts in {' and '.join(currencies)} cannot be compared")


def _people_alone(named: Mapping[str, Scenario], base: str) -> tuple[str, Scenario] | None:
    """What leverage is measured against: a variant of the kind, or else the baseline with people alone.

    None when its bindings do not say who would do everything.
    """
    for name in (base, *named):
        if topology_kind(named[name]) == HUMAN_ONLY:
            return name, named[name]
    alone = under_people_alone(named[base])
    return None if alone is None else (_free_name(HUMAN_ONLY, named), alone)


def _place(executor: Executor | None, jobs: int) -> AbstractContextManager[Executor]:
    return local_executor(jobs) if executor is None else nullcontext(executor)

"""Comparing: variants replicated on the same draws, set against a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from analysis.executors.order import window_of
from analysis.experiments.comparison import Comparison, Staffing
from analysis.experiments.decision import Rule, rule_of
from analysis.experiments.goals import Goal, first_total, next_total, with_outcome
from analysis.experiments.inputs import draws_wanted
from analysis.experiments.leverage import HUMAN_ONLY, topology_kind, under_people_alone
from analysis.experiments.place import checked_seed, working_place
from analysis.experiments.precision import Precision
from analysis.experiments.replicate import Progress
from analysis.experiments.results import Replications
from analysis.experiments.rounds import joined, same_replications, simulated
from analysis.experiments.staffed import rule_when_staffed, staffed
from analysis.experiments.time_limit import TimeLimit
from analysis.experiments.until_best import UntilBest
from analysis.experiments.variants import Scenarios, check_together, free_name, named_scenarios
from analysis.experiments.warm_up import warm_up
from sim import Scenario

REPLICATIONS = 30
"""Replications of each variant unless another number is given."""
LOOKED_AT = 5
"""Replications of the baseline that are simulated again to judge the warm-up."""


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
    precision: Precision | None = None,
    draws: int | None = None,
    staff_to: Sequence[str] = (),
) -> Comparison:
    """Replicates every variant with the seed of the baseline, or `seed`, and the same replications.

    A single scenario is compared with its own variants. The baseline is the first unless it is named; what to choose
    by is what its `decide` says, as far as `minimise` and `subject_to` do not. Identical configurations are simulated
    once. With `until_best` as many replications again follow, and again, until one variant is known to be the best;
    with `precision` more follow until the paired differences to the baseline are known closely enough. What a limit of
    time leaves is what is finished of every variant. The warm-up of the baseline is judged by its first replications.

    Where a scenario calls values uncertain, `draws` replications with draws of them follow, shared by the variants: as
    many as `replications` unless told, 0 for none. With `staff_to` every variant first gets the least people that meet
    these conditions, and idle people count in what is ranked on. Raises ValueError or KeyError for a baseline, a
    metric or a condition that does not exist, for two currencies, and whatever `replicate` raises; an interruption
    leaves nothing.
    """
    if until_best is not None and precision is not None:
        raise ValueError("a comparison goes on until the best is known, or until it is precise; not both")
    goal = until_best or precision
    first_total(goal, replications)
    plan = _plan(scenarios, baseline, (minimise, subject_to), replications, seed)
    drawn_count = draws_wanted(plan.named, draws, replications)
    with working_place(executor, jobs) as place:
        if staff_to:
            plan = plan.staffed_to(staff_to, replications, progress, place)
        found, is_over = _replicated(plan, goal, replications, progress, place)
        looked_at = [log.replication for log in found.base.logs[:LOOKED_AT]]
        begun = warm_up(found.base.scenario, looked_at, plan.seed, place)
        drawn = _drawn(
            plan, min(drawn_count, found.replications) if is_over else drawn_count, progress, place
        )
    return replace(with_outcome(found, goal, replications, is_over), warm_up=begun, drawn=drawn)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is compared, and how."""

    named: Mapping[str, Scenario]
    baseline: str
    rule: Rule | None
    seed: int
    people: tuple[str, Scenario] | None
    """The variant in which people do everything, which need not be among those compared."""
    staffing: Mapping[str, Staffing] | None = None
    """The people that each variant was given; None when they are those that are written."""

    def staffed_to(
        self, conditions: Sequence[str], replications: int, progress: Progress | None, place: Executor
    ) -> _Plan:
        """The same with the least people that meet the conditions."""
        named, found = staffed(self.named, conditions, replications, self.seed, progress, place)
        people = self.people
        if people is not None and people[0] in named:
            people = people[0], named[people[0]]
        rule = rule_when_staffed(self.rule, conditions)
        return replace(self, named=named, people=people, rule=rule, staffing=found)

    @property
    def planned(self) -> dict[str, Scenario]:
        """Everything to simulate."""
        return {**self.named, **dict([self.people] if self.people is not None else [])}

    def compared(self, done: Mapping[str, Replications]) -> Comparison:
        """What has been simulated so far, as a comparison."""
        together = same_replications(done)
        alone = None if self.people is None else together[self.people[0]]
        variants = {name: together[name] for name in self.named}
        return Comparison(variants, self.baseline, self.rule, alone, staffing=self.staffing)


def _plan(
    scenarios: Scenarios,
    baseline: str | None,
    rule: tuple[str | None, Sequence[str] | None],
    replications: int,
    seed: int | None,
) -> _Plan:
    named = named_scenarios(scenarios)
    base = next(iter(named)) if baseline is None else baseline
    check_together(named, base)
    used = checked_seed(named[base], replications, seed)
    return _Plan(named, base, rule_of(named[base], *rule), used, _people_alone(named, base))


def _drawn(
    plan: _Plan, draws: int, progress: Progress | None, place: Executor
) -> dict[str, Replications] | None:
    """The variants with drawn inputs, each draw the same for all; None without any."""
    if not draws:
        return None
    return same_replications(
        simulated(plan.named, range(draws), plan.seed, progress, place, draw_inputs=True)
    )


def _replicated(
    plan: _Plan, goal: Goal | None, first: int, progress: Progress | None, place: Executor
) -> tuple[Comparison, bool]:
    """Replications of every variant until the goal or a limit is reached; whether time was up before."""
    limit, is_over = TimeLimit(goal.seconds if goal is not None else None), False
    done: dict[str, Replications] = {}
    count = 0
    total: int | None = first_total(goal, first)
    while total is not None and not is_over:
        for numbers in limit.portions(range(count, total), max(2, window_of(place))):
            more = simulated(plan.planned, numbers, plan.seed, progress, place)
            done, count = joined(done, more) if done else more, numbers.stop
        found, is_over = plan.compared(done), count < total
        total = next_total(goal, found, count, first)
    return found, is_over


def _people_alone(named: Mapping[str, Scenario], base: str) -> tuple[str, Scenario] | None:
    """What leverage is measured against: a variant of the kind, or else the baseline with people alone.

    None when its bindings do not say who would do everything.
    """
    for name in (base, *named):
        if topology_kind(named[name]) == HUMAN_ONLY:
            return name, named[name]
    alone = under_people_alone(named[base])
    return None if alone is None else (free_name(HUMAN_ONLY, named), alone)

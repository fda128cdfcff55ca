"""Decisions: which variant a stated rule chooses, by what margin, how surely, and what decided it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis import estimates
from analysis.estimates import FEWEST_FOR_CLAIMS, LOWER_BOUND, Estimate
from analysis.experiments.conditions import Check, Condition, check, parse_condition
from analysis.experiments.frontier import frontier
from analysis.experiments.objectives import counts_errors, is_staffed_alike, objective_of
from analysis.experiments.results import Replications, estimate_of, is_bound, totals_of
from analysis.metrics import Metric, metric_of
from analysis.ranking import probability_best, simultaneous
from sim import Scenario

NO_RULE = "nothing says what to choose by: give `decide:` in the scenario, or --minimise"
ERRORS_FREE = (
    "neither the objective nor a condition counts errors, so the best would be the most careless: minimise "
    "cpst_with_damage with `damage_if_wrong` in the tasks, or --subject-to 'escape_share<=0.01'"
)
NOBODY = "no variant meets every condition"
UNKNOWN = "the objective is undefined for every variant that meets the conditions"
BOUNDED = "unfinished tasks leave no more than a lower bound of the objective for any variant that meets the conditions"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a choice goes by."""

    minimise: str
    """The metric to make small, as it was stated."""
    subject_to: tuple[Condition, ...]
    """What the choice must meet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one variant stands by the rule."""

    objective: Estimate
    checks: tuple[Check, ...]
    probability_best: float | None = None
    """Of being the best of those that meet the conditions; None for the others, and below 10 replications."""

    @property
    def failed(self) -> tuple[Check, ...]:
        """The conditions that are not met."""
        return tuple(found for found in self.checks if not found.is_met)

    @property
    def is_admitted(self) -> bool:
        """Whether the choice may fall on it."""
        return not self.failed and self.objective.value is not None and self.objective.note != LOWER_BOUND


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """What the rule comes to; no winner where it cannot choose, and the reason."""

    rule: Rule | None
    objective: Metric | None
    """What was ranked on: another than was stated where staffing differs."""
    standings: dict[str, Standing]
    """By variant; empty without a rule."""
    frontier: tuple[str, ...]
    """Variants that none dominates in cost, wrong deliveries and service level."""
    winner: str | None = None
    runner_up: str | None = None
    """The second best that meets the conditions, or else the best of those that do not."""
    margin: Estimate | None = None
    """Objective of the runner-up less that of the winner; simultaneous with those of all other variants."""
    is_sure: bool = False
    """Whether the simultaneous intervals put the winner ahead of every other that meets the conditions."""
    refused: str | None = None
    """The best of those that conditions refused, where it would have been better than the winner."""
    reason: str = ""
    """Why there is no winner."""

    def __repr__(self) -> str:
        rule = (
            "no rule"
            if self.rule is None
            else ", subject to ".join(
                filter(None, [f"minimise {self.rule.minimise}", ", ".join(map(str, self.rule.subject_to))])
            )
        )
        chosen = (
            f"{self.winner} of {len(self.standings)}" if self.winner is not None else f"none: {self.reason}"
        )
        return f"<decision: {rule}; chosen: {chosen}>"

    @property
    def admitted(self) -> int:
        """How many variants the choice may fall on: they meet the conditions, and their objective is known."""
        return sum(standing.is_admitted for standing in self.standings.values())

    @property
    def kept(self) -> int:
        """How many variants meet the conditions, with a known objective or without."""
        return sum(not standing.failed for standing in self.standings.values())

    @property
    def is_ahead(self) -> bool:
        """Whether the winner is surely ahead of the runner-up, and of every other that the choice may fall on."""
        return self.is_sure and self.margin is not None and _is_ahead(self.margin)


def rule_of(
    scenario: Scenario, minimise: str | None = None, subject_to: Sequence[str] | None = None
) -> Rule | None:
    """The rule that is given, each part by default as in the scenario; None when nothing is to be minimised.

    Raises ValueError or KeyError for an unknown metric or a condition that is none.
    """
    stated = scenario.decide
    objective = minimise if minimise is not None else stated.minimise if stated is not None else None
    if objective is None:
        return None
    objective_of(objective, is_staffed_alike=True)
    written: Sequence[str] = stated.subject_to if stated is not None else ()
    return Rule(objective, tuple(map(parse_condition, written if subject_to is None else subject_to)))


def decide(
    variants: Mapping[str, Replications],
    rule: Rule | None,
    type_id: str | None = None,
    is_alike: bool | None = None,
) -> Decision:
    """What the rule chooses among variants that were replicated on the same draws.

    With `type_id` it chooses for the tasks of that type, of which alone the tallies must be (`of_type`). People are
    shared by all types, so then idle people count for nothing. `is_alike` says whether people are as many in all
    variants; without it they are looked at.
    """
    scenarios = [variant.scenario for variant in variants.values()]
    alike = type_id is not None or (is_staffed_alike(scenarios) if is_alike is None else is_alike)
    efficient = frontier(
        {name: variant.tallies for name, variant in variants.items()}, objective_of("cpst", alike)
    )
    if rule is None:
        return Decision(None, None, {}, efficient, reason=NO_RULE)
    objective = objective_of(rule.minimise, alike)
    standings = _standings(variants, rule, objective)
    if not counts_errors(objective, scenarios, type_id) and not any(
        part.limits_errors for part in rule.subject_to
    ):
        return Decision(rule, objective, standings, efficient, reason=ERRORS_FREE)
    ranked = _ranked(standings, is_admitted=True)
    if not ranked:
        return Decision(rule, objective, standings, efficient, reason=_why_nobody(standings))
    return _chosen(variants, Decision(rule, objective, standings, efficient, ranked[0]), ranked)


def difference(
    metric: Metric | str, one: Replications, other: Replications, confidence: float = estimates.CONFIDENCE
) -> Estimate:
    """A metric of one variant less that of another on the same draws; no interval where either is a bound."""
    metric = metric_of(metric)
    found = estimates.paired_difference(
        totals_of(metric, one.tallies), totals_of(metric, other.tallies), confidence
    )
    if is_bound(metric, one.tallies) or is_bound(metric, other.tallies):
        return Estimate(None, None, None, found.replications, LOWER_BOUND)
    return found


def _chosen(variants: Mapping[str, Replications], found: Decision, ranked: list[str]) -> Decision:
    """The decision for the first of the admitted variants, with its margin and who was refused."""
    winner, others = ranked[0], _ranked(found.standings, is_admitted=False)
    rivals = [*ranked[1:], *others]
    margins = {name: _margin(variants, found, name, winner) for name in rivals}
    runner_up = rivals[0] if rivals else None
    is_sure = all(_is_ahead(margins[name]) for name in ranked[1:])
    refused = next((name for name in others if (margins[name].value or 0.0) < 0), None)
    return Decision(
        found.rule, found.objective, found.standings, found.frontier, winner, runner_up,
        margins[runner_up] if runner_up is not None else None, is_sure, refused,
    )  # fmt: skip


def _why_nobody(standings: Mapping[str, Standing]) -> str:
    """Why none of the variants can be chosen."""
    notes = {standing.objective.note for standing in standings.values() if not standing.failed}
    if not notes:
        return NOBODY
    return BOUNDED if LOWER_BOUND in notes else UNKNOWN


def _margin(variants: Mapping[str, Replications], found: Decision, name: str, winner: str) -> Estimate:
    assert found.objective is not None
    confidence = simultaneous(len(variants) - 1)
    return difference(found.objective, variants[name], variants[winner], confidence)


def _is_ahead(margin: Estimate) -> bool:
    return margin.supports_claims and margin.low is not None and margin.low > 0


def _ranked(standings: Mapping[str, Standing], is_admitted: bool) -> list[str]:
    """The variants that may be chosen, or those that may not and whose objective is known; the best first."""
    values = {
        name: standing.objective.value
        for name, standing in standings.items()
        if standing.is_admitted == is_admitted and standing.objective.note != LOWER_BOUND
    }
    known = {name: value for name, value in values.items() if value is not None}
    return sorted(known, key=known.__getitem__)


def _standings(variants: Mapping[str, Replications], rule: Rule, objective: Metric) -> dict[str, Standing]:
    found = {
        name: Standing(
            estimate_of(objective, variant.tallies),
            tuple(check(condition, variant.tallies) for condition in rule.subject_to),
        )
        for name, variant in variants.items()
    }
    admitted = [name for name, standing in found.items() if standing.is_admitted]
    chances = _chances({name: variants[name] for name in admitted}, objective)
    return {
        name: Standing(standing.objective, standing.checks, chances.get(name))
        for name, standing in found.items()
    }


def _chances(variants: Mapping[str, Replications], objective: Metric) -> dict[str, float]:
    """Probability of being best; empty when there are too few replications, or some cannot be left out."""
    totals = {name: totals_of(objective, variant.tallies) for name, variant in variants.items()}
    parts = {name: estimates.pseudo_values(part) for name, part in totals.items()}
    known = {name: part for name, part in parts.items() if part is not None}
    if not known or len(known) < len(parts) or len(next(iter(known.values()))) < FEWEST_FOR_CLAIMS:
        return {}
    values = [estimates.ratio(totals[name]).value or 0.0 for name in known]
    return dict(zip(known, probability_best(values, list(known.values())), strict=True))

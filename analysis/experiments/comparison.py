"""Comparisons: variants replicated on the same draws, their differences, and what to choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.estimates import CONFIDENCE, Estimate, unpaired_difference, variance_bought
from analysis.experiments import comparison_rows as rows
from analysis.experiments import saved
from analysis.experiments.conditions import Condition
from analysis.experiments.cost_lines import CostLine, cost_lines, main_cost_lines
from analysis.experiments.decision import Decision, Rule, decide, difference
from analysis.experiments.inputs_choice import OverInputs
from analysis.experiments.leverage import Leverage, leverage_of
from analysis.experiments.objectives import DAMAGE, is_staffed_alike
from analysis.experiments.precision import Sought
from analysis.experiments.results import Replications, totals_of
from analysis.experiments.tables import framed, html_table
from analysis.format import significant
from analysis.metrics import Metric, Tallies, metric_of
from analysis.ranking import simultaneous
from analysis.warmup import WarmUp

if TYPE_CHECKING:
    import pandas as pd


KIND = "compare"
"""Kind of a saved comparison."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of a variant less that of the baseline."""

    paired: Estimate
    """On the same draws; its interval covers together with those of all other variants (Bonferroni)."""
    unpaired: Estimate
    """The same with the interval that other draws for each variant would have given."""
    variance_bought: float | None
    """How many times less it varies for the same draws; None where it does not vary at all."""


@dataclass(frozen=True, slots=True)
class Search:
    """How the search for the best by Kim and Nelson's procedure ended."""

    indifference: float
    """By how much in the objective the best must be ahead for the promise to hold."""
    left: tuple[str, ...]
    """Variants that may still be the best: one when it is known."""
    confidence: float = CONFIDENCE
    """How often of all such searches the one that is left is the best."""
    stopped_by: str = "precision"
    """`precision` when one is left, `replications` or `time` when that came before."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """The people that a variant was given."""

    positions: Mapping[str, int]
    """By role of people that has work."""
    conditions: tuple[Condition, ...]
    """What they were to meet."""
    is_met: bool
    """Whether the conditions are met with them; otherwise they come nearest of all that was tried."""

    @property
    def people(self) -> int:
        """How many in all."""
        return sum(self.positions.values())


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Some variants with the same seed and the same replications."""

    variants: Mapping[str, Replications]
    """By name, in the order they were given."""
    baseline: str
    """The variant that the others are set against."""
    rule: Rule | None
    """What to choose by."""
    human_only: Replications | None
    """People alone on the same draws, which leverage is measured against; None when they cannot do it."""
    search: Search | None = None
    """How the search for the best ended, if there was one."""
    precision: Sought | None = None
    """How precise the differences have become, if that or a time was asked for."""
    warm_up: WarmUp | None = None
    """Whether the baseline's warm-up is long enough."""
    drawn: Mapping[str, Replications] | None = None
    """The variants with drawn inputs, draw by draw the same; None where nothing is uncertain."""
    staffing: Mapping[str, Staffing] | None = None
    """The least people that each variant was given before; None when they are those that are written."""

    @property
    def base(self) -> Replications:
        """The replications of the baseline."""
        return self.variants[self.baseline]

    @property
    def replications(self) -> int:
        """How many of each variant."""
        return len(self.base.tallies)

    @property
    def confidence(self) -> float:
        """Confidence of one interval of a difference, so that those of all variants cover together with 95 %."""
        return simultaneous(len(self.variants) - 1)

    @property
    def is_complete(self) -> bool:
        """Whether no limit stopped any replication."""
        return all(variant.is_complete for variant in self.variants.values())

    @cached_property
    def is_staffed_alike(self) -> bool:
        """Whether the people at work are as many, on the same shifts, in all variants; not when each was staffed."""
        return self.staffing is None and is_staffed_alike(part.scenario for part in self.variants.values())

    @cached_property
    def decision(self) -> Decision:
        """What the rule chooses; no winner, and the reason, where it cannot."""
        return decide(self.variants, self.rule, is_alike=self.is_staffed_alike)

    @cached_property
    def decisions_by_type(self) -> dict[str, Decision]:
        """What the rule would choose for the tasks of each type alone; one type has nothing to add."""
        types = list(self.base.tallies[0].types)
        if len(types) < 2:
            return {}
        return {type_id: decide(self.of_type(type_id), self.rule, type_id) for type_id in types}

    @cached_property
    def over_inputs(self) -> OverInputs | None:
        """What the variants come to over the stated ranges of uncertain inputs; None where nothing was drawn."""
        if self.drawn is None:
            return None
        decision = self.decision
        return OverInputs(self.variants, self.drawn, self.rule, decision.objective, decision.winner)

    def of_type(self, type_id: str) -> dict[str, Replications]:
        """The variants with the tasks of one type for their cohort; platform cost belongs to no type."""
        return {
            name: replace(
                variant,
                tallies=Tallies.of(replace(tally, cohort=tally.types[type_id]) for tally in variant.tallies),
            )
            for name, variant in self.variants.items()
        }

    def estimate(self, variant: str, metric: Metric | str) -> Estimate:
        """A metric, or the one of that name, of one variant over the replications."""
        return self.variants[variant].estimate(metric)

    def difference(self, variant: str, metric: Metric | str) -> Difference:
        """A metric, or the one of that name, of a variant less that of the baseline."""
        metric = metric_of(metric)
        one, other = self.variants[variant], self.base
        first, second = totals_of(metric, one.tallies), totals_of(metric, other.tallies)
        return Difference(
            difference(metric, one, other, self.confidence),
            unpaired_difference(first, second, self.confidence),
            variance_bought(first, second),
        )

    def leverage(self, variant: str) -> Leverage:
        """How many times as far people's minutes reach as when they do everything."""
        return leverage_of(self.variants[variant], self.human_only)

    def cost_lines(self, is_short: bool = False) -> list[CostLine]:
        """What makes the difference in cost per success between the runner-up and the winner; empty without them.

        In short, lines below a hundredth of the difference are one, the last.
        """
        winner, runner_up = self.decision.winner, self.decision.runner_up
        if winner is None or runner_up is None:
            return []
        objective = self.decision.objective
        with_damage = objective is not None and objective.name in DAMAGE
        pair = self.variants[runner_up], self.variants[winner]
        lines = main_cost_lines if is_short else cost_lines
        return lines(*pair, is_loaded=not self.is_staffed_alike, with_damage=with_damage)

    def to_frame(self) -> pd.DataFrame:
        """One row per variant and replication, one column per metric; an undefined number is NaN."""
        import pandas as pd

        frames = [variant.to_frame().assign(variant=name) for name, variant in self.variants.items()]
        frame = pd.concat(frames, ignore_index=True)
        return frame[["variant", *(name for name in frame.columns if name != "variant")]]

    def summary(self) -> pd.DataFrame:
        """One row per variant and metric: value with interval, and the paired difference with interval."""
        return framed(rows.summary(self))

    def differences(self) -> pd.DataFrame:
        """One row per variant but the baseline and metric: paired and unpaired interval, what pairing bought."""
        return framed(rows.differences(self))

    def standings(self) -> pd.DataFrame:
        """One row per variant: objective, conditions, probability of being best, months, people, leverage."""
        return framed(rows.standings(self))

    def by_type(self) -> pd.DataFrame:
        """One row per task type and variant: the metrics that a type has."""
        return framed(rows.by_type(self))

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null for what is undefined."""
        return rows.document(self)

    def save(self, path: Path | str) -> Path:
        """Writes everything into one file that `load` reads back; raises OSError when it cannot be written."""
        return saved.write_document(Path(path), KIND, saved.fields_document(self))

    @classmethod
    def load(cls, path: Path | str) -> Comparison:
        """What `save` wrote; raises SavedResultError for another file, OSError when it cannot be read."""
        return saved.loaded(path, KIND, partial(saved.fields_of, cls))

    def __repr__(self) -> str:
        chosen = self.decision.winner
        return (
            f"<{len(self.variants)} variants, {self.replications} replications, winner: {chosen or 'none'}>"
        )

    def _repr_html_(self) -> str:
        """The standings as a table, every text escaped."""
        head = f"{self.base.scenario.name} · {self.replications} replications · seed {self.base.seed}"
        return html_table(rows.standings(self), head, whole=significant)

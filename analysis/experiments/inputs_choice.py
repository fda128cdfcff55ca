"""Choice over uncertain inputs: in how many of their draws each variant is the best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from analysis.estimates import FEWEST_FOR_CLAIMS, binomial_interval
from analysis.experiments.conditions import SIGNS
from analysis.experiments.decision import Rule
from analysis.experiments.inputs import InputRange, cases, input_range, values_of, variance
from analysis.experiments.results import Replications, is_bound
from analysis.metrics import Metric, metric_of
from sim.uncertainty import amount_of

FEWEST_TO_TELL = 5
"""Draws on each side from which their inputs are set against each other."""


@dataclass(frozen=True, slots=True)
class BestShare:
    """In how many cases a variant is the best, or none is."""

    share: float
    low: float
    """Of the interval of Clopper and Pearson (1934), 95 %."""
    high: float
    stated: float | None
    """The same share of the replications at the stated values: what chance alone does; None below 10 of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """An uncertain input where the chosen variant is the best, and where it is not."""

    path: str
    where_best: float
    """Mean of the input over the draws in which the chosen variant is the best; durations in seconds."""
    elsewhere: float


@dataclass(frozen=True, eq=False)
class OverInputs:
    """Variants over the stated ranges of their uncertain inputs, which they share draw by draw.

    In a draw a variant is the best when it meets every condition and no other that does has a smaller objective, all
    of it in that one replication; those that tie are all the best. So a share of draws holds the chance of single
    replications too, unlike the probability of being the best given the inputs, which is about the long run at the
    stated values. `BestShare.stated` says what that chance does without any draw of the inputs.
    """

    stated: Mapping[str, Replications]
    drawn: Mapping[str, Replications]
    rule: Rule | None
    objective: Metric | None
    """What is ranked on; None without a rule."""
    winner: str | None
    """What is chosen at the stated values."""

    @property
    def draws(self) -> int:
        """How many draws of the inputs."""
        return len(next(iter(self.drawn.values())).tallies)

    @property
    def paths(self) -> tuple[str, ...]:
        """What was drawn, for any of the variants."""
        found = (path for variant in self.drawn.values() for path in variant.scenario.uncertain or ())
        return tuple(dict.fromkeys(found))

    def range(self, variant: str, metric: Metric | str) -> InputRange:
        """A metric, or the one of that name, of a variant over the stated ranges."""
        return input_range(metric_of(metric), self.stated[variant].tallies, self.drawn[variant].tallies)

    @cached_property
    def best(self) -> dict[str, BestShare]:
        """By variant; empty without a rule and below 10 draws."""
        if self.objective is None or self.draws < FEWEST_FOR_CLAIMS:
            return {}
        return {
            name: self._share(
                [name in best for best in self._best_in_draws],
                [name in best for best in self._best_as_stated],
            )
            for name in self.drawn
        }

    @cached_property
    def nobody(self) -> BestShare | None:
        """In how many draws no variant meets every condition, so that none is the best.

        None without a condition and below 10 draws. An objective that is undefined for all that meet them counts too.
        """
        if self.rule is None or not self.rule.subject_to or not self.best:
            return None
        return self._share(
            [not best for best in self._best_in_draws], [not best for best in self._best_as_stated]
        )

    def _share(self, drawn: Sequence[bool], stated: Sequence[bool]) -> BestShare:
        """How often something is the case in the draws, and by chance alone at the stated values."""
        interval = binomial_interval(sum(drawn), len(drawn))
        plain = sum(stated) / len(stated) if len(stated) >= FEWEST_FOR_CLAIMS else None
        return BestShare(sum(drawn) / len(drawn), *interval, plain)

    @cached_property
    def changes(self) -> list[Change]:
        """The inputs by which the draws that another variant wins differ, the clearest first.

        Empty where there are fewer than five draws on a side, or nothing is chosen. A difference says where to look,
        not why: with few draws even an input that does not matter differs somewhat.
        """
        if self.winner is None:
            return []
        wins = [self.winner in best for best in self._best_in_draws]
        if min(sum(wins), len(wins) - sum(wins)) < FEWEST_TO_TELL:
            return []
        found = [self._change(path, wins) for path in self.paths]
        return [change for _, change in sorted(found, key=lambda part: -part[0])]

    @cached_property
    def _best_in_draws(self) -> list[list[str]]:
        return self._best_in(self.drawn)

    @cached_property
    def _best_as_stated(self) -> list[list[str]]:
        return self._best_in(self.stated)

    def _change(self, path: str, wins: list[bool]) -> tuple[float, Change]:
        """An input on both sides, after how many of its standard deviations lie between."""
        owner = next(variant for variant in self.drawn.values() if path in (variant.scenario.uncertain or ()))
        values = [amount_of(values[path]) for values in values_of(owner)]
        sides = [
            [value for value, won in zip(values, wins, strict=True) if won is side] for side in (True, False)
        ]
        best, elsewhere = (math.fsum(side) / len(side) for side in sides)
        spread = math.sqrt(variance(values))
        return (abs(best - elsewhere) / spread if spread else 0.0), Change(path, best, elsewhere)

    def _best_in(self, variants: Mapping[str, Replications]) -> list[list[str]]:
        """The best variants of each replication; none where no variant meets the conditions."""
        assert self.rule is not None
        assert self.objective is not None
        values = {name: _standings(variant, self.rule, self.objective) for name, variant in variants.items()}
        found = []
        for case in zip(*values.values(), strict=True):
            known = [value for value in case if value is not None]
            found.append(
                [name for name, value in zip(values, case, strict=True) if known and value == min(known)]
            )
        return found


def _standings(variant: Replications, rule: Rule, objective: Metric) -> list[float | None]:
    """The objective in each replication; None where a condition is not met, or it is undefined or a mere bound."""
    tallies = variant.tallies
    met = [True] * len(tallies)
    for condition in rule.subject_to:
        values, bounds = _cases(metric_of(condition.metric), variant)
        met = [
            is_met
            and value is not None
            and SIGNS[condition.sign](value, condition.bound)
            and not (is_lower and condition.sign.startswith("<"))
            for is_met, value, is_lower in zip(met, values, bounds, strict=True)
        ]
    values, bounds = _cases(objective, variant)
    return [
        value if is_met and not is_lower else None
        for is_met, value, is_lower in zip(met, values, bounds, strict=True)
    ]


def _cases(metric: Metric, variant: Replications) -> tuple[list[float | None], list[bool]]:
    """A metric in each replication, and whether it is a lower bound there."""
    tallies = variant.tallies
    is_lower = list(map(metric.is_bound, tallies)) if is_bound(metric, tallies) else [False] * len(tallies)
    return cases(metric, tallies), is_lower

"""The frontier over two or three objectives: which variants others dominate, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.estimates import Estimate
from analysis.experiments.comparison import Comparison
from analysis.experiments.decision import difference
from analysis.experiments.frontier import dominates, point_of
from analysis.experiments.objectives import is_staffed_alike
from analysis.experiments.replicate import Progress
from analysis.experiments.results import Replications, estimate_of
from analysis.experiments.rounds import same_replications
from analysis.experiments.search.bench import bench
from analysis.experiments.search.candidate import stated_objective
from analysis.experiments.sweep import Sweep
from analysis.experiments.tables import html_table
from analysis.experiments.variants import Scenarios, named_scenarios
from analysis.metrics import Metric

if TYPE_CHECKING:
    import pandas as pd

MOST_OBJECTIVES = 3
REPLICATIONS = 30
"""Replications of each scenario unless another number is given."""
Row = dict[str, Any]


def pareto(
    source: Sweep | Comparison | Mapping[str, Replications] | Scenarios,
    objectives: Sequence[str],
    *,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Pareto:
    """Which points of a sweep, variants of a comparison or scenarios others dominate in two or three objectives.

    What has been replicated is taken as it is; scenarios are replicated on the same draws with the seed of the first.
    Where staffing differs, objectives of cost count idle people. Raises ValueError or KeyError for objectives that are
    none, too few or too many, and whatever `replicate` raises.
    """
    if not 2 <= len(objectives) <= MOST_OBJECTIVES:
        raise ValueError(f"a frontier is over 2 or 3 objectives, got {', '.join(objectives) or 'none'}")
    variants = _replicated(source)
    if variants is None:
        named = named_scenarios(source)  # type: ignore[arg-type]
        used = next(iter(named.values())).seed if seed is None else seed
        with bench(replications, used, jobs, progress, executor) as place:
            variants = dict(zip(named, place.replicated(*named.values()), strict=True))
    alike = is_staffed_alike(result.scenario for result in variants.values())
    metrics = tuple(stated_objective(name, alike) for name in objectives)
    return Pareto(same_replications(variants), metrics)


def _replicated(source: object) -> dict[str, Replications] | None:
    """What has been replicated already, by name; None for scenarios."""
    if isinstance(source, Sweep):
        return dict(source.comparison.variants)
    if isinstance(source, Comparison):
        return dict(source.variants)
    if isinstance(source, Mapping) and source:
        found = {name: part for name, part in source.items() if isinstance(part, Replications)}
        return found if len(found) == len(source) else None
    return None


@dataclass(frozen=True, slots=True)
class Flag:
    """Whether a variant is dominated, by which other, and whether the paired intervals leave no doubt."""

    is_dominated: bool
    by: str | None
    """The first variant that is at least as good in every objective and better in one."""
    is_sure: bool
    """Whether every paired 95 % interval that this rests on is on one side of 0."""


@dataclass(frozen=True, eq=False, repr=False)
class Pareto:
    """Variants on the same draws, weighed by some objectives at once."""

    variants: Mapping[str, Replications]
    objectives: tuple[Metric, ...]
    """Each is small or large at its best, as its direction says."""

    @cached_property
    def flags(self) -> dict[str, Flag]:
        """By variant: dominated or not by the estimates, and how sure that is by the paired differences."""
        points = {name: point_of(self.objectives, result.tallies) for name, result in self.variants.items()}
        found = {}
        for name, point in points.items():
            by = [other for other, rival in points.items() if dominates(rival, point)]
            found[name] = Flag(bool(by), by[0] if by else None, self._is_sure(name, by))
        return found

    @property
    def efficient(self) -> tuple[str, ...]:
        """The variants that none dominates."""
        return tuple(name for name, flag in self.flags.items() if not flag.is_dominated)

    def _is_sure(self, name: str, by: Sequence[str]) -> bool:
        """Dominated: by one that is surely nowhere worse and somewhere better. Else: no other may be all that."""
        if by:
            return any(self._surely_dominates(other, name) for other in by)
        return all(self._surely_not(other, name) for other in self.variants if other != name)

    def _surely_dominates(self, one: str, other: str) -> bool:
        found = self._behind(one, other)
        return all(gap.low is not None and gap.low >= 0 for gap in found) and any(
            gap.low is not None and gap.low > 0 for gap in found
        )

    def _surely_not(self, one: str, other: str) -> bool:
        """Whether `one` is surely worse in something, or exactly the same in everything."""
        found = self._behind(one, other)
        is_same = all(gap.low == gap.high == 0.0 for gap in found)
        return is_same or any(gap.high is not None and gap.high < 0 for gap in found)

    def _behind(self, one: str, other: str) -> list[Estimate]:
        """By how much `other` is worse than `one` in each objective, paired; below 0 where it is better."""
        pair = self.variants[other], self.variants[one]
        return [
            difference(metric, *(pair if metric.direction != "higher" else pair[::-1]))
            for metric in self.objectives
        ]

    def estimates(self, name: str) -> list[Estimate]:
        """Each objective of a variant."""
        return [estimate_of(metric, self.variants[name].tallies) for metric in self.objectives]

    def rows(self) -> list[Row]:
        """One row per variant: each objective with its interval, whether it is dominated, by whom, and how surely."""
        found: list[Row] = []
        for name in self.variants:
            row: Row = {"variant": name}
            for metric, estimate in zip(self.objectives, self.estimates(name), strict=True):
                row |= {metric.name: estimate.value}
                row |= {f"{metric.name}_low": estimate.low, f"{metric.name}_high": estimate.high}
            flag = self.flags[name]
            found.append(row | {"dominated": flag.is_dominated, "by": flag.by, "is_sure": flag.is_sure})
        return found

    def to_frame(self) -> pd.DataFrame:
        """The rows as a frame."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null for what is undefined."""
        return {"objectives": [metric.name for metric in self.objectives], "variants": self.rows()}

    def __repr__(self) -> str:
        return f"<{len(self.variants)} variants, on the frontier: {', '.join(self.efficient)}>"

    def _repr_html_(self) -> str:
        """The rows as a table, every text escaped."""
        return html_table(self.rows(), ", ".join(metric.name for metric in self.objectives))

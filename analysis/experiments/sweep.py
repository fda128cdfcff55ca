"""Sweeps: a scenario at many points on the same draws, and which of them is best."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.estimates import Estimate
from analysis.experiments import saved
from analysis.experiments import sweep_rows as rows
from analysis.experiments.axes import axes_of
from analysis.experiments.comparison import Comparison, Difference
from analysis.experiments.decision import rule_of
from analysis.experiments.money import currency_at
from analysis.experiments.place import checked_seed, working_place
from analysis.experiments.points import Point, designed, distinct, named, scenarios_at
from analysis.experiments.replicate import Progress
from analysis.experiments.rounds import same_replications, simulated
from analysis.experiments.tables import framed, html_table
from analysis.format import significant
from analysis.metrics import Metric, metric_of
from analysis.metrics.saved import codec_of
from sim import Scenario

if TYPE_CHECKING:
    import pandas as pd

KIND = "sweep"
"""Kind of a saved sweep."""
REPLICATIONS = 10
"""Replications of each point unless another number is given."""
Vary = Mapping[str | tuple[str, ...], Sequence[Any]] | Sequence[Point]
"""Values by path, of which every combination is a point, or the points themselves."""


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """A scenario at some points, all with the same seed and the same replications."""

    scenario: Scenario
    """As it is written."""
    points: Mapping[str, Point]
    """The varied values by the point's name, in the order of the design."""
    comparison: Comparison
    """The points as variants by name; the baseline is the scenario as written if it is one of them, else the first."""

    @property
    def paths(self) -> tuple[str, ...]:
        """What is varied."""
        return tuple(next(iter(self.points.values())))

    @property
    def currencies(self) -> tuple[str, ...]:
        """For each path the currency's code where it is an amount of money, else an empty text."""
        scenarios = [result.scenario for result in self.comparison.variants.values()]
        return tuple(currency_at(path, *scenarios) for path in self.paths)

    @property
    def is_as_written(self) -> bool:
        """Whether the baseline is the scenario as written."""
        return self.comparison.base.scenario.digest() == self.scenario.digest()

    @property
    def objective(self) -> Metric:
        """What the points are ranked on, or would be: cost per success where nothing says what to choose by."""
        return self.comparison.decision.objective or metric_of("cpst")

    @property
    def is_complete(self) -> bool:
        """Whether no limit stopped any replication and none is missing."""
        return self.comparison.is_complete

    def estimate(self, point: str, metric: Metric | str) -> Estimate:
        """A metric, or the one of that name, at the point of that name over the replications."""
        return self.comparison.estimate(point, metric)

    def difference(self, point: str, metric: Metric | str) -> Difference:
        """A metric, or the one of that name, at a point less that of the baseline."""
        return self.comparison.difference(point, metric)

    def to_frame(self) -> pd.DataFrame:
        """One row per point and replication: the varied values and every metric; an undefined number is NaN."""
        import pandas as pd

        frames = []
        for number, (name, point) in enumerate(self.points.items(), 1):
            frame = self.comparison.variants[name].to_frame()
            for place, (path, value) in enumerate({"point": number, **point}.items()):
                frame.insert(place, path, [value] * len(frame))
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """One row per point and metric: value with interval, and the paired difference to the baseline with interval.

        The intervals of the differences of one metric cover together (Bonferroni over the points).
        """
        return framed(rows.summary(self))

    def standings(self) -> pd.DataFrame:
        """One row per point: objective, whether it meets the conditions, is the best, and is dominated."""
        return framed(rows.standings(self))

    def differences(self) -> pd.DataFrame:
        """One row per point but the baseline and metric: paired and unpaired interval, what pairing bought."""
        return self.comparison.differences().rename(columns={"variant": "point"})

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null for what is undefined."""
        return rows.document(self)

    def save(self, path: Path | str) -> Path:
        """Writes everything into one file that `load` reads back; raises OSError when it cannot be written."""
        document = {
            "scenario": codec_of(Scenario).plain(self.scenario),
            "points": {name: dict(point) for name, point in self.points.items()},
            "comparison": saved.fields_document(self.comparison),
        }
        return saved.write_document(Path(path), KIND, document)

    @classmethod
    def load(cls, path: Path | str) -> Sweep:
        """What `save` wrote; raises SavedResultError for another file, OSError when it cannot be read."""
        return saved.loaded(path, KIND, cls._of)

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Sweep:
        comparison = saved.fields_of(Comparison, document["comparison"])
        return cls(codec_of(Scenario).value(document["scenario"]), document["points"], comparison)

    def __repr__(self) -> str:
        winner = self.comparison.decision.winner or "none"
        return f"<{len(self.points)} points, {self.comparison.replications} replications, winner: {winner}>"

    def _repr_html_(self) -> str:
        """The standings as a table, every text escaped."""
        compared = self.comparison
        head = f"{self.scenario.name} · {compared.replications} replications · seed {compared.base.seed}"
        return html_table(rows.standings(self), head, whole=significant)


def sweep(
    scenario: Scenario,
    vary: Vary,
    replications: int = REPLICATIONS,
    minimise: str | None = None,
    subject_to: Sequence[str] | None = None,
    jobs: int = 1,
    seed: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Sweep:
    """Replicates the scenario at every point with its seed, or `seed`, and the same replications.

    `vary` has the values by dotted path, of which every combination is a point, or the points themselves (as
    `analysis.experiments.points.designed` makes them); in a mapping the key of paths that vary in lock step is a
    tuple of them and its values are tuples too. `variant` is a path as well. A point that comes twice is simulated
    once, with a warning. What to choose by is `decide` as far as `minimise` and `subject_to` do not say.

    Raises ScenarioError with everything that is wrong at any point before anything is simulated; ValueError or
    KeyError for points that are none, a metric or a condition that does not exist; and whatever `replicate` raises.
    An interruption leaves nothing.
    """
    points = _points(scenario, vary)
    rule = rule_of(scenario, minimise, subject_to)
    used = checked_seed(scenario, replications, seed)
    planned = dict(zip(points, scenarios_at(scenario, list(points.values())), strict=True))
    with working_place(executor, jobs) as place:
        done = simulated(planned, range(replications), used, progress, place)
    found = Comparison(same_replications(done), _baseline(scenario, planned), rule, None)
    return Sweep(scenario, points, found)


def _points(scenario: Scenario, vary: Vary) -> dict[str, Point]:
    """The distinct points by name."""
    asked = (
        designed(scenario, list(axes_of(vary)))
        if isinstance(vary, Mapping)
        else [dict(part) for part in vary]
    )
    found = distinct(asked)
    if not found or not all(point and point.keys() == found[0].keys() for point in found):
        raise ValueError("a sweep needs points that all vary the same paths")
    if len(found) < len(asked):
        warnings.warn(f"{len(asked) - len(found)} points came before and are simulated once", stacklevel=3)
    return {named(point): point for point in found}


def _baseline(scenario: Scenario, planned: Mapping[str, Scenario]) -> str:
    """The point that is the scenario as written, or the first."""
    own = scenario.digest()
    return next((name for name, one in planned.items() if one.digest() == own), next(iter(planned)))

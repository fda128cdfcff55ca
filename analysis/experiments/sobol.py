"""Sobol indices: which share of a metric's variance over the ranges of its parameters comes from each of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.estimates import ratio_variance
from analysis.experiments import saved
from analysis.experiments.ends import points_of
from analysis.experiments.one_at_a_time import REPLICATIONS, metrics_of
from analysis.experiments.place import checked_seed, working_place
from analysis.experiments.points import Point, scenario_at, scenarios_at
from analysis.experiments.ranges import BY, Parameters, Ranges, parameters_of
from analysis.experiments.replicate import Progress, part_of
from analysis.experiments.results import Replications, totals_of
from analysis.experiments.rounds import simulated
from analysis.experiments.tables import framed, html_table, spread
from analysis.experiments.variance_shares import Index, design, indices_of
from analysis.format import significant
from analysis.metrics import metric_of
from analysis.metrics.saved import codec_of
from sim import Scenario

if TYPE_CHECKING:
    import pandas as pd

POINTS = 64
"""Rows of the design unless another number is given; each costs a point for every parameter and two more."""
KIND = "sobol"
"""Kind of saved indices."""
BATCH = 64
"""Points that are simulated before their results are folded to numbers."""


@dataclass(frozen=True, eq=False, repr=False)
class SobolIndices:
    """The indices of all parameters, over their ranges."""

    scenario: Scenario
    parameters: Parameters
    points: int
    """Rows of the design: the scenario was simulated at points x (parameters + 2) points."""
    replications: int
    seed: int
    indices: Mapping[str, tuple[Index, ...]]
    """By metric, the largest total first."""
    noise: Mapping[str, float | None]
    """By metric: squared standard error at a point over the variance between points. An upper limit of what the
    noise of the simulation adds, since the draws are the same at every point."""
    is_complete: bool = True
    """Whether no limit stopped any replication and none is missing."""

    def summary(self) -> pd.DataFrame:
        """One row per metric and parameter: first-order and total index with their intervals."""
        return framed(self.rows())

    def to_frame(self) -> pd.DataFrame:
        """The same rows: what the points came to is folded away while it is simulated."""
        return self.summary()

    def rows(self) -> list[dict[str, Any]]:
        """The rows of `summary`."""
        known = {one.path: one for one in self.parameters.varied}
        return [
            {"metric": name, "rank": rank, "parameter": index.path}
            | {"low_value": known[index.path].low, "high_value": known[index.path].high}
            | spread("first_order", index.first) | spread("total", index.total)
            for name, found in self.indices.items() for rank, index in enumerate(found, 1)
        ]  # fmt: skip

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null for what is undefined."""
        return {
            "method": "sobol",
            "scenario": {"name": self.scenario.name, "digest": self.scenario.digest()},
            "seed": self.seed,
            "points": self.points,
            "replications": self.replications,
            "is_complete": self.is_complete,
            "noise": dict(self.noise),
            "indices": self.rows(),
            "left_out": dict(self.parameters.left_out),
        }

    def save(self, path: Path | str) -> Path:
        """Writes everything into one file that `load` reads back; raises OSError when it cannot be written."""
        document = {
            "scenario": codec_of(Scenario).plain(self.scenario),
            "parameters": self.parameters.to_json_dict(),
            "points": self.points,
            "replications": self.replications,
            "seed": self.seed,
            "indices": {
                name: [saved.fields_document(one) for one in found] for name, found in self.indices.items()
            },
            "noise": dict(self.noise),
            "is_complete": self.is_complete,
        }
        return saved.write_document(Path(path), KIND, document)

    @classmethod
    def load(cls, path: Path | str) -> SobolIndices:
        """What `save` wrote; raises SavedResultError for another file, OSError when it cannot be read."""
        return saved.loaded(path, KIND, cls._of)

    @classmethod
    def _of(cls, document: dict[str, Any]) -> SobolIndices:
        scenario = codec_of(Scenario).value(document.pop("scenario"))
        parameters = Parameters.of(scenario, document.pop("parameters"))
        found = document.pop("indices")
        indices = {name: tuple(saved.fields_of(Index, one) for one in rows) for name, rows in found.items()}
        return cls(scenario, parameters, indices=indices, **document)

    def __repr__(self) -> str:
        name, found = next(iter(self.indices.items()))
        return f"<Sobol indices of {len(found)} parameters, {name} depends most on {found[0].path}>"

    def _repr_html_(self) -> str:
        """The indices as a table, every text escaped."""
        columns = ("metric", "rank", "parameter", "first_order", "total")
        return html_table(self.rows(), self.scenario.name, columns, whole=significant)


def sobol_indices(
    scenario: Scenario,
    ranges: Ranges = None,
    metrics: str | Sequence[str] | None = None,
    replications: int = REPLICATIONS,
    points: int = POINTS,
    by: float = BY,
    jobs: int = 1,
    seed: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> SobolIndices:
    """The indices of each parameter over its range, or over the distribution that `uncertain` states.

    `points` is a power of 2; the scenario is simulated at points x (parameters + 2) points, everywhere on the same
    draws, so what is judged is the metric over these replications. Raises what `one_at_a_time` raises, and ValueError
    for fewer than two parameters or too many points.
    """
    used = checked_seed(scenario, replications, seed)
    parameters = parameters_of(scenario, ranges, by)
    rows = design(len(parameters.varied), points, used)
    planned = [
        {one.path: one.at(u) for one, u in zip(parameters.varied, row, strict=True)} for row in rows.tolist()
    ]
    for point in planned:  # a value that a scenario cannot have is found before anything is simulated
        scenario_at(scenario, point)
    names = metrics_of(scenario, metrics, points_of(scenario, parameters).values())
    with working_place(executor, jobs) as place:
        values, variances, is_complete = _folded(
            scenario, planned, names, (replications, used, progress, place)
        )
    indices, noise = {}, {}
    for name in names:
        found = indices_of(values[name], [one.path for one in parameters.varied], points)
        indices[name] = tuple(sorted(found, key=lambda index: -(index.total.value or 0.0)))
        noise[name] = _noise(values[name], variances[name])
    return SobolIndices(scenario, parameters, points, replications, used, indices, noise, is_complete)


def _folded(
    scenario: Scenario,
    planned: Sequence[Point],
    names: Sequence[str],
    how: tuple[int, int, Progress | None, Executor],
) -> tuple[dict[str, list[float | None]], dict[str, list[float | None]], bool]:
    """By metric the value and its variance at every point; the replications themselves are let go."""
    replications, seed, progress, place = how
    values: dict[str, list[float | None]] = {name: [] for name in names}
    variances: dict[str, list[float | None]] = {name: [] for name in names}
    is_complete = True
    for first in range(0, len(planned), BATCH):
        batch = scenarios_at(scenario, planned[first : first + BATCH])
        told = part_of(progress, first * replications, len(planned) * replications)
        named = {str(number): one for number, one in enumerate(batch)}
        for run in simulated(named, range(replications), seed, told, place).values():
            is_complete = is_complete and run.is_complete
            for name in names:
                values[name].append(run.estimate(name).value)
                variances[name].append(_variance(run, name))
    return values, variances, is_complete


def _variance(run: Replications, name: str) -> float | None:
    return ratio_variance(totals_of(metric_of(name), run.tallies))


def _noise(values: Sequence[float | None], variances: Sequence[float | None]) -> float | None:
    """Mean squared standard error over the variance between points; None where either is unknown."""
    known, parts = ([part for part in numbers if part is not None] for numbers in (values, variances))
    between = float(np.var(known)) if known else 0.0
    if len(parts) < len(values) or between == 0.0:
        return None
    return math.fsum(parts) / len(parts) / between

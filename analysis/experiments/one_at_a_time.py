"""One at a time: how much a metric changes with each parameter alone, and which of them matter most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.experiments import saved
from analysis.experiments.decision import difference, rule_of
from analysis.experiments.effects import Effect
from analysis.experiments.ends import BASE, HIGH, LOW, Points, points_of
from analysis.experiments.objectives import is_staffed_alike, objective_of
from analysis.experiments.place import checked_seed, working_place
from analysis.experiments.ranges import BY, Parameters, Ranges, parameters_of
from analysis.experiments.replicate import Progress
from analysis.experiments.results import Replications, estimate_of
from analysis.experiments.tables import confidences, framed, html_table, spread
from analysis.metrics import Metric, metric_of
from analysis.ranking import simultaneous
from sim import Scenario

if TYPE_CHECKING:
    import pandas as pd

REPLICATIONS = 10
"""Replications at each end of each parameter unless another number is given."""
FIRST = 2
"""Replications of parameters that are set aside."""
KIND = "sensitivity"
"""Kind of a saved sensitivity."""


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """A scenario with one parameter at a time at its low and its high value, on the same draws."""

    scenario: Scenario
    metrics: tuple[str, ...]
    """What was asked about; the first one is the objective."""
    parameters: Parameters
    runs: Mapping[tuple[str, str], Replications]
    """By path and end; the scenario as written is at `("", "as written")`."""
    set_aside: tuple[str, ...] = ()
    """Parameters that were looked at with a few replications only, which showed less of an effect."""

    @property
    def base(self) -> Replications:
        """The scenario as written."""
        return self.runs["", BASE]

    @property
    def confidence(self) -> float:
        """Confidence of one interval of a difference, so that the three of all parameters cover together with 95 %.

        Those set aside count: whichever parameters are chosen for what they show, the others' intervals then hold.
        """
        return simultaneous(3 * (len(self.parameters.varied) + len(self.set_aside)))

    @property
    def is_complete(self) -> bool:
        """Whether no limit stopped any replication and none is missing."""
        return all(run.is_complete for run in self.runs.values())

    @cached_property
    def ranking(self) -> dict[str, tuple[Effect, ...]]:
        """The effects by metric: first those that are seen, then the others, the largest first."""
        return {name: self._ranked(metric_of(name)) for name in self.metrics}

    def _ranked(self, metric: Metric) -> tuple[Effect, ...]:
        found = []
        for parameter in self.parameters.varied:
            low, high = self.runs[parameter.path, LOW], self.runs[parameter.path, HIGH]
            ends = [estimate_of(metric, run.tallies) for run in (low, high)]
            pairs = ((low, self.base), (high, self.base), (high, low))
            gaps = [difference(metric, one, other, self.confidence) for one, other in pairs]
            found.append(Effect(parameter, ends[0], ends[1], gaps[0], gaps[1], gaps[2]))
        return tuple(sorted(found, key=lambda effect: (effect.is_seen, effect.size), reverse=True))

    def foremost(self, count: int) -> tuple[str, ...]:
        """The parameters with the largest effects, seen or not, each metric's in turn; one that undoes it is large."""
        orders = [
            sorted(effects, key=lambda effect: -(effect.size if effect.size >= 0 else math.inf))
            for effects in self.ranking.values()
        ]
        in_turn = [effect.parameter.path for rank in zip(*orders, strict=True) for effect in rank]
        return tuple(dict.fromkeys(in_turn))[:count]

    def to_frame(self) -> pd.DataFrame:
        """One row per parameter, end and replication, with every metric; an undefined number is NaN."""
        import pandas as pd

        frames = []
        for (path, end), run in self.runs.items():
            frame = run.to_frame()
            frame.insert(0, "parameter", path)
            frame.insert(1, "end", end)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """One row per metric and parameter, in the order of the ranking: what a tornado chart shows."""
        return framed(self.rows())

    def rows(self) -> list[dict[str, Any]]:
        """The rows of `summary`: values of the parameter, the metric at each with its interval, the difference."""
        return [
            {
                "metric": name, "rank": rank, "parameter": effect.parameter.path,
                "low_value": effect.parameter.low, "base_value": effect.parameter.written,
                "high_value": effect.parameter.high,
                **spread("at_low", effect.at_low), **spread("at_base", self.base.estimate(name)),
                **spread("at_high", effect.at_high), **spread("to_low", effect.to_low),
                **spread("to_high", effect.to_high), **spread("difference", effect.difference),
                "is_seen": effect.is_seen, "unit": metric_of(name).unit_in(self.scenario.currency),
            }
            for name, effects in self.ranking.items()
            for rank, effect in enumerate(effects, 1)
        ]  # fmt: skip

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null for what is undefined."""
        return {
            "method": "one_at_a_time",
            "scenario": {"name": self.scenario.name, "digest": self.scenario.digest()},
            "seed": self.base.seed,
            "replications": len(self.base.tallies),
            "is_complete": self.is_complete,
            "confidence": confidences(self.confidence),
            "ranking": self.rows(),
            "left_out": dict(self.parameters.left_out),
            "set_aside": list(self.set_aside),
        }

    def save(self, path: Path | str) -> Path:
        """Writes everything into one file that `load` reads back; raises OSError when it cannot be written."""
        runs = [[*key, saved.replications_document(run)] for key, run in self.runs.items()]
        document = {
            "metrics": list(self.metrics),
            "parameters": self.parameters.to_json_dict(),
            "runs": runs,
            "set_aside": list(self.set_aside),
        }
        return saved.write_document(Path(path), KIND, document)

    @classmethod
    def load(cls, path: Path | str) -> Sensitivity:
        """What `save` wrote; raises SavedResultError for another file, OSError when it cannot be read."""
        return saved.loaded(path, KIND, cls._of)

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Sensitivity:
        runs = {(path, end): saved.replications_of(run) for path, end, run in document["runs"]}
        scenario = runs["", BASE].scenario
        parameters = Parameters.of(scenario, document["parameters"])
        return cls(scenario, tuple(document["metrics"]), parameters, runs, tuple(document["set_aside"]))

    def __repr__(self) -> str:
        first = self.ranking[self.metrics[0]][0].parameter.path
        return f"<{len(self.parameters.varied)} parameters, {self.metrics[0]} depends most on {first}>"

    def _repr_html_(self) -> str:
        """The ranking as a table, every text escaped."""
        ends = ("low_value", "high_value", "at_low", "at_high")
        columns = ("metric", "rank", "parameter", *ends, "difference")
        return html_table(self.rows(), self.scenario.name, columns)


def one_at_a_time(
    scenario: Scenario,
    ranges: Ranges = None,
    metrics: str | Sequence[str] | None = None,
    replications: int = REPLICATIONS,
    by: float = BY,
    jobs: int = 1,
    seed: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    closely: int | None = None,
) -> Sensitivity:
    """The metric at the low and the high value of each parameter, the others as they are written, and the ranking.

    Which parameters and between which values: see `parameters_of`. The metrics are what the scenario minimises unless
    they are named, where people differ between the points the one that counts idle people too (`objectives`). A value
    that changes no result is not simulated. With `closely` and more parameters than that, all are looked at with two
    replications first, and only so many, those that then change the metrics most, with the others too.

    Raises ScenarioError for values that the scenario cannot have, ValueError or KeyError for paths and metrics that do
    not exist, and what `replicate` raises.
    """
    used = checked_seed(scenario, replications, seed)
    if closely is not None and closely < 1:
        raise ValueError(f"at least 1 parameter is looked at closely, got {closely}")
    parameters = parameters_of(scenario, ranges, by)
    planned = points_of(scenario, parameters)
    names = metrics_of(scenario, metrics, planned.values())
    with working_place(executor, jobs) as place:
        bench = Points(planned, used, place, progress)
        if closely is None or len(parameters.varied) <= closely or replications <= FIRST:
            return Sensitivity(scenario, names, parameters, bench.replicated(range(replications)))
        first = bench.replicated(range(FIRST), after=(replications - FIRST) * (2 * closely + 1))
        kept = Sensitivity(scenario, names, parameters, first).foremost(closely)
        bench.keep(kept)
        runs = bench.replicated(range(FIRST, replications))
    varied = tuple(one for one in parameters.varied if one.path in kept)
    aside = tuple(one.path for one in parameters.varied if one.path not in kept)
    return Sensitivity(scenario, names, Parameters(varied, parameters.left_out), runs, aside)


def metrics_of(
    scenario: Scenario, metrics: str | Sequence[str] | None, points: Iterable[Scenario] = ()
) -> tuple[str, ...]:
    """The metrics to look at, each once: those named, or what the scenario minimises, or cost per success.

    What it minimises is as in a comparison: where people differ between it and the points, idle people count. Raises
    KeyError for one that does not exist.
    """
    if metrics is None:
        rule = rule_of(scenario)
        stated = "cpst" if rule is None else rule.minimise
        metrics = objective_of(stated, is_staffed_alike([scenario, *points])).name
    named = (metrics,) if isinstance(metrics, str) else tuple(metrics)
    return tuple(dict.fromkeys(metric_of(name).name for name in named))

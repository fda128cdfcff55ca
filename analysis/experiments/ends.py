"""Ends: a scenario with each parameter in turn at its low and its high value, replicated in rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

from analysis.experiments.points import scenarios_at
from analysis.experiments.ranges import Parameters
from analysis.experiments.replicate import Progress
from analysis.experiments.results import Replications
from analysis.experiments.rounds import joined, same_replications, simulated
from sim import Scenario

Place = tuple[str, str]
"""Path of a parameter and which end of its range; `("", "as written")` for the scenario as written."""
BASE = "as written"
LOW, HIGH = "low", "high"


def points_of(scenario: Scenario, parameters: Parameters) -> dict[Place, Scenario]:
    """The scenario as written and with each parameter at each of its ends, by path and end."""
    ends = [
        (one.path, end, value)
        for one in parameters.varied
        for end, value in ((LOW, one.low), (HIGH, one.high))
    ]
    changed = scenarios_at(scenario, [{path: value} for path, _, value in ends])
    found = {(path, end): one for (path, end, _), one in zip(ends, changed, strict=True)}
    return {("", BASE): scenario, **found}


class Points:
    """The points of an analysis, replicated in rounds."""

    def __init__(
        self, planned: Mapping[Place, Scenario], seed: int, place: Executor, progress: Progress | None
    ) -> None:
        """The points by path and end, before any replication."""
        self._planned = dict(planned)
        self._seed, self._place, self._progress = seed, place, progress
        self._done: dict[str, Replications] = {}
        self._told = 0

    def keep(self, paths: Sequence[str]) -> None:
        """Only these parameters go on."""
        self._planned = {key: one for key, one in self._planned.items() if key[0] in ("", *paths)}

    def replicated(self, numbers: range, after: int = 0) -> dict[Place, Replications]:
        """The points with these replications too; about `after` will follow in another round."""
        labels = {f"{path} {end}".strip(): (path, end) for path, end in self._planned}
        scenarios = {label: self._planned[key] for label, key in labels.items()}
        before, progress = self._told, self._progress

        def told(done: int, whole: int) -> None:
            self._told = before + done
            if progress is not None:
                progress(before + done, before + whole + after)

        more = simulated(scenarios, numbers, self._seed, told, self._place)
        self._done = joined({label: self._done[label] for label in labels}, more) if self._done else more
        return {labels[label]: run for label, run in same_replications(self._done).items()}

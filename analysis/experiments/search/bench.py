"""The bench: candidates of a search replicated on the same draws, each of them once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from analysis.experiments.place import check_numbers, working_place
from analysis.experiments.replicate import Progress
from analysis.experiments.results import Replications
from analysis.experiments.rounds import simulated
from sim import Scenario


@dataclass(slots=True)
class Bench:
    """Where candidates are replicated; it remembers what it has done."""

    replications: int
    seed: int
    place: Executor
    progress: Progress | None = None
    _done: dict[str, Replications] = field(default_factory=dict)
    """By digest of the scenario."""

    def replicated(self, *scenarios: Scenario) -> list[Replications]:
        """Every scenario replicated; what can only give the same results is simulated once, ever."""
        digests = [scenario.digest() for scenario in scenarios]
        missing = {
            digest: scenario
            for digest, scenario in zip(digests, scenarios, strict=True)
            if digest not in self._done
        }
        if missing:
            numbers = range(self.replications)
            self._done |= simulated(missing, numbers, self.seed, self._told(), self.place)
        return [
            replace(self._done[digest], scenario=scenario)
            for digest, scenario in zip(digests, scenarios, strict=True)
        ]

    def _told(self) -> Progress | None:
        """Progress of what is missing as part of all so far; how much will follow is not known."""
        told, before = self.progress, len(self._done) * self.replications
        if told is None:
            return None
        return lambda done, whole: told(before + done, before + whole)


@contextmanager
def bench(
    replications: int, seed: int, jobs: int, progress: Progress | None, executor: Executor | None
) -> Iterator[Bench]:
    """A bench in this process, in `jobs` processes, or where the caller's executor works, which stays open.

    Raises ValueError for fewer than one replication and for a seed that is none.
    """
    check_numbers(replications, seed)
    with working_place(executor, jobs) as place:
        yield Bench(replications, seed, place, progress)

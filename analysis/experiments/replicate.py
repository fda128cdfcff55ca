"""Replicating: a scenario simulated again and again, each time with other draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.executors import (
    Cluster,
    InProcess,
    Parcel,
    ProcessPool,
    TaskLostError,
    in_order,
    local_executor,
)
from analysis.experiments.results import LogInfo, Replications
from analysis.metrics import Fold, Tally
from sim import Scenario, simulate

Progress = Callable[[int, int], None]
"""Told how many replications are done, of how many."""
Outcome = tuple[Tally, LogInfo]
"""What is kept of one replication."""


def replicate_one(scenario: Scenario, seed: int, replication: int, keep: Path | None = None) -> Outcome:
    """One replication, its log folded away while it runs, or kept in the Parquet file `keep`."""
    fold = Fold(scenario)
    log = simulate(scenario, seed, replication, out=keep, log="folded", folds=[fold])
    return fold.tally(), LogInfo.of(log)


@dataclass(frozen=True, slots=True)
class Work:
    """What every replication of one scenario shares; called with a number, it does that one, wherever it is."""

    scenario: Parcel[Scenario]
    seed: int
    first: int = 0
    keep: Path | None = None
    """Where the log of the first replication is kept."""

    def __call__(self, replication: int) -> Outcome:
        """The replication of this number; an error says which one it was."""
        keep = self.keep if replication == self.first else None
        try:
            return replicate_one(self.scenario.value, self.seed, replication, keep)
        except Exception as error:
            error.add_note(f"in replication {replication} of {self.scenario.value.name!r}, seed {self.seed}")
            raise


def replicate(
    scenario: Scenario,
    replications: int = 10,
    seed: int | None = None,
    first: int = 0,
    progress: Progress | None = None,
    keep: Path | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
) -> Replications:
    """Simulates the replications `first`, `first` + 1, ... of a scenario; `seed` replaces the scenario's.

    They are done in this process, by `jobs` processes of this machine, or by `executor`; the result is the same. The
    log of the first one is kept in the Parquet file `keep`. An interruption (Ctrl-C) after the first gives those that
    are finished. One whose worker dies each time is left out and named. Raises ValueError for fewer than one
    replication or job or a negative first one, TaskLostError when every worker died, and at once any error of a
    replication, with its number as a note.
    """
    if replications < 1 or first < 0:
        raise ValueError(f"replications are at least 1 and count from 0, got {replications} from {first} on")
    work = Work(Parcel(scenario), scenario.seed if seed is None else seed, first, keep)
    done: list[Outcome] = []
    lost: dict[int, str] = {}
    try:
        with _used(executor, jobs) as place:
            for number, future in _futures(place, work, range(first, first + replications), jobs):
                try:
                    done.append(future.result())
                except TaskLostError as error:
                    lost[number] = str(error)
                if progress is not None:
                    progress(len(done) + len(lost), replications)
    except KeyboardInterrupt:
        if isinstance(executor, ProcessPool | Cluster):
            executor.kill()  # nobody will ask for what is in flight
        if not done:
            raise
    if not done:
        raise TaskLostError(f"no replication was finished: {lost[first]}")
    tallies, logs = zip(*done, strict=True)
    is_interrupted = len(done) + len(lost) < replications
    return Replications(scenario, work.seed, tallies, logs, is_interrupted, lost)


def _used(executor: Executor | None, jobs: int) -> AbstractContextManager[Executor]:
    """The caller's executor, which stays open, or one of our own."""
    return local_executor(jobs) if executor is None else nullcontext(executor)


def _futures(
    executor: Executor, work: Work, numbers: range, jobs: int
) -> Iterator[tuple[int, Future[Outcome]]]:
    """The replications in order; one whose log is kept is done here when the executor may be on another machine."""
    if work.keep is not None and not isinstance(executor, InProcess | ProcessPool):
        yield work.first, InProcess().submit(work, work.first)
        work, numbers = replace(work, keep=None), numbers[1:]
    yield from in_order(executor, work, numbers, jobs)

"""Replicating: a scenario simulated again and again, each time with other draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.executors import (
    Cluster,
    InProcess,
    Parcel,
    ProcessPool,
    TaskLostError,
    in_order,
)
from analysis.executors.remembering import RememberingExecutor, bare
from analysis.experiments.place import working_place
from analysis.experiments.results import LogInfo, Logs, Replications
from analysis.metrics import Fold, Packed, Tallies, Tally
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


def part_of(progress: Progress | None, before: int, whole: int) -> Progress | None:
    """Progress of a part of the replications as part of all; `before` of them were done when it began."""
    return None if progress is None else lambda done, _: progress(before + done, whole)


@dataclass(frozen=True, slots=True)
class Work:
    """What every replication of one scenario shares; called with a number, it does that one, wherever it is."""

    scenario: Parcel[Scenario]
    seed: int
    first: int = 0
    keep: Path | None = None
    """Where the log of the first replication is kept."""
    draw_inputs: bool = False
    """Whether each replication draws the values that the scenario calls uncertain."""

    def key(self, replication: int, digest: str) -> str:
        """What tells a replication from all others; `digest` is that of the scenario."""
        plain = f"{digest} seed {self.seed} replication {replication}"
        if not self.draw_inputs:
            return plain
        return f"{plain} inputs {self.scenario.value.input_values(self.seed, replication)}"

    def keeps_log_of(self, replication: int) -> bool:
        """Whether the log of this replication goes into a file besides."""
        return self.keep is not None and replication == self.first

    def __call__(self, replication: int) -> Outcome:
        """The replication of this number; an error says which one it was."""
        keep = self.keep if self.keeps_log_of(replication) else None
        try:
            return replicate_one(self._scenario(replication), self.seed, replication, keep)
        except Exception as error:
            drawn = ", its inputs drawn" if self.draw_inputs else ""
            error.add_note(
                f"in replication {replication} of {self.scenario.value.name!r}, seed {self.seed}{drawn}"
            )
            raise

    def _scenario(self, replication: int) -> Scenario:
        """What this replication simulates."""
        stated = self.scenario.value
        return stated.drawn(self.seed, replication) if self.draw_inputs else stated


def replicate(
    scenario: Scenario,
    replications: int = 10,
    seed: int | None = None,
    first: int = 0,
    progress: Progress | None = None,
    keep: Path | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
    draw_inputs: bool = False,
) -> Replications:
    """Simulates the replications `first`, `first` + 1, ... of a scenario; `seed` replaces the scenario's.

    They are done in this process, by `jobs` processes of this machine, or by `executor`; the result is the same. The
    log of the first one is kept in the Parquet file `keep`. An interruption (Ctrl-C) after the first gives those that
    are finished. One whose worker dies each time is left out and named. With `draw_inputs` each replication has a draw
    of the values that the scenario calls uncertain, in place of those that are written.

    Raises ValueError for fewer than one replication or job or a negative first one, TaskLostError when every worker
    died, and at once any error of a replication, with its number as a note.
    """
    if replications < 1 or first < 0:
        raise ValueError(f"replications are at least 1 and count from 0, got {replications} from {first} on")
    work = Work(Parcel(scenario), scenario.seed if seed is None else seed, first, keep, draw_inputs)
    done, is_interrupted = _Done(), False
    try:
        with working_place(executor, jobs) as place:
            for number, future in _futures(place, work, range(first, first + replications), jobs):
                done.add(number, future)
                if progress is not None:
                    progress(len(done.tallies) + len(done.lost), replications)
    except KeyboardInterrupt:
        if isinstance(executor, ProcessPool | Cluster | RememberingExecutor):
            executor.kill()  # nobody will ask for what is in flight
        if not done.tallies:
            raise
        is_interrupted = True  # after the last one too: whoever asks for more has no executor any longer
    if not done.tallies:
        raise TaskLostError(f"no replication was finished: {done.lost[first]}")
    tallies, logs = Tallies(done.tallies), Logs(done.logs[: len(done.tallies)])
    return Replications(scenario, work.seed, tallies, logs, is_interrupted, done.lost, draw_inputs)


@dataclass(frozen=True, slots=True)
class _Done:
    """What is finished so far, in order, and what was lost."""

    tallies: list[Packed] = field(default_factory=list)
    logs: list[bytes] = field(default_factory=list)
    """Packed; there may be one more than tallies, since an interruption can come between the two."""
    lost: dict[int, str] = field(default_factory=dict)

    def add(self, number: int, future: Future[Outcome]) -> None:
        """Waits for a replication and adds it; raises its error, unless its worker died each time."""
        try:
            tally, log = future.result()
        except TaskLostError as error:
            self.lost[number] = str(error)
        else:
            packed, line = Packed.of(tally), log.line()
            self.logs.append(line)
            self.tallies.append(packed)


def _futures(
    executor: Executor, work: Work, numbers: range, jobs: int
) -> Iterator[tuple[int, Future[Outcome]]]:
    """The replications in order; one whose log is kept is done here when the executor may be on another machine."""
    if work.keep is not None and not isinstance(bare(executor), InProcess | ProcessPool):
        yield work.first, InProcess().submit(work, work.first)
        work, numbers = replace(work, keep=None), numbers[1:]
    yield from in_order(executor, work, numbers, jobs)

"""The candidates that can be compared, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks import chain, textbook
from benchmarks.job import Job
from benchmarks.simulator import LogKind, run_simulator

Candidate = Callable[[str, int, int, Path], Job]
"""From workload, number of tasks, seed and a scratch folder to a simulation ready to start."""

MODELS: dict[str, Callable[[int, int], Sequence[object]]] = {
    "w1": textbook.run_w1,
    "w2": textbook.run_w2,
    "chain": chain.run_chain,
}
"""The text-book models, by workload: from number of tasks and seed to one record a task."""
WORKLOADS = tuple(MODELS)


def textbook_job(workload: str, tasks: int, seed: int, folder: Path) -> Job:
    """The text-book SimPy model; it writes no log, so the folder stays empty."""
    return Job(lambda: len(MODELS[workload](tasks, seed)))


def simulator_job(log: LogKind, workload: str, tasks: int, seed: int, folder: Path) -> Job:
    """The simulator with the null log or the full log."""
    return run_simulator(workload, tasks, log, seed, folder)


CANDIDATES: dict[str, Candidate] = {
    "textbook": textbook_job,
    "simulator-null-log": partial(simulator_job, "null"),
    "simulator-full-log": partial(simulator_job, "full"),
}

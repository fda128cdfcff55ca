"""The candidates that can be compared, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import textbook
from benchmarks.job import Job
from benchmarks.simulator import LogKind, run_simulator

Candidate = Callable[[str, int, int, Path], Job]
"""From workload, number of tasks, seed and a scratch folder to a simulation ready to start."""

WORKLOADS = ("w1", "w2")


def textbook_job(workload: str, tasks: int, seed: int, folder: Path) -> Job:
    """The text-book SimPy model; it writes no log, so the folder stays empty."""
    models: dict[str, Callable[[int, int], list[Any]]] = {"w1": textbook.run_w1, "w2": textbook.run_w2}
    return Job(lambda: len(models[workload](tasks, seed)))


def simulator_job(log: LogKind, workload: str, tasks: int, seed: int, folder: Path) -> Job:
    """The simulator with the null log or the full log."""
    return run_simulator(workload, tasks, log, seed, folder)


CANDIDATES: dict[str, Candidate] = {
    "textbook": textbook_job,
    "simulator-null-log": partial(simulator_job, "null"),
    "simulator-full-log": partial(simulator_job, "full"),
}

"""A job: one prepared simulation, and what it costs to run it once."""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


def nothing_to_close() -> None:
    """The closing of a job that keeps no log."""


@dataclass(frozen=True)
class Job:
    """A simulation that is ready to start: modules imported, scenario loaded."""

    simulate: Callable[[], int]
    """Runs the simulation; the number of tasks it simulated."""
    close: Callable[[], None] = nothing_to_close
    """Finishes the log on disk, where `simulate` has not done so already."""


@dataclass(frozen=True)
class Measurement:
    """What one job cost. Closing is counted apart: it is not part of `seconds` and `cpu_seconds`."""

    tasks: int
    seconds: float
    """Elapsed time of the simulation."""
    cpu_seconds: float
    """Processor time of the simulation, all threads of the process together."""
    closing_seconds: float
    closing_cpu_seconds: float
    starting_memory: int
    """Peak resident bytes before the simulation: interpreter, modules, scenario."""
    peak_memory: int
    """Peak resident bytes of the whole process."""

    @property
    def seconds_per_task(self) -> float:
        """Elapsed time per task, the closing of the log included."""
        return (self.seconds + self.closing_seconds) / self.tasks

    @property
    def cpu_seconds_per_task(self) -> float:
        """Processor time per task, the closing of the log included."""
        return (self.cpu_seconds + self.closing_cpu_seconds) / self.tasks

    @property
    def open_seconds_per_task(self) -> float:
        """Elapsed time per task without the closing of the log."""
        return self.seconds / self.tasks


def peak_memory_bytes() -> int:
    """The largest resident size this process has had; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measure(job: Job) -> Measurement:
    """Run `job` once and measure it."""
    gc.collect()  # rubbish left by imports is not the simulation's
    starting_memory = peak_memory_bytes()
    started, cpu_started = time.perf_counter(), time.process_time()
    tasks = job.simulate()
    simulated, cpu_simulated = time.perf_counter(), time.process_time()
    job.close()
    closed, cpu_closed = time.perf_counter(), time.process_time()
    return Measurement(
        tasks=tasks,
        seconds=simulated - started,
        cpu_seconds=cpu_simulated - cpu_started,
        closing_seconds=closed - simulated,
        closing_cpu_seconds=cpu_closed - cpu_simulated,
        starting_memory=starting_memory,
        peak_memory=peak_memory_bytes(),
    )

"""One measured run in a process of its own: `python -m benchmarks.one_run`, printed as one JSON line."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.candidates import CANDIDATES, WORKLOADS
from benchmarks.job import Measurement, measure

PROJECT = Path(__file__).parent.parent


class RunFailedError(Exception):
    """A measured run ended with an error; the message is what it wrote."""


@dataclass(frozen=True)
class RunRequest:
    """Which run to measure."""

    candidate: str
    workload: str
    tasks: int
    seed: int


def child_environment() -> dict[str, str]:
    """This environment with compiled modules allowed on disk, as on a user's machine."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure_apart(request: RunRequest) -> Measurement:
    """Measure one run in a fresh process, so that memory and caches start clean.

    Raises RunFailedError when the process fails.
    """
    arguments = [request.candidate, request.workload, str(request.tasks), str(request.seed)]
    command = [sys.executable, "-m", "benchmarks.one_run", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=child_environment(), capture_output=True, text=True)
    if done.returncode != 0:
        raise RunFailedError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return Measurement(**json.loads(done.stdout))


def measure_here(request: RunRequest) -> Measurement:
    """Measure one run in this process; imports and loading are done before the clock starts."""
    with tempfile.TemporaryDirectory() as folder:
        prepare = CANDIDATES[request.candidate]
        return measure(prepare(request.workload, request.tasks, request.seed, Path(folder)))


def main() -> None:
    """Read candidate, workload, tasks and seed from the command line; print the measurement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.one_run", description=__doc__)
    parser.add_argument("candidate", choices=CANDIDATES)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("tasks", type=int)
    parser.add_argument("seed", type=int)
    measurement = measure_here(RunRequest(**vars(parser.parse_args())))
    print(json.dumps(asdict(measurement)))


if __name__ == "__main__":
    main()

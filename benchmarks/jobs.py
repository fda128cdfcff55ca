"""Two jobs beside one: `python -m benchmarks.jobs` times the same replications both ways, in alternation."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.paired import positive
from benchmarks.ratios import PairedRatio, paired_ratio

if TYPE_CHECKING:
    from sim import Scenario

SCENARIO = Path(__file__).parent.parent / "scenarios" / "invoice_reconciliation.yaml"


def at_least_two(text: str) -> int:
    """A whole number of at least 2; raises argparse.ArgumentTypeError otherwise."""
    if positive(text) < 2:
        raise argparse.ArgumentTypeError("one job beside one job says nothing; at least 2")
    return positive(text)


def command_line() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jobs", description=__doc__)
    parser.add_argument("--replications", type=positive, default=200, help="replications of each run")
    parser.add_argument(
        "--jobs", type=at_least_two, default=2, help="processes of the run beside that of one"
    )
    parser.add_argument("--pairs", type=positive, default=3, help="how many pairs of runs")
    return parser


@dataclass(frozen=True)
class Timing:
    """What the replications took."""

    seconds: float
    """Elapsed, the start and the end of the worker processes included."""
    share: float
    """Processor time over elapsed time of all jobs: well below 1, something else used the machine."""

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s ({self.share:.0%} of the processors asked for)"


def timing_of(scenario: Scenario, replications: int, jobs: int) -> Timing:
    """Time the replications."""
    from analysis.experiments import replicate

    started, used = time.perf_counter(), processor_seconds()
    replicate(scenario, replications, jobs=jobs)
    elapsed = time.perf_counter() - started
    return Timing(elapsed, (processor_seconds() - used) / (elapsed * jobs))


def processor_seconds() -> float:
    """Processor time of this process and of those it started that have ended."""
    return sum(os.times()[:4])


def measured(scenario: Scenario, replications: int, jobs: int, pairs: int) -> PairedRatio:
    """Time of one job over that of `jobs`, pair by pair; every second pair runs in the opposite order."""
    alone, together = [], []
    for index in range(pairs):
        order = (1, jobs) if index % 2 == 0 else (jobs, 1)
        timings = {number: timing_of(scenario, replications, number) for number in order}
        alone.append(timings[1].seconds)
        together.append(timings[jobs].seconds)
        print(f"pair {index + 1}: one job {timings[1]}, {jobs} jobs {timings[jobs]}", file=sys.stderr)
    return paired_ratio(alone, together)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    options = command_line().parse_args(arguments)
    import sim  # here: worker processes import this module before they are told what to do

    scenario = sim.load(SCENARIO)
    timing_of(scenario, 1, 1)  # imports are not the replications' cost
    ratio = measured(scenario, options.replications, options.jobs, options.pairs)
    spread = f"{ratio.minimum:.2f} to {ratio.maximum:.2f}"
    print(f"{options.jobs} jobs are {ratio.median:.2f} times as fast as one ({spread})")
    return 0


if __name__ == "__main__":
    sys.exit(main())

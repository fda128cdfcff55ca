"""Memory of many replications: `python -m benchmarks.memory` says how many bytes the process that collects them keeps.

Simulating is the workers' part and is left out: each replication comes as a worker process would send it, a copy of
one of a few that were simulated before.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.paired import positive

if TYPE_CHECKING:
    from sim import Scenario

SCENARIO = Path(__file__).parent.parent / "scenarios" / "invoice_reconciliation.yaml"
SIMULATED = 4
"""Replications that are simulated; the others are copies of them."""


class Sending(Executor):
    """Answers every call with the next of a few outcomes, unpacked anew as if a worker had sent it."""

    def __init__(self, outcomes: Sequence[Any]) -> None:
        """An executor that sends these."""
        self._sent = cycle([pickle.dumps(outcome) for outcome in outcomes])

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """The next outcome."""
        future: Future[Any] = Future()
        future.set_result(pickle.loads(next(self._sent)))
        return future


@dataclass(frozen=True)
class Growth:
    """What collecting replications takes."""

    first: int
    """Replications at which memory is looked at for the first time."""
    last: int
    each: float
    """Bytes that one replication between them adds."""
    resident: int
    """Bytes of the whole process at the last."""
    seconds: float
    """Elapsed for the estimates of every metric, all tables and the frame of the last."""

    def __str__(self) -> str:
        return (
            f"{self.first:,} to {self.last:,} replications: {self.each:,.0f} bytes each, "
            f"{self.resident / 1e6:,.0f} MB in all; "
            f"all estimates and tables in {self.seconds:.1f} s"
        )


def measured(scenario: Scenario, first: int, last: int) -> Growth:
    """Collects replications and looks at the memory of this process on the way."""
    from analysis.experiments import replicate, replicate_one

    place = Sending([replicate_one(scenario, scenario.seed, number) for number in range(SIMULATED)])
    seen: dict[int, int] = {}

    def look(done: int, _: int) -> None:
        if done in (first, last):
            gc.collect()
            seen[done] = resident_bytes()

    result = replicate(scenario, last, progress=look, executor=place)
    started = time.perf_counter()
    result.to_json_dict(), result.to_frame()
    each = (seen[last] - seen[first]) / (last - first)
    return Growth(first, last, each, seen[last], time.perf_counter() - started)


def resident_bytes() -> int:
    """Bytes of memory that this process has now; Linux only."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--first", type=positive, default=2_000, help="replications at the first look")
    parser.add_argument("--last", type=positive, default=10_000, help="replications at the second look")
    options = parser.parse_args(arguments)
    if options.last <= options.first:
        parser.error("the second look comes after the first")
    import sim

    print(measured(sim.load(SCENARIO), options.first, options.last))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The simulator as a benchmark job: the only place here that knows how to call it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

from benchmarks.chain import CHAIN_RATE
from benchmarks.job import Job
from benchmarks.textbook import W1_RATE, W2_RATE

SCENARIOS = Path(__file__).parent
RATES = {"w1": W1_RATE, "w2": W2_RATE, "chain": CHAIN_RATE}
"""Arrivals per second, as in the scenario files."""

LogKind = Literal["null", "full"]
"""A log that forgets every row, or one with digest, Arrow stream and closed Parquet file."""


def horizon_for(workload: str, tasks: int) -> str:
    """The simulated time in which `tasks` tasks are expected to arrive, as scenario text."""
    return f"{math.ceil(tasks / RATES[workload])} s"


def run_simulator(workload: str, tasks: int, log: LogKind, seed: int, folder: Path) -> Job:
    """Import the simulator, load the scenario of `workload`, and return the simulation ready to start.

    The number of tasks is Poisson around `tasks`, so costs are read per task simulated. With the full
    log the Parquet file is closed in `folder` before the simulation returns.
    """
    import sim  # here: the memory of a text-book run must not hold the simulator's modules
    import sim.run  # what `sim` would import at the first call is not the simulation's cost

    overrides = {"horizon": horizon_for(workload, tasks), "seed": seed}
    if log == "full":
        import sim.log.arrow  # importing pyarrow is not the simulation's cost
    scenario = sim.load(SCENARIOS / f"{workload}.yaml", overrides=overrides)
    where: dict[str, Any] = {"log": "null"} if log == "null" else {"out": folder / "events.parquet"}
    return Job(lambda: int(sim.simulate(scenario, **where).task_count))

"""The place of an experiment: where it is carried out, with how many replications and which seed."""

from __future__ import annotations

from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext

from analysis.executors import local_executor
from sim import Scenario
from sim.draws import SEED_LIMIT


def working_place(executor: Executor | None, jobs: int) -> AbstractContextManager[Executor]:
    """The caller's executor, which stays open, or one of our own with `jobs` processes of this machine."""
    return local_executor(jobs) if executor is None else nullcontext(executor)


def checked_seed(scenario: Scenario, replications: int, seed: int | None) -> int:
    """The seed to use, by default the scenario's; raises what `check_numbers` does."""
    used = scenario.seed if seed is None else seed
    check_numbers(replications, used)
    return used


def check_numbers(replications: int, seed: int) -> None:
    """Raises ValueError for fewer than one replication, and for a seed that is none."""
    if replications < 1:
        raise ValueError(f"replications are at least 1, got {replications}")
    if not 0 <= seed < SEED_LIMIT:
        raise ValueError(f"a seed is from 0 to 2^63 - 1, got {seed}")

"""Judging a warm-up: some replications are looked at from their start on."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from analysis.executors import InProcess, Parcel, in_order
from analysis.experiments.results import Replications
from analysis.warmup import InSystem, WarmUp, bucket_of, judged
from sim import Scenario, simulate

REPLICATIONS = 10
"""Replications that are looked at."""


LOOKED_AT = 5
"""Replications of a run that are simulated again to judge its warm-up, if it has twice as many."""


@dataclass(frozen=True, slots=True)
class Look:
    """What every replication shares; called with a number, it gives that one's tasks in the system over time."""

    scenario: Parcel[Scenario]
    seed: int

    def __call__(self, replication: int) -> tuple[float, ...]:
        """The series of the replication of this number."""
        scenario = self.scenario.value
        fold = InSystem(scenario.horizon, bucket_of(scenario))
        simulate(scenario, self.seed, replication, log="folded", folds=[fold])
        return fold.series()


def warm_up(
    scenario: Scenario,
    replications: int | Sequence[int] = REPLICATIONS,
    seed: int | None = None,
    executor: Executor | None = None,
) -> WarmUp:
    """Simulates some replications, so many or those of these numbers, and judges the scenario's warm-up by them.

    Raises ValueError for fewer than one, and whatever a replication raises.
    """
    numbers = range(replications) if isinstance(replications, int) else replications
    look = Look(Parcel(scenario), scenario.seed if seed is None else seed)
    done = in_order(executor or InProcess(), look, numbers)
    return judged(scenario, [future.result() for _, future in done])


def warm_up_of(result: Replications, executor: Executor | None = None) -> WarmUp | None:
    """The warm-up of a run, judged by its first replications, which are simulated again.

    They are at most 5 and at most half of them, so that it costs at most half as much again; None for fewer than 4,
    and for what somebody interrupted. Raises whatever a replication raises.
    """
    numbers = [log.replication for log in result.logs[: min(LOOKED_AT, len(result.logs) // 2)]]
    if len(numbers) < 2 or result.is_interrupted:
        return None
    return warm_up(result.scenario, numbers, result.seed, executor)

"""Warm-up: until when a run shows that its queues began empty, by MSER-5 over replications."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.estimates import t_quantile
from sim import Scenario
from sim.log import Block
from sim.log.columns import ARRIVED, NEXT_DELIVER, NEXT_FAIL, UNFINISHED
from sim.quantities import HOUR, WEEK
from sim.workers import HumanRole

if TYPE_CHECKING:
    import pandas as pd

BATCH = 5
"""Numbers that MSER-5 takes the mean of before it looks."""
MOST_BUCKETS = 500
"""Parts that the time until the horizon is cut into where nothing repeats by the week."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How the number of tasks in the system begins, and how long a warm-up it calls for."""

    configured: int
    """Ticks of warm-up in the scenario."""
    advised: int | None
    """Ticks that MSER-5 would leave out; None where it does not settle within half of the horizon."""
    bucket: int
    """Ticks that one number is the mean of."""
    in_system: tuple[float, ...]
    """Tasks in the system, mean over replications, from the start to the horizon."""
    smooth: tuple[float, ...]
    """The same as Welch draws it: a moving average over a week, or over a twentieth of the time."""
    is_too_short: bool
    """Whether more should be left out than is: by MSER-5, and so much that chance does not explain it."""

    def to_json_dict(self) -> dict[str, int | bool | None]:
        """The verdict as plain values, in ticks; the picture's data is in the frame."""
        return {"configured": self.configured, "advised": self.advised, "is_too_short": self.is_too_short}

    def to_frame(self) -> pd.DataFrame:
        """One row per bucket, with its first tick: what Welch's picture shows."""
        import pandas as pd

        ticks = [place * self.bucket for place in range(len(self.in_system))]
        return pd.DataFrame({"tick": ticks, "in_system": self.in_system, "smooth": self.smooth})


class InSystem:
    """A fold: tasks in the system over time, in buckets of equal length up to the horizon."""

    def __init__(self, horizon: int, bucket: int) -> None:
        """A fold for one log."""
        self._bucket = bucket
        self._more = np.zeros(horizon // bucket + 1, dtype=np.int64)
        self._area = np.zeros(horizon // bucket + 1, dtype=np.int64)

    def add(self, block: Block) -> None:
        """Takes the next block."""
        is_end = (block["next"] == NEXT_DELIVER) | (block["next"] == NEXT_FAIL)
        is_end &= block["action"] != UNFINISHED
        for is_step, sign in ((block["action"] == ARRIVED, 1), (is_end, -1)):
            tick = block["tick"][is_step]
            place = np.minimum(tick // self._bucket, len(self._more) - 1)
            np.add.at(self._more, place, sign)
            np.add.at(self._area, place, sign * ((place + 1) * self._bucket - tick))

    def series(self) -> tuple[float, ...]:
        """Mean number of tasks in the system in each whole bucket."""
        before = np.cumsum(self._more) - self._more
        means = before + self._area / self._bucket
        return tuple(means[:-1].tolist())


def bucket_of(scenario: Scenario) -> int:
    """Ticks of one bucket: an hour where the week repeats, else a small part of the horizon."""
    return HOUR if repeats_weekly(scenario) else max(scenario.horizon // MOST_BUCKETS, 1)


def repeats_weekly(scenario: Scenario) -> bool:
    """Whether arrivals or people's work follow a calendar."""
    roles = [scenario.workers[name] for name in scenario.roles_at_work()]
    is_staffed = any(isinstance(role, HumanRole) and role.calendar is not None for role in roles)
    return is_staffed or any(
        getattr(task.arrivals, "during", None) is not None for task in scenario.tasks.values()
    )


def judged(scenario: Scenario, replications: Sequence[Sequence[float]]) -> WarmUp:
    """What the series of some replications say about the scenario's warm-up; raises ValueError without any.

    What repeats by the week is taken out first: MSER-5 would see every Monday as a new beginning. With less than two
    weeks there is nothing to tell the week from a beginning, and then no warm-up is called too short. MSER-5 has an
    opinion about noise, too: what it would leave out besides must also differ from the rest.
    """
    if not replications:
        raise ValueError("a warm-up is judged on at least one replication")
    bucket = bucket_of(scenario)
    mean = [_mean(values) for values in zip(*replications, strict=True)]
    is_weekly, is_long = repeats_weekly(scenario), len(mean) * bucket >= 2 * WEEK
    cycle = WEEK // bucket if is_weekly and is_long else 0
    dropped = mser5(without_cycle(mean, cycle))
    cut, begin = len(mean) // 2 if dropped is None else dropped, -(-scenario.warm_up // bucket)
    regular = [a - b for a, b in zip(mean, without_cycle(mean, cycle), strict=True)]
    can_tell = is_long or not is_weekly
    is_early = can_tell and begin < cut and _differs(replications, regular, begin, cut)
    advised = None if dropped is None else dropped * bucket
    smooth = moving_average(mean, cycle or max(len(mean) // 20, 1))
    return WarmUp(scenario.warm_up, advised, bucket, tuple(mean), tuple(smooth), is_early)


def _differs(replications: Sequence[Sequence[float]], regular: Sequence[float], begin: int, cut: int) -> bool:
    """Whether what is from `begin` to `cut` differs from what follows by more than chance, with 99 %."""
    gaps = []
    for series in replications:
        values = [value - usual for value, usual in zip(series, regular, strict=True)]
        gaps.append(_mean(values[begin:cut]) - _mean(values[cut:]))
    if len(gaps) < 2:
        return False
    centre = _mean(gaps)
    variance = math.fsum((gap - centre) ** 2 for gap in gaps) / (len(gaps) - 1)
    return abs(centre) > t_quantile(len(gaps) - 1, 0.995) * math.sqrt(variance / len(gaps))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def mser5(series: Sequence[float]) -> int | None:
    """How many numbers to leave out at the front; None where the best cut is not in the first half.

    The cut that gives the mean of the rest the smallest standard error, among cuts between batches of 5: the
    marginal standard error rule (White 1997; White, Cobb and Spratt 2000).
    """
    count = len(series) // BATCH
    batches = [_mean(series[k * BATCH : (k + 1) * BATCH]) for k in range(count)]
    if count < 2:
        return None
    errors = [_marginal_error(batches[cut:]) for cut in range(count // 2 + 1)]
    best = min(range(len(errors)), key=errors.__getitem__)
    return None if best == count // 2 else best * BATCH


def _marginal_error(rest: Sequence[float]) -> float:
    centre = _mean(rest)
    return math.fsum((value - centre) ** 2 for value in rest) / len(rest) ** 2


def without_cycle(series: Sequence[float], cycle: int) -> list[float]:
    """Each number less the mean of those at the same place of the cycle; as it is without a cycle."""
    if not cycle:
        return list(series)
    means = [_mean(series[place::cycle]) for place in range(cycle)]
    return [value - means[place % cycle] for place, value in enumerate(series)]


def moving_average(series: Sequence[float], window: int) -> list[float]:
    """The mean of the `window` numbers around each, fewer at both ends (Welch 1983)."""
    reach = window // 2
    sums = [0.0, *np.cumsum(series).tolist()]
    found = []
    for place in range(len(series)):
        near = min(reach, place, len(series) - 1 - place)
        found.append((sums[place + near + 1] - sums[place - near]) / (2 * near + 1))
    return found

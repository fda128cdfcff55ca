"""Stability: whether a role's queue grows without bound, so that waits depend on how long one looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis import estimates
from analysis.estimates import Estimate
from analysis.metrics import RolePart, compared_parts
from analysis.metrics.sums import total
from analysis.warmup import repeats_weekly
from sim.quantities import WEEK

if TYPE_CHECKING:
    from analysis.experiments.results import Replications

CONFIDENCE = 0.99
"""Confidence of the interval of a growth: it has to be above 0 for a queue to be called growing."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How the queue of one role changes in the measured window."""

    role: str
    per_week: Estimate
    """Tasks by which the queue gets longer in a week, with a 99 % interval."""
    offered_load: float | None
    """Work that came for the role, over the work that it could do; None where nobody was there."""
    is_unbounded: bool
    """Whether the queue surely gets longer and as much work came as could be done, or more."""

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "role": self.role,
            "per_week": self.per_week.value,
            "per_week_low": self.per_week.low,
            "per_week_high": self.per_week.high,
            "offered_load": self.offered_load,
            "is_unbounded": self.is_unbounded,
        }


def growths(result: Replications) -> list[Growth]:
    """How the queue of each role changes, over the replications that no limit stopped; empty without any.

    The growth is the mean queue of the window's last third less that of its first, replication by replication. A
    queue that is still filling after a warm-up that is too short grows too, but less work comes than can be done:
    both are asked for. Where arrivals or shifts repeat by the week, less than two weeks tell nothing.
    """
    scenario = result.scenario
    whole = [
        tally.roles
        for tally, log in zip(result.tallies, result.logs, strict=True)
        if log.status == "complete"
    ]
    window = scenario.horizon - scenario.warm_up
    can_tell = not repeats_weekly(scenario) or window >= 2 * WEEK
    return [_growth(parts, window, can_tell) for parts in zip(*whole, strict=True)]


def unbounded(result: Replications) -> list[Growth]:
    """The roles whose queue grows without bound."""
    return [growth for growth in growths(result) if growth.is_unbounded]


def _growth(parts: Sequence[RolePart], window: int, can_tell: bool) -> Growth:
    length, distance = compared_parts(window)
    area = length * distance
    values = [part.queue_growth * WEEK / area if area else None for part in parts]
    per_week = estimates.mean(values, CONFIDENCE)
    load = _offered_load(parts, (per_week.value or 0.0) * window / WEEK)
    is_growing = can_tell and per_week.low is not None and per_week.low > 0
    return Growth(parts[0].name, per_week, load, is_growing and load is not None and load >= 1)


def _offered_load(parts: Sequence[RolePart], grown: float) -> float | None:
    """Work done, and work that was left over in a replication, over the hours that the role was there."""
    present = total(part.present_ticks for part in parts)
    if not present:
        return None
    work, runs = (total(total(getattr(part, name)) for part in parts) for name in ("work_ticks", "runs"))
    left_over = grown * len(parts) * (work / runs if runs else 0.0)
    return (total(part.busy_ticks for part in parts) + left_over) / present

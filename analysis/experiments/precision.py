"""Precision: replicating until intervals are narrow enough, or a limit of runs or time ends it.

Intervals are looked at after 10 replications, and after rounds that grow with what is still missing: a procedure that
looks after every replication stops at the first lucky one, and its intervals cover too seldom (Chow and Robbins 1965;
Law 2015, section 9.4; Robinson 2014, chapter 9). With few looks little of that is left; the tests measure it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.executors import TaskLostError
from analysis.executors.order import window_of
from analysis.experiments.place import working_place
from analysis.experiments.replicate import Progress, part_of, replicate
from analysis.experiments.results import Replications
from analysis.experiments.rounds import joined
from analysis.experiments.time_limit import TimeLimit
from analysis.experiments.widths import Width, Within, width_of, within
from sim import Scenario

FIRST = FEWEST_FOR_CLAIMS
"""Replications after which intervals are looked at first."""
MOST = 1000
"""Replications after which it ends anyhow, unless another number is given."""
GROWTH_FROM, GROWTH_TO = 1.25, 2.0
"""By how much the replications grow from one look to the next, at least and at most."""


@dataclass(frozen=True, slots=True)
class Precision:
    """When to stop replicating: intervals are narrow enough, or there are replications or seconds enough.

    `within` has the half-width by metric: a number in the metric's unit, or a text such as `"2 %"` of its value or
    `"5 s"`. Without any it is about the limits alone. Raises ValueError or KeyError for what cannot be.
    """

    within: Mapping[str, float | str]
    most: int = MOST
    """Replications to end with at the latest."""
    seconds: float | None = None
    """Seconds after which no more replications begin; what was done until then depends on the machine."""

    def __post_init__(self) -> None:
        """Raises ValueError or KeyError for what cannot be reached."""
        if self.most < 1 or (self.seconds is not None and not self.seconds > 0):
            raise ValueError(f"limits are above 0, got {self.most} replications and {self.seconds} seconds")
        tuple(self.goals)

    @property
    def goals(self) -> tuple[Within, ...]:
        """What has to be narrow."""
        return tuple(within(metric, width) for metric, width in self.within.items())

    def first_total(self, replications: int) -> int:
        """Replications at the first look, when so many were asked for: at least 10."""
        return min(max(replications, FIRST), self.most) if self.within else self.most

    def next_total(self, widths: Iterable[Width], done: int) -> int | None:
        """Replications at the next look; None when it is time to stop."""
        missing = [width for width in widths if not width.is_reached]
        if not missing or done >= self.most:
            return None
        wanted = max(width.enough(done) for width in missing)
        total = math.ceil(min(max(wanted, GROWTH_FROM * done), GROWTH_TO * done))
        return min(total, self.most)


@dataclass(frozen=True, slots=True)
class Sought:
    """What came of a search for narrow intervals."""

    widths: tuple[Width, ...]
    stopped_by: str
    """`precision` when all are narrow enough, `replications`, `time` or `interruption` when that came before."""
    most: int
    """Replications to end with at the latest."""
    seconds: float | None
    """Seconds after which no more replications were to begin."""

    @classmethod
    def of(cls, widths: tuple[Width, ...], precision: Precision, is_over: bool) -> Sought:
        """What came of it; `is_over` when time was up before the last look that was planned."""
        is_reached = bool(widths) and all(width.is_reached for width in widths)
        stopped_by = "precision" if is_reached else "time" if is_over else "replications"
        return cls(widths, stopped_by, precision.most, precision.seconds)

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "stopped_by": self.stopped_by,
            "most": self.most,
            "seconds": self.seconds,
            "goals": [width.to_json_dict() for width in self.widths],
        }


@dataclass(frozen=True, slots=True)
class Precise:
    """Replications, and how precise they are."""

    found: Replications
    sought: Sought


def replicate_until(
    scenario: Scenario,
    precision: Precision,
    first: int = FIRST,
    seed: int | None = None,
    progress: Progress | None = None,
    keep: Path | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
) -> Precise:
    """Replicates until every interval asked for is narrow enough, or a limit is reached.

    The intervals are looked at after `first` replications, at least 10, and then after each round. What is found is
    what `replicate` finds with as many replications; an interruption keeps those that are finished, a limit of time
    too. Raises what `replicate` raises.
    """
    limit, is_over = TimeLimit(precision.seconds), False
    with working_place(executor, jobs) as place:
        search = _Search(scenario, seed, progress, keep, place)
        total: int | None = precision.first_total(first)
        while total is not None and not is_over:
            for numbers in limit.portions(range(search.done, total), max(2, window_of(place))):
                search.add(numbers, total)
                if search.found.is_interrupted:
                    return search.ended(precision, is_over)
            is_over = search.done < total
            total = precision.next_total(search.widths(precision), search.done)
    return search.ended(precision, is_over)


class _Search:
    """The replications so far."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None,
        progress: Progress | None,
        keep: Path | None,
        place: Executor,
    ) -> None:
        self._scenario, self._seed, self._progress, self._keep = scenario, seed, progress, keep
        self._place = place
        self._found: Replications | None = None

    @property
    def found(self) -> Replications:
        """What was found; there is something after the first portion."""
        assert self._found is not None
        return self._found

    @property
    def done(self) -> int:
        """Replications that are done or lost."""
        return 0 if self._found is None else len(self._found.logs) + len(self._found.lost)

    def add(self, numbers: range, total: int) -> None:
        """Does some more; an interruption before the first of them ends keeps what was there before."""
        keep = self._keep if numbers.start == 0 else None
        try:
            part = replicate(
                self._scenario,
                len(numbers),
                self._seed,
                numbers.start,
                part_of(self._progress, self.done, total),
                keep,
                executor=self._place,
            )
        except KeyboardInterrupt:
            if self._found is None:
                raise
            self._found = replace(self._found, is_interrupted=True)
            return
        except TaskLostError as error:  # of all these; what was there before is kept
            if self._found is None:
                raise
            lost = {**self._found.lost, **dict.fromkeys(numbers, str(error))}
            self._found = replace(self._found, lost=lost)
            return
        if self._found is None:
            self._found = part
            return
        both = joined({"": self._found}, {"": part})[""]
        self._found = replace(both, is_interrupted=part.is_interrupted)

    def ended(self, precision: Precision, is_over: bool) -> Precise:
        """What has come of it."""
        sought = Sought.of(self.widths(precision), precision, is_over)
        if self.found.is_interrupted:
            sought = replace(sought, stopped_by="interruption")
        return Precise(self.found, sought)

    def widths(self, precision: Precision) -> tuple[Width, ...]:
        """How wide the intervals are."""
        estimates = [(goal, self.found.estimate(goal.metric)) for goal in precision.goals]
        return tuple(width_of(goal, found, found.value) for goal, found in estimates)

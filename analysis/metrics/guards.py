"""What guards did in a run: calls refused, changes of their state, budgets spent before their period was over."""

from __future__ import annotations

from collections import Counter

import numpy as np

from analysis.metrics.layout import Layout
from analysis.metrics.stage_parts import GuardPart
from analysis.metrics.sums import total
from analysis.metrics.words import REFUSALS
from sim.log import NULL, Block
from sim.log.columns import GUARD_CHANGED, REASONS
from sim.rules.routing import Reason

_TRIPS = ("tripped", "opened")
"""Changes with which a guard begins to stop work."""
BUDGET = "budget."
"""What the names of period budgets begin with in the log."""


class GuardsFold:
    """Counts by guard, whatever the task."""

    def __init__(self, layout: Layout) -> None:
        """Nothing happened yet."""
        self._layout = layout
        self._refused: Counter[tuple[str, str]] = Counter()
        self._changes: Counter[tuple[str, str]] = Counter()
        self._first_trips: dict[tuple[str, int], int] = {}
        self._last_tick = 0

    def add(self, block: Block) -> None:
        """Takes the next block."""
        action = block["action"]
        self._last_tick = int(block["tick"][-1]) if len(block) else self._last_tick
        is_refusal = np.isin(block["reason"], REFUSALS)
        rows = np.flatnonzero((is_refusal & (block["type"] != NULL)) | (action == GUARD_CHANGED))
        if not len(rows):
            return
        names = (*block.names["guard"], "")
        columns = (block[column][rows].tolist() for column in ("action", "guard", "reason", "tick"))
        for done, guard, reason, tick in zip(*columns, strict=True):
            counter = self._changes if done == GUARD_CHANGED else self._refused
            counter[names[guard] or REASONS[reason], REASONS[reason]] += 1
            if done == GUARD_CHANGED and reason == int(Reason.TRIPPED):
                self._trip(names[guard], tick)

    def _trip(self, name: str, tick: int) -> None:
        period = self._period(name)
        if period:
            self._first_trips.setdefault((name, tick // period), tick % period)

    def _period(self, name: str) -> int:
        """Ticks of a period of the budget of that name; 0 for other guards."""
        guards = self._layout.scenario.guards
        budget = guards.budgets.get(name.removeprefix(BUDGET)) if guards is not None else None
        return budget.period if budget is not None else 0

    def parts(self) -> tuple[GuardPart, ...]:
        """One part for each guard that showed, by name."""
        names = sorted(dict.fromkeys(name for name, _ in (*self._refused, *self._changes)))
        return tuple(map(self._part, names))

    def _part(self, name: str) -> GuardPart:
        refused, changes = _of(self._refused, name), _of(self._changes, name)
        trips = total(count for reason, count in changes if reason in _TRIPS)
        period = self._period(name)
        return GuardPart(
            name=name,
            refused=refused,
            changes=changes,
            trips=trips if changes else total(count for _, count in refused),
            exhausted=tuple(sorted(tick for (guard, _), tick in self._first_trips.items() if guard == name)),
            periods=-(-max(self._last_tick, 1) // period) if period else 0,
        )


def _of(counter: Counter[tuple[str, str]], name: str) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((reason, count) for (guard, reason), count in counter.items() if guard == name))

"""What happened between the workers of cohort tasks: failures and what followed, hops, doubled actions, sunk cost."""

from __future__ import annotations

import numpy as np

from analysis.metrics.cohort_rows import CohortRows, Flags
from analysis.metrics.layout import Layout
from analysis.metrics.remembered import Remembered
from analysis.metrics.stage_parts import CATEGORIES
from analysis.metrics.sums import Counts, Sums
from analysis.metrics.words import FAILED
from sim.log import NULL
from sim.log.columns import ATTEMPTED, COST_LINES, NEXT_ATTEMPT, NEXT_REDELIVER, REASONS, VALIDATED, Integers
from sim.rules.failures import Outcome
from sim.topology import Action

COUNTS = (
    "defective", "double_sends", "double_work", "repeated_escalations", "flagged_right", "flagged_wrong",
    "passed_right", "passed_wrong", "wrong_again",
)  # fmt: skip
_FLAGGED = int(Outcome.FLAGGED)


class WorkByChain:
    """Counts and sums by task type."""

    def __init__(self, layout: Layout) -> None:
        """All numbers 0."""
        self.size = len(layout.types)
        self._counts = {name: Counts(self.size) for name in COUNTS}
        self.failed_reasons = Counts(self.size * len(REASONS))
        self.failures = Counts(self.size * len(CATEGORIES) * len(REASONS))
        self.retries = Counts(self.size * len(CATEGORIES))
        self.hops, self.repeat_cost, self.sunk = Sums(self.size), Sums(self.size), Sums(self.size)
        self.most_hops = np.zeros(self.size, np.int64)
        self._may_fail = np.array([_may_fail(layout, name) for name in layout.types], np.bool_)
        self._spent = Remembered(1)

    @property
    def nbytes(self) -> int:
        """Bytes remembered of tasks that are in the system."""
        return self._spent.nbytes

    def add(self, rows: CohortRows) -> None:
        """Takes the next rows."""
        types, reason = rows["type"], rows["reason"]
        is_right, is_validated = rows["is_right"] == 1, rows["action"] == VALIDATED
        is_flagged, is_doubled = rows["outcome"] == _FLAGGED, rows["doubled"] == 1
        for name, is_so in (
            ("defective", rows.is_defective),
            ("double_sends", is_doubled & rows.passes.has_lost),
            ("double_work", is_doubled & ~rows.passes.has_lost),
            ("repeated_escalations", rows.is_repeated),
            ("flagged_right", is_validated & is_flagged & is_right),
            ("flagged_wrong", is_validated & is_flagged & ~is_right),
            ("passed_right", is_validated & ~is_flagged & is_right),
            ("passed_wrong", is_validated & ~is_flagged & ~is_right),
            ("wrong_again", (rows["next"] == NEXT_REDELIVER) & (rows["is_right"] == 0)),
        ):
            if is_so.any():
                self._counts[name].add(types[is_so])
        is_failed = rows.end == FAILED
        self.failed_reasons.add(types[is_failed] * len(REASONS) + reason[is_failed])
        category = rows["outcome"] - int(Outcome.TRANSIENT)
        is_failure = (rows["action"] == ATTEMPTED) & (category >= 0) & (category < len(CATEGORIES))
        places = (types * len(CATEGORIES) + category) * len(REASONS) + reason
        self.failures.add(places[is_failure])
        is_retried = is_failure & (rows["next"] == NEXT_ATTEMPT)
        self.retries.add((types * len(CATEGORIES) + category)[is_retried])
        self._add_hops(rows, types)
        self._add_costs(rows, types)

    def _add_hops(self, rows: CohortRows, types: Integers) -> None:
        hop, is_ended = np.maximum(rows["hop"], 0), (rows.end == FAILED) | rows.is_delivered
        self.hops.add(types[is_ended], hop[is_ended])
        np.maximum.at(self.most_hops, types, hop)

    def _add_costs(self, rows: CohortRows, types: Integers) -> None:
        is_repeat, may_fail = rows["pass"] > 1, self._may_fail[types]
        if not is_repeat.any() and not may_fail.any():
            return
        cost = np.zeros(len(types), np.int64)
        for line in COST_LINES:
            cost += np.maximum(rows[line], 0)
        self.repeat_cost.add(types[is_repeat], cost[is_repeat])
        if may_fail.any():
            self._add_sunk(rows, types, cost, may_fail)

    def _add_sunk(self, rows: CohortRows, types: Integers, cost: Integers, may_fail: Flags) -> None:
        """Books what a failed task had cost; what a task that goes on has cost is remembered."""
        keys, task = np.unique((types << 40 | rows["task"])[may_fail], return_inverse=True)
        spent = np.maximum(self._spent.find(keys)[0], 0)
        np.add.at(spent, task, cost[may_fail])
        end = np.full(len(keys), NULL, np.int64)
        np.maximum.at(end, task, rows.end[may_fail])
        self.sunk.add(keys[end == FAILED] >> 40, spent[end == FAILED])
        goes_on = end == NULL
        self._spent.replace(keys, keys[goes_on], spent[goes_on][None, :])

    def counts(self) -> dict[str, list[int]]:
        """The counts by name, then by type."""
        return {name: counts.totals() for name, counts in self._counts.items()}


def _may_fail(layout: Layout, type_id: str) -> bool:
    """Whether a task of this type may fail at all: most plain flows end with a person."""
    place = layout.types.index(type_id)
    flow = layout.scenario.flow(type_id, layout.scenario.stages(type_id)[0])
    return not layout.is_plain[place] or any(step.action is Action.FAIL for step in flow.steps)

"""Work at cohort tasks: counts and sums by task type, by role and by position."""

from __future__ import annotations

import numpy as np

from analysis.metrics.cohort_rows import CohortRows, Flags
from analysis.metrics.layout import Layout
from analysis.metrics.sums import Counts, Sums
from analysis.metrics.tally import WAIT_EDGES, PositionPart, Waits
from analysis.metrics.words import ACTIVITIES, CUT_OFF, ESCALATIONS, FAILED
from sim.calendars import Calendar
from sim.log import NULL
from sim.log.columns import (
    ACTIONS,
    CLARIFIED,
    COST_LINES,
    DISCOVERED,
    OUTCOMES,
    REASONS,
    REVIEWED,
    UNFINISHED,
    VALIDATED,
    Integers,
)  # fmt: skip
from sim.rules.failures import Outcome

FATES = (
    "delivered", "right", "wrong_by_agent", "wrong_by_person", "failed", "unfinished", "within_sla", "corrected",
)  # fmt: skip
"""What may become of a task; several may be true of one."""
VERDICTS = (int(Outcome.APPROVED), int(Outcome.REVISED), int(Outcome.REJECTED))
"""Outcomes of a review."""
PEOPLE_LINES = ("human_execution", "human_review", "rework")
"""Ledger lines of people's work."""


class WorkByType:
    """Fates, rows, costs and times of cohort tasks by type."""

    def __init__(self, layout: Layout) -> None:
        """All numbers 0."""
        self._layout, size = layout, len(layout.types)
        self.fates, self.escalated = Counts(size * len(FATES)), Counts(size * len(ESCALATIONS))
        self.actions, self.reasons = Counts(size * len(ACTIONS)), Counts(size * len(REASONS))
        self.outcomes, self.costs = Counts(size * len(OUTCOMES)), Sums(size * len(COST_LINES))
        self.cycle, self.waited, self.people = Sums(size), Sums(size), Sums(size * len(ACTIVITIES))
        self.damage = Sums(size)
        self._sla = _service_levels(layout)

    def add(self, rows: CohortRows, waits: Integers, work: Integers) -> None:
        """Takes rows with their waits and work in ticks, NULL for none."""
        types = rows["type"]
        self._add_fates(rows, types)
        for counts, codes, names in (
            (self.escalated, rows.escalation, ESCALATIONS),
            (self.actions, rows["action"], ACTIONS),
            (self.reasons, rows["reason"], REASONS),
            (self.outcomes, rows["outcome"], OUTCOMES),
        ):
            is_given = codes >= 0
            counts.add(types[is_given] * len(names) + codes[is_given])
        for place, line in enumerate(COST_LINES):
            self.costs.add(types * len(COST_LINES) + place, np.maximum(rows[line], 0))
        self.damage.add(types, np.maximum(rows["damage"], 0))
        _add_given(self.cycle, types, rows.time)
        _add_given(self.waited, types, waits)
        is_person = (work >= 0) & self._layout.is_person[rows["role"]]
        self.people.add(types[is_person] * len(ACTIVITIES) + rows.activity[is_person], work[is_person])

    def _add_fates(self, rows: CohortRows, types: Integers) -> None:
        is_right, is_delivered = rows["is_right"] == 1, rows.is_delivered
        is_wrong = is_delivered & ~is_right
        by_person = self._layout.by_person(rows.author)
        fates = (
            is_delivered,
            (is_delivered & is_right) | rows.is_mended,
            is_wrong & ~by_person,
            is_wrong & by_person,
            rows.end == FAILED,
            rows.end == CUT_OFF,
            self._is_within_sla(rows, types, is_delivered),
            rows.is_mended,
        )
        for place, is_so in enumerate(fates):
            self.fates.add(types[is_so] * len(FATES) + place)

    def _is_within_sla(self, rows: CohortRows, types: Integers, is_delivered: Flags) -> Flags:
        is_within = np.zeros(len(types), np.bool_)
        ticks = rows["tick"]
        for code, (limit, calendar) in self._sla.items():
            of_type = np.flatnonzero(is_delivered & (types == code))
            ended, taken = ticks[of_type], rows.time[of_type]
            if calendar is not None:
                taken = calendar.open_ticks_block(ended) - calendar.open_ticks_block(ended - taken)
            is_within[of_type] = taken <= limit
        return is_within


def _service_levels(layout: Layout) -> dict[int, tuple[int, Calendar | None]]:
    """Ticks and calendar (None for elapsed time) of each type that has a service level."""
    levels = {}
    for code, name in enumerate(layout.types):
        sla = layout.scenario.tasks[name].sla
        if sla is not None:
            levels[code] = sla.ticks, layout.scenario.calendar(sla.calendar) if sla.calendar else None
    return levels


def _add_given(sums: Sums, places: Integers, values: Integers) -> None:
    is_given = values >= 0
    sums.add(places[is_given], values[is_given])


class WorkByRole:
    """Waits, work and verdicts at cohort tasks by role."""

    def __init__(self, layout: Layout) -> None:
        """All numbers 0."""
        size = len(layout.roles) * len(ACTIVITIES)
        self.wait_counts, self.wait_ticks = Counts(size), Sums(size)
        self.longest = np.zeros(size, np.int64)
        self.histogram = Counts(len(layout.roles) * (len(WAIT_EDGES) + 1))
        self.runs, self.work_ticks = Counts(size), Sums(size)
        self.verdicts = Counts(len(layout.roles) * 2 * len(VERDICTS))
        self._layout, self.deliveries = layout, Counts(len(layout.roles))

    def add(self, rows: CohortRows, waits: Integers, work: Integers) -> None:
        """Takes rows with their waits and work in ticks, NULL for none."""
        role = rows["role"]
        places = role * len(ACTIVITIES) + rows.activity
        waited, worked = waits >= 0, work >= 0
        self.wait_counts.add(places[waited])
        self.wait_ticks.add(places[waited], waits[waited])
        np.maximum.at(self.longest, places[waited], waits[waited])
        lengths = np.searchsorted(np.array(WAIT_EDGES), waits[waited], side="right")
        self.histogram.add(role[waited] * (len(WAIT_EDGES) + 1) + lengths)
        self.runs.add(places[worked])
        self.work_ticks.add(places[worked], work[worked])
        is_verdict = rows["action"] == REVIEWED
        verdict = rows["outcome"][is_verdict] - VERDICTS[0]
        is_wrong = 1 - rows["is_right"][is_verdict]
        delivered = rows.maker[rows.is_delivered]
        self.deliveries.add(self._layout.role_of[delivered[delivered != NULL]])
        self.verdicts.add((role[is_verdict] * 2 + is_wrong) * len(VERDICTS) + verdict)

    def waits(self) -> list[tuple[Waits, ...]]:
        """Waits by activity in each role's queue."""
        waits = list(map(Waits, self.wait_counts.totals(), self.wait_ticks.totals(), self.longest.tolist()))
        return [
            tuple(waits[place : place + len(ACTIVITIES)]) for place in range(0, len(waits), len(ACTIVITIES))
        ]


class WorkByPosition:
    """Work at cohort tasks by worker, and what it cost people to check and correct it."""

    def __init__(self, layout: Layout) -> None:
        """All numbers 0."""
        size = layout.worker_count
        self._layout = layout
        self.starts, self.finished, self.good = Counts(size), Counts(size), Counts(size)
        self.work_ticks, self.costs = Sums(size), Sums(size * len(COST_LINES))
        self.wrong_deliveries, self.correction = Counts(size), Sums(size)
        self.found, self.found_cost = Counts(size), Sums(size)

    def add(self, rows: CohortRows, work: Integers) -> None:
        """Takes rows with their work in ticks, NULL for none."""
        worker, is_right = rows.worker, rows["is_right"]
        did = worker >= 0
        self.starts.add(worker[did])
        self.finished.add(worker[did & (rows["action"] != UNFINISHED)])
        self.good.add(worker[did & _is_good(rows)])
        self.work_ticks.add(worker[did], work[did])
        for place, line in enumerate(COST_LINES):
            self.costs.add(worker[did] * len(COST_LINES) + place, np.maximum(rows[line][did], 0))
        self.wrong_deliveries.add(rows.author[rows.is_delivered & (is_right == 0)])
        is_agents = (rows.maker_before >= 0) & ~self._layout.by_person(rows.maker_before)
        for line in PEOPLE_LINES:
            self.correction.add(rows.maker_before[is_agents], rows[line][is_agents])
        self._add_corrections(rows)

    def _add_corrections(self, rows: CohortRows) -> None:
        """What a client found, and what its correction cost, is booked on whoever caused it (row BE-11)."""
        is_known = rows.author >= 0
        self.found.add(rows.author[is_known & (rows["action"] == DISCOVERED)])
        is_corrected = is_known & (rows["correction"] > 0)
        author, cost = rows.author[is_corrected], rows["correction"][is_corrected]
        self.found_cost.add(author, cost)
        self.correction.add(author, cost)

    def parts(self, busy: list[int]) -> list[PositionPart]:
        """One part per worker, given their ticks of work in the window."""
        first = self._layout.first_worker[self._layout.role_of[:-1]]
        columns = (
            (np.arange(len(first)) - first + 1).tolist(),
            self.starts.totals(),
            self.finished.totals(),
            self.good.totals(),
            self.work_ticks.totals(),
            self.costs.grouped(len(COST_LINES)),
            self.wrong_deliveries.totals(),
            self.correction.totals(),
            self.found.totals(),
            self.found_cost.totals(),
            busy,
        )
        return [PositionPart(*values) for values in zip(*columns, strict=True)]


def _is_good(rows: CohortRows) -> Flags:
    """Whether each piece of work was right: a verdict by what was judged, an answer always, else the own work."""
    action, outcome, is_right = rows["action"], rows["outcome"], rows["is_right"] == 1
    is_good = np.where(rows["own_right"] == NULL, is_right, rows["own_right"] == 1)
    is_good = np.where(action == REVIEWED, (outcome == VERDICTS[0]) == is_right, is_good)
    is_good = np.where(action == VALIDATED, (outcome == int(Outcome.PASSED)) == is_right, is_good)
    good: Flags = is_good | (action == CLARIFIED)
    return good

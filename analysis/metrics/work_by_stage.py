"""Passes of cohort tasks through each stage: where defects are born and caught, and what a stage takes."""

from __future__ import annotations

from collections import Counter

import numpy as np

from analysis.metrics.cohort_rows import CohortRows, Flags
from analysis.metrics.layout import Layout
from analysis.metrics.stage_parts import CATEGORIES, CHECKS, DELIVERED, DefectFlow, StagePart
from analysis.metrics.sums import Counts, Sums
from sim.log import NULL
from sim.log.columns import (
    ATTEMPTED,
    COST_LINES,
    DISCOVERED,
    EXECUTED,
    NEXT_ATTEMPT,
    NEXT_BRANCH,
    NEXT_CORRECT,
    NEXT_DELIVER,
    NEXT_FAIL,
    NEXT_JOIN,
    REASONS,
    REVIEWED,
    UNFINISHED,
    VALIDATED,
    VERIFIED,
    Integers,
)  # fmt: skip
from sim.rules.failures import Outcome
from sim.rules.routing import Reason

END, JOIN, FORK = -1, -2, -3
"""Where a pass may lead besides another stage: to the end of the task, to the join of its branch, to branches."""
_CHECK_OF = np.full(len(REASONS), NULL, np.int64)
for _check, _reasons in (
    ("confidence", (Reason.LOW_CONFIDENCE, Reason.SELF_RETRY, Reason.HANDED_TO_PEER, Reason.NEXT_TIER)),
    ("value", (Reason.HIGH_VALUE,)),
    ("premature", (Reason.PREMATURE,)),
    ("upstream", (Reason.UPSTREAM_DEFECT,)),
):
    _CHECK_OF[[int(reason) for reason in _reasons]] = CHECKS.index(_check)
_APPROVED, _FLAGGED = int(Outcome.APPROVED), int(Outcome.FLAGGED)
_COUNTS = (
    "ended", "cut", "repeats", "born_by_agent", "born_by_person", "inherited", "amplified", "repaired",
    "wrong_work", "agent_passes", "agent_failures", "escaped", "attempts", "retries", "hand_offs",
)  # fmt: skip


class WorkByStage:
    """Counts and sums by stage, where passes lead, and the ways of defects."""

    def __init__(self, layout: Layout) -> None:
        """All numbers 0."""
        self._layout, size = layout, len(layout.stages)
        self._counts = {name: Counts(size) for name in _COUNTS}
        self._caught, self._failures = Counts(size * len(CHECKS)), Counts(size * len(CATEGORIES))
        self._waited, self._hand_off, self._people = Sums(size), Sums(size), Sums(size)
        self._costs, self._made_by = Sums(size * len(COST_LINES)), Counts(size * len(layout.roles))
        self.led_to: Counter[tuple[int, int]] = Counter()
        """Passes in which the agents left no defect, by stage and by where they led."""
        self._ways: Counter[tuple[int, int, int]] = Counter()

    def add(self, rows: CohortRows, waits: Integers, work: Integers) -> None:
        """Takes rows with their waits and work in ticks, NULL for none."""
        stage = rows.passes.stage
        self._add_passes(rows, stage)
        self._add_attempts(rows, stage)
        self._add_defects(rows, stage)
        is_known = stage != NULL
        for sums, values, is_given in (
            (self._waited, waits, waits >= 0),
            (self._hand_off, rows.passes.hand_off, rows.passes.hand_off >= 0),
            (self._people, work, (work >= 0) & self._layout.is_person[rows["role"]]),
        ):
            sums.add(stage[is_known & is_given], values[is_known & is_given])
        for place, line in enumerate(COST_LINES):
            values = rows[line]
            is_paid = is_known & (values > 0)
            self._costs.add(stage[is_paid] * len(COST_LINES) + place, values[is_paid])

    def _count(self, name: str, places: Integers) -> None:
        if len(places):
            self._counts[name].add(places)

    def _add_passes(self, rows: CohortRows, stage: Integers) -> None:
        """How passes ended, and those that were cut off or that began where another stage had ended."""
        passes = rows.passes
        is_end = passes.is_end & (stage != NULL)
        is_wrong = rows["is_right"] == 0
        is_tainted, is_born = passes.inherited == 1, is_wrong & (passes.born == stage)
        by_person = self._layout.by_person(rows.maker)
        is_cut = (rows["action"] == UNFINISHED) & ~np.isin(rows["next"], (NEXT_CORRECT, NEXT_JOIN))
        for name, is_so in (
            ("ended", is_end),
            ("repeats", is_end & (rows["pass"] > 1)),
            ("born_by_agent", is_end & is_born & ~is_tainted & ~by_person),
            ("born_by_person", is_end & is_born & ~is_tainted & by_person),
            ("inherited", is_end & is_tainted),
            ("amplified", is_end & is_tainted & (passes.own_right == 0)),
            ("repaired", is_end & is_tainted & (rows["is_right"] == 1)),
            ("agent_passes", (passes.agent_failed != NULL) & (passes.inherited != 1)),
            ("agent_failures", (passes.agent_failed == 1) & (passes.inherited != 1)),
            ("cut", is_cut & (stage != NULL)),
            ("hand_offs", (passes.hand_off != NULL) & (stage != NULL)),
        ):
            self._count(name, stage[is_so])
        has_output = is_end & (rows.maker != NULL) & (rows["is_right"] != NULL)
        role = self._layout.role_of[rows.maker[has_output]]
        self._made_by.add(stage[has_output] * len(self._layout.roles) + role)
        self._add_ways(rows, stage, is_end)

    def _add_ways(self, rows: CohortRows, stage: Integers, is_end: Flags) -> None:
        """Where passes without a defect of agents led."""
        is_clean = is_end & (rows.passes.has_failed != 1)
        for following, target in (
            (NEXT_DELIVER, END),
            (NEXT_FAIL, END),  # for no fault of the agents: the stage was passed too often, say
            (NEXT_JOIN, JOIN),
            (NEXT_BRANCH, FORK),
        ):
            places = stage[is_clean & (rows["next"] == following)]
            for place, count in zip(*_counted(places), strict=True):
                self.led_to[place, target] += count
        is_next = rows.passes.is_clean_before & (stage != NULL)
        pairs = rows.passes.came_from[is_next] << 32 | stage[is_next]
        for pair, count in zip(*_counted(pairs), strict=True):
            self.led_to[pair >> 32, pair & 0xFFFFFFFF] += count

    def _add_attempts(self, rows: CohortRows, stage: Integers) -> None:
        is_attempt = (rows["action"] == ATTEMPTED) & (stage != NULL)
        is_work = np.isin(rows["action"], (ATTEMPTED, EXECUTED)) & (stage != NULL)
        own_right = np.where(rows["own_right"] == NULL, rows["is_right"], rows["own_right"])
        self._count("wrong_work", stage[is_work & (own_right == 0)])
        category = rows["outcome"] - int(Outcome.TRANSIENT)
        is_failure = is_attempt & (category >= 0) & (category < len(CATEGORIES))
        self._count("attempts", stage[is_attempt])
        self._failures.add(stage[is_failure] * len(CATEGORIES) + category[is_failure])
        self._count("retries", stage[is_failure & (rows["next"] == NEXT_ATTEMPT)])

    def _add_defects(self, rows: CohortRows, stage: Integers) -> None:
        """Wrong outputs that were caught, by what and where, and those that were delivered."""
        check, born = _checks(rows), np.where(rows.passes.born == NULL, stage, rows.passes.born)
        is_caught, is_here = check != NULL, check != CHECKS.index("client")
        self._caught.add((stage * len(CHECKS) + check)[is_caught & is_here & (stage != NULL)])
        is_escape = rows.is_delivered & (rows["is_right"] == 0)
        self._count("escaped", born[is_escape & (born != NULL)])
        to = np.where(is_escape, len(CHECKS), check)
        at = np.where(is_here, stage, NULL)
        is_way = (to != NULL) & (born != NULL)
        ways = (born << 32 | (at + 1) << 8 | to)[is_way]
        for way, count in zip(*_counted(ways), strict=True):
            self._ways[way >> 32, (way >> 8 & 0xFFFFFF) - 1, way & 0xFF] += count

    def parts(self) -> tuple[StagePart, ...]:
        """One part for each stage."""
        counts = {name: counts.totals() for name, counts in self._counts.items()}
        arrivals = map(int.__add__, counts["ended"], counts["cut"])
        columns = (
            *zip(*self._layout.stages, strict=True), arrivals,
            *(counts[name] for name in (
                "ended", "repeats", "born_by_agent", "born_by_person", "inherited", "amplified", "repaired",
                "wrong_work", "agent_passes", "agent_failures",
            )),
            self._caught.grouped(len(CHECKS)), counts["escaped"], self._failures.grouped(len(CATEGORIES)),
            counts["attempts"], counts["retries"], self._waited.totals(), counts["hand_offs"],
            self._hand_off.totals(), self._people.totals(), self._costs.grouped(len(COST_LINES)),
            self._made_by.grouped(len(self._layout.roles)),
        )  # fmt: skip
        return tuple(StagePart(*values) for values in zip(*columns, strict=True))

    def defects(self) -> tuple[DefectFlow, ...]:
        """The ways of defects, in the order of the workflows."""
        names = (*CHECKS, DELIVERED)
        found = []
        for (born, at, to), count in sorted(self._ways.items()):
            (type_id, stage), where = self._layout.stages[born], self._layout.stages[at][1] if at >= 0 else ""
            found.append(DefectFlow(type_id, stage, where, names[to], count))
        return tuple(found)


def _checks(rows: CohortRows) -> Integers:
    """Place in CHECKS of what caught the wrong output of each row, NULL where nothing did.

    What an agent noticed in what it was given counts even where it left no output.
    """
    action, outcome, is_wrong = rows["action"], rows["outcome"], rows["is_right"] == 0
    upstream = CHECKS.index("upstream")
    check = np.where(action == ATTEMPTED, _CHECK_OF[rows["reason"]], NULL)
    check = np.where(is_wrong | ((check == upstream) & (rows.passes.inherited == 1)), check, NULL)
    for done, is_found, name in (
        (VALIDATED, outcome == _FLAGGED, "validator"),
        (REVIEWED, outcome != _APPROVED, "reviewer"),
        (VERIFIED, outcome == _FLAGGED, "verification"),
        (DISCOVERED, np.True_, "client"),
    ):
        check = np.where((action == done) & is_found & is_wrong, CHECKS.index(name), check)
    return check


def _counted(values: Integers) -> tuple[list[int], list[int]]:
    """The values that there are, and how often."""
    known, counts = np.unique(values, return_counts=True)
    return known.tolist(), counts.tolist()

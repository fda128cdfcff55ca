"""The fold of metrics: takes the blocks of a log, live or saved, and ends in a Tally."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.metrics.cohort import ACTIVITIES, ESCALATIONS, Cohort
from analysis.metrics.layout import Layout
from analysis.metrics.quantiles import quantile
from analysis.metrics.sums import total
from analysis.metrics.tally import QUANTILES, WAIT_EDGES, Part, RolePart, Tally
from analysis.metrics.window import WindowFold
from analysis.metrics.work import FATES, VERDICTS, WorkByPosition, WorkByRole, WorkByType
from sim.errors import InvariantError
from sim.log import NULL, Block, Log
from sim.log.columns import ACTIONS, COST_LINES, OUTCOMES, REASONS, Integers
from sim.quantities import nano
from sim.scenario import Scenario
from sim.workers import HumanRole


class Fold:
    """A sink that adds up one replication; pass it to `simulate(folds=[...])`.

    It remembers 13 bytes of each cohort task, at most 16 with room to grow; nothing else grows with the run.
    """

    def __init__(self, scenario: Scenario) -> None:
        """A fold for one log of this scenario."""
        self._layout = Layout(scenario)
        self._cohort, self._window = Cohort(self._layout), WindowFold(self._layout)
        self._types, self._roles = WorkByType(self._layout), WorkByRole(self._layout)
        self._positions = WorkByPosition(self._layout)
        self._tally: Tally | None = None

    def add(self, block: Block) -> None:
        """Takes the next block; raises ValueError when it is of another scenario's log, or comes too late."""
        if self._tally is not None:
            raise ValueError("a fold that was asked for its tally takes no more blocks")
        self._layout.check(block)
        self._window.add(block)
        rows = self._cohort.add(block)
        queued, started, ended = rows["queued"], rows["started"], rows["ended"]
        work = np.where(started >= 0, ended - started, NULL)
        waits = np.where(queued >= 0, np.where(started >= 0, started, ended) - queued, NULL)
        self._types.add(rows, waits, work)
        self._roles.add(rows, waits, work)
        self._positions.add(rows, work)

    def tally(self) -> Tally:
        """The tally of all blocks; raises InvariantError when a task was lost (row MR-13)."""
        if self._tally is None:
            self._tally = self._made()
        return self._tally

    @property
    def remembered_bytes(self) -> int:
        """Bytes that grow with the number of cohort tasks."""
        return total(tasks.size_in_bytes for tasks in self._cohort.types)

    def _made(self) -> Tally:
        layout, window = self._layout, self._window.window()
        types = _Types(self._types, [tasks.sorted_ticks() for tasks in self._cohort.types], layout)
        for code, name in enumerate(layout.types):
            types.check_conservation(code, name)
        return Tally(
            layout.scenario.currency,
            types.part(range(len(layout.types)), window.platform),
            {name: types.part([code], 0) for code, name in enumerate(layout.types)},
            self._role_parts(),
            window,
        )

    def _role_parts(self) -> tuple[RolePart, ...]:
        layout, by_role = self._layout, self._roles
        workers = self._positions.parts(self._window.worker_busy.totals())
        ends = (layout.first_worker + layout.positions).tolist()
        roles = [layout.scenario.workers[name] for name in layout.roles]
        columns = (
            layout.roles,
            layout.is_person.tolist(),
            [nano(role.wage) if isinstance(role, HumanRole) else 0 for role in roles],
            [
                tuple(workers[begin:end])
                for begin, end in zip(layout.first_worker.tolist(), ends, strict=True)
            ],
            by_role.work_ticks.grouped(len(ACTIVITIES)),
            by_role.runs.grouped(len(ACTIVITIES)),
            by_role.waits(),
            by_role.histogram.grouped(len(WAIT_EDGES) + 1),
            by_role.verdicts.grouped(2 * len(VERDICTS)),
            self._window.queue.totals(),
            map(tuple, self._window.busy.totals()),
            map(tuple, self._window.overtime.totals()),
            map(tuple, self._window.capacity.available.totals()),
        )
        return tuple(RolePart(*values) for values in zip(*columns, strict=True))


class _Types:
    """Numbers by task type, put together for one type or several."""

    def __init__(self, work: WorkByType, ticks: list[Integers], layout: Layout) -> None:
        self._work, self._ticks = work, ticks
        self._fates = work.fates.grouped(len(FATES))
        self._cycle, self._waited = work.cycle.totals(), work.waited.totals()
        tasks = [layout.scenario.tasks[name] for name in layout.types]
        self._damage = [nano(task.damage_if_wrong) for task in tasks]
        self._has_sla = [task.sla is not None for task in tasks]

    def check_conservation(self, code: int, name: str) -> None:
        """Raises InvariantError unless every task was delivered, has failed or is unfinished."""
        fates = dict(zip(FATES, self._fates[code], strict=True))
        known, arrived = fates["delivered"] + fates["failed"] + fates["unfinished"], len(self._ticks[code])
        if known != arrived:
            raise InvariantError(f"{arrived} tasks of type {name} arrived, but {known} are accounted for")

    def part(self, codes: Sequence[int], platform: int) -> Part:
        """The part of the tasks of some types."""
        work, ticks = self._work, [self._ticks[code] for code in codes]
        fates = dict(zip(FATES, self._total(self._fates, codes), strict=True))
        wrong = FATES.index("wrong_by_agent"), FATES.index("wrong_by_person")
        damage = total(self._damage[code] * self._fates[code][place] for code in codes for place in wrong)
        return Part(
            tasks=total(map(len, ticks)),
            with_sla=total(len(self._ticks[code]) for code in codes if self._has_sla[code]),
            escalated=self._total(work.escalated.grouped(len(ESCALATIONS)), codes),
            actions=self._total(work.actions.grouped(len(ACTIONS)), codes),
            reasons=self._total(work.reasons.grouped(len(REASONS)), codes),
            outcomes=self._total(work.outcomes.grouped(len(OUTCOMES)), codes),
            costs=self._total(work.costs.grouped(len(COST_LINES)), codes),
            platform=platform,
            damage=damage,
            cycle_ticks=total(self._cycle[code] for code in codes),
            quantiles=tuple(quantile(ticks, percent) for percent in QUANTILES),
            waited_ticks=total(self._waited[code] for code in codes),
            people_ticks=self._total(work.people.grouped(len(ACTIVITIES)), codes),
            **fates,
        )

    @staticmethod
    def _total(groups: list[tuple[int, ...]], codes: Sequence[int]) -> tuple[int, ...]:
        return tuple(map(total, zip(*(groups[code] for code in codes), strict=True)))


def tally(scenario: Scenario, log: Log) -> Tally:
    """The tally of a finished log, in memory or saved: that of a fold during the run (row MA-03)."""
    fold = Fold(scenario)
    for block in log.blocks():
        fold.add(block)
    return fold.tally()

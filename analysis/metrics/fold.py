"""The fold of metrics: takes the blocks of a log, live or saved, and ends in a Tally."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.metrics.cfr import cfr_billionths
from analysis.metrics.cohort import Cohort, PlainStories
from analysis.metrics.cohort_rows import CohortRows
from analysis.metrics.guards import GuardsFold
from analysis.metrics.layout import Layout
from analysis.metrics.quantiles import quantile
from analysis.metrics.stage_parts import CATEGORIES, CfrPart, StagePart
from analysis.metrics.sums import total
from analysis.metrics.tally import QUANTILES, WAIT_EDGES, ChainPart, Part, RolePart, Tally
from analysis.metrics.tokens import Stories
from analysis.metrics.window import WindowFold
from analysis.metrics.words import ACTIVITIES, ESCALATIONS
from analysis.metrics.work import FATES, VERDICTS, WorkByPosition, WorkByRole, WorkByType
from analysis.metrics.work_by_chain import WorkByChain
from analysis.metrics.work_by_stage import WorkByStage
from sim.errors import InvariantError
from sim.log import NULL, Block, Log
from sim.log.columns import ACTIONS, COST_LINES, OUTCOMES, REASONS, Integers
from sim.quantities import nano
from sim.scenario import Scenario
from sim.workers import HumanRole


class Fold:
    """A sink that adds up one replication; pass it to `simulate(folds=[...])`.

    It remembers 13 bytes of each cohort task, at most 16 with room to grow. Besides, of tasks with stages, policies
    or guards about 100 bytes for each token that is on its way, which is no more than is in the system.
    """

    def __init__(self, scenario: Scenario) -> None:
        """A fold for one log of this scenario."""
        self._layout = Layout(scenario)
        self._cohort, self._window = Cohort(self._layout), WindowFold(self._layout)
        self._plain = PlainStories(self._layout, self._cohort)
        self._staged = Stories(self._layout, self._cohort)
        self._types, self._roles = WorkByType(self._layout), WorkByRole(self._layout)
        self._positions, self._stages = WorkByPosition(self._layout), WorkByStage(self._layout)
        self._chain, self._guards = WorkByChain(self._layout), GuardsFold(self._layout)
        self._tally: Tally | None = None

    def add(self, block: Block) -> None:
        """Takes the next block; raises ValueError when it is of another scenario's log, or comes too late."""
        if self._tally is not None:
            raise ValueError("a fold that was asked for its tally takes no more blocks")
        self._layout.check(block)
        self._window.add(block)
        self._guards.add(block)
        self._cohort.arrive(block)
        for rows in (self._plain.add(block), self._staged.add(block)):
            if rows is not None:
                self._add(rows)

    def _add(self, rows: CohortRows) -> None:
        """Takes rows of cohort tasks."""
        queued, started, ended = rows["queued"], rows["started"], rows["ended"]
        work = np.where((started >= 0) & (rows.worker != NULL), ended - started, NULL)
        is_queued = (queued >= 0) & (rows["role"] >= 0)
        waits = np.where(is_queued, np.where(started >= 0, started, ended) - queued, NULL)
        self._types.add(rows, waits, work)
        self._roles.add(rows, waits, work)
        self._positions.add(rows, work)
        self._stages.add(rows, waits, work)
        self._chain.add(rows)

    def tally(self) -> Tally:
        """The tally of all blocks; raises InvariantError when a task was lost (row MR-13)."""
        if self._tally is None:
            self._tally = self._made()
        return self._tally

    @property
    def remembered_bytes(self) -> int:
        """Bytes that grow with the number of cohort tasks."""
        of_tasks = total(tasks.size_in_bytes for tasks in self._cohort.types)
        return of_tasks + self._staged.nbytes + self._chain.nbytes

    def _made(self) -> Tally:
        layout, window = self._layout, self._window.window()
        stages = self._stages.parts()
        types = _Types(self._types, [tasks.sorted_ticks() for tasks in self._cohort.types], layout)
        chains = _Chains(self._chain, self._stages, stages, layout)
        for code, name in enumerate(layout.types):
            types.check_conservation(code, name)
        return Tally(
            layout.scenario.currency,
            types.part(range(len(layout.types)), window.platform, chains),
            {name: types.part([code], 0, chains) for code, name in enumerate(layout.types)},
            self._role_parts(),
            window,
            stages,
            self._stages.defects(),
            self._guards.parts(),
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
            by_role.deliveries.totals(),
            self._window.queue.totals(),
            map(tuple, self._window.busy.totals()),
            map(tuple, self._window.overtime.totals()),
            map(tuple, self._window.capacity.available.totals()),
            self._window.growth.totals(),
        )
        return tuple(RolePart(*values) for values in zip(*columns, strict=True))


class _Types:
    """Numbers by task type, put together for one type or several."""

    def __init__(self, work: WorkByType, ticks: list[Integers], layout: Layout) -> None:
        self._work, self._ticks = work, ticks
        self._fates = work.fates.grouped(len(FATES))
        self._cycle, self._waited = work.cycle.totals(), work.waited.totals()
        tasks = [layout.scenario.tasks[name] for name in layout.types]
        self._damage = [
            nano(task.damage_if_wrong) if is_plain else 0
            for task, is_plain in zip(tasks, layout.is_plain.tolist(), strict=True)
        ]
        self._logged_damage = work.damage.totals()
        self._has_sla = [task.sla is not None for task in tasks]

    def check_conservation(self, code: int, name: str) -> None:
        """Raises InvariantError unless every task was delivered, has failed or is unfinished."""
        fates = dict(zip(FATES, self._fates[code], strict=True))
        known, arrived = fates["delivered"] + fates["failed"] + fates["unfinished"], len(self._ticks[code])
        if known != arrived:
            raise InvariantError(f"{arrived} tasks of type {name} arrived, but {known} are accounted for")

    def part(self, codes: Sequence[int], platform: int, chains: _Chains) -> Part:
        """The part of the tasks of some types.

        A wrong delivery of a plain type does the damage that the type states; of others the log says it.
        """
        work, ticks = self._work, [self._ticks[code] for code in codes]
        fates = dict(zip(FATES, _summed(self._fates, codes), strict=True))
        wrong = FATES.index("wrong_by_agent"), FATES.index("wrong_by_person")
        damage = total(self._damage[code] * self._fates[code][place] for code in codes for place in wrong)
        damage += total(self._logged_damage[code] for code in codes)
        return Part(
            tasks=total(map(len, ticks)),
            with_sla=total(len(self._ticks[code]) for code in codes if self._has_sla[code]),
            escalated=_summed(work.escalated.grouped(len(ESCALATIONS)), codes),
            actions=_summed(work.actions.grouped(len(ACTIONS)), codes),
            reasons=_summed(work.reasons.grouped(len(REASONS)), codes),
            outcomes=_summed(work.outcomes.grouped(len(OUTCOMES)), codes),
            costs=_summed(work.costs.grouped(len(COST_LINES)), codes),
            platform=platform,
            damage=damage,
            cycle_ticks=total(self._cycle[code] for code in codes),
            quantiles=tuple(quantile(ticks, percent) for percent in QUANTILES),
            waited_ticks=total(self._waited[code] for code in codes),
            people_ticks=_summed(work.people.grouped(len(ACTIVITIES)), codes),
            chain=chains.part(codes),
            cfr=chains.cfr(codes, [self._ended(code) for code in codes]),
            **fates,
        )

    def _ended(self, code: int) -> int:
        fates = dict(zip(FATES, self._fates[code], strict=True))
        return fates["delivered"] + fates["failed"]


class _Chains:
    """What happened between workers by task type, put together for one type or several."""

    def __init__(
        self, work: WorkByChain, stages: WorkByStage, parts: tuple[StagePart, ...], layout: Layout
    ) -> None:
        self._work, self._counts = work, work.counts()
        self._cfr = [cfr_billionths(layout, name, parts, stages.led_to) for name in layout.types]

    def part(self, codes: Sequence[int]) -> ChainPart:
        """What happened between the workers of the tasks of some types."""
        work, width = self._work, len(CATEGORIES) * len(REASONS)
        sums = {name: getattr(work, name).totals() for name in ("hops", "sunk", "repeat_cost")} | self._counts
        return ChainPart(
            failed_reasons=_summed(work.failed_reasons.grouped(len(REASONS)), codes),
            failures=_summed(work.failures.grouped(width), codes),
            retries=_summed(work.retries.grouped(len(CATEGORIES)), codes),
            most_hops=int(work.most_hops[list(codes)].max()),
            **{name: total(values[code] for code in codes) for name, values in sums.items()},
        )

    def cfr(self, codes: Sequence[int], ended: Sequence[int]) -> CfrPart:
        """The estimated risk of the tasks of some types that ended."""
        weighted = total(self._cfr[code] * tasks for code, tasks in zip(codes, ended, strict=True))
        return CfrPart(weighted, total(ended))


def _summed(groups: list[tuple[int, ...]], codes: Sequence[int]) -> tuple[int, ...]:
    return tuple(map(total, zip(*(groups[code] for code in codes), strict=True)))


def tally(scenario: Scenario, log: Log) -> Tally:
    """The tally of a finished log, in memory or saved: that of a fold during the run (row MA-03)."""
    fold = Fold(scenario)
    for block in log.blocks():
        fold.add(block)
    return fold.tally()

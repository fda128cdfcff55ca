"""One replication: the clock, what is waited for outside tasks, and the end."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from sim.engine.clock import TimedEvent, at
from sim.engine.guard import EndlessRunGuard
from sim.engine.guards import GuardBook
from sim.engine.journey import Journey
from sim.engine.pool import Pool
from sim.engine.quick import QuickWorkflow
from sim.engine.token import Source
from sim.engine.workflow import Workflow
from sim.log import NULL, LogWriter, NullWriter
from sim.plan import Plan, PoolPlan
from sim.plan.codes import BOUNDARY, pack_code
from sim.plan.guards import compile_guards
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.workers import AgentRole


@dataclass(frozen=True, slots=True)
class Ending:
    """How a replication ended."""

    tick: int
    task_count: int
    event_count: int
    stopped_by: str
    """The limit that stopped it; empty when it ran to its end."""


class Engine:
    """Runs a plan and writes its rows."""

    def __init__(self, plan: Plan, writer: LogWriter | NullWriter) -> None:
        """An engine at tick 0."""
        self.plan, self.writer = plan, writer
        # Typed as Any: SimPy's clock may be a float, ours is an integer from the first event on.
        self.env: Any = simpy.Environment(initial_time=0)
        self.pools = [Pool(pool.role) for pool in plan.pools]
        self.done = TimedEvent()
        kind = QuickWorkflow if plan.is_wide else Journey
        self.journey = kind(self.env, plan, self.pools, writer, self._finish, self._stop)
        if isinstance(self.journey, Workflow):
            first = len(plan.steps) + len(plan.pools) + 1
            self.journey.watch(GuardBook(compile_guards(plan.scenario), first, writer, self._pause))
        self.sources: list[Source] = []
        self._has_ended, self._stopped_by = False, ""
        if isinstance(writer, LogWriter):
            writer.sinks.append(EndlessRunGuard(self._stop))
        self._capacity_number = len(plan.steps)
        self._is_paused = False

    def run(self) -> Ending:
        """Runs to the end: all measured tasks ended, or the drain limit, or a limit that stops it."""
        scenario = self.plan.scenario
        for number, pool in enumerate(self.plan.pools):
            self.env.process(self._capacity(number, pool))
        for type_plan in self.plan.types:
            self.sources.append(Source(type_plan))
            self.journey.await_next(self.sources[-1], 0)
        self.env.process(self._deadlines(scenario.horizon, scenario.length))
        self.env.run(until=self.done)
        self._write_unfinished()
        return Ending(int(self.env.now), self._arrived(), self._scheduled(), self._stopped_by)

    def _arrived(self) -> int:
        """Tasks that arrived: those of each source up to the one that is still awaited."""
        arrived = 0
        for source in self.sources:
            arrived += source.arrived
        return arrived

    def _scheduled(self) -> int:
        """Events scheduled so far: the next number of SimPy's own counter."""
        return int(next(self.env._eid))

    # -- slow things, as processes ----------------------------------------------------------------------------

    def _capacity(self, number: int, plan: PoolPlan) -> Generator[Any, Any, None]:
        """The positions of a pool appear after their spin-up, then come and go with the shifts."""
        pool, rank = self.pools[number], BOUNDARY + number
        if plan.spin_up:
            yield at(self.env, plan.spin_up, rank)
        for _ in range(plan.positions):
            pool.add_position(plan.concurrency)
        for opens, closes in zip(plan.calendar.opens, plan.calendar.closes, strict=True):
            now = int(self.env.now)
            if closes <= now:
                continue
            if opens > now:
                yield at(self.env, opens, rank)
            if not self._is_held(pool):
                self._change_shift(number, pool, True)
                self.journey.serve(pool, int(self.env.now))
            if closes > self.plan.scenario.length:
                return
            yield at(self.env, closes, rank)
            self._change_shift(number, pool, False)

    def _change_shift(self, number: int, pool: Pool, is_open: bool) -> None:
        pool.is_open = is_open
        reason = Reason.SHIFT_BEGAN if is_open else Reason.SHIFT_ENDED
        code = pack_code(self._capacity_number + number, Outcome.NONE, reason)
        now = int(self.env.now)
        slots = pool.capacity if is_open else 0
        self.writer.write(NULL, NULL, code, 0, 0, NULL, NULL, NULL, NULL, now, NULL, NULL, slots)

    def _deadlines(self, horizon: int, length: int) -> Generator[Any, Any, None]:
        """Ends the run at the horizon when no measured task is open, else at the drain limit at the latest."""
        last = BOUNDARY + (1 << 59)
        yield at(self.env, horizon, last)
        self.journey.is_draining = True
        if self.journey.open_measured and length > horizon:
            yield at(self.env, length, last)
        self._finish()

    def _finish(self) -> None:
        """Ends the run after the event in hand."""
        if not self._has_ended:
            self._has_ended = True
            self.env.schedule(self.done, 0)

    def _stop(self, reason: str) -> None:
        """Ends the run after the event in hand because of a limit; the first reason counts."""
        if not self._has_ended:
            self._stopped_by = reason
        self._finish()

    def _pause(self, is_on: bool, now: int) -> None:
        """The kill switch has tripped, or agents work again: pools of agents close or open."""
        assert isinstance(self.journey, Workflow)
        guards, roles = self.journey.guards, self.plan.scenario.workers
        switch = guards.switch
        assert switch is not None
        if is_on and switch.resume_after:
            self.env.process(self._resume(now + switch.resume_after))
        self._is_paused = is_on and switch.pauses
        if switch.pauses:
            for number, pool in enumerate(self.pools):
                if isinstance(roles[pool.role], AgentRole):
                    self._change_shift(number, pool, not is_on)
                    if not is_on:
                        self.journey.serve(pool, now)

    def _is_held(self, pool: Pool) -> bool:
        """Whether the kill switch keeps this pool from opening."""
        return self._is_paused and isinstance(self.plan.scenario.workers[pool.role], AgentRole)

    def _resume(self, tick: int) -> Generator[Any, Any, None]:
        """Lets agents work again at a tick."""
        assert isinstance(self.journey, Workflow)
        yield at(self.env, tick, BOUNDARY + (1 << 58))
        self.journey.guards.resume(int(self.env.now))

    # -- the end ----------------------------------------------------------------------------------------------

    def _write_unfinished(self) -> None:
        """One row for every task still waiting or working, and one for a run that was stopped."""
        now = int(self.env.now)
        for token in sorted(self.journey.live, key=lambda token: token.rank):
            self.journey.write_unfinished(token, now)
        if self._stopped_by:
            code = pack_code(self._capacity_number + len(self.pools), Outcome.NONE, Reason.LIMIT_REACHED)
            self.writer.write(NULL, NULL, code, 0, 0, NULL, NULL, NULL, NULL, now, NULL, NULL, NULL)

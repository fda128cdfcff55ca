"""Pools: the load that each role gets, against the time it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis import theory
from analysis.forecast.effort import Effort
from analysis.forecast.journey import Journey
from analysis.forecast.stages import Load
from sim.flows import topology_of
from sim.quantities import HOUR, MINUTE
from sim.scenario import Scenario
from sim.tasks import Poisson
from sim.topology import Guardian
from sim.workers import AgentRole

MOST_SERVERS = 100_000
"""Slots above which no wait is computed: the closed form takes a step for each."""

_NOTHING = Load()

Work = tuple[float, Mapping[str, Load]]
"""Expected tasks of a type in the window, and what one of them brings to each role."""


@dataclass(frozen=True, slots=True)
class PoolForecast:
    """The expected load of one role, averaged over the measured time it is open."""

    role: str
    slots: int
    """Tasks it can work on at once: positions times concurrency."""
    calendar: str | None
    """Calendar of its shifts; None for a role that is always there, as agents are."""
    open_hours: float
    """Hours in the window in which it is on shift."""
    visits: float
    """Starts of work in the window, retries and revisions included."""
    visits_per_hour: float
    """Starts of work per open hour of its calendar."""
    load: float
    """Offered load in erlangs: work that comes in while one hour is open, in hours."""
    wait: float | None
    """APPROXIMATE mean wait in ticks (Erlang C), for a pool and arrivals without calendars that is not
    overloaded; None elsewhere."""

    @property
    def utilisation(self) -> float:
        """Load over slots; above 1 the queue grows without bound."""
        return self.load / self.slots

    @property
    def is_overloaded(self) -> bool:
        """Whether the load is all that the slots can do, or more."""
        return self.load >= self.slots


def pool_forecasts(scenario: Scenario, works: Sequence[Work]) -> tuple[PoolForecast, ...]:
    """One forecast per role that takes part, by name."""
    return tuple(_pool(scenario, name, works) for name in scenario.roles_at_work())


def _pool(scenario: Scenario, name: str, works: Sequence[Work]) -> PoolForecast:
    role = scenario.workers[name]
    calendar = None if isinstance(role, AgentRole) else role.calendar
    since = max(scenario.warm_up, role.spin_up) if isinstance(role, AgentRole) else scenario.warm_up
    open_ticks = max(scenario.calendar(calendar).open_between(since, scenario.horizon), 0)
    slots = role.positions * (role.concurrency if isinstance(role, AgentRole) else 1)
    visits = minutes = 0.0
    for tasks, loads in works:
        load_of_one = loads.get(name, _NOTHING)
        visits += tasks * load_of_one.visits
        minutes += tasks * load_of_one.minutes
    if not open_ticks:
        load = float("inf") if minutes else 0.0
        return PoolForecast(name, slots, calendar, 0.0, visits, 0.0, load, None)
    load = minutes * MINUTE / open_ticks
    wait = _wait(scenario, calendar, slots, load, minutes * MINUTE / visits) if visits else None
    hours = open_ticks / HOUR
    return PoolForecast(name, slots, calendar, hours, visits, visits / hours, load, wait)


def plain_loads(scenario: Scenario, type_id: str, journey: Journey, effort: Effort) -> dict[str, Load]:
    """What a task with one stage under a bare preset brings to each role of its topology."""
    topology = topology_of(scenario, type_id)
    agent, human = topology.agent, topology.human
    reviewer = topology.reviewer or topology.human if isinstance(topology, Guardian) else None
    loads = {}
    for name in sorted({name for name in (agent, human, reviewer) if name is not None}):
        if name == agent:
            loads[name] = Load(journey.attempts, effort.agent_minutes)
            continue
        is_reviewer, is_human = name == reviewer, name == human
        executions = journey.alone + journey.drafted + journey.assisted + journey.redone
        minutes = effort.execution_minutes + effort.rework_minutes
        loads[name] = Load(
            (journey.reviews if is_reviewer else 0.0) + (executions if is_human else 0.0),
            (effort.review_minutes if is_reviewer else 0.0) + (minutes if is_human else 0.0),
        )
    return loads


def _wait(scenario: Scenario, calendar: str | None, slots: int, load: float, service: float) -> float | None:
    """Erlang C's mean wait where its premises hold roughly: always open, arrivals at random at one rate."""
    is_steady = all(
        isinstance(task.arrivals, Poisson) and task.arrivals.during is None
        for task in scenario.tasks.values()
    )
    if calendar is not None or not is_steady or load >= slots or slots > MOST_SERVERS:
        return None
    return theory.mmc_mean_wait(slots, load, service)

"""Notes: what a scenario may say but its author may not have meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.forecast.pools import PoolForecast
from analysis.format import duration, significant
from sim.calendars import calendar_warnings
from sim.quantities import WEEK
from sim.scenario import Scenario
from sim.workers import HumanRole


def notes_on(scenario: Scenario, pools: Sequence[PoolForecast]) -> Iterator[str]:
    """Overloaded pools, roles without work, a window of broken weeks, calendars that trip over the clocks."""
    yield from map(_overload, (pool for pool in pools if pool.is_overloaded))
    for name in sorted(scenario.workers):
        if name not in scenario.roles_at_work() and name not in scenario.priced_roles():
            yield f"{name} takes no part: {scenario.topology.kind} does not use it"
    used = _calendars(scenario)
    window = scenario.horizon - scenario.warm_up
    if used and window % WEEK:
        yield (
            f"{duration(window)} are measured, which is not whole weeks: weekly calendars "
            f"({', '.join(used)}) weigh some days more than others"
        )
    for name in used:
        spec = scenario.calendars[name]
        for warning in calendar_warnings(spec, scenario.start, scenario.timezone, scenario.length):
            yield f"calendar {name}: {warning}"


def _overload(pool: PoolForecast) -> str:
    if not pool.open_hours:
        return f"{pool.role} is never on shift while measured, but gets work"
    return (
        f"{pool.role} gets {significant(pool.load)} erlangs, has {pool.slots}: the queue grows without bound"
    )


def _calendars(scenario: Scenario) -> list[str]:
    """Calendars that arrivals, or roles that take part, follow."""
    names = [task.arrivals.during for task in scenario.tasks.values()]
    for name in scenario.roles_at_work():
        role = scenario.workers[name]
        names.append(role.calendar if isinstance(role, HumanRole) else None)
    return sorted({name for name in names if name is not None})

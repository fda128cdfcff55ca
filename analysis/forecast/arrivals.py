"""How many tasks are expected between two ticks."""

from __future__ import annotations

from sim.calendars import Calendar
from sim.plan.arrivals import recorded_tasks
from sim.scenario import Scenario
from sim.tasks import Deterministic, Poisson, Recorded, Renewal


def expected_arrivals(scenario: Scenario, type_id: str, first: int, last: int) -> float:
    """Expected tasks of a type that arrive in [first, last); of a renewal process the long-run number."""
    arrivals = scenario.tasks[type_id].arrivals
    calendar = scenario.calendar(arrivals.during)
    match arrivals:
        case Poisson():
            return float(arrivals.rate * calendar.open_between(first, last))
        case Deterministic():
            return calendar.open_between(first, last) / arrivals.every
        case Renewal():
            return calendar.open_between(first, last) / max(arrivals.gap.mean_value(), 1.0)
        case Recorded():
            return float(_recorded_between(scenario, type_id, calendar, first, last))


def _recorded_between(scenario: Scenario, type_id: str, calendar: Calendar, first: int, last: int) -> int:
    ticks = (calendar.next_open(task.tick) for task in recorded_tasks(scenario, type_id))
    return sum(tick is not None and first <= tick < last for tick in ticks)

"""How many tasks are worth more than a limit."""

from __future__ import annotations

from decimal import Decimal

from sim.distributions import Sampler
from sim.maths import scalar
from sim.plan.activities import minor_units
from sim.plan.arrivals import recorded_tasks
from sim.scenario import Scenario

_DRAWS = 1 << 52
"""A uniform draw is one of so many equally likely values (sim.draws)."""


def dear_share(scenario: Scenario, type_id: str, value_limit: Decimal | None) -> float:
    """Share of tasks of a type with a value above the limit, both in minor units as the router reads them."""
    if value_limit is None:
        return 0.0
    digits = scenario.minor_digits
    limit = minor_units(value_limit, digits)
    recorded = [task.value for task in recorded_tasks(scenario, type_id)]
    known = [minor_units(value, digits) for value in recorded if value is not None]
    if known:
        return sum(value > limit for value in known) / len(known)
    return _share_above(scenario.tasks[type_id].value.sampler(), limit, float(10**digits))


def _share_above(sampler: Sampler, limit: int, scale: float) -> float:
    """Share of the draws whose value, rounded to minor units, is above the limit: by halving, to the draw."""
    low, high = 0, _DRAWS
    while low < high:
        middle = (low + high) // 2
        value = scalar.round_to_int(sampler.quantile((middle + 0.5) / _DRAWS, scalar) * scale)
        low, high = (low, middle) if value > limit else (middle + 1, high)
    return (_DRAWS - low) / _DRAWS

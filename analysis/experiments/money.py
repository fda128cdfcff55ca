"""Money: which of the values that an experiment varies are amounts of it, since a number in a file does not say so."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sim import Scenario
from sim.distributions import Constant


def currency_at(path: str, *scenarios: Scenario) -> str:
    """The currency's code where any of the scenarios has money at a dotted path, pay per hour too; empty elsewhere.

    Durations and rates need none: their values carry their units. Counts, shares and factors have none.
    """
    return next((one.currency for one in scenarios if _is_money(one, path)), "")


def _is_money(scenario: Scenario, path: str) -> bool:
    found: Any = scenario
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else getattr(found, key, None)
    return isinstance(found.value if isinstance(found, Constant) else found, Decimal)

"""Checks of guards: each has a limit, alerts rise, and a downgrade leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from sim.problems import Problem
from sim.rules.guards import KillSwitch, PeriodBudget

if TYPE_CHECKING:
    from sim.scenario import Scenario

TRIGGERS = ("error_rate", "rejections", "violations", "complaints", "cost")
"""Conditions of a kill switch."""

Path = tuple[str, ...]


def guards(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the guards of a scenario."""
    if scenario.guards is None:
        return
    budget, switch = scenario.guards.trace_budget, scenario.guards.kill_switch
    if budget is not None and budget.money is None and budget.tokens is None:
        yield Problem(("guards", "trace_budget"), "E0360", "has no limit; give money or tokens")
    if switch is not None and not _has_trigger(switch):
        rule = f"would never trip; give one of {', '.join(TRIGGERS)}"
        yield Problem(("guards", "kill_switch"), "E0360", rule)
    for name, period in scenario.guards.budgets.items():
        yield from _alerts(period, ("guards", "budgets", name))
        yield from _downgrade(period, ("guards", "budgets", name))


def _has_trigger(switch: KillSwitch) -> bool:
    return any(getattr(switch, trigger) is not None for trigger in TRIGGERS)


def _alerts(budget: PeriodBudget, path: Path) -> Iterator[Problem]:
    if any(later <= earlier for earlier, later in pairwise(budget.alerts)):
        listed = ", ".join(f"{share:g}" for share in budget.alerts)
        yield Problem((*path, "alerts"), "E0362", f"alerts must rise, got {listed}")


def _downgrade(budget: PeriodBudget, path: Path) -> Iterator[Problem]:
    if budget.then == "downgrade" and not budget.downgrade:
        rule = "downgrade needs to know which role takes the place of which: downgrade: {dear: cheap}"
        yield Problem((*path, "then"), "E0361", rule)
    for role, cheaper in budget.downgrade.items():
        place = (*path, "downgrade", role)
        if cheaper == role:
            yield Problem(place, "E0361", f"{role} cannot take its own place")
        elif cheaper in budget.downgrade:
            rule = f"{cheaper} is replaced itself; name the role that does the work in the end"
            yield Problem(place, "E0361", rule)

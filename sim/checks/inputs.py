"""Checks of inputs from outside: recorded files and list prices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim import prices
from sim.errors import Fault, ScenarioError
from sim.problems import Problem, likely
from sim.quantities import SECOND
from sim.tasks import Recorded
from sim.workers import AgentRole

if TYPE_CHECKING:
    from sim.scenario import Scenario


def files(scenario: Scenario) -> Iterator[Problem]:
    """Recorded files that cannot be read, or not as the scenario means them."""
    for name, task in scenario.tasks.items():
        if isinstance(task.arrivals, Recorded):
            path = ("tasks", name, "arrivals", "file")
            try:
                yield from _rows(scenario, name, task.arrivals)
            except ScenarioError as error:
                for fault in error.faults:
                    yield Problem(path, fault.code, f"{_place(fault)}: {fault.message}")


def _rows(scenario: Scenario, name: str, arrivals: Recorded) -> Iterator[Problem]:
    path = ("tasks", name, "arrivals", "file")
    rows = scenario.recording(arrivals.file).rows_of(name, arrivals.time_column)
    if not rows:
        yield Problem(path, "E0322", f"{arrivals.file} has no row of type {name}")
    elif rows[0].tick >= scenario.horizon:
        first, horizon = rows[0].tick / SECOND, scenario.horizon / SECOND
        rule = f"the first task arrives at {first:g} s, but the horizon is at {horizon:g} s"
        yield Problem(path, "E0323", f"{arrivals.file}: {rule}")


def _place(fault: Fault) -> str:
    return f"{fault.file}:{fault.line}" if fault.line else fault.file


def list_prices(scenario: Scenario) -> Iterator[Problem]:
    """Models that cost something but whose price in the scenario's currency is not known."""
    listed = prices.CATALOGUE_CURRENCY
    for name in scenario.priced_roles():
        role = scenario.workers[name]
        assert isinstance(role, AgentRole)
        if role.price is not None:
            continue
        if prices.list_price(role.model, role.provider) is None:
            yield _unlisted(name, role)
        elif listed not in {scenario.currency, *scenario.exchange}:
            rule = f"the list price of {role.model} is in {listed}, the scenario in {scenario.currency}"
            hint = f"give exchange: {{{listed}: ...}} or a price"
            yield Problem(("workers", name, "model"), "E0310", f"{rule}; {hint}")


def _unlisted(name: str, role: AgentRole) -> Problem:
    """A model that the catalogue does not know, or not at this provider."""
    own = "give price: {input: ..., output: ...} per million tokens"
    elsewhere = prices.list_price(role.model, None)
    if elsewhere is not None:
        rule = f"no list price for {role.model} at {role.provider}; {own}; did you mean {elsewhere.provider}?"
        return Problem(("workers", name, "provider"), "E0309", rule)
    rule = f"no list price for {role.model}; {own}{likely(role.model, prices.known_models())}"
    return Problem(("workers", name, "model"), "E0309", rule)

"""Checks between the parts of a scenario, each naming the part at fault."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from sim import prices
from sim.errors import Fault, ScenarioError
from sim.problems import Problem, absent, likely
from sim.quantities import SECOND, format_duration
from sim.rules.confidence import compile_confidence
from sim.rules.failures import compile_failures
from sim.rules.success import LARGEST_SPREAD, compile_success
from sim.tasks import Recorded, Renewal, TaskType
from sim.topology import STAGE
from sim.workers import AgentRole, HumanRole, Role, at_work

if TYPE_CHECKING:
    from sim.scenario import Scenario

MOST_TASKS = 100_000_000
"""Expected tasks of one run above which a scenario is refused."""
ROWS_OF_A_TASK, BYTES_OF_A_ROW = 3, 120
"""What a task leaves in the log, roughly: for the estimate in the message only."""


def problems(scenario: Scenario) -> Iterator[Problem]:
    """Everything wrong between the parts; the costly checks only when the cheap ones found nothing."""
    broken = [*_calendars(scenario), *_special_work(scenario), *_bindings(scenario), *_gaps(scenario)]
    found = [*_time(scenario), *broken]
    if not broken:
        found += [*_shifts(scenario), *_size(scenario)]
    yield from found
    if not found:
        yield from _files(scenario)
        yield from _prices(scenario)
        yield from _skills(scenario)


def _time(scenario: Scenario) -> Iterator[Problem]:
    if scenario.warm_up >= scenario.horizon:
        rule = f"must be shorter than the horizon of {format_duration(scenario.horizon)}"
        got = format_duration(scenario.warm_up)
        yield Problem(("warm_up",), "E0301", f"{rule}, got {got}: nothing would be measured")


def _calendars(scenario: Scenario) -> Iterator[Problem]:
    """Calendars that are named but not defined."""
    used: list[tuple[tuple[str, ...], str | None]] = []
    for name, task in scenario.tasks.items():
        used.append((("tasks", name, "arrivals", "during"), task.arrivals.during))
        used.append((("tasks", name, "sla"), task.sla.calendar if task.sla else None))
    for name, role in scenario.workers.items():
        used.append((("workers", name, "calendar"), role.calendar if isinstance(role, HumanRole) else None))
    for path, calendar in used:
        if calendar is not None and calendar not in scenario.calendars:
            yield absent(path, "E0302", "calendar", calendar, sorted(scenario.calendars))


def _special_work(scenario: Scenario) -> Iterator[Problem]:
    """Task types and stages under `by_task` that do not exist."""
    for name, role in scenario.workers.items():
        for key in role.by_task:
            path = ("workers", name, "by_task", key)
            type_id, _, stage = key.partition(".")
            if type_id not in scenario.tasks:
                yield absent(path, "E0303", "task type", type_id, sorted(scenario.tasks), of_key=True)
            elif stage not in ("", STAGE):
                yield Problem(path, "E0304", f"{type_id} has no stage {stage}; it has {STAGE}", of_key=True)


def _bindings(scenario: Scenario) -> Iterator[Problem]:
    """Roles that the topology names but that do not exist, or are of the wrong kind."""
    for binding, kind in (("agent", "agent"), ("human", "human"), ("reviewer", "human")):
        bound = getattr(scenario.topology, binding, None)
        if bound is None:
            continue
        fitting = sorted(name for name, role in scenario.workers.items() if role.kind == kind)
        role = scenario.workers.get(bound)
        if role is None:
            yield absent(("topology", binding), "E0305", "role", bound, fitting)
        elif role.kind != kind:
            rule = f"must name a role of kind {kind}, but {bound} is of kind {role.kind}"
            hint = f"; there is {', '.join(fitting)}" if fitting else ""
            yield Problem(("topology", binding), "E0306", rule + hint)


def _gaps(scenario: Scenario) -> Iterator[Problem]:
    for name, task in scenario.tasks.items():
        if isinstance(task.arrivals, Renewal) and task.arrivals.gap.mean_value() < 1.0:
            path = ("tasks", name, "arrivals", "gap")
            yield Problem(path, "E0307", "the mean gap must be at least one microsecond")


def _shifts(scenario: Scenario) -> Iterator[Problem]:
    """Work that could never be done."""
    for name in scenario.roles_at_work():
        role = scenario.workers[name]
        if not isinstance(role, HumanRole) or role.calendar is None:
            continue
        if scenario.calendar(role.calendar).open_ticks(scenario.length) == 0:
            rule = f"{role.calendar} is never open in this run: {name} would never work"
            yield Problem(("workers", name, "calendar"), "E0308", rule)


def _size(scenario: Scenario) -> Iterator[Problem]:
    """Drawn tasks only: recorded ones are limited by the size of their file, which is not read yet."""
    drawn = [name for name, task in scenario.tasks.items() if not isinstance(task.arrivals, Recorded)]
    tasks = math.fsum(scenario.expected_tasks_of(name) for name in drawn)
    if tasks > MOST_TASKS:
        rows = tasks * ROWS_OF_A_TASK
        size = f"{rows:,.0f} log rows, {rows * BYTES_OF_A_ROW / 1e9:,.0f} GB"
        allowed = f"allowed: {MOST_TASKS:,} tasks; hint: shorten horizon or lower the rates"
        yield Problem(("horizon",), "E0401", f"about {tasks:,.0f} tasks would arrive ({size}); {allowed}")


def _files(scenario: Scenario) -> Iterator[Problem]:
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


def _prices(scenario: Scenario) -> Iterator[Problem]:
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


def _skills(scenario: Scenario) -> Iterator[Problem]:
    """Measured success or confidence that nobody can have, once for each place where it is written."""
    found: dict[tuple[str | int, ...], Problem] = {}
    for name in scenario.roles_at_work():
        for type_id, task in scenario.tasks.items():
            for problem in _skill(name, scenario.workers[name], type_id, task):
                found.setdefault(problem.path, problem)
    yield from found.values()


def _skill(name: str, role: Role, type_id: str, task: TaskType) -> Iterator[Problem]:
    """What is wrong with the parameters of a role at one type of task."""
    try:
        success = compile_success(at_work(role, "success", type_id, STAGE))
    except ValueError:
        path = (*_written(name, role, type_id, "success"), "both_of_two_tries")
        yield Problem(path, "E0218", f"too close to the mean: a spread of {LARGEST_SPREAD:g} gives less")
        return
    if isinstance(role, HumanRole):
        return
    failures = compile_failures(at_work(role, "failures", type_id, STAGE), success)
    path = _written(name, role, type_id, "confidence")
    try:
        compile_confidence(at_work(role, "confidence", type_id, STAGE), success, failures, task.harder_by)
    except PydanticCustomError as error:
        yield Problem(path, error.type, error.message())
    except ValueError:
        yield Problem(path, "E0219", "mean_stated is out of reach: no overconfidence gives it")


def _written(name: str, role: Role, type_id: str, field: str) -> tuple[str, ...]:
    """Where the value is written that a role has at a type of task."""
    for key in (f"{type_id}.{STAGE}", type_id):
        if getattr(role.by_task.get(key), field, None) is not None:
            return ("workers", name, "by_task", key, field)
    return ("workers", name, field)

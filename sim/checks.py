"""Checks between the parts of a scenario, each naming the part at fault."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from sim import prices
from sim.errors import ScenarioError
from sim.quantities import SECOND
from sim.rules.confidence import compile_confidence
from sim.rules.failures import compile_failures
from sim.rules.success import compile_success
from sim.tasks import Recorded, Renewal
from sim.topology import STAGE, compile_flow
from sim.workers import AgentRole, HumanRole, at_work

if TYPE_CHECKING:
    from sim.scenario import Problem, Scenario


def problems(scenario: Scenario) -> Iterator[Problem]:
    """Everything wrong between the parts; the costly checks only when the cheap ones found nothing."""
    found = [*_time(scenario), *_references(scenario), *_works(scenario)]
    yield from found
    if not found:
        yield from _files(scenario)
        yield from _prices(scenario)
        yield from _confidence(scenario)


def _problem(path: tuple[str | int, ...], code: str, message: str, of_key: bool = False) -> Problem:
    from sim.scenario import Problem

    return Problem(path, code, message, of_key)


def _nearest(name: str, known: list[str]) -> str:
    from sim.scenario import nearest

    return nearest(name, known)


def _time(scenario: Scenario) -> Iterator[Problem]:
    if scenario.warm_up >= scenario.horizon:
        yield _problem(("warm_up",), "E0301", "warm_up must be shorter than horizon: nothing would be measured")


def _references(scenario: Scenario) -> Iterator[Problem]:
    calendars, roles = sorted(scenario.calendars), sorted(scenario.workers)
    for name, task in scenario.tasks.items():
        used = [(("tasks", name, "arrivals", "during"), task.arrivals.during)]
        used.append((("tasks", name, "sla"), task.sla.calendar if task.sla else None))
        for path, calendar in used:
            if calendar is not None and calendar not in scenario.calendars:
                yield _problem(path, "E0302", f"no calendar {calendar}{_nearest(calendar, calendars)}")
    for name, role in scenario.workers.items():
        if isinstance(role, HumanRole) and role.calendar is not None and role.calendar not in scenario.calendars:
            yield _problem(("workers", name, "calendar"), "E0302", f"no calendar {role.calendar}{_nearest(role.calendar, calendars)}")
        for key in role.by_task:
            type_id, _, stage = key.partition(".")
            if type_id not in scenario.tasks:
                yield _problem(
                    ("workers", name, "by_task", key), "E0303", f"no task type {type_id}{_nearest(type_id, sorted(scenario.tasks))}", True
                )
            elif stage not in ("", STAGE):
                yield _problem(("workers", name, "by_task", key), "E0304", f"{type_id} has no stage {stage}; it has {STAGE}", True)
    for binding, kind in (("agent", AgentRole), ("human", HumanRole), ("reviewer", HumanRole)):
        bound = getattr(scenario.topology, binding, None)
        if bound is None:
            continue
        if bound not in scenario.workers:
            yield _problem(("topology", binding), "E0305", f"no role {bound} among workers{_nearest(bound, roles)}")
        elif not isinstance(scenario.workers[bound], kind):
            yield _problem(("topology", binding), "E0306", f"{bound} is of kind {scenario.workers[bound].kind}; {binding} must be {'an agent' if kind is AgentRole else 'a human'}")


def _works(scenario: Scenario) -> Iterator[Problem]:
    """Sizes, and work that could never be done."""
    broken = [problem for problem in _references(scenario)]
    for name, task in scenario.tasks.items():
        if isinstance(task.arrivals, Renewal) and task.arrivals.gap.mean_value() < 1.0:
            yield _problem(("tasks", name, "arrivals", "gap"), "E0307", "the mean gap is below one microsecond")
    if broken:
        return
    for name in scenario.roles_at_work():
        role = scenario.workers[name]
        if isinstance(role, HumanRole) and scenario.calendar(role.calendar).open_ticks(scenario.length) == 0:
            yield _problem(("workers", name, "calendar"), "E0308", f"{role.calendar} is never open in this run: {name} would never work")
    recorded = any(isinstance(task.arrivals, Recorded) for task in scenario.tasks.values())
    expected = math.inf if recorded else scenario.expected_tasks()
    from sim.scenario import MOST_TASKS

    if not recorded and expected > MOST_TASKS:
        gigabytes = expected * 3 * 120 / 1e9
        yield _problem(
            ("horizon",), "E0401",
            f"about {expected:.3g} tasks would arrive, {expected * 3:.3g} log rows ({gigabytes:.3g} GB); "
            f"allowed: {MOST_TASKS:.0e} tasks; shorten horizon or lower the rates",
        )  # fmt: skip


def _files(scenario: Scenario) -> Iterator[Problem]:
    for name, task in scenario.tasks.items():
        if not isinstance(task.arrivals, Recorded):
            continue
        try:
            rows = scenario.recording(task.arrivals.file).rows_of(name, task.arrivals.time_column)
            if not rows:
                yield _problem(("tasks", name, "arrivals", "file"), "E0322", f"{task.arrivals.file} has no row of type {name}")
            elif rows[0].tick >= scenario.horizon:
                first = rows[0].tick / SECOND
                yield _problem(("tasks", name, "arrivals", "file"), "E0323", f"the first row is at {first:g} s, after the horizon")
        except ScenarioError as error:
            for fault in error.faults:
                place = f"{fault.file}:{fault.line}: " if fault.line else f"{fault.file}: "
                yield _problem(("tasks", name, "arrivals", "file"), fault.code, place + fault.message)


def _prices(scenario: Scenario) -> Iterator[Problem]:
    for name in scenario.priced_roles():
        role = scenario.workers[name]
        assert isinstance(role, AgentRole)
        if role.price is not None:
            continue
        if prices.list_price(role.model, role.provider) is None:
            yield _problem(
                ("workers", name, "model"), "E0309",
                f"no list price for {role.model}{_nearest(role.model, prices.known_models())}; or give price: {{input: ..., output: ...}}",
            )  # fmt: skip
        elif scenario.currency != prices.CATALOGUE_CURRENCY and prices.CATALOGUE_CURRENCY not in scenario.exchange:
            yield _problem(
                ("workers", name, "model"), "E0310",
                f"the list price is in USD and currency is {scenario.currency}; give exchange: {{USD: ...}} or a price",
            )  # fmt: skip


def _confidence(scenario: Scenario) -> Iterator[Problem]:
    """Measured confidence that no agent with this success can have."""
    agents = dict.fromkeys(step.role for step in compile_flow(scenario.topology).steps)
    for name in agents:
        role = scenario.workers.get(name)
        if not isinstance(role, AgentRole):
            continue
        for type_id, task in scenario.tasks.items():
            success = compile_success(at_work(role, "success", type_id, STAGE))
            failures = compile_failures(at_work(role, "failures", type_id, STAGE), success)
            try:
                compile_confidence(at_work(role, "confidence", type_id, STAGE), success, failures, task.harder_by)
            except PydanticCustomError as error:
                yield _problem(("workers", name, "confidence"), error.type, error.message())
                break

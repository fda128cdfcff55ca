"""Checks of skill: measured success or confidence that nobody can have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from sim.problems import Problem
from sim.rules.confidence import compile_confidence
from sim.rules.failures import compile_failures
from sim.rules.success import LARGEST_SPREAD, compile_success
from sim.topology import roles_of
from sim.workers import HumanRole, Role, at_work

if TYPE_CHECKING:
    from sim.scenario import Scenario

Work = tuple[str, str]
"""Task type and stage."""


def skills(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the skill of each role at the work that it really does, once for each place."""
    found: dict[tuple[str | int, ...], Problem] = {}
    for work, flow in scenario.flows().items():
        for name in roles_of(flow):
            for problem in _skill(name, scenario.workers[name], work, _harder_by(scenario, work)):
                found.setdefault(problem.path, problem)
    yield from found.values()


def _harder_by(scenario: Scenario, work: Work) -> float:
    """Logits that the work is harder by: those of its type and those of its stage."""
    task = scenario.tasks[work[0]]
    return task.harder_by + (task.stages[work[1]].harder_by if work[1] in task.stages else 0.0)


def _skill(name: str, role: Role, work: Work, harder_by: float) -> Iterator[Problem]:
    """What is wrong with the parameters of a role at one kind of work."""
    try:
        success = compile_success(at_work(role, "success", *work))
    except ValueError:
        path = (*_written(name, role, work, "success"), "both_of_two_tries")
        yield Problem(path, "E0218", f"too close to the mean: a spread of {LARGEST_SPREAD:g} gives less")
        return
    if isinstance(role, HumanRole):
        return
    failures = compile_failures(at_work(role, "failures", *work), success)
    path = _written(name, role, work, "confidence")
    try:
        compile_confidence(at_work(role, "confidence", *work), success, failures, harder_by)
    except PydanticCustomError as error:
        yield Problem(path, error.type, error.message())
    except ValueError:
        yield Problem(path, "E0219", "mean_stated is out of reach: no overconfidence gives it")


def _written(name: str, role: Role, work: Work, field: str) -> tuple[str, ...]:
    """Where the value is written that a role has at a kind of work."""
    for key in (".".join(work), work[0]):
        if getattr(role.by_task.get(key), field, None) is not None:
            return ("workers", name, "by_task", key, field)
    return ("workers", name, field)

"""Checks of people: where a rule sends work to a person, there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.flows import place_of, policy_of, topology_of
from sim.problems import Problem
from sim.rules.recovery import CATEGORIES
from sim.topology import Action, Cascade, Flow
from sim.workers import AgentRole

if TYPE_CHECKING:
    from sim.scenario import Scenario

HINT = "give the topology a human, or guards: {person: <role>}"

Path = tuple[str | int, ...]
Work = tuple[str, str]
"""Task type and stage."""


def people(scenario: Scenario) -> Iterator[Problem]:
    """Rules that send work to a person where there is none, once for each place."""
    found: dict[Path, Problem] = {}
    for work, flow in scenario.flows().items():
        problems = [*_of_topology(scenario, work), *_of_policies(scenario, work, flow)]
        for problem in (*problems, *_moves(scenario, work, flow)):
            found.setdefault(problem.path, problem)
    yield from found.values()


def _of_topology(scenario: Scenario, work: Work) -> Iterator[Problem]:
    topology = topology_of(scenario, *work)
    if isinstance(topology, Cascade) and topology.value_limit is not None and topology.human is None:
        path = (*place_of(scenario, *work, "topology"), "value_limit")
        yield Problem(path, "E0350", "dear tasks go to a person, but this cascade has none; give human")


def _of_policies(scenario: Scenario, work: Work, flow: Flow) -> Iterator[Problem]:
    """An approval needs somebody who approves and redoes, a verification perhaps somebody who redoes."""
    approval, verification = (policy_of(scenario, *work, name) for name in ("approval", "verification"))
    where = f"at {'.'.join(work)} there is no person"
    if any(step.action in (Action.REVIEW, Action.EXECUTE) and not step.role for step in flow.steps):
        rule = f"a person approves, and does what is rejected, but {where}; give reviewer"
        yield Problem(place_of(scenario, *work, "approval"), "E0350", rule)
    elif verification is not None and verification.then == "person":
        guard = scenario.guards.person if scenario.guards is not None else None
        human = getattr(topology_of(scenario, *work), "human", None)
        if not (human or guard or (approval is not None and approval.reviewer)):
            path = (*place_of(scenario, *work, "verification"), "then")
            yield Problem(path, "E0350", f"what is found goes to a person, but {where}; {HINT}")


def _moves(scenario: Scenario, work: Work, flow: Flow) -> Iterator[Problem]:
    """Recovery moves that hand a failure to a person."""
    if flow.person >= 0:
        return
    for name in (step.role for step in flow.steps if step.action is Action.ATTEMPT):
        role = scenario.workers[name]
        assert isinstance(role, AgentRole)
        for category in CATEGORIES.values():
            for number, move in enumerate(getattr(role.recovery, category)):
                if move.move == "person":
                    path = ("workers", name, "recovery", category, number, "move")
                    yield Problem(
                        path, "E0350", f"at {'.'.join(work)} there is no person; {HINT}, or write block"
                    )

"""Checks of a workflow: every stage is led to, every way leads to delivery, shares add up to 1."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.checks.branches import branches
from sim.checks.graph import first_cycle, reachable, reversed_edges
from sim.flows import next_of, topology_of
from sim.problems import Problem
from sim.stages import DELIVER, Stage

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.tasks import TaskType

NO_AGENT = ("cascade", "custom")
"""Kinds of topology that name their agents otherwise; `human_only` keeps the binding, so that a kind may be varied."""
SLACK = 1e-9
"""By how much shares may miss 1."""


def workflows(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the stages of each task type; the graph only where every stage that is named exists."""
    for type_id, task in scenario.tasks.items():
        path = ("tasks", type_id, "stages")
        if DELIVER in task.stages:
            rule = f"{DELIVER} is where every workflow ends; no stage may have this name"
            yield Problem((*path, DELIVER), "E0336", rule, of_key=True)
            continue
        found = list(_shares(task.stages, path)) or list(_graph(task, path))
        yield from found or _dead_words(scenario, type_id, path)


def _dead_words(scenario: Scenario, type_id: str, path: tuple[str, ...]) -> Iterator[Problem]:
    """What is written at a stage but could do nothing there."""
    for name, stage in scenario.tasks[type_id].stages.items():
        if stage.on.get("failed") == DELIVER:
            rule = "what failed has nothing to deliver; name a stage, or leave it out: then the task fails"
            yield Problem((*path, name, "on", "failed"), "E0337", rule)
        kind = topology_of(scenario, type_id, name).kind
        if stage.agent is not None and kind in NO_AGENT:
            rule = f"a topology of kind {kind} does not read it; give the stage a topology of its own"
            yield Problem((*path, name, "agent"), "E0338", rule)


def _graph(task: TaskType, path: tuple[str, ...]) -> Iterator[Problem]:
    """Forks first, then circles, then what is left aside: one mistake often brings the next."""
    edges = {name: _leads_to(task, name) for name in task.stages}
    joins = [stage.join for stage in task.stages.values() if stage.join is not None]
    if all(name in edges or name == DELIVER for names in (joins, *edges.values()) for name in names):
        forks = list(branches(task.stages, edges, path))
        yield from forks or list(_endless(task, edges, path)) or _unreachable(edges, path)


def _leads_to(task: TaskType, name: str, is_taken: bool = False) -> list[str]:
    """Stages (or `deliver`) that may follow a stage, each once; `is_taken` leaves out ways with a share of 0."""
    stage = task.stages[name]
    following = list(stage.on.values())
    if not {"by_agent", "by_person"} <= stage.on.keys():  # else every output goes as `on` says
        following += stage.parallel
        following += [target for target, share in next_of(task, name).items() if share or not is_taken]
    return list(dict.fromkeys(following))


def _shares(stages: dict[str, Stage], path: tuple[str, ...]) -> Iterator[Problem]:
    for name, stage in stages.items():
        if isinstance(stage.next, dict):
            total = math.fsum(stage.next.values())
            if abs(total - 1.0) > SLACK:
                rule = f"the shares must add up to 1, got {total:.12g}"
                yield Problem((*path, name, "next"), "E0330", rule)


def _unreachable(edges: dict[str, list[str]], path: tuple[str, ...]) -> Iterator[Problem]:
    """Stages that nothing leads to; a way with a share of 0 leads somewhere too, so that it may be varied."""
    reached = reachable(edges, list(edges)[:1])
    for name in edges:
        if name not in reached:
            rule = f"nothing leads to {name}; name it in next (0 % will do), on or parallel of another stage"
            yield Problem((*path, name), "E0331", rule, of_key=True)


def _endless(task: TaskType, edges: dict[str, list[str]], path: tuple[str, ...]) -> Iterator[Problem]:
    """A circle of stages that no way leaves, so that nothing could ever be delivered."""
    taken = {name: _leads_to(task, name, is_taken=True) for name in edges}
    ending = reachable(reversed_edges(taken), [DELIVER])
    reached = reachable(taken, list(edges)[:1])
    cycle = first_cycle(
        taken, dict.fromkeys(name for name in edges if name in reached and name not in ending)
    )
    if cycle:
        written = (number for number, name in enumerate(cycle) if task.stages[name].next is not None)
        first = next(written, 0) % (len(cycle) - 1)
        round_trip = [*cycle[first:-1], *cycle[: first + 1]]
        rule = f"no way leads from here to {DELIVER}: {' -> '.join(round_trip)}"
        yield Problem((*path, cycle[first], "next"), "E0332", rule)

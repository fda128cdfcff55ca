"""Checks of custom topologies: every step is led to, ends somewhere, and has what it works on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.checks.graph import first_cycle, reachable, reversed_edges
from sim.checks.topologies import Path, topologies
from sim.problems import Problem
from sim.references import TARGETS
from sim.topology import Custom
from sim.topology.build import APPROVE, EXECUTE
from sim.topology.custom import FINAL_STEPS, AttemptStep, CustomStep, ExecuteStep, ReviewStep, RouteStep

if TYPE_CHECKING:
    from sim.scenario import Scenario

ADDED = (APPROVE, "gate", "redo", "verify", "person")
"""Labels of the steps that policies and guards add to a flow."""
ADDED_BEFORE = ("validate_", "clarify_")
"""How labels of added steps begin that name another step or a role."""


def is_added(label: str) -> bool:
    """Whether a step of this label is one that policies and guards add to a flow."""
    return label in ADDED or label.startswith(ADDED_BEFORE)


def custom_steps(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the steps of each custom topology; the graph only where every step named exists."""
    for path, topology in topologies(scenario):
        if isinstance(topology, Custom):
            yield from _steps(topology.steps, (*path, "steps"))


def _steps(steps: dict[str, CustomStep], path: Path) -> Iterator[Problem]:
    taken = list(_taken_names(steps, path))
    yield from taken
    if taken:
        return
    edges = {name: _leads_to(step) for name, step in steps.items()}
    if all(target in steps or target in FINAL_STEPS for following in edges.values() for target in following):
        yield from _graph(edges, path)
        yield from _circles(steps, edges, path)
        yield from _work(steps, edges, path)


def _taken_names(steps: dict[str, CustomStep], path: Path) -> Iterator[Problem]:
    """Names that mean something: the ends, and the steps that policies and guards put between the others."""
    for name, step in steps.items():
        if name in FINAL_STEPS:
            rule = f"{name} is where every flow may end; no step may have this name"
        elif is_added(name):
            rule = f"{name} is what policies and guards call a step that they add; choose another name"
        elif name == EXECUTE and not isinstance(step, ExecuteStep):
            rule = f"{name} is where policies send what a person must do: it must be a step with {EXECUTE}"
        else:
            continue
        yield Problem((*path, name), "E0336", rule, of_key=True)


def _leads_to(step: CustomStep) -> list[str]:
    """Steps that may follow, each once."""
    following = [getattr(step, key, None) for key in TARGETS]
    return list(dict.fromkeys(target for target in following if target is not None))


def _graph(edges: dict[str, list[str]], path: Path) -> Iterator[Problem]:
    """Every step can be reached, and something is delivered after each."""
    first = next(iter(edges))
    reached = reachable(edges, [first])
    delivering = reachable(reversed_edges(edges), ["deliver"])
    for name in edges:
        if name not in reached:
            rule = f"no way leads here from {first}, the first step"
            yield Problem((*path, name), "E0341", rule, of_key=True)
        elif name not in delivering:
            yield Problem((*path, name), "E0342", "no way leads from here to deliver", of_key=True)


def _circles(steps: dict[str, CustomStep], edges: dict[str, list[str]], path: Path) -> Iterator[Problem]:
    """Routes take no time: a circle of them would never end."""
    routes = dict.fromkeys(name for name, step in steps.items() if isinstance(step, RouteStep))
    cycle = first_cycle(edges, routes)
    if cycle:
        rule = f"routes take no time, so this circle would never end: {' -> '.join(cycle)}"
        yield Problem((*path, cycle[0]), "E0343", rule, of_key=True)


def _work(steps: dict[str, CustomStep], edges: dict[str, list[str]], path: Path) -> Iterator[Problem]:
    """Routes and reviews look at an output that somebody made before; a revision is an attempt."""
    first = next(iter(steps))
    makers = [name for name, step in steps.items() if isinstance(step, AttemptStep | ExecuteStep)]
    looking = (RouteStep, ReviewStep)
    bare = reachable(edges, [first], border=makers)
    for name, step in steps.items():
        if isinstance(step, looking) and name in bare:
            what = "a route" if isinstance(step, RouteStep) else "a review"
            rule = f"{what} looks at an output, but nobody has made one here yet; begin with an attempt"
            yield Problem((*path, name), "E0344", rule, of_key=True)
        if isinstance(step, ReviewStep) and not isinstance(steps.get(step.revised), AttemptStep):
            tries = [other for other, made in steps.items() if isinstance(made, AttemptStep)]
            hint = f"; there is {', '.join(tries)}" if tries else ""
            yield Problem((*path, name, "revised"), "E0345", f"must be an attempt, got {step.revised}{hint}")

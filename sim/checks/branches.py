"""Checks of forks: branches side by side that share nothing, and all of which come to their join."""

from __future__ import annotations

from collections.abc import Iterator

from sim.checks.graph import reachable
from sim.problems import Problem
from sim.stages import DELIVER, Stage

Path = tuple[str, ...]
Stages = dict[str, Stage]
Edges = dict[str, list[str]]


def branches(stages: Stages, edges: Edges, path: Path) -> Iterator[Problem]:
    """What is wrong with forks; how branches run only when every fork is well formed, and of the first one at fault.

    Forks lie inside each other, so that a branch that goes astray in one does so in others.
    """
    forks = [name for name, stage in stages.items() if stage.parallel or stage.join is not None]
    formed = [problem for name in forks for problem in _form(name, stages[name], (*path, name))]
    yield from formed
    for name in forks if not formed else ():
        found = {problem.path: problem for problem in reversed(list(_ways(name, stages, edges, path)))}
        if found:
            yield from found.values()
            return


def _form(name: str, stage: Stage, path: Path) -> Iterator[Problem]:
    """A fork has two branches or more, all different, a join, and no other way on."""
    if not stage.parallel:
        yield Problem(
            (*path, "join"), "E0333", "a join needs parallel: the stages whose branches it waits for"
        )
        return
    if stage.next is not None:
        rule = "parallel says where this stage leads; write next at its branches and at its join"
        yield Problem((*path, "next"), "E0333", rule)
    if stage.join is None:
        yield Problem((*path, "parallel"), "E0333", "needs join: the stage that waits for every branch")
    if len(stage.parallel) < 2:
        rule = f"needs at least 2 branches; for one way on write next: {stage.parallel[0]}"
        yield Problem((*path, "parallel"), "E0333", rule)
    if stage.join == name:
        yield Problem((*path, "join"), "E0333", f"{name} cannot wait for its own branches")
    taken = {str(stage.join): "is the join", name: "is the fork itself"}
    for number, branch in enumerate(stage.parallel):
        if branch in taken:
            yield Problem((*path, "parallel", number), "E0333", f"{branch} {taken[branch]}")
        taken.setdefault(branch, "is a branch already")


def _ways(fork: str, stages: Stages, edges: Edges, path: Path) -> Iterator[Problem]:
    """Every branch runs to the join, through stages of its own that nothing else leads to."""
    stage, join = stages[fork], str(stages[fork].join)
    owner: dict[str, str] = {}
    for branch in stage.parallel:
        inside = reachable(edges, [branch], border=(join, fork, DELIVER))
        others = [name for name in stage.parallel if name != branch]
        for name in (name for name in inside if name not in owner):
            for target in edges[name]:
                if target in (fork, DELIVER):
                    rule = (
                        f"leads to {target} before the branch {branch} comes to its join; write next: {join}"
                    )
                    yield _problem(stages, path, name, target, "E0334", rule)
                elif target in others or target in owner:
                    whose = target if target in others else owner[target]
                    rule = f"leads from the branch {branch} into the branch {whose}; write next: {join}"
                    yield _problem(stages, path, name, target, "E0335", rule)
        for name in inside:
            owner.setdefault(name, branch)
    yield from _entered(fork, stages, edges, owner, path)


def _entered(fork: str, stages: Stages, edges: Edges, owner: dict[str, str], path: Path) -> Iterator[Problem]:
    """Ways into a branch, or to the join, that do not come through the fork."""
    join = stages[fork].join
    for name in (name for name in stages if name not in owner):
        for target in stages[fork].on.values() if name == fork else edges[name]:
            if target == join:
                rule = f"leads to {join}, which waits for the branches of {fork}: only they may lead there"
                yield _problem(stages, path, name, target, "E0335", rule)
            elif target in owner:
                rule = f"leads into the branch {owner[target]} of {fork}: only {fork} may begin it"
                yield _problem(stages, path, name, target, "E0335", rule)


def _problem(stages: Stages, path: Path, name: str, target: str, code: str, rule: str) -> Problem:
    """The problem of one way on, at the value that says it."""
    stage = stages[name]
    by_ending = [ending for ending, to in stage.on.items() if to == target]
    if by_ending:
        return Problem((*path, name, "on", by_ending[0]), code, rule)
    if isinstance(stage.next, dict):
        return Problem((*path, name, "next", target), code, rule, of_key=True)
    if stage.next is None and not stage.parallel:
        return Problem((*path, name), code, f"without next it {rule}", of_key=True)
    return Problem((*path, name, "parallel" if stage.parallel else "next"), code, rule)

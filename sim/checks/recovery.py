"""Checks of recovery moves: none repeats what cannot help, none comes after the end, each has its role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.problems import Problem
from sim.rules.recovery import CATEGORIES, NEEDS_ROLE, TERMINAL, UNCHANGED, Move
from sim.workers import AgentRole

if TYPE_CHECKING:
    from sim.scenario import Scenario

PERSISTENT = ("deterministic", "governance")
"""Failures that stay the same however often the same thing is tried (rows RT-03, RT-05)."""
WITH_THE_RIGHT = (*NEEDS_ROLE, "ask_owner", *TERMINAL)
"""Moves after a governance failure: only somebody else has the right."""

Path = tuple[str | int, ...]


def recoveries(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the recovery moves of each agent role."""
    for name, role in scenario.workers.items():
        if isinstance(role, AgentRole):
            for category in CATEGORIES.values():
                moves = getattr(role.recovery, category)
                for number, move in enumerate(moves):
                    path = ("workers", name, "recovery", category, number)
                    yield from _move(move, category, name, path)
                    if move.move in TERMINAL and number < len(moves) - 1:
                        rule = f"after {move.move} the agent does not try again: it must be the last move"
                        yield Problem((*path, "move"), "E0355", rule)


def _move(move: Move, category: str, name: str, path: Path) -> Iterator[Problem]:
    if move.move in UNCHANGED and category in PERSISTENT:
        rule = f"a {category} failure is the same on every try, so {move.move} never helps"
        hint = "for the baseline that tries everything again write retries: {policy: naive}"
        yield Problem((*path, "move"), "E0353", f"{rule}; {hint}")
    elif category == "governance" and move.move not in WITH_THE_RIGHT:
        rule = f"{move.move} gives nobody the right that is missing"
        yield Problem((*path, "move"), "E0353", f"{rule}; allowed: {', '.join(WITH_THE_RIGHT)}")
    if move.move in NEEDS_ROLE and move.role is None:
        yield Problem((*path, "move"), "E0354", f"{move.move} needs role: the agent role that tries next")
    elif move.move in NEEDS_ROLE and move.role == name:
        yield Problem((*path, "role"), "E0354", f"must be another role than {name} itself")
    elif move.move not in NEEDS_ROLE and move.role is not None:
        rule = f"{move.move} takes no role; only {' and '.join(NEEDS_ROLE)} hand the work on"
        yield Problem((*path, "role"), "E0354", rule)

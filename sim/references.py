"""References in a tree that is not a scenario yet: what can be told of names although other parts are broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from sim.problems import Problem, absent
from sim.spec import Id

NAMES = {"calendars": ("E0302", "calendar"), "tasks": ("E0303", "task type"), "workers": ("E0305", "role")}
"""Section -> code and noun of a name that it lacks."""
TOLD_APART_BY = {"tasks": "arrivals", "workers": "kind"}
"""Section -> key that every new part of it has."""
FITTING = {"agent": "agent", "human": "human", "reviewer": "human"}
"""Binding of a topology -> kind of role that fits."""
ID = re.compile(get_args(Id)[1].pattern)
MOST_PARTS = 1000
"""Entries above which a section is refused anyway; to look for likely names in it would take too long."""


def misnamed_parts(tree: Any, base: Any) -> Iterator[Problem]:
    """Parts that an overlay over `base` only touches, as if they were there: names that were misspelt."""
    for section, key in TOLD_APART_BY.items():
        known, (code, noun) = _section(base, section), NAMES[section]
        for name, part in _section(tree, section).items():
            if known and name not in known and isinstance(part, dict) and key not in part:
                yield absent((section, name), code, noun, name, sorted(known), section, of_key=True)


def broken_references(tree: Any, misplaced: Sequence[str] = ()) -> Iterator[Problem]:
    """Names of calendars, task types and roles that are not defined; what is malformed is passed over.

    So are the names of parts that are `misplaced`: they are defined, but where they cannot be.
    """
    sections = {section: _section(tree, section) for section in NAMES}
    certain = [section for section, parts in sections.items() if parts and all(map(ID.fullmatch, parts))]
    for path, section, name in _references(tree):
        parts = sections[section]
        if section in certain and name not in parts and name not in misplaced:
            code, noun = NAMES[section]
            kind = FITTING.get(path[-1], "") if section == "workers" else ""
            known = [part for part in parts if not kind or _section(parts, part).get("kind") == kind]
            yield absent(path, code, noun, name, sorted(known), of_key="by_task" in path)


def _references(tree: Any) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Every name that is used: where, the section that should have it, the name."""
    found: list[tuple[tuple[str, ...], str, Any]] = []
    tasks, workers, topology = (_section(tree, section) for section in ("tasks", "workers", "topology"))
    for name in tasks:
        during = _section(tasks[name], "arrivals").get("during")
        found.append((("tasks", name, "arrivals", "during"), "calendars", during))
        words = str(_section(tasks, name).get("sla")).split()
        found.append((("tasks", name, "sla"), "calendars", words[-1] if words[-2:-1] == ["of"] else None))
    for name in workers:
        found.append((("workers", name, "calendar"), "calendars", _section(workers, name).get("calendar")))
        for key in _section(workers[name], "by_task"):
            found.append((("workers", name, "by_task", key), "tasks", key.partition(".")[0]))
    found += [(("topology", binding), "workers", topology.get(binding)) for binding in FITTING]
    yield from (use for use in found if isinstance(use[2], str))


def _section(tree: Any, name: str) -> dict[str, Any]:
    """A mapping inside a mapping, with those of its keys that are text; empty when there is none to go by."""
    part = tree.get(name) if isinstance(tree, dict) else None
    if not isinstance(part, dict) or len(part) > MOST_PARTS:
        return {}
    return {key: value for key, value in part.items() if isinstance(key, str)}

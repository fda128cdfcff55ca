"""References: every name that a part of a scenario gives of another, whether or not the rest of it is sound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from sim.problems import Problem, absent
from sim.rules.recovery import CATEGORIES
from sim.spec import Id, Spec
from sim.stages import DELIVER
from sim.topology import STAGE
from sim.topology.custom import FINAL_STEPS

NAMES = {
    "calendars": ("E0302", "calendar"), "tasks": ("E0303", "task type"), "stages": ("E0304", "stage"),
    "workers": ("E0305", "role"), "steps": ("E0340", "step"),
}  # fmt: skip
"""Section -> code and noun of a name that it lacks."""
TOLD_APART_BY = {"tasks": "arrivals", "workers": "kind"}
"""Section -> key that every new part of it has."""
BINDINGS = {"agent": "agent", "human": "human", "reviewer": "human"}
"""Binding of a topology -> kind of role that fits."""
OF_STEPS = {"attempt": "agent", "review": "human", "execute": "human", "assistant": "agent"}
"""Key of a custom step -> kind of role that fits."""
TARGETS = ("output", "failed", "confident", "unsure", "dear", "approved", "revised", "rejected", "done")
"""Keys of custom steps that say where a result leads."""
OF_POLICIES = {"approval": ("reviewer", "human"), "validator": ("role", "agent")}
"""Policy -> its key that names a role, and the kind that fits."""
ID = re.compile(get_args(Id)[1].pattern)
MOST_PARTS = 1000
"""Entries above which a section is refused anyway; to look for likely names in it would take too long."""

Path = tuple[str | int, ...]
"""Where something is written."""


@dataclass(frozen=True, slots=True)
class Use:
    """A name where it is used."""

    path: Path
    section: tuple[str, ...]
    """Path of the mapping that should have it."""
    name: str
    kind: str = ""
    """Kind of role that fits."""
    of_key: bool = False
    """Whether the name is a key."""
    also: tuple[str, ...] = ()
    """Names that fit beside those of the section."""

    def absent(self, known: list[str]) -> Problem:
        """The problem that nothing has the name."""
        code, noun = NAMES[self.section[-1]]
        return absent(self.path, code, noun, self.name, known, of_key=self.of_key)


def misnamed_parts(tree: Any, base: Any) -> Iterator[Problem]:
    """Parts that an overlay over `base` only touches, as if they were there: names that were misspelt."""
    for section, key in TOLD_APART_BY.items():
        known, (code, noun) = parts(base, section), NAMES[section]
        for name, part in parts(tree, section).items():
            if known and name not in known and isinstance(part, dict) and key not in part:
                yield absent((section, name), code, noun, name, sorted(known), section, of_key=True)


def broken_references(tree: Any, misplaced: Sequence[str] = ()) -> Iterator[Problem]:
    """Names in a tree that nothing has, although other parts of it may be malformed: those are passed over.

    So are the names of parts that are `misplaced`: they are defined, but where they cannot be.
    """
    is_certain: dict[tuple[str, ...], bool] = {}
    for use in uses(tree):
        if use.section not in is_certain:
            found = parts(tree, *use.section)
            is_certain[use.section] = bool(found) and all(map(ID.fullmatch, found))
        if is_certain[use.section] and not is_known(tree, use) and use.name not in misplaced:
            yield use.absent(fitting(tree, use))


def is_known(whole: Any, use: Use) -> bool:
    """Whether something has the name."""
    return use.name in use.also or use.name in _mapping(whole, use.section)


def fitting(whole: Any, use: Use) -> list[str]:
    """Names that would do, sorted."""
    found = parts(whole, *use.section)
    names = [name for name in found if not use.kind or _get(found[name], "kind") == use.kind]
    return sorted(dict.fromkeys([*names, *use.also]))


def parts(whole: Any, *path: str) -> dict[str, Any]:
    """A mapping inside mappings, with those of its keys that are text; empty when there is none to go by."""
    return {key: value for key, value in _mapping(whole, path).items() if isinstance(key, str)}


def _mapping(whole: Any, path: tuple[str, ...]) -> dict[Any, Any]:
    for name in path:
        whole = _get(whole, name)
    return whole if isinstance(whole, dict) and len(whole) <= MOST_PARTS else {}


def uses(whole: Any) -> Iterator[Use]:
    """Every name that is used in a scenario, or in a tree that is not one yet."""
    found = [
        *_of_topology(whole, ("topology",)),
        *_of_policies(whole, ()),
        *_of_guards(_get(whole, "guards")),
    ]
    for name, task in parts(whole, "tasks").items():
        found += _of_task(task, ("tasks", name))
    for name, role in parts(whole, "workers").items():
        found += _of_role(whole, role, ("workers", name))
    yield from (use for use in found if isinstance(use.name, str))


def _get(part: Any, name: str | int) -> Any:
    """A value inside a part, be it checked already or a mapping as it was read."""
    if isinstance(part, dict):
        return part.get(name)
    return getattr(part, str(name), None) if isinstance(part, Spec) else None


def _listed(part: Any, name: str) -> list[Any]:
    found = _get(part, name)
    return list(found)[:MOST_PARTS] if isinstance(found, list | tuple) else []


def _role(path: Path, part: Any, key: str, kind: str) -> Use:
    return Use((*path, key), ("workers",), _get(part, key), kind)


def _of_task(task: Any, path: tuple[str, ...]) -> Iterator[Use]:
    yield Use((*path, "arrivals", "during"), ("calendars",), _get(_get(task, "arrivals"), "during"))
    words = str(_get(task, "sla")).split()
    if words[-2:-1] == ["of"]:
        yield Use((*path, "sla"), ("calendars",), words[-1])
    yield _role((*path, "discovery"), _get(task, "discovery"), "by", "human")
    yield from _of_topology(task, (*path, "topology"))
    yield from _of_policies(task, path)
    for name, stage in parts(task, "stages").items():
        yield from _of_stage(stage, (*path, "stages", name), (*path, "stages"))


def _of_stage(stage: Any, path: tuple[str, ...], section: tuple[str, ...]) -> Iterator[Use]:
    for binding in ("agent", "human"):
        yield _role(path, stage, binding, BINDINGS[binding])
    yield from _of_topology(stage, (*path, "topology"))
    yield from _of_policies(stage, path)
    yield Use((*path, "next"), section, _get(stage, "next"), also=(DELIVER,))
    for target in parts(stage, "next"):
        yield Use((*path, "next", target), section, target, of_key=True, also=(DELIVER,))
    for ending, target in parts(stage, "on").items():
        yield Use((*path, "on", ending), section, target, also=(DELIVER,))
    for number, branch in enumerate(_listed(stage, "parallel")):
        yield Use((*path, "parallel", number), section, branch)
    yield Use((*path, "join"), section, _get(stage, "join"))


def _of_topology(owner: Any, path: tuple[str, ...]) -> Iterator[Use]:
    topology = _get(owner, "topology")
    for binding, kind in BINDINGS.items():
        yield _role(path, topology, binding, kind)
    yield _role((*path, "ladder"), _get(topology, "ladder"), "peer", "agent")
    for number, tier in enumerate(_listed(topology, "tiers")):
        name = tier if isinstance(tier, str) else _get(tier, "agent")
        yield Use((*path, "tiers", number, "agent"), ("workers",), name, "agent")
    for name, step in parts(topology, "steps").items():
        place = (*path, "steps", name)
        for key, kind in OF_STEPS.items():
            yield _role(place, step, key, kind)
        for key in TARGETS:
            yield Use((*place, key), (*path, "steps"), _get(step, key), also=FINAL_STEPS)


def _of_policies(owner: Any, path: tuple[str, ...]) -> Iterator[Use]:
    for policy, (key, kind) in OF_POLICIES.items():
        yield _role((*path, policy), _get(owner, policy), key, kind)


def _of_role(whole: Any, role: Any, path: tuple[str, ...]) -> Iterator[Use]:
    yield Use((*path, "calendar"), ("calendars",), _get(role, "calendar"))
    yield _role((*path, "clarification"), _get(role, "clarification"), "asks", "agent")
    for category in CATEGORIES.values():
        for number, move in enumerate(_listed(_get(role, "recovery"), category)):
            yield _role((*path, "recovery", category, number), move, "role", "agent")
    types = parts(whole, "tasks")
    for key in parts(role, "by_task"):
        type_id, _, stage = key.partition(".")
        yield Use((*path, "by_task", key), ("tasks",), type_id, of_key=True)
        if stage and type_id in types:
            also = () if _get(types[type_id], "stages") else (STAGE,)
            yield Use((*path, "by_task", key), ("tasks", type_id, "stages"), stage, of_key=True, also=also)


def _of_guards(guards: Any) -> Iterator[Use]:
    yield _role(("guards",), guards, "person", "human")
    for name, budget in parts(guards, "budgets").items():
        path = ("guards", "budgets", name)
        for number, role in enumerate(_listed(budget, "roles")):
            yield Use((*path, "roles", number), ("workers",), role, "agent")
        for role, cheaper in parts(budget, "downgrade").items():
            yield Use((*path, "downgrade", role), ("workers",), role, "agent", of_key=True)
            yield Use((*path, "downgrade", role), ("workers",), cheaper, "agent")

"""Overlays: a scenario's text with parts replaced, as `variants` and `--set` write them."""

from __future__ import annotations

from typing import Any

from sim.errors import Fault, ScenarioError
from sim.topology.custom import ACTIONS

BINDINGS = ("agent", "human")
"""What a topology keeps when its kind changes: every preset shares these."""
ANY = "*"
"""An id that an author chose, in a path."""
NAMED: tuple[tuple[str, ...], ...] = (
    ("calendars",), ("tasks",), ("workers",), ("fixed_costs",), ("exchange",), ("variants",),
    ("tasks", ANY, "stages"),
    ("workers", ANY, "by_task"),
    ("topology", "steps"), ("tasks", ANY, "topology", "steps"), ("tasks", ANY, "stages", ANY, "topology", "steps"),
    ("guards", "budgets"), ("guards", "budgets", ANY, "downgrade"),
)  # fmt: skip
"""Mappings whose keys are ids that an author chose, whatever they are called."""
WHOLE = ("success", "confidence", "price", "next")
"""Blocks that are always replaced whole: what is left of the old one would not fit the new."""


def overlaid(base: Any, patch: Any, path: tuple[str, ...] = ()) -> Any:
    """`base` with `patch` laid over it; neither is changed.

    Mappings merge key by key. A block whose `kind`, `process` or `distribution` changes is replaced whole, and
    so is every distribution, `success`, `confidence`, `price` and `next`, and a step that does something else; a
    topology of another kind keeps its bindings, wherever it stands.
    """
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    key = path[-1] if path and not _is_named(path[:-1]) else ""  # empty where an author chose the key
    if not _is_named(path):
        if key == "topology" and "kind" in patch and patch["kind"] != base.get("kind"):
            return {**{name: base[name] for name in BINDINGS if name in base}, **patch}
        if key in WHOLE or _is_another(base, patch, path):
            return patch
    merged = dict(base)
    for name, value in patch.items():
        merged[name] = overlaid(base[name], value, (*path, str(name))) if name in base else value
    return merged


def _is_named(path: tuple[str, ...]) -> bool:
    """Whether the keys of the mapping at this path are ids."""
    return any(
        len(path) == len(named) and all(word in (ANY, step) for word, step in zip(named, path, strict=True))
        for named in NAMED
    )


def _is_another(base: dict[str, Any], patch: dict[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a block is told to be of another kind, so that its old values say nothing of it."""
    if "distribution" in base or "distribution" in patch:
        return True
    if path[-2:-1] == ("steps",) and any(action in patch and action not in base for action in ACTIONS):
        return True
    return any(tag in patch and tag in base and patch[tag] != base[tag] for tag in ("kind", "process"))


def dotted(values: dict[str, Any]) -> dict[str, Any]:
    """An overlay from dotted paths: `{"workers.clerk.positions": 8}` becomes nested mappings.

    Raises ScenarioError when one path lies inside another.
    """
    for path in values:
        inside = [other for other in values if other.startswith(path + ".")]
        if inside:
            message = f"set twice; {inside[0]} lies inside it"
            raise ScenarioError([Fault("overrides", 0, 0, "E0111", path, message)])
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *parents, last = path.split(".")
        place = tree
        for part in parents:
            place = place.setdefault(part, {})
        place[last] = value
    return tree

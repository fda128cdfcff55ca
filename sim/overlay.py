"""Overlays: a scenario's text with parts replaced, as `variants` and `--set` write them."""

from __future__ import annotations

from typing import Any

from sim.errors import Fault, ScenarioError

BINDINGS = ("agent", "human")
"""What a topology keeps when its kind changes: every preset shares these."""
NAMED = (
    "calendars", "tasks", "workers", "fixed_costs", "exchange", "variants", "by_task", "stages", "damage", "steps",
)
"""Mappings whose keys are ids that an author chose: at the top, and `by_task` inside a role."""
WHOLE = ("success", "confidence", "price")
"""Blocks that are always replaced whole."""


def overlaid(base: Any, patch: Any, path: tuple[str, ...] = ()) -> Any:
    """`base` with `patch` laid over it; neither is changed.

    Mappings merge key by key. A block whose `kind`, `process` or `distribution` changes is replaced whole, and
    so is every distribution, `success`, `confidence` and `price`; a topology of another kind keeps its bindings.
    """
    if not isinstance(base, dict) or not isinstance(patch, dict) or _is_replaced_whole(base, patch, path):
        return patch
    if path == ("topology",) and "kind" in patch and patch["kind"] != base.get("kind"):
        return {**{name: base[name] for name in BINDINGS if name in base}, **patch}
    merged = dict(base)
    for key, value in patch.items():
        merged[key] = overlaid(base[key], value, (*path, str(key))) if key in base else value
    return merged


def _is_replaced_whole(base: dict[str, Any], patch: dict[str, Any], path: tuple[str, ...]) -> bool:
    if path and path[-1] in NAMED and len(path) in (1, 3):
        return False  # its keys are ids, whatever they are called
    is_id = len(path) in (2, 4) and path[-2] in NAMED
    if path and path[-1] in WHOLE and not is_id:
        return True
    if "distribution" in base or "distribution" in patch:
        return True
    tags = ("process",) if path == ("topology",) else ("kind", "process")
    return any(tag in patch and tag in base and patch[tag] != base[tag] for tag in tags)


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

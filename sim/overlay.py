"""Overlays: a scenario's text with parts replaced, as `variants` and `--set` write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
FORMS: dict[str, dict[str, str]] = {
    "success": {"spread": "both_of_two_tries", "both_of_two_tries": "spread"},
    "confidence": {
        "self_knowledge": "auroc", "auroc": "self_knowledge",
        "overconfidence": "mean_stated", "mean_stated": "overconfidence",
    },
}  # fmt: skip
"""Keys of such blocks that say the same thing in another form."""
TAGS = ("kind", "process", "distribution")
"""Keys that say what a block is: with another of them its old values say nothing."""


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


def forgotten(base: Any, patch: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Blocks of `success` and `confidence` that `patch` replaces whole, by dotted path, with what they lose.

    Only keys that fall back to a default are lost: not those of another form of the same thing, which the block
    now has, such as `both_of_two_tries` in place of `spread`.
    """
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return
    if path and path[-1] in FORMS and not _is_named(path[:-1]):
        others = FORMS[path[-1]]
        if any(key in base for key in patch):
            lost = tuple(key for key in base if key not in patch and others.get(key) not in patch)
            if lost:
                yield ".".join(path), lost
        return
    for name, value in patch.items():
        if name in base:
            yield from forgotten(base[name], value, (*path, str(name)))


def variant_warnings(base: Any, name: str, patch: Any) -> list[str]:
    """What the variant of that name may lose of `base` without meaning it, one sentence for each block."""
    return [
        f"variant {name}: {path} is replaced whole, without the file's {' and '.join(keys)}: write "
        f"{'it' if len(keys) == 1 else 'them'} again to keep {'it' if len(keys) == 1 else 'them'}"
        for path, keys in forgotten(base, patch)
    ]


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
    return any(tag in patch and tag in base and patch[tag] != base[tag] for tag in TAGS[:2])


def with_values(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with single values set by dotted path: `{"workers.clerk.positions": 8}`; it is not changed.

    Everything beside a value stays: `workers.bot.success.mean` keeps the spread. A path that ends in a tag, and a
    value that is a mapping, is laid over what is there as an overlay; tags first. Raises ScenarioError when one path
    lies inside another.
    """
    for path in values:
        inside = [other for other in values if other.startswith(path + ".")]
        if inside:
            message = f"set twice; {inside[0]} lies inside it"
            raise ScenarioError([Fault("overrides", 0, 0, "E0111", path, message)])
    tree = dict(base)
    for path in sorted(values, key=lambda path: path.rpartition(".")[2] not in TAGS):
        tree = _with_value(tree, tuple(path.split(".")), values[path])
    return tree


def _with_value(base: Any, keys: tuple[str, ...], value: Any, path: tuple[str, ...] = ()) -> Any:
    """`base`, which stands at `path`, with a value set at `keys` inside it."""
    if not keys:
        return overlaid(base, value, path)
    block = base if isinstance(base, dict) else {}
    key, *rest = keys
    if not rest and key in TAGS:
        return overlaid(block, {key: value}, path)
    return {**block, key: _with_value(block.get(key), tuple(rest), value, (*path, key))}

"""Dotted paths as charts and tables show them: no longer than it takes to tell them apart."""

from __future__ import annotations

from collections.abc import Sequence

OF_SOMETHING = frozenset({
    "beta", "both_of_two_tries", "cv", "every", "high", "input", "low", "mean", "median", "output", "p95", "rate", "sd",
    "spread", "value",
})  # fmt: skip
"""Last parts that say nothing alone: the mean of what?"""


def short_names(paths: Sequence[str]) -> list[str]:
    """The shortest ends of the paths that tell them apart and say what they are: `wage`, `work_time.mean`."""
    found = []
    for path in paths:
        keys = path.split(".")
        least = 2 if keys[-1] in OF_SOMETHING else 1
        ends = [".".join(keys[-length:]) for length in range(least, len(keys) + 1)]
        others = [other for other in paths if other != path]
        unique = (end for end in ends if not any(f".{other}".endswith(f".{end}") for other in others))
        found.append(next(unique, path))
    return found


def with_currency(name: str, currency: str) -> str:
    """A path with the unit of its values where they are money, `damage_if_wrong (EUR)`; others carry theirs."""
    return f"{name} ({currency})" if currency else name


def fitting(path: str, longest: int) -> str:
    """As many of the last parts as fit; of a last part that does not fit alone its end, after an ellipsis."""
    parts = path.split(".")
    while len(parts) > 1 and len(".".join(parts)) > longest:
        parts = parts[1:]
    text = ".".join(parts)
    return text if len(text) <= longest else "…" + text[len(text) - longest + 1 :]

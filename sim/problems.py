"""Problems: what is wrong between the parts of a scenario, each with the path of the part at fault."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sim.errors import Fault

MOST_LISTED = 12
"""Known names that a message lists when none of them is close."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong between the parts of a scenario."""

    path: tuple[str | int, ...]
    code: str
    message: str
    of_key: bool = False
    """Whether the key itself is at fault rather than its value."""

    def fault(self) -> Fault:
        """The problem of a scenario that was built in Python, without a place in a text."""
        return Fault("<scenario>", 0, 0, self.code, ".".join(str(part) for part in self.path), self.message)


def nearest(word: Any, known: list[str]) -> str:
    """The known word that is spelt most like `word`, or of which it is the first part; empty when none is."""
    if not isinstance(word, str):
        return ""
    longer = sorted((name for name in known if name.startswith(f"{word}_")), key=len)
    return next(iter([*get_close_matches(word, known, n=1), *longer]), "")


def likely(word: Any, known: list[str]) -> str:
    """The likely intention, as the end of a message; empty when none is clear."""
    meant = nearest(word, known)
    return f"; did you mean {meant}?" if meant else ""


def alternatives(word: str, known: list[str]) -> str:
    """The likely intention or, when none is clear, the known words, as the end of a message."""
    more = ", ..." if len(known) > MOST_LISTED else ""
    listed = f"; there is {', '.join(known[:MOST_LISTED])}{more}" if known else "; none is defined"
    return likely(word, known) or listed


def absent(
    path: tuple[str | int, ...],
    code: str,
    noun: str,
    name: str,
    known: list[str],
    section: str = "",
    of_key: bool = False,
) -> Problem:
    """The problem of a name that nothing has: `no role clark; did you mean clerk?`."""
    among = f" among {section}" if section else ""
    return Problem(path, code, f"no {noun} {name}{among}{alternatives(name, known)}", of_key)

"""How a command ended: what tests of verbs look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def folder(self) -> Path:
        """The folder of the results, which the last line names."""
        return Path(self.out.splitlines()[-1])


Command = Callable[..., Ended]

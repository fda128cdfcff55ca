"""How a command ended: what tests of verbs look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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

    @property
    def words(self) -> str:
        """The page in one line."""
        return " ".join(self.out.split())

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Command = Callable[..., Ended]

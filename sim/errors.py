"""The errors this package raises, as a tree.

WorkforceError
  ScenarioError      the reader can fix it: a scenario file, an override, an input file
  InvariantError     we must fix it: a law of the simulator was broken
"""

from __future__ import annotations

from dataclasses import dataclass


class WorkforceError(Exception):
    """Anything this package raises on purpose."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with a scenario, with the place where a reader finds it.

    `line` and `column` count from 1; both are 0 when the fault has no place in a text
    (a scenario built in Python, a `--set` value).
    """

    file: str
    line: int
    column: int
    code: str
    path: str
    message: str
    source: str = ""
    """The line of text the fault is on, empty when there is none."""
    width: int = 1
    """How many characters the caret underlines."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        where = f" {self.path}" if self.path else ""
        return f"{place}: {self.code}{where}: {self.message}"

    def with_source(self) -> str:
        """The message, then the line of text with the place underlined."""
        if not self.source:
            return str(self)
        gutter = f"{self.line:5d} | "
        underline = " " * (len(gutter) - 2) + "| " + " " * (self.column - 1) + "^" * max(1, self.width)
        return f"{self}\n{gutter}{self.source}\n{underline}"


class ScenarioError(WorkforceError):
    """The scenario cannot be run as written. `faults` lists everything that is wrong, sorted by place."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[list[Fault]]]:
        """As whoever sends it to another process needs it: with its faults."""
        return ScenarioError, (list(self.faults),)


class InvariantError(WorkforceError):
    """A law of the simulator did not hold: a defect in this package, never in the scenario."""

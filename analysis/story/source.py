"""The log of a story, with plain words for a file that cannot be read or is of another scenario."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.logs import Blocks, SavedLog
from sim.errors import WorkforceError
from sim.log.columns import Block
from sim.scenario import Scenario


class UnreadableLogError(WorkforceError):
    """A saved log that is missing, damaged or of another scenario."""


@dataclass(frozen=True, slots=True)
class StoryLog:
    """A saved log, read against the scenario it should be of."""

    scenario: Scenario
    path: Path

    def blocks(self) -> Iterator[Block]:
        """The rows, in order, in blocks; raises UnreadableLogError."""
        try:
            for block in SavedLog(self.path).blocks():
                self._check(block)
                yield block
        except FileNotFoundError:
            raise UnreadableLogError(f"{self.path} is missing") from None
        except (OSError, ValueError, LookupError):
            raise UnreadableLogError(f"{self.path} cannot be read: damaged, or not a log of a run") from None

    def _check(self, block: Block) -> None:
        known = (("type", list(self.scenario.tasks)), ("role", list(self.scenario.workers)))
        for column, names in known:
            foreign = [name for name in block.names[column] if name not in names]
            if foreign:
                raise UnreadableLogError(
                    f"{self.path} is of another scenario: it has the {column} {foreign[0]}, "
                    f"{self.scenario.name} has {', '.join(names)}"
                )


def story_log(scenario: Scenario, log: Blocks | Path | str) -> Blocks:
    """A log to tell stories from: a live one as it is, a saved one with its errors in plain words."""
    match log:
        case SavedLog(path=path):
            return StoryLog(scenario, path)
        case Path() | str():
            return StoryLog(scenario, Path(log))
        case _:
            return log

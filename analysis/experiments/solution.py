"""Solutions: the least values that meet conditions, with everything that was tried on the way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.estimates import Estimate
from analysis.experiments.conditions import Condition
from analysis.experiments.decision import difference
from analysis.experiments.saved import loaded, write_document
from analysis.experiments.search import candidate_rows as rows
from analysis.experiments.search.candidate import Candidate
from analysis.experiments.search.kept import solution_document, solution_parts
from analysis.experiments.search.pareto import Pareto
from analysis.experiments.tables import html_table
from analysis.metrics import Metric
from sim import Scenario

if TYPE_CHECKING:
    import pandas as pd

KIND = "solve"
"""What a saved file says it holds."""


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """What a search found, and every candidate that it simulated on the same draws."""

    scenario: Scenario
    """As it was written."""
    paths: tuple[str, ...]
    """What was varied."""
    conditions: tuple[Condition, ...]
    objectives: tuple[Metric, ...]
    """What was made small, or large where more is better."""
    sure: float | None
    """Probability with which each condition must be met; None where the estimates decide."""
    tried: tuple[Candidate, ...]
    """In the order in which they were tried."""
    answer: int | None
    """Place of the answer among them; None when nothing that was tried passes."""
    below: tuple[int, ...] = ()
    """Places of the candidates one step below the answer, one for each path that has a step below."""
    method: str = "integer"
    """How it was searched: `integer` or `optuna`."""
    refused: int = 0
    """Candidates that are no valid scenario."""

    @property
    def best(self) -> Candidate | None:
        """The answer; None when nothing that was tried passes."""
        return None if self.answer is None else self.tried[self.answer]

    @property
    def one_less(self) -> tuple[Candidate, ...]:
        """The candidates one step below the answer."""
        return tuple(self.tried[place] for place in self.below)

    @cached_property
    def nearest(self) -> Candidate:
        """The answer, or else what comes nearest to meeting the conditions."""
        return self.best or min(self.tried, key=lambda found: (found.shortfall, len(found.failed)))

    @property
    def solved(self) -> Scenario:
        """The scenario with the values of the answer, or of what comes nearest."""
        return self.nearest.result.scenario

    @property
    def is_minimal(self) -> bool:
        """Whether there is an answer and no step down from it passes."""
        return self.answer is not None and not any(found.passes for found in self.one_less)

    @property
    def exceptions(self) -> tuple[Candidate, ...]:
        """For one path: larger values than the answer that fail although it passes."""
        if self.best is None or len(self.paths) > 1 or self.method != "integer":
            return ()
        least = self.best.values[self.paths[0]]
        if not isinstance(least, int | float):
            return ()
        return tuple(
            found for found in self.tried if found.values[self.paths[0]] > least and not found.passes
        )

    @property
    def seed(self) -> int:
        """The seed of every candidate."""
        return self.tried[0].result.seed

    @property
    def replications(self) -> int:
        """How many of each candidate."""
        return max(len(found.result.tallies) for found in self.tried)

    @property
    def is_complete(self) -> bool:
        """Whether every candidate was replicated as often as it should be, and no limit stopped a replication."""
        return all(found.result.is_complete for found in self.tried)

    @cached_property
    def frontier(self) -> Pareto | None:
        """The candidates that pass, weighed by two or three objectives; None for one, or when none passes."""
        passing = {found.label: found.result for found in self.tried if found.passes}
        return Pareto(passing, self.objectives) if len(self.objectives) > 1 and passing else None

    def difference(self, other: Candidate, metric: Metric | str) -> Estimate:
        """A metric, or the one of that name, of another candidate less that of the answer, on the same draws."""
        return difference(metric, other.result, self.nearest.result)

    def to_frame(self) -> pd.DataFrame:
        """One row per candidate and replication: its values, and one column per metric."""
        import pandas as pd

        frames = []
        for found in self.tried:
            frame = found.result.to_frame()
            for place, (path, value) in enumerate(found.values.items()):
                frame.insert(place, path, [value] * len(frame))
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """One row per candidate: its values, whether it passes, each condition and each objective with intervals."""
        import pandas as pd

        return pd.DataFrame(rows.candidates(self))

    def differences(self) -> pd.DataFrame:
        """One row per step below the answer and metric: by how much it differs, with the paired interval."""
        import pandas as pd

        return pd.DataFrame(rows.steps(self))

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null for what is undefined."""
        return rows.document(self)

    def save(self, path: Path | str) -> Path:
        """Writes the solution into a file that `load` reads."""
        return write_document(Path(path), KIND, solution_document(self))

    @classmethod
    def load(cls, path: Path | str) -> Solution:
        """What `save` wrote; raises SavedResultError for any other file."""
        return loaded(path, KIND, lambda document: cls(**solution_parts(document)))

    def __repr__(self) -> str:
        found = "nothing passes" if self.best is None else self.best.label
        return f"<{len(self.tried)} candidates, {self.replications} replications: {found}>"

    def _repr_html_(self) -> str:
        """The candidates as a table, every text escaped."""
        head = f"{self.scenario.name} · {self.replications} replications · seed {self.seed}"
        return html_table(rows.candidates(self), head)

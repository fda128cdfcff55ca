"""Replay: the run once more from its folder alone, compared with what it left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis.runs.differences import Difference, first_difference
from analysis.runs.read import Run, read_run, verify
from sim.errors import ScenarioError
from sim.log.digest import LogDigest
from sim.run import simulate

Progress = Callable[[int, int], None]
"""Told how many replications are done, and of how many."""


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """What a replay found."""

    replications: int
    """Replications simulated again."""
    differing: tuple[int, ...]
    """Those whose log is not the one of the run."""
    changed: tuple[str, ...]
    """Files that are not as the run left them, one sentence each."""
    first: Difference | None = None
    """Where the kept log of replication 0 and the new one part."""

    @property
    def is_same(self) -> bool:
        """Whether everything is as the run left it."""
        return not self.differing and not self.changed and self.first is None

    def sentences(self) -> list[str]:
        """What is not as the run left it, one sentence each."""
        found = list(self.changed)
        if self.differing:
            which = ", ".join(map(str, self.differing))
            found.append(f"{len(self.differing)} of {self.replications} logs differ: replications {which}")
        if self.first is not None:
            found.append(f"the first difference of replication 0 is in {self.first}")
        return found


def replay(folder: Path | str, progress: Progress | None = None) -> ReplayOutcome:
    """Simulates the run again from its resolved scenario, inputs, seed and replications, and compares.

    Raises RunFolderError when the folder is no run, or of a version that draws otherwise.
    """
    run, changed = read_run(folder), verify(folder)
    run.check_streams()
    try:
        scenario = run.scenario
    except ScenarioError as error:
        if not changed:
            raise
        return ReplayOutcome(0, (), (*changed, str(error)))
    count, differing = run.manifest.replications, []
    for replication in range(count):
        wanted = run.manifest.log_digests[
            replication
        ]  # empty when its worker died of it: not to be tried here
        if wanted and simulate(scenario, run.manifest.seed, replication, log="folded").digest != wanted:
            differing.append(replication)
        if progress is not None:
            progress(replication + 1, count)
    return ReplayOutcome(count, tuple(differing), changed, _first_difference(run, 0 in differing))


def _first_difference(run: Run, is_new_different: bool) -> Difference | None:
    """Where the kept log parts from the new one; None when they are the same or none was kept."""
    if not run.has_events:
        return None
    try:
        digest = LogDigest()
        for block in run.saved_log().blocks():
            digest.add(block)
        if digest.hexdigest() == run.manifest.log_digests[0] and not is_new_different:
            return None
        new = simulate(run.scenario, run.manifest.seed, 0)
        return first_difference(run.saved_log().blocks(), new.blocks())
    except (OSError, ValueError, LookupError):  # the file is broken; its checksum has said so
        return None

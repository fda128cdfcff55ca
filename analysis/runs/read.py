"""Reading a run folder, and checking that it is as it was written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.experiments.saved import RESULT
from analysis.logs import Blocks, SavedLog
from analysis.runs.contents import RESOLVED
from analysis.runs.folder import MANIFEST, NoRunError, RunFolderError, file_digest, files_in, read_manifest
from analysis.runs.manifest import RUN, Manifest
from analysis.runs.write import EVENTS, KPIS, REPLICATIONS
from sim.draws import STREAM_VERSION
from sim.loading import load
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from analysis.experiments.loading import Saved


@dataclass(frozen=True)
class Run:
    """A run folder. What it holds is read when it is asked for."""

    folder: Path
    manifest: Manifest

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario of the run, from the folder alone; raises ScenarioError when the file was broken."""
        return load(self.folder / RESOLVED)

    @property
    def has_events(self) -> bool:
        """Whether the log of replication 0 was kept."""
        return EVENTS in self.manifest.files

    def kpis(self) -> dict[str, Any]:
        """Every metric with its interval and unit."""
        kpis: dict[str, Any] = json.loads((self.folder / KPIS).read_text(encoding="utf-8"))
        return kpis

    def replications(self) -> pd.DataFrame:
        """One row per replication."""
        import pyarrow.parquet as pq

        table: pd.DataFrame = pq.read_table(self.folder / REPLICATIONS).to_pandas()
        return table

    def saved_log(self) -> SavedLog:
        """The kept log of replication 0; RunFolderError when none was kept."""
        if not self.has_events:
            raise RunFolderError(f"{self.folder} has no {EVENTS}; make one with run --events")
        return SavedLog(self.folder / EVENTS)

    def log(self, replication: int = 0) -> Blocks:
        """The log of a replication: the kept one, or the same rows simulated again.

        Raises RunFolderError for a replication that the run does not have, when the kept log is not as the run
        left it, and when the rows made now are not those of the run.
        """
        if not 0 <= replication < self.manifest.replications:
            last = self.manifest.replications - 1
            raise RunFolderError(f"the run has replications 0 to {last}, got {replication}")
        if replication == 0 and self.has_events:
            self.check_events()
            return self.saved_log()
        from sim.run import simulate

        self.check_streams()
        log = simulate(self.scenario, self.manifest.seed, replication)
        if log.digest != self.manifest.log_digests[replication]:
            raise RunFolderError(
                f"replication {replication} simulated now is not that of {self.folder}; see replay"
            )
        return log

    def check_events(self) -> None:
        """Raises RunFolderError when the kept log cannot be read or is not the one that the run left."""
        try:
            is_own = file_digest(self.folder / EVENTS) == self.manifest.files[EVENTS]
        except OSError:
            is_own = False
        if not is_own:
            raise RunFolderError(
                f"{EVENTS} of this run is damaged or not its own; replay {self.folder} shows more"
            )

    def check_streams(self) -> None:
        """Raises RunFolderError when this version draws otherwise than the one that made the run."""
        if self.manifest.stream_version != STREAM_VERSION:
            package = self.manifest.versions.get("hybrid-workforce-simulator")
            raise RunFolderError(
                f"{self.folder} was made with draws of version {self.manifest.stream_version} "
                f"(package {package}); this package draws by version {STREAM_VERSION}"
            )


def read_run(folder: Path | str) -> Run:
    """The run in a folder; NoRunError when it is none, RunFolderError when it cannot be read."""
    manifest = read_manifest(Path(folder))
    if manifest.format != RUN:
        raise NoRunError(f"{folder} is the folder of a {manifest.kind}, not of a run")
    return Run(Path(folder), manifest)


def read_result(folder: Path | str) -> tuple[Manifest, Saved]:
    """The manifest of a folder and the whole result in it, of a run or of another experiment.

    Raises RunFolderError when the folder is none of ours, or holds no result or one that the manifest does not know;
    SavedResultError when this version does not read the result.
    """
    from analysis.experiments import loading

    place, manifest = Path(folder), read_manifest(Path(folder))
    if RESULT not in manifest.files:
        made = manifest.versions.get("hybrid-workforce-simulator", "unknown")
        raise RunFolderError(
            f"{folder} has no {RESULT}: version {made} of the package, which made it, kept none; "
            f"repeat the {manifest.kind}"
        )
    try:
        is_own = file_digest(place / RESULT) == manifest.files[RESULT]
    except FileNotFoundError:
        raise RunFolderError(f"{folder} has no {RESULT}, which its {MANIFEST} names") from None
    if not is_own:
        raise RunFolderError(f"{place / RESULT} was changed since the {manifest.kind}")
    return manifest, loading.load(place)


def verify(folder: Path | str) -> tuple[str, ...]:
    """What differs from the manifest, one sentence a file, sorted by file; empty when nothing does."""
    place, manifest = Path(folder), read_manifest(Path(folder))
    present = [name for name in files_in(place) if name != MANIFEST]
    problems = {name: "is not of the run" for name in present if name not in manifest.files}
    for name, digest in manifest.files.items():
        if name not in present:
            problems[name] = "is missing"
        elif file_digest(place / name) != digest:
            problems[name] = "was changed since the run"
    return tuple(f"{name} {problem}" for name, problem in sorted(problems.items()))

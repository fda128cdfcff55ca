"""Writing a run folder."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.experiments.saved import RESULT
from analysis.runs.contents import (
    RESOLVED,
    SCENARIO,
    write_manifest,
    write_scenarios,
    write_stated,
    write_text,
)
from analysis.runs.experiment import Savable
from analysis.runs.folder import MANIFEST, file_digest, read_manifest, run_identity, staged
from analysis.runs.manifest import Manifest, json_text, resolved_prices, versions
from sim.draws import STREAM_VERSION
from sim.log.columns import SCHEMA_VERSION
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

EVENTS = "events.parquet"
KPIS = "kpis.json"
REPLICATIONS = "replications.parquet"


@dataclass(frozen=True)
class RunRecord:
    """What is known of a finished run, before it is written."""

    scenario: Scenario
    seed: int
    log_digests: tuple[str, ...]
    """Digest of the log of each replication, in order."""
    kpis: Mapping[str, Any]
    """Every metric with its interval and unit, ready for JSON."""
    table: pd.DataFrame
    """One row per replication."""
    stopped: Mapping[int, str] = field(default_factory=dict)
    """Why a limit stopped a replication, by replication."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Values given beside the scenario's file, by path, as they were typed."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What else was asked for, as plain values by the name of its option."""
    planned: int | None = None
    """Replications asked for, when the run was interrupted before all were done."""
    events: Path | None = None
    """Parquet log of replication 0, which moves into the folder."""
    asked: str = ""
    """Identity of what was asked for, where that leaves the number of replications open."""
    ended: str = ""
    """Why the run ended before it was where it was to get; empty when it got there."""
    result: Savable | None = None
    """The whole result, which is read back to report on it; a run without it cannot be reported on."""

    @property
    def identity(self) -> str:
        """What tells this run from others."""
        return self.asked or run_identity(self.scenario, self.seed, self.planned or len(self.log_digests))

    @property
    def reasons(self) -> dict[str, str]:
        """Why the run is partial: by replication, and for the whole; empty when it is complete."""
        found = {str(replication): reason for replication, reason in sorted(self.stopped.items())}
        if self.ended:
            found["run"] = self.ended
        if self.planned is not None:
            found["run"] = f"interrupted after {len(self.log_digests)} of {self.planned} replications"
        return found


def write_run(record: RunRecord, target: Path) -> Path:
    """Writes the run as the folder `target` and returns it.

    Raises RunFolderError when `target` holds anything but the same run, OSError when it cannot be written.
    """
    with staged(target, record.identity) as stage:
        stated = write_stated({SCENARIO: record.scenario}, stage)
        write_scenarios({RESOLVED: record.scenario}, record.seed, stage)
        write_text(stage / KPIS, json_text(record.kpis))
        _write_table(record.table, stage / REPLICATIONS)
        if record.result is not None:
            record.result.save(stage / RESULT)
        if record.events is not None:
            shutil.move(record.events, stage / EVENTS)
        write_manifest(_manifest(record, stated), stage)
    return target


def add_file(folder: Path, name: str, text: str) -> Path:
    """Adds a text that was made from a finished folder, or writes it anew, and enters it in the manifest.

    Raises RunFolderError when the folder is none of ours, OSError when it cannot be written.
    """
    manifest = read_manifest(folder)
    path = replace_text(folder / name, text)
    files = {**manifest.files, name: file_digest(path)}
    replace_text(folder / MANIFEST, manifest.model_copy(update={"files": files}).text())
    return path


def replace_text(path: Path, text: str) -> Path:
    """Writes a text file as a whole or not at all, in place of one of that name, and returns it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        write_text(draft, text)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return path


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """As Parquet, without the metadata in which pandas names its own version."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    bare = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(bare, path, compression="zstd")


def _manifest(record: RunRecord, stated: tuple[str, ...]) -> Manifest:
    return Manifest(
        log_schema_version=SCHEMA_VERSION,
        stream_version=STREAM_VERSION,
        identity=record.identity,
        scenario=record.scenario.name,
        scenario_hash=record.scenario.digest(),
        seed=record.seed,
        replications=len(record.log_digests),
        overrides=dict(record.overrides),
        options=dict(record.options),
        stated=stated,
        prices=resolved_prices(record.scenario),
        versions=versions(),
        status="partial" if record.reasons else "complete",
        stopped_by=record.reasons,
        log_digests=record.log_digests,
        files={},
    )

"""Writing a run folder."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.runs.folder import MANIFEST, file_digest, files_in, run_identity, staged
from analysis.runs.manifest import Manifest, json_text, resolved_prices, versions
from analysis.runs.yaml_text import yaml_text
from sim.draws import STREAM_VERSION
from sim.log.columns import SCHEMA_VERSION
from sim.recorded import Recording
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

RESOLVED = "scenario.resolved.yaml"
EVENTS = "events.parquet"
KPIS = "kpis.json"
REPLICATIONS = "replications.parquet"
COMMENT = """The scenario of this run with every default and every price written out.
Amounts are in the scenario's currency."""


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
    planned: int | None = None
    """Replications asked for, when the run was interrupted before all were done."""
    events: Path | None = None
    """Parquet log of replication 0, which moves into the folder."""

    @property
    def identity(self) -> str:
        """What tells this run from others."""
        return run_identity(self.scenario, self.seed, self.planned or len(self.log_digests))

    @property
    def reasons(self) -> dict[str, str]:
        """Why the run is partial: by replication, and for the whole; empty when it is complete."""
        found = {str(replication): reason for replication, reason in sorted(self.stopped.items())}
        if self.planned is not None:
            found["run"] = f"interrupted after {len(self.log_digests)} of {self.planned} replications"
        return found


def write_run(record: RunRecord, target: Path) -> Path:
    """Writes the run as the folder `target` and returns it.

    Raises RunFolderError when `target` holds anything but the same run, OSError when it cannot be written.
    """
    with staged(target, record.identity) as stage:
        _write_scenario(record, stage)
        (stage / KPIS).write_text(json_text(record.kpis), encoding="utf-8", newline="\n")
        _write_table(record.table, stage / REPLICATIONS)
        if record.events is not None:
            shutil.move(record.events, stage / EVENTS)
        files = {name: file_digest(stage / name) for name in files_in(stage)}
        (stage / MANIFEST).write_text(_manifest(record, files).text(), encoding="utf-8", newline="\n")
    return target


def _write_scenario(record: RunRecord, stage: Path) -> None:
    """The resolved scenario, and copies of its inputs under names that need no trust."""
    tree = record.scenario.resolved()
    tree["seed"] = record.seed
    recordings = record.scenario.input_files()
    names = {file: f"inputs/{number}-{_safe(file)}" for number, file in enumerate(recordings, 1)}
    for task in tree["tasks"].values():
        if "file" in task["arrivals"]:
            task["arrivals"]["file"] = names[task["arrivals"]["file"]]
    (stage / RESOLVED).write_text(yaml_text(tree, COMMENT), encoding="utf-8", newline="\n")
    _copy_inputs({names[file]: recording for file, recording in recordings.items()}, stage)


def _copy_inputs(recordings: Mapping[str, Recording], stage: Path) -> None:
    for name, recording in recordings.items():
        copy = stage / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(recording.content)


def _safe(file: str) -> str:
    """The last part of a file's name with nothing but letters, digits, dots, _ and -."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", Path(file).name)[-80:]


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """As Parquet, without the metadata in which pandas names its own version."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    bare = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(bare, path, compression="zstd")


def _manifest(record: RunRecord, files: dict[str, str]) -> Manifest:
    return Manifest(
        log_schema_version=SCHEMA_VERSION,
        stream_version=STREAM_VERSION,
        identity=record.identity,
        scenario=record.scenario.name,
        scenario_hash=record.scenario.digest(),
        seed=record.seed,
        replications=len(record.log_digests),
        overrides=dict(record.overrides),
        prices=resolved_prices(record.scenario),
        versions=versions(),
        status="partial" if record.reasons else "complete",
        stopped_by=record.reasons,
        log_digests=record.log_digests,
        files=files,
    )

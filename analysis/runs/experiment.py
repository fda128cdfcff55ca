"""The folder of an experiment: what it found, and everything that is needed to read it again.

    manifest.json           what made the experiment, and the SHA-256 of every other file; written last
    stated/                 what was asked about: the files of scenarios with the values that were set, what they read
    scenario.resolved.yaml  its scenario, or its baseline, with every default and every price written out
    scenarios/              every scenario that was compared, in the same form
    inputs/                 copies of the recorded files that they read
    KIND.json               the findings as one document
    NAME.csv                tables of them
    result.json             the whole result, which `load` reads back

Two identical experiments leave identical bytes, the manifest apart.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from analysis.experiments import Replications
from analysis.experiments.saved import RESULT
from analysis.exports import inert
from analysis.runs.contents import (
    RESOLVED,
    SCENARIO,
    write_manifest,
    write_scenarios,
    write_stated,
    write_text,
)
from analysis.runs.folder import slug_of, staged
from analysis.runs.manifest import EXPERIMENT, Manifest, json_text, resolved_prices, versions
from sim.draws import STREAM_VERSION
from sim.log.columns import SCHEMA_VERSION
from sim.scenario import Scenario

SCENARIOS = "scenarios"
Row = Mapping[str, Any]


class Savable(Protocol):
    """A result that can be written into one file."""

    def save(self, path: Path) -> Path:
        """Writes it."""


@dataclass(frozen=True)
class ExperimentRecord:
    """What is known of a finished experiment, before it is written."""

    kind: str
    """The verb: `compare`, `sweep`, `solve`, ..."""
    scenario: Scenario
    """The scenario that was asked about, or the baseline."""
    seed: int
    replications: int
    """Of each scenario."""
    document: Mapping[str, Any]
    """The findings, ready for JSON."""
    tables: Mapping[str, Sequence[Row]]
    """Rows by column, by name of the table; an empty table is not written."""
    result: Savable
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Values given beside the scenario's file, by path, as they were typed."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why the experiment is partial; empty when it is complete."""
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    """Every scenario that was compared, by name, when there are several."""
    stated: Mapping[str, Scenario] = field(default_factory=dict)
    """What was asked about, by name of its file: `scenario`, unless several scenarios were compared."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What else was asked for, as plain values by the name of its option."""
    identity: str = ""
    """What tells the experiment from others, its options included; made of what is known here when it is empty."""

    @property
    def asked_about(self) -> Mapping[str, Scenario]:
        """Scenarios as they are stated, by name of file; none where it is not known from what variants were made."""
        return self.stated or ({} if self.scenarios else {SCENARIO: self.scenario})

    @property
    def own_identity(self) -> str:
        """What tells this experiment from others: only the same one may take the place of a folder."""
        if self.identity:
            return self.identity
        digests = {name: scenario.digest() for name, scenario in self.scenarios.items()}
        parts = [STREAM_VERSION, self.kind, self.scenario.digest(), digests, self.seed, self.replications]
        return hashlib.sha256(json.dumps([*parts, dict(self.overrides)]).encode()).hexdigest()


def reasons_of(results: Mapping[str, Replications]) -> dict[str, str]:
    """Why an experiment is partial: by variant and replication, or for the whole; empty when it is complete."""
    found: dict[str, str] = {}
    for name, result in results.items():
        found |= {
            f"{name}, replication {log.replication}": log.stopped_by for log in result.logs if log.stopped_by
        }
        found |= {f"replication {number}": reason for number, reason in result.lost.items()}
        if result.is_interrupted:
            found[name] = f"interrupted after {len(result.logs)} replications"
    return found


def write_experiment(target: Path, record: ExperimentRecord) -> Path:
    """Writes the experiment as the folder `target` and returns it.

    Raises RunFolderError when `target` holds anything but the same experiment, OSError when it cannot be written.
    """
    with staged(target, record.own_identity) as stage:
        stated = write_stated(record.asked_about, stage)
        write_scenarios({RESOLVED: record.scenario}, record.seed, stage)
        _write_compared(record, stage)
        write_text(stage / f"{record.kind}.json", json_text(dict(record.document)))
        for name, rows in record.tables.items():
            if rows:
                write_table(rows, stage / f"{name}.csv")
        record.result.save(stage / RESULT)
        write_manifest(_manifest(record, stated), stage)
    return target


def _write_compared(record: ExperimentRecord, stage: Path) -> None:
    """Every scenario that was compared, numbered in their order."""
    if record.scenarios:
        folder = stage / SCENARIOS
        folder.mkdir()
        named = {
            f"{number}-{slug_of(name)}.resolved.yaml": scenario
            for number, (name, scenario) in enumerate(record.scenarios.items(), 1)
        }
        write_scenarios(named, record.seed, folder)


def write_table(rows: Sequence[Row], path: Path) -> None:
    """Rows as CSV, an undefined number as an empty cell, no text as one that a spreadsheet computes."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(_inert, columns))
        for row in rows:
            writer.writerow([_inert(row.get(column)) for column in columns])


def _inert(value: Any) -> Any:
    """A cell that no spreadsheet computes; what has parts is written as JSON."""
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, allow_nan=False)
    return inert(value) if isinstance(value, str) else value


def _manifest(record: ExperimentRecord, stated: tuple[str, ...]) -> Manifest:
    return Manifest(
        format=EXPERIMENT,
        kind=record.kind,
        log_schema_version=SCHEMA_VERSION,
        stream_version=STREAM_VERSION,
        identity=record.own_identity,
        scenario=record.scenario.name,
        scenario_hash=record.scenario.digest(),
        seed=record.seed,
        replications=record.replications,
        overrides=dict(record.overrides),
        options=dict(record.options),
        stated=stated,
        prices=resolved_prices(record.scenario),
        versions=versions(),
        status="partial" if record.reasons else "complete",
        stopped_by=dict(record.reasons),
        log_digests=(),
        files={},
    )

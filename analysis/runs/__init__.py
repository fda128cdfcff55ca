"""The run folder: what a run leaves, and everything that is needed to do it again.

    manifest.json           what made the run, and the SHA-256 of every other file; written last
    stated/                 what was asked about: the file of the scenario with the values that were set, what it reads
    scenario.resolved.yaml  the scenario with every default and every price written out
    inputs/                 copies of the recorded files that it reads
    kpis.json               every metric with its interval and unit
    replications.parquet    one row per replication
    result.json             the whole result, which `Replications.load` reads back
    events.parquet          the log of replication 0, for a single replication or on request
    report.html             the page of it, once somebody has asked for it

What an experiment of several scenarios or points leaves is described in `experiment`.

Two identical runs leave identical bytes; only the manifest may differ, by the versions it names. A folder is
made under a temporary name beside its place, made durable, and renamed: it is there as a whole or not at all.
"""

from __future__ import annotations

from analysis.runs.experiment import ExperimentRecord, reasons_of, write_experiment
from analysis.runs.folder import RunFolderError, check_target, run_identity, run_name
from analysis.runs.manifest import Manifest, json_text
from analysis.runs.read import Run, read_run, verify
from analysis.runs.replay import ReplayOutcome, replay
from analysis.runs.write import RunRecord, write_run

__all__ = [
    "ExperimentRecord", "Manifest", "ReplayOutcome", "Run", "RunFolderError", "RunRecord", "check_target", "json_text",
    "read_run", "reasons_of", "replay", "run_identity", "run_name", "verify", "write_experiment", "write_run",
]  # fmt: skip

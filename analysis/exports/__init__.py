"""Exports: the log of a run in the formats of other tools.

| format  | holds                                                | for                          |
|---------|------------------------------------------------------|------------------------------|
| csv     | one line a row                                       | spreadsheets                 |
| jsonl   | one object a row                                     | scripts                      |
| parquet | one typed row a row                                  | SQL, data frames             |
| xes     | a trace for each task, events that start or complete | process mining, by task      |
| ocel    | an event for each row, with the objects in it        | process mining, by object    |
"""

from __future__ import annotations

import filecmp
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from analysis.exports.csv_file import write_csv
from analysis.exports.jsonl_file import write_jsonl
from analysis.exports.ocel_file import write_ocel
from analysis.exports.parquet_file import write_parquet
from analysis.exports.text import inert
from analysis.exports.xes_file import write_xes
from analysis.logs import Blocks
from sim.errors import WorkforceError
from sim.scenario import Scenario

__all__ = [
    "FORMATS", "ExportError", "ExportFormat", "export_log", "inert", "write_csv", "write_jsonl", "write_ocel",
    "write_parquet", "write_xes",
]  # fmt: skip


class ExportError(WorkforceError):
    """A file that must not be written."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format: the end of its files' names, and how it is written."""

    suffix: str
    write: Callable[[Blocks, Scenario, BinaryIO], None]


FORMATS: dict[str, ExportFormat] = {
    "csv": ExportFormat(".csv", write_csv),
    "jsonl": ExportFormat(".jsonl", write_jsonl),
    "parquet": ExportFormat(".parquet", write_parquet),
    "xes": ExportFormat(".xes", write_xes),
    "ocel": ExportFormat(".jsonocel", write_ocel),
}
"""The formats by name."""


def export_log(log: Blocks, scenario: Scenario, form: str, path: Path | str) -> Path:
    """Writes a log of the scenario as a file, as a whole or not at all, and returns its path.

    The same log gives the same bytes; a file that has them already stays. Raises KeyError for an unknown format,
    ExportError when something else is at the path, OSError when it cannot be written.
    """
    target, write = Path(path), FORMATS[form].write
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise ExportError(f"{target} exists and is not a file; choose another --out")
    if not target.parent.is_dir():
        raise ExportError(f"there is no folder {target.parent} to write {target.name} into")
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.partial")
    try:
        with open(draft, "xb") as file:
            write(log, scenario, file)
            file.flush()
            os.fsync(file.fileno())
        if target.exists() and not filecmp.cmp(draft, target, shallow=False):
            raise ExportError(f"{target} exists and holds something else; choose another --out or remove it")
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target

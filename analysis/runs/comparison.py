"""What a comparison leaves: one JSON document and one table, in a new folder."""

from __future__ import annotations

import csv
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.runs.folder import RunFolderError, make_durable
from analysis.runs.manifest import json_text

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison

DOCUMENT = "comparison.json"
TABLE = "summary.csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet would compute."""


def check_new(target: Path) -> None:
    """Raises RunFolderError when there is something at `target`, or no folder can be made there."""
    if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
        raise RunFolderError(
            f"{target} exists; a comparison is written to a new folder, choose another --out"
        )
    parent = next(part for part in Path(os.path.abspath(target)).parents if part.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise RunFolderError(f"{target} cannot be made: {parent} is not a folder that can be written")


def write_comparison(comparison: Comparison, target: Path) -> Path:
    """Writes the folder `target` as a whole and returns it.

    Raises RunFolderError when there is something there, OSError when it cannot be written.
    """
    check_new(target)
    place = Path(os.path.abspath(target))
    place.parent.mkdir(parents=True, exist_ok=True)
    stage = place.with_name(f".{place.name}.{secrets.token_hex(4)}.partial")
    stage.mkdir()
    try:
        document = comparison.to_json_dict()
        (stage / DOCUMENT).write_text(json_text(document), encoding="utf-8", newline="\n")
        _write_table(document["summary"], stage / TABLE)
        make_durable(stage)
        os.rename(stage, place)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    return target


def _write_table(rows: list[dict[str, Any]], path: Path) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0])
        for row in rows:
            writer.writerow([_inert(value) for value in row.values()])


def _inert(value: Any) -> Any:
    """A cell that no spreadsheet computes; an undefined number is empty."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value

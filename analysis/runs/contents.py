"""What every folder of results has: scenarios written out, copies of what they read, texts, and the manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from analysis.runs.folder import MANIFEST, file_digest, files_in
from analysis.runs.manifest import Manifest
from analysis.runs.yaml_text import yaml_text
from sim.recorded import Recording
from sim.scenario import Scenario

RESOLVED = "scenario.resolved.yaml"
INPUTS = "inputs"
COMMENT = """The scenario of this run with every default and every price written out.
Amounts are in the scenario's currency."""


def write_text(path: Path, text: str) -> None:
    """Writes a text file of the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def write_scenarios(
    scenarios: Mapping[str, Scenario], seed: int, folder: Path, with_variants: bool = False
) -> None:
    """Writes resolved scenarios into a folder by file name, and beside them, once, the recorded files they read.

    `with_variants` keeps their variants as they were written, so that an experiment that names one can be repeated.
    """
    copies: dict[tuple[str, str], str] = {}
    for name, scenario in scenarios.items():
        inputs = {
            file: _copied(recording, copies, folder) for file, recording in scenario.input_files().items()
        }
        tree = scenario.resolved()
        tree["seed"] = seed
        if with_variants and scenario.variants:
            tree["variants"] = scenario.tree()["variants"]
        for task in tree["tasks"].values():
            if "file" in task["arrivals"]:
                task["arrivals"]["file"] = inputs[task["arrivals"]["file"]]
        write_text(folder / name, yaml_text(tree, COMMENT))


def _copied(recording: Recording, copies: dict[tuple[str, str], str], folder: Path) -> str:
    """Name of the copy of a recorded file below the folder, made when there is none yet; it needs no trust."""
    known = recording.file, recording.digest
    if known not in copies:
        copies[known] = f"{INPUTS}/{len(copies) + 1}-{_safe(recording.file)}"
        (folder / INPUTS).mkdir(exist_ok=True)
        (folder / copies[known]).write_bytes(recording.content)
    return copies[known]


def _safe(file: str) -> str:
    """The last part of a file's name with nothing but letters, digits, dots, _ and -."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", Path(file).name)[-80:]


def write_manifest(manifest: Manifest, stage: Path) -> None:
    """Writes the manifest, last of all, with the SHA-256 of every other file."""
    files = {name: file_digest(stage / name) for name in files_in(stage)}
    write_text(stage / MANIFEST, manifest.model_copy(update={"files": files}).text())

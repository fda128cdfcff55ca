"""What every folder of results has: scenarios written out, copies of what they read, texts, and the manifest."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.experiments.saved import recordings_of
from analysis.runs.folder import MANIFEST, file_digest, files_in
from analysis.runs.manifest import Manifest
from analysis.runs.yaml_text import yaml_text
from sim.recorded import Recording
from sim.scenario import Scenario

RESOLVED = "scenario.resolved.yaml"
SCENARIO = "scenario.yaml"
"""Name of the one scenario that was asked about."""
STATED = "stated"
INPUTS = "inputs"
COPY = re.compile(rf"{INPUTS}/\d+-(?=[^/]+$)")
"""How the name of the copy of a recorded file begins."""
AS_STATED = """The scenario as it was asked about: what its file says, with the values that were set."""
COMMENT = """The scenario of this run with every default and every price written out.
Amounts are in the scenario's currency."""


def write_text(path: Path, text: str) -> None:
    """Writes a text file of the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def names_below(files: Sequence[str]) -> list[str]:
    """The names of files below the folder that they have in common."""
    paths = [Path(os.path.abspath(file)) for file in files]
    common = os.path.commonpath([path.parent for path in paths])
    return [path.relative_to(common).as_posix() for path in paths]


def write_stated(scenarios: Mapping[str, Scenario], stage: Path) -> tuple[str, ...]:
    """Writes scenarios as they are stated, by file name, and returns the names below the folder.

    The recorded files that they or their variants read lie beside them under the names that they use, so that the
    same question can be asked again: a resolved scenario would fix the prices of a model that a variant replaces.
    """
    for name, scenario in scenarios.items():
        path = stage / STATED / name
        for file, recording in recordings_of(scenario).items():
            copy = Path(os.path.normpath(path.parent / file))
            if copy.is_relative_to(path.parent):  # not one by its whole path, which stays where it is
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(recording.content)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, yaml_text(scenario.tree(), AS_STATED))
    return tuple(f"{STATED}/{name}" for name in scenarios)


def write_scenarios(scenarios: Mapping[str, Scenario], seed: int, folder: Path) -> None:
    """Writes resolved scenarios into a folder by file name, and beside them, once, the recorded files they read."""
    copies: dict[tuple[str, str], str] = {}
    for name, scenario in scenarios.items():
        inputs = {
            file: _copied(recording, copies, folder) for file, recording in scenario.input_files().items()
        }
        tree = scenario.resolved()
        tree["seed"] = seed
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
    """The last part of a file's name with nothing but letters, digits, dots, _ and -; a copy's is the original's."""
    name = COPY.sub("", file) if COPY.match(file) else Path(file).name
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name)[-80:]


def write_manifest(manifest: Manifest, stage: Path) -> None:
    """Writes the manifest, last of all, with the SHA-256 of every other file."""
    files = {name: file_digest(stage / name) for name in files_in(stage)}
    write_text(stage / MANIFEST, manifest.model_copy(update={"files": files}).text())

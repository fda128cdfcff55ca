"""The folders of runs and other experiments below one folder, done, partial or unfinished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from analysis.runs.folder import RunFolderError, read_manifest
from analysis.runs.unfinished import SUFFIX, begun_in

Status = Literal["complete", "partial", "unfinished"]


@dataclass(frozen=True, slots=True)
class Listed:
    """What one folder holds."""

    folder: str
    """Its name."""
    kind: str
    """The verb that made it, or is to."""
    status: Status
    """`partial` when a limit or an interruption left something out, `unfinished` when `--resume` can go on."""
    scenario: str
    """Name of the scenario."""
    replications: int
    """Of each scenario; those that were asked for when it is unfinished."""
    seed: int
    finished: int | None = None
    """Replications that are kept of an unfinished one, of all its scenarios."""

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return asdict(self)


def listed(home: Path) -> list[Listed]:
    """What is in the folders below `home`, by name; folders of somebody else are left out.

    Raises RunFolderError when there is no such folder.
    """
    if not home.is_dir():
        raise RunFolderError(f"there is no folder {home}")
    return [found for folder in sorted(home.iterdir()) for found in _listed(folder)]


def _listed(folder: Path) -> Iterator[Listed]:
    """What a folder holds, if it is one of ours; those under a hidden name are on their way in or out."""
    if folder.name.startswith(".") or folder.is_symlink() or not folder.is_dir():
        return
    try:
        yield unfinished_in(folder) if folder.name.endswith(SUFFIX) else _made(folder)
    except RunFolderError:
        return


def unfinished_in(folder: Path) -> Listed:
    """What an unfinished folder holds; RunFolderError when it is none."""
    asked, count = begun_in(folder)
    return Listed(
        folder.name,
        asked["kind"],
        "unfinished",
        asked["scenario"],
        asked["replications"],
        asked["seed"],
        count,
    )


def _made(folder: Path) -> Listed:
    manifest = read_manifest(folder)
    return Listed(
        folder.name, manifest.kind, manifest.status, manifest.scenario, manifest.replications, manifest.seed
    )

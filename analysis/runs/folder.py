"""Where a run folder stands, and how it gets there as a whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from analysis.runs.manifest import EXPERIMENT, RUN, Manifest
from sim.draws import STREAM_VERSION
from sim.errors import WorkforceError
from sim.scenario import Scenario

MANIFEST = "manifest.json"
LONGEST_NAME = 60
"""Characters of a scenario's name that the folder's name keeps."""


class RunFolderError(WorkforceError):
    """A folder that cannot be read as a run, or must not be written to."""


class NoRunError(RunFolderError):
    """What was named is no folder of results, or not of the kind that is needed: there is nothing to be read."""


def run_identity(scenario: Scenario, seed: int, replications: int, goal: str = "") -> str:
    """What tells a run from others: the same identity gives the same results.

    A `goal` says how long to go on after these replications; one with a limit of time may give more or fewer.
    """
    text = f"{STREAM_VERSION} {scenario.digest()} {seed} {replications} {goal}".rstrip()
    return hashlib.sha256(text.encode()).hexdigest()


def run_name(title: str, identity: str) -> str:
    """Name of a run's folder, such as `invoice_reconciliation-3f9a1c`: only letters, digits, _ and -."""
    return f"{slug_of(title)}-{identity[:6]}"


def slug_of(title: str) -> str:
    """A title as part of a file's name: only letters, digits and _."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower())[:LONGEST_NAME].strip("_") or "run"


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_in(folder: Path) -> list[str]:
    """Names of all files of a folder, relative to it, sorted; links count as files and are not followed."""
    found = []
    for parent, folders, names in os.walk(folder):
        linked = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        found += [Path(parent, name).relative_to(folder).as_posix() for name in (*names, *linked)]
    return sorted(found)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder.

    Raises NoRunError when there is none or it is of something else, RunFolderError when this version does not read it.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise NoRunError(f"{folder} is not a run folder: it has no {MANIFEST}") from None
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        if not _is_ours(content):
            raise NoRunError(f"{folder} is not a run folder: its {MANIFEST} is of something else") from None
        raise RunFolderError(f"{folder / MANIFEST} cannot be read: {place} {first['msg']}") from None


def _is_ours(manifest: bytes) -> bool:
    """Whether a manifest that does not read well is one of this package all the same."""
    try:
        document = json.loads(manifest)
    except (ValueError, RecursionError):
        return True  # damaged: nobody else can tell
    return isinstance(document, dict) and document.get("format") in (RUN, EXPERIMENT)


def check_target(target: Path, identity: str) -> None:
    """Raises RunFolderError when a run cannot be put at `target`, so that it is known before the work.

    Nothing but the same run is ever replaced.
    """
    ancestor = next(parent for parent in Path(os.path.abspath(target)).parents if parent.exists())
    if not ancestor.is_dir() or not os.access(ancestor, os.W_OK | os.X_OK):
        raise RunFolderError(f"{target} cannot be made: {ancestor} is not a folder that can be written")
    if not os.path.lexists(target):
        return
    if target.is_symlink() or not target.is_dir():
        raise RunFolderError(f"{target} exists and is not a folder; choose another --out")
    present = files_in(target)
    if not present and not any(target.iterdir()):
        return
    if MANIFEST not in present:
        raise RunFolderError(f"{target} holds files that are not a run's; choose another --out")
    manifest = read_manifest(target)
    if manifest.identity != identity:
        raise RunFolderError(
            f"{target} holds another {manifest.kind} ({manifest.scenario}, seed {manifest.seed}, "
            f"{manifest.replications} replications); choose another --out or remove it"
        )
    foreign = [name for name in present if name != MANIFEST and name not in manifest.files]
    if foreign:
        raise RunFolderError(
            f"{target} also holds {foreign[0]}, which is not of the run; move it or choose another --out"
        )


@contextmanager
def staged(target: Path, identity: str) -> Iterator[Path]:
    """A new folder beside `target` to fill; it takes the target's place when the block ends, else it goes.

    Raises RunFolderError as `check_target` does, OSError when the place cannot be written.
    """
    check_target(target, identity)
    place = Path(os.path.abspath(target))  # "." has no place beside it
    place.parent.mkdir(parents=True, exist_ok=True)
    stage = place.with_name(f".{place.name}.{secrets.token_hex(4)}.partial")
    stage.mkdir()
    try:
        yield stage
        make_durable(stage)
        check_target(target, identity)
        _swap(stage, place)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise


def _swap(stage: Path, target: Path) -> None:
    """Gives the new folder its name; an old one of the same run makes room and goes."""
    old = None
    if target.exists():
        old = stage.with_suffix(".old")
        os.rename(target, old)
    os.rename(stage, target)
    _sync(target.parent)
    if old is not None:
        shutil.rmtree(old)


def make_durable(folder: Path) -> None:
    """Writes every file and folder through to the disk."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(parent, name))
        _sync(Path(parent))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

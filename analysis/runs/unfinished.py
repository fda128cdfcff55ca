"""The folder beside its target in which an experiment keeps what is finished, until all of it is."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.runs.asked import FORMAT, Asked, difference
from analysis.runs.finished import ASKED, FINISHED, Finished, ResumeError, lines_of
from analysis.runs.folder import NoRunError, RunFolderError, make_durable
from analysis.runs.owner import LOCK, owned

SUFFIX = ".unfinished"


def unfinished_folder(target: Path) -> Path:
    """Where an experiment whose results go to `target` keeps what is finished."""
    place = Path(os.path.abspath(target))  # "." has no place beside it
    shown = target if target.name else place
    return shown.with_name(place.name + SUFFIX)


@contextmanager
def kept_beside(target: Path, asked: Asked, resume: bool) -> Iterator[Finished]:
    """The finished replications of an experiment, kept beside `target`, this process's own while the block runs.

    A folder in which nothing is finished goes when the block ends, any other stays: `discard` removes it. Raises
    ResumeError when there is an unfinished one that this does not continue, or may not without `resume`; OwnedError
    when another process is at it.
    """
    folder = unfinished_folder(target)
    with _tidied(folder.parent), owned(folder):
        _check_files(folder)
        finished = Finished(folder / FINISHED)
        try:
            _check(folder, finished, asked, resume)
            if finished.asked is None or not len(finished):
                finished.begin(asked.document())
                make_durable(folder)
            yield finished
        finally:
            finished.close()
            if not len(finished):
                discard(folder)


@contextmanager
def _tidied(parent: Path) -> Iterator[None]:
    """Folders on the way to `parent` that are made in the block go when they are empty after it."""
    new = [path for path in (parent, *parent.parents) if not path.exists()]
    try:
        yield
    finally:
        for path in new:
            _remove_empty(path)


def discard(folder: Path) -> None:
    """Removes an unfinished folder, as far as it holds what this package put there."""
    for name in (FINISHED, LOCK):
        (folder / name).unlink(missing_ok=True)
    _remove_empty(folder)


def clear_stages(target: Path) -> None:
    """Removes what a kill left of folders that were being written to take the place of `target`.

    Only whoever owns the unfinished folder of `target` may do that, so that none is on its way now.
    """
    place = Path(os.path.abspath(target))
    stage = re.compile(rf"\.{re.escape(place.name)}\.[0-9a-f]{{8}}\.(partial|old)")
    for path in place.parent.iterdir():
        if stage.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # there is something in it
        return


def _check(folder: Path, finished: Finished, asked: Asked, resume: bool) -> None:
    if not len(finished):
        return
    if not resume:
        raise ResumeError(
            f"{folder} holds an unfinished experiment ({len(finished)} replications are finished); "
            "continue it with --resume, or choose another --out"
        )
    _check_same(folder, finished.asked, asked)


def check_begun(folder: Path, asked: Asked) -> None:
    """Raises ResumeError when something is finished in a folder and is not of what is asked for."""
    try:
        begun, _ = begun_in(folder)
    except RunFolderError:  # whoever takes the folder says more
        return
    _check_same(folder, begun, asked)


def _check_same(folder: Path, begun: Any, asked: Asked) -> None:
    if found := difference(begun, asked.document()):
        raise ResumeError(f"{folder} cannot be continued: {found}; choose another --out to begin again")


def _check_files(folder: Path) -> None:
    """Raises ResumeError when the folder holds something and not what was asked."""
    present = sorted(path.name for path in folder.iterdir())
    foreign = [name for name in present if name not in (FINISHED, LOCK)]
    if foreign and FINISHED not in present:
        raise ResumeError(f"{folder} holds {foreign[0]} and no {FINISHED}; move it or choose another --out")


def begun_in(folder: Path) -> tuple[dict[str, Any], int]:
    """What was asked of an unfinished experiment, and how much is finished.

    Raises NoRunError when it is none, RunFolderError when it cannot be read.
    """
    try:
        lines = lines_of(folder / FINISHED)
        first = next(lines, None)
        if first is None or first.key != ASKED:
            raise NoRunError(f"{folder} has nothing finished")
        with open(folder / FINISHED, "rb") as file:
            file.seek(first.start)
            asked = json.loads(file.read(first.length))
        if not (count := sum(1 for _ in lines)):
            raise NoRunError(f"{folder} has nothing finished")
    except (FileNotFoundError, NotADirectoryError):
        raise NoRunError(f"{folder} is not an unfinished experiment: it has no {FINISHED}") from None
    except (OSError, ResumeError) as error:
        raise RunFolderError(f"{folder} cannot be read: {error}") from None
    if asked.get("format") != FORMAT:
        raise NoRunError(f"{folder} is not an unfinished experiment")
    return asked, count

"""What somebody named who named no folder of results, and what to do instead."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from analysis.cli.experiment import HOME
from analysis.cli.terminal import to_be_typed

RUN_ALONE, EXPERIMENTS = ("run",), ("run", "compare")
"""Verbs that make what a verb on a folder needs: a run with its logs, or any results."""
SCENARIO_ENDINGS = (".yaml", ".yml")


@contextmanager
def naming(place: Path, verbs: Sequence[str] = EXPERIMENTS) -> Iterator[None]:
    """What is no folder of results, where one must be named, is an error of usage that says what to do instead.

    `verbs` are those that make what is needed.
    """
    from analysis.runs.folder import NoRunError

    try:
        yield
    except NoRunError:
        raise click.ClickException(instead_of(place, verbs)) from None


def instead_of(place: Path, verbs: Sequence[str]) -> str:
    """What the place is, and what to name or to do instead."""
    if not place.exists():
        return _instead_of_nothing(place)
    if place.is_file():
        return _instead_of_file(place, verbs)
    return _instead_of_folder(place)


def _instead_of_nothing(place: Path) -> str:
    from analysis.runs.unfinished import unfinished_folder
    from sim.problems import likely

    if _is_unfinished(unfinished_folder(place)):
        return _unfinished(unfinished_folder(place))
    if place.suffix in SCENARIO_ENDINGS:
        return f"there is no {place}; name the folder of a run, which workforce runs list shows"
    known = [str(folder) for home in (place.parent, Path(HOME)) for folder in _folders_in(home)]
    named = {Path(folder).name: folder for folder in known}
    if place.name in named:
        return f"there is no folder {place}; did you mean {named[place.name]}?"
    hint = likely(str(place), known) or "; workforce runs list shows what there is"
    return f"there is no folder {place}{hint}"


def _instead_of_file(place: Path, verbs: Sequence[str]) -> str:
    for parent in place.parents[:2]:
        if _is_ours(parent):
            return f"{place} is a file in a folder of results; name the folder: {parent}"
    if place.suffix not in SCENARIO_ENDINGS:
        return f"{place} is a file, not a folder of results; workforce runs list shows what there is"
    commands = [f"workforce {verb} {shlex.quote(str(place))}" for verb in verbs]
    return (
        f"{place} is a scenario, not a folder of results; {' or '.join(verbs)} it first, "
        f"then name the folder in the last line{to_be_typed(*commands)}"
    )


def _instead_of_folder(place: Path) -> str:
    from analysis.runs.folder import MANIFEST, read_manifest

    if _is_unfinished(place):
        return _unfinished(place)
    if _is_ours(place):  # but not of the kind that is needed
        manifest = read_manifest(place)
        stated = [f"workforce run {shlex.quote(str(place / name))}" for name in manifest.stated]
        hint = f"; a run of the same{to_be_typed(*stated)}" if stated else ""
        return f"{place} is the folder of a {manifest.kind}, not of a run{hint}"
    if found := _folders_in(place):
        command = to_be_typed(shlex.join(["workforce", "runs", "list", str(place)]))
        return f"{place} holds folders of results and is none itself; name one, such as {found[0]}{command}"
    is_foreign = (place / MANIFEST).exists()
    why = f"its {MANIFEST} is of something else" if is_foreign else f"it has no {MANIFEST}"
    return f"{place} is not a folder of results: {why}; workforce runs list shows what there is"


def _unfinished(folder: Path) -> str:
    return f"{folder} holds what is not finished; the command that began it goes on with --resume"


def _is_ours(folder: Path) -> bool:
    """Whether the results of a run or of another experiment are in a folder."""
    from analysis.runs.folder import read_manifest

    return _reads(read_manifest, folder)


def _is_unfinished(folder: Path) -> bool:
    """Whether an experiment that can be continued is in a folder."""
    from analysis.runs.unfinished import begun_in

    return _reads(begun_in, folder)


def _reads(read: Callable[[Path], object], folder: Path) -> bool:
    from analysis.runs.folder import RunFolderError

    try:
        read(folder)
    except (RunFolderError, OSError):
        return False
    return True


def _folders_in(home: Path) -> list[Path]:
    """The folders of results below another one, the latest first."""
    from analysis.runs.listing import listed

    found = [home / one.folder for one in listed(home)] if home.is_dir() else []
    return sorted(found, key=lambda folder: folder.stat().st_mtime, reverse=True)

"""Where an experiment of the command line puts its results, and where it keeps what is finished until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from analysis.cli.interruption import is_interruption
from analysis.cli.outcome import Exit, counted, say

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from analysis.runs import ExperimentRecord
    from analysis.runs.asked import Asked
    from analysis.runs.finished import Finished
    from sim import Scenario

HOME = "runs"
"""Folder that the folders of experiments are put into unless `--out` names one."""
NOT_ASKED = (
    "file", "files", "settings", "seed", "replications", "out", "resume", "jobs", "engine", "address", "events",
    "gates", "as_json", "quiet", "verbose", "no_progress",
)  # fmt: skip
"""Fields of a verb's request that change no result, or are part of what tells experiments apart by themselves."""


def resume_option() -> Callable[[Any], Any]:
    """`--resume`, the same for every verb that has it."""
    help_text = "Continue what was interrupted or killed: what it had finished is not simulated again."
    return click.option("--resume", is_flag=True, help=help_text)


def asked_of(kind: str, request: Any, scenarios: Scenario | Mapping[str, Scenario], seed: int) -> Asked:
    """What a verb of the name `kind` was asked, from its dataclass of options; those left at their default are not."""
    from analysis.runs.asked import Asked
    from sim import Scenario

    named = {"": scenarios} if isinstance(scenarios, Scenario) else dict(scenarios)
    values = {typed: _plain(getattr(request, name)) for name, typed in _typed_options(request).items()}
    options = {
        typed: value
        for typed, value in values.items()
        if not (value is None or value is False or value == [])
    }
    return Asked(kind, named, seed, request.replications, options)


def _typed_options(request: Any) -> dict[str, str]:
    """How the options that were given are typed, by field of the request; without a command all of them were."""
    names = [field.name for field in fields(request) if field.name not in NOT_ASKED]
    context = click.get_current_context(silent=True)
    if context is None:
        return {name: f"--{name}" for name in names}
    typed = {option.name: max(option.opts, key=len) for option in context.command.params}
    return {
        name: typed[name]
        for name in names
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def target_of(asked: Asked, file: str, out: str | None) -> Path:
    """The folder for the results: `out`, or one in `runs` named after file, verb and what was asked."""
    from analysis.runs.folder import run_name

    if out is not None:
        return Path(out)
    title, _, number = run_name(Path(file).stem, asked.identity).rpartition("-")
    return Path(HOME) / f"{title}-{asked.kind}-{number}"


class Place:
    """Where an experiment puts its results, and the memory of what is finished of it."""

    def __init__(self, asked: Asked, target: Path, finished: Finished) -> None:
        """The place of an experiment under way."""
        self.asked = asked
        self.target = target
        """The folder for the results."""
        self.is_kept = False
        self._finished = finished

    def remembering(self, executor: Executor) -> Executor:
        """The executor, which does no replication again that is finished and keeps every one that it does."""
        from analysis.executors.remembering import RememberingExecutor

        return RememberingExecutor(executor, self._finished)

    def write(self, record: ExperimentRecord) -> Path:
        """Writes the folder of what was asked, and returns it; raises what `write_experiment` does."""
        from analysis.runs import write_experiment

        options = self.asked.options_when(record.replications)
        whole = replace(record, identity=self.asked.identity, options=options)
        return write_experiment(self.target, whole)

    def keep(self) -> None:
        """What is finished stays when the block ends, because the experiment is not."""
        self.is_kept = True


@contextmanager
def experiment_place(asked: Asked, target: Path, resume: bool, identity: str = "") -> Iterator[Place]:
    """The place of an experiment while it runs and its results are written; this process's own.

    What is finished is kept beside `target` until the block ends well. When it does not, it stays and `--resume`
    continues; after Ctrl-C the command ends here, with a message. `identity` is that of the folder, if it is not
    that of what was asked. Before the work it raises click.ClickException for an unfinished experiment that this one
    does not continue, OwnedError for one that another process is at, RunFolderError where the results cannot go.
    """
    from analysis.runs.finished import ResumeError
    from analysis.runs.folder import check_target
    from analysis.runs.unfinished import check_begun, clear_stages, discard, kept_beside, unfinished_folder

    folder = unfinished_folder(target)
    try:
        if resume:
            _check_others(folder, asked)
            check_begun(folder, asked)
        check_target(target, identity or asked.identity)
        with kept_beside(target, asked, resume) as finished:
            _say_how_it_begins(folder, resume, len(finished))
            place = Place(asked, target, finished)
            with _interruptions(folder, finished):
                yield place
            if not place.is_kept:
                clear_stages(target)
                discard(folder)
    except ResumeError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _interruptions(folder: Path, finished: Finished) -> Iterator[None]:
    """Ctrl-C ends the command with the way to go on, if there is something to go on from."""
    try:
        yield
    except BaseException as error:
        if not is_interruption(error) or not len(finished):
            raise
        say(f"interrupted; {kept_text(folder, len(finished))}")
        raise click.exceptions.Exit(Exit.INTERRUPTED) from None


def kept_text(folder: Path, count: int) -> str:
    """What is there to go on from, and how."""
    return (
        f"{counted(count, 'finished replication')} kept in {folder}; the same command with --resume continues"
    )


def _say_how_it_begins(folder: Path, resume: bool, count: int) -> None:
    if resume and count:
        say(f"continuing {folder}: {counted(count, 'replication')} finished already")
    elif resume:
        say(f"nothing is finished in {folder}; this is the beginning")


def _check_others(folder: Path, asked: Asked) -> None:
    """Raises click.ClickException when what is to be continued goes by another name, because more was changed.

    The name of a folder that was not chosen follows from what was asked, so that something else has another one.
    """
    from analysis.runs.asked import difference
    from analysis.runs.folder import RunFolderError
    from analysis.runs.unfinished import SUFFIX, begun_in

    if folder.parent != Path(HOME) or folder.exists():
        return
    for other in sorted(folder.parent.glob(f"*{SUFFIX}")):
        try:
            begun, _ = begun_in(other)
        except RunFolderError:
            continue
        if (begun["kind"], begun["scenario"]) == (asked.kind, asked.title):
            found = difference(begun, asked.document())
            raise click.ClickException(
                f"{other} is not what is asked for now: {found}; without --resume this begins"
            )

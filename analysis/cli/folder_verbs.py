"""Verbs on a run folder: trace, replay."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.cli.group import Verb
from analysis.cli.mistaken import RUN_ALONE, naming
from analysis.cli.outcome import Exit, counted, say
from analysis.cli.progress import progress_bar


@click.command(cls=Verb)
@click.argument("run")
@click.argument("task")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True, help="Which one.")
def trace(run: str, task: str, replication: int) -> Exit:
    """Tell the story of one task of a run.

    RUN is the folder, TASK a task type and a number, such as invoice-4711.
    """
    from analysis.runs import read_run
    from analysis.story import UnknownTraceError, tell

    with naming(Path(run), RUN_ALONE):
        folder = read_run(run)
    try:
        click.echo(tell(folder.scenario, folder.log(replication), task))
    except UnknownTraceError as error:
        say(f"error: {error}")
        return Exit.USAGE
    return Exit.OK


@click.command(cls=Verb)
@click.argument("run")
@click.option("--no-progress", is_flag=True, help="No progress bar.")
def replay(run: str, no_progress: bool) -> Exit:
    """Simulate a run again and compare.

    From its folder RUN alone; every log and file must be as the run left them.
    """
    from analysis import runs

    with naming(Path(run), RUN_ALONE):  # before a bar is drawn
        runs.read_run(run)
    with progress_bar("replaying", is_wanted=not no_progress) as progress:
        outcome = runs.replay(run, progress)
    if outcome.is_same:
        click.echo(
            f"same: {counted(outcome.replications, 'replication')}, every log and file as the run left them"
        )
        return Exit.OK
    for sentence in outcome.sentences():
        click.echo(sentence)
    return Exit.MISMATCH

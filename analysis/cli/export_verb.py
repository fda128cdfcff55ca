"""The verb export: the log of a run as a file that another tool opens."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.cli.group import Verb, with_options
from analysis.cli.mistaken import RUN_ALONE, naming
from analysis.cli.outcome import Exit, say

if TYPE_CHECKING:
    from analysis.logs import Blocks
    from analysis.runs import Run

SUFFIXES = {"csv": ".csv", "jsonl": ".jsonl", "parquet": ".parquet", "xes": ".xes", "ocel": ".jsonocel"}
"""End of a file's name by format; here as well, so that help need not load the formats."""
STANDARD_OUTPUT = "-"

OPTIONS = (
    click.argument("run"),
    click.option(
        "--format", "form", type=click.Choice(list(SUFFIXES)), required=True,
        help="For spreadsheets, scripts, SQL and data frames; for process mining by task and by object.",
    ),
    click.option(
        "--out", metavar="FILE", help="The file, - for standard output; RUN with the format's ending unless given."
    ),
    click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True, help="Which one."),
)  # fmt: skip
"""Arguments and options of `export`, in the order of its help."""


@click.command(cls=Verb)
@with_options(*OPTIONS)
def export(run: str, form: str, out: str | None, replication: int) -> Exit:
    """Write the log of a run for another tool.

    RUN is the folder, which the file stands beside unless --out says where. The log is the kept one, or else the same
    rows simulated again. A file that holds something else is not replaced. The last line names the file.
    """
    from analysis.exports import FORMATS, export_log
    from analysis.runs import read_run

    with naming(Path(run), RUN_ALONE):
        folder = read_run(run)
    if out == STANDARD_OUTPUT:
        log = _log(folder, replication)
        FORMATS[form].write(log, folder.scenario, sys.stdout.buffer)
        return Exit.OK
    target = _default(folder.folder, form, replication) if out is None else Path(out)
    _check(target)
    click.echo(str(export_log(_log(folder, replication), folder.scenario, form, target)))
    return Exit.OK


def _default(folder: Path, form: str, replication: int) -> Path:
    """A file beside the folder of the run, which holds only what the run left, and named after it."""
    number = f"-{replication}" if replication else ""
    named = folder if folder.name not in ("", "..") else folder.resolve()
    return named.with_name(f"{named.name}{number}{SUFFIXES[form]}")


def _check(target: Path) -> None:
    """Raises RunFolderError for a file in the folder of a run, which holds only what the run left."""
    from analysis.runs import RunFolderError
    from analysis.runs.folder import MANIFEST

    if (target.parent / MANIFEST).exists():
        raise RunFolderError(
            f"{target.parent} is the folder of a run and holds nothing else; choose another --out"
        )


def _log(folder: Run, replication: int) -> Blocks:
    """The log of a replication, with a word when that takes a simulation."""
    if replication or not folder.has_events:
        say(f"the log of replication {replication} was not kept: simulating it again")
    return folder.log(replication)

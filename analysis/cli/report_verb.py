"""The verb report: the page of a finished run or experiment, from its folder alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.group import Verb, with_options
from analysis.cli.mistaken import naming
from analysis.cli.outcome import Exit

if TYPE_CHECKING:
    from analysis.page import Source
    from analysis.runs import Manifest

REPORT = "report.html"
BESIDE = Path("..", "again")
"""Where the command of a page, which is typed in the folder of its results, puts the same results."""
MARKER = '<meta name="generator" content="workforce report">'
"""What a page has near its beginning: a file without it is not ours to replace."""
BEGINNING = 4_000
"""Characters in which the marker is."""

OPTIONS = (
    click.argument("run", metavar="RUN"),
    click.option("--out", metavar="FILE", help=f"Where the page goes; RUN/{REPORT} unless given."),
    click.option("--markdown", is_flag=True, help="Print the same as Markdown instead."),
    click.option("--json", "as_json", is_flag=True, help="Print the same as one JSON document instead."),
)  # fmt: skip
"""Arguments and options of `report`, in the order of its help."""


@click.command(cls=Verb)
@with_options(*OPTIONS)
def report(run: str, out: str | None, markdown: bool, as_json: bool) -> Exit:
    """Make a page to show and to mail.

    RUN is the folder that run, compare, sweep, solve, sensitivity or breakeven left. One file of HTML with everything
    in it; nothing is simulated. The last line names the file.
    """
    if markdown and as_json:
        raise click.UsageError("--markdown or --json, not both")
    if out is not None and (markdown or as_json):
        raise click.UsageError("--out is for the page; redirect what --markdown and --json print")
    from analysis.page import html_page, json_document, markdown_page, page_of

    place = None if out is None else Path(out)
    if place is not None:
        _check_place(place)
    with naming(Path(run)):
        source = source_of(Path(run))
    document = page_of(source)
    if markdown or as_json:
        click.echo(json_document(document) if as_json else markdown_page(document), nl=False)
    else:
        click.echo(str(_written(Path(run), place, html_page(document))))
    return Exit.OK


def source_of(folder: Path) -> Source:
    """What the folder holds, for its page.

    Raises RunFolderError or SavedResultError when it is none of ours, or not as it was left.
    """
    from analysis.page import Source
    from analysis.runs.read import Run, read_result

    manifest, result = read_result(folder)
    if manifest.kind != "run":
        return Source(result, made_of(manifest))
    run = Run(folder, manifest)
    if run.has_events:
        run.check_events()
    kpis = run.kpis()
    log = run.saved_log() if run.has_events else None
    return Source(result, made_of(manifest), log, kpis.get("warm_up"), kpis.get("over_inputs"))


def made_of(manifest: Manifest) -> Any:
    """How the folder's results were made; its page itself is no part of that."""
    from analysis.cli.again import repeated
    from analysis.page import Made

    return Made(
        kind=manifest.kind, command=repeated(Path(), manifest, BESIDE), seed=manifest.seed,
        replications=manifest.replications, overrides=manifest.overrides, partial=manifest.stopped_by,
        identity=manifest.identity, scenario_hash=manifest.scenario_hash, stream_version=manifest.stream_version,
        log_digests=manifest.log_digests, prices=manifest.prices, versions=manifest.versions,
        files={name: digest for name, digest in manifest.files.items() if name != REPORT},
    )  # fmt: skip


def _check_place(place: Path) -> None:
    """Raises click.BadParameter where something else than a page would be lost."""
    if not place.exists():
        return
    if not place.is_file():
        raise click.BadParameter(f"{place} is not a file", param_hint="--out")
    with open(place, encoding="utf-8", errors="replace") as file:
        if MARKER not in file.read(BEGINNING):
            raise click.BadParameter(f"{place} exists and is not a page of this command", param_hint="--out")


def _written(folder: Path, place: Path | None, page: str) -> Path:
    """The page in its place; one in the folder of its results becomes part of that."""
    from analysis.runs.write import add_file, replace_text

    return add_file(folder, REPORT, page) if place is None else replace_text(place, page)

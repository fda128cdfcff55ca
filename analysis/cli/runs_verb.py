"""The verbs runs list and runs show: which runs and other experiments there are, and what is known of one."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.experiment import HOME
from analysis.cli.group import Verb, debug_option
from analysis.cli.outcome import Exit, counted

if TYPE_CHECKING:
    from analysis.runs import Manifest
    from analysis.runs.listing import Listed

WIDTH = 80
"""Width of a line, but for what is to be copied."""
INDENT, GAP = "  ", 2
LABEL = 15
"""Width of what a line of `show` is about."""
SHOWN = 16
"""Characters of a digest that are enough to tell two apart by eye."""


@click.group(params=[debug_option()])
def runs() -> None:
    """List what was run, or show one of them."""


@runs.command("list", cls=Verb)
@click.argument("home", metavar="[DIR]", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_runs(home: str | None, as_json: bool) -> Exit:
    """List the folders of runs and other experiments in DIR.

    DIR is runs unless given; folders of somebody else are left out.
    """
    from analysis.runs import json_text
    from analysis.runs.listing import listed

    place = Path(home or HOME)
    found = [] if home is None and not place.exists() else listed(place)
    if as_json:
        click.echo(json_text([one.to_json_dict() for one in found]), nl=False)
    elif found:
        click.echo("\n".join(list_table(found)))
    else:
        click.echo(f"nothing was run into {place} yet")
    return Exit.OK


def list_table(found: list[Listed]) -> list[str]:
    """A line for each folder below its scenario; the columns of a long name are on the next line."""
    rows = [("folder", "verb", "status", "replications", "seed"), *map(_cells, found)]
    widths = [max(len(row[place]) for row in rows) for place in range(1, len(rows[0]))]
    room = WIDTH - len(INDENT) - sum(widths) - GAP * len(widths)
    lines = _row(rows[0], widths, room)
    for scenario in dict.fromkeys(sorted(one.scenario for one in found)):
        lines.append(scenario if len(scenario) <= WIDTH else scenario[: WIDTH - 1] + "…")
        for one, cells in zip(found, rows[1:], strict=True):
            lines += _row(cells, widths, room) if one.scenario == scenario else []
    return lines


def _cells(one: Listed) -> tuple[str, ...]:
    count = f"{one.replications:,}" if one.finished is None else f"{one.finished:,} finished"
    return one.folder, one.kind, one.status, count, str(one.seed)


def _row(cells: tuple[str, ...], widths: list[int], room: int) -> list[str]:
    """One line, or two where the first cell has no room."""
    folder, kind, status, *numbers = cells
    gap = " " * GAP
    rest = f"{gap}{kind:<{widths[0]}}{gap}{status:<{widths[1]}}"
    rest += "".join(f"{gap}{number:>{width}}" for number, width in zip(numbers, widths[2:], strict=True))
    if len(folder) > room:
        return [INDENT + folder, INDENT + " " * max(room, 0) + rest]
    return [f"{INDENT}{folder:<{room}}{rest}"]


@runs.command("show", cls=Verb)
@click.argument("folder", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show_run(folder: str, as_json: bool) -> Exit:
    """Show what is known of one run.

    RUN is the folder of a run or of another experiment: how to repeat it, what it was made with, whether every file
    is as it was left.
    """
    from analysis.runs import json_text
    from analysis.runs.folder import read_manifest
    from analysis.runs.read import verify
    from analysis.runs.unfinished import SUFFIX, begun_in

    place = Path(folder)
    if place.name.endswith(SUFFIX):
        asked, count = begun_in(place)
        document = {"status": "unfinished", "finished": count, **asked}
        click.echo(
            json_text(document) if as_json else "\n".join(unfinished_lines(place, document)), nl=not as_json
        )
        return Exit.OK
    manifest, changed = read_manifest(place), verify(place)
    if as_json:
        shown = {
            **manifest.model_dump(mode="json"),
            "command": repeated(place, manifest),
            "changed": list(changed),
        }
        click.echo(json_text(shown), nl=False)
    else:
        click.echo("\n".join(manifest_lines(place, manifest, changed)))
    return Exit.OK


def manifest_lines(folder: Path, manifest: Manifest, changed: tuple[str, ...]) -> list[str]:
    """What the manifest says, in words, and what has been changed since."""
    made = manifest.versions
    package = made.get("hybrid-workforce-simulator", "unknown")
    others = ", ".join(f"{name} {version}" for name, version in made.items() if "hybrid" not in name)
    lines = [
        f"{manifest.scenario}: {manifest.kind}, {manifest.status}",
        _line("folder", str(folder)),
        _line("replications", f"{manifest.replications:,}, seed {manifest.seed}"),
        _line("repeat with", repeated(folder, manifest)),
        *_lines("set", [f"{path}={value}" for path, value in manifest.overrides.items()]),
        *_lines("partial", [f"{where}: {why}" for where, why in manifest.stopped_by.items()]),
        _line("scenario hash", manifest.scenario_hash[:SHOWN]),
        _line("made with", f"version {package}, draws of version {manifest.stream_version}"),
        *_wrapped("", others),
        *_wrapped("prices", "; ".join(_price(role, price) for role, price in manifest.prices.items())),
        *_lines("files", [f"{digest[:SHOWN]}  {name}" for name, digest in manifest.files.items()]),
    ]
    return [*lines, *_lines("checked", list(changed) or ["every file is as it was left"])]


def unfinished_lines(folder: Path, document: dict[str, Any]) -> list[str]:
    """What is known of an experiment that can be continued."""
    from analysis.runs.asked import typed

    return [
        f"{document['scenario']}: {document['kind']}, unfinished",
        _line("folder", str(folder)),
        _line("finished", counted(document["finished"], "replication")),
        _line("asked for", f"{document['replications']:,} of each scenario, seed {document['seed']}"),
        *_lines("options", [typed(document["options"])] if document["options"] else []),
        _line("made with", f"version {document['package']}, draws of version {document['stream_version']}"),
        _line("continue with", "the command that began it and --resume"),
    ]


def repeated(folder: Path, manifest: Manifest) -> str:
    """The command that does it again, from the folder alone: the same question about the scenarios as stated."""
    from analysis.runs.asked import REPLICATIONS, typed
    from analysis.runs.contents import RESOLVED
    from analysis.runs.write import EVENTS

    options = dict(manifest.options)
    count = options.pop(REPLICATIONS, manifest.replications)
    if EVENTS in manifest.files and count > 1:
        options["--events"] = True
    named = " ".join(shlex.quote(str(folder / name)) for name in manifest.stated or [RESOLVED])
    plain = f"workforce {manifest.kind} {named} -n {count} --seed {manifest.seed}"
    return f"{plain} {typed(options)}".rstrip()


def _price(role: str, price: dict[str, str]) -> str:
    per_million = f"{price['input']} in and {price['output']} out per million tokens"
    return f"{role} {price['model']} at {price['provider']}, {per_million} ({price['source']})"


def _line(label: str, text: str) -> str:
    return f"{INDENT}{label:<{LABEL}}{text}"


def _lines(label: str, texts: list[str]) -> list[str]:
    """Lines of which the first has the label; none without texts."""
    return [_line(label if number == 0 else "", text) for number, text in enumerate(texts)]


def _wrapped(label: str, text: str) -> list[str]:
    return _lines(label, textwrap.wrap(text, WIDTH - LABEL - len(INDENT)))

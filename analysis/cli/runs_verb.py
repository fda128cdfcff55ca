"""The verbs runs list and runs show: which runs and other experiments there are, and what is known of one."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.again import again_beside, asked_about, repeated
from analysis.cli.experiment import HOME
from analysis.cli.group import Verb, debug_option
from analysis.cli.mistaken import naming
from analysis.cli.outcome import Exit, counted
from analysis.cli.terminal import to_be_typed

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
    _check_home(place, is_named=home is not None)
    found = listed(place) if place.exists() else []
    if as_json:
        click.echo(json_text([one.to_json_dict() for one in found]), nl=False)
    elif found:
        click.echo("\n".join(list_table(found)))
    else:
        click.echo(f"nothing was run into {place} yet")
    return Exit.OK


def _check_home(place: Path, is_named: bool) -> None:
    """Raises click.BadParameter where no folders can be listed; an own one that is not there yet is empty."""
    from analysis.runs.folder import MANIFEST

    if (place / MANIFEST).is_file():
        command = to_be_typed(shlex.join(["workforce", "runs", "show", str(place)]))
        raise click.BadParameter(f"{place} is one of them, not a folder of runs{command}", param_hint="DIR")
    if place.exists() and not place.is_dir():
        raise click.BadParameter(f"{place} is a file, not a folder of runs", param_hint="DIR")
    if is_named and not place.exists():
        raise click.BadParameter(f"there is no folder {place}", param_hint="DIR")


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
    from analysis.runs.unfinished import SUFFIX

    place = Path(folder)
    with naming(place):
        document, lines = _unfinished(place) if place.name.endswith(SUFFIX) else _finished(place)
    if as_json:
        from analysis.runs import json_text

        click.echo(json_text(document), nl=False)
    else:
        click.echo("\n".join(lines))
    return Exit.OK


def _unfinished(place: Path) -> tuple[dict[str, Any], list[str]]:
    """What is known of an experiment that can be continued, as plain values and in words."""
    from analysis.runs.unfinished import begun_in

    asked, count = begun_in(place)
    document = {"status": "unfinished", "finished": count, **asked}
    return document, unfinished_lines(place, document)


def _finished(place: Path) -> tuple[dict[str, Any], list[str]]:
    """What the manifest says and whether it is still so, as plain values and in words."""
    from analysis.runs.folder import read_manifest
    from analysis.runs.read import verify

    manifest, changed = read_manifest(place), verify(place)
    command = repeated(place, manifest, again_beside(place))
    document = {**manifest.model_dump(mode="json"), "command": command, "changed": list(changed)}
    return document, manifest_lines(place, manifest, changed)


def manifest_lines(folder: Path, manifest: Manifest, changed: tuple[str, ...]) -> list[str]:
    """What the manifest says, in words, and what has been changed since."""
    made = manifest.versions
    package = made.get("hybrid-workforce-simulator", "unknown")
    others = ", ".join(f"{name} {version}" for name, version in made.items() if "hybrid" not in name)
    lines = [
        f"{manifest.scenario}: {manifest.kind}, {manifest.status}",
        _line("folder", str(folder)),
        _line("replications", f"{manifest.replications:,}, seed {manifest.seed}"),
        _line("repeat with", repeated(folder, manifest, again_beside(folder))),
        *_lines("set", _set(manifest)),
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


def _set(manifest: Manifest) -> list[str]:
    """What was set beside the file, and why the command to repeat does not set it again."""
    values = [f"{path}={value}" for path, value in manifest.overrides.items()]
    return [*values, f"merged into {', '.join(asked_about(manifest))}"] if values else []


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

"""Verbs on a scenario file, before any run: init, validate, explain, schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from analysis.cli.decisions import check_decision
from analysis.cli.group import Verb
from analysis.cli.outcome import Exit, counted, say, show_faults
from analysis.cli.settings import VARIANT, load_with, set_option, split_settings, variant_of, variant_option
from sim.errors import ScenarioError

STARTER = "invoice_reconciliation.yaml"
"""The scenario that `init` copies."""


@click.command(cls=Verb)
@click.argument("file", default=STARTER)
def init(file: str) -> Exit:
    """Write a commented scenario to start from.

    FILE is invoice_reconciliation.yaml in this folder unless given.
    """
    if file == "-":
        raise click.BadParameter(
            "a scenario is written to a file, not to -; give it a name", param_hint="FILE"
        )
    if not Path(file).parent.is_dir():
        say(f"error: no folder {Path(file).parent}")
        return Exit.FAILURE
    text = _shipped(STARTER)
    try:
        with open(file, "x", encoding="utf-8", newline="\n") as target:
            target.write(text)
    except FileExistsError:
        say(f"error: {file} exists and was left as it is; choose another name")
        return Exit.FAILURE
    say("next: workforce validate, explain and run; workforce schema > scenario.schema.json helps an editor")
    click.echo(file)
    return Exit.OK


def _shipped(name: str) -> str:
    """A scenario that comes with the package: inside it when installed, beside it in the source tree."""
    import analysis

    package = Path(analysis.__file__).parent
    places = (package / "scenarios" / name, package.parent / "scenarios" / name)
    return next(place for place in places if place.is_file()).read_text(encoding="utf-8")


@click.command(cls=Verb)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def validate(files: tuple[str, ...]) -> Exit:
    """Check scenario files; every mistake with its line."""
    mistakes = 0
    for file in files:
        try:
            click.echo(f"{file}: ok, {_summary(file)}")
        except ScenarioError as error:
            show_faults(error.faults)
            mistakes += len(error.faults)
    if mistakes:
        say(counted(mistakes, "error"))
    return Exit.USAGE if mistakes else Exit.OK


def _summary(file: str) -> str:
    """What a good file holds; what it says but may not mean goes to standard error."""
    from sim.calendars import calendar_warnings
    from sim.loading import load
    from sim.overlay import variant_warnings

    scenario = load(file)
    check_decision(scenario, file, {})
    for name, spec in scenario.calendars.items():
        for warning in calendar_warnings(spec, scenario.start, scenario.timezone, scenario.length):
            say(f"{file}: warning calendars.{name}: {warning}")
    base = scenario.tree()
    for name, patch in scenario.variants.items():
        for warning in variant_warnings(base, name, patch):
            say(f"{file}: warning {warning}")
    tasks = f"{scenario.expected_tasks():,.0f} tasks expected"
    return f"{scenario.name}, {scenario.topology.kind}, {tasks}, {counted(len(scenario.variants), 'variant')}"


@click.command(cls=Verb)
@click.argument("file")
@set_option()
@variant_option()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def explain(file: str, settings: tuple[str, ...], variant: str | None, as_json: bool) -> Exit:
    """Show every value with its source.

    And what to expect before any run: load, cost, shares, size.
    """
    from analysis.explain import explain as explained
    from analysis.explain import explain_json

    texts = split_settings(settings)
    base = load_with(file, texts)
    scenario = variant_of(base, variant)
    set_by = dict.fromkeys(_leaves(base.variants[variant]) if variant else (), VARIANT)
    set_by |= {path: "--set" for path in texts if path not in set_by}
    if as_json:
        click.echo(_json(explain_json(scenario, set_by=set_by)))
    else:
        click.echo(explained(scenario, set_by=set_by).rstrip("\n"))
    return Exit.OK


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted paths of everything in a tree that is not a mapping."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


@click.command(cls=Verb)
def schema() -> Exit:
    """Print the JSON schema of scenario files."""
    from sim.schema import json_schema

    click.echo(_json(json_schema()))
    return Exit.OK


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)

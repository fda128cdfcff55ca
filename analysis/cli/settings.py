"""`--set path=value`: values typed on the command line, by the rules of the scenario's text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from sim.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from sim import Scenario

PATH = re.compile(r"[^\s.=]+( [^\s.=]+)*(\.[^\s.=]+( [^\s.=]+)*)*")
"""Keys with dots between; a variant's name may hold spaces."""
OVERRIDE = re.compile(r"override (\d+) \(.*\)")

VARIANT = "--variant"
"""What stands for the variant among the values that were given beside the file."""
LONGEST_NAME = 400
"""Characters of a scenario's name."""
LARGEST_SEED = 2**63 - 1
MOST_REPLICATIONS = 100_000
"""Replications that one command may ask for."""


def split_settings(settings: Sequence[str]) -> dict[str, str]:
    """The texts by path, as typed; raises ScenarioError for every one that is not `path=value`."""
    texts: dict[str, str] = {}
    faults = []
    for number, setting in enumerate(settings, 1):
        path, sign, text = setting.partition("=")
        if not sign or not PATH.fullmatch(path):
            faults.append(
                setting_fault(
                    number, "", "E0105", f"not path=value: {setting!r}; such as workers.clerk.positions=8"
                )
            )
        elif clash := _clash(path, texts):
            faults.append(setting_fault(number, path, "E0111", f"set twice; {clash} was set before"))
        texts[path] = text
    if faults:
        raise ScenarioError(faults)
    return texts


def _clash(path: str, earlier: Mapping[str, str]) -> str:
    """An earlier path that is the same, above or below; empty when there is none."""
    return next(
        (other for other in earlier if f"{path}.".startswith(f"{other}.") or other.startswith(f"{path}.")), ""
    )


def parse_settings(texts: Mapping[str, str]) -> dict[str, Any]:
    """The values by path, typed as in a scenario file; raises ScenarioError for every one that is none."""
    from sim.reader import read_text

    values: dict[str, Any] = {}
    faults = []
    for number, (path, text) in enumerate(texts.items(), 1):
        try:
            tree = read_text(f"value: {text}").tree
        except ScenarioError as error:
            faults += [setting_fault(number, path, fault.code, fault.message) for fault in error.faults]
            continue
        if list(tree) != ["value"]:
            faults.append(setting_fault(number, path, "E0105", "the value is not on one line"))
        values[path] = tree.get("value")
    if faults:
        raise ScenarioError(faults)
    return values


def set_option() -> Callable[[Any], Any]:
    """`--set`, the same for every verb that has it."""
    help_text = "Another value, such as workers.clerk.positions=8; may be given often."
    return click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help=help_text)


def variant_option() -> Callable[[Any], Any]:
    """`--variant`, the same for every verb that has it."""
    help_text = "A variant of the file, laid over it after --set."
    return click.option(VARIANT, metavar="NAME", help=help_text)


def load_with(file: str, texts: Mapping[str, str]) -> Scenario:
    """The scenario in a file with values set; raises ScenarioError whose faults name `--set number 2`."""
    from sim.loading import load

    try:
        return load(file, parse_settings(texts))
    except ScenarioError as error:
        raise ScenarioError([_renamed(fault) for fault in error.faults]) from None


def variant_of(scenario: Scenario, name: str | None) -> Scenario:
    """The variant, whose name stands behind the scenario's; the scenario itself without a name.

    Raises click.BadParameter when there is no such variant.
    """
    if name is None:
        return scenario
    if name not in scenario.variants:
        known = ", ".join(scenario.variants) or "none"
        raise click.BadParameter(f"no variant {name!r}; the file has: {known}", param_hint=VARIANT)
    return scenario.variant(name).overlaid({"name": f"{scenario.name}: {name}"[:LONGEST_NAME]})


def _renamed(fault: Fault) -> Fault:
    match = OVERRIDE.fullmatch(fault.file)
    return replace(fault, file=f"--set number {match[1]}") if match else fault


def setting_fault(number: int, path: str, code: str, message: str) -> Fault:
    """A fault of the value that the `number`-th `--set` gives."""
    return Fault(f"--set number {number}", 0, 0, code, path, message)

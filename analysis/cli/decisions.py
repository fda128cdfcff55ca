"""The metrics that a scenario decides by, checked against the table of metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from analysis.cli.settings import setting_fault
from sim.errors import Fault, ScenarioError
from sim.problems import alternatives

if TYPE_CHECKING:
    from sim import Scenario

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""What a condition such as `sla_share >= 0.95` begins with."""


def unknown_metric(name: str) -> str:
    """What is wrong with the name of a metric, and the likely intention; empty when there is such a metric."""
    from analysis.metrics import METRICS

    names = [metric.name for metric in METRICS]
    return "" if name in names else f"no metric {name}{alternatives(name, names)}"


def check_decision(scenario: Scenario, file: str, texts: Mapping[str, str]) -> None:
    """Raises ScenarioError with every name under `decide` that is no metric and every impossible bound, in `file`.

    `texts` are the values that were set in place of those in the file; a fault in one is placed there.
    """
    from sim.reader import read_file

    found = list(_mistakes(scenario))
    if not found:
        return
    document = read_file(file)
    faults = [document.fault(path, "E0311", message) for path, message in found]
    raise ScenarioError(
        [_renamed(fault, path, texts) for fault, (path, _) in zip(faults, found, strict=True)]
    )


def check_rule(minimise: str | None, subject_to: Sequence[str]) -> None:
    """Raises click.BadParameter for a rule on the command line that names no metric or has no condition's form."""
    from analysis.experiments.objectives import objective_of

    if minimise is not None:
        if message := unknown_metric(minimise):
            raise click.BadParameter(message, param_hint="--minimise")
        try:
            objective_of(minimise, is_staffed_alike=True)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--minimise") from None
    check_conditions(subject_to, "--subject-to")


def check_conditions(conditions: Sequence[str], option: str) -> None:
    """Raises click.BadParameter for a condition that names no metric or has no condition's form."""
    from analysis.experiments.conditions import FORM, parse_condition

    for text in conditions:
        match = FORM.fullmatch(text)
        if match is not None and (message := unknown_metric(match["metric"])):
            raise click.BadParameter(message, param_hint=option)
        try:
            parse_condition(text)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint=option) from None


def _renamed(fault: Fault, path: tuple[str | int, ...], texts: Mapping[str, str]) -> Fault:
    """The fault, named after the setting that wrote the value if one did; a list is set as a whole."""
    keys = ".".join(step for step in path if isinstance(step, str))
    for number, setting in enumerate(texts, 1):
        if f"{keys}.".startswith(f"{setting}."):
            return setting_fault(number, fault.path, fault.code, fault.message)
    return fault


def _mistakes(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong under `decide`, by its path."""
    from analysis.experiments.conditions import parse_condition

    if scenario.decide is None:
        return
    if message := unknown_metric(scenario.decide.minimise):
        yield ("decide", "minimise"), message
    for number, condition in enumerate(scenario.decide.subject_to):
        match = NAME.match(condition)
        assert match is not None  # the form of a condition was checked
        message = unknown_metric(match[0])
        if not message:
            try:
                parse_condition(condition)
            except ValueError as error:
                message = str(error)
        if message:
            yield ("decide", "subject_to", number), message

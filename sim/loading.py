"""From a scenario file to a checked scenario, every mistake with its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault, ScenarioError
from sim.overlay import dotted, overlaid
from sim.problems import Problem
from sim.reader import Document, faults_of, read_file, read_text
from sim.recorded import Recording
from sim.scenario import Scenario


def load(path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario in a YAML file, checked as a whole; `overrides` by dotted path replace values in it.

    Raises ScenarioError with every fault, each with file, line and column.
    """
    return scenario_of(read_file(path), Path(path).parent, overrides)


def loads(text: str, folder: Path | str = ".", overrides: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario in a YAML text; files it names are looked up in `folder`."""
    return scenario_of(read_text(text), Path(folder), overrides)


def scenario_of(document: Document, folder: Path, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario of a read document, with its variants checked too."""
    patch = dotted(dict(overrides or {}))
    tree = overlaid(document.tree, patch)
    try:
        scenario = _checked(document, tree, folder)
        faults = [
            fault for name in scenario.variants for fault in _variant_faults(document, scenario, tree, name)
        ]
        if faults:
            raise ScenarioError(faults)
    except ScenarioError as error:
        raise ScenarioError([_named(fault, overrides or {}, document) for fault in error.faults]) from None
    return scenario


def _variant_faults(
    document: Document, scenario: Scenario, tree: dict[str, Any], name: str
) -> tuple[Fault, ...]:
    """What is wrong with a variant: its overlay over the tree without variants."""
    base = {key: value for key, value in tree.items() if key != "variants"}
    try:
        tree = overlaid(base, scenario.variants[name])
        _checked(document, tree, scenario.folder, ("variants", name), scenario.recordings)
    except ScenarioError as error:
        return error.faults
    return ()


def _checked(
    document: Document,
    tree: Any,
    folder: Path,
    inside: tuple[str, ...] = (),
    read: dict[str, Recording] | None = None,
) -> Scenario:
    """The scenario of a tree; `inside` is where the overlay is written that was laid over it, if any was."""
    try:
        scenario = Scenario.in_folder(tree, folder, read)
    except ValidationError as error:
        raise ScenarioError(faults_of(error, document, Scenario, tree, inside)) from None
    problems = list(scenario.problems())
    if problems:
        raise ScenarioError([_placed(problem, document, inside) for problem in problems])
    return scenario


def _placed(problem: Problem, document: Document, inside: tuple[str, ...]) -> Fault:
    """The fault of a problem: in the overlay if there is one, because the base was sound without it."""
    return document.fault((*inside, *problem.path), problem.code, problem.message, of_key=problem.of_key)


def _named(fault: Fault, overrides: Mapping[str, Any], document: Document) -> Fault:
    """A fault of an overriding value, or of a part that only it made, is not in the text: it names the override."""
    for number, path in enumerate(overrides, 1):
        is_made = path.startswith(fault.path + ".") and not document.has(tuple(fault.path.split(".")))
        if fault.path == path or fault.path.startswith(path + ".") or is_made:
            return Fault(f"override {number} ({path})", 0, 0, fault.code, fault.path, fault.message)
    return fault

"""From a scenario file to a checked scenario, every mistake with its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault, ScenarioError
from sim.overlay import dotted, overlaid
from sim.reader import Document, faults_of, read_file, read_text
from sim.scenario import Problem, Scenario


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
    tree = overlaid(document.tree, dotted(dict(overrides or {})))
    scenario = _checked(document, tree, folder)
    faults = []
    for name, patch in scenario.variants.items():
        try:
            _checked(document, overlaid(tree, {**patch, "variants": {}}), folder, ("variants", name))
        except ScenarioError as error:
            faults += error.faults
    if faults:
        raise ScenarioError(faults)
    return scenario


def _checked(document: Document, tree: Any, folder: Path, inside: tuple[str, ...] = ()) -> Scenario:
    """The scenario of a tree; faults of an overlay are placed in the overlay where it has the part at fault."""
    try:
        scenario = Scenario.model_validate(tree)
    except ValidationError as error:
        raise ScenarioError(faults_of(error, document, tree, inside)) from None
    scenario._folder = folder
    problems = list(scenario.problems())
    if problems:
        raise ScenarioError([_placed(problem, document, inside) for problem in problems])
    return scenario


def _placed(problem: Problem, document: Document, inside: tuple[str, ...]) -> Fault:
    path = (*inside, *problem.path) if inside and document.has((*inside, *problem.path)) else problem.path
    return document.fault(path, problem.code, problem.message, of_key=problem.of_key)

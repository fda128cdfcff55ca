"""From a scenario file to a checked scenario, every mistake with its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault, ScenarioError
from sim.overlay import overlaid, with_values
from sim.problems import Problem
from sim.reader import Document, faults_of, read_file, read_text
from sim.reader.codes import MOST_FAULTS
from sim.recorded import Recording
from sim.references import broken_references, misnamed_parts
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
    tree = with_values(document.tree, overrides or {})
    try:
        scenario = _checked(document, tree, folder, base=document.tree)
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
    """What is wrong with a variant: its overlay over the tree without variants and without ranges of values.

    A variant may lack a value that is uncertain in others, so only the ranges that it gives itself are looked at.
    """
    base = {key: value for key, value in tree.items() if key not in ("variants", "uncertain")}
    try:
        tree = overlaid(base, scenario.variants[name])
        _checked(document, tree, scenario.folder, ("variants", name), scenario.recordings, base)
    except ScenarioError as error:
        return error.faults
    return ()


def _checked(
    document: Document,
    tree: Any,
    folder: Path,
    inside: tuple[str, ...] = (),
    read: dict[str, Recording] | None = None,
    base: Any = None,
) -> Scenario:
    """The scenario of a tree: `base` with an overlay laid over it, which is written at `inside` if it is."""
    try:
        scenario = Scenario.in_folder(tree, folder, read)
    except ValidationError as error:
        faults = faults_of(error, document, Scenario, tree, inside)
        misplaced = [fault.path.rpartition(".")[2] for fault in faults if fault.code == "E0107"]
        misnamed, broken = (
            [_placed(problem, document, inside) for problem in islice(found, MOST_FAULTS)]
            for found in (misnamed_parts(tree, base), broken_references(tree, misplaced))
        )
        raise ScenarioError(_together(faults, misnamed, broken)) from None
    problems = list(scenario.problems())
    if problems:
        raise ScenarioError([_placed(problem, document, inside) for problem in problems])
    return scenario


def _together(faults: list[Fault], misnamed: list[Fault], broken: list[Fault]) -> list[Fault]:
    """One fault for one mistake: a misnamed part has no faults inside, no place has two."""
    outside = [
        fault
        for fault in faults
        if not any(f"{fault.path}.".startswith(f"{part.path}.") for part in misnamed)
    ]
    paths = [fault.path for fault in outside]
    return sorted(outside + misnamed + [fault for fault in broken if fault.path not in paths])[:MOST_FAULTS]


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

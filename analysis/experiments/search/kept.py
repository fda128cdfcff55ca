"""What a saved solution keeps: every candidate's replications, from which all else follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analysis.experiments.conditions import parse_condition
from analysis.experiments.points import scenario_at
from analysis.experiments.saved import bare_document, replications_of, scenario_document
from analysis.experiments.search.candidate import candidate, stated_objective

if TYPE_CHECKING:
    from analysis.experiments.solution import Solution


def solution_document(solution: Solution) -> dict[str, Any]:
    """A solution as plain values; the scenario as written is kept once, its candidates follow from their values."""
    written = replace(solution.tried[0].result, scenario=solution.scenario)
    return {
        "scenario": scenario_document(written.scenario),
        "paths": list(solution.paths),
        "conditions": [str(condition) for condition in solution.conditions],
        "objectives": [metric.name for metric in solution.objectives],
        "sure": solution.sure,
        "answer": solution.answer,
        "below": list(solution.below),
        "method": solution.method,
        "refused": solution.refused,
        "tried": [
            {"values": dict(found.values), "replications": bare_document(found.result)}
            for found in solution.tried
        ],
    }


def solution_parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the solution that became these plain values.

    Raises ValueError, LookupError, TypeError or ScenarioError when none did.
    """
    conditions = tuple(map(parse_condition, document["conditions"]))
    metrics = tuple(stated_objective(name, is_staffed_alike=True) for name in document["objectives"])
    tried = []
    for kept in document["tried"]:
        result = replications_of({**kept["replications"], "scenario": document["scenario"]})
        written = result.scenario
        result = replace(result, scenario=scenario_at(written, kept["values"]))
        tried.append(candidate(kept["values"], result, conditions, metrics, document["sure"]))
    return {
        "scenario": written,
        "paths": tuple(document["paths"]),
        "conditions": conditions,
        "objectives": metrics,
        "sure": document["sure"],
        "tried": tuple(tried),
        "answer": document["answer"],
        "below": tuple(document["below"]),
        "method": document["method"],
        "refused": document["refused"],
    }

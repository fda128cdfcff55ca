"""Rows of a solution: candidates, steps below the answer, and its document, as plain values by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.experiments.search.candidate import Candidate
from analysis.experiments.tables import Row, interval
from analysis.metrics import Metric, metric_of

if TYPE_CHECKING:
    from analysis.experiments.solution import Solution


def candidates(solution: Solution) -> list[Row]:
    """One row per candidate, in the order in which they were tried."""
    return [_row(solution, place, found) for place, found in enumerate(solution.tried)]


def _row(solution: Solution, place: int, found: Candidate) -> Row:
    row: Row = {**found.values, "passes": found.passes, "is_answer": place == solution.answer}
    for check in found.checks:
        name = check.condition.metric
        if name in row:
            name = str(check.condition)
        row |= interval(name, check.estimate) | {f"{name}_probability": check.probability}
    for metric, estimate in zip(solution.objectives, found.objectives, strict=True):
        if metric.name not in row:
            row |= interval(metric.name, estimate)
    return row


def steps(solution: Solution) -> list[Row]:
    """One row per step below the answer, and metric of a condition or an objective."""
    names = [metric_of(condition.metric) for condition in solution.conditions]
    metrics: dict[str, Metric] = {metric.name: metric for metric in (*names, *solution.objectives)}
    found: list[Row] = []
    for other in solution.one_less:
        for name, metric in metrics.items():
            row: Row = {"candidate": other.label, "metric": name}
            row |= interval("difference", solution.difference(other, metric))
            found.append(row | {"unit": metric.unit_in(solution.scenario.currency)})
    return found


def document(solution: Solution) -> dict[str, Any]:
    """The whole solution."""
    best, frontier = solution.best, solution.frontier
    return {
        "scenario": {"name": solution.scenario.name, "digest": solution.scenario.digest()},
        "seed": solution.seed,
        "replications": solution.replications,
        "method": solution.method,
        "paths": list(solution.paths),
        "conditions": [str(condition) for condition in solution.conditions],
        "sure": solution.sure,
        "objectives": [metric.name for metric in solution.objectives],
        "is_complete": solution.is_complete,
        "answer": None if best is None else dict(best.values),
        "nearest": dict(solution.nearest.values),
        "is_minimal": solution.is_minimal,
        "refused": solution.refused,
        "candidates": candidates(solution),
        "one_less": steps(solution),
        "frontier": None if frontier is None else frontier.to_json_dict(),
    }

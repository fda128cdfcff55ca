"""Cascade failure risk: 1 - E over paths of prod(1 - P_i), human steps excluded (design, section 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.forecast.workflow.graph import Ends, Graph
from analysis.forecast.workflow.passing import Entry
from analysis.forecast.workflow.token import OF_AGENTS, Count, Defect, Exit, Pass
from sim.maths import FloatArray
from sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Risk:
    """Probability that at least one agent stage of a task fails, visibly or not, were nobody to check."""

    independent: float
    """Of the marginal P_i, as if stages failed independently (decision D6)."""
    shared: float
    """With the part of hardness that all stages of a task share."""


Passing = Callable[[str, Entry], Pass]
"""What a pass through a stage comes to."""
Marginal = Mapping[tuple[str, Count], float]
"""Passes of agents, and their visible and hidden failures, by stage, given right input."""


def risk_of(
    scenario: Scenario, type_id: str, passing: Passing, weights: FloatArray, dear: Mapping[int, float]
) -> tuple[Risk, Marginal]:
    """The risk in both forms; `dear` holds the shares of tasks by the place of their value among the limits.

    A walk of what is still clean: a pass keeps the share in which no agent failed, by how it ends; a branch
    that failed makes its join defective. No pass has a wrong input.
    """
    counts: dict[tuple[str, Count], float] = {}
    survived = {True: 0.0, False: 0.0}
    for is_marginal in survived:
        for place, share in dear.items():
            ends = _clean_walk(scenario, type_id, passing, weights, place, is_marginal)
            mass = ends.failed + sum(ends.arrived.values(), np.zeros_like(ends.failed))
            survived[is_marginal] += share * float(mass[0] if is_marginal else mass @ weights)
            for key, number in ends.counts.items() if is_marginal else ():
                counts[key] = counts.get(key, 0.0) + share * float(number[0])
    return Risk(1.0 - survived[True], 1.0 - survived[False]), counts


def _clean_walk(
    scenario: Scenario, type_id: str, passing: Passing, weights: FloatArray, dear: int, is_marginal: bool
) -> Ends:
    """The walk in which only clean passes count; with one node, their mean, when it is marginal."""

    def clean(stage: str, entry: Entry) -> Pass:
        return _clean_part(passing(stage, entry), weights if is_marginal else None)

    return Graph(scenario, type_id, clean, dear, 1 if is_marginal else len(weights)).walk()


def _clean_part(result: Pass, weights: FloatArray | None) -> Pass:
    """The ways out without a failed agent, by ending; at every node, or with `weights` the mean over them."""
    kept = Pass()
    for way, mass in result.exits.items():
        if way.is_clean:
            there = Exit(way.ending, Defect.NONE, True)
            kept.exits[there] = kept.exits[there] + _mean(mass, weights)
    for what in OF_AGENTS:
        if what in result.counts:
            kept.counts[what] = _mean(result.counts[what], weights)
    return kept


def _mean(mass: FloatArray, weights: FloatArray | None) -> FloatArray:
    return mass if weights is None else np.array([float(mass @ weights)])

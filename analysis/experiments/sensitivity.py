"""Sensitivity: which parameters of a scenario a metric depends on, by one of two methods."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Literal, get_args

from analysis.experiments.one_at_a_time import REPLICATIONS, Sensitivity, one_at_a_time
from analysis.experiments.ranges import BY, Ranges
from analysis.experiments.replicate import Progress
from analysis.experiments.sobol import POINTS, SobolIndices, sobol_indices
from sim import Scenario

Method = Literal["one_at_a_time", "sobol"]
METHODS: tuple[Method, ...] = get_args(Method)
"""One parameter at a time, or all at once and shares of the variance."""


def sensitivity(
    scenario: Scenario,
    ranges: Ranges = None,
    metrics: str | Sequence[str] | None = None,
    method: Method = "one_at_a_time",
    replications: int = REPLICATIONS,
    points: int = POINTS,
    by: float = BY,
    jobs: int = 1,
    seed: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    closely: int | None = None,
) -> Sensitivity | SobolIndices:
    """How much the metrics depend on each parameter.

    `one_at_a_time` moves each parameter from its low to its high value, the others as they are written: quick, and it
    says by how much and which way. `sobol` moves all at once over their ranges and says which share of the variance
    comes from each, alone and together with others; `points` is the number of rows of its design. Without `ranges`
    the parameters are what the scenario calls uncertain, or else every number it states, `by` (20 %) to both sides.
    With `closely` one at a time sets those aside that two replications show to matter less than so many others.

    Raises what `one_at_a_time` and `sobol_indices` raise, ValueError for another method.
    """
    if method == "one_at_a_time":
        return one_at_a_time(
            scenario, ranges, metrics, replications, by, jobs, seed, progress, executor, closely
        )
    if method != "sobol":
        raise ValueError(f"no method {method!r}; there are {' and '.join(METHODS)}")
    return sobol_indices(scenario, ranges, metrics, replications, points, by, jobs, seed, progress, executor)

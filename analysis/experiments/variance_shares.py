"""Shares of variance: the Sobol indices of a function's parameters from its values at the points of a design.

The first-order index of a parameter is the share of the variance that it explains alone, the total index the share
that would stay if all others were known, interactions included (Sobol 1993; estimators of Saltelli and others 2010).
The points come from Sobol's scrambled sequence; intervals are percentiles of the bootstrap over the points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.estimates import UNDEFINED, Estimate
from analysis.experiments.points import MOST_POINTS, unit_points
from sim.draws import Stream
from sim.maths import FloatArray

RESAMPLES = 500
"""Bootstrap samples behind an interval."""
CONSTANT = "does not vary"
"""Note of an index where the metric is the same at every point."""
_STREAM_SEED = 0  # the same resampling in every analysis: an interval follows from the values alone


@dataclass(frozen=True, slots=True)
class Index:
    """How much of a metric's variance comes from one parameter."""

    path: str
    first: Estimate
    """Alone; near 0 it may be below 0 by chance."""
    total: Estimate
    """With everything that it does together with others."""


def design(dimensions: int, points: int, seed: int) -> FloatArray:
    """Points of the unit cube: two independent sets A and B, then for each dimension A with that of B in its place.

    Raises ValueError for fewer than two dimensions, and a number of rows that is no power of 2 or too large.
    """
    if dimensions < 2:
        raise ValueError("shares of a variance need two parameters or more")
    if points < 2 or points & (points - 1):
        raise ValueError(f"the rows of Sobol's design are a power of 2, got {points}")
    if points * (dimensions + 2) > MOST_POINTS:
        raise ValueError(
            f"{points * (dimensions + 2):,} points to simulate; at most {MOST_POINTS:,} are allowed"
        )
    both = unit_points("sobol", 2 * dimensions, points, seed)
    first, second = both[:, :dimensions], both[:, dimensions:]
    pages = []
    for k in range(dimensions):
        page = first.copy()
        page[:, k] = second[:, k]
        pages.append(page)
    return np.concatenate([first, second, *pages])


def indices_of(values: Sequence[float | None], paths: Sequence[str], points: int) -> list[Index]:
    """The indices from the values at the points of a `design`; undefined where a value is, or all are the same."""
    known = np.array([math.nan if value is None else value for value in values])
    table = known.reshape(len(paths) + 2, points)
    if not np.isfinite(known).all():
        nothing = Estimate(None, None, None, points, UNDEFINED)
        return [Index(path, nothing, nothing) for path in paths]
    if np.ptp(table[:2]) == 0.0:
        nothing = Estimate(0.0, None, None, points, CONSTANT)
        return [Index(path, nothing, nothing) for path in paths]
    first, total = _saltelli(table)
    rows = (_saltelli(table[:, chosen]) for chosen in _resampled(points))
    firsts, totals = (np.array(part) for part in zip(*rows, strict=True))
    return [
        Index(path, _estimate(first[k], firsts[:, k], points), _estimate(total[k], totals[:, k], points))
        for k, path in enumerate(paths)
    ]


def _saltelli(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First-order and total indices of values at A, B and the mixed sets, one per row."""
    from scipy.stats import sobol_indices as estimated

    parts = {"f_A": table[:1], "f_B": table[1:2], "f_AB": table[2:, None, :]}
    found = estimated(func=parts, n=table.shape[1])
    return found.first_order, found.total_order


def _resampled(points: int) -> list[Any]:
    """Rows of the design drawn with replacement, again and again."""
    stream = Stream(_STREAM_SEED, 0, "bootstrap")
    return [np.floor(stream.block(0, points, number=k) * points).astype(int) for k in range(RESAMPLES)]


def _estimate(value: float, drawn: FloatArray, points: int) -> Estimate:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Estimate(float(value), float(low), float(high), points)

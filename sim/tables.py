"""Numbers solved once, at load: roots, means over a normal hardness, and quantile tables of beta and gamma.

Everything is built from `sim/maths.py` and sums of fixed order, so the results are the same on any processor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import Protocol

import numpy as np

from sim.maths import FloatArray, Maths, Number, Table, Whole, block, scalar

HALVINGS = 100
"""Halvings of one bisection at most: enough to come down to neighbouring floats."""

HARDNESS_LIMIT = 9.0
"""A standard normal is taken as lying in -9..9; 2e-19 of it does not."""

SMALLEST_SHAPE = 0.01
LARGEST_SHAPE = 1e6
"""The shapes for which the quantile tables are tested."""

_TABLE_STEP = 1 / 512
_GRID = 1e9  # the nodes of a table are whole billionths
_CELLS = 8192  # on each side of the mode
_DEPTH = 80.0  # exp(-80) of the density at the mode is below anything P(Z <= -9) can see


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """The x between low and high where a monotone function passes through zero.

    Raises ValueError when the function has the same sign at both ends.
    """
    return _bisected(function, low, high, lambda low, high: 0.5 * (low + high) in (low, high))


def bisect_on_grid(function: Callable[[float], float], low: float, high: float) -> float:
    """What `bisect` finds, rounded to billionths, without the halvings that cannot change it any more."""
    return on_grid(_bisected(function, low, high, lambda low, high: on_grid(low) == on_grid(high)))


def on_grid(value: float) -> float:
    """Rounded to billionths: what a load-time solver hands on."""
    return round(value * _GRID) / _GRID


def _bisected(
    function: Callable[[float], float], low: float, high: float, is_enough: Callable[[float, float], bool]
) -> float:
    """The middle of the last interval that holds the root: the first one that is enough."""
    at_low, at_high = function(low), function(high)
    if min(at_low, at_high) > 0.0 or max(at_low, at_high) < 0.0:
        raise ValueError(f"no root between {low} and {high}: the function goes from {at_low} to {at_high}")
    falls = at_low > at_high
    for _ in range(HALVINGS):
        if is_enough(low, high):
            break
        middle = 0.5 * (low + high)
        if (function(middle) > 0.0) == falls:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _spaced(low: float, high: float, step: float) -> FloatArray:
    """low, low + step, ..., high, each exact when they are binary fractions."""
    nodes: FloatArray = low + step * np.arange(round((high - low) / step) + 1, dtype=np.float64)
    return nodes


def _frozen(array: FloatArray) -> FloatArray:
    array.flags.writeable = False
    return array


def _normal_weights(nodes: FloatArray) -> FloatArray:
    """Trapezoid weights of the standard normal density, scaled to a sum of 1."""
    density = block.exp(-0.5 * nodes * nodes)
    density[0] *= 0.5
    density[-1] *= 0.5
    weights: FloatArray = density / math.fsum(density.tolist())
    return weights


NORMAL_NODES = _frozen(_spaced(-HARDNESS_LIMIT, HARDNESS_LIMIT, 1 / 32))
"""Where means over a standard normal are taken: 577 points from -9 to 9."""

NORMAL_WEIGHTS = _frozen(_normal_weights(NORMAL_NODES))
"""The weight of each of `NORMAL_NODES`; they sum to 1."""


def normal_mean(function: Callable[[FloatArray], FloatArray]) -> float:
    """E[function(Z)] for a standard normal Z; the function maps a block of z to a block of values.

    For smooth functions the trapezoid rule is accurate to about 1e-15 (Trefethen and Weideman 2014).
    """
    return math.fsum((NORMAL_WEIGHTS * function(NORMAL_NODES)).tolist())


class LogDensity(Protocol):
    """The logarithm of a density up to a constant, concave in y."""

    def __call__(self, y: Number, m: Maths[Number, Whole]) -> Number: ...


@lru_cache(maxsize=64)
def beta_logit_table(a: float, b: float) -> Table:
    """The table from z in -9..9 to the logit of the Beta(a, b) quantile at P(Z <= z).

    Raises ValueError unless both shapes lie between `SMALLEST_SHAPE` and `LARGEST_SHAPE`.
    """
    _check_shape("a", a)
    _check_shape("b", b)

    def log_density(y: Number, m: Maths[Number, Whole]) -> Number:
        size = abs(y)
        return a * y - (a + b) * (0.5 * (y + size) + m.log(1.0 + m.exp(-size)))

    return _quantile_table(log_density, scalar.log(a / b))


@lru_cache(maxsize=64)
def gamma_log_table(shape: float) -> Table:
    """The table from z in -9..9 to the log of the Gamma(shape, scale 1) quantile at P(Z <= z).

    Raises ValueError unless the shape lies between `SMALLEST_SHAPE` and `LARGEST_SHAPE`.
    """
    _check_shape("shape", shape)
    mode = scalar.log(shape)

    def log_density(y: Number, m: Maths[Number, Whole]) -> Number:
        return shape * ((y - mode) - m.exp(y - mode))

    return _quantile_table(log_density, mode)


def _check_shape(name: str, shape: float) -> None:
    if not SMALLEST_SHAPE <= shape <= LARGEST_SHAPE:
        raise ValueError(f"{name} must lie between {SMALLEST_SHAPE} and {LARGEST_SHAPE:g}, not {shape}")


def _quantile_table(log_density: LogDensity, mode: float) -> Table:
    """The quantiles of a density at P(Z <= z) for equally spaced z, on the grid of billionths."""
    y, mass = _cells(log_density, mode)
    z = _spaced(-HARDNESS_LIMIT, HARDNESS_LIMIT, _TABLE_STEP)
    values = _through(_normal_scores(mass), y, z)
    nodes: FloatArray = np.rint(values * _GRID) / _GRID
    return Table(-HARDNESS_LIMIT, _TABLE_STEP, tuple(nodes.tolist()))


def _cells(log_density: LogDensity, mode: float) -> tuple[FloatArray, FloatArray]:
    """The borders of cells that cover a density, and the mass of each by Simpson's rule.

    Borders lie at mode + reach * t^2 for equally spaced t: fine around the mode, wide in a long tail.
    """
    half = _spaced(0.0, 1.0, 0.5 / _CELLS)
    peak = log_density(mode, scalar)
    sides: list[tuple[FloatArray, FloatArray]] = []
    for direction in (-1.0, 1.0):
        reach = _reach(log_density, mode, direction)
        y = mode + reach * half * half
        height = abs(reach) * half * block.exp(log_density(y, block) - peak)
        sides.append((y[::2], height[:-1:2] + 4.0 * height[1::2] + height[2::2]))
    (left, left_mass), (right, right_mass) = sides
    return np.concatenate((left[:0:-1], right)), np.concatenate((left_mass[::-1], right_mass))


def _reach(log_density: LogDensity, mode: float, direction: float) -> float:
    """The signed distance from the mode at which the density has fallen by exp(-80)."""
    target = log_density(mode, scalar) - _DEPTH

    def excess(distance: float) -> float:
        return log_density(mode + direction * distance, scalar) - target

    far = 1e-3
    while excess(far) > 0.0:
        far += far
    return direction * bisect(excess, 0.0, far)


def _normal_scores(mass: FloatArray) -> FloatArray:
    """The z with P(Z <= z) = the share of mass below each inner border, each tail summed from its own end."""
    masses: list[float] = mass.tolist()
    below = np.array(list(accumulate(masses))[:-1])
    above = np.array(list(accumulate(reversed(masses)))[-2::-1])
    total = math.fsum(masses)
    smaller = np.where(below < above, below, above)
    scores = block.normal_quantile(smaller / total)
    return np.where(below < above, scores, -scores)


def _through(scores: FloatArray, borders: FloatArray, z: FloatArray) -> FloatArray:
    """Values at z on the line through the points (score, inner border)."""
    inner = borders[1:-1]
    right = np.clip(np.searchsorted(scores, z), 1, len(scores) - 1)
    left = right - 1
    slope = (inner[right] - inner[left]) / (scores[right] - scores[left])
    values: FloatArray = inner[left] + (z - scores[left]) * slope
    return values

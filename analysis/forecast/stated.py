"""How often an agent states at least a threshold, given what it sees and whether it is right."""

from __future__ import annotations

import math

import numpy as np

from analysis.forecast.agents import AgentWork
from sim import maths
from sim.maths import FloatArray
from sim.quantities import BILLION
from sim.rules.confidence import ConfidenceCurve
from sim.tables import NORMAL_NODES

_HALF_CELL = (NORMAL_NODES[1] - NORMAL_NODES[0]) / 2.0
_FLAT = 1e-4
"""Change of the logit over a cell of the quadrature below which it counts as constant."""
_FARTHEST = 37.0
"""Standard deviations beyond which a normal is taken as certain."""


def right_and_confident(agent: AgentWork, threshold: int) -> FloatArray:
    """P(the output is right and theta reaches the threshold, in billionths | an output, hardness)."""
    return agent.right() * passes(agent, threshold, 1.0)


def wrong_and_confident(agent: AgentWork, threshold: int) -> FloatArray:
    """P(the output is wrong and theta reaches the threshold, in billionths | an output, hardness)."""
    valid = (1.0 - agent.schema_invalid) * (1.0 - agent.right_before_schema()) * passes(agent, threshold, 0.0)
    return valid + (agent.schema_invalid if threshold <= 0 else 0.0)


def passes(agent: AgentWork, threshold: int, is_right: float) -> FloatArray:
    """P(theta >= threshold, in billionths | schema valid, visible hardness).

    An error in the logs halves theta, rounded down.
    """
    sure = share_at_least(agent.confidence, threshold, is_right, agent.visible)
    if not agent.tool_errors:
        return sure
    surer = share_at_least(agent.confidence, 2 * threshold, is_right, agent.visible)
    return (1.0 - agent.tool_errors) * sure + agent.tool_errors * surer


def share_at_least(curve: ConfidenceCurve, theta: int, is_right: float, visible: FloatArray) -> FloatArray:
    """P(theta_raw >= theta, in billionths | right or wrong, visible hardness).

    theta_raw is rounded to billionths, so it reaches theta from half a billionth below. The probability is
    averaged over the cell around each node: without a hint and noise it jumps from 0 to 1 inside one, which
    the nodes alone would miss.
    """
    if theta <= 0 or theta > BILLION:
        return np.full_like(visible, 1.0 if theta <= 0 else 0.0)
    cut = maths.scalar.logit((theta - 0.5) / BILLION)
    shift = curve.a * curve.d * curve.d * (is_right - 0.5) + curve.b - cut
    low, high = (
        curve.a * maths.block.interpolate(curve.visible, visible + side) + shift
        for side in (-_HALF_CELL, _HALF_CELL)
    )
    return _mean_above_zero(low, high, math.hypot(curve.a * curve.d, curve.noise))


def _mean_above_zero(low: FloatArray, high: FloatArray, deviation: float) -> FloatArray:
    """Mean of P(y + deviation Z >= 0) for y even between `low` and `high`, Z standard normal."""
    width = high - low
    is_flat = np.abs(width) < _FLAT
    area = _area(high, deviation) - _area(low, deviation)
    return np.where(is_flat, _above_zero((low + high) / 2.0, deviation), area / np.where(is_flat, 1.0, width))


def _above_zero(y: FloatArray, deviation: float) -> FloatArray:
    if deviation == 0.0:
        return np.where(y >= 0.0, 1.0, 0.0)
    shares: FloatArray = maths.block.normal_cdf(maths.block.clip(y / deviation, -_FARTHEST, _FARTHEST))
    return shares


def _area(y: FloatArray, deviation: float) -> FloatArray:
    """Integral of P(x + deviation Z >= 0) over x up to y."""
    if deviation == 0.0:
        return np.maximum(y, 0.0)
    scaled = maths.block.clip(y / deviation, -_FARTHEST, _FARTHEST)
    density = maths.block.exp(-0.5 * scaled * scaled) / math.sqrt(2.0 * math.pi)
    return y * _above_zero(y, deviation) + deviation * density

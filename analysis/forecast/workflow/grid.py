"""Nodes of hardness at a stage: the task's part, the stage's part, one for each model, and what agents see beside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from sim.maths import FloatArray
from sim.plan.activities import OF_MODEL, OF_STAGE, SHARED

OF_TASK = 21
"""Nodes for the part of hardness that all stages of a task share."""
OF_A_STAGE, OF_A_MODEL = 11, (11, 9, 5)
"""Nodes for the parts of a stage and of its models: fewer for each when there are two, or more, models."""
OF_NOISE = 9
"""Nodes for what an agent sees beside the hardness."""
MOST_MODELS = 4
"""Models at one stage with nodes of their own; further ones share those of the last (approximate)."""


def normal_nodes(count: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Hermite nodes of a standard normal and their weights, which sum to 1."""
    nodes, weights = hermegauss(count)
    return nodes, weights / weights.sum()


@dataclass(frozen=True, slots=True)
class Grid:
    """The product of the nodes at one stage: the task's down the first axis, then the stage's, then the models'.

    Hardness of (task, stage, model) is sqrt(.5) H(task) + sqrt(.3) H(task, stage) + sqrt(.2) H(task, stage, model).
    """

    hardness: dict[str, FloatArray]
    """By model, in the shape in which it broadcasts."""
    noise: dict[str, FloatArray]
    """By agent role that states its confidence more than once: what it sees that has nothing to do with the task."""
    common: FloatArray
    """What the task's and the stage's parts come to, without the model's."""
    rest: float
    """Variance of the hardness of a worker that has no nodes of its own, given `common`."""
    weights: FloatArray
    """Probability of a node of stage and models; sums to 1."""
    shape: tuple[int, ...]

    def by_task(self, mass: FloatArray) -> FloatArray:
        """The mean over stage and models, at each node of the task's part."""
        whole = np.broadcast_to(mass, self.shape).reshape(self.shape[0], -1)
        return np.asarray(whole @ self.weights.ravel(), dtype=np.float64)


def grid_of(task_nodes: FloatArray, models: Sequence[str], judges: Sequence[str] = ()) -> Grid:
    """The grid of a stage for the models whose success depends on hardness, and roles that judge again."""
    if len(task_nodes) == 1 or not models:
        return _without_models(task_nodes)
    nodes, weights = normal_nodes(OF_A_STAGE)
    apart = min(len(models), MOST_MODELS)
    each, shares = normal_nodes(OF_A_MODEL[min(apart, len(OF_A_MODEL)) - 1])
    seen, parts = normal_nodes(OF_NOISE)
    axes = 2 + apart + len(judges)
    common = _along(task_nodes, 0, axes) * math.sqrt(SHARED) + _along(nodes, 1, axes) * math.sqrt(OF_STAGE)
    hardness, product = {}, _along(weights, 1, axes)
    for number, model in enumerate(models):
        axis = 2 + min(number, apart - 1)
        hardness[model] = common + _along(each, axis, axes) * math.sqrt(OF_MODEL)
        product = product * _along(shares, axis, axes) if number < apart else product
    noise = {}
    for number, role in enumerate(judges):
        noise[role] = _along(seen, 2 + apart + number, axes)
        product = product * _along(parts, 2 + apart + number, axes)
    shape = (len(task_nodes), len(nodes), *[len(each)] * apart, *[len(seen)] * len(judges))
    return Grid(hardness, noise, common, OF_MODEL, product[0], shape)


def _without_models(task_nodes: FloatArray) -> Grid:
    """Nodes of the task alone, or a single one when hardness changes nothing."""
    rest = OF_STAGE + OF_MODEL if len(task_nodes) > 1 else 1.0
    return Grid({}, {}, task_nodes * math.sqrt(SHARED), rest, np.ones(1), (len(task_nodes),))


def _along(nodes: FloatArray, axis: int, axes: int) -> FloatArray:
    shape = [1] * axes
    shape[axis] = len(nodes)
    return nodes.reshape(shape)

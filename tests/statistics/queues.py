"""Known truths: the mean wait of an M/M/1 queue that begins empty, over a finite time, and its cost per success."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from sim import Scenario

SUCCESS = 0.05
"""Few tasks come out right, so that both numbers of the cost per success vary."""
PER_HOUR = 18
"""Customers an hour, of a minute each: the server is busy for 3 minutes in 10."""
MOST_IN_SYSTEM = 300
"""States of the chain: at half load the next one would have a probability below 1e-90."""


def queue(hours: float, per_hour: int = PER_HOUR, minutes: float = 1.0) -> Scenario:
    """One person who serves tasks that arrive at random; a minute costs 1, and few tasks come out right."""
    work = {"distribution": "exponential", "mean": f"{minutes:g} min"}
    return Scenario.from_tree(
        {
            "version": 1, "name": "One server", "horizon": f"{hours:g} h",
            "tasks": {"job": {"arrivals": {"process": "poisson", "rate": f"{per_hour} / h"}}},
            "workers": {"server": {"kind": "human", "wage": "60 / h", "work_time": work, "success": SUCCESS}},
            "topology": {"kind": "human_only", "human": "server"},
        }
    )  # fmt: skip


def mean_wait(hours: float, per_hour: float = PER_HOUR, minutes: float = 1.0) -> float:
    """E[sum of the waits] / E[number] in seconds, of the customers who arrive within so many hours of an empty start.

    A customer who arrives at t waits for the work in the system, of mean E[L(t)] times the mean service: what is left
    of an exponential service is like a whole one. Arrivals are Poisson, so the sum has the mean
    rate x integral of E[L(t)] x service (Wolff 1982, "Poisson arrivals see time averages"). L is a birth and death
    process; by uniformisation at rate u = birth + death its integral over (0, T) is the sum over k of
    P(more than k events of a Poisson stream of u T) / u x E[L after k steps] (Jensen 1953; Grassmann 1977).
    """
    birth, death, length = per_hour / 60, 1 / minutes, hours * 60
    events = (birth + death) * length
    steps = np.arange(math.ceil(events + 12 * math.sqrt(events) + 50))
    share, in_system = np.zeros(MOST_IN_SYSTEM), np.arange(MOST_IN_SYSTEM)
    share[0] = 1.0
    up, down = birth / (birth + death), death / (birth + death)
    area = 0.0
    for still in stats.poisson.sf(steps, events):
        area += float(still * (share @ in_system)) / (birth + death)
        after = np.zeros(MOST_IN_SYSTEM)
        after[1:] += up * share[:-1]
        after[:-1] += down * share[1:]
        after[0] += down * share[0]
        share = after
    return 60 * minutes * area / length


def cost_per_success(minutes: float = 1.0) -> float:
    """Expected cost over expected successes: each task costs its minutes, and a share of them comes out right."""
    return minutes / SUCCESS

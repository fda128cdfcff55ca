"""Forecast: expected load, cost and errors of a scenario before any run.

Exact integrals over the hardness of tasks, with the curves the simulator itself compiled; waiting is left
out except for an approximation that says so.

    agents      one agent at one kind of work, on the nodes of the quadrature
    stated      how often an agent states at least a threshold
    people      how likely people are right at what an agent hands over
    values      how many tasks are worth more than a limit
    journey     outcomes and visits of a task
    topologies  the journey under each topology
    guardian    the journey with reviews and revisions
    effort      minutes, tokens and money of the visits
    arrivals    how many tasks are expected
    stages      what one stage comes to
    workflow    types with stages, policies, recovery or effects, by a walk
    pools       load, utilisation and expected wait of each role
    whole       the forecast of a scenario
    notes       what the author of a scenario may not have meant
"""

from __future__ import annotations

from analysis.forecast.effort import Effort
from analysis.forecast.journey import Journey
from analysis.forecast.pools import PoolForecast
from analysis.forecast.stages import Load, StageForecast
from analysis.forecast.whole import Forecast, RunSize, TypeForecast, forecast
from analysis.forecast.workflow import Risk

__all__ = [
    "Effort", "Forecast", "Journey", "Load", "PoolForecast", "Risk", "RunSize", "StageForecast", "TypeForecast",
    "forecast",
]  # fmt: skip

"""Misrouting rules: hand-offs that go wrong before any work is done."""

from __future__ import annotations

from sim.distributions import DurationDistribution, ExponentialDuration
from sim.quantities import Share
from sim.spec import Spec, default


class Misrouting(Spec):
    """Faults of whoever hands work out; each costs time and one hop, then the work goes on (rows CR-15, HX-06)."""

    wrong_lane: Share = default(0.0, "off")
    """Share of arrivals at a stage that come to the wrong worker first and are routed again."""
    unusable_return: Share = default(0.0, "off")
    """Share whose first result comes back unusable."""
    missing_context: Share = default(0.0, "off")
    """Share that wait for context somebody forgot to send."""
    time: DurationDistribution = default(
        ExponentialDuration.model_validate({"distribution": "exponential", "mean": "10 min"})
    )
    """Time that each fault takes; nobody is occupied."""


KINDS = ("wrong_lane", "unusable_return", "missing_context")
"""The three faults, in the order in which they are looked at."""

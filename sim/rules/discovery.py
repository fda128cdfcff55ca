"""Discovery rules: how a wrong delivery comes to light later, and what its correction takes."""

from __future__ import annotations

from typing import Literal

from sim.distributions import DurationDistribution, ExponentialDuration
from sim.quantities import Share
from sim.spec import Id, Spec, default


class Discovery(Spec):
    """Wrong deliveries are found by whoever relies on them (rows RT-18, BE-11, WL-14)."""

    probability: Share = default(1.0, "decision D29")
    """Share of wrong deliveries that come to light."""
    delay: DurationDistribution = default(
        ExponentialDuration.model_validate({"distribution": "exponential", "mean": "3 d"}),
        "decision D29: mean 3 days; the exponential form is an assumption",
    )
    """Time from the delivery until then."""
    by: Id
    """Human role that corrects."""
    correction_time: DurationDistribution | None = None
    """Time of a correction; without it the role's `work_time`."""
    then: Literal["correct", "reopen"] = default("correct")
    """A person corrects it, after which it is right; or the task is opened again and goes through its stages anew."""

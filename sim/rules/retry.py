"""Retry rules: what follows a failed attempt."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.quantities import Duration, Number, Share, parse_duration
from sim.spec import Spec, default

GIVE_UP = -1
"""Returned when no retry is left."""


class Retries(Spec):
    """Try again after a wait that grows by a factor each time; a bare number is the limit."""

    bare_form = "limit"

    limit: Annotated[int, Field(ge=0, le=100)] = default(2, "seed RT-02: retried twice with backoff")
    """Retries after the first attempt; only transient failures are retried, unless the policy is naive."""
    first_wait: Duration = default(parse_duration("2 s"))
    """Wait before the first retry."""
    growth: Annotated[Number, Field(ge=1, le=100)] = default(2.0)
    """Each wait is this many times the one before."""
    jitter: Share = default(0.1)
    """Waits vary evenly by up to this share either way, so that retries do not come in step."""
    policy: Literal["by_category", "naive"] = default("by_category", "seed RT-02")
    """`naive` tries everything again unchanged, whatever the failure: the baseline to beat (row RT-06)."""

    @model_validator(mode="before")
    @classmethod
    def _from_limit(cls, value: Any) -> Any:
        return {"limit": value} if isinstance(value, int) and not isinstance(value, bool) else value


def compile_retries(rule: Retries) -> tuple[int, ...]:
    """Waits in ticks before each allowed retry, before jitter; empty when retries are off."""
    waits, wait = [], float(rule.first_wait)
    for _ in range(rule.limit):
        waits.append(min(round(wait), 1 << 52))
        wait = min(wait * rule.growth, float(1 << 52))
    return tuple(waits)


def wait_before_retry(waits: tuple[int, ...], failures: int) -> int:
    """Ticks to wait after the `failures`-th failed attempt (1, 2, ...), or GIVE_UP."""
    return waits[failures - 1] if failures <= len(waits) else GIVE_UP


def jittered(wait: int, jitter: float, u: float) -> int:
    """The wait moved evenly by up to `jitter` of itself either way, u in (0, 1)."""
    return round(wait * (1.0 + jitter * (2.0 * u - 1.0)))

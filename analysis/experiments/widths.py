"""Widths: how narrow the interval of a metric has to be, and how wide it is."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

from analysis.estimates import Estimate
from analysis.metrics import Metric, metric_of
from sim.quantities import MINUTE, SECOND, parse_duration

FORM = re.compile(r"\s*(?P<metric>[a-z][a-z0-9_]*)\s*=\s*(?P<width>.+?)\s*")
NUMBER = re.compile(r"(?P<number>\d{1,15}(\.\d{1,15})?)\s*(?P<unit>%?)")
TIMES = {"s": SECOND, "min": MINUTE}
"""Ticks of the units of time that metrics have."""


@dataclass(frozen=True, slots=True)
class Within:
    """How narrow the interval of a metric has to be."""

    metric: str
    half_width: float
    """In the unit of the metric; or as a share of its value."""
    is_relative: bool
    text: str
    """The width as it was written, such as `2 %` or `5 s`."""

    @property
    def of(self) -> Metric:
        """The metric."""
        return metric_of(self.metric)


@dataclass(frozen=True, slots=True)
class Width:
    """How wide an interval has become."""

    goal: Within
    value: float | None
    half_width: float | None
    """None where there is no interval: it is never narrow enough."""
    limit: float | None
    """The half-width that was asked for, in the unit of the metric."""
    variant: str = ""
    """The variant whose difference to the baseline it is."""

    @property
    def is_reached(self) -> bool:
        """Whether it is narrow enough."""
        return self.half_width is not None and self.limit is not None and self.half_width <= self.limit

    def enough(self, done: int) -> float:
        """Replications that would make it narrow enough, after so many; without end where nobody knows.

        It shrinks with the root of the replications.
        """
        if self.half_width is None or not self.limit:
            return math.inf
        return done * (self.half_width / self.limit) ** 2

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "metric": self.goal.metric,
            "within": self.goal.text,
            "variant": self.variant or None,
            "value": self.value,
            "half_width": self.half_width,
            "limit": self.limit,
            "is_reached": self.is_reached,
        }


def parse_within(text: str) -> Within:
    """What a text such as `cpst=2 %` asks for; ValueError when it is no goal, KeyError without such a metric."""
    match = FORM.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not a precision; such as 'cpst=2 %' of the value, 'cpst=0.05' or 'wait_mean=5 s'"
        )
    return within(match["metric"], match["width"])


def within(metric: str, width: float | str) -> Within:
    """The goal that a half-width sets; ValueError when it is none, KeyError without such a metric."""
    match = NUMBER.fullmatch(width) if isinstance(width, str) else None
    is_relative = match is not None and bool(match["unit"])
    if isinstance(width, str):
        number = float(match["number"]) if match is not None else _time(metric_of(metric), width)
    else:
        number = float(width)
    if not 0 < number < math.inf:
        raise ValueError(f"a half-width is above 0, got {width} for {metric}")
    text = width if isinstance(width, str) else f"{width:g}"
    return Within(metric_of(metric).name, number / 100 if is_relative else number, is_relative, text)


def _time(metric: Metric, text: str) -> float:
    """A length of time in the unit of the metric."""
    if metric.unit not in TIMES:
        wanted = f"a number in {metric.unit.replace('currency', 'its currency')}"
        raise ValueError(f"{metric.name} cannot be within {text!r}: give {wanted}, or per cent as in 2 %")
    try:
        return parse_duration(text) / TIMES[metric.unit]
    except PydanticCustomError as error:
        raise ValueError(error.message()) from None


def width_of(goal: Within, found: Estimate, scale: float | None, variant: str = "") -> Width:
    """How wide the interval of an estimate is against what was asked for; a share is one of `scale`.

    An interval that was cut to what is possible counts with its longer side.
    """
    reach = None
    if found.value is not None and found.low is not None and found.high is not None:
        reach = max(found.high - found.value, found.value - found.low)
    limit = goal.half_width
    if goal.is_relative:
        return Width(goal, found.value, reach, None if scale is None else limit * abs(scale), variant)
    return Width(goal, found.value, reach, limit, variant)

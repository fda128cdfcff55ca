"""Effects: what one parameter does to one metric, and whether that is more than noise."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.estimates import Estimate
from analysis.experiments.ranges import Parameter


@dataclass(frozen=True, slots=True)
class Effect:
    """What one parameter does to one metric, all others as they are written."""

    parameter: Parameter
    at_low: Estimate
    at_high: Estimate
    to_low: Estimate
    """At the low value less as written."""
    to_high: Estimate
    """At the high value less as written."""
    difference: Estimate
    """At the high value less at the low one. These three are paired, on the same draws, and the intervals of those
    of all parameters cover together."""

    @property
    def is_seen(self) -> bool:
        """Whether the interval of one of the three differences leaves 0 out.

        All three count, because a metric may be as high at one end as at the other and lower between them.
        """
        return any(is_beyond_noise(part) for part in (self.to_low, self.to_high, self.difference))

    @property
    def size(self) -> float:
        """The largest of the three differences, either way; below 0 where none is defined."""
        parts = (self.to_low.value, self.to_high.value, self.difference.value)
        return max((abs(part) for part in parts if part is not None), default=-1.0)


def is_beyond_noise(found: Estimate) -> bool:
    """Whether an interval leaves 0 out."""
    return found.low is not None and found.high is not None and (found.low > 0 or found.high < 0)

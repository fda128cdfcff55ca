"""Input uncertainty: what replications with drawn inputs add to those at the values as they are written.

Two things make a result uncertain, and they are reported side by side. Chance: other draws of arrivals, minutes and
verdicts; the Monte Carlo interval of a metric at the stated values shrinks as replications are added. Inputs: nobody
knows the stated values exactly; the range of the metric over their draws does not shrink, it becomes known better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.estimates import FEWEST_FOR_CLAIMS, INSUFFICIENT, LOWER_BOUND, UNDEFINED
from analysis.experiments.results import Replications, is_bound, totals_of
from analysis.metrics import METRICS, Metric, Tally, metric_of
from analysis.metrics.table import quotient

if TYPE_CHECKING:
    import pandas as pd

MIDDLE = 0.95
"""Share of the drawn cases that a range holds."""


@dataclass(frozen=True, slots=True)
class InputRange:
    """What a metric comes to over the stated ranges of the inputs."""

    low: float | None
    """Below it are 2.5 % of the drawn cases; None where that cannot be said."""
    high: float | None
    from_inputs: float | None
    """Share of the variance between drawn cases that is due to the inputs, the rest being chance."""
    draws: int
    note: str = ""
    """Why there is no range; empty when there is one."""


def input_range(metric: Metric, stated: Sequence[Tally], drawn: Sequence[Tally]) -> InputRange:
    """The middle 95 % of a metric over drawn cases, and how much of its variance the inputs make.

    A case is one replication with one draw of the inputs, so the range also holds the chance of a single replication
    (it is wider than the range of what the metric would come to in the long run), which the share of the inputs tells
    apart: the variance of the drawn cases less that of the replications at the stated values, over the former, not
    below 0. A ratio such as cost per success is the ratio within each replication: over few tasks its mean differs
    from the pooled ratio that is estimated at the stated values, so the range need not lie around that. There is
    neither with fewer than 10 cases, nor where the metric is undefined or a mere bound in one of them.
    """
    count = len(drawn)
    if is_bound(metric, stated) or is_bound(metric, drawn):
        return InputRange(None, None, None, count, LOWER_BOUND)
    values, plain = (
        [value for value in cases(metric, part) if value is not None] for part in (drawn, stated)
    )
    if len(values) < count:
        return InputRange(None, None, None, count, UNDEFINED)
    if count < FEWEST_FOR_CLAIMS:
        return InputRange(None, None, None, count, INSUFFICIENT)
    low, high = middle(values)
    whole = variance(values)
    is_known = FEWEST_FOR_CLAIMS <= len(plain) == len(stated) and whole > 0
    share = max(0.0, 1 - variance(plain) / whole) if is_known else None
    return InputRange(low, high, share, count)


def cases(metric: Metric, tallies: Sequence[Tally]) -> list[float | None]:
    """A metric in each replication by itself; None where it is undefined."""
    return [quotient(*pair) for pair in totals_of(metric, tallies)]


def middle(values: Sequence[float], share: float = MIDDLE) -> tuple[float, float]:
    """The range that the next case falls in with probability `share`, whatever the distribution.

    Between order statistics at (n + 1) p (Weibull 1939). It needs 39 cases for 95 %; fewer give their whole range,
    which the next case falls in with probability (n - 1) / (n + 1): 94 % for 30, 82 % for 10.
    """
    ordered = sorted(values)
    return _order_statistic(ordered, (1 - share) / 2), _order_statistic(ordered, (1 + share) / 2)


def _order_statistic(ordered: Sequence[float], share: float) -> float:
    place = min(max((len(ordered) + 1) * share - 1, 0.0), len(ordered) - 1.0)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def variance(values: Sequence[float]) -> float:
    """The sample variance of two values or more."""
    centre = math.fsum(values) / len(values)
    return math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1)


@dataclass(frozen=True, eq=False, repr=False)
class InputDraws:
    """Replications of one scenario at the stated values, and as many with drawn inputs."""

    stated: Replications
    drawn: Replications

    @property
    def draws(self) -> int:
        """How many draws of the inputs."""
        return len(self.drawn.tallies)

    @property
    def paths(self) -> tuple[str, ...]:
        """What was drawn."""
        return tuple(self.drawn.scenario.uncertain or {})

    def range(self, metric: Metric | str) -> InputRange:
        """A metric, or the one of that name, over the stated ranges of the inputs."""
        return input_range(metric_of(metric), self.stated.tallies, self.drawn.tallies)

    def values(self) -> list[dict[str, int | float | str]]:
        """The inputs of each draw, by path."""
        return values_of(self.drawn)

    def to_frame(self) -> pd.DataFrame:
        """One row per draw: its inputs as they would be written, then every metric."""
        import pandas as pd

        return pd.concat([pd.DataFrame(self.values()), self.drawn.to_frame()], axis=1)

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null where there is no range."""
        metrics = {metric.name: columns(self.range(metric)) for metric in METRICS}
        return {"draws": self.draws, "values": self.values(), "metrics": metrics}


def columns(found: InputRange) -> dict[str, Any]:
    """A range as columns of a table."""
    return {"inputs_low": found.low, "inputs_high": found.high, "inputs_share": found.from_inputs}


def values_of(drawn: Replications) -> list[dict[str, int | float | str]]:
    """The inputs of each of some replications that drew them."""
    return [drawn.scenario.input_values(drawn.seed, log.replication) for log in drawn.logs]


def has_inputs(scenarios: Mapping[str, Any]) -> bool:
    """Whether some scenario calls a value uncertain."""
    return any(scenario.uncertain for scenario in scenarios.values())


def draws_wanted(scenarios: Mapping[str, Any], draws: int | None, replications: int) -> int:
    """How many draws of the inputs: as many as replications unless told; none where nothing is uncertain.

    Raises ValueError for a negative number, and for one above 0 where nothing is uncertain.
    """
    if draws is not None and draws < 0:
        raise ValueError(f"draws of the inputs are 0 or more, got {draws}")
    if has_inputs(scenarios):
        return replications if draws is None else draws
    if draws:
        raise ValueError("nothing is uncertain: give `uncertain:` in the scenario, or no draws")
    return 0

"""Conditions: limits on a metric that a choice must meet, such as `sla_share >= 0.95`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis import estimates
from analysis.estimates import Estimate
from analysis.experiments.results import estimate_of, totals_of
from analysis.metrics import Tally, metric_of
from analysis.ranking import probability_above

FORM = re.compile(
    r"\s*(?P<metric>[a-z][a-z0-9_]*)\s*(?P<sign>>=|<=|>|<)\s*(?P<bound>\d{1,15}(\.\d{1,15})?)\s*(?P<unit>%?)\s*"
)
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
ERRORS = ("escape_share", "wrong_per_1000", "cfr_delivered", "damage_per_task")
"""Metrics that count what is delivered wrong: a limit from above on one of them limits errors."""
RIGHT = ("success_share",)
"""Metrics that errors make smaller: a limit from below on one of them limits errors."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A metric, a comparison and a bound."""

    metric: str
    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.metric} {self.sign} {self.bound:.12g}"

    @property
    def limits_errors(self) -> bool:
        """Whether meeting it keeps wrong deliveries down."""
        return self.metric in (ERRORS if self.sign.startswith("<") else RIGHT)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether some replications meet a condition."""

    condition: Condition
    estimate: Estimate
    is_met: bool
    """Whether the estimate meets it; an undefined one does not, nor does a lower bound below an upper limit."""
    probability: float | None
    """Of the true value meeting it, given the replications; None without an interval."""


def parse_condition(text: str) -> Condition:
    """The condition that a text says; KeyError for a metric that does not exist.

    Raises ValueError for a text that is none, and a share above 1.
    """
    match = FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a condition; such as 'sla_share >= 0.95' or 'escape_share <= 1 %'")
    bound = float(match["bound"]) / (100 if match["unit"] else 1)
    if metric_of(match["metric"]).unit == "share" and bound > 1:
        raise ValueError(
            f"{text!r}: {match['metric']} is a share, from 0 to 1 or in per cent, such as '95 %'"
        )
    return Condition(match["metric"], match["sign"], bound)


def check(condition: Condition, tallies: Sequence[Tally]) -> Check:
    """Whether the replications meet the condition, and how sure that is."""
    metric = metric_of(condition.metric)
    found, is_upper = estimate_of(metric, tallies), condition.sign.startswith("<")
    is_met = found.value is not None and SIGNS[condition.sign](found.value, condition.bound)
    if found.note == estimates.LOWER_BOUND:
        return Check(condition, found, is_met and not is_upper, None)
    variance = estimates.ratio_variance(totals_of(metric, tallies))
    if found.value is None or variance is None:
        return Check(condition, found, is_met, None)
    if variance == 0.0:
        return Check(condition, found, is_met, float(is_met))
    above = probability_above(condition.bound, found.value, variance, len(tallies))
    return Check(condition, found, is_met, 1 - above if is_upper else above)

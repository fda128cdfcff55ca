"""Conditions: limits on a metric that a choice must meet, such as `sla_share >= 0.95`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis import estimates, ranking
from analysis.estimates import FEWEST_FOR_CLAIMS, Estimate, Totals
from analysis.experiments import shares
from analysis.experiments.results import estimate_of, totals_of
from analysis.metrics import Metric, Tally, metric_of

FORM = re.compile(
    r"\s*(?P<metric>[a-z][a-z0-9_]*)\s*(?P<sign>>=|<=|>|<)\s*(?P<bound>\d{1,15}(\.\d{1,15})?)\s*(?P<unit>%?)\s*"
)
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
SAID = {"<=": "at most", "<": "less than", ">=": "at least", ">": "more than"}
"""The signs in words."""
ERRORS = ("escape_share", "wrong_per_1000", "cfr_delivered", "damage_per_task")
"""Metrics that count what is delivered wrong: a limit from above on one of them limits errors."""
RIGHT = ("success_share",)
"""Metrics that errors make smaller: a limit from below on one of them limits errors."""
DAMAGE = ("cpst_with_damage", "cpst_loaded_with_damage", "damage_per_task")
"""Objectives that count what wrong deliveries do, where a scenario says what that is."""
MOST = {"escape_share": 1.0, "wrong_per_1000": 1000.0, "cfr_delivered": 1.0}
"""The largest value that a count of errors can have: a limit there or above limits nothing."""


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
        """Whether meeting it keeps wrong deliveries down; a bound that no variant can miss does not."""
        if self.sign.startswith("<"):
            return self.metric in ERRORS and self.bound < MOST.get(self.metric, math.inf)
        return self.metric in RIGHT and self.bound > 0.0


@dataclass(frozen=True, slots=True)
class Check:
    """Whether some replications meet a condition."""

    condition: Condition
    estimate: Estimate
    is_met: bool
    """Whether the estimate meets it; an undefined one does not, nor does a lower bound below an upper limit."""
    probability: float | None
    """Of the true value meeting it, given the replications; None below 10 of them, and where it cannot be told."""


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
    probability = None
    if found.value is not None and len(tallies) >= FEWEST_FOR_CLAIMS:
        probability = _probability(condition, metric, found.value, totals_of(metric, tallies))
    return Check(condition, found, is_met, probability)


def check_replications(sure: float | None, replications: int) -> None:
    """Raises ValueError where conditions are to be met surely by fewer replications than a probability needs."""
    if sure is not None and replications < FEWEST_FOR_CLAIMS:
        raise ValueError(
            f"to be sure of a condition takes {FEWEST_FOR_CLAIMS} replications or more, got {replications}"
        )


def _probability(condition: Condition, metric: Metric, value: float, totals: Totals) -> float | None:
    """Probability that the true value meets the condition; None where nothing that varied says how sure it is.

    What did not vary is not certain. Cases that all came out alike leave room for another kind of them, and say
    nothing about whether there is none at all; damage may be rare and large; and of any other number the sign test
    says how sure it is that the middle replication meets the condition.
    """
    variance, bound = estimates.ratio_variance(totals), condition.bound
    if variance is None:
        return None
    if variance > 0.0:
        above = ranking.probability_above(bound, value, variance, len(totals))
    elif (cases := shares.cases_alike(metric, totals)) is not None and value != bound:
        above = shares.probability_above(bound, metric, value, cases)
    elif cases is not None or metric.name in DAMAGE:
        return None
    else:
        against = 0.5 ** len(totals)
        return 1 - against if SIGNS[condition.sign](value, bound) else against
    return 1 - above if condition.sign.startswith("<") else above

"""Failure rules: the visible ways an attempt ends without an output.

Tested in this order: deterministic (once per task and stage), governance (once per task and stage),
transient (each attempt on its own), judgment (each attempt, likelier on hard tasks).
Categories after the playbook's failure taxonomy (row RT-01).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sim.quantities import Share, billionths
from sim.rules.success import SkillCurve, solve_level
from sim.spec import Spec, default


class Outcome(IntEnum):
    """How an activity ended."""

    RIGHT = 0
    WRONG = 1
    INVALID = 2
    """Wrong because the output broke its schema: theta is 0."""
    TRANSIENT = 3
    DETERMINISTIC = 4
    JUDGMENT = 5
    GOVERNANCE = 6
    APPROVED = 7
    REVISED = 8
    REJECTED = 9
    NONE = 10
    FLAGGED = 11
    """A validator or a verification holds the output for wrong."""
    PASSED = 12
    ANSWERED = 13
    CORRECTED = 14
    UPSTREAM = 15
    """No output: the agent noticed that what it was given is wrong."""


class FailureRates(Spec):
    """Shares of attempts that fail visibly, by category; all off by default."""

    transient: Share = default(0.0, "off")
    """Provider unavailable, timeout, rate limit, network: likely gone on the next try."""
    deterministic: Share = default(0.0, "off")
    """Missing field, invalid state: the same on every try at this task."""
    judgment: Share = default(0.0, "off")
    """The agent gives up on a case it cannot judge; likelier on hard tasks by the spread of `success`."""
    governance: Share = default(0.0, "off")
    """A right or policy is missing: stop, never try again."""


@dataclass(frozen=True, slots=True)
class FailureCurve:
    """Compiled rates in billionths; of judgment failures the share, and their level and spread over hardness."""

    transient: int
    deterministic: int
    governance: int
    judgment: float
    level: float
    spread: float

    def judgment_probability(self, hardness: Any, m: Any, gain: float = 0.0) -> Any:
        """Probability of a judgment failure at this hardness, as a float; `gain` in logits makes it rarer."""
        if self.judgment in (0.0, 1.0):
            return hardness * 0.0 + self.judgment
        return m.sigmoid(self.level + self.spread * hardness - gain)


def compile_failures(rates: FailureRates, success: SkillCurve) -> FailureCurve:
    """Rates on the grid; the level of judgment failures solved for the spread of success."""
    inner = 0.0 < rates.judgment < 1.0
    level = solve_level(rates.judgment, success.spread) if inner else 0.0
    return FailureCurve(
        billionths(rates.transient),
        billionths(rates.deterministic),
        billionths(rates.governance),
        rates.judgment,
        level,
        success.spread,
    )

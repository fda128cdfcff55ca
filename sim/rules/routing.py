"""Routing rules: which outputs of an agent go to a person, and why."""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """Why a task went where it went."""

    NONE = 0
    ARRIVED = 1
    CONFIDENT = 2
    """theta is at or above the threshold and the value within the limit."""
    LOW_CONFIDENCE = 3
    HIGH_VALUE = 4
    EVERY_OUTPUT = 5
    """The topology has every output reviewed, or none."""
    TRANSIENT_FAILURE = 6
    """A transient failure that is tried again."""
    RETRIES_EXHAUSTED = 7
    DETERMINISTIC_FAILURE = 8
    JUDGMENT_FAILURE = 9
    GOVERNANCE_FAILURE = 10
    ATTEMPTS_EXHAUSTED = 11
    APPROVED = 12
    REVISION_ASKED = 13
    REVISIONS_EXHAUSTED = 14
    REJECTED = 15
    DONE_BY_PERSON = 16
    WAITING = 17
    """Still in a queue when the run ended."""
    WORKING = 18
    """Still being worked on when the run ended."""
    BACKING_OFF = 19
    """Waiting for its next try when the run ended."""
    SHIFT_BEGAN = 20
    SHIFT_ENDED = 21
    LIMIT_REACHED = 22


NO_LIMIT = (1 << 62) - 1
"""A value limit no task passes."""


# Plain integers: looking up the member of an enumeration costs more than the rule.
_HIGH_VALUE, _CONFIDENT, _LOW = int(Reason.HIGH_VALUE), int(Reason.CONFIDENT), int(Reason.LOW_CONFIDENCE)


def route_output(theta: int, value: int, threshold: int, value_limit: int) -> int:
    """The Reason an output goes where it goes.

    theta and threshold are in billionths, value and limit in minor units of the currency. Exactly the threshold
    delivers, exactly the limit delivers (rows CR-06, CR-07). The value is asked first, so that the share sent on for
    value is the share of tasks above the limit.
    """
    if value > value_limit:
        return _HIGH_VALUE
    return _CONFIDENT if theta >= threshold else _LOW

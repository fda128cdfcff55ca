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
    SELF_RETRY = 23
    """Unsure: the agent tries again itself."""
    HANDED_TO_PEER = 24
    NEXT_TIER = 25
    """Unsure: the next tier of a cascade tries."""
    FLAGGED = 26
    """A validator holds the output for wrong."""
    PASSED = 27
    PREMATURE = 28
    """Sure enough, but sent to a person all the same."""
    GATED = 29
    """Held for approval by a gate or a review policy."""
    RETRIED_UNCHANGED = 30
    FIXED = 31
    OTHER_PARAMETERS = 32
    RICHER_CONTEXT = 33
    NARROWER_TASK = 34
    OTHER_TOOL = 35
    OTHER_MODEL = 36
    ROLLED_BACK = 37
    OWNER_ASKED = 38
    BLOCKED = 39
    """Stays blocked on a cause that nobody removed."""
    ACK_LOST = 40
    """The action landed, but its acknowledgement did not."""
    CLARIFICATION = 41
    """An agent asks another one."""
    CLARIFIED = 42
    HOP_LIMIT = 43
    TRACE_BUDGET = 44
    PERIOD_BUDGET = 45
    CIRCUIT_OPEN = 46
    KILL_SWITCH = 47
    UPSTREAM_DEFECT = 48
    """The agent noticed that what it was given is wrong."""
    SENT_BACK = 49
    """To the stage where the defect was born."""
    VERIFICATION_FAILED = 50
    DISCOVERED = 51
    """A client found a wrong delivery."""
    CORRECTED = 52
    REOPENED = 53
    WRONG_LANE = 54
    UNUSABLE_RETURN = 55
    MISSING_CONTEXT = 56
    BRANCHES_JOINED = 57
    BRANCH_FAILED = 58
    PASSES_EXHAUSTED = 59
    """The stage was passed as often as it may be."""
    ALERT = 60
    OPENED = 61
    HALF_OPENED = 62
    CLOSED = 63
    TRIPPED = 64
    RESUMED = 65
    PERIOD_BEGAN = 66
    IN_TRANSIT = 67
    """Between two stages, or in a check that nobody does, when the run ended."""
    DOWNGRADED = 68


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

"""Words of the metrics: why tasks go to people, kinds of work, and how tasks end."""

from __future__ import annotations

import numpy as np

from sim.log import NULL
from sim.log.columns import (
    ACTIONS,
    ATTEMPTED,
    CLARIFIED,
    CORRECTED,
    EXECUTED,
    NEXT,
    NEXT_ATTEMPT,
    NEXT_CLARIFY,
    NEXT_CORRECT,
    NEXT_EXECUTE,
    NEXT_REVIEW,
    NEXT_VALIDATE,
    REASONS,
    REFUSED,
    REVIEWED,
    VALIDATED,
)  # fmt: skip
from sim.rules.routing import Reason

ESCALATIONS = (
    "confidence", "value", "failure", "rejected", "flagged", "premature", "verification", "upstream", "guard",
)  # fmt: skip
"""Why a task is sent to a person: too unsure, too dear, no output, output that a person rejected, that a validator
flagged, sent on for nothing, found wrong by a verification, made of something wrong, stopped by a guard."""
REJECTED, FOUND_WRONG = ESCALATIONS.index("rejected"), ESCALATIONS.index("verification")
_REASONS_OF = {
    "confidence": (Reason.LOW_CONFIDENCE,),
    "value": (Reason.HIGH_VALUE,),
    "failure": (
        Reason.RETRIES_EXHAUSTED, Reason.DETERMINISTIC_FAILURE, Reason.JUDGMENT_FAILURE,
        Reason.GOVERNANCE_FAILURE, Reason.ATTEMPTS_EXHAUSTED, Reason.ACK_LOST, Reason.BLOCKED,
    ),
    "rejected": (Reason.REJECTED, Reason.REVISIONS_EXHAUSTED),
    "flagged": (Reason.FLAGGED,),
    "premature": (Reason.PREMATURE,),
    "verification": (Reason.VERIFICATION_FAILED,),
    "upstream": (Reason.UPSTREAM_DEFECT,),
    "guard": (
        Reason.HOP_LIMIT, Reason.TRACE_BUDGET, Reason.PERIOD_BUDGET, Reason.CIRCUIT_OPEN, Reason.KILL_SWITCH,
    ),
}  # fmt: skip
ESCALATION_OF = np.full(len(REASONS), NULL, np.int64)
"""Place in ESCALATIONS by reason."""
for _name, _reasons in _REASONS_OF.items():
    ESCALATION_OF[[int(reason) for reason in _reasons]] = ESCALATIONS.index(_name)

REFUSALS = _REASONS_OF["guard"]
"""Reasons with which guards refuse a call or a transfer."""

ACTIVITIES = ("attempt", "execute", "review", "rework", "validate", "clarify", "correct")
"""Kinds of work; rework is an execution after a person rejected the output, or the ground truth showed it wrong."""
EXECUTION, REWORK = ACTIVITIES.index("execute"), ACTIVITIES.index("rework")
ACTIVITY_OF = np.full(len(NEXT) + 1, NULL, np.int64)
"""Place in ACTIVITIES by what a task does next; the last is for nothing."""
ACTIVITY_OF_ACTION = np.full(len(ACTIONS), NULL, np.int64)
"""Place in ACTIVITIES by what was done."""
for _activity, _next, _action in (
    ("attempt", NEXT_ATTEMPT, ATTEMPTED), ("execute", NEXT_EXECUTE, EXECUTED), ("review", NEXT_REVIEW, REVIEWED),
    ("validate", NEXT_VALIDATE, VALIDATED), ("clarify", NEXT_CLARIFY, CLARIFIED),
    ("correct", NEXT_CORRECT, CORRECTED),
):  # fmt: skip
    ACTIVITY_OF[_next] = ACTIVITY_OF_ACTION[_action] = ACTIVITIES.index(_activity)

ACTIVITY_OF_ACTION[REFUSED] = ACTIVITIES.index("attempt")  # the call that it waited for

ENDS = ("delivered", "failed", "unfinished")
"""How a task ends."""
DELIVERED, FAILED, CUT_OFF = range(len(ENDS))

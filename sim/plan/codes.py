"""Integers that carry several facts: the rank of an event, the code of a row."""

BOUNDARY, COMPLETION, RETRY, ARRIVAL = (position << 60 for position in (1, 2, 3, 5))
"""Classes of events at one tick, first to last; all far above SimPy's own priorities 0 and 1. Between retry and
arrival there is room for the end of patience. Below the class a rank holds priority, type, index and visit, so
that ties are broken by what an event is, never by when it was created."""

NO_STEP = 0xFFFF
"""Stands for no next step in a code."""
REWORK, CUT_SHORT, WRONG, REFUSED, IN_VAIN = 1 << 48, 1 << 49, 1 << 50, 1 << 51, 1 << 52
"""Flags of a code: work done again after a rejection; work that the end of the run cut short; the output in hand
is wrong; a call that a guard refused; a recovery move that did not help."""

NO, YES = 1, 2
"""An answer in two bits of the marks of a row; 0 is no answer."""
INHERITED_AT, OWN_RIGHT_AT, AGENT_FAILED_AT, STAGE_END_AT, DOUBLED_AT = 0, 2, 4, 6, 7
BORN_AT, GUARD_AT, BRANCH_AT, PASS_AT = 8, 16, 28, 48
"""Places in the marks of a workflow's row: three answers, two flags, then one more than the stage where the defect
was born (8 bits), one more than the guard (12 bits), the branch (20 bits) and the pass (12 bits)."""
GUARD_BITS, BRANCH_BITS = 0xFFF, 0xFFFFF


def pack_code(step: int, outcome: int, reason: int, following: int = NO_STEP) -> int:
    """Step, outcome, reason and next step of a row in one integer."""
    return step | int(outcome) << 16 | int(reason) << 24 | following << 32

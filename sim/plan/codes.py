"""Integers that carry several facts: the rank of an event, the code of a row."""

BOUNDARY, COMPLETION, RETRY, ARRIVAL = (position << 60 for position in (1, 2, 3, 5))
"""Classes of events at one tick, first to last; all far above SimPy's own priorities 0 and 1. Between retry and
arrival there is room for the end of patience. Below the class a rank holds priority, type, index and visit, so
that ties are broken by what an event is, never by when it was created."""

NO_STEP = 0xFFFF
"""Stands for no next step in a code."""
REWORK, CUT_SHORT, WRONG = 1 << 48, 1 << 49, 1 << 50
"""Flags of a code: work done again after a rejection; work that the end of the run cut short; the reviewed
output is wrong."""


def pack_code(step: int, outcome: int, reason: int, following: int = NO_STEP) -> int:
    """Step, outcome, reason and next step of a row in one integer."""
    return step | int(outcome) << 16 | int(reason) << 24 | following << 32

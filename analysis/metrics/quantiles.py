"""Quantiles of cycle times over several sorted arrays, unfinished tasks included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.metrics.sums import total
from analysis.metrics.tally import Quantile
from sim.log import NULL
from sim.log.columns import Integers


def quantile(sorted_ticks: Sequence[Integers], percent: int) -> Quantile | None:
    """The cycle time that `percent` of the tasks do not exceed, None without a task.

    A task that the end of the run cut off took longer than any that ended, as far as one knows; where the
    quantile falls among these it is a bound, the same quantile of the times so far.
    """
    ended = [ticks[np.searchsorted(ticks, 0) :] for ticks in sorted_ticks]
    cut = [NULL - ticks[: np.searchsorted(ticks, 0)][::-1] for ticks in sorted_ticks]
    count = total(map(len, sorted_ticks))
    rank = -(-count * percent // 100)
    if not count:
        return None
    if rank <= total(map(len, ended)):
        return Quantile(_at_rank(ended, rank), False)
    return Quantile(_at_rank([*ended, *cut], rank), True)


def _at_rank(sorted_ticks: Sequence[Integers], rank: int) -> int:
    """The value with `rank` - 1 before it in all of the arrays together, by halving the range of values."""
    low, high = 0, max(int(ticks[-1]) for ticks in sorted_ticks if len(ticks))
    while low < high:
        middle = (low + high) // 2
        enough = total(int(np.searchsorted(ticks, middle, side="right")) for ticks in sorted_ticks) >= rank
        low, high = (low, middle) if enough else (middle + 1, high)
    return low

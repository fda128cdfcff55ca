"""Authors of defects: whose work was wrong at each stage of a task, for as long as the task is on its way."""

from __future__ import annotations

import numpy as np

from analysis.metrics.cohort_rows import Flags
from analysis.metrics.remembered import Remembered
from sim.log import NULL
from sim.log.columns import Integers

STAGES = 1 << 14
"""Room for stages in a key."""


class Authors:
    """Who made the latest wrong work at each stage of each task."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._known = Remembered(1)

    @property
    def nbytes(self) -> int:
        """Bytes taken."""
        return self._known.nbytes

    def find(
        self, task: Integers, stage: Integers, place: Integers, worker: Integers, is_wrong: Flags, asks: Integers,
        born: Integers,
    ) -> Integers:  # fmt: skip
        """For the rows `asks`, who made the wrong work at the stage `born` of their task; NULL for nobody."""
        wrong = np.flatnonzero(is_wrong)
        keys = task[asks] * STAGES + born[asks]
        made = latest(task[wrong] * STAGES + stage[wrong], place[wrong], worker[wrong], keys, place[asks] + 1)
        found: Integers = np.where(made == NULL, self._known.find(keys)[0], made)
        return np.where(born[asks] == NULL, NULL, found)

    def keep(
        self,
        task: Integers,
        stage: Integers,
        place: Integers,
        worker: Integers,
        is_wrong: Flags,
        is_over: Flags,
    ) -> None:
        """Remembers the block's wrong work; forgets that of tasks that are over by one of the rows."""
        over = np.flatnonzero(is_over)
        ended = latest(
            task[over], place[over], place[over], task, np.full(len(task), len(place) + place.max())
        )
        wrong = np.flatnonzero(is_wrong & (place > ended))
        wrong = wrong[np.argsort(place[wrong], kind="stable")]
        keys, last = np.unique((task[wrong] * STAGES + stage[wrong])[::-1], return_index=True)
        self._known.forget_groups(np.unique(task[over]), STAGES)
        self._known.replace(keys, keys, worker[wrong][::-1][last][None, :])


def latest(keys: Integers, places: Integers, values: Integers, asked: Integers, before: Integers) -> Integers:
    """For each asked key, the value at its latest place below `before`; NULL where there is none."""
    if not len(keys) or not len(asked):
        return np.full(len(asked), NULL, np.int64)
    known, group = np.unique(keys, return_inverse=True)
    span = max(int(places.max()), int(before.max())) + 2
    order = np.lexsort((places, group))
    line = group[order] * span + places[order]
    asked_group = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    found = np.searchsorted(line, asked_group * span + before) - 1
    is_found = (known[asked_group] == asked) & (found >= 0) & (group[order][found] == asked_group)
    result: Integers = np.where(is_found, values[order][found], NULL)
    return result

"""Rows of workflows in story order: each token of a task, each pass through a stage."""

from __future__ import annotations

import numpy as np

from analysis.metrics.authors import Authors, latest
from analysis.metrics.cohort import Cohort, Slices
from analysis.metrics.cohort_rows import CohortRows, Flags, Passes, carried, starts_of
from analysis.metrics.layout import Layout
from analysis.metrics.remembered import Remembered
from analysis.metrics.words import (
    ACTIVITY_OF,
    ACTIVITY_OF_ACTION,
    CUT_OFF,
    DELIVERED,
    ESCALATION_OF,
    EXECUTION,
    FAILED,
    FOUND_WRONG,
    REJECTED,
    REWORK,
)  # fmt: skip
from sim.log import NULL, Block
from sim.log.columns import (
    ARRIVED,
    ATTEMPTED,
    CLARIFIED,
    CORRECTED,
    DISCOVERED,
    EXECUTED,
    JOINED,
    NEXT_BRANCH,
    NEXT_DELIVER,
    NEXT_EXECUTE,
    NEXT_FAIL,
    NEXT_GIVE_UP,
    NEXT_JOIN,
    NEXT_REDELIVER,
    RECOVERED,
    REFUSED,
    REVIEWED,
    UNFINISHED,
    VALIDATED,
    VERIFIED,
    Integers,
)  # fmt: skip
from sim.rules.routing import Reason

BETWEEN = (ARRIVED, JOINED, DISCOVERED, CORRECTED)
"""Rows that belong to no pass through a stage: the next row begins one."""
SENDERS = (ATTEMPTED, REVIEWED, VALIDATED, VERIFIED, CLARIFIED, REFUSED, RECOVERED)
"""Rows that may send a task to a person."""
_MAKER, _INHERITED, _OWN, _SENT, _LOST, _JUDGED, _IS_OPEN, _STAGE, _ENDED = range(9)
"""What is remembered of a token that is on its way."""
_ENDED_BITS, _DEFECT, _ESCALATED = 3, 4, 8
"""Bits of a task's marks."""
BRANCHES = 1 << 15
"""Room for branches in a token's key."""


class Stories:
    """Rows of types with stages, branches, policies or guards, with what their tokens were doing.

    Between blocks about 80 bytes are remembered of each token that is on its way, and 16 of each stage of a task
    in the system at which somebody's own work was wrong.
    """

    def __init__(self, layout: Layout, cohort: Cohort) -> None:
        """Stories of the tasks of `cohort`."""
        self.layout, self.cohort = layout, cohort
        self.tokens, self.forks, self.authors = Remembered(9), Remembered(1), Authors()

    @property
    def nbytes(self) -> int:
        """Bytes remembered of what is on its way."""
        return self.tokens.nbytes + self.forks.nbytes + self.authors.nbytes

    def add(self, block: Block) -> CohortRows | None:
        """The rows of cohort tasks of these types in the next block, by task and branch; None without any."""
        rows = self.cohort.rows(block, is_plain=False)
        if not len(rows):
            return None
        task = block["type"][rows] << 40 | block["task"][rows]
        branch = np.maximum(block["branch"][rows], 0)
        order = np.lexsort((branch, task))  # stable: rows of a token stay in their order
        rows, task, branch = rows[order], task[order], branch[order]
        return _Story(self, block, rows, task, task * BRANCHES + branch).told()


class _Story:
    """The rows of one block on their way to be told."""

    def __init__(
        self, stories: Stories, block: Block, rows: Integers, task: Integers, token: Integers
    ) -> None:
        self.stories, self.block, self.rows, self.task, self.token = stories, block, rows, task, token
        self.layout = stories.layout
        self.action, self.following, self.reason = (
            block[name][rows] for name in ("action", "next", "reason")
        )
        self.stage = self.layout.stage_places(block, rows)
        self.is_break = (block["stage_end"][rows] == 1) | np.isin(self.action, BETWEEN)
        self.is_first = np.append(True, token[1:] != token[:-1])
        self.known = stories.tokens.find(token)
        is_open_before = np.append(False, ~self.is_break[:-1])
        is_open_before[self.is_first] = self.known[_IS_OPEN, self.is_first] == 1
        self.begins = ~is_open_before
        self.pass_start = starts_of(self.begins | self.is_first)

    def told(self) -> CohortRows:
        """The rows with what their stories tell."""
        block, rows, action, cohort = self.block, self.rows, self.action, self.stories.cohort
        worker = self.layout.workers(block["role"][rows], block["position"][rows])
        is_work = np.isin(action, (ATTEMPTED, EXECUTED))
        maker, maker_before = self._in_pass(np.where(is_work, worker, NULL), _MAKER)
        sent_on = self._sent_on()
        sent, sent_before = self._in_pass(sent_on, _SENT)
        lost, lost_before = self._in_pass(np.where(self.reason == int(Reason.ACK_LOST), 1, NULL), _LOST)
        passes = self._passes(is_work, lost_before == 1)
        slices = cohort.slices(block["type"][rows])
        makers, marks = cohort.remembered(block["task"][rows], slices)
        end = self._ends(marks)
        author = self._authors(passes, worker, maker, makers, is_work & (block["own_right"][rows] == 0))
        is_sent = (sent_on != NULL) & ~self.layout.by_person(maker)
        is_escalated = self._first_of(is_sent & (marks & _ESCALATED == 0))
        is_defective = self._first_of((passes.agent_failed == 1) & (marks & _DEFECT == 0))
        marks = marks | end + 1 | _DEFECT * is_defective | _ESCALATED * is_escalated
        self._remember_tasks(slices, makers, author, marks)
        self._remember_tokens((maker, passes.inherited, passes.own_right, sent, lost, passes.has_failed))
        return CohortRows(
            block, rows, worker, maker, maker_before, author, self._activities(sent_before),
            escalation=np.where(is_escalated, sent_on, NULL),
            is_repeated=is_sent & (sent_before != NULL),
            end=end,
            time=cohort.times(block["tick"][rows], end, block["task"][rows], slices),
            is_mended=self._is_mended(),
            is_defective=is_defective,
            passes=passes,
        )  # fmt: skip

    def _is_mended(self) -> Flags:
        """Rows from which on a task is right that was delivered wrong."""
        is_again = (self.action == CORRECTED) | (self.following == NEXT_REDELIVER)
        is_mended: Flags = is_again & (self.block["is_right"][self.rows] == 1)
        return is_mended

    def _in_pass(self, given: Integers, kind: int) -> tuple[Integers, Integers]:
        """What was given last within each row's pass, after the row and before it."""
        opening = np.where(self.begins, NULL, self.known[kind])
        return carried(given, opening, self.pass_start)

    def _sent_on(self) -> Integers:
        """Place in ESCALATIONS of rows that send their task to a person, else NULL.

        Going on to a stage that people do is none, unless the hops are used up.
        """
        is_sent = (self.following == NEXT_EXECUTE) & np.isin(self.action, SENDERS)
        is_sent &= ~self.is_break | (self.reason == int(Reason.HOP_LIMIT))
        sent_on = np.where(is_sent, ESCALATION_OF[self.reason], NULL)
        return np.where(is_sent & (self.action == REVIEWED), REJECTED, sent_on)

    def _activities(self, sent_before: Integers) -> Integers:
        is_cut = self.action == UNFINISHED
        activity = np.where(is_cut, ACTIVITY_OF[self.following], ACTIVITY_OF_ACTION[self.action])
        is_rework = (activity == EXECUTION) & np.isin(sent_before, (REJECTED, FOUND_WRONG))
        return np.where(is_rework, REWORK, activity)

    def _passes(self, is_work: Flags, has_lost: Flags) -> Passes:
        """What the rows say of their passes."""
        block, rows = self.block, self.rows
        failed, _ = self._in_pass(block["agent_failed"][rows], _JUDGED)
        came_from, ended_before, is_clean = self._before(failed)
        joined = block["queued"][rows]
        joined = np.where(joined == NULL, block["started"][rows], joined)
        joined = np.where(joined == NULL, block["ended"][rows], joined)
        is_inside = ~np.isin(self.action, BETWEEN)
        return Passes(
            stage=self.stage,
            is_end=(block["stage_end"][rows] == 1) & is_inside,
            inherited=self._in_pass(block["inherited"][rows], _INHERITED)[0],
            own_right=self._in_pass(np.where(is_work, block["own_right"][rows], NULL), _OWN)[0],
            agent_failed=block["agent_failed"][rows],
            has_failed=failed,
            born=self.layout.places_of(block, rows, block["born"][rows]),
            came_from=came_from,
            is_clean_before=is_clean,
            hand_off=np.where(ended_before == NULL, NULL, joined - ended_before),
            has_lost=has_lost,
        )

    def _before(self, failed: Integers) -> tuple[Integers, Integers, Flags]:
        """For the first row of a pass: the stage before, when it ended, whether its agents left no defect.

        The first pass of a branch comes from no stage: it began when the fork ended. What was cut off before
        anybody had worked on it tells nothing.
        """
        ended, is_inside = self.block["ended"][self.rows], ~np.isin(self.action, BETWEEN)
        is_pass = self.begins & is_inside & (self.action != UNFINISHED)
        kinds = (np.where(is_inside, self.stage, NULL), np.where(is_inside, ended, NULL), failed)
        before = []
        for values, kind in zip(kinds, (_STAGE, _ENDED, _JUDGED), strict=True):
            earlier = np.append(NULL, values[:-1])
            before.append(np.where(is_pass, np.where(self.is_first, self.known[kind], earlier), NULL))
        came_from, ended_before, failed_before = before
        asks = np.flatnonzero(is_pass & self.is_first & (self.known[_IS_OPEN] == NULL))
        ended_before[asks] = self._forked(asks)
        return came_from, ended_before, (came_from != NULL) & (failed_before != 1)

    def _forked(self, asks: Integers) -> Integers:
        """When the fork ended that made the branches of these rows; NULL where there was none."""
        forks, ended = np.flatnonzero(self.following == NEXT_BRANCH), self.block["ended"][self.rows]
        here = latest(self.task[forks], self.rows[forks], ended[forks], self.task[asks], self.rows[asks])
        found = np.where(here == NULL, self.stories.forks.find(self.task[asks])[0], here)
        keys, last = np.unique(self.task[forks][::-1], return_index=True)
        over = np.unique(self.task[self._is_over()])
        self.stories.forks.replace(over, over[:0], np.zeros((1, 0), np.int64))
        self.stories.forks.replace(keys, keys, ended[forks][::-1][last][None, :])
        return found

    def _is_over(self) -> Flags:
        """Rows after which nothing of the task is on its way, unless a client finds it wrong."""
        ends = (NEXT_DELIVER, NEXT_FAIL, NEXT_REDELIVER, NEXT_GIVE_UP)
        is_over: Flags = (
            np.isin(self.following, ends) | (self.action == UNFINISHED) | (self.action == CORRECTED)
        )
        return is_over

    def _ends(self, marks: Integers) -> Integers:
        """Place in ENDS of rows that end their task; of a task that is cut off, one row for all its branches."""
        is_done = self.action != UNFINISHED
        end = np.where(is_done & (self.following == NEXT_DELIVER), DELIVERED, NULL)
        end = np.where(is_done & (self.following == NEXT_FAIL), FAILED, end)
        is_over = (marks & _ENDED_BITS > 0) | np.isin(self.task, self.task[end != NULL])
        return np.where(self._first_of(~is_done & ~is_over), CUT_OFF, end)

    def _first_of(self, is_candidate: Flags) -> Flags:
        """Of the candidates the first of each task."""
        candidates = np.flatnonzero(is_candidate)
        candidates = candidates[np.argsort(self.rows[candidates], kind="stable")]
        _, first = np.unique(self.task[candidates], return_index=True)
        is_first = np.zeros(len(self.rows), np.bool_)
        is_first[candidates[first]] = True
        return is_first

    def _authors(
        self, passes: Passes, worker: Integers, maker: Integers, makers: Integers, is_wrong: Flags
    ) -> Integers:
        """Who caused the wrong delivery, on rows that deliver it, and later on those that find and correct it."""
        is_delivery = np.isin(self.following, (NEXT_DELIVER, NEXT_REDELIVER)) & (self.action != CORRECTED)
        delivered = np.flatnonzero(is_delivery & (self.block["is_right"][self.rows] == 0))
        facts = (self.task, self.stage, self.rows, worker, is_wrong)
        author = np.full(len(self.rows), NULL, np.int64)
        found = self.stories.authors.find(*facts, delivered, passes.born)
        author[delivered] = np.where(found == NULL, maker[delivered], found)
        self.stories.authors.keep(*facts, self._is_over())
        later = np.flatnonzero(np.isin(self.action, (DISCOVERED, CORRECTED)))
        here = latest(
            self.task[delivered], self.rows[delivered], author[delivered], self.task[later], self.rows[later]
        )
        author[later] = np.where(here == NULL, makers[later], here)
        return author

    def _remember_tasks(self, slices: Slices, makers: Integers, author: Integers, marks: Integers) -> None:
        """Keeps of each task how it ended, what befell it, and who caused its wrong delivery."""
        starts = np.flatnonzero(np.append(True, self.task[1:] != self.task[:-1]))
        sizes = np.diff(np.append(starts, len(self.task)))
        merged = np.repeat(np.bitwise_or.reduceat(marks, starts), sizes)
        given = np.flatnonzero(author != NULL)
        asked = np.full(len(self.rows), self.rows.max() + 1)
        last = latest(self.task[given], self.rows[given], author[given], self.task, asked)
        self.stories.cohort.remember(
            self.block["task"][self.rows], slices, np.where(last == NULL, makers, last), merged
        )

    def _remember_tokens(self, state: tuple[Integers, ...]) -> None:
        """Keeps what each token was doing at its last row, unless it is done."""
        last = np.flatnonzero(np.append(self.token[1:] != self.token[:-1], True))
        is_gone = self._is_over() | ((self.following == NEXT_JOIN) & (self.action != JOINED))
        kept = last[~is_gone[last]]
        is_between = np.isin(self.action, BETWEEN)
        stage = np.where(is_between, NULL, self.stage)
        ended = np.where(is_between, NULL, self.block["ended"][self.rows])
        values = np.stack([*state, (~self.is_break).astype(np.int64), stage, ended])[:, kept]
        self.stories.tokens.replace(self.token[last], self.token[kept], values)

"""Pools: the positions of one role, who is free, and who waits for them."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.engine.token import Token

Key = tuple[int, int, int, "Position"]
"""Order in which positions are chosen: fewest tasks in hand, longest since the last start, number."""


class Position:
    """One holder of a role, with its counters."""

    __slots__ = ("busy", "concurrency", "is_retired", "key", "number", "starts")

    def __init__(self, number: int, concurrency: int) -> None:
        """Position `number` of its role, from 1."""
        self.number, self.concurrency = number, concurrency
        self.busy, self.starts, self.is_retired = 0, 0, False
        self.key: Key = (0, -1, number, self)


class Pool:
    """The positions of one role and its queue.

    `free` is a heap of keys; a key counts only while it is its position's current one, so that a change of
    occupancy costs one push. The queue is ordered by priority, tick of joining, rank.
    """

    __slots__ = ("capacity", "free", "is_open", "most_keys", "positions", "queue", "role")

    def __init__(self, role: str) -> None:
        """A pool without positions, off shift."""
        self.role = role
        self.positions: list[Position] = []
        self.free: list[Key] = []
        self.queue: list[tuple[int, int, int, Token]] = []
        self.is_open = False
        self.capacity = 0
        self.most_keys = 16

    def add_position(self, concurrency: int) -> Position:
        """A new holder of the role, idle."""
        position = Position(len(self.positions) + 1, concurrency)
        self.positions.append(position)
        heappush(self.free, position.key)
        self.capacity += concurrency
        self.most_keys = 2 * len(self.positions) + 16
        return position

    def retire_position(self, number: int) -> None:
        """Takes a holder out: it finishes what it has in hand and starts nothing more."""
        position = self.positions[number - 1]
        if position.is_retired:
            return
        position.is_retired = True
        self.capacity -= position.concurrency
        position.key = (-1, -1, -1, position)

    def set_concurrency(self, number: int, concurrency: int) -> None:
        """Changes how many tasks a position works on at once, from its next start on."""
        position = self.positions[number - 1]
        if position.is_retired:
            return
        self.capacity += concurrency - position.concurrency
        position.concurrency = concurrency
        position.key = (position.busy, position.key[1], number, position)
        if position.busy < concurrency:
            heappush(self.free, position.key)

    def take(self, now: int) -> Position | None:
        """The position that starts next, counted as started at `now`; None when nobody is free or on shift."""
        if not self.is_open:
            return None
        free = self.free
        while free:
            key = heappop(free)
            position = key[3]
            if key is position.key:
                busy = key[0] + 1
                position.busy = busy
                position.starts += 1
                position.key = key = (busy, now, key[2], position)
                if busy < position.concurrency:
                    heappush(free, key)
                    if len(free) > self.most_keys:
                        self._drop_stale_keys()
                return position
        return None

    def release(self, position: Position) -> None:
        """A task of this position ended."""
        busy = position.busy - 1
        position.busy = busy
        if position.is_retired:
            return
        position.key = key = (busy, position.key[1], position.number, position)
        if busy < position.concurrency:
            heappush(self.free, key)

    def _drop_stale_keys(self) -> None:
        self.free = [key for key in self.free if key is key[3].key]
        heapify(self.free)

"""Sliding windows: the share of events among the latest few that were seen."""

from __future__ import annotations


class Window:
    """The latest `size` answers, and how many of them were yes."""

    __slots__ = ("_answers", "_next", "hits", "seen", "size")

    def __init__(self, size: int) -> None:
        """An empty window."""
        self.size = size
        self.clear()

    def clear(self) -> None:
        """Forgets every answer."""
        self.seen = self.hits = self._next = 0
        self._answers = bytearray(self.size)

    def add(self, is_hit: bool) -> None:
        """Takes the next answer in the place of the oldest."""
        place = self._next
        self.hits += is_hit - self._answers[place]
        self._answers[place] = is_hit
        self._next = (place + 1) % self.size
        self.seen = min(self.seen + 1, self.size)

    def reaches(self, share: int) -> bool:
        """Whether the window is full and the share of hits is at least `share` billionths."""
        return self.seen == self.size and self.hits * 1_000_000_000 >= share * self.size

"""Events on SimPy's clock."""

from __future__ import annotations

from typing import Any

from simpy.events import Event


class TimedEvent(Event):
    """An event that has happened when its time comes.

    SimPy asks an event for `callbacks`, `_ok` and `_value` only (a test pins this). The last two never change, but
    a slot is read faster than an attribute of the class.
    """

    __slots__ = ("_ok", "_value", "callbacks")

    def __init__(self) -> None:
        """An event that nobody waits for yet."""
        self.callbacks: Any = []
        self._ok = True
        self._value = None


def at(env: Any, tick: int, rank: int) -> TimedEvent:
    """An event at a tick, for a process to wait on."""
    event = TimedEvent()
    env.schedule(event, rank, tick - env.now)
    return event

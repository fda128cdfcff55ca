"""Events on SimPy's clock."""

from __future__ import annotations

import simpy
from simpy.events import Event

class TimedEvent(Event):
    """An event that has happened when its time comes.

    SimPy asks an event for `callbacks`, `_ok` and `_value` only; the last two are the same for all, so making
    one costs no more than its own slots (a test pins this).
    """

    __slots__ = ("callbacks",)

    _ok = True
    _value = None

    def __init__(self) -> None:
        """An event that nobody waits for yet."""
        self.callbacks = []


def at(env: simpy.Environment, tick: int, rank: int) -> TimedEvent:
    """An event at a tick, for a process to wait on."""
    event = TimedEvent()
    env.schedule(event, rank, tick - env.now)  # type: ignore[arg-type]
    return event



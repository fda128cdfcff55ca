"""Breaker rules: the states of a circuit breaker and what a call makes of them."""

from __future__ import annotations

from enum import IntEnum

from sim.rules.windows import Window


class State(IntEnum):
    """States of a circuit breaker."""

    CLOSED = 0
    """Calls go through."""
    OPEN = 1
    """Calls are refused."""
    HALF_OPEN = 2
    """A few calls go through on trial."""


class Breaker:
    """One circuit breaker. Each method takes the tick and returns the state it changed to, or None."""

    __slots__ = ("failures", "on_trial", "open_for", "opened", "state", "succeeded", "trials", "window")

    def __init__(self, failures: int, calls: int, open_for: int, trials: int) -> None:
        """Closed; `failures` in billionths of the latest `calls`."""
        self.failures, self.open_for, self.trials = failures, open_for, trials
        self.window = Window(calls)
        self.state, self.opened, self.on_trial, self.succeeded = State.CLOSED, -1, 0, 0

    def look(self, now: int) -> State | None:
        """Half-opens when it has been open long enough."""
        if self.state is State.OPEN and now - self.opened >= self.open_for:
            self.state, self.on_trial, self.succeeded = State.HALF_OPEN, 0, 0
            return self.state
        return None

    def admits(self) -> bool:
        """Whether a call may start now; a call on trial is counted."""
        if self.state is State.HALF_OPEN:
            if self.on_trial >= self.trials:
                return False
            self.on_trial += 1
            return True
        return self.state is State.CLOSED

    def ended(self, has_failed: bool, started: int, now: int) -> State | None:
        """Takes the result of a call; those that began before it opened no longer count."""
        if self.state is State.OPEN or started <= self.opened:
            return None
        if self.state is State.HALF_OPEN:
            if has_failed:
                return self._opens(now)
            self.succeeded += 1
            if self.succeeded < self.trials:
                return None
            self.state = State.CLOSED
            self.window.clear()
            return self.state
        self.window.add(has_failed)
        return self._opens(now) if self.window.reaches(self.failures) else None

    def _opens(self, now: int) -> State:
        self.state, self.opened = State.OPEN, now
        self.window.clear()
        return self.state

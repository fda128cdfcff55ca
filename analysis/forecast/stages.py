"""Stages: what one stage of a task type comes to, per task of the type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.forecast.effort import Effort


@dataclass(frozen=True, slots=True)
class Load:
    """Work that one role gets, per task."""

    visits: float = 0.0
    """Starts of work."""
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class StageForecast:
    """One stage: its visits and failures are per task of the type, or shares where they say so."""

    type_id: str
    stage: str
    done_by: str
    """Its topology."""
    passes: float
    """Times a task comes to it."""
    agent_passes: float
    """Of these, passes in which an agent tries."""
    attempts: float
    visible: float
    """v_i: share of the agents' passes that leave a visible failure after retries, given right input."""
    right: float
    """s_i: share right of the others, given right input."""
    escapes: float
    """Wrong deliveries whose defect was born here."""
    effort: Effort
    loads: Mapping[str, Load] = field(default_factory=dict)
    """By role."""

    @property
    def hidden(self) -> float:
        """Share of the agents' passes that leave a hidden defect, given right input."""
        return (1.0 - self.visible) * (1.0 - self.right)

    @property
    def failure(self) -> float:
        """P_i = 1 - (1 - v_i) s_i: share of the agents' passes that fail, given right input (decision D7)."""
        return 1.0 - (1.0 - self.visible) * self.right

    @property
    def attempts_per_pass(self) -> float:
        """Attempts per pass in which an agent tries; 0 where none does."""
        return self.attempts / self.agent_passes if self.agent_passes else 0.0

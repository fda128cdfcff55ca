"""The journey of a task: its expected outcomes, and its visits over all stages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What becomes of one task on average: outcomes are shares of tasks, visits are per task."""

    right: float
    """Delivered and right: successes."""
    wrong: float
    """Delivered and wrong: escapes."""
    corrected: float = 0.0
    """Of these, discovered later and corrected, or done again until they were right: successes in the end."""
    failed: float = 0.0
    """Not delivered."""
    by_value: float = 0.0
    """To a person because the value is above the limit."""
    by_confidence: float = 0.0
    """To a person because theta is below the threshold."""
    by_failure: float = 0.0
    """To a person because of a visible failure."""
    by_rejection: float = 0.0
    """To a person because a reviewer rejected the output."""
    by_check: float = 0.0
    """To a person because a validator or a verification held the output for wrong."""
    by_chance: float = 0.0
    """To a person although the output was sure enough."""
    outputs: float = 0.0
    """Tasks with a first output of an agent, after its retries."""
    right_outputs: float = 0.0
    """Tasks whose first output is right."""
    confident: float = 0.0
    """Tasks whose first output reaches the threshold (all outputs where nothing is routed)."""
    right_confident: float = 0.0
    """Tasks whose first output reaches the threshold and is right."""
    attempts: float = 0.0
    transient_failures: float = 0.0
    """Attempts that ended in a transient failure, retried or not."""
    reviews: float = 0.0
    revisions: float = 0.0
    alone: float = 0.0
    """Executions without a draft."""
    drafted: float = 0.0
    """Executions with the draft of an output that was not rejected."""
    assisted: float = 0.0
    """Executions with the assistance of a model."""
    redone: float = 0.0
    """Executions of what a reviewer rejected, with the draft."""

    @property
    def to_person(self) -> float:
        """Share of tasks that leave the agent for a person."""
        by_rule = self.by_value + self.by_confidence + self.by_failure + self.by_rejection
        return by_rule + self.by_check + self.by_chance

    @property
    def successes(self) -> float:
        """Share of tasks that are right in the end."""
        return self.right + self.corrected

    @property
    def defects(self) -> float:
        """P_i of the agent stage: share of tasks without a right first output (cascade failure risk)."""
        return 1.0 - self.right_outputs if self.attempts else 0.0

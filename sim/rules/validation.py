"""Validation rules: a second opinion on an agent's output, by another model or by a fixed check."""

from __future__ import annotations

from decimal import Decimal

from sim.quantities import Duration, Money, Share, billionths
from sim.spec import Id, Spec, default


class Validator(Spec):
    """Judges every output of the agents before it goes on; what it flags counts as unsure (rows CR-05, CR-18).

    With `role` an agent role does it, in its pool, with its time, tokens and price; without, a fixed check does.
    """

    role: Id | None = None
    """Agent role that validates; its `work_time`, `tool_cost` and price apply, its success does not."""
    sensitivity: Share = default(0.8)
    """Share of wrong outputs that are flagged."""
    specificity: Share = default(0.95)
    """Share of right outputs that pass."""
    correlation: Share = default(0.0, "off")
    """Share of the agent's errors that the validator cannot see because it has the same blind spots (row CR-21)."""
    time: Duration = default(0, "off")
    """Time of a fixed check."""
    cost: Money = default(Decimal(0), "off")
    """Cost of a fixed check, booked as tools."""


def is_flagged(
    is_wrong: bool, u: int, blind: int, sensitivity: int, specificity: int, correlation: int
) -> bool:
    """Whether an output is flagged; u and blind are draws, all numbers in billionths."""
    if is_wrong:
        return blind >= correlation and u < sensitivity
    return u >= specificity


def in_billionths(rule: Validator) -> tuple[int, int, int]:
    """Sensitivity, specificity and correlation on the grid."""
    return billionths(rule.sensitivity), billionths(rule.specificity), billionths(rule.correlation)

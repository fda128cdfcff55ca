"""Verification rules: a look at the ground truth after the action, before the task counts as delivered."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from sim.quantities import Duration, Money, Share
from sim.spec import Spec, default


class Verification(Spec):
    """Checks what really happened; nobody is occupied (row RT-11)."""

    detects: Share = default(0.9)
    """Share of wrong outputs that it finds; right ones always pass."""
    time: Duration = default(0, "off")
    """Time it takes."""
    cost: Money = default(Decimal(0), "off")
    """Cost of one check, in the ledger line `verification`."""
    then: Literal["again", "person"] = default("again")
    """What is found goes back to the stage where it was born, or to the person of its topology."""


def is_found(is_wrong: bool, u: int, detects: int) -> bool:
    """Whether a wrong output is found; u and detects in billionths."""
    return is_wrong and u < detects

"""Policies: what holds for every output of a scenario, of a task type or of a stage; the narrowest one counts."""

from __future__ import annotations

from sim.rules.approval import Approval
from sim.rules.handoff import HandOff
from sim.rules.misrouting import Misrouting
from sim.rules.validation import Validator
from sim.rules.verification import Verification
from sim.spec import Spec


class Policies(Spec):
    """Policies that may be written for a scenario, a task type or a stage; each replaces the wider one whole."""

    approval: Approval | None = None
    """Which outputs of agents a person approves before they take effect."""
    validator: Validator | None = None
    """A second opinion on every output of the agents."""
    verification: Verification | None = None
    """A look at the ground truth after the action."""
    hand_off: HandOff | None = None
    """What it takes to come from the stage before."""
    misrouting: Misrouting | None = None
    """Faults in handing work out."""


POLICIES = ("approval", "validator", "verification", "hand_off", "misrouting")
"""Names of the policies."""

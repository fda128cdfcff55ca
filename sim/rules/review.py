"""Review rules: the verdict of a person on an agent's output."""

from __future__ import annotations

from sim.quantities import Share
from sim.rules.failures import Outcome
from sim.spec import Spec, default


class Review(Spec):
    """How well a person tells right outputs from wrong ones."""

    catch_rate: Share = default(0.90, "assumption D14: no field measurement was found; sweep it")
    """Share of wrong outputs that are noticed."""
    false_reject: Share = default(0.03, "assumption D14: no field measurement was found; sweep it")
    """Share of right outputs that are sent back all the same."""


def verdict(is_wrong: bool, u: int, catch_rate: int, false_reject: int, wants_revision: bool) -> Outcome:
    """The verdict for one draw: u, catch_rate and false_reject in billionths.

    What is caught is revised while revisions are left and asked for (`wants_revision`), else rejected.
    """
    if u >= (catch_rate if is_wrong else false_reject):
        return Outcome.APPROVED
    return Outcome.REVISED if wants_revision else Outcome.REJECTED

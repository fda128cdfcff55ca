"""Sentences on chance: probabilities, and in how many draws of the inputs a variant is the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.format import UNDEFINED

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison
    from analysis.experiments.inputs_choice import BestShare

CERTAIN = 0.99
"""Share of replications from which the chance of a single one is not worth a word."""


def probability(value: float | None) -> str:
    """A probability in per cent; never 0 or 1, which draws cannot show: `> 99 %`."""
    if value is None:
        return UNDEFINED
    if value > 0.99:
        return "> 99 %"
    return "< 1 %" if value < 0.01 else f"{100 * value:.0f} %"


def over_inputs(comparison: Comparison) -> str:
    """In how many draws of the inputs the winner is the best, and how much of the rest is chance."""
    found, winner = comparison.over_inputs, comparison.decision.winner
    assert found is not None
    best = found.best.get(winner or "")
    if best is None:
        return f"not known over the stated ranges, for want of {FEWEST_FOR_CLAIMS} draws"
    text = f"{of_draws(best)} of draws over the stated ranges"
    if best.stated is not None and best.stated < CERTAIN:
        text += f" (with the inputs as stated: {100 * best.stated:.0f} % of single replications)"
    if nobody(comparison):
        text += f"; {nobody(comparison)}"
    return text


def nobody(comparison: Comparison) -> str:
    """In how many draws of the inputs no variant can be chosen; empty where that is not known, or in none."""
    found = comparison.over_inputs
    if found is None or found.nobody is None or not found.nobody.share:
        return ""
    return f"in {of_draws(found.nobody)} of draws over the stated ranges nothing meets the conditions"


def of_draws(best: BestShare, unit: str = " %") -> str:
    """A share of draws with its interval: `83 % [66, 93]`."""
    return f"{100 * best.share:.0f}{unit} [{100 * best.low:.0f}, {100 * best.high:.0f}]"

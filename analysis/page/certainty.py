"""How sure a comparison is: what its intervals and probabilities say, and what they cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.format import count
from analysis.page.model import Listing, Section
from analysis.report.compare_inputs import changed
from analysis.report.compare_words import certainty, pairing
from analysis.report.soundness import precision_sentences

if TYPE_CHECKING:
    from analysis.experiments import Comparison

INTERVALS = (
    "Intervals are of 95 %: if the same were simulated again and again with other draws, 95 of 100 of them would hold "
    "the value that ever more replications come to."
)
BEST = (
    "The probability of being the best is about these inputs and ever more replications: what chance leaves open, of "
    "those that the choice may fall on."
)
STATED = (
    "All of that is about chance in the simulation. The inputs are taken as they are stated: no range is given for any "
    "of them, so nothing here says what a wrong one would change; workforce sensitivity does."
)
UNDRAWN = (
    "All of that is about chance in the simulation. The inputs are taken as they are stated: ranges are given for some "
    "of them, but nothing was drawn from these (--draws)."
)


def certainty_section(compared: Comparison) -> Section:
    """What is known of how far the numbers can be relied on."""
    return Section("sure", "How sure this is", (Listing(tuple(filter(None, _sentences(compared)))),))


def _sentences(compared: Comparison) -> Iterator[str]:
    many, others = compared.replications, len(compared.variants) - 1
    if many > 1:
        yield _replications(compared)
    yield pairing(compared)
    yield from certainty(compared)
    if compared.precision is not None:
        yield from precision_sentences(compared.precision, many, compared.base.scenario.currency)
    if many > 1:
        yield INTERVALS
    if others > 1 and many > 1:
        all_of_them = "both" if others == 2 else f"all {others}"
        yield f"Those of differences are wider, so that {all_of_them} hold together in 95 of 100 cases (Bonferroni)."
    if compared.decision.admitted > 1 and compared.replications >= FEWEST_FOR_CLAIMS:
        yield BEST
    yield _over_inputs(compared)


def _replications(compared: Comparison) -> str:
    """How often each variant was simulated, and what is the same for all of them."""
    many, variants = count(compared.replications), list(compared.variants.values())
    if len(variants) == 1:
        return f"{many} replications, each on other draws."
    text = f"{many} replications of every variant, each on the same draws for all"
    demands = [variant.scenario.tree()["tasks"] for variant in variants]
    if any(demand != demands[0] for demand in demands):
        return f"{text}; what is asked of them differs between variants."
    return f"{text}: the same tasks come, and what differs is the variants' doing."


def _over_inputs(compared: Comparison) -> str:
    """What draws of the inputs add, and in which of them another variant is better."""
    found = compared.over_inputs
    if found is None:
        is_ranged = any(variant.scenario.uncertain for variant in compared.variants.values())
        return UNDRAWN if is_ranged else STATED
    return changed(found)

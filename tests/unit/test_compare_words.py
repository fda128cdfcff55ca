"""Sentences of a comparison say what is true of it, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from analysis.experiments import UntilBest
from analysis.experiments.compare import compare
from analysis.report.compare import compare_report
from analysis.report.compare_words import pairing, wrapped

DAY = {"horizon": "1 day", "warm_up": "0 s"}
SCENARIO = sim.load(Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml", DAY)
GUARDIAN = SCENARIO.variant("guardian")


def test_a_search_among_one_claims_no_procedure() -> None:
    pair = {"as written": SCENARIO, "guardian": GUARDIAN}
    found = compare(pair, 4, subject_to=["escape_share <= 2 %"], until_best=UntilBest(0.2))
    page = compare_report(found)
    assert found.decision.admitted == 1
    assert "There was nothing to search: fewer than two variants meet the conditions." in page
    assert "Kim and Nelson" not in page


def test_pairing_says_nothing_of_a_variant_that_is_exactly_the_same() -> None:
    three = {"as written": SCENARIO, "twin": SCENARIO, "guardian": GUARDIAN}
    assert "guardian" in pairing(compare(three, 4))
    assert "twin" not in pairing(compare(three, 4))
    assert pairing(compare({"as written": SCENARIO, "twin": SCENARIO}, 2)) == ""


@pytest.mark.parametrize("width", range(60, 80))
def test_a_number_and_its_sign_stay_on_one_line(width: int) -> None:
    lines = wrapped(f"{'x' * width} probability < 1 %, or 95 % of all")
    assert "1 %, or" in " ".join(lines)
    assert not any(line.strip().startswith("%") for line in lines)

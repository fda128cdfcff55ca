"""Common draws narrow differences: by how much, on which metrics, for the shipped invoice scenario (MR-04).

What pairing buys depends on how much two variants share. Two thresholds send nearly the same tasks to people, so
they share almost all of their chance. The guardian and the escalation topology share arrivals, values, hardness and
the agent's outputs, but a different person's verdict or work decides what each task costs: there pairing narrows
what depends on how much work there was, such as the cost per month, and hardly what is divided by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import sim
from analysis import compare
from tests.statistics.family import REPLICATIONS, holds

INVOICES = sim.load(Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml")


def narrowed(variant: sim.Scenario, metrics: Mapping[str, float], seed: int, times: int) -> dict[str, float]:
    """How many times wider than the paired interval of each metric's difference the unpaired one is."""
    variants = {"as written": INVOICES, "variant": variant}
    rows = compare(variants, REPLICATIONS * times, seed=seed).differences().set_index("metric")
    wide = rows["unpaired_high"] - rows["unpaired_low"]
    found = {metric: float((wide / (rows["high"] - rows["low"]))[metric]) for metric in metrics}
    assert all(rows["variance_bought"][metric] > 1.0 for metric in metrics)
    print(f"narrowed by pairing over {REPLICATIONS * times} replications: {found}")
    return found


def narrows(variant: sim.Scenario, at_least: Mapping[str, float]) -> bool:
    """Whether the paired interval of each metric's difference is that many times narrower."""

    def look(seed: int, times: int) -> bool:
        found = narrowed(variant, at_least, seed, times)
        return all(found[metric] >= times_narrower for metric, times_narrower in at_least.items())

    return holds(look)


@pytest.mark.ci
@pytest.mark.mechanism("MR-04")
def test_a_threshold_of_080_against_085_has_a_paired_interval_three_times_narrower() -> None:
    lower = INVOICES.overlaid({"topology": {"threshold": 0.80}})
    assert narrows(lower, {"cpst_with_damage": 3.0, "cpst_loaded": 3.0})


@pytest.mark.ci
@pytest.mark.mechanism("MR-04")
def test_guardian_against_escalation_has_a_narrower_paired_interval_where_the_amount_of_work_matters() -> (
    None
):
    assert narrows(INVOICES.variant("guardian"), {"cost_per_month": 1.15, "cpst_loaded": 1.15})

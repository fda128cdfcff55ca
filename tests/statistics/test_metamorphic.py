"""What must follow when a scenario is changed in a known way, through the public interface alone."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from analysis import METRICS, Replications, compare, replicate
from sim import Scenario
from tests.statistics.family import FIRST_SEED

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(SCENARIOS.glob("*.yaml"))
SHORT = {"horizon": "14 h", "warm_up": "0 s", "drain_limit": "2 days"}
SEEDS = (FIRST_SEED, FIRST_SEED + 1)
UNITS = {metric.name: metric.unit for metric in METRICS}


def digests(result: Replications) -> list[str]:
    """The log of each replication, as its digest."""
    return [log.digest for log in result.logs]


def shipped(name: str, **changes: Any) -> Scenario:
    """A shipped scenario over its first 14 hours."""
    return sim.load(SCENARIOS / f"{name}.yaml", SHORT | changes)


# -- people ---------------------------------------------------------------------------------------------

OFFICE = {"days": "Mon-Fri", "hours": "08:00-17:00"}
SHIFTS = {"days": "Mon-Sun", "hours": ["07:00-07:30", "09:00-11:00", "13:00-18:00"]}
TIMES = {
    "lognormal": {"distribution": "lognormal", "mean": "9 min", "cv": 1.5},
    "exponential": {"distribution": "exponential", "mean": "9 min"},
    "constant": {"distribution": "constant", "value": "9 min"},
}


def pool(clerks: int, calendar: dict[str, Any], work: str, rate: int, arrive_during: str | None) -> Scenario:
    """One queue in order of arrival that every task passes once, and clerks who share one calendar."""
    arrivals = {"process": "poisson", "rate": f"{rate} / h"}
    if arrive_during is not None:
        arrivals["during"] = arrive_during
    clerk = {
        "kind": "human",
        "positions": clerks,
        "calendar": "hours",
        "wage": "30 / h",
        "work_time": TIMES[work],
    }
    tree = {
        "version": 1, "name": "Pool", "horizon": "2 days", "drain_limit": "20 weeks",
        "calendars": {"hours": calendar}, "tasks": {"job": {"arrivals": arrivals}},
        "workers": {"clerk": clerk}, "topology": {"kind": "human_only", "human": "clerk"},
    }  # fmt: skip
    return sim.loads(json.dumps(tree))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("work", TIMES)
@pytest.mark.parametrize(
    ("calendar", "rate", "during"), [(OFFICE, 25, "hours"), (OFFICE, 8, None), (SHIFTS, 15, None)]
)
def test_more_clerks_never_raise_the_mean_wait_of_any_replication(
    calendar: dict[str, Any], rate: int, during: str | None, work: str, seed: int
) -> None:
    waits = []
    for clerks in (1, 2, 3, 5, 8):
        found = replicate(pool(clerks, calendar, work, rate, during), 3, seed=seed).to_frame()
        assert (found["unfinished_share"] == 0).all()
        waits.append(found["wait_mean"])
    assert all((more <= fewer).all() for fewer, more in pairwise(waits))
    assert (waits[-1] < waits[0]).all()


# -- thresholds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["invoice_reconciliation", "loan_underwriting"])
def test_a_lower_threshold_never_raises_the_share_that_goes_to_people(name: str, seed: int) -> None:
    shares = []
    for threshold in (1.0, 0.97, 0.9, 0.85, 0.84, 0.7, 0.5, 0.0):
        found = replicate(shipped(name, **{"topology.threshold": threshold}), 3, seed=seed).to_frame()
        shares.append(found["escalation_share"])
    assert all((lower <= higher).all() for higher, lower in pairwise(shares))
    assert (shares[-1] < shares[0]).all()


# -- time -----------------------------------------------------------------------------------------------

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HALF_WEEK = 84
SPANS = ((8, 12), (13, 17), (30, 38), (55, 58), (70, 81))
"""Hours of half a week in which people work: what repeats every half week repeats every week when it is doubled."""
FACTORS = {"s": 2.0, "min": 2.0, "per week": 0.5, "currency / month": 0.5}
"""What twice the time makes of a metric by its unit, at half the wage; all else stays as it is."""


def doubled_or_not(topology: dict[str, Any], factor: int) -> Scenario:
    """A scenario whose times are all constant, each of them and its calendar `factor` times as long."""

    def time(seconds: int) -> str:
        return f"{factor * seconds} s"

    starts = (0, HALF_WEEK) if factor == 1 else (0,)
    shifts = [
        shift(factor * (start + begin), factor * (start + end)) for start in starts for begin, end in SPANS
    ]
    tree = {
        "version": 1, "name": "Constant times", "horizon": time(7 * 86_400), "warm_up": time(86_400),
        "drain_limit": time(28 * 86_400), "calendars": {"hours": {"shifts": shifts}},
        "tasks": {
            "job": {
                "arrivals": {"process": "deterministic", "every": time(1201), "during": "hours"},
                "sla": time(3600), "input_tokens": 1000, "output_tokens": 100, "damage_if_wrong": 7,
            },
            "letter": {
                "arrivals": {"process": "deterministic", "every": time(2999)}, "priority": 6, "sla": time(3600),
            },
        },
        "workers": {
            "agent": {
                "kind": "agent", "model": "some-model", "price": {"input": 1, "output": 5}, "work_time": time(331),
                "success": {"mean": 0.8, "spread": 1}, "confidence": "typical", "failures": {"transient": 0.2},
                "retries": {"limit": 3, "first_wait": time(17), "growth": 3, "jitter": 0},
            },
            "person": {
                "kind": "human", "calendar": "hours", "positions": 2, "wage": f"{60 / factor:g} / h",
                "work_time": time(787), "review_time": time(211), "success": 0.9,
                "review": {"catch_rate": 0.8, "false_reject": 0.1},
            },
        },
        "topology": {"agent": "agent", "human": "person", **topology},
    }  # fmt: skip
    return sim.loads(json.dumps(tree))


def shift(begin: int, end: int) -> dict[str, Any]:
    """A shift between two hours of the week."""
    day, opens, closes = begin // 24, begin % 24, end - begin // 24 * 24
    is_late = closes > 24
    hours = f"{opens:02d}:00-{closes - 24 * is_late:02d}:00"
    return {"days": DAYS[day], "hours": hours, "next_day": is_late}


@pytest.mark.parametrize(
    "topology",
    [{"kind": "human_only"}, {"kind": "guardian"}, {"kind": "escalation", "threshold": 0.8}],
    ids=lambda topology: topology["kind"],
)
def test_doubling_all_constant_times_and_calendars_doubles_all_times_and_nothing_else(
    topology: dict[str, Any],
) -> None:
    once, twice = (replicate(doubled_or_not(topology, factor), 2).to_frame() for factor in (1, 2))
    assert (once["wait_mean"] > 0).all()
    assert (once["sla_share"] < 1).all()
    for name, unit in UNITS.items():
        expected = once[name] * FACTORS.get(unit, 1.0)
        pd.testing.assert_series_equal(twice[name], expected, rtol=1e-9, obj=f"{name} in {unit}")


# -- money ----------------------------------------------------------------------------------------------


def assert_scaled(found: pd.DataFrame, base: pd.DataFrame, names: list[str], factor: float) -> None:
    """Raises unless the named metrics are `factor` times the base's; amounts are rounded to a billionth."""
    for name in names:
        pd.testing.assert_series_equal(found[name], factor * base[name], rtol=1e-6, obj=name)


MONEY = [name for name, unit in UNITS.items() if unit.startswith("currency")]
OTHERS = [name for name in UNITS if name not in MONEY]


def test_doubling_every_amount_doubles_every_metric_of_money_and_no_other() -> None:
    amounts = {
        "exchange.USD": 1.84, "workers.clerk.wage": "68 / h", "workers.extractor.tool_cost": 0.004,
        "tasks.invoice.damage_if_wrong": 240,
    }  # fmt: skip
    base = replicate(shipped("invoice_reconciliation"), 2).to_frame()
    twice = replicate(shipped("invoice_reconciliation", **amounts), 2).to_frame()
    assert (base["cpst"] > 0).all()
    assert_scaled(twice, base, MONEY, 2.0)
    pd.testing.assert_frame_equal(twice[OTHERS], base[OTHERS])


def test_the_exchange_rate_scales_what_models_cost_and_nothing_else() -> None:
    base = replicate(shipped("invoice_reconciliation"), 2).to_frame()
    twice = replicate(shipped("invoice_reconciliation", **{"exchange.USD": 1.84}), 2).to_frame()
    assert_scaled(twice, base, ["inference_per_success"], 2.0)
    people = ["human_execution_per_success", "tools_per_success", "damage_per_task"]
    pd.testing.assert_frame_equal(twice[[*OTHERS, *people]], base[[*OTHERS, *people]])
    dearer = base["cpst"] + base["inference_per_success"]
    pd.testing.assert_series_equal(twice["cpst"], dearer, rtol=1e-9, check_names=False)


# -- what is only words ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_labels_and_descriptions_change_nothing(path: Path) -> None:
    base = sim.load(path, SHORT)
    words: dict[str, Any] = {"name": "Another name", "description": "Other words"}
    for part in ("tasks", "workers", "calendars"):
        for key in getattr(base, part):
            words |= {f"{part}.{key}.label": "A label", f"{part}.{key}.description": "Words about it"}
    told = sim.load(path, SHORT | words)
    assert told.digest() == base.digest()
    assert digests(replicate(told, 1)) == digests(replicate(base, 1))


IN_ORDER = ("stages", "steps", "next")
"""Mappings whose order means something: stages and steps follow each other, shares of `next` are drawn in turn."""


def backwards(tree: Any, key: str = "") -> Any:
    """The tree with the keys of every mapping in the opposite order, where order means nothing."""
    if isinstance(tree, list):
        return [backwards(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    items = list(tree.items()) if key in IN_ORDER else list(reversed(tree.items()))
    return {name: backwards(value, name) for name, value in items}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_order_of_keys_changes_nothing(path: Path) -> None:
    base = sim.load(path, SHORT)
    tree = {name: value for name, value in base.tree().items() if name != "variants"}
    turned = sim.loads(json.dumps(backwards(tree)), path.parent)
    assert turned.digest() == base.digest()
    assert digests(replicate(turned, 1)) == digests(replicate(base, 1))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_an_overlay_on_a_scenario_leaves_its_variants_as_they_were(path: Path) -> None:
    base = sim.load(path, SHORT)
    again = base.overlaid({"description": "Other words"})
    for name in base.variants:
        assert again.variant(name).digest() == base.variant(name).digest()


def test_renaming_a_variant_changes_nothing_but_its_name() -> None:
    text = (SCENARIOS / "invoice_reconciliation.yaml").read_text(encoding="utf-8")
    assert text.count("ten clerks:") == 1
    named, renamed = (
        compare(sim.loads(written, overrides=SHORT), 3)
        for written in (text, text.replace("ten clerks:", "a smaller office:"))
    )
    for table in ("standings", "summary", "differences"):
        before, after = (getattr(found, table)() for found in (named, renamed))
        pd.testing.assert_frame_equal(after, before.replace("ten clerks", "a smaller office"))


# -- replications ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 2, 4])
def test_replications_done_in_parts_are_those_done_at_once(cut: int) -> None:
    scenario = shipped("invoice_reconciliation")
    whole = replicate(scenario, 5)
    parts = replicate(scenario, cut), replicate(scenario, 5 - cut, first=cut)
    assert digests(parts[0]) + digests(parts[1]) == digests(whole)
    together = pd.concat([part.to_frame() for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(together, whole.to_frame())

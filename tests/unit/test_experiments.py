"""Experiments: replications in order, what is kept of them, and how they are shown."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import analysis
import sim
from analysis.estimates import LOWER_BOUND, ONE_REPLICATION
from analysis.experiments import Replications, replicate
from analysis.metrics import METRICS
from sim import Scenario, simulate

SCENARIO = Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml"
SHORT = {"horizon": "3 days", "warm_up": "0 s", "name": "Bills & <pay>"}


def scenario(**changes: object) -> Scenario:
    return sim.load(SCENARIO).overlaid(SHORT | changes)


@cache
def result() -> Replications:
    return replicate(scenario(), 3)


def test_replications_are_those_of_simulate_in_order() -> None:
    found = result()
    assert [log.replication for log in found.logs] == [0, 1, 2]
    assert [log.digest for log in found.logs] == [
        simulate(scenario(), replication=k).digest for k in range(3)
    ]
    assert found.is_complete
    assert found.seed == 7


def test_a_part_of_the_replications_is_the_same_as_in_the_whole() -> None:
    later = replicate(scenario(), 2, first=1)
    assert later.tallies == result().tallies[1:]
    assert later.logs == result().logs[1:]


def test_the_seed_of_the_call_replaces_that_of_the_scenario() -> None:
    found = replicate(scenario(), 1, seed=8)
    assert found.seed == 8
    assert found.logs[0].digest == simulate(scenario(seed=8)).digest != result().logs[0].digest


def test_progress_is_told_after_each_replication() -> None:
    told: list[tuple[int, int]] = []
    replicate(scenario(horizon="10 h"), 3, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(("replications", "first"), [(0, 0), (2, -1)])
def test_fewer_than_one_replication_is_refused(replications: int, first: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        replicate(scenario(), replications, first=first)


@pytest.mark.mechanism("MR-05")
def test_estimates_are_total_over_total() -> None:
    found = result()
    cost, right = (sum(getattr(tally.cohort, name) for tally in found.tallies) for name in ("cost", "right"))
    estimate = found.estimate("cpst")
    assert estimate.value == cost / (right * 10**9)
    assert estimate.has_interval
    assert not estimate.supports_claims
    assert found.estimates()["cpst"] == estimate
    with pytest.raises(KeyError, match="no metric 'price'"):
        found.estimate("price")


def test_the_frame_has_a_row_per_replication_and_the_summary_a_row_per_metric() -> None:
    frame, summary = result().to_frame(), result().summary()
    assert frame["replication"].tolist() == [0, 1, 2]
    assert list(frame.columns[1:]) == [metric.name for metric in METRICS] == summary["metric"].tolist()
    assert frame["cpst"].tolist() == [METRICS[0].value(tally) for tally in result().tallies]
    assert summary.loc[summary["metric"] == "cpst", "unit"].item() == "EUR"
    assert frame["rejection_rate"].isna().all()
    assert summary.loc[summary["metric"] == "rejection_rate", "note"].item() == "undefined"


def test_tables_have_a_row_per_type_worker_and_queue() -> None:
    assert result().by_type()["type"].tolist() == ["invoice"]
    assert len(result().by_worker()) == 14
    assert result().queues()["role"].tolist() == ["clerk", "extractor"]


def test_events_are_those_of_the_first_replication() -> None:
    found = replicate(scenario(horizon="10 h"), 1, first=2)
    events = found.events()
    assert len(events) == found.logs[0].rows
    assert events.equals(simulate(scenario(horizon="10 h"), replication=2).events())


def test_one_replication_has_values_without_intervals() -> None:
    estimate = replicate(scenario(), 1).estimate("cpst")
    assert estimate.value is not None
    assert estimate.note == ONE_REPLICATION


def test_cycle_times_with_unfinished_tasks_are_lower_bounds() -> None:
    found = replicate(scenario(drain_limit="0 s", workers={"clerk": {"positions": 1}}), 2)
    assert found.estimate("unfinished_share").value
    assert found.estimate("cycle_time_p99").note == LOWER_BOUND
    assert found.estimate("cycle_time_p50").note == ""


def test_the_document_is_plain_json_without_nan() -> None:
    document = json.loads(json.dumps(result().to_json_dict(), allow_nan=False))
    assert document["metrics"]["rejection_rate"]["value"] is None
    assert document["metrics"]["cpst"]["unit"] == "EUR"
    assert document["scenario"]["digest"] == scenario().digest()
    assert [log["status"] for log in document["logs"]] == ["complete"] * 3


def test_the_notebook_shows_a_table_with_every_text_escaped() -> None:
    shown = result()._repr_html_()
    assert "Bills &amp; &lt;pay&gt; · 3 replications · seed 7" in shown
    assert "<pay>" not in shown
    assert "http" not in shown
    assert shown.count("<tr>") == 1 + len(METRICS)


def test_a_result_is_frozen() -> None:
    with pytest.raises(AttributeError):
        result().seed = 1  # type: ignore[misc]


def test_the_front_door_loads_nothing_slow() -> None:
    slow = "[name for name in ('pandas', 'scipy', 'pyarrow', 'matplotlib') if name in sys.modules]"
    code = f"import sys, analysis; assert not {slow}; analysis.replicate, analysis.METRICS; assert not {slow}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=SCENARIO.parents[1])
    assert analysis.replicate is replicate
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        analysis.nothing  # noqa: B018

"""Mechanism rows WL: what arrives, and what a task carries."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from scipy import stats

from sim.overlay import overlaid
from sim.run import simulate
from sim.scenario import Scenario
from sim.topology import KINDS
from tests.statistics.family import Data, Look, statistical

from .builders import (
    BASE,
    BILLION,
    HOUR,
    MINUTE,
    SECOND,
    cohort,
    endings,
    events,
    rows,
    scenario,
)


@pytest.mark.mechanism("WL-01")
@statistical
def test_the_number_of_poisson_arrivals_has_the_mean_of_the_written_rate(look: Look) -> None:
    written = {"arrivals": {"process": "poisson", "rate": "300 / h"}}
    busy = scenario("autonomous", task=written, seed=look.seed)
    ticks = [rows(busy, "arrived", replication=number).tick for number in range(30)]

    def p_value(counts: Data) -> float:
        """Two-sided, of the sum of Poisson numbers."""
        count, mean = counts.sum(), 300 * len(counts)
        return float(2 * min(stats.poisson.cdf(count, mean), stats.poisson.sf(count - 1, mean)))

    look.compare([(of < HOUR).sum() for of in ticks], p_value)


@pytest.mark.mechanism("WL-01")
@statistical
def test_poisson_gaps_are_exponential(look: Look) -> None:
    ticks = rows(
        scenario("autonomous", task={"arrivals": {"process": "poisson", "rate": "9000 / h"}}, seed=look.seed),
        "arrived",
    ).tick
    gaps = ticks.diff().dropna() / HOUR * 9000
    look.compare(gaps, lambda data: float(stats.kstest(data, "expon").pvalue))


@pytest.mark.mechanism("WL-01")
def test_deterministic_gaps_are_of_open_time_and_a_full_day_ends_at_the_next_opening() -> None:
    arrivals = {"process": "deterministic", "every": "3 h", "during": "office"}
    ticks = rows(scenario(task={"arrivals": arrivals}, horizon="2 days"), "arrived").tick
    assert [tick // HOUR for tick in ticks if tick < 48 * HOUR] == [11, 14, 24 + 8, 24 + 11, 24 + 14]


@pytest.mark.mechanism("WL-01")
@statistical
def test_renewal_gaps_have_the_written_mean(look: Look) -> None:
    gap = {"distribution": "gamma", "mean": "500 ms", "cv": 0.5}
    ticks = rows(
        scenario("autonomous", task={"arrivals": {"process": "renewal", "gap": gap}}, seed=look.seed),
        "arrived",
    ).tick
    look.mean(ticks.diff().dropna(), SECOND / 2)


def recorded(folder: Path, text: str, **arrivals: str) -> Scenario:
    """A scenario whose tasks are in a file of `folder`."""
    (folder / "tasks.csv").write_text(text)
    tree = overlaid(BASE, {"horizon": "2 days", "drain_limit": "1 day"})
    tree = overlaid(
        tree, {"tasks": {"invoice": {"arrivals": {"process": "recorded", "file": "tasks.csv", **arrivals}}}}
    )
    return Scenario.from_tree(tree, folder)


@pytest.mark.mechanism("WL-01")
def test_recorded_tasks_arrive_when_they_did_with_what_was_recorded(tmp_path: Path) -> None:
    frame = events(recorded(tmp_path, "t_s,value,input_tokens\n1.5,1000.00,10\n1.5,20.05,20\n7,3,30\n"))
    arrived = frame[frame.action == "arrived"]
    assert arrived.tick.tolist() == [1_500_000, 1_500_000, 7_000_000]
    assert arrived.value.tolist() == [100_000, 2_005, 300]
    assert frame[frame.action == "attempted"].set_index("task").input_tokens.to_dict() == {
        0: 10,
        1: 20,
        2: 30,
    }


@pytest.mark.mechanism("WL-01")
def test_recorded_tasks_wait_for_the_opening_and_those_after_the_last_one_never_come(tmp_path: Path) -> None:
    of = recorded(tmp_path, f"t_s\n3600\n{9 * 3600}\n{30 * 24 * 3600}\n", during="office")
    assert rows(of, "arrived").tick.tolist() == [8 * HOUR, 9 * HOUR]


@pytest.mark.mechanism("WL-01")
@pytest.mark.mechanism("MR-02")
def test_every_topology_gets_the_same_tasks() -> None:
    lists = [
        rows(of, "arrived")[["tick", "task", "value"]].head(3000) for of in scenario().topologies().values()
    ]
    assert len(lists) == len(KINDS)
    assert all(lists[0].equals(other.set_index(lists[0].index)) for other in lists[1:])


TWO_TYPES = {"order": {"arrivals": {"process": "poisson", "rate": "1000 / h"}, "value": 50, "priority": 3}}


@pytest.mark.mechanism("WL-02")
def test_tasks_of_all_types_sum_to_the_tasks_of_the_run() -> None:
    of = scenario(tasks=TWO_TYPES)
    counts = rows(of, "arrived").type.value_counts()
    assert set(counts.index) == {"invoice", "order"}
    assert counts.sum() == simulate(of).task_count


@pytest.mark.mechanism("WL-02")
def test_a_second_type_changes_nothing_of_the_first() -> None:
    alone, beside = events(scenario()), events(scenario(tasks=TWO_TYPES))
    facts = ["tick", "task", "action", "outcome", "theta", "value", "inference", "human_execution"]
    of_type = beside[beside.type == "invoice"]
    first_half_hour = [frame[frame.tick < HOUR // 2] for frame in (alone[alone.type.notna()], of_type)]
    assert (
        first_half_hour[0][facts]
        .reset_index(drop=True)
        .equals(first_half_hour[1][facts].reset_index(drop=True))
    )


@pytest.mark.mechanism("WL-03")
@pytest.mark.parametrize("kind", ["autonomous", "human_only"])
def test_a_harder_type_is_right_less_often_and_never_where_an_easier_one_was_wrong(kind: str) -> None:
    right = []
    for harder_by in (0.0, 0.7, 1.5, 3.0):
        frame = cohort(events(scenario(kind, task={"harder_by": harder_by})))
        right.append(set(frame[frame.is_right == 1].task))
    assert all(harder < easier for easier, harder in pairwise(right))


@pytest.mark.mechanism("WL-04")
@pytest.mark.mechanism("D37")
def test_exactly_the_tasks_above_the_cap_are_sent_on_for_their_value_after_the_agent_worked() -> None:
    limit = {"kind": "escalation", "value_limit": 1000}
    frame = events(
        scenario(limit, agent={"failures": {"transient": 0.2, "deterministic": 0.1, "judgment": 0.1}})
    )
    dear = set(frame[(frame.action == "arrived") & (frame.value > 100_000) & (frame.task < 3000)].task)
    sent = frame[(frame.reason == "high_value") & (frame.task < 3000)]
    assert len(dear) > 100
    assert set(sent.task) == dear
    assert set(sent.action) == {"attempted"}
    assert (sent.input_tokens > 0).all()


@pytest.mark.mechanism("WL-04")
@pytest.mark.parametrize(("currency", "units"), [("JPY", 12), ("USD", 1234), ("BHD", 12340)])
def test_a_value_is_a_whole_number_of_its_currencys_minor_units(currency: str, units: int) -> None:
    assert set(rows(scenario(task={"value": 12.34}, currency=currency), "arrived").value) == {units}


@pytest.mark.mechanism("WL-04")
@statistical
def test_drawn_values_are_on_the_grid_with_the_written_median(look: Look) -> None:
    values = rows(scenario(seed=look.seed), "arrived").value
    assert (values % 1 == 0).all()
    look.share(int((values < 18_000).sum()), len(values), 0.5)


@pytest.mark.mechanism("WL-05")
def test_the_log_has_what_a_service_level_needs_and_does_not_depend_on_it() -> None:
    alone = {"arrivals": {"process": "deterministic", "every": "10 min"}}
    of = scenario("human_only", task=alone, human={"work_time": "7 min"})
    frame = events(of)
    ends = endings(frame)[lambda end: end.next == "deliver"].set_index("task").tick
    assert set(ends - frame[frame.action == "arrived"].set_index("task").tick[ends.index]) == {7 * MINUTE}
    assert simulate(of.overlaid({"tasks": {"invoice": {"sla": "8 min"}}})).digest == simulate(of).digest


@pytest.mark.mechanism("WL-10")
def test_blast_radius_and_damage_change_no_row() -> None:
    marked = scenario(task={"mutating": True, "blast_radius": "high", "damage_if_wrong": 5000})
    assert marked.tasks["invoice"].mutating
    assert simulate(marked).digest == simulate(scenario()).digest


@pytest.mark.mechanism("WL-19")
def test_tokens_times_price_is_the_inference_cost_of_every_attempt() -> None:
    frame = rows(scenario(agent={"price": {"input": 0.923456, "output": 4.61}}), "attempted")
    prices = Fraction("0.923456") * BILLION, Fraction("4.61") * BILLION
    for read, written, cost in zip(frame.input_tokens, frame.output_tokens, frame.inference, strict=True):
        exact = (Fraction(read) * prices[0] + Fraction(written) * prices[1]) / 1_000_000
        assert abs(cost - exact) <= Fraction(1, 2)


@pytest.mark.mechanism("WL-19")
def test_every_attempt_at_a_task_reads_its_tokens_and_a_transient_failure_writes_none() -> None:
    frame = rows(scenario(agent={"failures": {"transient": 0.4}}), "attempted")
    assert (frame.groupby("task").input_tokens.nunique() == 1).all()
    failed = frame[frame.outcome == "transient"]
    assert len(failed) > 500
    assert (failed.output_tokens == 0).all()
    assert frame[frame.outcome == "right"].groupby("task").output_tokens.nunique().max() == 1


@pytest.mark.mechanism("WL-19")
@statistical
def test_tokens_have_the_written_mean(look: Look) -> None:
    frame = rows(scenario(seed=look.seed), "attempted")
    look.mean(frame.input_tokens, 3500)
    look.mean(frame.output_tokens, 600)

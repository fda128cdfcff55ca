"""The report of a run: the answer first, 80 columns, undefined shown as undefined, parts that sum."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sim
from analysis.experiments import Replications, replicate
from analysis.format import share
from analysis.metrics import METRICS, queues
from analysis.report import WIDTH, run_report
from analysis.report.tables import flowing
from sim.topology import KINDS
from tests.mechanisms.chains import chain

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


def report_of(path: Path, replications: int = 2, **overrides: Any) -> tuple[Replications, str]:
    result = replicate(sim.load(path, overrides), replications)
    return result, run_report(result)


INVOICES = next(path for path in SCENARIOS if path.stem == "invoice_reconciliation")


@pytest.mark.mechanism("PF-20")
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_report_fits_80_columns_and_opens_with_cost_per_success(path: Path) -> None:
    result, text = report_of(path)
    lines = text.split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert lines[0].startswith(result.scenario.name)
    first = next(line for line in lines[1:] if line.startswith("  "))
    assert first.startswith(f"  Cost per successful task    {result.scenario.currency} ")


@pytest.mark.parametrize("kind", KINDS)
def test_every_topology_has_a_report(kind: str) -> None:
    scenario = sim.load(INVOICES).topologies(kind)[kind]
    text = run_report(replicate(scenario, 1))
    assert kind.replace("_", " ") in text.split("\n")[1]
    assert ("To a person" in text) == (kind in ("guardian", "escalation", "autonomous"))


@pytest.mark.mechanism("BE-04")
def test_without_a_success_the_cost_per_success_is_shown_as_undefined() -> None:
    overrides = {"workers.extractor.success": 0, "workers.clerk.success": 0}
    _, text = report_of(INVOICES, **overrides)
    assert "Cost per successful task    -\n" in text
    assert "no task was delivered right: the cost per successful task is undefined" in " ".join(text.split())
    assert "no success" in text


@pytest.mark.mechanism("HI-17")
def test_a_bottleneck_is_named() -> None:
    _, text = report_of(INVOICES, **{"workers.clerk.positions": 1})
    assert "Bottleneck: clerk" in text
    assert "clerk is a bottleneck" in text


@pytest.mark.mechanism("HI-17")
def test_the_busiest_pool_is_the_one_with_the_highest_offered_load_per_position() -> None:
    result, text = report_of(INVOICES)
    loads = {row["role"]: row["utilisation"] for row in result.queues().to_dict("records")}
    assert max(loads, key=lambda role: loads[role]) == "clerk"
    assert "Busiest pool: clerk" in text


@pytest.mark.mechanism("BE-10")
def test_cost_lines_sum_to_the_cost_per_success() -> None:
    result, _ = report_of(INVOICES)
    lines = ("inference", "tools", "human_execution", "human_review", "rework", "platform")
    total = sum(result.estimate(f"{line}_per_success").value or 0.0 for line in lines)
    assert total == pytest.approx(result.estimate("cpst").value, rel=1e-9)


def test_few_replications_are_said_to_be_too_few() -> None:
    assert "too few to claim anything" in report_of(INVOICES, 2)[1]
    assert "too few" not in report_of(INVOICES, 10, horizon="8 days")[1]


def test_a_partial_run_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engine.journey.MOST_IN_SYSTEM", 3)
    result, text = report_of(INVOICES, 1, **{"workers.clerk.positions": 1, "topology.threshold": 1})
    assert not result.is_complete
    assert "replication 0 is partial: more than 3 tasks in the system at once" in " ".join(text.split())


def test_an_interval_lies_within_what_is_possible_and_around_its_value() -> None:
    result, text = report_of(INVOICES, 3)
    for metric in METRICS:
        found = result.estimate(metric.name)
        if found.low is not None and found.high is not None:
            assert 0.0 <= found.low <= (found.value or 0.0) <= found.high
            assert metric.unit != "share" or found.high <= 1.0
    for value, low, high in re.findall(r"([\d.]+) % +\[([\d.]+), ([\d.]+)\]", text):
        assert float(low) <= float(value) <= float(high)


def test_nothing_measured_is_said_so() -> None:
    _, text = report_of(INVOICES, 1, warm_up="0 s", horizon="1 h")
    assert "no task arrived in the measured time" in text


def test_tasks_left_over_are_said_beside_the_cost() -> None:
    overrides = {"workers.clerk.positions": 1, "topology.threshold": 0.99, "drain_limit": "0 s"}
    _, text = report_of(INVOICES, 1, **overrides)
    assert "Unfinished at the end" in text


# -- scenarios with more than plain flows ---------------------------------------------------------------------

CHAIN = next(path for path in SCENARIOS if path.stem == "content_pipeline")
LOOP = next(path for path in SCENARIOS if path.stem == "runaway_loop")


@cache
def report_of_chain(path: Path) -> tuple[Replications, str]:
    return report_of(path)


@pytest.mark.mechanism("MR-08")
def test_a_chain_is_told_where_its_errors_are_born_and_caught() -> None:
    result, text = report_of_chain(CHAIN)
    lines = text.split("\n")
    place = next(k for k, line in enumerate(lines) if line.startswith("  Where errors are born and caught"))
    stages = result.scenario.stages("post")
    told = [line.split()[0] for line in lines[place + 2 : place + 2 + len(stages)]]
    assert tuple(told) == stages
    for name in ("(analytic)", "(chain)", "(delivered)"):
        assert any(name in line and " %" in line for line in lines)


@pytest.mark.mechanism("RT-15")
def test_reasons_of_failures_sum_to_the_failures() -> None:
    result, text = report_of_chain(CHAIN)
    failed = sum(tally.cohort.failed for tally in result.tallies)
    lines = text.split("\n")
    place = next(k for k, line in enumerate(lines) if line == "  Why tasks fail")
    counts = [
        int(re.findall(r"[\d,]+", line)[0].replace(",", ""))
        for line in lines[place + 2 :][: lines[place + 2 :].index("")]
    ]
    assert sum(counts[:-1]) == counts[-1] == failed > 0


@pytest.mark.mechanism("HX-01")
def test_guards_are_told_with_their_trips_and_the_most_hops() -> None:
    result, text = report_of_chain(LOOP)
    assert re.search(r"^ +hops +[\d,]+ +[\d,]+ +-$", text, re.MULTILINE)
    assert f"{max(tally.cohort.chain.most_hops for tally in result.tallies)} at most" in text


def test_the_forecast_stands_beside_what_was_measured() -> None:
    _, text = report_of_chain(CHAIN)
    assert re.search(r"^ +expected +measured$", text, re.MULTILINE)
    assert re.search(r"^ +CFR, chain +[\d.]+ % +[\d.]+ %", text, re.MULTILINE)


def test_what_guards_send_to_people_is_named_with_its_share() -> None:
    result, text = report_of_chain(LOOP)
    shown = share(result.estimate("escalation_guard").value)
    assert re.search(rf"To a person .*\n +guard {shown}$", text, re.MULTILINE)


def test_the_reasons_for_a_person_are_wrapped() -> None:
    lines = flowing(" " * 29, [f"reason {number} 12.5 %" for number in range(9)])
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(" ".join(lines).split()) == " · ".join(f"reason {number} 12.5 %" for number in range(9))


def test_guards_that_tripped_are_named_as_left_out_of_the_forecast() -> None:
    assert "The forecast leaves out what was stopped by: trace budget\n" in report_of_chain(LOOP)[1]
    assert "The forecast leaves out" not in report_of_chain(CHAIN)[1]


def test_a_move_is_called_tried_and_the_end_says_who_went_where() -> None:
    """With a fix that never helps: each failure is tried once, and every such task goes to a person."""
    agent = {
        "failures": {"deterministic": 0.3},
        "recovery": {"deterministic": [{"move": "fix", "chance": 0}]},
    }
    topology = {"kind": "escalation", "threshold": 0}
    result = replicate(chain(1, topology=topology, agents={"writer": agent}, count=300), 2)
    text = run_report(result)
    tried = re.search(r"deterministic ([\d,]+): +a fix tried ([\d,]+)$", text, re.MULTILINE)
    assert tried is not None
    assert tried[1] == tried[2]
    shown = share(result.estimate("escalation_failure").value)
    assert re.search(rf"In the end, of tasks: +to a person {shown}$", text, re.MULTILINE)
    assert "fixed" not in text
    assert "given up" not in text


def test_idle_people_are_noted_with_what_finds_the_fewest() -> None:
    result, text = report_of(INVOICES)
    used = next(row["utilisation"] for row in queues(result.tallies) if row["role"] == "clerk")
    assert isinstance(used, float)
    command = "workforce solve FILE --staff clerk --subject-to 'sla_share>=0.95'"
    assert f"clerk is {share(used)} utilised with 12 positions: {command} finds the fewest" in flat(text)
    assert "finds the fewest" not in report_of(INVOICES, 1, **{"workers.clerk.positions": 4})[1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"decide.subject_to": ["escape_share<=0.1", "sla_share > 90 %"]}, "'sla_share>90%'"),
        ({"decide.subject_to": []}, "'sla_share>=0.95'"),
        ({"tasks.invoice.sla": None, "decide.subject_to": []}, "CONDITION"),
    ],
)
def test_the_service_level_that_is_asked_for_is_proposed(changes: dict[str, Any], told: str) -> None:
    assert f"--subject-to {told} finds the fewest" in flat(report_of(INVOICES, 1, **changes)[1])


@pytest.mark.parametrize("then", ["pause", "person"])
def test_a_kill_switch_that_nobody_resets_is_noted_and_nobody_is_called_superfluous(then: str) -> None:
    switch = {"violations": 0.2, "calls": 10, "then": then}
    agent = {"failures": {"governance": 0.5}}
    guards = {"kill_switch": switch, "person": "clerk"}
    of = chain(1, agents={"writer": agent}, guards=guards, count=60, drain_limit="10 min")
    text = " ".join(run_report(replicate(of, 2)).split())
    assert "the kill switch took all agents off in 2 of 2 replications, and without resume_after" in text
    assert ("their work waits until the end" in text) == (then == "pause")
    assert "finds the fewest" not in text
    resumed = of.overlaid({"guards": {"kill_switch": {"resume_after": "10 s"}}})
    assert "without resume_after" not in run_report(replicate(resumed, 2))


def test_a_plain_report_has_no_section_on_chains() -> None:
    _, text = report_of(INVOICES, 1)
    assert "Cascade failure risk" not in text
    assert "Expected before the run" not in text


def flat(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())

"""The benchmarks: the text-book models are the stated workloads, and the ratios are right."""

from __future__ import annotations

import json
import math
import statistics
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks import chain, paired, textbook
from benchmarks.comparison import Comparison, comparison_document, comparison_text, scaling_document
from benchmarks.job import Job, Measurement, measure
from benchmarks.one_run import PROJECT, RunFailedError, RunRequest, child_environment, measure_apart
from benchmarks.ratios import growth_per_task, paired_ratio
from tests.statistics.family import FIRST_SEED, REPLICATIONS, Look, statistical

TASKS = 2_000


@cache
def w1_runs(seed: int = FIRST_SEED) -> list[list[textbook.QueueRecord]]:
    """The replications of a seed."""
    return [textbook.run_w1(TASKS, 1000 * seed + number) for number in range(REPLICATIONS)]


@cache
def w2_runs(seed: int = FIRST_SEED) -> list[list[textbook.EscalationRecord]]:
    """The replications of a seed."""
    return [textbook.run_w2(TASKS, 1000 * seed + number) for number in range(REPLICATIONS)]


def measurement(tasks: int = 10, seconds: float = 1.0, closing: float = 0.0, peak: int = 1) -> Measurement:
    """A made-up measurement with processor time equal to elapsed time."""
    return Measurement(tasks, seconds, seconds, closing, closing, 1, peak)


@statistical
def test_w1_keeps_ten_servers_85_percent_busy(look: Look) -> None:
    loads = [
        math.fsum(task.ended - task.started for task in run) / (10 * max(task.arrived for task in run))
        for run in w1_runs(look.seed)
    ]
    look.mean(loads, 0.85)
    assert statistics.stdev(loads) < 0.05


@statistical
def test_w1_waits_as_erlang_c_says(look: Look) -> None:
    offered = 8.5
    terms = [offered**n / math.factorial(n) for n in range(10)]
    all_busy = offered**10 / math.factorial(10) / 0.15
    expected = all_busy / (math.fsum(terms) + all_busy) * 60 / 1.5
    waits = []
    for run in w1_runs(look.seed):
        by_arrival = sorted(run)[TASKS // 10 :]
        waits.append(statistics.fmean(task.started - task.arrived for task in by_arrival))
    look.mean(waits, expected)


def test_w1_serves_in_order_of_arrival() -> None:
    starts = [task.started for task in sorted(w1_runs()[0])]
    assert starts == sorted(starts)


@statistical
def test_w2_escalates_the_share_below_the_threshold(look: Look) -> None:
    shares = [statistics.fmean(task.human_started is not None for task in run) for run in w2_runs(look.seed)]
    assert textbook.escalation_share() == pytest.approx(0.59949, abs=1e-5)
    look.mean(shares, textbook.escalation_share())


@statistical
def test_w2_keeps_25_people_85_percent_busy(look: Look) -> None:
    loads = [
        math.fsum(task.ended - task.human_started for task in run if task.human_started is not None)
        / (25 * max(task.arrived for task in run))
        for run in w2_runs(look.seed)
    ]
    look.mean(loads, 0.85)
    assert statistics.stdev(loads) < 0.05


def test_w2_never_has_more_than_25_people_at_work() -> None:
    changes = []
    for task in w2_runs()[0]:
        if task.human_started is not None:
            changes += [(task.human_started, 1), (task.ended, -1)]
    at_work = most = 0
    for _, change in sorted(changes):
        at_work += change
        most = max(most, at_work)
    assert most == 25


@statistical
def test_w2_draws_the_stated_facts(look: Look) -> None:
    look.mean([statistics.median(task.value for task in run) for run in w2_runs(look.seed)], 180)
    look.mean([statistics.fmean(task.value <= 2400 for task in run) for run in w2_runs(look.seed)], 0.95)
    look.mean([statistics.fmean(task.input_tokens for task in run) for run in w2_runs(look.seed)], 3500)
    look.mean([statistics.fmean(task.output_tokens for task in run) for run in w2_runs(look.seed)], 600)
    look.mean([statistics.fmean(task.confidence for task in run) for run in w2_runs(look.seed)], 0.8)
    look.mean(
        [statistics.fmean(task.attempts for task in run) for run in w2_runs(look.seed)], 1 + 0.03 + 0.03**2
    )


@statistical
def test_w2_confidence_is_calibrated_and_people_are_right_98_percent(look: Look) -> None:
    gaps, human_shares = [], []
    for run in w2_runs(look.seed):
        delivered = [task for task in run if task.human_started is None]
        gaps.append(statistics.fmean(task.right - task.confidence for task in delivered))
        human_shares.append(statistics.fmean(task.right for task in run if task.human_started is not None))
    look.mean(gaps, 0.0)
    look.mean(human_shares, 0.98)


def test_w2_gives_a_task_to_a_person_after_two_failed_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textbook, "TRANSIENT_FAILURE", 1.0)
    records = textbook.run_w2(50, seed=1)
    assert {task.attempts for task in records} == {3}
    assert all(task.human_started is not None for task in records)


def test_same_seed_gives_the_same_records_and_another_seed_does_not() -> None:
    assert textbook.run_w2(50, seed=1) == textbook.run_w2(50, seed=1)
    assert textbook.run_w2(50, seed=1) != textbook.run_w2(50, seed=2)


@pytest.mark.parametrize(
    ("workload", "task_type", "rate"),
    [
        ("w1", "request", textbook.W1_RATE),
        ("w2", "claim", textbook.W2_RATE),
        ("chain", "article", chain.CHAIN_RATE),
    ],
)
def test_scenario_file_has_the_arrival_rate_of_the_text_book_model(
    workload: str, task_type: str, rate: float
) -> None:
    scenario = YAML(typ="safe").load(Path(PROJECT, "benchmarks", f"{workload}.yaml"))
    per_hour, unit = scenario["tasks"][task_type]["arrivals"]["rate"].split(" / ")
    assert unit == "h"
    assert float(per_hour) == pytest.approx(rate * 3600, rel=1e-9)


def test_ratio_is_taken_pair_by_pair_and_summarised_by_the_median() -> None:
    ratio = paired_ratio([2.0, 9.0, 4.0], [1.0, 3.0, 1.0])
    assert ratio.each == (2.0, 3.0, 4.0)
    assert (ratio.median, ratio.minimum, ratio.maximum) == (3.0, 2.0, 4.0)


def test_a_slow_spell_of_the_machine_leaves_the_ratio_alone() -> None:
    assert paired_ratio([2.0, 20.0], [1.0, 10.0]).each == (2.0, 2.0)


@pytest.mark.parametrize(
    ("above", "below", "message"),
    [([1.0], [], "partners"), ([], [], "at least one pair"), ([1.0], [0.0], "positive")],
)
def test_ratio_refuses_what_is_not_pairs_of_positive_numbers(
    above: list[float], below: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        paired_ratio(above, below)


def test_memory_growth_is_added_bytes_per_added_task() -> None:
    assert growth_per_task(1_000, 3_700, 10, 100) == 30.0
    assert growth_per_task(1_000, 1_000, 10, 100) == 0.0
    with pytest.raises(ValueError, match="more tasks"):
        growth_per_task(1, 2, 10, 10)


def test_times_as_fast_divides_baseline_by_candidate_and_counts_closing() -> None:
    slow, fast = measurement(tasks=10, seconds=6.0), measurement(tasks=20, seconds=3.0, closing=1.0)
    document = comparison_document(Comparison(("slow", "fast"), ((slow, fast),)))
    times_as_fast = document["times_as_fast"]
    assert isinstance(times_as_fast, dict)
    assert times_as_fast["median"] == pytest.approx(3.0)
    without_closing = document["times_as_fast_without_closing"]
    assert isinstance(without_closing, dict)
    assert without_closing["median"] == pytest.approx(4.0)


def test_scaling_divides_the_longer_run_by_the_shorter() -> None:
    short, long = measurement(tasks=10, seconds=1.0, peak=100), measurement(tasks=100, seconds=13.0, peak=190)
    document = scaling_document(Comparison(("10 tasks", "100 tasks"), ((short, long),)))
    assert isinstance(document["time_per_task"], dict)
    assert document["time_per_task"]["median"] == pytest.approx(1.3)
    assert document["bytes_per_task"] == [1.0]


def test_text_names_both_sides_and_the_spread() -> None:
    pairs = ((measurement(seconds=2.0), measurement()), (measurement(seconds=4.0), measurement()))
    text = comparison_text(Comparison(("textbook", "other"), pairs))
    assert "other is this many times as fast as textbook: median (min to max)" in text
    assert "3.00   (2.00 to 4.00)" in text


def test_pairs_alternate_in_order_and_share_their_seed(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[str, int]] = []

    def record(request: RunRequest) -> Measurement:
        seen.append((request.candidate, request.seed))
        return measurement(peak=1 if request.candidate == "a" else 2)

    pairs = paired.run_pairs((RunRequest("a", "w1", 10, 5), RunRequest("b", "w1", 10, 5)), 2, record)
    assert seen == [("a", 5), ("b", 5), ("b", 6), ("a", 6)]
    assert [(first.peak_memory, second.peak_memory) for first, second in pairs] == [(1, 2), (1, 2)]
    assert "pair 2 of 2 done" in capsys.readouterr().err


def test_scaling_runs_the_candidate_with_ten_times_the_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    options = paired.command_line().parse_args(
        ["--scaling", "--candidate", "textbook", "--tasks", "30", "--runs", "1"]
    )
    seen: list[RunRequest] = []

    def record(request: RunRequest) -> Measurement:
        seen.append(request)
        return measurement(request.tasks)

    assert paired.compare(options, record).labels == ("30 tasks", "300 tasks")
    assert seen == [RunRequest("textbook", "w2", 30, 1), RunRequest("textbook", "w2", 300, 1)]
    assert capsys.readouterr().out == ""


def test_a_job_is_measured_with_its_closing_apart() -> None:
    steps: list[str] = []

    def simulate() -> int:
        steps.append("simulate")
        return 7

    result = measure(Job(simulate, lambda: steps.append("close")))
    assert steps == ["simulate", "close"]
    assert result.tasks == 7
    assert result.peak_memory >= result.starting_memory > 0


def test_children_may_write_compiled_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in child_environment()


def test_command_prints_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--candidate", "textbook", "--tasks", "50", "--runs", "1", "--json"]
    assert paired.main(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["labels"] == ["textbook", "textbook"]
    assert [run["tasks"] for run in document["pairs"][0]] == [50, 50]


def test_a_failed_run_tells_its_error() -> None:
    with pytest.raises(RunFailedError, match="invalid choice"):
        measure_apart(RunRequest("nobody", "w1", 10, 1))

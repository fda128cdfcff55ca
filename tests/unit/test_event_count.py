"""Events the engine schedules: the count is free of noise, so it is what a test can hold (benchmark W2)."""

from __future__ import annotations

from pathlib import Path

import sim

W2 = Path(__file__).parents[2] / "benchmarks" / "w2.yaml"


def test_w2_schedules_at_most_three_events_per_task() -> None:
    log = sim.simulate(sim.load(W2, {"horizon": "60000 s"}))
    assert log.task_count > 5000
    assert log.event_count <= 3 * log.task_count


def test_every_event_is_an_arrival_a_completion_a_retry_or_a_boundary() -> None:
    log = sim.simulate(sim.load(W2, {"horizon": "60000 s"}))
    frame = log.events()
    started = (frame.started >= 0).sum()
    backed_off = (frame.reason == "transient_failure").sum()
    awaited = 1  # the next arrival, which the end of the run cuts off
    starts = 3  # SimPy starts one process for each of two pools and one for the deadlines
    ends = 3  # of one process, of the run, and the horizon
    boundaries = log.event_count - (log.task_count + awaited + started + backed_off + starts + ends)
    assert 0 <= boundaries <= 4


def test_a_block_of_the_log_costs_at_most_five_rows_per_task() -> None:
    log = sim.simulate(sim.load(W2, {"horizon": "60000 s"}))
    assert log.rows <= 5 * log.task_count

"""Mechanism rows WR: agents and people at work."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from .builders import BILLION, HOUR, MINUTE, SECOND, Frame, events, rows, scenario

DAY = 24 * HOUR
OFFICE = {
    "calendar": "office",
    "positions": 3,
    "work_time": {"distribution": "lognormal", "mean": "9 min", "cv": 0.5},
}
HOURLY = {"arrivals": {"process": "poisson", "rate": "12 / h"}}


def office_hours(ticks: Frame) -> Frame:
    """Whether a shift, Monday to Friday 8 to 17, is open at these ticks; tick 0 is a Monday."""
    return (ticks // DAY % 7 < 5) & (ticks % DAY >= 8 * HOUR) & (ticks % DAY < 17 * HOUR)


def most_at_once(work: Frame) -> int:
    """Largest number of overlapping intervals; an end comes before a start at the same tick."""
    ticks = np.concatenate([work.ended, work.started])
    steps = np.concatenate([np.full(len(work), -1), np.full(len(work), 1)])
    return int(steps[np.lexsort((steps, ticks))].cumsum().max())


@pytest.mark.mechanism("WR-01")
def test_throughput_grows_with_agents_until_reviewers_bind() -> None:
    delivered = []
    for positions in (1, 2, 4, 8):
        agent = {"positions": positions, "concurrency": 1, "work_time": "30 s"}
        human = {"positions": 8, "review_time": "90 s", "review": {"catch_rate": 0, "false_reject": 0}}
        frame = events(scenario("guardian", agent=agent, human=human, drain_limit="0 s"))
        delivered.append(int((frame.next == "deliver").sum()))
    one_agent, reviewers = HOUR // (30 * SECOND), 8 * HOUR // (90 * SECOND)
    assert delivered[0] == pytest.approx(one_agent, abs=5)
    assert delivered[1] == pytest.approx(2 * one_agent, abs=8)
    assert reviewers - 16 <= delivered[2] <= delivered[3] <= reviewers


@pytest.mark.mechanism("WR-01")
def test_concurrency_is_worth_as_much_as_positions_and_is_never_exceeded() -> None:
    frames = []
    for positions, concurrency in ((6, 1), (2, 3), (1, 6)):
        agent = {"positions": positions, "concurrency": concurrency, "work_time": "10 s"}
        frame = rows(scenario("autonomous", agent=agent, drain_limit="0 s"), "attempted")
        assert frame.position.max() == positions
        assert max(most_at_once(work) for _, work in frame.groupby("position")) == concurrency
        frames.append(frame)
    assert all(frames[0].ended.tolist() == other.ended.tolist() for other in frames[1:])


@pytest.mark.mechanism("WR-01")
def test_the_least_busy_position_starts_next_then_the_one_idle_longest() -> None:
    agent = {"positions": 3, "concurrency": 2, "work_time": "150 s"}
    task = {"arrivals": {"process": "deterministic", "every": "1 min"}}
    started = rows(scenario("autonomous", task=task, agent=agent), "attempted").sort_values("started")
    assert started.position.head(9).tolist() == [1, 2, 3] * 3


@pytest.mark.mechanism("WR-01")
def test_spin_up_delays_the_first_start_and_the_capacity() -> None:
    frame = events(scenario("autonomous", agent={"spin_up": "5 min"}))
    attempts = frame[frame.action == "attempted"]
    assert attempts.started.min() == 5 * MINUTE
    assert frame[frame.action == "capacity_changed"].tick.tolist() == [5 * MINUTE]
    assert (
        attempts.queued == frame[frame.action == "arrived"].set_index("task").tick[attempts.task].to_numpy()
    ).all()


@pytest.mark.mechanism("WR-02")
@pytest.mark.parametrize("topology", ["human_only", "guardian"])
def test_nothing_starts_on_a_person_outside_the_shift_and_overtime_is_finished(topology: str) -> None:
    frame = events(scenario(topology, task=HOURLY, human=OFFICE, horizon="1 week"))
    work = frame[frame.role.eq("clerk") & frame.action.isin(["executed", "reviewed"])]
    assert len(work) > 500
    assert office_hours(work.started).all()
    overtime = work[~office_hours(work.ended)]
    assert len(overtime) > 0
    assert (overtime.ended % DAY >= 17 * HOUR).all()


@pytest.mark.mechanism("WR-02")
def test_a_shift_is_half_open_and_its_bounds_are_rows() -> None:
    task = {"arrivals": {"process": "deterministic", "every": "1 h"}}
    frame = events(
        scenario(
            "human_only", task=task, human={**OFFICE, "positions": 9, "work_time": "1 min"}, horizon="1 day"
        )
    )
    assert frame[frame.action == "executed"].started.head(10).tolist() == [8 * HOUR] * 8 + [
        9 * HOUR,
        10 * HOUR,
    ]
    assert 17 * HOUR not in set(frame[frame.action == "executed"].started)
    shifts = frame[frame.action == "capacity_changed"].head(2)
    assert shifts.tick.tolist() == [8 * HOUR, 17 * HOUR]
    assert shifts.capacity.tolist() == [9, 0]
    assert shifts.reason.tolist() == ["shift_began", "shift_ended"]


@pytest.mark.mechanism("WR-02")
@pytest.mark.mechanism("D5")
@pytest.mark.parametrize("wage", ["34 / h", "27.35 / h", "0.36 / h"])
def test_a_persons_row_costs_minutes_times_the_wage_rounded_once(wage: str) -> None:
    frame = events(scenario("guardian", human={"wage": wage}, agent={"success": 0.5}))
    frame = frame[(frame.role == "clerk") & frame.started.notna()]
    lines = frame[["human_execution", "human_review", "rework"]]
    assert ((lines > 0).sum(axis=1) == 1).all()
    per_tick = Fraction(wage.split()[0]) * BILLION / HOUR
    for started, ended, cost in zip(frame.started, frame.ended, lines.sum(axis=1), strict=True):
        assert abs(cost - Fraction(ended - started) * per_tick) <= Fraction(1, 2)


@pytest.mark.mechanism("WR-15")
def test_at_night_the_queue_of_people_grows_while_agents_go_on() -> None:
    agent = {"success": 0.5}
    frame = events(scenario(task=HOURLY, agent=agent, human={**OFFICE, "positions": 20}, horizon="2 days"))
    night = (frame.tick >= 20 * HOUR) & (frame.tick < 30 * HOUR)
    attempts = frame[night & (frame.action == "attempted")]
    assert len(attempts) > 60
    assert attempts.tick.diff().max() < 2 * HOUR
    assert not (frame[night].action == "executed").any()
    waiting = attempts[attempts.next == "execute"].task
    started = frame[(frame.action == "executed") & frame.task.isin(waiting)].started
    assert len(started) == len(waiting) > 10
    assert started.min() == DAY + 8 * HOUR

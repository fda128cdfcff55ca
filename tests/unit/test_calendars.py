"""Calendars compiled to ticks: known weeks by hand, then laws over random ones."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calendars import FOREVER, Calendar, CalendarSpec, always_open, compile_calendar, local_time
from sim.errors import InvariantError
from sim.quantities import DAY, HOUR, WEEK

MONDAY = date(2026, 1, 5)
OFFICE: dict[str, Any] = {"days": "Mon-Fri", "hours": "08:00-17:00"}


def compiled(fields: dict[str, Any], start: date = MONDAY, zone: str = "UTC", length: int = WEEK) -> Calendar:
    return compile_calendar(CalendarSpec.model_validate(fields), start, zone, length)


def night(days: str) -> dict[str, Any]:
    return {"shifts": [{"days": days, "hours": "22:00-06:00", "next_day": True}]}


def hours_after_start(calendar: Calendar) -> list[tuple[float, float]]:
    segments = zip(calendar.opens, calendar.closes, strict=True)
    return [(opens / HOUR, closes / HOUR) for opens, closes in segments]


def test_office_hours_of_a_week_without_a_date_off() -> None:
    week = compiled({**OFFICE, "off": ["2026-01-07"]})
    assert hours_after_start(week) == [(8, 17), (32, 41), (80, 89), (104, 113)]
    assert week.before == tuple(n * 9 * HOUR for n in range(5))


def test_different_hours_on_different_days_and_a_lunch_break() -> None:
    shifts = [
        {"days": "Mon", "hours": ["13:00-17:00", "08:00-12:00"]},
        {"days": "Sun", "hours": "20:00-24:00"},
    ]
    assert hours_after_start(compiled({"shifts": shifts}, length=WEEK - 1)) == [(8, 12), (13, 17), (164, 168)]


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    nights = night("Sun-Tue")
    assert hours_after_start(compiled(nights, length=3 * DAY)) == [(0, 6), (22, 30), (46, 54)]
    off_monday = compiled({**nights, "off": ["2026-01-05"]}, length=3 * DAY)
    assert hours_after_start(off_monday) == [(0, 6), (46, 54)]


def test_24_00_touches_the_next_midnight() -> None:
    shifts = [{"days": "Mon", "hours": "18:00-24:00"}, {"days": "Tue", "hours": "00:00-02:00"}]
    assert hours_after_start(compiled({"shifts": shifts}, length=DAY)) == [(18, 26)]


def test_leap_day_is_a_day_like_any_other() -> None:
    start = date(2028, 2, 28)
    assert hours_after_start(compiled(OFFICE, start, length=2 * DAY + 8 * HOUR)) == [
        (8, 17),
        (32, 41),
        (56, 65),
    ]
    assert hours_after_start(compiled({**OFFICE, "off": ["2028-02-29"]}, start, length=DAY + 8 * HOUR)) == [
        (8, 17)
    ]


def test_week_53_runs_over_the_end_of_the_year() -> None:
    start = date(2026, 12, 28)
    assert start.isocalendar().week == date(2027, 1, 3).isocalendar().week == 53
    week = compiled({**OFFICE, "off": ["2027-01-01"]}, start, "Europe/Berlin")
    assert hours_after_start(week) == [(8, 17), (32, 41), (56, 65), (80, 89)]
    assert [local_time(t, start, "Europe/Berlin").date().isoformat() for t in week.opens][-1] == "2026-12-31"


def test_a_day_of_clock_change_has_23_or_25_hours() -> None:
    for start, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 7), 24)):
        day = compiled({"days": "Sun", "hours": "00:00-24:00"}, start, "Europe/Berlin", length=0)
        assert hours_after_start(day) == [(0, hours)]


def test_a_shift_that_the_clocks_leave_without_time_does_not_take_place() -> None:
    shift = {"days": "Sun", "hours": "02:30-03:15"}
    assert hours_after_start(compiled(shift, date(2026, 3, 29), "Europe/Berlin", length=DAY)) == []
    assert hours_after_start(compiled(shift, date(2026, 4, 5), "Europe/Berlin", length=DAY)) == [(2.5, 3.25)]


def test_the_segment_at_the_end_of_a_run_keeps_its_end() -> None:
    assert hours_after_start(compiled(OFFICE, length=8 * HOUR)) == [(8, 17)]
    assert hours_after_start(compiled(OFFICE, length=8 * HOUR - 1)) == []
    lunch_at_desk = {"days": "Mon", "hours": ["08:00-12:00", "12:00-17:00"]}
    assert hours_after_start(compiled(lunch_at_desk, length=9 * HOUR)) == [(8, 17)]


def test_a_week_without_gap_is_one_segment_past_the_end() -> None:
    around = compiled({"days": "Mon-Sun", "hours": "00:00-24:00"}, length=100 * DAY)
    assert around.opens == (0,)
    assert around.closes[0] >= 107 * DAY


def test_segments_are_half_open() -> None:
    week = compiled(OFFICE)
    opens, closes = 8 * HOUR, 17 * HOUR
    assert [week.is_open(t) for t in (-1, opens - 1, opens, closes - 1, closes)] == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert [week.open_ticks(t) for t in (-1, 0, opens, opens + 1, closes, closes + 1)] == [
        0,
        0,
        0,
        1,
        9 * HOUR,
        9 * HOUR,
    ]
    assert [week.next_open(t) for t in (0, opens, closes - 1, closes)] == [
        opens,
        opens,
        closes - 1,
        opens + DAY,
    ]
    assert [week.close_after(t) for t in (0, opens, closes - 1, closes)] == [0, closes, closes, closes]
    assert [week.tick_at(a) for a in (0, 1, 9 * HOUR - 1, 9 * HOUR)] == [
        opens,
        opens + 1,
        closes - 1,
        opens + DAY,
    ]
    assert week.open_between(12 * HOUR, DAY + 9 * HOUR) == 6 * HOUR


def test_past_the_last_segment_there_is_no_opening() -> None:
    week = compiled(OFFICE)
    assert week.tick_at(45 * HOUR - 1) == week.closes[-1] - 1
    assert week.tick_at(45 * HOUR) is None
    assert week.next_open(week.closes[-1]) is None
    with pytest.raises(InvariantError, match="open time is never negative, got -1 ticks"):
        week.tick_at(-1)


def test_a_calendar_without_open_time_is_closed_throughout() -> None:
    never = compiled({"days": "Sun", "hours": "08:00-17:00"}, length=DAY)
    ticks = np.array([0, DAY], dtype=np.int64)
    assert (never.opens, never.before, never.tick_at(0), never.next_open(0)) == ((), (0,), None, None)
    assert (never.is_open(0), never.open_ticks(DAY), never.close_after(7)) == (False, 0, 7)
    assert never.open_ticks_block(ticks).tolist() == [0, 0]
    assert never.close_after_block(ticks).tolist() == [0, DAY]


def test_what_never_closes_maps_every_tick_to_itself() -> None:
    always = always_open()
    for tick in (0, 1, 36_525 * DAY):
        assert always.open_ticks(tick) == always.tick_at(tick) == always.next_open(tick) == tick
        assert always.close_after(tick) == FOREVER
    ticks = np.array([0, 36_525 * DAY], dtype=np.int64)
    assert always.open_ticks_block(ticks).tolist() == ticks.tolist()


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    shifts = []
    for name in draw(st.lists(st.sampled_from(("Mon", "Tue", "Thu", "Sat", "Sun")), min_size=1, unique=True)):
        ends = sorted(draw(st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True)))
        texts = [f"{m // 60:02d}:{m % 60:02d}" for m in ends]
        shifts.append(
            {"days": name, "hours": [f"{a}-{b}" for a, b in zip(texts[::2], texts[1::2], strict=False)]}
        )
    zone = draw(
        st.sampled_from(("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"))
    )
    start = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 700)))
    return compiled({"shifts": shifts}, start, zone, draw(st.integers(7, 40)) * DAY)


@given(calendar=calendars(), tick=st.integers(0, 45 * DAY), fraction=st.integers(0, 999_999))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_open_time_and_tick_are_inverse(calendar: Calendar, tick: int, fraction: int) -> None:
    segments = list(zip(calendar.opens, calendar.closes, strict=True))
    assert all(o < c for o, c in segments)
    assert all(one[1] < other[0] for one, other in pairwise(segments))
    assert calendar.open_ticks(tick) == sum(max(0, min(c, tick) - o) for o, c in segments)
    amount = calendar.before[-1] * fraction // 1_000_000
    reached = calendar.tick_at(amount)
    if segments:
        assert reached is not None
        assert calendar.is_open(reached)
        assert calendar.open_ticks(reached) == amount
    opening = calendar.next_open(tick)
    assert calendar.is_open(tick) == (opening == tick)
    if opening is not None:
        assert calendar.tick_at(calendar.open_ticks(tick)) == opening
        assert calendar.open_between(tick, opening) == 0


@given(calendar=calendars(), ticks=st.lists(st.integers(-DAY, 50 * DAY), max_size=20))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_block_and_scalar_forms_agree(calendar: Calendar, ticks: list[int]) -> None:
    block = np.array([*ticks, *calendar.opens, *calendar.closes], dtype=np.int64)
    assert calendar.open_ticks_block(block).tolist() == [calendar.open_ticks(t) for t in block.tolist()]
    assert calendar.close_after_block(block).tolist() == [calendar.close_after(t) for t in block.tolist()]


def test_ten_years_compile_in_a_moment() -> None:
    spec = CalendarSpec.model_validate(OFFICE)
    times = []
    for _ in range(3):
        begin = process_time()
        compile_calendar(spec, MONDAY, "Europe/Berlin", 3653 * DAY)
        times.append(process_time() - begin)
    assert min(times) < 0.2  # about 0.02 s; the margin is for a busy machine

"""What is said of waits that reach over closed hours."""

from __future__ import annotations

from analysis.experiments.replicate import replicate
from analysis.report import run_report
from analysis.report.waits import counts_closed_hours, is_over_closed_hours
from sim import Scenario, loads
from tests.tiny import TINY

HOUR = 3600.0


def on_shift(days: str, hours: str) -> Scenario:
    text = TINY + f'\ncalendars:\n  office: {{days: {days}, hours: "{hours}"}}\n'
    return loads(text).with_values({"workers.clerk.calendar": "office", "workers.agent.positions": 9})


def test_a_wait_longer_than_any_shift_reaches_over_closed_hours() -> None:
    of = on_shift("Mon-Fri", "08:00-17:00")
    assert is_over_closed_hours(of, "clerk", 9.01 * HOUR)
    assert not is_over_closed_hours(of, "clerk", 9 * HOUR)
    assert not is_over_closed_hours(of, "clerk", None)


def test_shifts_without_a_break_between_them_never_close() -> None:
    assert not is_over_closed_hours(on_shift("Mon-Sun", "00:00-24:00"), "clerk", 20 * HOUR)


def test_who_is_always_there_has_no_closed_hours() -> None:
    of = loads(TINY)
    assert not counts_closed_hours(of)
    assert not is_over_closed_hours(of, "clerk", 1e9)
    assert counts_closed_hours(on_shift("Mon-Fri", "08:00-17:00"))


def test_the_headline_of_a_run_says_that_its_longest_wait_is_over_closed_hours() -> None:
    for hours, is_said in (("08:00-10:00", True), ("00:00-24:00", False)):
        told = run_report(replicate(on_shift("Mon-Sun", hours), 2))
        (line,) = (line for line in told.splitlines() if "Longest wait" in line)
        assert ("(over closed hours)" in line) == is_said

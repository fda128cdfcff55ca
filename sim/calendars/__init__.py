"""Calendars: shifts, dates off and time zones as arithmetic on ticks.

A run counts ticks (microseconds) from local midnight of its `start` date. A calendar is compiled once, at
load, to half-open segments [open, close) of real elapsed time, so a day on which the clocks change has 23 or
25 hours.

    shifts     what is written: days, hours, dates off
    zones      wall time to ticks and back
    open_time  the compiled segments, and the questions that a run asks of them
    warnings   what is allowed but may not be meant
"""

from __future__ import annotations

from sim.calendars.open_time import FOREVER, Calendar, always_open, compile_calendar
from sim.calendars.shifts import CalendarSpec, Shift
from sim.calendars.warnings import calendar_warnings
from sim.calendars.zones import check_zone, local_time, tick_of

__all__ = [
    "FOREVER",
    "Calendar",
    "CalendarSpec",
    "Shift",
    "always_open",
    "calendar_warnings",
    "check_zone",
    "compile_calendar",
    "local_time",
    "tick_of",
]

"""Warnings: what a calendar may say but its author may not have meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sim.calendars.shifts import CalendarSpec
from sim.calendars.zones import load_zone, local_time, midnight


def calendar_warnings(spec: CalendarSpec, start: date, zone: str, length: int) -> tuple[str, ...]:
    """Dates off listed twice or outside the run; shifts that begin or end in a change of the clocks."""
    last = local_time(length, start, zone).date()
    found = (*_needless_dates(spec, start, last), *_clock_changes(spec, start, last, zone))
    return tuple(dict.fromkeys(found))


def _needless_dates(spec: CalendarSpec, first: date, last: date) -> Iterator[str]:
    for index, day in enumerate(spec.off):
        if day in spec.off[:index]:
            yield f"{day} is listed twice under off"
        elif not first <= day <= last:
            yield f"{day} under off lies outside the run, {first} to {last}"


def _clock_changes(spec: CalendarSpec, first: date, last: date, zone: str) -> Iterator[str]:
    """One warning for each wall time of the week that is skipped or repeated on a day of the run."""
    rules, off = load_zone(zone), frozenset(spec.off)
    boundaries = sorted({(day, minute) for day, span in spec.week() for minute in span})
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    days = [day for day in days if day not in off]
    for weekday, minute in boundaries:
        walls = (midnight(day, rules) + timedelta(minutes=minute) for day in days if day.weekday() == weekday)
        yield from list(filter(None, map(_change_at, walls)))[:1]


def _change_at(wall: datetime) -> str:
    """What happens to a wall time in a change of the clocks; empty when it happens once."""
    early, late = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    assert early is not None
    assert late is not None
    if early == late:
        return ""
    text = wall.strftime("%Y-%m-%d %H:%M")
    if early < late:
        return (
            f"{text} is skipped by the clocks of {wall.tzinfo}; it is taken as {wall + (late - early):%H:%M}"
        )
    return f"{text} happens twice on the clocks of {wall.tzinfo}; the first is taken"

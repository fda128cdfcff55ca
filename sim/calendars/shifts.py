"""Weekly shifts as people write them: days, hours, dates off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, pairwise
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from sim.quantities import Day, shown
from sim.spec import Spec, Text, default, fault

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_DAY_MINUTES = 24 * 60
_MOST_SHIFTS = 336
"""Shifts in a week: one for each half hour."""
_DAY_FORMS = "Mon-Fri, Mon,Wed,Fri or a list of Mon, Tue, Wed, Thu, Fri, Sat, Sun"
_HOUR_FORMS = "HH:MM-HH:MM such as 08:00-17:00, from 00:00 to 24:00, or a list of these"
_SPAN = re.compile(r"\s*(\d\d):([0-5]\d)\s*-\s*(\d\d):([0-5]\d)\s*", re.ASCII)


class Span(NamedTuple):
    """Working hours of a day in minutes after midnight; `closes` may lie in the next day."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in self)


def parse_days(value: object) -> tuple[int, ...]:
    """Sorted weekdays, Monday = 0, from `Mon-Fri`, `Mon,Wed,Fri` or a list of names; E0220 otherwise."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items:
        raise fault("E0220", f"not days of the week: {shown(value)}; allowed: {_DAY_FORMS}")
    days: list[int] = []
    for item in items:
        for day in _day_range(item):
            if day in days:
                raise fault("E0220", f"{DAY_NAMES[day]} is listed twice; allowed: each day once")
            days.append(day)
    return tuple(sorted(days))


def _day_range(item: object) -> list[int]:
    names = [name.strip() for name in item.split("-")] if isinstance(item, str) else []
    if not 1 <= len(names) <= 2:
        raise fault("E0220", f"not days of the week: {shown(item)}; allowed: {_DAY_FORMS}")
    for name in names:
        if name not in DAY_NAMES:
            likely = name[:3].title()
            hint = f"; did you mean {likely}?" if likely in DAY_NAMES else ""
            raise fault("E0220", f"not a day of the week: {shown(name)}; allowed: {_DAY_FORMS}{hint}")
    first, last = DAY_NAMES.index(names[0]), DAY_NAMES.index(names[-1])
    if len(names) == 2 and first == last:
        raise fault("E0220", f"{shown(item)} starts and ends on the same day; allowed: {_DAY_FORMS}")
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def format_days(days: tuple[int, ...]) -> str:
    """The days as `parse_days` reads them, neighbours joined: `Mon-Thu,Sun`."""
    runs = [[day for _, day in run] for _, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0])]
    return ",".join("-".join(DAY_NAMES[day] for day in dict.fromkeys((run[0], run[-1]))) for run in runs)


def parse_hours(value: object) -> tuple[Span, ...]:
    """Spans of a day from `08:00-17:00` or a list of such; E0221 otherwise."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items:
        raise fault("E0221", f"not hours of a day: {shown(value)}; allowed: {_HOUR_FORMS}; hint: quote them")
    return tuple(_parse_span(item) for item in items)


def _parse_span(item: object) -> Span:
    match = _SPAN.fullmatch(item) if isinstance(item, str) else None
    if match is None:
        raise fault("E0221", f"not hours of a day: {shown(item)}; allowed: {_HOUR_FORMS}")
    opens, closes = (60 * int(hour) + int(minute) for hour, minute in (match.group(1, 2), match.group(3, 4)))
    if opens >= _DAY_MINUTES or closes > _DAY_MINUTES:
        raise fault("E0221", f"no such time of day: {shown(item)}; allowed: 00:00 to 23:59, 24:00 as an end")
    return Span(opens, closes)


def _format_hours(hours: tuple[Span, ...]) -> str | list[str]:
    return str(hours[0]) if len(hours) == 1 else [str(span) for span in hours]


def _parse_shifts(value: object) -> object:
    if not isinstance(value, list | tuple):
        raise fault("E0227", f"shifts must be a list, got {shown(value)}; allowed: items with days and hours")
    return tuple(value)


def _parse_off(value: object) -> object:
    if not isinstance(value, list | tuple):
        raise fault("E0225", f"off must be a list of dates, got {shown(value)}; allowed: [2026-12-25]")
    for item in value:
        if isinstance(item, datetime):
            raise fault("E0225", f"a date off has no time of day, got {item}; allowed: 2026-12-25")
    return tuple(value)


def _text_or_list(text: str, item: str, description: str, *examples: Any) -> WithJsonSchema:
    """The JSON schema of a text, or of a list of items; both as patterns."""
    items = {"type": "string", "pattern": f"^{item}$"}
    forms = [{"type": "string", "pattern": f"^{text}$"}, {"type": "array", "minItems": 1, "items": items}]
    return WithJsonSchema({"anyOf": forms, "description": description, "examples": list(examples)})


_NAME = f"({'|'.join(DAY_NAMES)})"
_NAMES = rf"\s*{_NAME}\s*(-\s*{_NAME}\s*)?"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_TIMES = rf"\s*{_TIME}\s*-\s*({_TIME}|24:00)\s*"

Days = Annotated[
    tuple[int, ...],
    PlainValidator(parse_days),
    PlainSerializer(format_days, return_type=str),
    _text_or_list(
        f"{_NAMES}(,{_NAMES})*",
        _NAMES,
        f"Days of the week: {_DAY_FORMS}.",
        "Mon-Fri",
        "Sun-Thu",
        ["Mon", "Wed"],
    ),
]
"""Weekdays, Monday = 0, sorted; a range may run over the weekend (`Sun-Thu`)."""

Hours = Annotated[
    tuple[Span, ...],
    PlainValidator(parse_hours),
    PlainSerializer(_format_hours, return_type=str | list[str]),
    _text_or_list(
        _TIMES,
        _TIMES,
        f"Hours of a day: {_HOUR_FORMS}.",
        "08:00-17:00",
        ["08:00-12:00", "13:00-17:00"],
    ),
]
"""Spans of a day as written."""


class Shift(Spec):
    """Hours that are worked on some days of the week."""

    days: Days
    """Days on which the shift starts."""
    hours: Hours
    """From and to, such as 08:00-17:00; several as a list."""
    next_day: bool = default(False, "off")
    """The hours end on the following day, as in 22:00-06:00. The shift belongs to the day it starts on."""

    @model_validator(mode="after")
    def _runs_forward(self) -> Shift:
        for span in self.hours:
            if not self.next_day and span.closes <= span.opens:
                rule = "ends before it starts; allowed: an end after the start"
                hint = "a shift past midnight is written under `shifts`, with next_day: true"
                raise fault("E0222", f"{span} {rule}; hint: {hint}")
            if self.next_day and span.closes > span.opens:
                rule = "ends on the day it starts; allowed with next_day: hours such as 22:00-06:00"
                raise fault("E0223", f"{span} {rule}; hint: leave next_day out, or write two shifts")
        return self

    def week(self) -> Iterator[tuple[int, Span]]:
        """Each weekday with a span whose end lies after its start, by 24 hours at most."""
        past_midnight = _DAY_MINUTES if self.next_day else 0
        for day in self.days:
            for span in self.hours:
                yield day, Span(span.opens, span.closes + past_midnight)


class CalendarSpec(Spec):
    """When somebody works, or when something is open: a weekly pattern without the dates off."""

    label: Text | None = None
    """Name for display; changes no result."""
    description: Text | None = None
    """Words for the reader; changes no result."""
    days: Days | None = None
    """Days of the week, with `hours`: Mon-Fri."""
    hours: Hours | None = None
    """Hours on each of `days`: 08:00-17:00, or a list of such."""
    shifts: Annotated[tuple[Shift, ...], BeforeValidator(_parse_shifts)] = ()
    """Instead of `days` and `hours`: a list of shifts, each with its own."""
    off: Annotated[tuple[Day, ...], BeforeValidator(_parse_off)] = ()
    """Dates on which no shift starts. A shift from the evening before still ends in the morning."""

    @model_validator(mode="after")
    def _one_form_without_overlap(self) -> CalendarSpec:
        _check_form(self)
        week = self.week()
        if len(week) > _MOST_SHIFTS:
            raise fault("E0227", f"{len(week)} shifts in a week; allowed: at most {_MOST_SHIFTS}")
        _check_overlap(week)
        return self

    def week(self) -> tuple[tuple[int, Span], ...]:
        """The pattern: (weekday, span) sorted by start, each weekday being the day the shift starts on."""
        shifts = self.shifts
        if self.days is not None and self.hours is not None:
            only = {"days": format_days(self.days), "hours": _format_hours(self.hours)}
            shifts = (Shift.model_validate(only),)
        return tuple(sorted(part for shift in shifts for part in shift.week()))


def _check_form(spec: CalendarSpec) -> None:
    given = [name for name in ("days", "hours", "shifts") if getattr(spec, name)]
    if given in (["days", "hours"], ["shifts"]):
        return
    got = " and ".join(given) or "none of them"
    rule = "a calendar needs either days and hours, or shifts"
    raise fault("E0224", f"{rule}, got {got}; hint: hours that differ by day are written as shifts")


def _check_overlap(week: tuple[tuple[int, Span], ...]) -> None:
    """E0226 if a shift starts before the one before it has ended, over the end of the week as well."""
    first_day, first = week[0]
    for (day, span), (next_day, following) in pairwise((*week, (first_day + 7, first))):
        if day * _DAY_MINUTES + span.closes > next_day * _DAY_MINUTES + following.opens:
            one, other = f"{DAY_NAMES[day]} {_clock(span)}", f"{DAY_NAMES[next_day % 7]} {_clock(following)}"
            rule = "allowed: shifts that follow each other, such as 06:00-14:00 and 14:00-22:00"
            raise fault("E0226", f"{one} overlaps {other}; {rule}")


def _clock(span: Span) -> str:
    """A span of a pattern as it was written."""
    return str(span if span.closes <= _DAY_MINUTES else Span(span.opens, span.closes - _DAY_MINUTES))

"""Calendars as written: every accepted form, and what each mistake says."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from sim.calendars import CalendarSpec, calendar_warnings
from sim.quantities import DAY

MONDAY = date(2026, 1, 5)
OFFICE: dict[str, Any] = {"days": "Mon-Fri", "hours": "08:00-17:00"}


def calendar_spec(**fields: Any) -> CalendarSpec:
    return CalendarSpec.model_validate(fields)


def night(hours: object, days: str = "Mon-Sun") -> dict[str, Any]:
    return {"shifts": [{"days": days, "hours": hours, "next_day": True}]}


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("Mon-Fri", (0, 1, 2, 3, 4)),
        ("Mon,Wed,Fri", (0, 2, 4)),
        ("Sat-Sun", (5, 6)),
        ("Mon-Sun", (0, 1, 2, 3, 4, 5, 6)),
        ("Sun-Thu", (0, 1, 2, 3, 6)),
        (" Fri , Mon - Tue ", (0, 1, 4)),
        (["Sun", "Mon"], (0, 6)),
        (["Mon-Wed", "Sat"], (0, 1, 2, 5)),
    ],
)
def test_days_are_read_in_every_form_and_sorted(written: object, days: tuple[int, ...]) -> None:
    assert calendar_spec(days=written, hours="08:00-17:00").days == days


@pytest.mark.parametrize(
    "fields",
    [
        OFFICE,
        {**OFFICE, "label": "Office", "description": "All of it", "off": ["2026-12-25", date(2026, 12, 26)]},
        {"days": ["Sun", "Mon", "Wed"], "hours": ["08:00-12:00", "13:00-24:00"]},
        {
            "shifts": [
                {"days": "Mon-Thu", "hours": "22:00-06:00", "next_day": True},
                {"days": "Sat", "hours": "09:00-13:00"},
            ]
        },
    ],
)
def test_a_dumped_calendar_loads_to_an_equal_one(fields: dict[str, Any]) -> None:
    spec = calendar_spec(**fields)
    tree = spec.model_dump(mode="json")
    assert CalendarSpec.model_validate(json.loads(json.dumps(tree))) == spec
    assert CalendarSpec.model_validate_json(spec.model_dump_json()) == spec
    assert CalendarSpec.model_validate(spec.model_dump()) == spec
    assert hash(CalendarSpec.model_validate(tree)) == hash(spec)


def test_schema_describes_the_text_forms() -> None:
    schema = CalendarSpec.model_json_schema()
    days, hours = (
        schema["$defs"]["Shift"]["properties"]["days"],
        schema["$defs"]["Shift"]["properties"]["hours"],
    )
    assert [form["type"] for form in days["anyOf"]] == ["string", "array"]
    assert "Mon-Fri" in days["examples"]
    assert "08:00-17:00" in hours["examples"]
    assert all(part.get("description") for part in schema["properties"].values())
    CalendarSpec.model_json_schema(mode="serialization")


DAY_FORMS = "allowed: Mon-Fri, Mon,Wed,Fri or a list of Mon, Tue, Wed, Thu, Fri, Sat, Sun"
HOUR_FORMS = "allowed: HH:MM-HH:MM such as 08:00-17:00, from 00:00 to 24:00, or a list of these"
NO_SUCH_TIME = "allowed: 00:00 to 23:59, 24:00 as an end"
ONE_FORM = "a calendar needs either days and hours, or shifts"
BY_DAY = "hint: hours that differ by day are written as shifts"
BACKWARD = "ends before it starts; allowed: an end after the start"
NEXT_DAY = "hint: a shift past midnight is written under `shifts`, with next_day: true"
FOLLOWING = "allowed: shifts that follow each other, such as 06:00-14:00 and 14:00-22:00"


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        (
            {**OFFICE, "days": "Monday-Fri"},
            "E0220",
            f"not a day of the week: 'Monday'; {DAY_FORMS}; did you mean Mon?",
        ),
        ({**OFFICE, "days": "Mon-Xyz"}, "E0220", f"not a day of the week: 'Xyz'; {DAY_FORMS}"),
        ({**OFFICE, "days": "Mon-Tue-Wed"}, "E0220", f"not days of the week: 'Mon-Tue-Wed'; {DAY_FORMS}"),
        ({**OFFICE, "days": "Mon-Mon"}, "E0220", f"'Mon-Mon' starts and ends on the same day; {DAY_FORMS}"),
        ({**OFFICE, "days": "Mon-Wed,Tue"}, "E0220", "Tue is listed twice; allowed: each day once"),
        ({**OFFICE, "days": 5}, "E0220", f"not days of the week: 5; {DAY_FORMS}"),
        ({**OFFICE, "days": []}, "E0220", f"not days of the week: a list; {DAY_FORMS}"),
        ({**OFFICE, "days": [None]}, "E0220", f"not days of the week: nothing; {DAY_FORMS}"),
        ({**OFFICE, "hours": 480}, "E0221", f"not hours of a day: 480; {HOUR_FORMS}; hint: quote them"),
        ({**OFFICE, "hours": "8:00-17:00"}, "E0221", f"not hours of a day: '8:00-17:00'; {HOUR_FORMS}"),
        (
            {**OFFICE, "hours": ["08:00+01:00-17:00"]},
            "E0221",
            f"not hours of a day: '08:00+01:00-17:00'; {HOUR_FORMS}",
        ),
        ({**OFFICE, "hours": [{}]}, "E0221", f"not hours of a day: a mapping; {HOUR_FORMS}"),
        ({**OFFICE, "hours": "08:00-25:00"}, "E0221", f"no such time of day: '08:00-25:00'; {NO_SUCH_TIME}"),
        ({**OFFICE, "hours": "24:00-08:00"}, "E0221", f"no such time of day: '24:00-08:00'; {NO_SUCH_TIME}"),
        ({**OFFICE, "hours": "08:00-24:01"}, "E0221", f"no such time of day: '08:00-24:01'; {NO_SUCH_TIME}"),
        ({**OFFICE, "hours": "22:00-06:00"}, "E0222", f"22:00-06:00 {BACKWARD}; {NEXT_DAY}"),
        (
            night("08:00-17:00"),
            "E0223",
            "08:00-17:00 ends on the day it starts; allowed with next_day: hours such as 22:00-06:00; "
            "hint: leave next_day out, or write two shifts",
        ),
        ({}, "E0224", f"{ONE_FORM}, got none of them; {BY_DAY}"),
        ({"days": "Mon-Fri", "hours": None}, "E0224", f"{ONE_FORM}, got days; {BY_DAY}"),
        ({**OFFICE, "shifts": [OFFICE]}, "E0224", f"{ONE_FORM}, got days and hours and shifts; {BY_DAY}"),
        (
            {**OFFICE, "off": "2026-12-25"},
            "E0225",
            "off must be a list of dates, got '2026-12-25'; allowed: [2026-12-25]",
        ),
        ({**OFFICE, "off": None}, "E0225", "off must be a list of dates, got nothing; allowed: [2026-12-25]"),
        (
            {**OFFICE, "off": [datetime(2026, 12, 25, 8)]},
            "E0225",
            "a date off has no time of day, got 2026-12-25 08:00:00; allowed: 2026-12-25",
        ),
        (
            {**OFFICE, "off": ["2026-02-29"]},
            "E0215",
            "not a date: '2026-02-29'; allowed: year-month-day such as 2026-01-05",
        ),
        (
            {"days": "Mon", "hours": ["08:00-12:00", "11:59-17:00"]},
            "E0226",
            f"Mon 08:00-12:00 overlaps Mon 11:59-17:00; {FOLLOWING}",
        ),
        (night("22:00-22:30"), "E0223", None),
        (
            {"shifts": [*night("22:00-06:00", "Mon")["shifts"], {"days": "Tue", "hours": "05:00-14:00"}]},
            "E0226",
            f"Mon 22:00-06:00 overlaps Tue 05:00-14:00; {FOLLOWING}",
        ),
        (
            {"shifts": [*night("22:00-06:00", "Sun")["shifts"], {"days": "Mon-Fri", "hours": "05:00-14:00"}]},
            "E0226",
            f"Sun 22:00-06:00 overlaps Mon 05:00-14:00; {FOLLOWING}",
        ),
        (
            {"shifts": OFFICE},
            "E0227",
            "shifts must be a list, got a mapping; allowed: items with days and hours",
        ),
        (
            {
                "days": "Mon-Sun",
                "hours": [f"{h:02d}:{m:02d}-{h:02d}:{m + 10:02d}" for h in range(24) for m in (0, 20, 40)],
            },
            "E0227",
            "504 shifts in a week; allowed: at most 336",
        ),
    ],
)
def test_each_mistake_is_one_message(fields: dict[str, Any], code: str, message: str | None) -> None:
    with pytest.raises(ValidationError) as caught:
        calendar_spec(**fields)
    (error,) = caught.value.errors()
    assert error["type"] == code
    assert message is None or error["msg"] == message


def test_touching_shifts_are_no_overlap() -> None:
    around = calendar_spec(
        shifts=[{"days": "Mon-Sun", "hours": ["06:00-14:00", "14:00-22:00"]}, *night("22:00-06:00")["shifts"]]
    )
    assert len(around.week()) == 21


def test_dates_and_shifts_that_may_not_be_meant_are_named() -> None:
    spec = calendar_spec(
        shifts=[{"days": "Sun", "hours": "02:30-09:00"}, *night("22:00-02:30", "Sat")["shifts"]],
        off=["2026-12-25", "2026-12-25", "2030-01-01"],
    )
    assert calendar_warnings(spec, MONDAY, "Europe/Berlin", 364 * DAY) == (
        "2026-12-25 is listed twice under off",
        "2030-01-01 under off lies outside the run, 2026-01-05 to 2027-01-04",
        "2026-03-29 02:30 is skipped by the clocks of Europe/Berlin; it is taken as 03:30",
    )
    autumn = calendar_warnings(
        calendar_spec(days="Sun", hours="02:30-09:00"), date(2026, 10, 1), "Europe/Berlin", 90 * DAY
    )
    assert autumn == ("2026-10-25 02:30 happens twice on the clocks of Europe/Berlin; the first is taken",)


def test_office_hours_warn_of_nothing() -> None:
    assert calendar_warnings(calendar_spec(**OFFICE), MONDAY, "Europe/Berlin", 364 * DAY) == ()

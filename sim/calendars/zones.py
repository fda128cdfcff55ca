"""Time zones: wall time to ticks and back.

A wall time becomes an instant by two rules. A time that the clocks skip moves forward by the length of the
gap (02:30 becomes 03:30); a time that happens twice means its first occurrence. Both are what Python does
with `fold=0`.

Zones are read from the `tzdata` package, never from the machine, so that every machine has the same ticks.
"""

from __future__ import annotations

import difflib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from sim.quantities import shown
from sim.spec import fault

_MICROSECOND = timedelta(microseconds=1)


def check_zone(name: object) -> str:
    """The name, if it is an IANA time zone. It is looked up in a list; no path is ever built from it.

    Raises E0230 for anything else and E0231 where the list is not installed.
    """
    try:
        known = _zone_names()
    except ModuleNotFoundError:
        raise fault("E0231", "the list of time zones is missing; hint: pip install tzdata") from None
    if isinstance(name, str) and name in known:
        return name
    hint = f"; did you mean {likely}?" if (likely := _nearest_zone(name, known)) else ""
    raise fault("E0230", f"not a time zone: {shown(name)}; allowed: an IANA name such as Europe/Berlin{hint}")


def _nearest_zone(name: object, known: tuple[str, ...]) -> str:
    """The zone of that city, or the one spelt most alike; empty when there is none."""
    if not isinstance(name, str) or len(name) > 40:
        return ""
    by_lower_case = {zone.lower(): zone for zone in known}
    city = [zone for zone in known if zone.lower().endswith("/" + name.lower())]
    alike = difflib.get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.7)
    return city[0] if city else by_lower_case[alike[0]] if alike else ""


@cache
def _zone_names() -> tuple[str, ...]:
    return tuple(resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@cache
def load_zone(name: str) -> ZoneInfo:
    """The rules of a zone; raises E0230 or E0231 as `check_zone` does."""
    with resources.files("tzdata").joinpath("zoneinfo", *check_zone(name).split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The wall time 00:00 of a day; adding a timedelta to it moves the clock on the wall."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def time_zero(start: date, zone: ZoneInfo) -> datetime:
    """The instant of tick 0."""
    return midnight(start, zone).astimezone(UTC)


def ticks_between(zero: datetime, wall: datetime) -> int:
    """Ticks of real time from one instant to another; `zero` is in UTC, `wall` in any zone."""
    return (wall - zero) // _MICROSECOND


def local_time(tick: int, start: date, zone: str) -> datetime:
    """What the clock on the wall shows at a tick; `fold` is 1 in the second pass of a repeated hour."""
    rules = load_zone(zone)
    return (time_zero(start, rules) + timedelta(microseconds=tick)).astimezone(rules)


def tick_of(local: date, start: date, zone: str) -> int:
    """The tick of a date's midnight, of a wall time in `zone`, or of a time that names its own zone.

    Negative before the start.
    """
    rules = load_zone(zone)
    wall = local if isinstance(local, datetime) else midnight(local, rules)
    return ticks_between(time_zero(start, rules), wall if wall.tzinfo else wall.replace(tzinfo=rules))

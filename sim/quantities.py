"""Quantities as people write them: durations, rates, money, shares, dates, on the grids the simulator computes on.

| written            | type      | held as                                        |
|--------------------|-----------|------------------------------------------------|
| `8 h`, `PT8H`      | Duration  | integer ticks of one microsecond               |
| `60 / h`           | Rate      | exact fraction: expected number per tick       |
| `34.50`            | Money     | Decimal in the scenario's currency             |
| `34 / h`           | Wage      | Decimal per hour                               |
| `0.9`, `90 %`      | Share     | float 0..1, used on a grid of billionths       |
| `2026-01-05`       | Day       | datetime.date                                  |

Durations are parsed here rather than by a library because they must be exact to the tick; ISO-8601 text is left
to pydantic.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, TypeAdapter, WithJsonSchema

from sim.spec import fault

SECOND = 1_000_000
"""Ticks in a second; one tick is a microsecond."""
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
MONTH = 30 * DAY
"""A month is 30 days (decision D20)."""

BILLION = 1_000_000_000
"""Steps of the grid of shares and probabilities, and nano-units in one unit of a currency."""
LONGEST = 36_525 * DAY
"""The longest duration accepted: a hundred years."""

UNITS = {
    "us": 1, "µs": 1, "ms": 1000,
    "s": SECOND, "sec": SECOND, "second": SECOND, "seconds": SECOND,
    "min": MINUTE, "minute": MINUTE, "minutes": MINUTE,
    "h": HOUR, "hour": HOUR, "hours": HOUR,
    "d": DAY, "day": DAY, "days": DAY,
    "w": WEEK, "week": WEEK, "weeks": WEEK,
}  # fmt: skip
_PART = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zµ]+)")
_ISO = TypeAdapter(timedelta)
DURATION_FORMS = "a number with a unit such as 90 s, 9 min, 8 h, 2 days, 1 week or 1 h 30 min"


def shown(value: object) -> str:
    """A value as an error message quotes it: text in quotes and shortened, numbers as they are."""
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse_duration(value: object) -> int:
    """Ticks of a duration written with its units; E0210 when the unit is missing or the form unknown."""
    if not isinstance(value, str):
        is_length = isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0
        hint = f"; did you mean {value} s or {value} min?" if is_length else ""
        raise fault("E0210", f"a duration needs a unit, got {shown(value)}; allowed: {DURATION_FORMS}{hint}")
    text = value.strip()
    ticks = _iso_ticks(text) if text[:1] == "P" else _unit_ticks(text)
    if ticks is None:
        raise fault("E0210", f"not a duration: {shown(value)}; allowed: {DURATION_FORMS}")
    if ticks > LONGEST:
        raise fault("E0210", f"{text} is too long; allowed: at most 100 years (36525 days)")
    if ticks.denominator != 1:
        raise fault("E0210", f"{text} is finer than the clock; allowed: whole microseconds")
    return int(ticks)


def _iso_ticks(text: str) -> Fraction | None:
    try:
        span = _ISO.validate_python(text)
    except ValueError:
        return None
    return Fraction(span // timedelta(microseconds=1)) if span >= timedelta(0) else None


def _unit_ticks(text: str) -> Fraction | None:
    total, position, seen = Fraction(0), 0, LONGEST + 1
    while position < len(text):
        part = _PART.match(text, position)
        unit = UNITS.get(part[2]) if part else None
        if part is None or unit is None or unit >= seen or len(part[1]) > 20:
            return None
        total += Fraction(part[1]) * unit
        position, seen = part.end(), unit
    return total if position else None


def format_duration(ticks: int) -> str:
    """The shortest exact text of a duration, in at most two neighbouring units: `1 week`, `1 h 30 min`, `25 s`."""
    if ticks == 0:
        return "0 s"
    parts: list[str] = []
    rest = ticks
    for unit, name in ((WEEK, "week"), (DAY, "day"), (HOUR, "h"), (MINUTE, "min")):
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 and len(name) > 2 and name != 'min' else ''}")
    if rest:
        seconds = Decimal(rest) / SECOND
        parts.append(f"{seconds.normalize():f} s")
    return " ".join(parts)


def parse_number(value: object) -> float:
    """A finite number as float; E0202 for anything else, text included."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise fault("E0202", f"must be a number, got {shown(value)}; allowed: a plain number such as 0.5")
    if value != value or value in (float("inf"), float("-inf")):
        raise fault("E0205", f"must be a finite number, got {_yaml_name(value)}")
    return float(value)


def _yaml_name(value: object) -> str:
    text = str(value).lower()
    return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(text, text)


def parse_money(value: object) -> Decimal:
    """An amount of at most 15 significant digits in the scenario's currency, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise fault(
            "E0212",
            f"must be an amount of money, got {shown(value)}; allowed: a plain number in the scenario's currency",
        )
    if value != value or value in (float("inf"), float("-inf")):
        raise fault("E0205", f"must be a finite number, got {_yaml_name(value)}")
    amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not 0 <= amount <= Decimal(10) ** 12:
        raise fault("E0212", f"an amount of money is between 0 and 1e12, got {value}")
    if amount and len(amount.normalize().as_tuple().digits) > 15:
        raise fault("E0212", f"an amount of money has at most 15 significant digits, got {value}")
    return amount


def parse_wage(value: object) -> Decimal:
    """An hourly rate of pay written `34 / h`."""
    match = (
        re.fullmatch(r"\s*([0-9]{1,7}(?:\.[0-9]{1,6})?)\s*(?:/|per)\s*(?:h|hour)\s*", value)
        if isinstance(value, str)
        else None
    )
    if match is None:
        raise fault("E0213", f"not a wage: {shown(value)}; allowed: an amount per hour such as 34 / h")
    return Decimal(match[1])


def parse_rate(value: object) -> Fraction:
    """Expected number per tick, from text such as `60 / h`; E0214 otherwise."""
    if isinstance(value, Fraction):
        return value
    match = (
        re.fullmatch(r"\s*([0-9]{1,20}(?:\.[0-9]{1,9})?)\s*(?:/|per)\s*([a-z]+)\s*", value)
        if isinstance(value, str)
        else None
    )
    unit = UNITS.get(match[2]) if match else None
    if match is None or unit is None:
        hint = (
            "; a workday needs a calendar: give a rate per hour and `during`"
            if match and match[2] == "workday"
            else ""
        )
        raise fault(
            "E0214",
            f"not a rate: {shown(value)}; allowed: a number per time unit such as 60 / h or 2.5 / min{hint}",
        )
    rate = Fraction(match[1]) / unit
    if not 0 < rate <= 1:
        raise fault("E0214", f"a rate is above 0 and at most one per microsecond, got {value}")
    return rate


def format_rate(rate: Fraction) -> str:
    """The rate in the first unit in which it is a short decimal."""
    for unit, name in ((HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (DAY, "day"), (WEEK, "week")):
        per = rate * unit
        text = f"{Decimal(per.numerator) / Decimal(per.denominator):f}"
        if len(text) <= 16 and Fraction(text) == per:
            return f"{text} / {name}"
    raise AssertionError(f"a rate that was parsed can be written: {rate}")


def parse_share(value: object) -> float:
    """A share 0..1, as a number or as `n %`; E0211 otherwise, with the likely intention."""
    number: Decimal | None = None
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*%\s*", value)
        number = Decimal(match[1]) / 100 if match else None
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        if value != value or value in (float("inf"), float("-inf")):
            raise fault("E0205", f"must be a finite number, got {_yaml_name(value)}")
        try:
            number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        except InvalidOperation:  # pragma: no cover - Decimal accepts every finite number
            number = None
    if number is None or not 0 <= number <= 1:
        is_percentage = number is not None and 2 <= number <= 100 and not isinstance(value, str)
        hint = f"; did you mean {number / 100:.2f}?" if number is not None and is_percentage else ""
        raise fault("E0211", f"a share is between 0 and 1 (or 90 %), got {shown(value)}{hint}")
    return float(number)


def parse_day(value: object) -> date:
    """A calendar date written `2026-01-05`, from 1970 to 2200."""
    if isinstance(value, date):
        return value
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year <= 2200:
        raise fault("E0215", f"not a date: {shown(value)}; allowed: year-month-day such as 2026-01-05")
    return day


def billionths(share: float) -> int:
    """A share or probability on the grid of billionths."""
    return round(share * BILLION)


def nano(amount: Decimal) -> int:
    """An amount of money in integer nano-units of its currency."""
    return int((amount * BILLION).to_integral_value())


def plain(value: Decimal) -> int | float:
    """A Decimal of at most 15 digits as the number that YAML and JSON show."""
    return int(value) if value == value.to_integral_value() else float(value)


def _text(pattern: str, description: str, *examples: Any) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "pattern": pattern, "description": description, "examples": list(examples)}
    )


Duration = Annotated[
    int,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    _text(
        r"^(P.*|\s*(\d+(\.\d+)?\s*[a-zµ]+\s*)+)$", f"A duration: {DURATION_FORMS}.", "90 s", "8 h", "1 week"
    ),
]
"""Length of time in ticks; written with a unit."""

Rate = Annotated[
    Fraction,
    PlainValidator(parse_rate),
    PlainSerializer(format_rate, return_type=str),
    _text(
        r"^\s*\d+(\.\d+)?\s*(/|per)\s*[a-z]+\s*$", "A rate: a number per unit of time.", "60 / h", "2.5 / min"
    ),
]
"""Expected number per tick, exact."""

Money = Annotated[
    Decimal,
    BeforeValidator(parse_money),
    PlainSerializer(plain, return_type=int | float),
    WithJsonSchema(
        {
            "type": "number",
            "minimum": 0,
            "maximum": 1e12,
            "description": "An amount in the scenario's currency.",
        }
    ),
]
"""An amount in the scenario's currency."""

Wage = Annotated[
    Decimal,
    BeforeValidator(parse_wage),
    PlainSerializer(lambda amount: f"{plain(amount)} / h", return_type=str),
    _text(
        r"^\s*\d+(\.\d+)?\s*(/|per)\s*(h|hour)\s*$",
        "An hourly rate of pay in the scenario's currency.",
        "34 / h",
    ),
]
"""Pay per hour in the scenario's currency."""

Share = Annotated[
    float,
    BeforeValidator(parse_share),
    Field(ge=0, le=1),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$"},
            ],
            "description": "A share: 0 to 1, or a percentage such as 90 %.",
        }
    ),
]
"""A probability or share, 0 to 1."""

Number = Annotated[float, BeforeValidator(parse_number), Field(ge=-1e15, le=1e15)]
"""A finite number without unit."""

Count = Annotated[
    float,
    BeforeValidator(parse_number),
    Field(ge=0, le=1e12),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1e12}),
]
"""A number of things, 0 or more; not whole where it is a parameter such as a mean."""

Day = Annotated[
    date,
    BeforeValidator(parse_day),
    PlainSerializer(lambda day: day.isoformat(), return_type=str),
    _text(r"^\d{4}-\d{2}-\d{2}$", "A date: year-month-day.", "2026-01-05"),
]
"""A calendar date."""

"""Numbers as people read them: three significant digits, money with its currency, durations in words.

Every function takes None, or a number that is not finite, for "undefined" and writes it as `UNDEFINED`.
"""

from __future__ import annotations

import math

from sim.quantities import DAY, HOUR, MINUTE, SECOND, WEEK, format_duration
from sim.tasks import ServiceLevel

UNDEFINED = "-"
"""What stands where there is no number, such as the cost per success without a success."""

_MOST_DECIMALS = 9
_SHARE_DECIMALS = 5
_FEWEST_STEPS = 2.0
"""Units of the last decimal that an interval of a share spans at least, so that its width can be read."""
_ALIKE = 6
"""Significant digits in which the ends of an interval agree that has no width but rounding."""
_UNITS = (
    (WEEK, "week", "weeks"),
    (DAY, "day", "days"),
    (HOUR, "h", "h"),
    (MINUTE, "min", "min"),
    (SECOND, "s", "s"),
)
_CLOCK = ("min", "s")  # written with two digits after a larger unit, as in 2 h 05 min


def significant(number: float | None, digits: int = 3) -> str:
    """The number to `digits` significant digits, thousands set apart: `1.94`, `0.00413`, `13,500`.

    Below 1e-6 it is written with an exponent.
    """
    if number is None or not math.isfinite(number):
        return UNDEFINED
    if number == 0.0:
        return "0"
    rounded = float(f"{number:.{digits - 1}e}")
    if abs(rounded) < 1e-6:
        return f"{rounded:.{digits - 1}e}"
    return f"{rounded:,.{_decimals(rounded, digits)}f}"


def _decimals(rounded: float, digits: int) -> int:
    """Decimals that show a rounded number to `digits` significant digits."""
    exponent = int(f"{rounded:e}".partition("e")[2])
    return max(digits - 1 - exponent, 0)


def capital(text: str) -> str:
    """The text as the begin of a sentence."""
    return text[:1].upper() + text[1:]


def money(amount: float | None, currency: str, digits: int = 3) -> str:
    """An amount after its currency: `EUR 1.94`, `EUR 15,100`."""
    shown = significant(amount, digits)
    return shown if shown == UNDEFINED else f"{currency} {shown}"


def share(part: float | None) -> str:
    """A share 0..1 in per cent with one decimal: `21.8 %`.

    Only an exact 0 or 1 is written `0 %` or `100 %`: a share next to them gets the decimals it needs
    (`0.04 %`, `99.96 %`).
    """
    if part is None or not math.isfinite(part):
        return UNDEFINED
    if part in (0.0, 1.0):
        return f"{100 * part:z.0f} %"
    for decimals in range(1, _MOST_DECIMALS):
        text = f"{100 * part:.{decimals}f}"
        if float(text) not in (0.0, 100.0):
            return f"{text} %"
    return f"{float(round(part)) * 100:.0f} %"


def estimated_share(value: float, low: float, high: float) -> tuple[str, str]:
    """An estimated share and its interval in per cent, without the sign: `("96.34", "[96.21, 96.47]")`.

    Both have the decimals in which the width of the interval can be read; a share without any is written once.
    """
    if significant(low, _ALIKE) == significant(high, _ALIKE):
        text = share(value).removesuffix(" %")
        return text, f"[{text}, {text}]"
    width = 100 * (high - low)
    enough = (k for k in range(1, _SHARE_DECIMALS) if width * 10**k >= _FEWEST_STEPS)
    decimals = next(enough, _SHARE_DECIMALS)
    bounds = f"[{100 * low:z.{decimals}f}, {100 * high:z.{decimals}f}]"
    return f"{100 * value:z.{decimals}f}", bounds


def duration(ticks: float | None) -> str:
    """A length of time in its two largest units: `1 h 52 min`, `2 h 05 min`, `34 s`, `2.3 s`, `40 ms`."""
    if ticks is None or not math.isfinite(ticks):
        return UNDEFINED
    if ticks < 0:
        text = duration(-ticks)
        return text if text == "0 s" else f"-{text}"
    if ticks < 9.95 * SECOND:
        return _short(ticks)
    for place, (unit, one, many) in enumerate(_UNITS):
        smaller, smaller_name = (
            (_UNITS[place + 1][0], _UNITS[place + 1][2]) if unit > SECOND else (SECOND, "")
        )
        whole, rest = divmod(round(ticks / smaller), unit // smaller)
        if whole:
            text = f"{whole} {one if whole == 1 else many}"
            return f"{text} {_second_part(rest, smaller_name)}" if rest else text
    raise AssertionError("a duration of 9.95 s or more has a largest unit")


def _second_part(number: int, name: str) -> str:
    if name in _CLOCK:
        return f"{number:02d} {name}"
    return f"{number} {name[:-1] if name == 'days' and number == 1 else name}"


def _short(ticks: float) -> str:
    """Below ten seconds: one decimal of a second, or whole milliseconds; less than one is nothing to people."""
    if ticks >= 0.9995 * SECOND:
        return f"{ticks / SECOND:.1f}".removesuffix(".0") + " s"
    if ticks >= 999.5:
        return f"{ticks / 1000:.0f} ms"
    return "0 s"


def service_level(sla: ServiceLevel) -> str:
    """A promised time as people write it: `1 day`, but `24 h of office`, since a day of open hours is no day."""
    if sla.calendar is None:
        return format_duration(sla.ticks)
    hours, rest = divmod(sla.ticks, HOUR)
    parts = [f"{hours} h"] if hours else []
    parts += [format_duration(rest)] if rest else []
    return f"{' '.join(parts)} of {sla.calendar}"


def count(number: float | None) -> str:
    """A whole number with its thousands set apart: `13,487`; for "about 13,500" use `significant`."""
    return UNDEFINED if number is None or not math.isfinite(number) else f"{round(number):,}"


def people(number: float) -> str:
    """A mean number of people: `12`, `2.44`."""
    text = significant(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval(low: float | None, high: float | None, unit: str = "") -> str:
    """An interval in brackets, both ends with the same decimals: `[1.91, 1.97]`, `[25.6, 29.2] min`.

    The unit `%` turns shares into per cent: `[96.9, 97.3] %`. The ends get the decimals at which the larger
    has three significant digits, or more where they would else look the same; an exact 0 needs none.
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return UNDEFINED
    if unit == "%":
        low, high = 100 * low, 100 * high
    after = f" {unit}" if unit else ""
    if significant(low, _ALIKE) == significant(high, _ALIKE):
        return f"[{significant(low)}, {significant(high)}]{after}"
    decimals = _decimals_of_interval(low, high)
    first, last = ("0" if end == 0.0 else f"{end:z,.{decimals}f}" for end in (low, high))
    return f"[{first}, {last}]{after}"


def estimated_number(value: float, low: float, high: float) -> tuple[str, str]:
    """An estimate and its interval, both as text: `("1.94", "[1.91, 1.97]")`, `("19,908", "[19,896, 19,922]")`.

    The value has three significant digits, or the decimals of the interval where that tells more than these.
    """
    text, bounds = significant(value), interval(low, high)
    if low < high and significant(low, _ALIKE) != significant(high, _ALIKE) and is_narrow(value, high - low):
        text = f"{value:z,.{_decimals_of_interval(low, high)}f}"
    return text, bounds


def is_narrow(value: float, width: float) -> bool:
    """Whether three significant digits of a value would hide where it lies in an interval of this width."""
    return value != 0.0 and width < 10 * 10.0 ** (int(f"{abs(value):e}".partition("e")[2]) - 2)


def _decimals_of_interval(low: float, high: float) -> int:
    """Decimals at which the larger end has three significant digits, or more where both would look the same."""
    decimals = _decimals(float(f"{max(abs(low), abs(high)):.2e}"), 3)
    while decimals < _MOST_DECIMALS and f"{low:z.{decimals}f}" == f"{high:z.{decimals}f}":
        decimals += 1
    return decimals

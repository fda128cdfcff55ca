"""Moments, values, confidence and places in line as people say them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from sim.quantities import BILLION

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def day_text(day: date) -> str:
    """`Tue 13 Jan 2026`, whatever the language of the machine."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def clock_text(moment: datetime) -> str:
    """`09:14:02`: what the clock on the wall shows, without parts of a second."""
    return f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"


def value_text(minor_units: int, currency: str, minor_digits: int) -> str:
    """An amount in minor units with its currency."""
    return f"{currency} {Decimal(minor_units).scaleb(-minor_digits):,.{minor_digits}f}"


def confidence_text(theta: int, threshold: int = -1) -> str:
    """A confidence in billionths with two digits, or with as many as tell it from the threshold; 0 as `0`."""
    if theta == 0:
        return "0"
    digits = 2
    while (
        threshold >= 0
        and digits < 9
        and theta != threshold
        and _rounded(theta, digits) == _rounded(threshold, digits)
    ):
        digits += 1
    return f"{_rounded(theta, digits):.{digits}f}"


def _rounded(theta: int, digits: int) -> Decimal:
    return (Decimal(theta) / BILLION).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def ordinal(number: int) -> str:
    """`first`, `third`, `11th`, `22nd`."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"

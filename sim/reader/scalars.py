"""What a plain YAML word means: nothing, true, false, a number in plain decimal digits, or text."""

from __future__ import annotations

import re
from decimal import Decimal

Scalar = None | bool | int | Decimal | float | str

MOST_DIGITS = 40
"""Digits of a number, whole or decimal."""

LARGEST_EXPONENT = 400
"""Beyond every double, small enough that exact arithmetic stays instant."""

NOTHING = frozenset({"", "~", "null"})
SPECIAL = {
    ".nan": float("nan"),
    ".inf": float("inf"),
    "+.inf": float("inf"),
    "-.inf": float("-inf"),
}
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?(?P<exponent>[0-9]+))?")


def plain_value(text: str) -> Scalar:
    """The value of an unquoted word.

    Narrower than YAML 1.1 on purpose: `yes`, `NO`, `010`, `0x1F`, `1_000`, `10:00` and `2026-01-05` are
    text, so that none of them silently becomes another value. `.nan` and `.inf` are floats: the field
    that gets one refuses it by name.

    Raises ValueError for a number with too many digits or too large an exponent.
    """
    if text in NOTHING:
        return None
    if text in ("true", "false"):
        return text == "true"
    if WHOLE.fullmatch(text):
        _check_digits(text)
        return int(text)
    number = DECIMAL.fullmatch(text)
    if number:
        _check_digits(text)
        _check_exponent(number["exponent"] or "0")
        return Decimal(text)
    return SPECIAL.get(text, text)


def _check_digits(text: str) -> None:
    digits = len([character for character in text if character.isdigit()])
    if digits > MOST_DIGITS:
        raise ValueError(f"a number has at most {MOST_DIGITS} digits, got {digits}")


def _check_exponent(exponent: str) -> None:
    if int(exponent) > LARGEST_EXPONENT:
        raise ValueError(f"an exponent is at most {LARGEST_EXPONENT}, got {int(exponent)}")

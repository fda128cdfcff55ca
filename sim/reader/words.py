"""Values, limits and likely intentions as messages put them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from sim.problems import likely
from sim.quantities import shown
from sim.reader.scalars import plain_value

WHOLE_NUMBER = "a whole number"
NUMBER = "a number"
TEXT = "text"
TRUE_OR_FALSE = "true or false"
MAPPING = "a mapping (key: value lines)"
LIST = "a list"

NOTHING = shown(None)
"""What messages call an empty value."""

NUMBER_LIKE = re.compile(r"[-+.\w,]*\d[-+.\w,]*")
TRUE_WORDS = ("true", "yes", "on")
FALSE_WORDS = ("false", "no", "off")


def got(value: Any) -> str:
    """A received value, as the file would write it."""
    if isinstance(value, float):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(str(value)) or plain_number(value)
    if isinstance(value, Decimal) and abs(value.adjusted()) <= 15:
        return f"{value:f}"
    return f"text {shown(value)}" if isinstance(value, str) else shown(value)


def plain_number(value: Any) -> str:
    """A bound or a finite number, without a trailing `.0`."""
    is_whole = isinstance(value, int | float | Decimal) and abs(float(value)) < 1e15 and value == int(value)
    return str(int(value)) if is_whole else str(value)


def kind_hint(expected: str, value: Any) -> str:
    """What a reader who wrote a value of the wrong kind probably meant; empty when that is unclear."""
    if expected == TEXT and not isinstance(value, dict | list):
        return "; put it in quotes"
    if not isinstance(value, str):
        return ""
    if expected in (WHOLE_NUMBER, NUMBER) and NUMBER_LIKE.fullmatch(value):
        return "; write it without quotes" if _is_number(value) else "; write plain decimal digits"
    if expected == TRUE_OR_FALSE and value.lower() in TRUE_WORDS + FALSE_WORDS:
        return f"; write {'true' if value.lower() in TRUE_WORDS else 'false'}"
    return ""


def choices(word: Any, allowed: list[str]) -> str:
    """The allowed words and the likely intention, as the end of a message."""
    listed = f"; allowed: {', '.join(allowed)}" if allowed else ""
    return listed + likely(word, allowed)


def either(words: list[str]) -> str:
    """`a, b or c`."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def respelt(text: str, pattern: str) -> str:
    """The text in another case or without spaces, if that fits the pattern, as the end of a message."""
    joined = text.strip().replace(" ", "_")
    for candidate in (text.lower(), text.upper(), text.strip(), joined, joined.lower()):
        if candidate != text and re.search(pattern, candidate):
            return f"; did you mean {candidate}?"
    return ""


def _is_number(text: str) -> bool:
    try:
        return not isinstance(plain_value(text), str)
    except ValueError:
        return True

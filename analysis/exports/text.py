"""Text in files of other programs: nothing in it is ever a formula, a tag or a character they refuse."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import escape

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings of a text that a spreadsheet would compute."""
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, not even escaped."""
SEPARATORS = re.compile(r'[",\r\n]')
"""Characters for which a cell of a CSV file needs quotes."""
IN_ATTRIBUTES = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def inert(text: str) -> str:
    """The text as one that no spreadsheet computes: with an apostrophe before what begins like a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_text(text: str) -> str:
    """The text as a cell of a CSV file: inert, in quotes where it needs them."""
    guarded = inert(text)
    if not SEPARATORS.search(guarded):
        return guarded
    doubled = guarded.replace('"', '""')
    return f'"{doubled}"'


def json_text(text: str) -> str:
    """The text between the quotes of a JSON string: ASCII alone, so that no encoding can break it."""
    return json.dumps(text)[1:-1]


def xml_text(text: str) -> str:
    """The text as the value of an XML attribute; what XML does not allow becomes U+FFFD."""
    return escape(NOT_IN_XML.sub("\ufffd", text), IN_ATTRIBUTES)

"""Texts of users as they may be shown: nothing that steers a terminal, the direction of writing, or a parser."""

from __future__ import annotations

import re

HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Control characters, marks that turn the direction of what follows, and what is no character at all."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def harmless(text: str) -> str:
    """The text with a replacement character for each harmful one."""
    return HARMFUL.sub(REPLACEMENT, text)

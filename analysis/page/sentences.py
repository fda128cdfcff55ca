"""Sentences that were laid out for a screen, as they were before."""

from __future__ import annotations

import re
from collections.abc import Sequence

END = re.compile(r"(?<=[\w)\]%][.!?]) (?=\S)")


def joined(lines: Sequence[str]) -> list[str]:
    """The first sentence of wrapped lines, and the rest as one text when there is one."""
    text = " ".join(line.strip() for line in lines)
    first, *others = END.split(text, maxsplit=1)
    return [first, *others]

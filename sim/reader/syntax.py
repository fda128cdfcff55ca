"""What the YAML parser complains about, in words for people who do not know YAML's grammar."""

from __future__ import annotations

from ruamel.yaml.error import MarkedYAMLError

PROBLEMS: tuple[tuple[str, str, bool], ...] = (
    ("found character '\\t'", "a tab cannot indent a line; use spaces", False),
    (
        "mapping values are not allowed here",
        "a `:` here starts a second value; mend the indent, or quote the text",
        False,
    ),
    ("quoted scalar: found unexpected", "the quote opened here is never closed", True),
    ("flow sequence", "the [ opened here is never closed, or a comma is missing in it", True),
    ("flow mapping", "the { opened here is never closed, or a comma is missing in it", True),
    ("expected <block end>", "the indent does not fit the lines above", False),
    ("could not find expected ':'", "a key needs a `:` and a space after it", True),
    ("double-quoted scalar", "an unknown \\ escape; use single quotes for text with \\", False),
    (
        "that cannot start any token",
        "a value cannot start with this character; put the text in quotes",
        False,
    ),
    ("expected the node content", "a value is missing before this", False),
    ("incompatible YAML document", "scenarios are YAML 1.2; remove the %YAML line", False),
)
"""Part of the parser's words -> ours, and whether the fault is where the construct was opened."""


def explain_syntax(problem: MarkedYAMLError, line_count: int) -> tuple[int, int, str]:
    """Line, column and message for an error of the parser; lines and columns count from 1."""
    words = f"{problem.context or ''}: {problem.problem or ''}"
    message, is_at_opening = f"the text is not YAML: {problem.problem}", False
    for part, ours, at_opening in PROBLEMS:
        if part in words:
            message, is_at_opening = ours, at_opening
            break
    mark = problem.context_mark if is_at_opening and problem.context_mark else problem.problem_mark
    if mark is None:
        return 1, 1, message
    return min(mark.line + 1, line_count), mark.column + 1, message

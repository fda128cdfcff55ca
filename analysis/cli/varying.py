"""`--vary path=values`: what an experiment varies, typed by the rules of the scenario's text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.settings import PATH
from sim.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from analysis.experiments.axes import Axis

TOGETHER = re.compile(r"\s+&\s+(?=[^\s=&]+\s*=)")
"""Between paths that vary in lock step."""
RANGE = re.compile(r"(?P<low>[^.].*?)\s*\.\.\s*(?P<high>.*?[^.])(?P<log>\s+log)?")
"""`0.6..0.9`, `30 s..5 min`, `1..1000 log`."""
NUMBER = r"-?\d{1,12}(?:\.\d{1,12})?"
UNIT = r"\s*[a-z%/][a-z%/ ]*"
STEPS = re.compile(
    rf"(?P<first>{NUMBER})(?P<each>{UNIT})?:(?P<last>{NUMBER})(?(each)(?P=each))"
    rf"(?::(?P<step>{NUMBER})(?(each)(?P=each)))?(?P<unit>{UNIT})?"
)
"""`4:10:2`, `0.6:0.9:0.1`, `5:15:5 min`, `5 min:15 min:5 min`: from, to and included, step."""
MOST_STEPS = 10_000
OPENING, CLOSING, QUOTES = "[{", "]}", "\"'"


def vary_option(help_text: str = "", is_required: bool = True) -> Callable[[Any], Any]:
    """`--vary`, the same for every verb that has it."""
    said = help_text or (
        "What to vary: path=0.6,0.7,0.8 (a list), path=4:10:2 (from, to, step), path=0.5..0.9 (a range, drawn from), "
        "'a=1,2 & b=3,4' (in lock step), 'variant=as written,guardian'; several make a grid."
    )
    return click.option(
        "--vary", "varied", multiple=True, required=is_required, metavar="PATH=VALUES", help=said
    )


def parse_vary(texts: Sequence[str], option: str = "--vary") -> list[Axis]:
    """What each `--vary` varies, or each of another option; raises ScenarioError for every one that cannot be read."""
    axes: list[Axis] = []
    faults: list[Fault] = []
    for number, text in enumerate(texts, 1):
        try:
            axes.append(_axis(text))
        except _UnreadableError as error:
            path, code, message = error.args
            faults.append(vary_fault(number, path, code, message, option))
    if faults:
        raise ScenarioError(faults)
    return axes


def vary_fault(number: int, path: str, code: str, message: str, option: str = "--vary") -> Fault:
    """A fault of what the `number`-th `--vary` says."""
    return Fault(f"{option} number {number}", 0, 0, code, path, message)


def renamed(error: ScenarioError, axes: Sequence[Axis], option: str = "--vary") -> ScenarioError:
    """The error of some points, each fault named after the `--vary` that it comes from, as far as one is at fault."""
    return ScenarioError([_renamed(fault, axes, option) for fault in error.faults])


def _renamed(fault: Fault, axes: Sequence[Axis], option: str) -> Fault:
    for number, axis in enumerate(axes, 1):
        for path in axis.paths:
            if f"{path}.".startswith(f"{fault.path}.") or f"{fault.path}.".startswith(f"{path}."):
                return replace(fault, file=f"{option} number {number} ({fault.file.removeprefix('point ')})")
    return fault


class _UnreadableError(Exception):
    """Path, code and message of a fault."""


def _axis(text: str) -> Axis:
    """What one `--vary` varies."""
    from analysis.experiments.axes import Between, Listed

    parts = [_split(part) for part in TOGETHER.split(text)]
    if len(parts) == 1:
        path, values = parts[0]
        if (match := RANGE.fullmatch(values)) and values[0] not in (*OPENING, *QUOTES):
            low, high = _value(path, match["low"]), _value(path, match["high"])
            axis = Between(path, low, high, match["log"] is not None)
            if problem := axis.problem():
                raise _UnreadableError(path, "E0204", problem)
            return axis
    paths = tuple(path for path, _ in parts)
    lists = [_listed(path, values) for path, values in parts]
    if len({len(values) for values in lists}) > 1:
        counts = ", ".join(f"{len(values)} of {path}" for path, values in zip(paths, lists, strict=True))
        raise _UnreadableError(
            paths[0], "E0203", f"paths in lock step need equally many values, got {counts}"
        )
    return Listed(paths, tuple(zip(*lists, strict=True)))


def _split(text: str) -> tuple[str, str]:
    path, sign, values = text.partition("=")
    path = path.strip()
    if not sign or not PATH.fullmatch(path):
        raise _UnreadableError(
            "", "E0105", f"not path=values: {text!r}; such as topology.threshold=0.7,0.8,0.9"
        )
    if not values.strip():
        raise _UnreadableError(path, "E0203", "an empty list of values")
    return path, values.strip()


def _listed(path: str, text: str) -> list[Any]:
    """The values of a list, ranges with steps written out."""
    found: list[Any] = []
    for part in _parts(text):
        if not part:
            raise _UnreadableError(path, "E0208", f"a value is missing in {text!r}")
        match = STEPS.fullmatch(part)
        found += [_value(path, part)] if match is None else _steps(path, match)
    return found


def _parts(text: str) -> Iterator[str]:
    """The text between commas that are in no quotes and no brackets."""
    depth, quote, start = 0, "", 0
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in QUOTES and not text[start:place].strip():
            quote = letter
        elif letter in OPENING or letter in CLOSING:
            depth += 1 if letter in OPENING else -1
        elif letter == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def _steps(path: str, match: re.Match[str]) -> list[Any]:
    """The values from the first to the last, which is included where a step comes to it."""
    from sim.quantities import plain

    first, last, step = (Decimal(match[name] or 1) for name in ("first", "last", "step"))
    count = (last - first) / step + 1 if step else Decimal(0)
    if count < 1:
        raise _UnreadableError(path, "E0203", f"an empty list of values: {match[0]} never comes to its end")
    if count > MOST_STEPS:
        raise _UnreadableError(path, "E0413", f"{match[0]} is more than {MOST_STEPS:,} values")
    numbers = [first + k * step for k in range(int(count))]
    unit = match["each"] or match["unit"]
    return [plain(number) if unit is None else f"{number:f}{unit}" for number in numbers]


def _value(path: str, text: str) -> Any:
    """One value, typed as in a scenario file."""
    from sim.reader import read_text

    try:
        tree = read_text(f"value: {text}").tree
    except ScenarioError as error:
        fault = error.faults[0]
        raise _UnreadableError(path, fault.code, fault.message) from None
    if list(tree) != ["value"] or tree["value"] is None:
        raise _UnreadableError(path, "E0208", f"no value: {text!r}")
    return _plain(tree["value"])


def _plain(value: Any) -> Any:
    """The value without decimals, which JSON does not know."""
    from sim.quantities import plain

    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value

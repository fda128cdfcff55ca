"""The report of a break-even as text: from which value on which variant is better, and the points behind it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS, Estimate
from analysis.experiments.results import estimate_of
from analysis.figures.paths import short_names
from analysis.format import UNDEFINED, capital, duration, interval, significant
from analysis.report.breakeven_people import ranked, staffing, warned
from analysis.report.breakeven_written import written
from analysis.report.compare_cells import spread
from analysis.report.compare_words import WIDTH, wrapped
from analysis.report.words import difference_text, has_better
from sim.quantities import format_duration
from sim.uncertainty import DURATION

if TYPE_CHECKING:
    from analysis.experiments.crossover import Breakeven, PointPair
    from analysis.experiments.search.crossings import Crossing, Stretch

LONGEST_HEAD = 12
"""Letters of a word in a head; a longer one is broken."""
LEAST = 7
"""Letters of a number."""


def breakeven_report(found: Breakeven) -> str:
    """The whole report, at most 80 columns wide; it begins with the answer."""
    blocks = [_heading(found), answer(found), wrapped(staffing(found)), _table(found), _notes(found)]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def answer(found: Breakeven) -> list[str]:
    """From where on which variant is better, in sentences to act on."""
    if len(found.crossings) > 1:
        sentences = _changes(found)
    else:
        sentences = [_crossing(found, part) for part in found.crossings] or [_one_sided(found)]
    sentences += filter(None, [written(found)])
    return [line for sentence in sentences for line in wrapped(sentence)]


def place_text(at: float, unit: str, digits: int = 3, currency: str = "") -> str:
    """A place as a scenario file would have it, money after its currency: `0.93`, `9 min 05 s`, `EUR 34.5 / h`."""
    if unit == DURATION:
        return duration(at)
    return (f"{currency} " if currency else "") + significant(at, digits) + (f" / {unit}" if unit else "")


def point_text(found: Breakeven, at: float, digits: int = 3) -> str:
    """A value of the path with its unit."""
    return place_text(at, found.unit, digits, found.currency)


def _heading(found: Breakeven) -> list[str]:
    scenario = found.scenario
    measured = format_duration(scenario.horizon - scenario.warm_up)
    facts = [f"{len(found.points)} points on the same draws"]
    facts += [f"{found.replications} replications of {measured}", f"seed {found.seed}"]
    line = " · ".join([scenario.name, *facts])
    lines = [line] if len(line) <= WIDTH else [*wrapped(scenario.name, ""), " · ".join(facts)]
    pair = " against ".join(found.between)
    lines += wrapped(f"{pair}: {found.metric.label} along {found.vary}", "")
    return lines + [line for told in (ranked(found),) if told for line in wrapped(told, "")]


def _crossing(found: Breakeven, part: Crossing) -> str:
    before, after = found.better(part.sign_before), found.better(-part.sign_before)
    text = (
        f"{after} has {has_better(found.metric)} from {found.vary} = {_where(found, part)} on, "
        f"{before} below."
    )
    if part.low is None or part.high is None:
        side = [name for name, end in ((before, part.low), (after, part.high)) if end is None]
        text += f" Within the range {' and '.join(side)} is nowhere surely the better."
    return text


def _changes(found: Breakeven) -> list[str]:
    """What there is to say of more than one crossing: who is better in which stretch, and where that is not sure."""
    first, *others = found.stretches
    parts = [_below(found, first, f"{found.vary} = "), *(f"then {_below(found, part)}" for part in others)]
    sentences = [f"{capital(has_better(found.metric))} has {', '.join(parts)}."]
    for part in found.stretches:
        if not part.is_sure:
            one, other = found.better(part.sign), found.better(-part.sign)
            sentences.append(
                f"{_between(found, part)} {one} is nowhere surely the better: {other} may be, there too."
            )
    return sentences


def _below(found: Breakeven, part: Stretch, path: str = "") -> str:
    """Who is better in a stretch, and up to where."""
    name = found.better(part.sign)
    return name if part.end is None else f"{name} below {path}{_where(found, part.end)}"


def _between(found: Breakeven, part: Stretch) -> str:
    """Where a stretch is: `Between 1.91 and 2.09`."""
    start, end = (None if edge is None else crossing_text(found, edge.at) for edge in (part.start, part.end))
    if start is None:
        return f"Below {end}"
    return f"From {start} on" if end is None else f"Between {start} and {end}"


def _where(found: Breakeven, part: Crossing) -> str:
    """A crossing with its interval, `41.3 [38.0, 45.1]`; where the interval is open it goes beyond the points."""
    low = found.points[0].at if part.low is None else part.low
    high = found.points[-1].at if part.high is None else part.high
    at, unit = crossing_text(found, part.at), ""
    if found.is_whole:
        first, last = (f"{number:,.0f}" for number in (low, high))
    elif found.unit == DURATION:
        first, last = duration(low), duration(high)
    else:
        first, last = interval(low, high).strip("[]").split(", ")
        unit = f" / {found.unit}" if found.unit else ""
    return f"{at} [{'<' if part.low is None else ''}{first}, {'>' if part.high is None else ''}{last}]{unit}"


def crossing_text(found: Breakeven, at: float) -> str:
    """A crossing's place without the unit of a rate: `41.3`, `EUR 103`, `4`."""
    if found.unit == DURATION:
        return duration(at)
    text = f"{at:,.0f}" if found.is_whole else significant(at)
    return f"{found.currency} {text}" if found.currency else text


def _one_sided(found: Breakeven) -> str:
    """What there is to say when the better variant never changes."""
    least = found.least
    if least is None:
        return f"{capital(found.metric.label)} is undefined for one of them at every point."
    low, high = (point_text(found, found.points[end].at) for end in (0, -1))
    where = f"in the whole range of {found.vary} from {low} to {high}"
    if all(reading.value == 0.0 for reading in found.readings):
        return f"There is no difference in “{found.metric.label}” {where}."
    sign = next(1 if part.value > 0 else -1 for part in found.readings if part.value)
    gap = Estimate(abs(least.value), None, None, found.replications)
    amount = difference_text(found.metric, gap, found.scenario.currency)
    text = f"{found.better(sign)} has {has_better(found.metric)} {where}, by at least {amount}"
    text += f" (at {point_text(found, least.at)})."
    return text if found.is_sure_everywhere else f"{text} It is not sure at every point."


def _table(found: Breakeven) -> list[str]:
    """One row per point; names that are longer than their column go on in the next line."""
    rows = [_row(found, point) for point in found.points]
    path = short_names([found.vary])[0]
    place, *values = (min(max(map(len, name.split())), LONGEST_HEAD) for name in (path, *found.between))
    place, gap = (max(least, *(len(row[k]) for row in rows)) for k, least in ((0, place), (3, LEAST)))
    widths = [place + 3, *(max(value, LEAST) + 2 for value in values), gap + 2]
    widths.append(WIDTH - sum(widths))
    unit = found.metric.unit_in(found.scenario.currency)
    head = [path, *found.between, " minus ".join(found.between), "better"]
    lines = [
        *_lines(head, widths, at_bottom=True),
        *_lines([found.currency, unit, unit, "95 %, paired", ""], widths),
    ]
    return lines + [line for row in rows for line in _lines(row, widths)]


def _row(found: Breakeven, point: PointPair) -> list[str]:
    """A value, the metric of both, their difference, and which of them is better; `?` where that is not sure."""
    gap = found.difference(point)
    values = (estimate_of(found.metric, part.tallies).value for part in (point.one, point.other))
    better = UNDEFINED if not gap.value else found.better(1 if gap.value > 0 else -1)
    doubt = "" if gap.low is None or gap.high is None or gap.low > 0 or gap.high < 0 else " ?"
    place = place_text(point.at, found.unit, digits=4)
    return [place, *map(significant, values), spread(gap), better + doubt]


def _lines(cells: Sequence[str], widths: Sequence[int], *, at_bottom: bool = False) -> list[str]:
    """A row in as many lines as its longest cell needs: the first and the last to the left, the others to the right."""
    split = [_split(cell, width - 2) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, split))
    padded = [
        [""] * (height - len(part)) + part if at_bottom else part + [""] * (height - len(part))
        for part in split
    ]
    lines = []
    for first, *middle, last in zip(*padded, strict=True):
        text = "".join(f"{cell:>{width}}" for cell, width in zip(middle, widths[1:-1], strict=True))
        lines.append(f"  {first:<{widths[0] - 2}}{text}  {last}")
    return lines


def _split(text: str, width: int) -> list[str]:
    """The text in lines of a width; a word that is too long is broken where it has a `_`, or anywhere."""
    words = [word if len(word) <= width else word.replace("_", "_ ") for word in text.split(" ")]
    return [line.replace("_ ", "_") for line in textwrap.wrap(" ".join(words), width)]


def unseen(found: Breakeven) -> list[str]:
    """What the points cannot show."""
    sentences = []
    if len(found.readings) > 1 and len({reading.value for reading in found.readings}) == 1:
        sentences.append(f"nothing of it depends on {found.vary}")
    if not found.crossings and found.least is not None:
        sentences.append("looked at these values; a crossing between two of them may be missed (--points)")
    return sentences


def _notes(found: Breakeven) -> list[str]:
    notes = []
    doubtful = sum(
        reading.low is not None and reading.high is not None and reading.low <= 0 <= reading.high
        for reading in found.readings
    )
    if doubtful:
        notes.append("? = the interval of the difference holds 0.")
    if len(found.readings) < len(found.points):
        notes.append("- = undefined there; crossings are looked for between the other points.")
    if found.crossings:
        notes.append("In brackets: the values at which the paired 95 % interval of the difference holds 0.")
    if found.replications < FEWEST_FOR_CLAIMS:
        notes.append(f"Below {FEWEST_FOR_CLAIMS} replications the intervals support no claim.")
    notes += [f"{capital(sentence)}." for sentence in [*unseen(found), *warned(found)]]
    return [line for note in notes for line in wrapped(note)]

"""The report of a break-even as text: from which value on which variant is better, and the points behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS
from analysis.experiments.results import estimate_of
from analysis.format import UNDEFINED, duration, interval, significant
from analysis.report.compare_cells import laid_out, spread
from analysis.report.compare_words import WIDTH, called, wrapped
from sim.quantities import format_duration
from sim.uncertainty import DURATION

if TYPE_CHECKING:
    from analysis.experiments.crossover import Breakeven
    from analysis.experiments.search.crossings import Crossing

WIDTHS = (17, 12, 12, 25)
"""Widths of the columns; what is left of the line is the last one's."""


def breakeven_report(found: Breakeven) -> str:
    """The whole report, at most 80 columns wide; it begins with the answer."""
    blocks = [_heading(found), answer(found), _table(found), _notes(found)]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def answer(found: Breakeven) -> list[str]:
    """From where on which variant is better, in sentences to act on."""
    sentences = [_crossing(found, part) for part in found.crossings] or [_one_sided(found)]
    return [line for sentence in sentences for line in wrapped(sentence)]


def place_text(at: float, unit: str, digits: int = 3) -> str:
    """A place as a scenario file would have it: `41.3`, `9 min 05 s`, `12.5 / h`."""
    if unit == DURATION:
        return duration(at)
    return significant(at, digits) + (f" / {unit}" if unit else "")


def _heading(found: Breakeven) -> list[str]:
    scenario = found.scenario
    measured = format_duration(scenario.horizon - scenario.warm_up)
    facts = [f"{len(found.points)} points on the same draws"]
    facts += [f"{found.replications} replications of {measured}", f"seed {found.seed}"]
    line = " · ".join([scenario.name, *facts])
    lines = [line] if len(line) <= WIDTH else [*wrapped(scenario.name, ""), " · ".join(facts)]
    pair = " against ".join(found.between)
    return lines + wrapped(f"{pair}: {called(found.metric)} along {found.vary}", "")


def _crossing(found: Breakeven, part: Crossing) -> str:
    way = "higher" if found.metric.direction == "higher" else "lower"
    before, after = found.better(part.sign_before), found.better(-part.sign_before)
    text = (
        f"{after} has the {way} {called(found.metric)} from {found.vary} = {_where(found, part)} on, "
        f"{before} below."
    )
    if part.low is None or part.high is None:
        side = [name for name, end in ((before, part.low), (after, part.high)) if end is None]
        text += f" Within the range {' and '.join(side)} is nowhere surely the better."
    return text


def _where(found: Breakeven, part: Crossing) -> str:
    """A crossing with its interval, `41.3 [38.0, 45.1]`; where the interval is open it goes beyond the points."""
    low = found.points[0].at if part.low is None else part.low
    high = found.points[-1].at if part.high is None else part.high
    at, unit = place_text(part.at, "" if found.unit != DURATION else DURATION), ""
    if found.is_whole:
        at, first, last = (f"{number:,.0f}" for number in (part.at, low, high))
    elif found.unit == DURATION:
        first, last = duration(low), duration(high)
    else:
        first, last = interval(low, high).strip("[]").split(", ")
        unit = f" / {found.unit}" if found.unit else ""
    return f"{at} [{'<' if part.low is None else ''}{first}, {'>' if part.high is None else ''}{last}]{unit}"


def _one_sided(found: Breakeven) -> str:
    """What there is to say when the better variant never changes."""
    least = found.least
    if least is None:
        return f"{called(found.metric)} is undefined for one of them at every point."
    low, high = (place_text(found.points[end].at, found.unit) for end in (0, -1))
    where = f"in the whole range of {found.vary} from {low} to {high}"
    if all(reading.value == 0.0 for reading in found.readings):
        return f"There is no difference in {called(found.metric)} {where}."
    sign = next(1 if part.value > 0 else -1 for part in found.readings if part.value)
    way = "higher" if found.metric.direction == "higher" else "lower"
    unit = found.metric.unit_in(found.scenario.currency)
    amount = significant(abs(least.value))
    if found.metric.unit.startswith("currency"):
        amount = f"{unit} {amount}"
    elif unit not in ("", "share"):
        amount += f" {unit}"
    text = f"{found.better(sign)} has the {way} {called(found.metric)} {where}, by at least {amount}"
    text += f" (at {place_text(least.at, found.unit)})."
    return text if found.is_sure_everywhere else f"{text} It is not sure at every point."


def _table(found: Breakeven) -> list[str]:
    """One row per point."""
    unit = found.metric.unit_in(found.scenario.currency)
    names = [_cut(name, WIDTHS[1] - 1) for name in found.between]
    header = [
        [_cut(found.vary.split(".")[-1], WIDTHS[0] - 2), *names, "first less second", "  better"],
        ["", unit[:11], unit[:11], "95 %, paired", ""],
    ]
    rows = []
    for point in found.points:
        gap = found.difference(point)
        values = (estimate_of(found.metric, part.tallies).value for part in (point.one, point.other))
        better = UNDEFINED if not gap.value else found.better(1 if gap.value > 0 else -1)
        doubt = "" if gap.low is None or gap.high is None or gap.low > 0 or gap.high < 0 else " ?"
        room = WIDTH - 4 - sum(WIDTHS) - len(doubt)
        place = place_text(point.at, found.unit, digits=4)
        rows.append([place, *map(significant, values), spread(gap), f"  {_cut(better, room)}{doubt}"])
    return laid_out(header, rows, WIDTHS)


def _cut(name: str, room: int) -> str:
    return name if len(name) <= room else name[: room - 1] + "…"


def _notes(found: Breakeven) -> list[str]:
    notes = []
    doubtful = sum(
        reading.low is not None and reading.high is not None and reading.low <= 0 <= reading.high
        for reading in found.readings
    )
    if doubtful:
        notes.append("? = the interval of the difference holds 0.")
    if len(found.readings) > 1 and len({reading.value for reading in found.readings}) == 1:
        notes.append(f"Nothing of it depends on {found.vary}.")
    if len(found.readings) < len(found.points):
        notes.append("- = undefined there; crossings are looked for between the other points.")
    if not found.crossings and found.least is not None:
        notes.append("Looked at these values; a crossing between two of them may be missed (--points).")
    if found.crossings:
        notes.append("In brackets: the values at which the paired 95 % interval of the difference holds 0.")
    if found.replications < FEWEST_FOR_CLAIMS:
        notes.append(f"Below {FEWEST_FOR_CLAIMS} replications the intervals support no claim.")
    return [line for note in notes for line in wrapped(note)]

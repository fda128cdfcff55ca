"""The page of a break-even: from which value on which variant is better, and the points behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.experiments.results import estimate_of
from analysis.figures.paths import short_names
from analysis.format import UNDEFINED, capital
from analysis.page import cells, tables
from analysis.page.answers import turning_point
from analysis.page.basis import basis, reproduction
from analysis.page.facts import facts_of, titled
from analysis.page.model import Cell, Column, Listing, PageDocument, Row, Section, Table
from analysis.page.path_pictures import breakeven_picture
from analysis.page.sentences import joined
from analysis.page.warnings import NOTHING, warnings_of
from analysis.report.breakeven import answer, place_text, point_text, unseen
from analysis.report.breakeven_people import counted_idle, ranked, staffing, warned
from analysis.report.breakeven_written import nearest_to_own

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.experiments.crossover import Breakeven, PointPair
    from analysis.page.source import Source


def breakeven_page(source: Source, found: Breakeven) -> PageDocument:
    """The document of a break-even."""
    point = nearest_to_own(found)
    shown = dict(zip(found.between, (point.one, point.other), strict=True))
    at = f"at {short_names([found.vary])[0]} = {point_text(found, point.at)}"
    sections = (
        Section("decision", "Both along the way", (_points(found),)),
        Section("pictures", "The difference, and where it changes its sign", (breakeven_picture(found),)),
        Section("week", f"Queues and people over the week, {at}", (tables.queue_table(shown),)),
        Section("errors", f"Where errors are born and caught, {at}", (_errors(shown),)),
        basis({name: part.scenario for name, part in shown.items()}, found.between[0], source.made),
        Section("warnings", "Warnings", (Listing(_warned(source, found, shown) or (NOTHING,)),)),
        reproduction(source.made),
    )
    what = f"{' against '.join(found.between)}, {len(found.points)} points on the same draws"
    told, *reasons = [*turning_point(found), " ".join(joined(answer(found)))]
    return titled(
        "breakeven",
        found.scenario,
        tuple(filter(None, (*facts_of(found.scenario, source.made, what), ranked(found)))),
        told,
        [*reasons, staffing(found), _sentence(counted_idle(found))],
        sections,
    )


def _warned(source: Source, found: Breakeven, shown: Mapping[str, Replications]) -> tuple[str, ...]:
    """What to mind of both at the value that is shown closely, and of the points and the people along the path.

    Who is idle is among the reasons of the answer where that counts.
    """
    of_people = [] if counted_idle(found) else warned(found)
    return warnings_of(shown, source.made.partial, of_all=[*unseen(found), *of_people])


def _sentence(text: str) -> str:
    return f"{capital(text)}." if text else ""


def _errors(shown: Mapping[str, Replications]) -> Table:
    """What goes wrong in both at the value that is shown closely."""
    return tables.risk_table(shown) if tables.has_chains(shown) else tables.stage_table(shown)


def _points(found: Breakeven) -> Table:
    metric, currency = found.metric, found.scenario.currency
    unit = cells.unit_of(metric, currency)
    heads = (
        Column(short_names([found.vary])[0], found.currency), *(Column(name, unit) for name in found.between),
        Column(" minus ".join(found.between), cells.difference_unit(metric, currency)),
        Column("better", is_number=False),
    )  # fmt: skip
    rows = []
    for point in found.points:
        values = [cells.estimate(metric, estimate_of(metric, part.tallies)) for part in point.pair()]
        gap = found.difference(point)
        place = Cell(place_text(point.at, found.unit, digits=4), value=point.at)
        rows.append(Row((place, *values, cells.difference(metric, gap), Cell(_better(found, point)))))
    remark = f"Values of {found.vary}. In brackets 95 % intervals, that of the difference paired."
    return Table(cells.called(metric), heads, tuple(rows), remark)


def _better(found: Breakeven, point: PointPair) -> str:
    gap = found.difference(point)
    if not gap.value:
        return UNDEFINED
    name = found.better(1 if gap.value > 0 else -1)
    is_sure = gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0)
    return name if is_sure else f"{name}, not surely"

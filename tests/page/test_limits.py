"""What decides is on the page: limits, what really differs, and the conditions and the value of the file itself."""

from __future__ import annotations

from functools import cache

import pytest

from analysis import figures, frames
from analysis.experiments import Comparison
from analysis.experiments.breakeven import breakeven
from analysis.experiments.compare import compare
from analysis.experiments.conditions import parse_condition
from analysis.experiments.crossover import Breakeven
from analysis.experiments.solution import Solution
from analysis.experiments.solve import solve
from analysis.page import PageDocument, Source, page_of
from analysis.page.model import Figure, Listing, Table
from analysis.report.breakeven import answer
from analysis.report.breakeven_written import nearest_to_own, own_value
from analysis.report.compare_notes import compare_notes
from analysis.report.solve import solve_report
from tests.page.examples import document, made, scenario

DAMAGE = "tasks.mail.damage_if_wrong"


@cache
def limited() -> Comparison:
    """A choice that is limited by a share of errors."""
    rule = {"minimise": "cpst_with_damage", "subject_to": ["escape_share <= 1.5 %", "sla_share >= 0.5"]}
    return compare(scenario().overlaid({"decide": rule}), 2)


@cache
def staffed() -> Comparison:
    """Variants that differ by what staffing finds anyway."""
    more = {"variants": {"more clerks": {"workers": {"clerk": {"positions": 3}}}}}
    return compare(scenario().overlaid(more), 2, staff_to=["sla_share >= 0.5"])


@cache
def unheeded() -> Solution:
    """A search that was asked for less than the file's own rule."""
    rule = {"minimise": "cpst_with_damage", "subject_to": ["escape_share <= 0.1 %"]}
    strict = scenario().overlaid({"decide": rule})
    return solve(strict, {"workers.clerk.positions": [1, 2]}, ["sla_share >= 0.5"], replications=2)


@cache
def along(low: float, high: float) -> Breakeven:
    """Both along the damage of a wrong delivery, which is 20 in the file."""
    return breakeven(scenario(), ("guarded", "autonomous"), DAMAGE, low, high, points=3, replications=2)


def page(found: object, kind: str) -> PageDocument:
    return page_of(Source(found, made(kind)))  # type: ignore[arg-type]


def table(found: PageDocument, title: str) -> Table:
    blocks = [block for part in found.sections for block in part.blocks]
    return next(block for block in blocks if isinstance(block, Table) and block.title == title)


def warned(found: PageDocument) -> str:
    (part,) = (part for part in found.sections if part.key == "warnings")
    (listing,) = part.blocks
    assert isinstance(listing, Listing)
    return " ".join(listing.items)


def flat(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def test_a_limit_is_a_line_with_its_label_in_the_chart_of_its_metric_alone() -> None:
    assert frames.comparison(limited(), "escape_share").attrs["limits"] == [("<=", 0.015)]
    ax = figures.plot_comparison(limited(), "escape_share", size="report")
    assert "at most 1.5 %" in [text.get_text() for text in ax.texts]
    assert any(line.get_xdata() == pytest.approx([1.5, 1.5]) for line in ax.get_lines())
    ax = figures.plot_comparison(limited(), "cpst", size="report")
    assert not any(text.get_text().startswith("at ") for text in ax.texts)


def test_the_label_of_a_limit_stands_above_every_number_and_within_the_chart() -> None:
    ax = figures.plot_comparison(limited(), "escape_share", size="report")
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    (label,) = (text.get_window_extent() for text in ax.texts if text.get_text().startswith("at most"))
    others = [text.get_window_extent() for text in ax.texts if not text.get_text().startswith("at most")]
    assert all(other.y1 <= label.y0 for other in others)
    inside = ax.get_window_extent()
    assert inside.x0 <= label.x0 < label.x1 <= inside.x1
    assert label.y1 <= inside.y1


def test_times_are_limited_in_the_unit_of_their_axis() -> None:
    conditions = [parse_condition("cycle_time_p90 <= 7200")]
    ax = figures.plot_comparison(limited(), "cycle_time_p90", size="report", conditions=conditions)
    unit = ax.get_xlabel().rpartition("(")[2].rstrip(")")
    expected = {"min": "at most 120 min", "h": "at most 2 h", "s": "at most 7,200 s"}[unit]
    assert expected in [text.get_text() for text in ax.texts]


def test_what_the_rule_limits_is_drawn_and_stands_in_the_first_table() -> None:
    found = page(limited(), "compare")
    heads = [column.label for column in table(found, "Variants").columns]
    assert "Wrong deliveries of all tasks" in heads
    assert "Wrong deliveries" not in heads
    drawn = [block for part in found.sections for block in part.blocks if isinstance(block, Figure)]
    (told,) = (block.description for block in drawn if block.title.startswith("Wrong deliveries"))
    assert "Asked for: at most 1.5 % wrong deliveries of all tasks." in told
    assert any(block.title.startswith("Within SLA") for block in drawn)


def test_a_head_of_differences_does_not_read_as_a_saving() -> None:
    found = page(limited(), "compare")
    assert "difference to as written" in [column.label for column in table(found, "Variants").columns]
    titles = [block.title for part in found.sections for block in part.blocks if isinstance(block, Table)]
    assert not any(" less " in title for title in titles)


def test_who_does_not_work_in_a_variant_is_no_difference_and_what_is_not_set_is_a_dash() -> None:
    more = {"workers": {"clerk": {"positions": 5}}}
    alone = {"topology": {"kind": "autonomous"}, **more}
    base = scenario().overlaid(
        {"variants": {"alone": alone, "guarded": {"topology": {"kind": "guardian"}, **more}}}
    )
    rows = table(page(compare(base, 1), "compare"), "By what the variants differ").rows
    told = [[cell.text for cell in row.cells] for row in rows]
    assert [name for name, *_ in told].count("alone") == 1
    assert ["guarded", "workers.clerk.positions", "5", "2"] in told
    assert not any("none" in (value, usual) for _, _, value, usual in told)


def test_variants_that_staffing_makes_the_same_are_named_once() -> None:
    told = "as written and more clerks are the same once each is staffed for itself"
    assert flat(compare_notes(staffed())).count(told) == 1
    assert warned(page(staffed(), "compare")).count(told) == 1
    assert "are the same" not in flat(compare_notes(limited()))


def test_a_search_says_which_topology_it_staffs_and_what_the_file_also_asks_for() -> None:
    found = page(unheeded(), "solve")
    assert found.facts[0] == "escalation"
    kept = "at most 0.1 % wrong deliveries of all tasks"
    told = f"The file's decide also asks for {kept}: the answer does not keep to it ("
    assert told in warned(found)
    assert told in flat(solve_report(unheeded()).split("\n"))


def test_a_search_for_what_the_file_asks_for_needs_no_such_warning() -> None:
    assert "also asks" not in warned(document("solve"))


def test_a_break_even_shows_the_point_next_to_the_files_own_value_and_names_it() -> None:
    found = along(1, 101)
    assert own_value(found) == 20
    near = nearest_to_own(found)
    assert abs(near.at - 20) == min(abs(point.at - 20) for point in found.points)
    assert flat(answer(found)).endswith("The scenario has USD 20.")
    headings = [part.title for part in page(found, "breakeven").sections]
    assert any("at damage_if_wrong = USD" in heading for heading in headings)


def test_where_the_files_own_value_is_out_of_the_range_the_crossing_is_shown() -> None:
    found = along(30, 90)
    assert flat(answer(found)).endswith("The scenario has USD 20, outside the range.")
    wanted = found.crossings[0].at if found.crossings else found.points[len(found.points) // 2].at
    assert abs(nearest_to_own(found).at - wanted) == min(abs(point.at - wanted) for point in found.points)


def test_people_who_are_idle_are_a_reason_where_their_hours_decide() -> None:
    many = scenario().with_values({"workers.clerk.positions": 40})
    found = breakeven(many, ("guarded", "autonomous"), DAMAGE, 1, 101, points=2, replications=2)
    told = page(found, "breakeven")
    assert "People are idle most of the time" in " ".join(told.reasons)
    assert "are idle" not in warned(told)

"""What pages of single kinds say and draw: the metric that decides, no effect, values of several parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.estimates import Estimate
from analysis.experiments import Comparison, Replications
from analysis.experiments.breakeven import breakeven
from analysis.experiments.compare import compare
from analysis.experiments.crossover import Breakeven
from analysis.experiments.replicate import replicate
from analysis.experiments.sensitivity import sensitivity
from analysis.experiments.sweep import sweep
from analysis.format import capital
from analysis.metrics import metric_of
from analysis.page import PageDocument, Source, cells, page_of
from analysis.page.model import Figure, Listing, Paragraph, Table
from analysis.report.breakeven_people import staffing, warned
from analysis.report.sensitivity import sensitivity_report
from analysis.report.sweep import sweep_report
from sim import Scenario
from tests.page.examples import document, made, scenario

LOADED = "loaded cost per success with damage"
RANKED = "ranked on loaded cost per success with damage: staffing differs, so idle hours count"


def pictures(page: PageDocument) -> list[str]:
    """What each picture says in words."""
    return [block.description for part in page.sections for block in part.blocks if isinstance(block, Figure)]


def first_table(page: PageDocument) -> Table:
    return next(block for part in page.sections for block in part.blocks if isinstance(block, Table))


def tables_in(page: PageDocument, key: str) -> list[Table]:
    """The tables of a section; none without the section."""
    return [
        block
        for part in page.sections
        if part.key == key
        for block in part.blocks
        if isinstance(block, Table)
    ]


def test_a_sweep_over_people_draws_the_cost_that_it_ranks_on() -> None:
    one = sweep(scenario(), {"workers.clerk.positions": [1, 2]}, 2)
    two = sweep(scenario(), {"workers.clerk.positions": [1, 2], "topology.threshold": [0.6, 0.9]}, 2)
    for found in (one, two):
        page = page_of(Source(found, made("sweep")))
        assert RANKED in page.facts
        assert LOADED in pictures(page)[0]


def test_a_comparison_of_different_teams_draws_the_cost_that_it_ranks_on() -> None:
    found = compare({"one": scenario().with_values({"workers.clerk.positions": 1}), "two": scenario()}, 2)
    page = page_of(Source(found, made("compare")))
    assert RANKED in page.facts
    assert any(text.startswith(LOADED) for text in pictures(page))


def test_one_team_is_ranked_on_what_was_asked_for() -> None:
    assert not any(fact.startswith("ranked on") for fact in document("sweep").facts)


def test_a_value_of_several_parts_is_shown_by_its_parts() -> None:
    found = sensitivity(scenario(), {"workers.clerk.success": (0.5, 0.9)}, "cpst_with_damage", replications=2)
    assert "workers.clerk.success: " in sensitivity_report(found)
    page = page_of(Source(found, made("sensitivity")))
    assert page.facts[0] == "1 parameter"
    (row,) = first_table(page).rows
    assert row.cells[2].text == "mean 0.98, spread 0"


def test_what_does_nothing_at_all_is_not_called_noise() -> None:
    found = sensitivity(scenario(), {"workers.clerk.review.catch_rate": (0.5, 0.9)}, "cpst", replications=2)
    (row,) = first_table(page_of(Source(found, made("sensitivity")))).rows
    assert row.cells[-1].text == "none"


def test_a_sensitivity_says_what_it_set_aside_and_what_it_ranked_on() -> None:
    page = page_of(Source(sensitivity(scenario(), replications=3, closely=2), made("sensitivity")))
    aside = page.facts[0].removeprefix("2 parameters, ").removesuffix(" more set aside")
    (ranked,) = page.reasons
    assert ranked.startswith("Ranked on loaded cost per success with damage: staffing differs")
    (told,) = (block.text for block in page.sections[0].blocks if isinstance(block, Paragraph))
    assert told.startswith("Set aside after 2 replications")
    assert told.count(", ") == int(aside) > 2
    assert f"95 % for all {int(aside) + 2} parameters, those set aside too" in first_table(page).remark
    assert any(" Set aside: " in text for text in pictures(page))


def test_amounts_of_money_have_their_currency() -> None:
    found = sweep(scenario(), {"tasks.mail.damage_if_wrong": [10, 20]}, 2)
    page = page_of(Source(found, made("sweep")))
    assert first_table(page).columns[0].whole == "damage_if_wrong (USD)"
    assert "damage if wrong USD 10" in page.answer
    lines = sweep_report(found).splitlines()
    head = next(place for place, line in enumerate(lines) if line.startswith("  damage_if_wrong "))
    assert lines[head + 1].split()[0] == "USD"
    moved = sensitivity(scenario(), ["workers.clerk.wage"], "cpst", replications=2)
    row = first_table(page_of(Source(moved, made("sensitivity")))).rows[0]
    assert [cell.text for cell in row.cells[1:4]] == ["USD 27.2 / h", "USD 34 / h", "USD 40.8 / h"]
    assert "goes from USD 27.2 / h to USD 40.8 / h" in " ".join(sensitivity_report(moved).split())


def test_points_of_a_sweep_are_called_by_their_values_and_the_path_once() -> None:
    vary = {"workers.clerk.positions": [1, 2], "topology.threshold": [0.6, 0.9]}
    page = page_of(Source(sweep(scenario(), vary, 2), made("sweep")))
    (errors,) = tables_in(page, "errors")
    assert errors.columns[0].label == "positions · threshold"
    assert [row.cells[0].text for row in errors.rows] == ["1 · 0.6", "1 · 0.9", "2 · 0.6", "2 · 0.9"]
    assert first_table(page).remark.startswith("Values of workers.clerk.positions and topology.threshold.")
    assert all(text.count("workers.clerk.positions") <= 1 for text in pictures(page))
    frontier = next(text for text in pictures(page) if "wrong or failed at the end (%)" in text)
    assert "1 · 0.6 " in frontier
    assert "=" not in frontier


def test_a_picture_of_points_says_what_its_values_are_values_of() -> None:
    drawn = [block.svg("report") for part in document("sweep").sections for block in part.blocks
             if isinstance(block, Figure)]  # fmt: skip
    assert sum("points by threshold" in svg for svg in drawn) == 2
    assert all(svg.count("topology.threshold") <= 1 for svg in drawn)


def test_a_break_even_is_drawn_and_told_in_words() -> None:
    page = document("breakeven")
    (told,) = pictures(page)
    assert told.startswith(
        "cost per success with damage (USD), as written minus guarded along topology.threshold, "
    )
    assert "with paired 95 % intervals: at 0.6000 " in told
    assert page.answer in told
    assert first_table(page).columns[0].label == "threshold"
    assert first_table(page).remark.startswith("Values of topology.threshold.")


def test_a_difference_names_what_is_taken_from_what() -> None:
    assert first_table(document("breakeven")).columns[3].label == "as written minus guarded"


@pytest.mark.parametrize(("value", "text"), [(-1.9e-8, "0"), (1.9e-8, "0"), (0.001, "+0.00100")])
def test_a_difference_that_is_nothing_beside_its_interval_is_shown_as_0(value: float, text: str) -> None:
    found = Estimate(value, -0.138, 0.138, 30)
    cell = cells.difference(metric_of("cpst"), found)
    assert (cell.text, cell.value) == (text, value)
    assert cells.difference(metric_of("cpst"), replace(found, low=None, high=None)).text != "0"


IDLE = "People are idle most of the time (clerk "
ADVICE = "--staff-to 'sla_share>=0.5' first finds the least people of each variant."


def warnings_on(page: PageDocument) -> tuple[str, ...]:
    (told,) = (block.items for part in page.sections if part.key == "warnings" for block in part.blocks
               if isinstance(block, Listing))  # fmt: skip
    return told


def with_many_clerks() -> Scenario:
    return scenario().with_values({"workers.clerk.positions": 12, "horizon": "6 h"})


def test_pages_name_idle_people_as_the_terminal_does() -> None:
    of = with_many_clerks()
    pair, path = ("as written", "guarded"), "topology.threshold"
    results: dict[str, tuple[Replications | Comparison | Breakeven, str]] = {
        "run": (replicate(of, 2), "finds the fewest."),
        "compare": (compare(of, 2), f": workforce compare FILE {ADVICE}"),
        "breakeven": (
            breakeven(of, pair, path, 0.6, 0.9, points=2, replications=2, tolerance=0.5),
            f": workforce breakeven FILE {ADVICE}",
        ),
    }
    for kind, (found, advice) in results.items():
        (told,) = (text for text in warnings_on(page_of(Source(found, made(kind)))) if advice in text)
        assert told.startswith("Clerk is " if kind == "run" else IDLE)


def test_the_page_of_a_staffed_break_even_says_who_was_given_how_many_and_why_idle_hours_count() -> None:
    found = breakeven(
        with_many_clerks(), ("as written", "guarded"), "tasks.mail.arrivals.rate", "20 / h", "90 / h", points=2,
        replications=2, tolerance=0.5, staff_to=["sla_share >= 0.9"],
    )  # fmt: skip
    page = page_of(Source(found, made("breakeven")))
    assert page.facts[-1] == RANKED.replace("staffing differs", "each is staffed for itself")
    assert page.reasons[-1] == staffing(found)
    assert {f"{capital(told)}." for told in warned(found)} <= set(warnings_on(page))
    assert "Looked at these values; a crossing between two of them may be missed (--points)." in warnings_on(
        page
    )
    assert not any(text.startswith(IDLE) for text in warnings_on(page))
    assert any(
        " values as written does not keep to at least 90 % within SLA." in text for text in warnings_on(page)
    )

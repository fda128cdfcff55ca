"""What pages of single kinds say and draw: the metric that decides, no effect, values of several parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.estimates import Estimate
from analysis.experiments.compare import compare
from analysis.experiments.sensitivity import sensitivity
from analysis.experiments.sweep import sweep
from analysis.metrics import metric_of
from analysis.page import PageDocument, Source, cells, page_of
from analysis.page.model import Figure, Table
from analysis.report.sensitivity import sensitivity_report
from tests.page.examples import document, made, scenario

LOADED = "loaded cost per success with damage"
RANKED = "ranked on loaded CPST with damage: staffing differs, so idle hours count"


def pictures(page: PageDocument) -> list[str]:
    """What each picture says in words."""
    return [block.description for part in page.sections for block in part.blocks if isinstance(block, Figure)]


def first_table(page: PageDocument) -> Table:
    return next(block for part in page.sections for block in part.blocks if isinstance(block, Table))


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


def test_a_difference_names_what_is_taken_from_what() -> None:
    assert first_table(document("breakeven")).columns[3].label == "as written less guarded"


@pytest.mark.parametrize(("value", "text"), [(-1.9e-8, "0"), (1.9e-8, "0"), (0.001, "+0.00100")])
def test_a_difference_that_is_nothing_beside_its_interval_is_shown_as_0(value: float, text: str) -> None:
    found = Estimate(value, -0.138, 0.138, 30)
    cell = cells.difference(metric_of("cpst"), found)
    assert (cell.text, cell.value) == (text, value)
    assert cells.difference(metric_of("cpst"), replace(found, low=None, high=None)).text != "0"

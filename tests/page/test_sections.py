"""What stands in the sections of pages: cascade risk only where there is a chain, certainty in one place."""

from __future__ import annotations

import pytest

from analysis.estimates import Estimate
from analysis.experiments.compare import compare
from analysis.experiments.replicate import replicate
from analysis.metrics import metric_of
from analysis.page import Source, cells, page_of
from analysis.page.model import Figure, Listing
from sim import Scenario
from tests.page.examples import document, made, scenario
from tests.page.test_kinds import first_table, pictures, tables_in


def chained() -> Scenario:
    """The same mail, sorted in two stages."""
    return scenario().with_values({"tasks.mail.stages": {"open": {}, "sort": {}}})


def test_cascade_failure_risk_is_shown_where_work_goes_on_from_stage_to_stage_and_nowhere_else() -> None:
    for of, is_shown in ((scenario(), False), (chained(), True)):
        run, pair = (
            page_of(Source(replicate(of, 2), made())),
            page_of(Source(compare(of, 2), made("compare"))),
        )
        for page in (run, pair):
            titles = [table.title for table in tables_in(page, "errors")]
            assert ("Cascade failure risk" in titles) == is_shown
            assert any(title.startswith("What became of errors") for title in titles)
        heads = [column.label for column in first_table(pair).columns]
        assert ("Wrong or failed at the end" in heads) == is_shown
        assert (
            any("expected from each stage" in text or "analytic" in text for text in pictures(pair))
            == is_shown
        )


def test_what_comes_in_and_is_mended_has_a_column_only_between_stages() -> None:
    (plain,) = tables_in(document("run"), "errors")[:1]
    assert [column.label for column in plain.columns] == [
        "stage",
        "passes",
        "own risk",
        "born",
        "caught",
        "escaped",
    ]
    (pair,) = tables_in(document("compare"), "errors")
    assert [column.label for column in pair.columns][:2] == ["variant", "passes"]
    two = page_of(Source(replicate(chained(), 2), made()))
    told = next(table for table in tables_in(two, "errors") if table.title == "What became of errors")
    assert "came in" in [column.label for column in told.columns]


def test_what_is_said_of_certainty_stands_in_one_place() -> None:
    page = document("compare")
    keys = [part.key for part in page.sections]
    assert keys.index("sure") == keys.index("errors") + 1
    (block,) = next(part.blocks for part in page.sections if part.key == "sure")
    assert isinstance(block, Listing)
    told = block.items
    assert told[0].startswith("3 replications of every variant")
    assert any(text.startswith("Pairing narrowed the interval") for text in told)
    assert any("no range is given" in text for text in told)
    assert not any("Pairing" in table.remark for table in tables_in(page, "decision"))


def test_a_search_draws_its_answer_as_chosen_and_nothing_as_a_baseline() -> None:
    drawn = [block.svg("report") for part in document("solve").sections if part.key == "pictures"
             for block in part.blocks if isinstance(block, Figure)]  # fmt: skip
    assert any("· chosen" in svg for svg in drawn)
    assert not any("baseline" in svg for svg in drawn)


def test_a_run_says_its_intervals_after_its_answer() -> None:
    page = document("run")
    assert "[" not in page.answer
    month, sure = page.reasons
    assert month.startswith("Spent in a month, paid hours included: USD ")
    assert sure.startswith("With 95 % intervals: cost per success USD ")


def test_waits_over_closed_hours_are_said_to_count_them() -> None:
    shifts = {
        "calendars": {"office": {"days": "Mon-Sun", "hours": "08:00-10:00"}},
        "workers.clerk.calendar": "office",
    }
    for of, is_said in ((scenario(), False), (scenario().with_values(shifts), True)):
        (table,) = tables_in(page_of(Source(replicate(of, 2), made())), "week")
        assert ("Waits count closed hours, too." in table.remark) == is_said


def test_of_several_variants_agents_without_a_queue_are_left_out_and_people_never() -> None:
    table = tables_in(document("compare"), "week")[1]
    assert {(row.cells[0].text, row.cells[1].text) for row in table.rows} >= {
        ("as written", "clerk"),
        ("guarded", "clerk"),
    }
    left_out = 4 - len(table.rows)
    assert ("left out" in table.remark) == bool(left_out)


@pytest.mark.parametrize(("value", "text"), [(0.4, "+400 ms"), (0.0001, "0 s"), (-60.0, "-1 min")])
def test_a_difference_of_time_that_is_shown_as_nothing_has_no_sign(value: float, text: str) -> None:
    assert cells.difference(metric_of("cycle_time_mean"), Estimate(value, value, value, 30)).text == text

"""The page of a sweep: the columns of its points, what is marked, and what may be chance."""

from __future__ import annotations

from analysis.experiments.sweep import sweep
from analysis.experiments.sweep_rows import close_points, dominated_points, left_over
from analysis.frames import frontier
from analysis.page import PageDocument, Source, cells, page_of
from analysis.page.model import Listing, Table
from analysis.report.sweep import sweep_report, usual_columns
from tests.page.examples import made, scenario


def decision_tables(page: PageDocument) -> list[Table]:
    """The points, and their differences."""
    return [block for block in page.sections[0].blocks if isinstance(block, Table)]


def test_the_points_have_the_columns_of_the_terminal_and_the_chosen_row_is_marked() -> None:
    found = sweep(
        scenario(), {"topology.threshold": [0.3, 0.6, 0.9]}, 10, "cpst_with_damage",
        ["sla_share >= 0.01", "escape_share <= 0.9"],
    )  # fmt: skip
    points, _ = decision_tables(page_of(Source(found, made("sweep"))))
    assert [column.label for column in points.columns[1:-1]] == [
        cells.called(metric) for metric in usual_columns(found)
    ]
    assert [column.whole for column in points.columns[2:4]] == [
        "Within SLA (%)",
        "Wrong deliveries of all tasks (%)",
    ]
    rows = dict(zip(found.points, points.rows, strict=True))
    assert [name for name, row in rows.items() if row.mark == "chosen"] == [found.comparison.decision.winner]
    near = [name for name, row in rows.items() if "~ within the noise of the best" in row.cells[-1].text]
    assert near == list(close_points(found))
    assert ("~ Within the noise" in points.remark) == bool(near)


def test_differences_that_may_be_chance_are_marked() -> None:
    found = sweep(scenario(), {"topology.threshold": [0.6, 0.61, 0.9]}, 10)
    _, differences = decision_tables(page_of(Source(found, made("sweep"))))
    marks = {
        cell.beside.endswith("] ~"): cell.low < 0 < cell.high
        for row in differences.rows
        for cell in row.cells
        if cell.low is not None and cell.high is not None
    }
    assert marks == {True: True, False: False}
    assert differences.remark.endswith("~ The interval holds 0.")


def test_without_a_rule_the_least_is_named_and_nothing_is_chosen() -> None:
    plain = scenario().overlaid({"decide": None})
    points, _ = decision_tables(
        page_of(Source(sweep(plain, {"topology.threshold": [0.3, 0.9]}, 2), made("sweep")))
    )
    said = [row.cells[-1].text for row in points.rows]
    assert sum(text.startswith("the least") for text in said) == 1
    assert not any("fails" in text or "probability" in text for text in said)
    assert "chosen" not in [row.mark for row in points.rows]


def test_points_where_work_is_left_over_are_named_in_the_answer_the_notes_and_the_warnings() -> None:
    busy = scenario().with_values({"topology.threshold": 0.999, "drain_limit": "2 h"})
    swept = sweep(busy, {"workers.clerk.positions": [1, 30]}, 2, subject_to=["sla_share >= 0.9"])
    assert left_over(swept) == tuple(name for name, point in swept.points.items() if 1 in point.values())
    told = "At 1 work was left over at the end: what it would still cost is in no number, so costs there are too low."
    assert told in " ".join(sweep_report(swept).split())
    page = page_of(Source(swept, made("sweep")))
    (warnings,) = (part.blocks[0] for part in page.sections if part.key == "warnings")
    assert isinstance(warnings, Listing)
    assert told in warnings.items
    assert "left over" not in sweep_report(sweep(busy, {"workers.clerk.positions": [30, 40]}, 2))


def test_the_table_and_the_picture_of_a_sweep_call_the_same_points_dominated() -> None:
    for path, values, number in (
        ("topology.threshold", [0.3, 0.6, 0.9, 0.99], None),
        ("workers.clerk.success", [0.6, 0.99], 1),
    ):
        swept = sweep(scenario(), {path: values}, 3)
        drawn = frontier(swept.comparison)
        assert dominated_points(swept) == tuple(drawn["variant"][drawn["dominated"]])
        assert number is None or len(dominated_points(swept)) == number

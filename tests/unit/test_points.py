"""Points: lists, grids, lock step and ranges become values of a scenario, and mistakes are found before any run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from analysis.experiments.axes import Axis, Between, Listed, axes_of, quantity_of
from analysis.experiments.points import (
    MOST_POINTS,
    designed,
    distinct,
    named,
    scenario_at,
    scenarios_at,
    unit_points,
    value_at,
)
from sim import ScenarioError

BASE = sim.load(Path(__file__).parents[2] / "scenarios" / "invoice_reconciliation.yaml")
THRESHOLDS = Listed(("topology.threshold",), ((0.7,), (0.8,), (0.9,)))
CLERKS = Listed(("workers.clerk.positions",), ((4,), (6,)))


def test_lists_make_every_combination_the_last_one_turning_fastest() -> None:
    found = designed(BASE, [THRESHOLDS, CLERKS])
    assert [tuple(point.values()) for point in found] == [
        (0.7, 4), (0.7, 6), (0.8, 4), (0.8, 6), (0.9, 4), (0.9, 6),
    ]  # fmt: skip
    assert named(found[0]) == "topology.threshold=0.7, workers.clerk.positions=4"


def test_zip_takes_the_values_of_all_lists_side_by_side() -> None:
    three = Listed(CLERKS.paths, ((4,), (6,), (8,)))
    found = designed(BASE, [THRESHOLDS, three], "zip")
    assert [tuple(point.values()) for point in found] == [(0.7, 4), (0.8, 6), (0.9, 8)]


def test_paths_in_lock_step_are_one_axis() -> None:
    together = ("workers.extractor.model", "workers.extractor.success.mean")
    axes = list(axes_of({together: [("claude-haiku-4-5", 0.9), ("claude-sonnet-4-5", 0.95)]}))
    found = designed(BASE, [*axes, CLERKS])
    assert len(found) == 4
    assert found[2] == dict(
        zip((*together, "workers.clerk.positions"), ("claude-sonnet-4-5", 0.95, 4), strict=True)
    )


@pytest.mark.parametrize("design", ["random", "sobol"])
def test_a_drawn_point_lies_in_its_ranges_and_the_seed_decides_which(design: str) -> None:
    axes: list[Axis] = [
        Between("topology.threshold", 0.5, 0.9),
        Between("workers.clerk.wage", "30 / h", "40 / h"),
        CLERKS,
    ]
    found = designed(BASE, axes, design, 20, seed=3)  # type: ignore[arg-type]
    assert found == designed(BASE, axes, design, 20, seed=3)  # type: ignore[arg-type]
    assert found != designed(BASE, axes, design, 20, seed=4)  # type: ignore[arg-type]
    assert len(found) == 20
    assert all(0.5 <= point["topology.threshold"] <= 0.9 for point in found)
    wages = [float(point["workers.clerk.wage"].removesuffix(" / h")) for point in found]
    assert 30 <= min(wages) < 33 < 37 < max(wages) <= 40
    assert {point["workers.clerk.positions"] for point in found} == {4, 6}
    assert len(scenarios_at(BASE, found)) == 20


def test_whole_numbers_stay_whole_and_both_ends_are_reached() -> None:
    found = designed(BASE, [Between("workers.clerk.positions", 3, 6)], "sobol", 64)
    values = [point["workers.clerk.positions"] for point in found]
    assert sorted(set(values)) == [3, 4, 5, 6]
    assert all(isinstance(value, int) for value in values)
    counts = [values.count(value) for value in (3, 4, 5, 6)]
    assert max(counts) - min(counts) <= 1


def test_a_share_between_0_and_1_is_no_whole_number() -> None:
    found = designed(BASE, [Between("topology.threshold", 0, 1)], "random", 10)
    assert len({point["topology.threshold"] for point in found}) == 10


def test_a_range_by_ratios_has_as_many_points_in_each_decade() -> None:
    found = designed(BASE, [Between("workers.extractor.tool_cost", 0.01, 1.0, is_log=True)], "sobol", 64)
    below = sum(point["workers.extractor.tool_cost"] < 0.1 for point in found)
    assert below == 32


def test_a_range_of_durations_is_written_as_durations() -> None:
    found = designed(BASE, [Between("workers.clerk.review_time", "30 s", "5 min")], count=8)
    scenarios = scenarios_at(BASE, found)
    means = [scenario.workers["clerk"].review_time.mean_value() / 1e6 for scenario in scenarios]  # type: ignore[union-attr]
    assert 30 <= min(means) < 100 < 200 < max(means) <= 300


def test_sobol_points_spread_more_evenly_than_random_ones() -> None:
    def emptiest(design: str) -> int:
        points = unit_points(design, 2, 64, 1)  # type: ignore[arg-type]
        cells = np.floor(points * 4).astype(int)
        return int(np.bincount(cells[:, 0] * 4 + cells[:, 1], minlength=16).min())

    assert emptiest("sobol") == 4
    assert emptiest("random") < 4


def test_a_point_that_comes_twice_is_kept_once_in_its_first_place() -> None:
    assert distinct([{"a": 1}, {"a": 2}, {"a": 1}]) == [{"a": 1}, {"a": 2}]


def test_points_of_equal_values_come_once_however_they_are_written() -> None:
    nested = {"a": [1, {"b": 2}]}
    assert distinct([nested, {"a": [1.0, {"b": 2.0}]}, {"a": [1, {"b": 3}]}]) == [
        nested,
        {"a": [1, {"b": 3}]},
    ]
    assert distinct([{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 2, "b": 1}]) == [
        {"a": 1, "b": 2},
        {"a": 2, "b": 1},
    ]


@pytest.mark.parametrize(
    ("axes", "design", "count", "message"),
    [
        ([], None, None, "nothing is varied"),
        ([CLERKS, CLERKS], None, None, "workers.clerk.positions is varied twice"),
        ([Listed(("a",), ())], None, None, "a: an empty list of values"),
        ([Listed(("a", "b"), ((1,),))], None, None, "a & b: every path needs its value"),
        ([THRESHOLDS, CLERKS], "zip", None, "lists of one length, got 3, 2"),
        ([THRESHOLDS, CLERKS], "grid", 5, "a number of points"),
        ([Between("a", 1, 2)], "grid", None, "a range goes with the designs random and sobol"),
        ([Between("a", 2, 1)], None, None, "from a smaller number to a larger"),
        ([Between("a", 0, 1, True)], None, None, "starts above 0"),
        ([Between("a", "1 s", 2)], None, None, "two numbers of one unit"),
        ([Between("a", "x", "y")], None, None, "two numbers of one unit"),
        (
            [Listed(("a",), ((1,),) * 101), Listed(("b",), ((1,),) * 100)],
            None,
            None,
            "a grid of 10,100 points",
        ),
        ([Between("a", 1, 2)], "random", MOST_POINTS + 1, "a number of points"),
    ],
)
def test_axes_that_make_no_design_are_refused(
    axes: list[Axis], design: str | None, count: int | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        designed(BASE, axes, design, count)  # type: ignore[arg-type]


def test_all_mistakes_of_all_points_are_told_at_once_each_once() -> None:
    points = [
        {"topology.treshold": 0.8},
        {"topology.threshold": 1.5},
        {"topology.threshold": 1.5, "workers.clerk.positions": 2},
        {"workers.clerk.positions": 3},
    ]
    with pytest.raises(ScenarioError) as caught:
        scenarios_at(BASE, points)
    texts = [str(fault) for fault in caught.value.faults]
    assert len(texts) == 2
    assert texts[0].startswith(
        "point topology.threshold=1.5: E0211 topology.threshold: a share is between 0 and 1"
    )
    assert texts[1].startswith("point topology.treshold=0.8: E0107 topology.treshold: unknown key")
    assert texts[1].endswith("did you mean threshold?")


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ({"workers.clerk.positions": "two"}, "E0201"),
        ({"workers.clerk": 3}, "E0201"),
        ({"topology.human": "clark"}, "E0305"),
        ({"variant": "guard"}, "E0209"),
        ({"nothing.here": 1}, "E0107"),
        ({"seed": 3}, "E0298"),
        ({"variants.guardian.topology.kind": "copilot"}, "E0298"),
    ],
)
def test_a_path_or_a_type_that_does_not_fit_has_its_code(point: dict[str, object], code: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario_at(BASE, point)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_a_variant_is_a_value_like_others() -> None:
    found = scenario_at(BASE, {"variant": "guardian", "workers.clerk.positions": 5})
    assert found.topology.kind == "guardian"
    assert found.workers["clerk"].positions == 5
    assert scenario_at(BASE, {"variant": "as written"}) is BASE


def test_a_value_changes_nothing_beside_it() -> None:
    found = scenario_at(BASE, {"workers.extractor.success.mean": 0.95})
    assert found.tree()["workers"]["extractor"]["success"] == {"mean": 0.95, "spread": 1.0}


def test_a_value_is_looked_up_by_its_path() -> None:
    assert value_at(BASE.tree(), "topology.threshold") == 0.85
    assert value_at(BASE.tree(), "topology.nothing") is None
    assert value_at(BASE.tree(), "seed.nothing") is None
    assert quantity_of("guardian") is None
    assert quantity_of(True) is None
    assert quantity_of("34 / h") == 34

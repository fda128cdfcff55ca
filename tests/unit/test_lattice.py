"""Searches on a lattice and the flags of dominated points, against what trying everything finds."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.experiments.frontier import dominated
from analysis.experiments.search.lattice import SMALL_BOX, least_on_line, least_point, steps_down


@given(st.integers(1, 300), st.data())
def test_the_least_on_a_line_passes_and_the_one_before_it_was_tried_and_fails(
    count: int, data: st.DataObject
) -> None:
    needed, start = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    asked: list[int] = []

    def failed(place: int) -> list[str]:
        asked.append(place)
        return [] if place >= needed else ["sla"]

    assert least_on_line(failed, count, start) == needed
    assert needed == 0 or needed - 1 in asked
    assert len(asked) == len(set(asked)) <= 3 * count.bit_length() + 2


@given(st.integers(2, 300), st.data())
def test_a_window_between_too_few_and_too_many_is_found(count: int, data: st.DataObject) -> None:
    low, start = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    high = data.draw(st.integers(low, count - 1))

    def failed(place: int) -> list[str]:
        return ["sla"] * (place < low) + ["cost"] * (place > high)

    assert least_on_line(failed, count, start) == low


def test_when_one_less_passes_after_all_the_search_goes_on_down() -> None:
    passing = (3, 4, 9)
    assert least_on_line(lambda place: [] if place in passing else ["sla"], 12, 9) == 3


def test_nothing_passes_anywhere() -> None:
    asked: list[int] = []
    assert least_on_line(lambda place: asked.append(place) or ["sla"], 20, 5) is None  # type: ignore[func-returns-value]
    assert (min(asked), max(asked)) == (0, 19)


@settings(max_examples=60)
@given(st.lists(st.integers(2, 9), min_size=2, max_size=3), st.data())
def test_no_single_step_down_from_the_least_point_passes(sizes: list[int], data: st.DataObject) -> None:
    needs = data.draw(
        st.lists(st.tuples(*(st.integers(0, size - 1) for size in sizes)), min_size=1, max_size=4)
    )
    prices = data.draw(st.tuples(*(st.integers(1, 9) for _ in sizes)))
    start = data.draw(st.tuples(*(st.integers(0, size - 1) for size in sizes)))

    def failed(point: tuple[int, ...]) -> list[str]:
        is_enough = any(all(a >= b for a, b in zip(point, need, strict=True)) for need in needs)
        return [] if is_enough else ["sla"]

    def cost(point: tuple[int, ...]) -> float:
        return float(sum(price * place for price, place in zip(prices, point, strict=True)))

    least = least_point(failed, sizes, start, cost)
    assert least is not None
    assert not failed(least)
    assert all(failed(point) for point in steps_down(least))
    everywhere = [point for point in product(*map(range, sizes)) if not failed(point)]
    if len(list(product(*map(range, sizes)))) <= SMALL_BOX:
        assert cost(least) == min(map(cost, everywhere))


def test_one_more_of_one_is_exchanged_for_fewer_of_another_when_that_costs_less() -> None:
    def failed(point: tuple[int, ...]) -> list[str]:
        return [] if (point[0] + 1) * (point[1] + 1) >= 36 else ["sla"]

    sizes = (40, 40)
    assert least_point(failed, sizes, (30, 30), sum) == (5, 5)


@pytest.mark.mechanism("MR-15")
@pytest.mark.parametrize(
    ("points", "flags"),
    [
        ([(1, 2), (2, 1)], [False, False]),
        ([(1, 1), (2, 2)], [False, True]),
        ([(1, 1), (1, 1)], [False, False]),
        ([(1, 1), (1, 2)], [False, True]),
        ([(1, 2), (1, 2), (0, 2)], [True, True, False]),
        ([(1, float("inf")), (1, 3)], [True, False]),
        ([(1, 5, 3), (1, 4, 3), (9, 9, 0)], [True, False, False]),
    ],
)
def test_a_point_is_dominated_by_one_that_is_nowhere_worse_and_somewhere_better(
    points: list[tuple[float, ...]], flags: list[bool]
) -> None:
    assert dominated(points) == flags


@pytest.mark.mechanism("MR-15")
@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=12))
def test_dominated_flags_are_right_by_brute_force(points: list[tuple[int, int, int]]) -> None:
    def is_dominated(point: tuple[int, ...]) -> bool:
        for other in points:
            worse = [k for k in range(3) if other[k] > point[k]]
            better = [k for k in range(3) if other[k] < point[k]]
            if better and not worse:
                return True
        return False

    assert dominated(points) == [is_dominated(point) for point in points]

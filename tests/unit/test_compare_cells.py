"""Cells of comparison tables: estimates, differences and rows that fit."""

from __future__ import annotations

import pytest

from analysis.estimates import UNDEFINED, Estimate
from analysis.report.compare_cells import laid_out, percent, plus_minus, spread


def estimate(value: float, half: float) -> Estimate:
    return Estimate(value, value - half, value + half, 30)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (estimate(2.108, 0.062), "2.11 ±0.06"),
        (estimate(78_920.0, 35.0), "78,920 ±35"),
        (estimate(11.64, 0.004), "11.640 ±0.004"),
        (estimate(0.00892, 0.00002), "0.00892 ±0.2 %"),
        (estimate(3.0, 0.0), "3.00 ±0.00"),
        (Estimate(2.5, None, None, 1), "2.50"),
        (Estimate(None, None, None, 30, UNDEFINED), "-"),
    ],
)
def test_an_estimate_has_half_of_its_interval_beside_it(found: Estimate, text: str) -> None:
    assert plus_minus(found) == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (estimate(-3.77, 0.14), "-3.77 [-3.91, -3.63]"),
        (estimate(1234.0, 6.0), "+1,234 [1,228, 1,240]"),
        (estimate(0.0, 0.0), "0 [0, 0]"),
        (estimate(-0.000953, 0.00002), "-0.000953 ±2 %"),
        (estimate(0.000015, 0.00004), "0.0000 [0.0000, 0.0001]"),
        (estimate(-0.0002, 0.2852), "0.000 [-0.285, 0.285]"),
        (Estimate(2.5, None, None, 1), "+2.50"),
        (Estimate(None, None, None, 30, UNDEFINED), "-"),
    ],
)
def test_a_difference_has_its_sign_and_interval(found: Estimate, text: str) -> None:
    assert spread(found) == text


def test_a_difference_is_scaled_with_its_interval() -> None:
    assert spread(estimate(0.05, 0.01), 100.0) == "+5.00 [4.00, 6.00]"


def test_a_share_next_to_1_is_not_called_1() -> None:
    assert [percent(part) for part in (1.0, 0.999999, 0.9991, None)] == ["100 %", "> 99.99 %", "99.9 %", "-"]


def test_a_long_name_has_a_line_to_itself() -> None:
    assert laid_out([["", "EUR"]], [["short", "1"], ["much too long", "2"]], (9, 5)) == [
        "           EUR",
        "  short      1",
        "  much too long",
        "             2",
    ]

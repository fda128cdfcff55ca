"""Elementary functions: accurate, quiet, and the same bits in scalar and block form."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import special

from sim.maths import (
    EXP_HIGHEST,
    EXP_LOWEST,
    FloatArray,
    IntArray,
    Maths,
    Number,
    Table,
    Whole,
    block,
    scalar,
)

DRAWS = 100_000
ROOT_TABLE = Table(-1.0, 0.25, tuple(math.sqrt(2.0 + 0.25 * node) for node in range(9)))


def uniform(low: float, high: float, count: int = DRAWS) -> FloatArray:
    return np.random.default_rng(20140601).uniform(low, high, count)


def assert_same_bits(in_blocks: FloatArray | IntArray, one_by_one: list[float] | list[int]) -> None:
    single = np.array(one_by_one, dtype=in_blocks.dtype)
    assert np.array_equal(in_blocks.view(np.int64), single.view(np.int64))


def normal_cdf_exactly(x: float) -> Decimal:
    """The normal distribution function to about 30 digits by its Taylor series."""
    with localcontext() as context:
        context.prec = 60
        point = Decimal(x)
        term = total = point
        order = 1
        while abs(term) > Decimal("1e-55"):
            order += 2
            term = term * point * point / order
            total += term
        two_pi = Decimal("6.283185307179586476925286766559005768394338798750211641949889")
        return Decimal("0.5") + total * (-point * point / 2).exp() / two_pi.sqrt()


GOLDEN = {
    "exp": "db0e73a7dcd105d0",
    "log": "963420a47a210cfd",
    "sigmoid": "b7cb0f988f4e1180",
    "logit": "03549e8f5b3c8f41",
    "normal_cdf": "d6384ac162b841b3",
    "normal_quantile": "d0b1c134a0a01095",
}

SAME_BITS: list[tuple[str, FloatArray]] = [
    ("exp", uniform(-760.0, 760.0)),
    ("exp", uniform(-2.0, 2.0)),
    ("log", np.exp(uniform(-700.0, 700.0))),
    ("log", uniform(0.5, 2.0)),
    ("sqrt", uniform(0.0, 1e6)),
    ("sigmoid", uniform(-60.0, 60.0)),
    ("logit", uniform(1e-9, 1.0)),
    ("normal_cdf", uniform(-9.5, 9.5)),
    ("normal_quantile", uniform(1e-9, 1.0)),
    ("normal_quantile", np.exp(-uniform(0.1, 80.0))),
    ("round_to_int", uniform(-1e15, 1e15)),
    ("round_to_int", np.arange(-1000, 1000) / 2),
    ("billionths", uniform(0.0, 1.0)),
]


@pytest.mark.parametrize(("name", "values"), SAME_BITS)
def test_scalar_and_block_give_the_same_bits(name: str, values: FloatArray) -> None:
    one_by_one: Callable[[float], float] = getattr(scalar, name)
    assert_same_bits(getattr(block, name)(values), [one_by_one(x) for x in values.tolist()])


def test_scalar_and_block_agree_at_borders_and_signed_zeros() -> None:
    edges = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        EXP_LOWEST,
        EXP_HIGHEST,
        0.66291,
        -0.66291,
        5.656854249492381,
        1e300,
        -1e300,
    ]
    borders = np.array(
        [math.nextafter(edge, toward) for edge in edges for toward in (-math.inf, edge, math.inf)]
    )
    for name in ("exp", "sigmoid", "normal_cdf"):
        assert_same_bits(getattr(block, name)(borders), [getattr(scalar, name)(x) for x in borders.tolist()])
    assert_same_bits(block.clip(borders, 0.0, 1.0), [scalar.clip(x, 0.0, 1.0) for x in borders.tolist()])
    shares = np.array([0.075, 0.925, 0.5, math.exp(-25.0), 2.0**-53, 1.0 - 2.0**-53])
    assert_same_bits(block.normal_quantile(shares), [scalar.normal_quantile(u) for u in shares.tolist()])


@pytest.mark.parametrize(("name", "digest"), list(GOLDEN.items()))
def test_results_have_the_pinned_bits(name: str, digest: str) -> None:
    """A change here changes draws: raise STREAM_VERSION. A difference on one processor alone is a defect."""
    shares = (np.arange(4096) + 0.5) / 4096
    values = 12.0 * shares - 6.0 if name in ("exp", "sigmoid", "normal_cdf") else shares
    assert hashlib.sha256(getattr(block, name)(values).astype("<f8").tobytes()).hexdigest()[:16] == digest


def test_one_formula_serves_both_forms() -> None:
    def minutes(u: Number, m: Maths[Number, Whole]) -> Whole:
        return m.round_to_int(60.0 * m.exp(1.5 + 0.5 * m.normal_quantile(u)))

    draws = uniform(1e-6, 1.0, 4096)
    assert_same_bits(minutes(draws, block), [minutes(u, scalar) for u in draws.tolist()])


def test_blocks_may_have_any_shape() -> None:
    flat = uniform(0.001, 0.999, 600)
    for name in ("exp", "log", "normal_cdf", "normal_quantile"):
        function = getattr(block, name)
        assert np.array_equal(function(flat.reshape(20, 30)).ravel(), function(flat))
        assert function(flat[:0]).shape == (0,)


@pytest.mark.parametrize(("low", "high"), [(-708.0, 709.0), (-1.0, 1.0), (-1e-6, 1e-6)])
def test_exp_is_within_two_ulp(low: float, high: float) -> None:
    values = uniform(low, high)
    expected = np.array([math.exp(x) for x in values.tolist()])
    assert np.max(np.abs(block.exp(values) - expected) / np.spacing(expected)) <= 2.0


@pytest.mark.parametrize(("low", "high"), [(-700.0, 700.0), (-1.0, 1.0), (-1e-6, 1e-6)])
def test_log_is_within_two_ulp(low: float, high: float) -> None:
    values = np.exp(uniform(low, high))
    expected = np.array([math.log(x) for x in values.tolist()])
    assert np.max(np.abs(block.log(values) - expected) / np.spacing(np.abs(expected))) <= 2.0


def test_log_and_exp_are_exact_where_the_answer_is() -> None:
    assert scalar.exp(0.0) == 1.0
    assert scalar.log(1.0) == 0.0
    assert scalar.logit(0.5) == 0.0
    assert scalar.sigmoid(0.0) == 0.5
    assert scalar.normal_cdf(0.0) == 0.5
    assert scalar.normal_quantile(0.5) == 0.0


def test_exp_saturates_without_a_warning() -> None:
    far = np.array([-1e300, -709.0, 710.0, 1e300])
    assert block.exp(far).tolist() == [0.0, 0.0, scalar.exp(EXP_HIGHEST), scalar.exp(EXP_HIGHEST)]
    assert scalar.exp(-1e300) == 0.0
    assert math.isfinite(scalar.exp(1e300))
    assert block.sigmoid(far).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert block.normal_cdf(far).tolist() == [0.0, 0.0, 1.0, 1.0]


def test_sigmoid_and_logit_are_inverse() -> None:
    values = uniform(-30.0, 12.0)
    back = block.logit(block.sigmoid(values))
    assert np.max(np.abs(back - values)) < 1e-10
    small = uniform(-700.0, -40.0)
    assert np.allclose(block.sigmoid(small), np.exp(small), rtol=1e-13, atol=0.0)


def test_normal_cdf_is_accurate_in_both_tails() -> None:
    for x in [*uniform(-9.0, 9.0, 600).tolist(), -9.0, -5.656854249492381, 0.66291, 9.0]:
        assert scalar.normal_cdf(x) == pytest.approx(float(normal_cdf_exactly(x)), rel=1e-15, abs=0.0), x


def test_normal_quantile_agrees_with_scipy() -> None:
    for draws in (uniform(0.0, 1.0), np.exp(-uniform(0.7, 300.0)), 1.0 - np.exp(-uniform(0.7, 36.0))):
        assert np.allclose(block.normal_quantile(draws), special.ndtri(draws), rtol=1.5e-15, atol=0.0)


def test_normal_quantile_is_within_1e_15_of_the_exact_one() -> None:
    for u in [*uniform(0.0, 1.0, 300).tolist(), *np.exp(-uniform(0.7, 40.0, 300)).tolist()]:
        x = scalar.normal_quantile(u)
        density = math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
        assert abs(float(normal_cdf_exactly(x) - Decimal(u)) / (density * x)) < 1e-15, u


def test_normal_quantile_is_odd_about_one_half() -> None:
    draws = (np.arange(4096) + 0.5) / 4096
    assert np.array_equal(block.normal_quantile(1.0 - draws), -block.normal_quantile(draws))


def test_round_to_int_rounds_halves_to_even() -> None:
    assert [scalar.round_to_int(x) for x in (0.5, 1.5, 2.5, -0.5, -1.5)] == [0, 2, 2, 0, -2]
    assert block.round_to_int(np.array([0.5, 1.5, 2.5])).dtype == np.int64


def test_billionths_are_cut_never_rounded_up() -> None:
    assert scalar.billionths(0.9999999999) == 999_999_999
    assert scalar.billionths(0.5) == 500_000_000
    assert block.billionths(np.array([0.0, 1.0])).tolist() == [0, 1_000_000_000]


def test_interpolation_has_the_same_bits_and_is_linear_between_nodes() -> None:
    values = uniform(-2.0, 2.0)
    in_blocks = block.interpolate(ROOT_TABLE, values)
    assert_same_bits(in_blocks, [scalar.interpolate(ROOT_TABLE, x) for x in values.tolist()])
    grid = -1.0 + 0.25 * np.arange(9)
    assert np.allclose(in_blocks, np.interp(values, grid, ROOT_TABLE.array), rtol=1e-15)


def test_interpolation_is_constant_outside_the_table() -> None:
    assert scalar.interpolate(ROOT_TABLE, -50.0) == ROOT_TABLE.nodes[0]
    assert scalar.interpolate(ROOT_TABLE, 50.0) == pytest.approx(ROOT_TABLE.nodes[-1], rel=1e-15)


@pytest.mark.parametrize(("step", "nodes"), [(0.0, (1.0, 2.0)), (-1.0, (1.0, 2.0)), (1.0, (1.0,))])
def test_a_table_without_an_interval_is_refused(step: float, nodes: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="two nodes and a step above 0"):
        Table(0.0, step, nodes)


def test_a_table_is_a_value() -> None:
    table = Table(0.0, 1.0, (1.0, 2.0))
    assert table == Table(0.0, 1.0, (1.0, 2.0))
    with pytest.raises(ValueError, match="read-only"):
        table.array[0] = 3.0

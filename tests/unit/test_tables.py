"""Load-time numbers: roots, means over a standard normal, quantile tables against scipy."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from scipy import special

from sim.maths import FloatArray, block
from sim.tables import (
    NORMAL_NODES,
    NORMAL_WEIGHTS,
    beta_logit_table,
    bisect,
    bisect_on_grid,
    gamma_log_table,
    normal_mean,
    on_grid,
)

Z: FloatArray = np.linspace(-5.0, 5.0, 4001)
BELOW: FloatArray = special.ndtr(Z)
ABOVE: FloatArray = special.ndtr(-Z)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_bisection_finds_the_root_of_a_rising_or_falling_function(sign: float) -> None:
    assert bisect(lambda x: sign * (x * x - 2.0), 0.0, 5.0) == pytest.approx(math.sqrt(2.0), rel=4e-16)


@pytest.mark.parametrize(("low", "high"), [(3.0, 8.0), (-2.0, 3.0)])
def test_bisection_finds_a_root_at_an_end(low: float, high: float) -> None:
    assert bisect(lambda x: x - 3.0, low, high) == pytest.approx(3.0, abs=1e-15)


def test_bisection_refuses_ends_of_one_sign() -> None:
    with pytest.raises(ValueError, match=r"no root between 1\.0 and 2\.0"):
        bisect(lambda x: x, 1.0, 2.0)


@pytest.mark.parametrize("root", [0.0, 5e-10, -0.123456789, 0.1234567895, math.sqrt(2.0), 4e-10, 5.0])
@pytest.mark.parametrize("power", [1, 3])
def test_a_root_on_the_grid_is_the_one_of_all_halvings_rounded(root: float, power: int) -> None:
    def function(x: float) -> float:
        return math.copysign(abs(x - root) ** power, x - root)

    found = bisect_on_grid(function, -3.0, 5.0)
    assert found == on_grid(bisect(function, -3.0, 5.0)) == pytest.approx(root, abs=1e-9)


def test_a_root_on_the_grid_is_found_without_the_halvings_below_a_billionth() -> None:
    asked: list[float] = []

    def function(x: float) -> float:
        asked.append(x)
        return x * x - 2.0

    bisect_on_grid(function, 0.0, 4.0)
    assert len(asked) < 40


def test_normal_weights_sum_to_one_and_are_symmetric() -> None:
    assert math.fsum(NORMAL_WEIGHTS.tolist()) == pytest.approx(1.0, abs=1e-15)
    assert np.array_equal(NORMAL_WEIGHTS, NORMAL_WEIGHTS[::-1])
    assert NORMAL_NODES[0] == -9.0
    assert NORMAL_NODES[-1] == 9.0


@pytest.mark.parametrize(("power", "moment"), [(1, 0.0), (2, 1.0), (4, 3.0), (6, 15.0)])
def test_normal_mean_gives_the_moments(power: int, moment: float) -> None:
    assert normal_mean(lambda z: z**power) == pytest.approx(moment, rel=1e-13, abs=1e-14)


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 0.5), (1.0, 1.0), (-2.0, 3.0)])
def test_normal_mean_of_a_cdf_and_an_exponential_have_their_closed_forms(mean: float, spread: float) -> None:
    probit = normal_mean(lambda z: block.normal_cdf(mean + spread * z))
    assert probit == pytest.approx(special.ndtr(mean / math.sqrt(1.0 + spread * spread)), rel=1e-13)
    lognormal = normal_mean(lambda z: block.exp(mean + spread * z))
    assert lognormal == pytest.approx(math.exp(mean + spread * spread / 2.0), rel=1e-8)


@pytest.mark.parametrize("shape", [0.01, 0.05, 0.3, 1.0, 2.5, 10.0, 400.0, 1e4, 1e6])
def test_gamma_table_agrees_with_scipy(shape: float) -> None:
    table = gamma_log_table(shape)
    exact = np.where(Z < 0.0, special.gammaincinv(shape, BELOW), special.gammainccinv(shape, ABOVE))
    held = exact > 1e-300  # the smallest shapes reach below what a float can hold
    logs = np.log(exact[held])
    assert np.allclose(block.interpolate(table, Z[held]), logs, rtol=1e-5, atol=1e-5)
    if shape >= 0.3:
        assert np.allclose(block.exp(block.interpolate(table, Z)), exact, rtol=1e-5, atol=0.0)


def test_gamma_table_follows_the_power_law_of_a_small_shape() -> None:
    shape = 0.01
    logs = (np.log(BELOW) + special.gammaln(shape + 1.0)) / shape
    deep = logs < -20.0
    assert np.allclose(block.interpolate(gamma_log_table(shape), Z[deep]), logs[deep], rtol=1e-5)


BETAS = [
    (0.01, 0.01),
    (0.05, 0.05),
    (0.1, 5.0),
    (0.5, 0.5),
    (1.0, 1.0),
    (8.0, 2.0),
    (9300.0, 700.0),
    (1e6, 1e6),
]


@pytest.mark.parametrize(("a", "b"), BETAS)
def test_beta_table_agrees_with_scipy(a: float, b: float) -> None:
    p, rest = special.betaincinv(a, b, BELOW), special.betaincinv(b, a, ABOVE)
    held = (p > 1e-300) & (rest > 1e-300)
    logits = np.log(p[held]) - np.log(rest[held])
    interpolated = block.interpolate(beta_logit_table(a, b), Z[held])
    assert np.allclose(interpolated, logits, rtol=1e-5, atol=1e-5)
    assert np.allclose(block.sigmoid(interpolated), p[held], rtol=1e-5 * max(1.0, 1.0 / min(a, b)), atol=0.0)


def test_beta_table_has_the_mean_of_its_distribution() -> None:
    table = beta_logit_table(8.0, 2.0)
    mean = normal_mean(lambda z: block.sigmoid(block.interpolate(table, -z)))
    assert mean == pytest.approx(0.8, abs=1e-7)


def test_nodes_rise_and_lie_on_the_grid_of_billionths() -> None:
    for table in (beta_logit_table(8.0, 2.0), gamma_log_table(0.5)):
        assert np.all(np.diff(table.array) > 0.0)
        assert np.array_equal(np.rint(table.array * 1e9) / 1e9, table.array)


def test_tables_have_the_pinned_bits() -> None:
    """A change here changes draws: raise STREAM_VERSION. A difference on one processor alone is a defect."""
    tables = (beta_logit_table(8.0, 2.0), gamma_log_table(0.5))
    digests = [hashlib.sha256(table.array.astype("<f8").tobytes()).hexdigest()[:16] for table in tables]
    assert digests == ["5adce4e067d4540c", "4a7610a0457cdce0"]


@pytest.mark.parametrize("shape", [0.0, 0.009, 1.1e6, math.nan])
def test_a_shape_out_of_range_is_refused(shape: float) -> None:
    with pytest.raises(ValueError, match=r"shape must lie between 0\.01 and 1e\+06"):
        gamma_log_table(shape)
    with pytest.raises(ValueError, match="a must lie between"):
        beta_logit_table(shape, 1.0)
    with pytest.raises(ValueError, match="b must lie between"):
        beta_logit_table(1.0, shape)

"""The laws every family of distributions keeps; a family without an example fails."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from sim import distributions, maths
from sim.distributions import FAMILIES, CountDistribution, DurationDistribution, MoneyDistribution

EXAMPLES: list[dict[str, Any]] = [
    {"distribution": "constant", "value": 7},
    {"distribution": "uniform", "low": 2, "high": 9},
    {"distribution": "exponential", "mean": 40},
    {"distribution": "gamma", "mean": 40, "cv": 0.5},
    {"distribution": "gamma", "mean": 40, "cv": 2.5},
    {"distribution": "gamma", "mean": 40, "sd": 10},
    {"distribution": "lognormal", "mean": 40, "cv": 0.6},
    {"distribution": "lognormal", "mean": 40, "sd": 60},
    {"distribution": "lognormal", "median": 180, "p95": 2400},
    {"distribution": "normal", "mean": 40, "cv": 0.3},
    {"distribution": "normal", "mean": 4, "sd": 8},
    {"distribution": "lognormal", "mean": 40, "cv": 0},
    {"distribution": "gamma", "mean": 40, "cv": 0},
    {"distribution": "normal", "mean": 40, "sd": 0},
    {"distribution": "uniform", "low": 5, "high": 5},
]
numbers: TypeAdapter[Any] = TypeAdapter(CountDistribution)
each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: "-".join(map(str, example.values())))


def grid(count: int) -> np.ndarray[Any, Any]:
    return (np.arange(count) + 0.5) / count


def test_every_family_has_an_example() -> None:
    assert {example["distribution"] for example in EXAMPLES} == {
        family.__name__.lower() for family in FAMILIES
    }


@pytest.mark.parametrize("union", [DurationDistribution, MoneyDistribution, CountDistribution])
def test_every_family_is_in_every_union(union: Any) -> None:
    members = get_args(get_args(union)[0])
    origins = {get_args(member)[0].__pydantic_generic_metadata__["origin"] for member in members}
    assert origins == set(FAMILIES)


@each
def test_the_mean_is_the_mean_of_the_quantiles(example: dict[str, Any]) -> None:
    distribution = numbers.validate_python(example)
    drawn = distribution.sampler().quantile(grid(2_000_000), maths.block)
    spread = float(np.std(drawn)) / distribution.mean_value()
    assert math.isclose(
        float(np.mean(drawn)), distribution.mean_value(), rel_tol=1e-5 + 4e-4 * spread * spread
    )


@each
def test_quantiles_rise_and_are_finite_and_not_negative(example: dict[str, Any]) -> None:
    u = np.array([2.0**-53, 1e-12, *grid(999).tolist(), 1 - 1e-12, 1 - 2.0**-53])
    drawn = numbers.validate_python(example).sampler().quantile(u, maths.block)
    assert np.all(np.isfinite(drawn))
    assert np.all(drawn >= 0)
    assert np.all(np.diff(drawn) >= 0)


@each
def test_a_block_and_a_scalar_give_the_same_bits(example: dict[str, Any]) -> None:
    sampler, u = numbers.validate_python(example).sampler(), grid(997)
    assert sampler.quantile(u, maths.block).tolist() == [
        sampler.quantile(value, maths.scalar) for value in u.tolist()
    ]


@each
def test_what_is_written_out_is_read_back(example: dict[str, Any]) -> None:
    distribution = numbers.validate_python(example)
    assert (
        numbers.validate_python(numbers.dump_python(distribution, mode="json", exclude_none=True))
        == distribution
    )


@pytest.mark.parametrize("family", sorted({example["distribution"] for example in EXAMPLES} - {"constant"}))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -1, "7", True, None])
def test_a_parameter_that_is_no_number_of_0_or_more_is_refused(family: str, bad: Any) -> None:
    example = dict(next(example for example in EXAMPLES if example["distribution"] == family))
    example[list(example)[-1]] = bad
    with pytest.raises(ValidationError):
        numbers.validate_python(example)


def test_lognormal_by_median_and_p95_has_them() -> None:
    sampler = numbers.validate_python({"distribution": "lognormal", "median": 180, "p95": 2400}).sampler()
    assert math.isclose(sampler.quantile(0.5, maths.scalar), 180, rel_tol=1e-12)
    assert math.isclose(sampler.quantile(0.95, maths.scalar), 2400, rel_tol=1e-9)


@pytest.mark.parametrize(
    "keys",
    [
        {"mean": 4},
        {"mean": 4, "cv": 1, "sd": 1},
        {"median": 4},
        {"median": 4, "p95": 9, "mean": 5},
        {"cv": 1},
    ],
)
def test_lognormal_is_never_ambiguous(keys: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="give mean and cv, mean and sd, or median and p95"):
        numbers.validate_python({"distribution": "lognormal", **keys})


def test_a_bare_value_is_a_constant() -> None:
    assert numbers.validate_python(3) == numbers.validate_python({"distribution": "constant", "value": 3})
    assert isinstance(numbers.validate_python(3), distributions.Constant)

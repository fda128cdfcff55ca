"""Estimates: Student's t, the jackknife of ratios, and what is said when there is no interval."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from scipy import stats

from analysis import estimates
from analysis.estimates import (
    ONE_REPLICATION,
    UNDEFINED,
    Estimate,
    mean,
    paired_difference,
    paired_quotient,
    ratio,
)

COSTS = [(310, 12), (295, 11), (402, 17), (350, 13), (288, 12), (330, 10)]
"""Cost and successes of six replications."""
CHEAPER = [(250, 12), (240, 12), (330, 17), (290, 14), (240, 12), (260, 11)]


def directly(count: int, statistic: object) -> tuple[float, float]:
    """Standard error and reach by the definition: pseudo-values, every one computed from scratch."""
    whole = statistic(range(count))  # type: ignore[operator]
    pseudo = [
        count * whole - (count - 1) * statistic([k for k in range(count) if k != left])  # type: ignore[operator]
        for left in range(count)
    ]
    return whole, float(stats.t.ppf(0.975, count - 1)) * statistics.stdev(pseudo) / math.sqrt(count)


def pooled(pairs: list[tuple[int, int]], chosen: object) -> float:
    return sum(pairs[k][0] for k in chosen) / sum(pairs[k][1] for k in chosen)  # type: ignore[attr-defined]


@pytest.mark.mechanism("MR-05")
def test_a_mean_has_students_interval() -> None:
    values = [2.0, 3.5, 1.0, 4.0, 2.5]
    found = mean(values)
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert found.value == 2.6
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-12), pytest.approx(high, rel=1e-12))
    assert found.note == ""


def test_a_ratio_is_total_over_total_with_the_jackknife_of_its_definition() -> None:
    found = ratio(COSTS)
    value, reach = directly(6, lambda chosen: pooled(COSTS, chosen))
    assert found.value == sum(cost for cost, _ in COSTS) / sum(count for _, count in COSTS)
    assert found.value == pytest.approx(value, rel=1e-15)
    assert found.half_width == pytest.approx(reach, rel=1e-12)


def test_a_difference_of_ratios_is_paired() -> None:
    found = paired_difference(COSTS, CHEAPER)
    value, reach = directly(6, lambda chosen: pooled(COSTS, chosen) - pooled(CHEAPER, chosen))
    assert (found.value, found.half_width) == (
        pytest.approx(value, rel=1e-12),
        pytest.approx(reach, rel=1e-9),
    )
    first, second = ratio(COSTS).half_width, ratio(CHEAPER).half_width
    assert first is not None
    assert second is not None
    assert found.half_width is not None
    assert found.half_width < first + second


def test_a_quotient_of_ratios_is_paired() -> None:
    found = paired_quotient(COSTS, CHEAPER)
    value, reach = directly(6, lambda chosen: pooled(COSTS, chosen) / pooled(CHEAPER, chosen))
    assert (found.value, found.half_width) == (
        pytest.approx(value, rel=1e-12),
        pytest.approx(reach, rel=1e-9),
    )
    assert paired_quotient(COSTS, [(0, 1)] * 6).note == estimates.UNDEFINED


def test_a_ratio_with_equal_denominators_is_a_mean() -> None:
    values = [210, 350, 120, 400, 250]
    one, other = ratio([(value, 100) for value in values]), mean([value / 100 for value in values])
    assert one.value == other.value
    assert one.half_width == pytest.approx(other.half_width, rel=1e-12)


@pytest.mark.mechanism("MR-05")
def test_intervals_of_a_ratio_cover_the_truth_about_95_times_in_a_hundred() -> None:
    generator = np.random.default_rng(11)
    covered = 0
    for _ in range(1000):
        successes = generator.poisson(40, 10)
        costs = generator.gamma(successes * 2.0, 50.0).astype(int)
        found = ratio(list(zip(costs.tolist(), successes.tolist(), strict=True)))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 100.0 <= found.high
    assert 0.92 <= covered / 1000 <= 0.975


def test_a_replication_without_success_stays_in() -> None:
    found = ratio([(300, 10), (50, 0), (290, 11)])
    assert found.value == 640 / 21
    assert found.has_interval


def test_an_interval_that_hangs_on_one_replication_is_insufficient_data() -> None:
    assert ratio([(300, 10), (50, 0), (40, 0)]) == Estimate(39.0, None, None, 3, "insufficient data")


def test_no_success_at_all_is_undefined() -> None:
    assert ratio([(300, 0), (50, 0)]) == Estimate(None, None, None, 2, "undefined")
    assert ratio([]) == Estimate(None, None, None, 0, "undefined")
    assert mean([None, None]) == Estimate(None, None, None, 2, "undefined")


def test_a_numerator_that_is_missing_leaves_the_ratio_undefined() -> None:
    assert ratio([(300, 10), (None, 10)]).note == "undefined"
    assert paired_difference([(None, 1), (1, 1)], [(1, 1), (1, 1)]).note == "undefined"


def test_a_mean_of_some_replications_has_no_interval() -> None:
    assert mean([1.0, None, 3.0]) == Estimate(2.0, None, None, 3, "insufficient data")


def test_one_replication_has_no_interval() -> None:
    for found in (mean([2.0]), ratio([(20, 10)])):
        assert found == Estimate(2.0, None, None, 1, "one replication: no interval")
        assert found.half_width is None


def test_claims_start_at_ten_replications() -> None:
    assert not mean([1.0, 2.0] * 4 + [1.0]).supports_claims
    assert mean([1.0, 2.0] * 5).supports_claims
    assert not ratio([(1, 1)] + [(1, 0)] * 11).supports_claims


def test_a_lower_bound_has_no_interval() -> None:
    assert estimates.lower_bound([(10, 1), (20, 1)]) == Estimate(15.0, None, None, 2, estimates.LOWER_BOUND)


def test_a_pair_has_the_same_replications() -> None:
    with pytest.raises(ValueError, match="got 6 and 2"):
        paired_difference(COSTS, CHEAPER[:2])


def test_totals_beyond_64_bits_are_exact() -> None:
    huge = [(10**30 + 1, 10**12), (10**30 + 3, 10**12)]
    assert ratio(huge).value == (2 * 10**30 + 4) / (2 * 10**12)


# -- what pairing buys ----------------------------------------------------------------------------


def test_an_unpaired_difference_adds_the_variances_with_welchs_degrees_of_freedom() -> None:
    values, others = [3, 5, 4, 8, 6], [2, 2, 3, 1]
    one, other = ([(value, 1) for value in part] for part in (values, others))
    found = estimates.unpaired_difference(one, other)
    welch = stats.ttest_ind(values, others, equal_var=False).confidence_interval(0.95)
    assert found.value == pytest.approx(np.mean(values) - np.mean(others))
    assert (found.low, found.high) == (pytest.approx(welch.low), pytest.approx(welch.high))
    constant = estimates.unpaired_difference([(3, 1)] * 3, [(1, 1)] * 3)
    assert (constant.value, constant.low, constant.high) == (2.0, 2.0, 2.0)


@pytest.mark.mechanism("MR-04")
def test_pairing_buys_the_unpaired_variance_over_the_paired_one() -> None:
    bought = estimates.variance_bought(COSTS, CHEAPER)
    paired = paired_difference(COSTS, CHEAPER).half_width
    apart = [part.half_width for part in (ratio(COSTS), ratio(CHEAPER))]
    assert bought is not None
    assert paired is not None
    assert bought == pytest.approx(sum((width or 0.0) ** 2 for width in apart) / paired**2)
    assert estimates.variance_bought(COSTS, COSTS) is None
    assert estimates.variance_bought(COSTS, [(None, 1)] * 6) is None


def test_a_surer_interval_is_wider() -> None:
    usual, surer = (paired_difference(COSTS, CHEAPER, part).half_width for part in (0.95, 0.99))
    assert usual is not None
    assert surer is not None
    quantiles = [float(stats.t.ppf((1 + part) / 2, 5)) for part in (0.95, 0.99)]
    assert surer / usual == pytest.approx(quantiles[1] / quantiles[0])


def test_pseudo_values_have_the_ratios_mean_and_its_jackknife_variance() -> None:
    parts = estimates.pseudo_values(COSTS)
    assert parts is not None
    variance = estimates.ratio_variance(COSTS)
    assert statistics.variance(parts) / 6 == pytest.approx(variance)
    assert statistics.mean(parts) == pytest.approx(ratio(COSTS).value, rel=0.01)
    assert estimates.pseudo_values([(1, 1), (2, 0)]) is None
    assert estimates.pseudo_values([(1, 1)]) is None


def test_an_unpaired_difference_says_what_it_lacks() -> None:
    assert estimates.unpaired_difference(COSTS, [(None, 1)]).note == estimates.UNDEFINED
    assert estimates.unpaired_difference([(1, 1)], [(1, 1)]).note == estimates.ONE_REPLICATION
    assert estimates.unpaired_difference([(1, 1), (2, 0)], [(1, 1), (2, 1)]).note == estimates.INSUFFICIENT


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(4.312, 4.02, 4.604, 30), "4.31 [4.02, 4.60]"),
        (Estimate(0.0, 0.0, 0.0, 5), "0 [0, 0]"),
        (Estimate(4.312, None, None, 1, ONE_REPLICATION), "4.31 (one replication: no interval)"),
        (Estimate(4.312, None, None, 1), "4.31"),
        (Estimate(None, None, None, 3, UNDEFINED), "undefined"),
        (Estimate(None, None, None, 3, "no successes"), "undefined: no successes"),
    ],
)
def test_an_estimate_reads_as_its_value_with_its_interval_or_why_there_is_none(
    estimate: Estimate, text: str
) -> None:
    assert str(estimate) == text

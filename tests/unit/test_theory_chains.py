"""The closed forms of chains, reviewers and recovery moves agree with hand values and with enumeration."""

from __future__ import annotations

from itertools import product

import pytest

from analysis import theory


@pytest.mark.mechanism("RT-13")
def test_a_shared_cause_of_one_value_is_no_cause() -> None:
    assert theory.shared_failure_risk([[0.05] * 5], [1.0]) == pytest.approx(0.22621906)


def test_stages_that_fail_together_fail_as_one() -> None:
    """Half of the tasks are hopeless: each stage fails at one half, and so does the chain."""
    assert theory.shared_failure_risk([[0.0] * 5, [1.0] * 5], [0.5, 0.5]) == 0.5
    assert theory.cascade_failure_risk([0.5] * 5) == pytest.approx(1 - 0.5**5)


def test_sharing_never_raises_the_risk_where_all_stages_find_the_same_tasks_hard() -> None:
    conditional, weights = [[0.01, 0.02], [0.1, 0.2], [0.5, 0.9]], [0.5, 0.3, 0.2]
    marginal = [sum(w * row[i] for w, row in zip(weights, conditional, strict=True)) for i in range(2)]
    assert theory.shared_failure_risk(conditional, weights) < theory.cascade_failure_risk(marginal)


@pytest.mark.mechanism("RT-12")
@pytest.mark.parametrize("repaired", [0.0, 0.6, 1.0])
def test_an_escape_is_what_every_reviewer_lets_pass(repaired: float) -> None:
    """Against all outcomes of three stages: own error, caught, mended."""
    failures, catch = (0.1, 0.3, 0.2), 0.8
    expected = 0.0
    for outcomes in product(product((0, 1), repeat=3), repeat=3):
        wrong, probability = False, 1.0
        for (fails, caught, mends), failure in zip(outcomes, failures, strict=True):
            for happens, chance in ((fails, failure), (caught, catch), (mends, repaired)):
                probability *= chance if happens else 1.0 - chance
            wrong = not (caught and mends) if wrong else bool(fails and not caught)
        expected += probability * wrong
    assert theory.escape_probability(failures, catch, repaired) == pytest.approx(expected, abs=1e-12)


def test_an_escape_of_one_stage_is_its_error_times_what_is_missed() -> None:
    assert theory.escape_probability([0.05], 0.9) == pytest.approx(0.005)
    assert theory.escape_probability([0.05] * 5, 0.0) == pytest.approx(0.22621906)
    assert theory.escape_probability([0.05] * 5, 1.0) == 0.0


@pytest.mark.mechanism("RT-02")
def test_plain_retries_are_moves_that_always_help() -> None:
    recovered = theory.recovery(0.2, [(1.0, 0.2)] * 2)
    assert recovered.success == pytest.approx(theory.success_after_retries(0.2, 2))
    assert recovered.attempts == pytest.approx(1 + 0.2 + 0.04)


@pytest.mark.mechanism("RT-04")
def test_a_move_in_vain_is_followed_by_the_next() -> None:
    """0.5 fail; the first move helps 0.4 of them to an attempt that fails at 0.1; the second helps all at 0.2."""
    attempts, success = theory.recovery(0.5, [(0.4, 0.1), (1.0, 0.2)])
    left = 0.5 * (0.6 + 0.4 * 0.1)
    assert attempts == pytest.approx(1 + 0.5 * 0.4 + left)
    assert success == pytest.approx(1 - left * 0.2)

"""The closed forms agree with hand values, printed tables, published figures and solved chains."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.linalg import expm

from analysis import theory

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


# Chains, solved without any of the formulas under test. Time is in mean services throughout.


def long_run(rates: FloatArray) -> FloatArray:
    """Long-run shares of a Markov chain from its matrix of rates (diagonal ignored)."""
    generator = rates - np.diag(np.diag(rates))
    generator -= np.diag(generator.sum(axis=1))
    balance = generator.T.copy()
    balance[-1] = 1.0
    right = np.zeros(len(rates))
    right[-1] = 1.0
    return np.asarray(np.linalg.solve(balance, right), dtype=np.float64)


def birth_death(load: float, deaths: Callable[[int], float], size: int) -> FloatArray:
    """Long-run shares of 0..size-1 present, with births at `load` and deaths at `deaths(present)`."""
    rates = np.zeros((size, size))
    for present in range(size - 1):
        rates[present, present + 1] = load
        rates[present + 1, present] = deaths(present + 1)
    return long_run(rates)


def served_within(servers: int, load: float, patience: float, limit: float) -> float:
    """Share of arrivals to M/M/c+M served by `limit`, following one marked arrival through the queue."""
    size = servers + 60
    shares = birth_death(load, lambda n: min(n, servers) + max(n - servers, 0) / patience, size)
    ahead = size - servers
    generator = np.zeros((ahead + 2, ahead + 2))  # others ahead of the marked one; then served; then left
    served, left = ahead, ahead + 1
    for others in range(ahead):
        generator[others, others - 1 if others else served] = servers + others / patience
        generator[others, left] = 1.0 / patience
        generator[others, others] = -generator[others].sum()
    reached = expm(generator * limit)[:, served]
    return float(shares[:servers].sum() + shares[servers:] @ reached[:ahead])


def erlang_service_wait(load: float, phases: int) -> float:
    """Mean wait in M/E_k/1 with mean service 1, from the chain of phases of work left."""
    size = 400 * phases
    rates = np.zeros((size, size))
    for left in range(size):
        if left:
            rates[left, left - 1] = phases
        if left + phases < size:
            rates[left, left + phases] = load
    return float(long_run(rates) @ np.arange(size)) / phases


def priority_waits_by_chain(servers: int, first: float, second: float, size: int) -> tuple[float, float]:
    """Mean waits of two non-preemptive classes from the chain over (busy) and (waiting, waiting)."""

    def queued(urgent: int, other: int) -> int:
        return servers + urgent * size + other  # states 0..servers-1: that many busy, none waiting

    rates = np.zeros((servers + size * size,) * 2)
    for busy in range(servers):
        rates[busy, busy + 1] += first + second
        if busy:
            rates[busy, busy - 1] = busy
    for urgent in range(size):
        for other in range(size):
            here = queued(urgent, other)
            if urgent + 1 < size:
                rates[here, queued(urgent + 1, other)] = first
            if other + 1 < size:
                rates[here, queued(urgent, other + 1)] = second
            after = queued(urgent - 1, other) if urgent else queued(0, other - 1) if other else servers - 1
            rates[here, after] += servers
    shares = long_run(rates)[servers:].reshape(size, size)
    waiting = np.arange(size)
    return float(shares.sum(axis=1) @ waiting) / first, float(shares.sum(axis=0) @ waiting) / second


# Erlang B and C


@pytest.mark.parametrize(
    ("servers", "load"), [(1, 0.0101), (2, 0.1526), (5, 1.3608), (10, 4.4612), (20, 12.0306), (100, 84.064)]
)
def test_erlang_b_meets_the_printed_table_for_one_percent_lost(servers: int, load: float) -> None:
    assert theory.erlang_b(servers, load) == pytest.approx(0.01, rel=2e-3)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.3), (3, 2.0), (8, 11.0), (40, 36.0)])
def test_erlang_b_is_the_last_state_of_the_loss_chain(servers: int, load: float) -> None:
    chain = birth_death(load, float, servers + 1)
    assert theory.erlang_b(servers, load) == pytest.approx(chain[-1], rel=1e-9)


def test_erlang_b_without_servers_loses_all_and_without_load_loses_none() -> None:
    assert theory.erlang_b(0, 3.0) == 1.0
    assert theory.erlang_b(4, 0.0) == 0.0


@pytest.mark.parametrize(("servers", "load", "waiting"), [(1, 0.7, 0.7), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9)])
def test_erlang_c_meets_hand_values(servers: int, load: float, waiting: float) -> None:
    assert theory.erlang_c(servers, load) == pytest.approx(waiting, rel=1e-14)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (4, 2.5), (12, 9.0)])
def test_mmc_agrees_with_the_chain(servers: int, load: float) -> None:
    chain = birth_death(load, lambda present: min(present, servers), 300)
    queue = float(chain[servers:] @ np.arange(300 - servers))
    assert theory.erlang_c(servers, load) == pytest.approx(chain[servers:].sum(), rel=1e-9)
    assert theory.mmc_mean_queue(servers, load) == pytest.approx(queue, rel=1e-9)
    assert theory.mmc_mean_wait(servers, load, 5.0) == pytest.approx(queue / load * 5.0, rel=1e-9)


def test_erlang_c_stays_exact_for_ten_thousand_servers() -> None:
    servers, load = 10_000, 9_900.0
    log_terms = np.arange(servers + 1) * math.log(load) - np.array(
        [math.lgamma(busy + 1.0) for busy in range(servers + 1)]
    )
    weights = np.exp(log_terms - log_terms[-1])
    waiting = weights[-1] * servers / (servers - load)
    expected = waiting / (weights[:-1].sum() + waiting)
    assert theory.erlang_c(servers, load) == pytest.approx(expected, rel=1e-9)
    assert 0.2 < expected < 0.25  # Halfin and Whitt at one standard deviation of slack: 0.223


def test_one_server_gives_the_mm1_figures() -> None:
    assert theory.mmc_mean_wait(1, 0.8, 10.0) == pytest.approx(40.0)
    assert theory.mmc_mean_queue(1, 0.8) == pytest.approx(3.2)
    assert theory.mmc_service_level(1, 0.8, 10.0, 15.0) == pytest.approx(1 - 0.8 * math.exp(-0.3))


def test_quantile_of_the_wait_inverts_the_service_level() -> None:
    for share in (0.75, 0.9, 0.999):
        wait = theory.mmc_wait_quantile(6, 5.0, 4.0, share)
        assert theory.mmc_service_level(6, 5.0, 4.0, wait) == pytest.approx(share, rel=1e-12)


def test_quantile_of_the_wait_is_zero_for_those_who_never_wait() -> None:
    assert theory.mmc_wait_quantile(2, 1.0, 4.0, 2 / 3 - 1e-9) == 0.0
    assert theory.mmc_wait_quantile(2, 1.0, 4.0, 2 / 3 + 1e-3) > 0.0


def test_staffing_example_of_a_call_centre_is_reproduced() -> None:
    # 100 calls in 30 minutes of 3 minutes each; 80 % within 20 s, occupancy at most 85 %, 30 % shrinkage.
    load, limit = 100 / 30 * 3, 20 / 60
    servers = next(
        count
        for count in range(11, 40)
        if theory.mmc_service_level(count, load, 3.0, limit) >= 0.8 and load / count <= 0.85
    )
    assert servers == 14
    assert math.ceil(servers / (1 - 0.3)) == 20
    assert theory.mmc_service_level(servers, load, 3.0, limit) == pytest.approx(0.8883500191794669, rel=1e-12)
    assert theory.erlang_c(servers, load) == pytest.approx(0.1741319335950498, rel=1e-12)


# Erlang A


@pytest.mark.parametrize(
    ("patience", "service_level", "abandoned"),
    [(3.0, 0.8751, 0.0322), (5.0, 0.8582, 0.0250), (10.0, 0.8376, 0.0165)],
)
def test_erlang_a_meets_the_published_figures(
    patience: float, service_level: float, abandoned: float
) -> None:
    # The same call centre with 13 people. The figures count those served in time among all arrivals.
    assert theory.erlang_a(13, 10.0, 3.0, patience).abandoned == pytest.approx(abandoned, abs=5e-5)
    within = theory.erlang_a_service_level(13, 10.0, 3.0, patience, 20 / 60)
    assert within == pytest.approx(service_level, abs=5e-5)


@pytest.mark.parametrize(
    ("servers", "load", "patience"), [(1, 0.5, 2.0), (1, 3.0, 0.5), (5, 4.0, 1.0), (8, 12.0, 4.0)]
)
def test_erlang_a_agrees_with_the_chain_below_and_above_capacity(
    servers: int, load: float, patience: float
) -> None:
    size = servers + 150
    chain = birth_death(load, lambda n: min(n, servers) + max(n - servers, 0) / patience, size)
    queue = float(chain[servers:] @ np.arange(size - servers))
    busy = float(chain @ np.minimum(np.arange(size), servers))
    result = theory.erlang_a(servers, load, 6.0, patience * 6.0)
    assert result.waiting == pytest.approx(chain[servers:].sum(), rel=1e-9)
    assert result.mean_queue == pytest.approx(queue, rel=1e-9)
    assert result.mean_wait == pytest.approx(queue / load * 6.0, rel=1e-9)
    assert result.abandoned == pytest.approx(1 - busy / load, rel=1e-9)


@pytest.mark.parametrize("limit", [0.0, 0.1, 1.0, 5.0])
@pytest.mark.parametrize(("servers", "load", "patience"), [(1, 0.5, 2.0), (3, 2.5, 0.7), (6, 8.0, 3.0)])
def test_erlang_a_service_level_agrees_with_a_marked_arrival(
    servers: int, load: float, patience: float, limit: float
) -> None:
    within = theory.erlang_a_service_level(servers, load, 2.0, patience * 2.0, limit * 2.0)
    assert within == pytest.approx(served_within(servers, load, patience, limit), rel=1e-9)


def test_erlang_a_service_level_runs_from_no_wait_to_everyone_served() -> None:
    result = theory.erlang_a(4, 5.0, 1.0, 2.0)
    assert theory.erlang_a_service_level(4, 5.0, 1.0, 2.0, 0.0) == pytest.approx(1 - result.waiting)
    assert theory.erlang_a_service_level(4, 5.0, 1.0, 2.0, 1e6) == pytest.approx(1 - result.abandoned)


def test_erlang_a_with_endless_patience_is_erlang_c() -> None:
    result = theory.erlang_a(5, 4.0, 3.0, 3e9)
    assert result.waiting == pytest.approx(theory.erlang_c(5, 4.0), rel=1e-7)
    assert result.mean_wait == pytest.approx(theory.mmc_mean_wait(5, 4.0, 3.0), rel=1e-7)
    within = theory.erlang_a_service_level(5, 4.0, 3.0, 3e9, 2.0)
    assert within == pytest.approx(theory.mmc_service_level(5, 4.0, 3.0, 2.0), rel=1e-7)


def test_erlang_a_with_patience_like_service_is_a_queue_without_end_of_servers() -> None:
    # Everyone present leaves at the same rate, so the number present is Poisson.
    present = [math.exp(-3.0) * 3.0**count / math.factorial(count) for count in range(60)]
    result = theory.erlang_a(4, 3.0, 7.0, 7.0)
    assert result.waiting == pytest.approx(math.fsum(present[4:]), rel=1e-12)


def test_erlang_a_survives_deep_overload_with_long_patience() -> None:
    # The fluid limit: the excess leaves, and the queue is what makes that many leave.
    servers, load, patience = 1_000, 2_000.0, 20.0
    result = theory.erlang_a(servers, load, 1.0, patience)
    assert result.waiting == pytest.approx(1.0)
    assert result.abandoned == pytest.approx(0.5, rel=1e-9)
    assert result.mean_queue == pytest.approx((load - servers) * patience, rel=1e-9)
    # The offered wait settles near patience x ln 2; those served by then are half the arrivals that stay.
    settled = patience * math.log(2.0)
    assert theory.erlang_a_service_level(servers, load, 1.0, patience, settled * 0.9) < 1e-6
    assert theory.erlang_a_service_level(servers, load, 1.0, patience, settled) == pytest.approx(
        0.25, abs=0.01
    )
    late = theory.erlang_a_service_level(servers, load, 1.0, patience, settled * 1.1)
    assert late == pytest.approx(0.5, abs=1e-6)


def test_erlang_a_without_load_is_idle() -> None:
    assert theory.erlang_a(3, 0.0, 1.0, 1.0) == (0.0, 0.0, 0.0, 0.0)
    assert theory.erlang_a_service_level(3, 0.0, 1.0, 1.0, 0.0) == 1.0


# Other queues


def test_pollaczek_khinchine_halves_the_wait_for_constant_service() -> None:
    assert theory.pollaczek_khinchine_mean_wait(0.8, 10.0, 0.0) == pytest.approx(20.0)
    assert theory.pollaczek_khinchine_mean_wait(0.8, 10.0, 1.0) == pytest.approx(40.0)
    assert theory.pollaczek_khinchine_mean_wait(0.8, 10.0, 2.0) == pytest.approx(100.0)


@pytest.mark.parametrize("phases", [1, 2, 4])
def test_pollaczek_khinchine_agrees_with_the_chain_of_service_phases(phases: int) -> None:
    # An arrival sees the long-run work left, and waits for all of it.
    wait = theory.pollaczek_khinchine_mean_wait(0.7, 3.0, math.sqrt(1 / phases))
    assert wait == pytest.approx(3.0 * erlang_service_wait(0.7, phases), rel=1e-9)


@pytest.mark.parametrize(("servers", "first", "second"), [(1, 0.3, 0.2), (3, 0.9, 0.7)])
def test_priority_waits_agree_with_the_two_class_chain(servers: int, first: float, second: float) -> None:
    by_formula = theory.priority_mean_waits(servers, (first, second), 1.0)
    by_chain = priority_waits_by_chain(servers, first, second, 26)
    assert by_formula == pytest.approx(by_chain, rel=1e-5)


def test_priority_moves_waiting_between_classes_and_creates_none() -> None:
    loads = (1.0, 2.5, 0.0, 0.9)
    waits = theory.priority_mean_waits(5, loads, 7.0)
    mean = math.fsum(load * wait for load, wait in zip(loads, waits, strict=True)) / math.fsum(loads)
    assert mean == pytest.approx(theory.mmc_mean_wait(5, math.fsum(loads), 7.0), rel=1e-12)
    assert all(urgent <= other for urgent, other in pairwise(waits))


def test_one_class_waits_as_without_priority() -> None:
    assert theory.priority_mean_waits(2, [1.5], 4.0) == pytest.approx((theory.mmc_mean_wait(2, 1.5, 4.0),))
    assert theory.priority_mean_waits(2, [], 4.0) == ()


def test_number_busy_without_a_queue_is_poisson() -> None:
    chain = birth_death(6.0, float, 80)
    count = np.arange(80)
    mean, variance = theory.infinite_servers_busy(2.0, 3.0)
    assert mean == pytest.approx(chain @ count)
    assert variance == pytest.approx(chain @ (count - mean) ** 2)


def test_allen_cunneen_is_exact_where_theory_is() -> None:
    markov = theory.allen_cunneen_mean_wait(4, 3.2, 5.0, 1.0, 1.0)
    assert markov == pytest.approx(theory.mmc_mean_wait(4, 3.2, 5.0))
    general = theory.allen_cunneen_mean_wait(1, 0.6, 5.0, 1.0, 1.7)
    assert general == pytest.approx(theory.pollaczek_khinchine_mean_wait(0.6, 5.0, 1.7))


def test_allen_cunneen_sees_no_wait_without_variability() -> None:
    assert theory.allen_cunneen_mean_wait(3, 2.9, 5.0, 0.0, 0.0) == 0.0


# Chains of stages, retries, cascades


@pytest.mark.mechanism("RT-13")
@pytest.mark.mechanism("TP-09")
def test_five_stages_of_five_percent_fail_in_22_6_percent_of_chains() -> None:
    assert theory.cascade_failure_risk([0.05] * 5) == pytest.approx(0.2262190625, abs=1e-15)


@pytest.mark.mechanism("RT-13")
def test_no_stage_carries_no_risk_and_one_certain_failure_carries_all() -> None:
    assert theory.cascade_failure_risk([]) == 0.0
    assert theory.cascade_failure_risk(iter([0.1, 1.0, 0.3])) == 1.0


@pytest.mark.mechanism("RT-13")
def test_risk_keeps_tiny_probabilities() -> None:
    assert theory.cascade_failure_risk([1e-18, 3e-18]) == pytest.approx(4e-18, rel=1e-12)


@pytest.mark.mechanism("MR-12")
@pytest.mark.parametrize("retries", [0, 1, 2, 7])
def test_retries_succeed_geometrically(retries: int) -> None:
    tries = [0.7 * 0.3**failures for failures in range(retries + 1)]
    assert theory.success_after_retries(0.3, retries) == pytest.approx(math.fsum(tries), rel=1e-14)


def test_retries_never_help_a_certain_failure() -> None:
    assert theory.success_after_retries(1.0, 50) == 0.0
    assert theory.success_after_retries(0.0, 0) == 1.0


# Share resolved and mean cost per task of published runs -> cost per success, from the benchmarks' tables.
PUBLISHED_COST_PER_SUCCESS = [
    (0.3029, 4.23, 13.97),
    (0.2629, 4.05, 15.41),
    (0.240, 6.34, 26.42),
    (0.114, 0.58, 5.09),
    (0.086, 1.29, 15.00),
    (0.074, 3.21, 43.38),
    (0.069, 0.93, 13.48),
    (0.3314, 1.63, 4.92),
    (0.4286, 0.40, 0.93),
    (33.0, 313.83, 9.51),  # 66 % of 50 tasks
    (30.0, 18.92, 0.63),
    (30.0, 37.23, 1.24),
    (28.0, 42.11, 1.50),
    (28.0, 42.58, 1.52),
]


@pytest.mark.parametrize(("successes", "cost", "expected"), PUBLISHED_COST_PER_SUCCESS)
def test_cost_per_success_of_published_runs(successes: float, cost: float, expected: float) -> None:
    assert theory.cost_per_success(cost, successes) == pytest.approx(expected, abs=0.0051)


def test_cost_per_success_is_undefined_without_success() -> None:
    assert theory.cost_per_success(12.0, 0) is None
    assert theory.cost_per_success(0.0, 0) is None
    assert theory.cost_per_success(0.0, 4) == 0.0
    assert theory.cascade_cost_per_success(0.0, 1.0, 0.0, 5.0) is None


@pytest.mark.mechanism("CR-10")
def test_cascade_cost_is_every_attempt_over_every_success() -> None:
    # Of 100 tasks 60 pass at the small model, 36 of the other 40 at the large: 100 + 40 x 10 over 96.
    assert theory.cascade_cost_per_success(0.6, 1.0, 0.9, 10.0) == pytest.approx(500 / 96, rel=1e-14)


@pytest.mark.mechanism("CR-10")
@pytest.mark.parametrize("success_small", [0.05, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("success_large", [0.2, 0.8, 1.0])
def test_cascade_wins_on_one_side_of_its_boundary_only(success_small: float, success_large: float) -> None:
    boundary = success_small / success_large  # the small model's cost at which both are equal, large at 1
    large_only = theory.cost_per_success(1.0, success_large)
    assert large_only is not None
    for factor, wins in ((0.99, True), (1.01, False)):
        cost_small = boundary * factor
        cascade = theory.cascade_cost_per_success(success_small, cost_small, success_large, 1.0)
        assert cascade is not None
        assert (cascade < large_only) is wins
        assert theory.cascade_beats_large(success_small, cost_small, success_large, 1.0) is wins
    at_boundary = theory.cascade_cost_per_success(success_small, boundary, success_large, 1.0)
    assert at_boundary == pytest.approx(large_only, rel=1e-12)


@pytest.mark.mechanism("CR-10")
def test_cascade_on_its_boundary_counts_as_no_worse() -> None:
    assert theory.cascade_beats_large(0.25, 0.5, 0.5, 1.0)
    assert theory.cascade_beats_large(0.0, 0.0, 0.5, 1.0)

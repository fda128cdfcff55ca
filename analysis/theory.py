"""Closed forms that the simulator is checked against.

Offered load is in erlangs: arrival rate x mean service. Times are in any one unit, the same for every
time given to a function; what comes back is in that unit. Shares and probabilities are 0..1. Arrivals
are Poisson unless a function says otherwise, a queue is served in order of arrival, and every figure is
for the long run. Arguments outside the domain raise ValueError with the rule and the value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from numbers import Integral
from typing import NamedTuple

_NEGLIGIBLE = 1e-17
"""The share of a sum below which the rest of its terms is left out: under the rounding of a float."""

_LARGE = 1e200
"""A sum beyond this is scaled down, so that overload with long patience does not overflow."""


def erlang_b(servers: int, offered_load: float) -> float:
    """Share of arrivals that find all servers busy when nobody can wait (M/G/c/c; Erlang 1917).

    One step per server, every term positive: stable for many thousand servers.
    """
    _whole("servers", servers, 0)
    _not_negative("offered load", offered_load)
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = offered_load * blocked / (busy + offered_load * blocked)
    return blocked


def erlang_c(servers: int, offered_load: float) -> float:
    """Probability that an arrival waits (M/M/c; Erlang 1917). Needs offered load below servers."""
    _whole("servers", servers, 1)
    _below_servers(servers, offered_load)
    blocked = erlang_b(servers, offered_load)
    return servers * blocked / (servers - offered_load * (1.0 - blocked))


def mmc_mean_wait(servers: int, offered_load: float, mean_service: float) -> float:
    """Mean wait before service, over all arrivals, in M/M/c; one server gives M/M/1 (Erlang 1917)."""
    _not_negative("mean service", mean_service)
    return erlang_c(servers, offered_load) * mean_service / (servers - offered_load)


def mmc_mean_queue(servers: int, offered_load: float) -> float:
    """Mean number waiting, without those in service, in M/M/c: the mean wait by Little's law."""
    return erlang_c(servers, offered_load) * offered_load / (servers - offered_load)


def mmc_service_level(servers: int, offered_load: float, mean_service: float, limit: float) -> float:
    """Share of arrivals whose wait in M/M/c is at most `limit`."""
    _positive("mean service", mean_service)
    _not_negative("limit", limit)
    decay = (servers - offered_load) * limit / mean_service
    return 1.0 - erlang_c(servers, offered_load) * math.exp(-decay)


def mmc_wait_quantile(servers: int, offered_load: float, mean_service: float, share: float) -> float:
    """The wait in M/M/c that `share` of the arrivals (below 1) do not exceed; 0 when that many never wait."""
    _not_negative("mean service", mean_service)
    _share("share", share)
    _require(share < 1.0, "share must be below 1: no wait is certain not to be exceeded", share)
    waiting = erlang_c(servers, offered_load)
    if waiting <= 1.0 - share:
        return 0.0
    return mean_service / (servers - offered_load) * math.log(waiting / (1.0 - share))


class ErlangA(NamedTuple):
    """What M/M/c+M comes to: a queue whose waiting customers leave when their patience ends."""

    waiting: float
    """Probability that an arrival finds all servers busy."""
    abandoned: float
    """Share of arrivals that leave before service."""
    mean_wait: float
    """Mean time in the queue over all arrivals, served or not."""
    mean_queue: float
    """Mean number waiting, without those in service."""


def erlang_a(servers: int, offered_load: float, mean_service: float, mean_patience: float) -> ErlangA:
    """M/M/c+M: exponential service and patience, at any load (Palm 1957; Mandelbaum and Zeltyn 2007).

    Nobody leaves during service. The steps grow with the excess load times patience over service.
    """
    _whole("servers", servers, 1)
    _not_negative("offered load", offered_load)
    _positive("mean service", mean_service)
    _positive("mean patience", mean_patience)
    queue = _queue_series(offered_load, servers, mean_service / mean_patience)
    one_below = offered_load * erlang_b(servers - 1, offered_load)
    every_state = math.exp(-queue.log_scale) + one_below * queue.total
    mean_queue = one_below * queue.moment / every_state
    mean_wait = mean_queue * mean_service / offered_load if offered_load else 0.0
    return ErlangA(one_below * queue.total / every_state, mean_wait / mean_patience, mean_wait, mean_queue)


def erlang_a_service_level(
    servers: int, offered_load: float, mean_service: float, mean_patience: float, limit: float
) -> float:
    """Share of all arrivals in M/M/c+M that are served after a wait of at most `limit`.

    Those who leave count as not served, however soon they left; the share among the served is this
    over 1 - abandoned. Integrates the density of the offered wait (Baccelli and Hebuterne 1981).
    """
    _not_negative("limit", limit)
    whole = erlang_a(servers, offered_load, mean_service, mean_patience)
    impatience, elapsed = mean_service / mean_patience, limit / mean_service
    gone = -math.expm1(-impatience * elapsed)
    from_start = _queue_series(offered_load, servers, impatience)
    from_limit = _queue_series(offered_load * (1.0 - gone), servers + impatience, impatience)
    log_ratio = (
        (offered_load * gone / impatience - (servers + impatience) * elapsed)
        + (from_limit.log_scale - from_start.log_scale)
        + math.log(from_limit.total / from_start.total)
    )
    return 1.0 - whole.abandoned - whole.waiting * math.exp(log_ratio)


def pollaczek_khinchine_mean_wait(offered_load: float, mean_service: float, service_cv: float) -> float:
    """Mean wait in M/G/1 for a service time with coefficient of variation `service_cv`.

    Pollaczek 1930, Khinchine 1932. Needs offered load below 1.
    """
    _not_negative("service cv", service_cv)
    return mmc_mean_wait(1, offered_load, mean_service) * (1.0 + service_cv * service_cv) / 2.0


def priority_mean_waits(
    servers: int, offered_loads: Sequence[float], mean_service: float
) -> tuple[float, ...]:
    """Mean wait of each class in M/M/c with non-preemptive priorities, the most urgent class first.

    All classes share one exponential service time; `offered_loads` holds one load per class and their
    sum must be below servers (Cobham 1954).
    """
    for load in offered_loads:
        _not_negative("offered load", load)
    _not_negative("mean service", mean_service)
    loads = tuple(accumulate(offered_loads, initial=0.0))
    until_free = erlang_c(servers, loads[-1]) * mean_service / servers
    spare = [(servers - load) / servers for load in loads]
    return tuple(until_free / (before * after) for before, after in pairwise(spare))


def infinite_servers_busy(arrival_rate: float, mean_service: float) -> tuple[float, float]:
    """Mean and variance of the number in service in M/G/infinity: Poisson, so both are the offered load.

    Any law of service with that mean gives the same (Palm 1943). `arrival_rate` is per unit of time.
    """
    _not_negative("arrival rate", arrival_rate)
    _not_negative("mean service", mean_service)
    offered_load = arrival_rate * mean_service
    return offered_load, offered_load


def allen_cunneen_mean_wait(
    servers: int, offered_load: float, mean_service: float, arrival_cv: float, service_cv: float
) -> float:
    """APPROXIMATE mean wait in G/G/c from the coefficients of variation of gaps and service times.

    Exact for M/M/c and M/G/1, good under heavy load, rough for light load with bursty arrivals. One
    server gives Kingman's heavy-traffic form (Kingman 1961; Allen and Cunneen, in Allen 1990).
    """
    _not_negative("arrival cv", arrival_cv)
    _not_negative("service cv", service_cv)
    variability = (arrival_cv * arrival_cv + service_cv * service_cv) / 2.0
    return mmc_mean_wait(servers, offered_load, mean_service) * variability


def cascade_failure_risk(probabilities: Iterable[float]) -> float:
    """Probability that at least one of independent stages fails: 1 - prod(1 - P_i) (RT-13).

    No stage gives 0, a certain failure gives 1. Risk is added stage by stage to what is still safe, so
    very small probabilities are not lost to cancellation.
    """
    risk = 0.0
    for probability in probabilities:
        _share("failure probability", probability)
        risk += probability * (1.0 - risk)
    return risk


def shared_failure_risk(conditional: Sequence[Sequence[float]], weights: Sequence[float]) -> float:
    """Probability that at least one stage fails when all stages of a task share a cause of failing.

    `conditional` holds one row for each value of what they share: P_i of every stage given that value;
    `weights` are the probabilities of the values. De Finetti's mixture: independent given the value, so never
    above 1 - prod(1 - E P_i) where every P_i rises with it (Chebyshev's sum inequality).
    """
    for weight in weights:
        _share("weight", weight)
    _require(abs(math.fsum(weights) - 1.0) < 1e-9, "weights must sum to 1", math.fsum(weights))
    risks = [cascade_failure_risk(row) for row in conditional]
    return math.fsum(weight * risk for weight, risk in zip(weights, risks, strict=True))


def escape_probability(failures: Iterable[float], catch_rate: float, repaired: float = 1.0) -> float:
    """Probability that a chain with a reviewer after every stage ends wrong (rows RT-12, RT-14).

    `failures` are the P_i of independent stages; a reviewer catches a wrong output at `catch_rate`, whatever
    the stage its defect is from. What is caught is done again by somebody who makes no error of their own, but
    mends an inherited defect only with probability `repaired`. With one stage it is P (1 - q).
    """
    _share("catch rate", catch_rate)
    _share("repaired", repaired)
    wrong = 0.0
    for failure in failures:
        _share("failure probability", failure)
        stays = wrong * (1.0 - catch_rate * repaired)
        wrong = stays + (1.0 - wrong) * failure * (1.0 - catch_rate)
    return wrong


class Recovered(NamedTuple):
    """What a list of recovery moves comes to."""

    attempts: float
    """Expected attempts."""
    success: float
    """Probability that one of them does not fail."""


def recovery(failure_probability: float, moves: Iterable[tuple[float, float]]) -> Recovered:
    """A first attempt, then moves in order while it fails (rows RT-03 to RT-05).

    A move removes the cause with its first number, and is followed by an attempt that fails with its second;
    a move that does not help is followed by the next at once. A plain retry is the move (1, p), so that k of
    them give 1 - p^(k+1).
    """
    _share("failure probability", failure_probability)
    failing, attempts = failure_probability, 1.0
    for chance, again in moves:
        _share("chance of a move", chance)
        _share("failure probability", again)
        attempts += failing * chance
        failing *= 1.0 - chance * (1.0 - again)
    return Recovered(attempts, 1.0 - failing)


def success_after_retries(failure_probability: float, retries: int) -> float:
    """Probability that one of 1 + `retries` independent tries succeeds: 1 - p^(k+1)."""
    _share("failure probability", failure_probability)
    _whole("retries", retries, 0)
    return 1.0 - failure_probability ** (retries + 1)


def cost_per_success(cost: float, successes: float) -> float | None:
    """Total cost over successes (CPST), None when nothing succeeded: undefined, neither 0 nor infinite."""
    _not_negative("cost", cost)
    _not_negative("successes", successes)
    return cost / successes if successes else None


def cascade_cost_per_success(
    success_small: float, cost_small: float, success_large: float, cost_large: float
) -> float | None:
    """CPST of a small model followed, on its failures, by a large one (CR-10); None if neither ever succeeds.

    Validation is perfect and free, outcomes are independent, costs are per attempt and every attempt is
    charged. Models that find the same tasks hard do worse than this.
    """
    _share("success of the small model", success_small)
    _share("success of the large model", success_large)
    _not_negative("cost of the small model", cost_small)
    _not_negative("cost of the large model", cost_large)
    passed_on = 1.0 - success_small
    return cost_per_success(cost_small + passed_on * cost_large, success_small + passed_on * success_large)


def cascade_beats_large(
    success_small: float, cost_small: float, success_large: float, cost_large: float
) -> bool:
    """Whether the CPST of that cascade is at most the large model's alone (CR-10).

    So exactly when success_small / cost_small >= success_large / cost_large, compared crosswise so that a
    free model is allowed; on the boundary itself rounding decides. The large model must be able to succeed.
    """
    _share("success of the small model", success_small)
    _share("success of the large model", success_large)
    _positive("success of the large model", success_large)
    _not_negative("cost of the small model", cost_small)
    _not_negative("cost of the large model", cost_large)
    return success_small * cost_large >= success_large * cost_small


class _QueueSeries(NamedTuple):
    """The sum of t_k and of k t_k over k >= 0, both to be multiplied by exp(log_scale)."""

    total: float
    moment: float
    log_scale: float


def _queue_series(load: float, drain: float, impatience: float) -> _QueueSeries:
    """Sums over t_k = load^k / prod(drain + i impatience, i = 0..k): k waiting while the queue drains.

    Rates are per mean service. This is the incomplete gamma function of Erlang A as a series of positive
    terms, which neither cancels nor needs a special function.
    """
    term = total = 1.0 / drain
    moment = log_scale = 0.0
    waiting = 0
    while True:
        waiting += 1
        growth = load / (drain + waiting * impatience)
        term *= growth
        total += term
        moment += waiting * term
        if waiting * term <= _NEGLIGIBLE * (1.0 - growth) * moment:
            return _QueueSeries(total, moment, log_scale)
        if total > _LARGE:
            term, total, moment = term / _LARGE, total / _LARGE, moment / _LARGE
            log_scale += math.log(_LARGE)


def _require(holds: bool, rule: str, value: object) -> None:
    """Raises ValueError with the rule and the value received."""
    if not holds:
        raise ValueError(f"{rule}; got {value!r}")


def _whole(name: str, value: int, least: int) -> None:
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    _require(is_whole and value >= least, f"{name} must be a whole number of at least {least}", value)


def _not_negative(name: str, value: float) -> None:
    _require(0.0 <= value < math.inf, f"{name} must be finite and at least 0", value)


def _positive(name: str, value: float) -> None:
    _require(0.0 < value < math.inf, f"{name} must be finite and above 0", value)


def _share(name: str, value: float) -> None:
    _require(0.0 <= value <= 1.0, f"{name} must be between 0 and 1", value)


def _below_servers(servers: int, offered_load: float) -> None:
    _not_negative("offered load", offered_load)
    stable = f"offered load must be below servers ({servers}), or the queue grows without end"
    _require(offered_load < servers, stable, offered_load)

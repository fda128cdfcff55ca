"""Each topology without queues against integrals written out by hand: success, escapes, cost per success."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from scipy import optimize, stats
from scipy.integrate import quad
from scipy.special import expit, logit

from analysis.forecast import forecast
from sim.scenario import Scenario
from tests.statistics.family import REPLICATIONS, agrees, holds
from tests.theory.observed import laboratory, observe

TOPOLOGIES = ("human_only", "copilot", "guardian", "escalation", "autonomous")
HERE = "tests/theory/test_topologies.py"

MEAN, SPREAD, D, B, THRESHOLD, LIMIT = 0.75, 1.0, 1.5, 0.4, 0.8, 400.0
TRANSIENT, DETERMINISTIC, PERSON, CATCH, FALSE_REJECT = 0.15, 0.03, 0.9, 0.8, 0.1
CALL, TOOL, MINUTE, REVIEW, WORK = (3000 * 1 + 500 * 5) / 1e6, 0.01, 0.5, 1.5, 9.0
"""Money for a whole call, tools and a minute of a person; minutes of a review and of the work."""
FAILED_CALL = 3000 / 1e6


def scenario_of(kind: str) -> Scenario:
    """The laboratory reduced to what the integrals below hold."""
    agent = {
        "success": {"mean": MEAN, "spread": SPREAD},
        "confidence": {"self_knowledge": D, "overconfidence": B},
        "failures": {"transient": TRANSIENT, "deterministic": DETERMINISTIC, "judgment": 0, "governance": 0},
        "schema_invalid": 0,
        "tool_errors": 0,
    }
    person = {"success": PERSON, "draft_help": 1.0}
    topology: dict[str, object] = {"kind": kind}
    if kind == "escalation":
        topology |= {"threshold": THRESHOLD, "value_limit": LIMIT}
    task = {"task": {"harder_by": 0.0}}
    return laboratory({"tasks": task, "workers": {"agent": agent, "person": person}, "topology": topology})


@dataclass(frozen=True)
class Exact:
    """Shares of tasks and cost per task."""

    success: float
    escapes: float
    cost: float


def over_hardness(value: Callable[[float], float]) -> float:
    """E[value(p)] over the hardness of tasks, p the probability of a right output."""
    skill = optimize.brentq(lambda level: _normal(lambda h: expit(level - SPREAD * h)) - MEAN, -10, 10)
    return _normal(lambda h: value(float(expit(skill - SPREAD * h))))


def _normal(function: Callable[[float], float]) -> float:
    return float(quad(lambda h: function(h) * stats.norm.pdf(h), -9, 9, epsabs=1e-11)[0])


def of_attempts() -> tuple[float, float]:
    """Share of tasks that come to an output, and the cost of a round of three tries at most."""
    tries = 1 + TRANSIENT + TRANSIENT**2
    whole = DETERMINISTIC + (1 - DETERMINISTIC) * tries * (1 - TRANSIENT)
    cut = (1 - DETERMINISTIC) * tries * TRANSIENT
    output = (1 - DETERMINISTIC) * (1 - TRANSIENT**3)
    return output, whole * (CALL + TOOL) + cut * (FAILED_CALL + TOOL)


def people_alone(factor: float, model: float) -> Exact:
    """A person does every task in a part of the time, with a model's help at a price."""
    return Exact(PERSON, 1 - PERSON, WORK / factor * MINUTE + model)


def autonomous() -> Exact:
    """What comes out is delivered."""
    output, cost = of_attempts()
    right = over_hardness(lambda p: p)
    return Exact(output * right, output * (1 - right), cost)


def escalation() -> Exact:
    """Delivered when sure and cheap: theta >= t is a bound on the hint, normal around plus or minus d / 2.

    Values are in whole cents, so half a cent above the limit is still within it.
    """
    output, cost = of_attempts()
    cheap = float(stats.norm.cdf(math.log((LIMIT + 0.005) / 100) / (math.log(10) / stats.norm.ppf(0.95))))
    bound = (logit(THRESHOLD) - B - logit(over_hardness(lambda p: p))) / D
    sure_if_right, sure_if_wrong = stats.norm.sf(bound - D / 2), stats.norm.sf(bound + D / 2)
    right = cheap * output * over_hardness(lambda p: p * sure_if_right)
    wrong = cheap * output * over_hardness(lambda p: (1 - p) * sure_if_wrong)
    person = 1 - right - wrong
    return Exact(right + person * PERSON, wrong + person * (1 - PERSON), cost + person * WORK * MINUTE)


def guardian() -> Exact:
    """Two revisions at the same hardness; a failed round or a last rejection goes to a person."""
    _, first_cost = of_attempts()
    output = 1 - TRANSIENT**3
    tries = 1 + TRANSIENT + TRANSIENT**2
    round_cost = tries * ((1 - TRANSIENT) * CALL + TRANSIENT * FAILED_CALL + TOOL)

    def caught(p: float) -> float:
        return p * FALSE_REJECT + (1 - p) * CATCH

    right = wrong = reviews = 0.0
    cost, person = first_cost, DETERMINISTIC
    for number in range(3):
        share = (1 - DETERMINISTIC) * output**number
        reach = share * over_hardness(lambda p, n=number: caught(p) ** n)  # type: ignore[misc]
        cost += reach * round_cost if number else 0.0
        person += reach * (1 - output)
        reviews += reach * output
        right += share * output * over_hardness(lambda p, n=number: caught(p) ** n * p * (1 - FALSE_REJECT))  # type: ignore[misc]
        wrong += share * output * over_hardness(lambda p, n=number: caught(p) ** n * (1 - p) * (1 - CATCH))  # type: ignore[misc]
    person += (1 - DETERMINISTIC) * output**3 * over_hardness(lambda p: caught(p) ** 3)
    cost += (reviews * REVIEW + person * WORK) * MINUTE
    return Exact(right + person * PERSON, wrong + person * (1 - PERSON), cost)


EXACT: dict[str, Callable[[], Exact]] = {
    "human_only": lambda: people_alone(1.0, 0.0),
    "copilot": lambda: people_alone(1.35, CALL),
    "guardian": guardian,
    "escalation": escalation,
    "autonomous": autonomous,
}


@pytest.mark.parametrize("kind", TOPOLOGIES)
def test_success_escapes_and_cost_per_success_are_the_exact_integrals(kind: str) -> None:
    exact = EXACT[kind]()
    cpst = exact.cost / exact.success

    def look(seed: int, times: int) -> bool:
        observed = observe(
            scenario_of(kind).overlaid({"seed": seed, "horizon": "19 h"}), REPLICATIONS * times
        )
        # A ratio is as expected when cost - cpst * successes is 0 on average: no bias of a mean of ratios.
        surplus = observed["cost"] - cpst * observed["right"]
        pairs = (observed["right"], exact.success), (observed["wrong"], exact.escapes), (surplus, 0.0)
        return all(agrees(values, expected, HERE) for values, expected in pairs)

    assert holds(look)


@pytest.mark.parametrize("kind", TOPOLOGIES)
def test_the_forecast_is_the_exact_integrals(kind: str) -> None:
    exact, expected = EXACT[kind](), forecast(scenario_of(kind))
    assert expected.journey.right == pytest.approx(exact.success, abs=1e-8)
    assert expected.journey.wrong == pytest.approx(exact.escapes, abs=1e-8)
    assert expected.cpst == pytest.approx(exact.cost / exact.success, abs=1e-7)
    assert expected.cpst_with_damage == pytest.approx(
        (exact.cost + 50 * exact.escapes) / exact.success, abs=1e-6
    )

"""Cost lines: what the difference in cost between two variants is made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from analysis.estimates import Estimate
from analysis.experiments.decision import difference
from analysis.experiments.results import Replications
from analysis.metrics import Metric, Tally
from sim.log.columns import COST_LINES
from sim.quantities import BILLION

Amount = Callable[[Tally], int]
OF_PEOPLE = ("human_execution", "human_review", "rework", "correction")
"""Lines that book people's minutes: where hours are paid, worked or not, these give way to the hours."""
SMALL = 0.01
"""Share of the whole difference below which a line is too small to be told."""
REST = "everything else"
"""What small lines are called together."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """By how much one line of cost per success differs."""

    name: str
    difference: Estimate


def cost_lines(one: Replications, other: Replications, is_loaded: bool, with_damage: bool) -> list[CostLine]:
    """Each line of `one` less that of `other` per success, the largest first; lines that do not differ are left out.

    They add up to the difference in `cpst`, or with `is_loaded` in `cpst_loaded`, and with the damage of wrong
    deliveries to that with damage.
    """
    lines = [
        CostLine(name, difference(_metric(name, amount, is_loaded), one, other))
        for name, amount in _amounts(is_loaded, with_damage).items()
    ]
    return sorted((line for line in lines if line.difference.value), key=lambda line: -_size(line))


def main_cost_lines(
    one: Replications, other: Replications, is_loaded: bool, with_damage: bool
) -> list[CostLine]:
    """The lines of `cost_lines`, those below a hundredth of the whole difference as one line, the last.

    That line has the interval of its own sum; a single small line stays as it is.
    """
    lines = cost_lines(one, other, is_loaded, with_damage)
    whole = abs(math.fsum(line.difference.value or 0.0 for line in lines))
    small = [line.name for line in lines if _size(line) < SMALL * whole]
    if len(small) < 2:
        return lines
    amounts = _amounts(is_loaded, with_damage)

    def rest(tally: Tally) -> int:
        return sum(amounts[name](tally) for name in small)

    together = CostLine(REST, difference(_metric(REST, rest, is_loaded), one, other))
    return [*(line for line in lines if line.name not in small), together]


def _size(line: CostLine) -> float:
    return abs(line.difference.value or 0.0)


def _amounts(is_loaded: bool, with_damage: bool) -> dict[str, Amount]:
    """Nano-units of each line of the cost that was asked for."""
    found = _of_window() if is_loaded else _of_cohort()
    if with_damage:
        found["damage"] = lambda tally: tally.cohort.damage
    return found


def _of_cohort() -> dict[str, Amount]:
    """Nano-units of each line, people's minutes as they were worked."""
    found: dict[str, Amount] = {
        _words(name): partial(_booked, place) for place, name in enumerate(COST_LINES)
    }
    return {**found, "platform": lambda tally: tally.window.platform}


def _booked(place: int, tally: Tally) -> int:
    return tally.cohort.costs[place]


def _of_window() -> dict[str, Amount]:
    """Nano-units of each line, people's hours as they were paid."""
    found: dict[str, Amount] = {
        _words(name): partial(_booked_in_window, place)
        for place, name in enumerate(COST_LINES)
        if name not in OF_PEOPLE
    }
    paid: dict[str, Amount] = {"people's paid hours": lambda tally: sum(role.paid for role in tally.people)}
    return {**paid, **found, "platform": lambda tally: tally.window.platform}


def _booked_in_window(place: int, tally: Tally) -> int:
    return tally.window.costs[place]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _metric(name: str, amount: Amount, is_loaded: bool) -> Metric:
    def successes(tally: Tally) -> int:
        return (tally.window.right if is_loaded else tally.cohort.right) * BILLION

    return Metric(name, "currency", "lower", f"{name} per success", amount, successes)

"""Checks of uncertain values: each is there, and whatever may be drawn makes a scenario that can be run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sim.errors import ScenarioError
from sim.problems import Problem
from sim.uncertainty import CHECKED, missing, value_at

if TYPE_CHECKING:
    from sim.scenario import Scenario

BOUNDED = ("constant", "uniform", "choice")
"""Families whose draws stay between values that are written: nothing is cut off those of the others."""


def uncertain_values(scenario: Scenario) -> Iterator[Problem]:
    """Paths that lead nowhere or into each other, and distributions with values that the scenario cannot have."""
    uncertain = scenario.uncertain or {}
    for path, distribution in uncertain.items():
        place = ("uncertain", path)
        inside = next((other for other in uncertain if other.startswith(f"{path}.")), "")
        if reason := missing(scenario, path):
            yield Problem(place, "E0370", reason, of_key=True)
        elif inside:
            yield Problem(place, "E0371", f"{inside} lies inside it; give one of the two", of_key=True)
        else:
            yield from _of_values(scenario, path, distribution)


def _of_values(scenario: Scenario, path: str, distribution: Any) -> Iterator[Problem]:
    """The first of the values that were looked at which the scenario cannot have."""
    looked_at = ((value_at(distribution, u), name) for name, u in CHECKED.items())
    for value, names in groupby(looked_at, key=lambda found: found[0]):
        if reason := _refused(scenario, path, value):
            hint = "" if distribution.distribution in BOUNDED else "; hint: a uniform stays within its ends"
            rule = f"its {next(names)[1]} is {value}, which the scenario cannot have: {reason}{hint}"
            yield Problem(("uncertain", path), "E0372", rule)
            return


def _refused(scenario: Scenario, path: str, value: Any) -> str:
    """Why the scenario cannot have this value; empty when it can."""
    try:
        scenario.with_inputs({path: value})
    except ScenarioError as error:
        return error.faults[0].message
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return str(first["msg"]).replace("Input should be", "must be")
    return ""

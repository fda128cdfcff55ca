"""Words of sentences: amounts with their units, limits and topologies as people say them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from analysis.estimates import LOWER_BOUND, Estimate
from analysis.experiments.conditions import SAID
from analysis.explain.page import kinds_of
from analysis.format import (
    UNDEFINED,
    duration,
    estimated_number,
    estimated_share,
    interval,
    share,
    significant,
)
from analysis.metrics import Metric, metric_of
from sim.checks.steps import is_added
from sim.quantities import SECOND, format_duration

if TYPE_CHECKING:
    from analysis.experiments.conditions import Check, Condition
    from sim import Scenario

PER_THOUSAND = "per 1,000"
MOST_DIGITS = 12
"""Significant digits within which two numbers that differ are told apart."""
TOPOLOGIES = {
    "human_only": "people do everything",
    "copilot": "people work, assisted by an agent",
    "guardian": "an agent works, people review each output",
    "escalation": "an agent works, people take what it is not sure of",
    "autonomous": "an agent works alone",
    "cascade": "a cheap agent works, what it is not sure of goes to a dearer one, then to people",
}
"""Who does what under a topology."""


def amount(metric: Metric | str, value: float | None, currency: str) -> str:
    """A value with its unit: `EUR 3.12`, `98.1 %`, `2 h 05 min`, `8.52 per 1,000`."""
    known = metric_of(metric)
    if value is None:
        return UNDEFINED
    if known.unit == "share":
        return share(value)
    if known.unit == "s":
        return duration(value * SECOND)
    unit, text = known.unit_in(currency), significant(value)
    return _with_unit(known, text, unit)


def estimated(metric: Metric | str, found: Estimate, currency: str) -> str:
    """A value with its interval and unit: `EUR 3.12 [3.05, 3.20]`, `98.1 % [97.9, 98.4]`."""
    known, text = metric_of(metric), _lead(found) + amount(metric, found.value, currency)
    if found.value is None or found.low is None or found.high is None:
        return text
    if known.unit == "share":
        return "{} % {}".format(*estimated_share(found.value, found.low, found.high))
    if known.unit == "s":
        return f"{text} [{', '.join(duration(end * SECOND) for end in (found.low, found.high))}]"
    text = " ".join(estimated_number(found.value, found.low, found.high))
    return _with_unit(known, text, known.unit_in(currency))


def _with_unit(metric: Metric, text: str, unit: str) -> str:
    """The currency before an amount, any other unit after it."""
    if not metric.unit.startswith("currency"):
        return f"{text} {unit}".rstrip()
    code, _, per = unit.partition(" / ")
    return f"{code} {text}" + (f" a {per}" if per else "")


def difference_text(metric: Metric | str, found: Estimate, currency: str) -> str:
    """A difference with its interval and unit, of shares in percentage points."""
    known = metric_of(metric)
    if known.unit != "share" or found.value is None:
        return estimated(known, found, currency)
    text = significant(100 * found.value)
    if found.low is not None and found.high is not None:
        text += f" {interval(100 * found.low, 100 * found.high)}"
    return f"{text} %-points"


def limit(condition: Condition, currency: str) -> str:
    """A condition as people say it: `at most 1 % wrong deliveries of all tasks`, `mean wait at most 2 h`."""
    metric, sign = metric_of(condition.metric), SAID[condition.sign]
    if metric.unit == "share":
        return f"{sign} {bound(condition, currency)} {metric.label}"
    if metric.unit == PER_THOUSAND:
        return f"{sign} {condition.bound:.10g} {metric.label} {PER_THOUSAND}"
    return f"{metric.label} {sign} {bound(condition, currency)}"


def bound(condition: Condition, currency: str) -> str:
    """The bound of a condition as it was stated, with its unit: `95 %`, `2 h`."""
    metric = metric_of(condition.metric)
    if metric.unit == "share":
        return f"{100 * condition.bound:.10g} %"
    if metric.unit == "s":
        return format_duration(round(condition.bound * SECOND))
    return _with_unit(metric, f"{condition.bound:.12g}", metric.unit_in(currency))


def limits(conditions: Iterable[Condition], currency: str) -> str:
    """Several conditions in one phrase."""
    return " and ".join(limit(condition, currency) for condition in conditions)


def missed(checks: Iterable[Check], currency: str) -> str:
    """The conditions that are not met, with what was found instead."""
    return " and ".join(f"{limit(part.condition, currency)} ({_beyond(part, currency)})" for part in checks)


def _beyond(part: Check, currency: str) -> str:
    """What was found of a condition that is not met, with the digits that tell it from the bound."""
    metric, value, limited = metric_of(part.condition.metric), part.estimate.value, part.condition.bound
    if value is None:
        return UNDEFINED
    lead = _lead(part.estimate)
    if metric.unit == "s":
        text, rest = duration(value * SECOND), abs(value - limited) * SECOND
        is_alike = text == duration(limited * SECOND) and rest
        return f"{lead}{text}{f', {duration(rest)} off' if is_alike else ''}"
    scale = 100.0 if metric.unit == "share" else 1.0
    pairs = [
        [significant(one * scale, digits) for one in (value, limited)] for digits in range(3, MOST_DIGITS)
    ]
    text = next((found for found, other in pairs if found != other), pairs[0][0])
    if metric.unit == "share":
        return f"{lead}{text} %"
    return lead + _with_unit(metric, text, metric.unit_in(currency))


def _lead(found: Estimate) -> str:
    return "more than " if found.note == LOWER_BOUND else ""


def topology(scenario: Scenario) -> str:
    """Who does what, where one topology that has a name rules and no policy adds steps to it; empty elsewhere."""
    kinds = kinds_of(scenario)
    steps = (step.label for flow in scenario.flows().values() for step in flow.steps)
    return "" if len(kinds) > 1 or any(map(is_added, steps)) else TOPOLOGIES.get(kinds[0], "")


def has_better(metric: Metric) -> str:
    """What the better of two has: `less wrong deliveries`, `more within SLA`, `the lower mean wait`."""
    if metric.unit != "share" and not metric.unit.startswith("per "):
        return f"the {'higher' if metric.direction == 'higher' else 'lower'} {metric.label}"
    less = "fewer" if "deliveries" in metric.label or metric.label.endswith("trips") else "less"
    return f"{'more' if metric.direction == 'higher' else less} {metric.label}"

"""Units as charts show them: shares in per cent, seconds in what is readable, names of metrics in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isfinite

from analysis.format import capital
from analysis.metrics import Metric, label_of, metric_of


@dataclass(frozen=True, slots=True)
class Scale:
    """What numbers are multiplied by before they are drawn, and the unit they then have."""

    factor: float
    unit: str


def scale_of(unit: str, values: Iterable[float]) -> Scale:
    """How to show numbers of this unit, by the largest of them."""
    if unit == "share":
        return Scale(100.0, "%")
    if unit != "s":
        return Scale(1.0, unit)
    largest = max((abs(value) for value in values if isfinite(value)), default=0.0)
    for seconds, name in ((172_800, "days"), (7_200, "h"), (120, "min")):
        if largest >= seconds:
            return Scale(1 / {"days": 86_400, "h": 3_600, "min": 60}[name], name)
    return Scale(1.0, "s")


def most_of(unit: str, values: Iterable[float]) -> float:
    """The largest value that there can be in this unit: 100 of a share in per cent; infinity where there is none."""
    bound = {"%": 100.0, "per 1,000": 1_000.0}.get(unit, inf)
    return bound if all(value <= bound for value in values if isfinite(value)) else inf


def words(metric: Metric | str) -> str:
    """A metric in words, by its name or itself."""
    return metric.label if isinstance(metric, Metric) else label_of(metric)


def sentence(metric: Metric | str) -> str:
    """A metric in words, as the begin of a sentence."""
    return capital(words(metric))


def labelled(metric: Metric | str, unit: str) -> str:
    """A metric in words with its unit, for an axis: `cost per success (EUR)`."""
    return f"{words(metric)} ({unit})" if unit else words(metric)


def unit_of(metric: Metric | str, currency: str) -> str:
    """The unit of a metric, with the currency's code for an amount; raises KeyError for an unknown metric."""
    return metric_of(metric).unit_in(currency)

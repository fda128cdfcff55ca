"""Tables of experiments: variants with intervals, cost lines, frontier, risk, and how intervals close."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import pandas as pd

from analysis.estimates import Estimate
from analysis.experiments import Comparison, Replications, estimate_of
from analysis.experiments.conditions import Condition
from analysis.experiments.cost_lines import OF_PEOPLE
from analysis.experiments.frontier import dominated, point_of
from analysis.experiments.objectives import LOADED_WITH_DAMAGE
from analysis.metrics import Metric, Tally, metric_of
from sim.log.columns import COST_LINES
from sim.quantities import BILLION, HOUR

Result = Comparison | Replications
"""What can be drawn side by side: variants, or the replications of one scenario."""
RISKS = ("cfr_analytic", "cfr_chain", "cfr_delivered")
"""Cascade failure risk: from each stage's own risk, of the agents' chain, at the end."""
Basis = Literal["worked", "paid"]
"""What people cost: the minutes they work at tasks, or the hours they are paid, worked or not."""
SPENT: dict[Basis, str] = {"worked": "cpst", "paid": "cpst_loaded"}
WITH_DAMAGE: dict[Basis, str] = {"worked": "cpst_with_damage", "paid": LOADED_WITH_DAMAGE.name}
"""What a success costs on either basis, as spent and with the damage of wrong deliveries."""
DAMAGE_LINE = "damage of wrong deliveries"
Amount = Callable[[Tally], int]
FEWEST = 2
"""Replications from which on there is an interval."""


def variants_of(result: Result) -> Mapping[str, Replications]:
    """The variants by name; replications of one scenario are one variant of its name."""
    return result.variants if isinstance(result, Comparison) else {result.scenario.name: result}


def comparison(
    result: Result, metric: Metric | str = "cpst", conditions: Sequence[Condition] | None = None
) -> pd.DataFrame:
    """One row per variant: `variant`, `value`, `low`, `high`, `unit`, `note`, `is_baseline`, `is_winner`.

    NaN for what is undefined. `attrs` holds `limits`, the signs and bounds of the conditions on this metric: those of
    the decision's rule unless others are given. Raises KeyError for an unknown metric.
    """
    wanted = metric_of(metric)
    rows = pd.DataFrame([_row(result, name, wanted) for name in variants_of(result)])
    asked = conditions_of(result) if conditions is None else conditions
    rows.attrs["limits"] = [(part.sign, part.bound) for part in asked if part.metric == wanted.name]
    return rows


def conditions_of(result: Result) -> tuple[Condition, ...]:
    """What a choice between the variants must meet."""
    rule = result.rule if isinstance(result, Comparison) else None
    return () if rule is None else rule.subject_to


def basis_of(result: Result) -> Basis:
    """What people's work costs in a choice: their paid hours where the variants are staffed differently."""
    return "paid" if isinstance(result, Comparison) and not result.is_staffed_alike else "worked"


def cost_of(result: Result) -> str:
    """The cost per success that a choice weighs, without damage: `cpst_loaded` where hours are paid, else `cpst`."""
    return SPENT[basis_of(result)]


def counts_damage(result: Result) -> bool:
    """Whether what a comparison is decided by is a cost per success with the damage of wrong deliveries."""
    objective = result.decision.objective if isinstance(result, Comparison) else None
    return objective is not None and objective.name in WITH_DAMAGE.values()


def cost_breakdown(result: Result, basis: Basis | None = None) -> pd.DataFrame:
    """One row per variant and line of cost: `variant`, `line`, `value` in currency per success, `unit`.

    Pooled over the replications; NaN where nothing succeeded. On the basis `worked` the lines of a variant add up to
    its `cpst`, on `paid` to its `cpst_loaded`; it is what the decision ranks on (`basis_of`) unless given. Where the
    decision counts damage, that is the last line, and they add up to `cpst_with_damage` or `cpst_loaded_with_damage`.
    Lines that are 0 for every variant are left out. `attrs` holds `basis` and `metric`, what the lines add up to.
    """
    basis = basis or basis_of(result)
    amounts, totals = _paid() if basis == "paid" else _worked(), SPENT
    if counts_damage(result):
        amounts, totals = amounts | {DAMAGE_LINE: lambda tally: tally.cohort.damage}, WITH_DAMAGE
    rows: list[dict[str, Any]] = []
    for variant, found in variants_of(result).items():
        unit = f"{found.scenario.currency} per success"
        for line, amount in amounts.items():
            estimate = estimate_of(_line(amount, basis), found.tallies)
            value = float("nan") if estimate.value is None else estimate.value
            rows.append({"variant": variant, "line": line, "value": value, "unit": unit})
    frame = pd.DataFrame(rows)
    used = frame.groupby("line")["value"].transform(lambda values: bool(values.isna().any() or values.any()))
    shown = frame[used.astype(bool)].reset_index(drop=True)
    shown.attrs |= {"basis": basis, "metric": totals[basis]}
    return shown


def _worked() -> dict[str, Amount]:
    """Nano-units of each line of the cohort's cost."""
    lines: dict[str, Amount] = {
        name.replace("_", " "): partial(_booked, place) for place, name in enumerate(COST_LINES)
    }
    return {**lines, "platform": lambda tally: tally.cohort.platform}


def _paid() -> dict[str, Amount]:
    """Nano-units of each line of what is paid in the window: people's hours in place of what they booked."""
    lines: dict[str, Amount] = {
        name.replace("_", " "): partial(_booked_in_window, place)
        for place, name in enumerate(COST_LINES)
        if name not in OF_PEOPLE
    }
    hours: dict[str, Amount] = {
        "paid hours, worked": _work,
        "paid hours, idle": lambda tally: sum(role.paid for role in tally.people) - _work(tally),
    }
    return {**hours, **lines, "platform": lambda tally: tally.window.platform}


def _booked(place: int, tally: Tally) -> int:
    return tally.cohort.costs[place]


def _booked_in_window(place: int, tally: Tally) -> int:
    return tally.window.costs[place]


def _work(tally: Tally) -> int:
    """Nano-units of people's hours of work in the window."""
    return sum((role.wage * role.busy_ticks + HOUR // 2) // HOUR for role in tally.people)


def _line(amount: Amount, basis: Basis) -> Metric:
    """A line of cost per success, of the window's successes where hours are paid in it."""

    def right(tally: Tally) -> int:
        return (tally.window.right if basis == "paid" else tally.cohort.right) * BILLION

    return Metric("", "currency", "lower", "", amount, right)


def frontier(
    result: Result, x: str | None = None, y: str = "cfr_delivered", size: str = "throughput_right"
) -> pd.DataFrame:
    """One row per variant: `x`, `y` and `size` with `_low` and `_high`, and `dominated`.

    `x` is the cost per success that the decision weighs (`cost_of`) unless given. A variant is dominated when another
    is at least as good in all three and better in one, by the estimates; which way is better is the metric's own.
    Raises KeyError for an unknown metric.
    """
    metrics = tuple(map(metric_of, (x or cost_of(result), y, size)))
    named = variants_of(result)
    points = [point_of(metrics, found.tallies) for found in named.values()]
    rows = []
    for name, is_out in zip(named, dominated(points), strict=True):
        row: dict[str, Any] = {"variant": name}
        for role, metric in zip(("x", "y", "size"), metrics, strict=True):
            row |= _spread(role, estimate_of(metric, named[name].tallies))
        rows.append(row | {"dominated": is_out} | _marks(result, name))
    return pd.DataFrame(rows)


def cfr(result: Result) -> pd.DataFrame:
    """One row per variant and kind of cascade failure risk: `variant`, `risk`, `value`, `low`, `high`, `note`.

    Shares of tasks, 0 to 1; NaN where a risk is undefined, as the analytic one is without agents.
    """
    rows = []
    for name, found in variants_of(result).items():
        for risk in RISKS:
            estimate = found.estimate(risk)
            rows.append({"variant": name, "risk": risk, **_spread("", estimate), "note": estimate.note})
    return pd.DataFrame(rows)


def convergence(result: Replications, metric: Metric | str = "cpst") -> pd.DataFrame:
    """One row per number of replications from 2 on: `replications`, `value`, `low`, `high`, of the first so many.

    NaN where a value or an interval is undefined. Raises KeyError for an unknown metric.
    """
    wanted, tallies = metric_of(metric), tuple(result.tallies)
    rows = []
    for count in range(FEWEST, len(tallies) + 1):
        rows.append({"replications": count, **_spread("", estimate_of(wanted, tallies[:count]))})
    return pd.DataFrame(rows, columns=["replications", "value", "low", "high"])


def _row(result: Result, name: str, metric: Metric) -> dict[str, Any]:
    found = variants_of(result)[name]
    estimate = estimate_of(metric, found.tallies)
    unit = metric.unit_in(found.scenario.currency)
    return {
        "variant": name,
        **_spread("", estimate),
        "unit": unit,
        "note": estimate.note,
        **_marks(result, name),
    }


def _marks(result: Result, name: str) -> dict[str, bool]:
    if not isinstance(result, Comparison):
        return {"is_baseline": True, "is_winner": False}
    return {"is_baseline": name == result.baseline, "is_winner": name == result.decision.winner}


def _spread(role: str, estimate: Estimate) -> dict[str, float]:
    """A value and its interval as columns; NaN for what cannot be given."""
    prefix = f"{role}_" if role else ""
    value = {role or "value": estimate.value, f"{prefix}low": estimate.low, f"{prefix}high": estimate.high}
    return {name: float("nan") if number is None else number for name, number in value.items()}

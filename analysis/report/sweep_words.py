"""Sentences of a sweep: what was varied, where the objective is least and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS, Estimate
from analysis.experiments.decision import difference
from analysis.format import interval, significant
from analysis.report.compare_words import WIDTH, called, wrapped
from sim.quantities import format_duration

if TYPE_CHECKING:
    from analysis.experiments.decision import Decision
    from analysis.experiments.sweep import Sweep
    from analysis.metrics import Metric
    from sim import Scenario

MOST_NAMED = 4
"""Points that a sentence names."""


def heading(sweep: Sweep) -> list[str]:
    """What was simulated, and what to choose by."""
    compared, decision = sweep.comparison, sweep.comparison.decision
    counts = f"{len(sweep.points)} points on the same draws · {compared.replications} replications"
    lines = titled(compared.base.scenario, counts, compared.base.seed)
    if decision.rule is None:
        return lines
    conditions = ", ".join(map(str, decision.rule.subject_to))
    lines += wrapped(
        f"minimise {decision.rule.minimise}" + (f", subject to {conditions}" if conditions else ""), ""
    )
    if sweep.objective.name != decision.rule.minimise:
        lines += wrapped(f"ranked on {called(sweep.objective)}: staffing differs, so idle hours count", "")
    return lines


def titled(scenario: Scenario, counts: str, seed: int) -> list[str]:
    """The first line of a report, in two where it is too long."""
    facts = f"{counts} of {format_duration(scenario.horizon - scenario.warm_up)} · seed {seed}"
    line = f"{scenario.name} · {facts}"
    return [line] if len(line) <= WIDTH else [*wrapped(scenario.name, ""), *wrapped(facts, "")]


def answer(sweep: Sweep) -> str:
    """Where the objective is least, among the points that meet the conditions, and which others are too close."""
    decision, best = sweep.comparison.decision, leader(sweep)
    if best is None:
        return f"No point is chosen: {_reason(decision)}."
    found = f"{called(sweep.objective)} is least at {point_text(sweep, best)}: {_amount(sweep, best)}"
    if decision.winner is None:
        failed = _failed(sweep, best)
        found = f"No point is chosen: {_reason(decision)}. Of all points {found}"
        found += f", which fails {failed}" if failed else ""
    elif decision.rule is not None and decision.admitted < len(sweep.points):
        conditions = " and ".join(map(str, decision.rule.subject_to))
        found += f", among the {decision.admitted} of {len(sweep.points)} points that meet {conditions}"
    if close := close_points(sweep):
        found += f"; {_listed(sweep, close)} {'is' if len(close) == 1 else 'are'} within the noise"
    elif decision.admitted > 1 and decision.is_sure:
        found += "; every other is worse by more than the noise"
    return f"{found}.{_refused(sweep)}{_edge(sweep, best)}"


def leader(sweep: Sweep) -> str | None:
    """The point that is chosen, or the one with the least objective of all where none is; None without any value."""
    if sweep.comparison.decision.winner is not None:
        return sweep.comparison.decision.winner
    values = {name: sweep.comparison.estimate(name, sweep.objective).value for name in sweep.points}
    known = {name: value for name, value in values.items() if value is not None}
    return min(known, key=known.__getitem__, default=None)


def close_points(sweep: Sweep) -> list[str]:
    """Points that may be as good as the leading one: the simultaneous interval does not tell.

    Those that fail a condition do not count where a point is chosen.
    """
    decision, compared, best = sweep.comparison.decision, sweep.comparison, leader(sweep)
    if best is None or compared.replications < FEWEST_FOR_CLAIMS:
        return []
    rivals = [
        name
        for name in sweep.points
        if name != best and (decision.winner is None or decision.standings[name].is_admitted)
    ]
    gaps = {
        name: difference(
            sweep.objective, compared.variants[name], compared.variants[best], compared.confidence
        )
        for name in rivals
    }
    return [name for name, gap in gaps.items() if gap.low is None or gap.low <= 0]


def _reason(decision: Decision) -> str:
    return decision.reason.replace("variant", "point")


def _failed(sweep: Sweep, name: str) -> str:
    """The conditions that a point does not meet, with what it has."""
    standing = sweep.comparison.decision.standings.get(name)
    failed = () if standing is None else standing.failed
    return " and ".join(f"{check.condition} ({significant(check.estimate.value)})" for check in failed)


def _refused(sweep: Sweep) -> str:
    """What would have been better, and the condition that it fails."""
    refused = sweep.comparison.decision.refused
    if refused is None:
        return ""
    return f" {point_text(sweep, refused)} would be {_amount(sweep, refused)}, but fails {_failed(sweep, refused)}."


def _edge(sweep: Sweep, best: str) -> str:
    """Whether the best point is at the end of what was varied, so that a better one may lie beyond."""
    values = [point[sweep.paths[0]] for point in sweep.points.values()]
    is_numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if len(sweep.paths) > 1 or len(values) < 3 or not is_numeric:
        return ""
    is_at_end = sweep.points[best][sweep.paths[0]] in (min(values), max(values))
    return " It is at the end of what was varied: look further." if is_at_end else ""


def point_text(sweep: Sweep, name: str) -> str:
    """The varied values of a point: `topology.threshold = 0.85`."""
    return ", ".join(
        f"{path} = {value}" for path, value in zip(sweep.paths, values_of(sweep, name), strict=True)
    )


def values_of(sweep: Sweep, name: str) -> list[str]:
    """The varied values of a point, money after its currency."""
    values = sweep.points[name].values()
    return [value_text(value, currency) for value, currency in zip(values, sweep.currencies, strict=True)]


def _listed(sweep: Sweep, names: Sequence[str]) -> str:
    """The values of some points: `0.85 and 0.95`."""
    shown = [" · ".join(values_of(sweep, name)) for name in names[:MOST_NAMED]]
    if len(names) > MOST_NAMED:
        return f"{', '.join(shown)} and {len(names) - MOST_NAMED} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def value_text(value: object, currency: str = "") -> str:
    """A value of a scenario as people read it, after its currency; one of several parts as `mean 0.98, spread 0`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {value_text(part)}" for name, part in value.items())
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{currency} {text}" if currency and value is not None else text


def _amount(sweep: Sweep, name: str) -> str:
    """The objective at a point, with its interval and unit."""
    return amount(sweep.objective, sweep.comparison.estimate(name, sweep.objective), sweep.scenario.currency)


def amount(metric: Metric, found: Estimate, currency: str) -> str:
    """A value with its interval and unit: `EUR 3.12 [3.05, 3.20]`."""
    unit = metric.unit_in(currency)
    text = significant(found.value)
    if found.has_interval:
        text += f" {interval(found.low, found.high)}"
    return f"{unit} {text}" if metric.unit.startswith("currency") else f"{text} {unit}"

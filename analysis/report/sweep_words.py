"""Sentences of a sweep: what was varied, where the objective is least and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analysis.experiments.sweep_rows import close_points, growing, leader, left_over
from analysis.format import capital
from analysis.report.compare_words import WIDTH, wrapped
from analysis.report.people import ranked_on
from analysis.report.words import estimated, limits, missed
from sim.quantities import format_duration

if TYPE_CHECKING:
    from analysis.experiments.decision import Decision
    from analysis.experiments.sweep import Sweep
    from sim import Scenario

MOST_NAMED = 4
"""Points that a sentence names."""
CLOSE = "~"
"""Mark of a difference that may be chance: its paired interval holds 0."""


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
        lines += wrapped(ranked_on(sweep.objective, is_staffed=False), "")
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
        return f"No point is chosen: {reason(decision)}."
    found = f"{sweep.objective.label} is least at {point_text(sweep, best)}: {_amount(sweep, best)}"
    if decision.winner is None:
        failed = _failed(sweep, best)
        found = f"No point is chosen: {reason(decision)}. Of all points {found}"
        found += f", which does not keep to {failed}" if failed else ""
    elif decision.rule is not None and decision.kept < len(sweep.points):
        kept = limits(decision.rule.subject_to, sweep.scenario.currency)
        found += f", among the {decision.kept} of {len(sweep.points)} points that keep to {kept}"
    if close := close_points(sweep):
        found += f"; {_listed(sweep, close)} {'is' if len(close) == 1 else 'are'} within the noise"
    elif decision.admitted > 1 and decision.is_sure:
        found += "; every other is worse by more than the noise"
    return f"{capital(found)}.{_refused(sweep)}{_edge(sweep, best)}"


def reason(decision: Decision) -> str:
    """Why no point is chosen."""
    return decision.reason.replace("variant", "point")


def _failed(sweep: Sweep, name: str) -> str:
    """The conditions that a point does not meet, with what it has."""
    standing = sweep.comparison.decision.standings.get(name)
    failed = () if standing is None else standing.failed
    return missed(failed, sweep.scenario.currency)


def _refused(sweep: Sweep) -> str:
    """What would have been better, and the condition that it fails."""
    refused = sweep.comparison.decision.refused
    if refused is None:
        return ""
    found = f"{point_text(sweep, refused)} would be {_amount(sweep, refused)}"
    doubt = ", and work is left over there" if refused in left_over(sweep) else ""
    return f" {found}, but does not keep to {_failed(sweep, refused)}{doubt}."


def overload(sweep: Sweep) -> list[str]:
    """Where queues grow without bound, and where work was left over; a sentence each."""
    found = []
    if names := growing(sweep):
        found.append(
            f"At {_listed(sweep, names)} a queue grows without bound: waits and service levels there depend on how "
            "long one looks."
        )
    if names := left_over(sweep):
        found.append(
            f"At {_listed(sweep, names)} work was left over at the end: what it would still cost is in no number, so "
            "costs there are too low."
        )
    return found


def _edge(sweep: Sweep, best: str) -> str:
    """Whether the best point is at the end of what was varied, so that a better one may lie beyond."""
    values = [point[sweep.paths[0]] for point in sweep.points.values()]
    is_numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if len(sweep.paths) > 1 or len(values) < 3 or not is_numeric:
        return ""
    is_at_end = sweep.points[best][sweep.paths[0]] in (min(values), max(values))
    return " It is at the end of what was varied: look further." if is_at_end else ""


def baseline_kind(sweep: Sweep) -> str:
    """What the point is that differences are to."""
    return "the scenario as written" if sweep.is_as_written else "the first point"


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
    return estimated(
        sweep.objective, sweep.comparison.estimate(name, sweep.objective), sweep.scenario.currency
    )

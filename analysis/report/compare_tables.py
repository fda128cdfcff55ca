"""Tables of a comparison: standings, months and people, differences, cost lines, task types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.experiments.leverage import PER_PAID_HOUR
from analysis.experiments.objectives import LOADED_WITH_DAMAGE, states_damage
from analysis.experiments.results import estimate_of
from analysis.format import UNDEFINED, share, significant
from analysis.metrics import metric_of
from analysis.report.chance import probability
from analysis.report.compare_cells import laid_out, percent, plus_minus, spread
from analysis.report.compare_words import wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.experiments.comparison import Comparison
    from analysis.experiments.decision import Decision, Standing
    from analysis.experiments.leverage import Leverage
    from analysis.experiments.results import Replications
    from analysis.metrics import Metric

STANDINGS = (16, 15, 16, 8, 10)
PEOPLE = (15, 10, 10, 9, 8, 7, 7, 14)
"""Widths of the columns; what is left of the line is the last one's."""
SHORT = {
    "escape_share": "wrong", "wrong_per_1000": "wrong", "cfr_delivered": "wrong", "sla_share": "SLA",
    "success_share": "right", "damage_per_task": "damage", "cycle_time_mean": "time", "cycle_time_p50": "time",
    "cycle_time_p90": "time", "cycle_time_p99": "time", "wait_mean": "wait", "wait_people_mean": "wait",
    "wait_longest": "wait",
}  # fmt: skip
"""What `fails:` calls a condition."""
HEADINGS = {
    "cpst": "CPST", "cpst_loaded": "CPST loaded", "cpst_with_damage": "with damage",
    "cpst_loaded_with_damage": "loaded+damage",
}  # fmt: skip
"""What columns of cost are called."""
DIFFERENCES: tuple[tuple[str, str, float], ...] = (
    ("throughput", "delivered / week", 1.0),
    ("cycle_time_mean", "cycle time, mean, min", 1 / 60),
    ("wrong_per_1000", "wrong / 1,000", 1.0),
    ("sla_share", "within SLA, %-points", 100.0),
    ("human_minutes_per_task", "people, min / task", 1.0),
    ("rework_minutes_per_task", "  rework, min / task", 1.0),
    ("correction_minutes_per_task", "  correction, min / task", 1.0),
)
"""What is set against the baseline beside cost: metric, label, and its scale (rows PF-22 and RO-04)."""
LONGEST_LINE = 40
"""Characters of the difference in one line of cost."""
TOGETHER = 2
"""Variants whose differences stand side by side."""


def standings_table(comparison: Comparison) -> list[str]:
    """One row per variant: objective, cost, errors, service, and the chance of being best or what fails."""
    return standings_rows(comparison.variants, comparison.decision, cost_columns(comparison))


def cost_columns(comparison: Comparison) -> list[Metric]:
    """The objective first, then another view of cost."""
    objective = comparison.decision.objective
    is_alike = comparison.is_staffed_alike
    plain = metric_of("cpst" if is_alike else "cpst_loaded")
    if objective is not None and objective.name != plain.name:
        return [objective, plain]
    if any(states_damage(variant.scenario) for variant in comparison.variants.values()):
        return [plain, metric_of("cpst_with_damage") if is_alike else LOADED_WITH_DAMAGE]
    return [plain, metric_of("cpst_loaded" if is_alike else "cpst")]


def standings_rows(
    variants: Mapping[str, Replications], decision: Decision, columns: list[Metric]
) -> list[str]:
    """The table for some variants and a decision between them; the winner has a star."""
    currency = next(iter(variants.values())).scenario.currency
    header = [
        ["", *(_heading(metric) for metric in columns), "wrong", "within", " best or"],
        ["", *(metric.unit_in(currency)[:14] for metric in columns), "/ 1,000", "SLA", " what fails"],
    ]
    rows = []
    for name, variant in variants.items():
        cells = [plus_minus(estimate_of(metric, variant.tallies)) for metric in columns]
        cells.append(significant(variant.estimate("wrong_per_1000").value))
        cells.append(percent(variant.estimate("sla_share").value))
        standing = decision.standings.get(name)
        star = " *" if name == decision.winner else ""
        rows.append([name + star, *cells, " " + verdict(standing, decision)])
    return laid_out(header, rows, STANDINGS)


def _heading(metric: Metric) -> str:
    """At most 14 characters."""
    return HEADINGS.get(metric.name, metric.name)[:14]


def verdict(standing: Standing | None, decision: Decision) -> str:
    """The chance of being the best, or the first condition that is missed and how many others are."""
    if standing is None:
        return UNDEFINED
    if standing.is_admitted and decision.kept == 1:
        return "only one"
    if standing.failed:
        first, *others = standing.failed
        name = SHORT.get(first.condition.metric, "limit")
        return f"fails: {name}" + (f"+{len(others)}" if others else "")
    return probability(standing.probability_best)


def people_table(comparison: Comparison) -> list[str]:
    """One row per variant: months on both bases, people and their use, and how far their minutes reach."""
    currency, staffing = comparison.base.scenario.currency, comparison.staffing
    people = "on shift" if staffing is None else "needed"
    header = [
        ["", f"{currency} / mo", f"{currency} / mo", "people", "time", "done /", "lever-", "playbook's"],
        ["", "by minutes", "as paid", people, "used", "paid h", "age", "band"],
    ]
    rows = []
    for name, variant in comparison.variants.items():
        leverage = comparison.leverage(name)
        rows.append([
            name,
            significant(variant.estimate("cost_per_month").value),
            significant(variant.estimate("cost_per_month_paid").value),
            _people(variant) if staffing is None else str(staffing[name].people),
            share(variant.estimate("utilisation").value),
            significant(estimate_of(PER_PAID_HOUR, variant.tallies).value),
            _times(leverage.estimate.value),
            _band(leverage),
        ])  # fmt: skip
    return laid_out(header, rows, PEOPLE)


def _people(variant: Replications) -> str:
    if not any(tally.people for tally in variant.tallies):
        return "0"
    value = significant(variant.estimate("people_on_shift").value)
    return value.rstrip("0").rstrip(".") if "." in value else value


def _times(value: float | None) -> str:
    return UNDEFINED if value is None else f"{significant(value)}x"


def _band(leverage: Leverage) -> str:
    """What the playbook promises, and whether the leverage is in it, below or above."""
    if leverage.band is None:
        return UNDEFINED
    low, high = leverage.band
    text = f"{low:g}+" if high is None else f"{low:g}-{high:g}"
    value = leverage.estimate.value
    if value is None:
        return text
    return f"{text} {'below' if value < low else 'in' if leverage.is_in_band else 'above'}"


def difference_tables(comparison: Comparison) -> list[list[str]]:
    """The differences to the baseline with simultaneous intervals, two variants side by side."""
    others = [name for name in comparison.variants if name != comparison.baseline]
    return [
        _differences(comparison, others[first : first + TOGETHER])
        for first in range(0, len(others), TOGETHER)
    ]


def _differences(comparison: Comparison, names: list[str]) -> list[str]:
    currency = comparison.base.scenario.currency
    chosen: list[tuple[Metric, str, float]] = [
        (metric, f"{metric.head}, {metric.unit_in(currency)}"[:28], 1.0)
        for metric in cost_columns(comparison)
    ]
    known = {metric.name for metric, _, _ in chosen}
    chosen += [(metric_of(name), label, scale) for name, label, scale in DIFFERENCES if name not in known]
    rows = []
    for metric, label, scale in chosen:
        found = [comparison.difference(name, metric).paired for name in names]
        if metric.name.startswith("correction") and not any(part.value for part in found):
            continue
        rows.append([label, *(spread(part, scale) for part in found)])
    count = len(comparison.variants) - 1
    note = "95 %" if count == 1 else f"95 % for all {count} together, Bonferroni"
    lines = wrapped(f"Difference to {comparison.baseline} ({note})")
    header = [["", *(name if len(name) <= 24 else name[:23] + "…" for name in names)]]
    return lines + laid_out(header, rows, (30, *(25 for _ in names)))


def cost_table(comparison: Comparison) -> list[str]:
    """The cost lines that make the difference between the runner-up and the winner."""
    lines = comparison.cost_lines(is_short=True)
    if not lines:
        return []
    decision = comparison.decision
    title = f"{decision.runner_up} minus {decision.winner}, {comparison.base.scenario.currency} per success"
    rows = [[f"  {line.name}", spread(line.difference, longest=LONGEST_LINE)] for line in lines]
    return [*wrapped(f"What makes the difference: {title}"), *laid_out([], rows, (30, LONGEST_LINE + 1))]


def type_tables(comparison: Comparison) -> list[str]:
    """The standings for the tasks of each type alone, and what they would choose; nothing for one type."""
    found: list[str] = []
    for type_id, decision in comparison.decisions_by_type.items():
        columns = [metric_of("cpst")]
        if decision.objective is not None and decision.objective.name != "cpst":
            columns.insert(0, decision.objective)
        else:
            columns.append(metric_of("cpst_with_damage"))
        lines = standings_rows(comparison.of_type(type_id), decision, columns)
        found += ["", *wrapped(f"{type_id} alone, without platform cost: {_choice(decision)}"), *lines]
    return found[1:]


def _choice(decision: Decision) -> str:
    if decision.winner is None:
        return f"no winner ({'no rule' if decision.rule is None else decision.reason.split(':')[0]})"
    if decision.runner_up is None or decision.margin is None:
        return decision.winner
    if decision.margin.value == 0.0:
        return f"{decision.winner}, exactly as {decision.runner_up}"
    return f"{decision.winner}, then {decision.runner_up} by {spread(decision.margin)}"

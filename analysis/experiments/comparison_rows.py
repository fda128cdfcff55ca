"""Rows of a comparison: its estimates, differences and standings as plain values by column."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from analysis.experiments.inputs import columns, values_of
from analysis.experiments.stability import growths, unbounded
from analysis.experiments.tables import Row, confidences, spread
from analysis.metrics import METRICS, metric_of
from analysis.metrics import by_type as rows_by_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.experiments.comparison import Comparison, Staffing
    from analysis.experiments.decision import Decision
    from analysis.experiments.leverage import Leverage

BESIDE = ("cost_per_month", "cost_per_month_paid", "people_on_shift", "utilisation")
"""What stands beside the objective in every comparison."""


def summary(comparison: Comparison) -> list[Row]:
    """One row per variant and metric."""
    found: list[Row] = []
    for name, variant in comparison.variants.items():
        for metric in METRICS:
            row: Row = {"variant": name, "metric": metric.name}
            row |= spread("", comparison.estimate(name, metric))
            row |= spread("difference", comparison.difference(name, metric).paired)
            if comparison.over_inputs is not None:
                row |= columns(comparison.over_inputs.range(name, metric))
            found.append(row | {"unit": metric.unit_in(variant.scenario.currency)})
    return found


def differences(comparison: Comparison) -> list[Row]:
    """One row per variant but the baseline, and metric."""
    found: list[Row] = []
    for name in comparison.variants:
        if name == comparison.baseline:
            continue
        for metric in METRICS:
            difference = comparison.difference(name, metric)
            row: Row = {"variant": name, "baseline": comparison.baseline, "metric": metric.name}
            row |= spread("", difference.paired)
            row |= {"unpaired_low": difference.unpaired.low, "unpaired_high": difference.unpaired.high}
            row |= {"variance_bought": difference.variance_bought}
            found.append(row | {"unit": metric.unit_in(comparison.base.scenario.currency)})
    return found


def standings(comparison: Comparison) -> list[Row]:
    """One row per variant."""
    decision = comparison.decision
    found: list[Row] = []
    for name in comparison.variants:
        row: Row = {"variant": name, "is_winner": name == decision.winner}
        row |= _standing(decision, name) | _best_over_inputs(comparison, name)
        row["is_on_frontier"] = name in decision.frontier
        if comparison.staffing is not None:
            row["people_needed"] = comparison.staffing[name].people
        for metric in BESIDE:
            row[metric] = comparison.estimate(name, metric_of(metric)).value
        growing = unbounded(comparison.variants[name])
        row["queues_without_bound"] = ", ".join(growth.role for growth in growing)
        found.append(row | _leverage(comparison.leverage(name)))
    return found


def _standing(decision: Decision, name: str) -> Row:
    """How a variant stands by the rule; nothing without one."""
    if name not in decision.standings or decision.objective is None:
        return {}
    standing = decision.standings[name]
    return {
        "objective": decision.objective.name,
        **spread("objective", standing.objective),
        "meets_conditions": not standing.failed,
        "failed_conditions": "; ".join(str(check.condition) for check in standing.failed),
        "probability_best": standing.probability_best,
    }


def _best_over_inputs(comparison: Comparison, name: str) -> Row:
    """In how many draws of the inputs a variant is the best; nothing where none were drawn."""
    if comparison.over_inputs is None:
        return {}
    best = comparison.over_inputs.best.get(name)
    return {
        "best_over_inputs": None if best is None else best.share,
        "best_over_inputs_low": None if best is None else best.low,
        "best_over_inputs_high": None if best is None else best.high,
        "best_in_stated_replications": None if best is None else best.stated,
    }


def _leverage(found: Leverage) -> Row:
    low, high = found.band if found.band is not None else (None, None)
    return {
        "topology": found.topology,
        "leverage": found.estimate.value,
        "leverage_low": found.estimate.low,
        "leverage_high": found.estimate.high,
        "playbook_from": low,
        "playbook_to": high,
        "is_in_playbook_band": found.is_in_band,
    }


def by_type(comparison: Comparison) -> list[Row]:
    """One row per task type and variant."""
    found = {
        name: {row["type"]: row for row in rows_by_type(variant.tallies)}
        for name, variant in comparison.variants.items()
    }
    types = list(comparison.base.tallies[0].types)
    return [
        {"type": type_id, "variant": name, **row[type_id]}
        for type_id in types
        for name, row in found.items()
        if type_id in row
    ]


def document(comparison: Comparison) -> Row:
    """The whole comparison."""
    return _compared(comparison) | {
        "standings": standings(comparison),
        "decision": decision_row(comparison.decision),
        "search": _search(comparison),
        "precision": comparison.precision.to_json_dict() if comparison.precision is not None else None,
        "warm_up": comparison.warm_up.to_json_dict() if comparison.warm_up is not None else None,
        "queue_growth": {
            name: [growth.to_json_dict() for growth in growths(variant)]
            for name, variant in comparison.variants.items()
        },
        "over_inputs": _over_inputs(comparison),
        "staffing": staffing_row(comparison.staffing),
        "decisions_by_type": {
            name: decision_row(part) for name, part in comparison.decisions_by_type.items()
        },
        "cost_lines": [
            {"line": line.name, **spread("", line.difference)} for line in comparison.cost_lines()
        ],
        "summary": summary(comparison),
        "differences": differences(comparison),
        "by_type": by_type(comparison),
    }


def _compared(comparison: Comparison) -> Row:
    """What was compared, and how."""
    return {
        "baseline": comparison.baseline,
        "seed": comparison.base.seed,
        "replications": comparison.replications,
        "is_complete": comparison.is_complete,
        "confidence": confidences(comparison.confidence),
        "scenarios": {
            name: {"name": variant.scenario.name, "digest": variant.scenario.digest()}
            for name, variant in comparison.variants.items()
        },
    }


def _search(comparison: Comparison) -> Row | None:
    """How the search for the best ended, if there was one."""
    found = comparison.search
    if found is None:
        return None
    return {
        "indifference": found.indifference,
        "confidence": found.confidence,
        "left": list(found.left),
        "stopped_by": found.stopped_by,
    }


def staffing_row(staffing: Mapping[str, Staffing] | None) -> Row | None:
    """The people that each variant was given, by role, and whether that meets the conditions."""
    if staffing is None:
        return None
    return {
        name: {"positions": dict(found.positions), "people": found.people, "is_met": found.is_met}
        for name, found in staffing.items()
    }


def _over_inputs(comparison: Comparison) -> Row | None:
    """What was drawn, and where the choice changes."""
    found = comparison.over_inputs
    if found is None:
        return None
    values = {name: values_of(variant) for name, variant in found.drawn.items() if variant.scenario.uncertain}
    changes = [
        {"path": change.path, "where_winner_is_best": change.where_best, "elsewhere": change.elsewhere}
        for change in found.changes
    ]
    nobody = None if found.nobody is None else asdict(found.nobody)
    return {
        "draws": found.draws, "paths": list(found.paths), "values": values, "changes": changes, "nobody": nobody,
    }  # fmt: skip


def decision_row(decision: Decision) -> Row:
    """What the rule chooses, and how every variant meets its conditions."""
    rule = decision.rule
    return {
        "minimise": rule.minimise if rule is not None else None,
        "subject_to": [str(condition) for condition in rule.subject_to] if rule is not None else [],
        "ranked_on": decision.objective.name if decision.objective is not None else None,
        "winner": decision.winner,
        "runner_up": decision.runner_up,
        "margin": spread("", decision.margin) if decision.margin is not None else None,
        "is_sure": decision.is_sure,
        "refused": decision.refused,
        "reason": decision.reason,
        "frontier": list(decision.frontier),
        "checks": {
            name: [
                {
                    "condition": str(check.condition),
                    "value": check.estimate.value,
                    "is_met": check.is_met,
                    "probability": check.probability,
                }
                for check in standing.checks
            ]
            for name, standing in decision.standings.items()
        },
    }

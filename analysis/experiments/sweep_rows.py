"""Rows of a sweep: its estimates and the standings of its points as plain values by column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS, LOWER_BOUND
from analysis.experiments.comparison_rows import decision_row
from analysis.experiments.decision import difference
from analysis.experiments.frontier import dominated, point_of
from analysis.experiments.objectives import objective_of
from analysis.experiments.stability import unbounded
from analysis.experiments.tables import Row, confidences, spread
from analysis.metrics import METRICS, metric_of

if TYPE_CHECKING:
    from analysis.experiments.sweep import Sweep

WEIGHED = ("cfr_delivered", "throughput_right")
"""What dominance weighs cost against, as the chart of the frontier does: risk and throughput."""
LEFT_OVER = 0.01
"""Share of unfinished tasks from which the cost of a point says little: what they would still cost is in no number."""


def summary(sweep: Sweep) -> list[Row]:
    """One row per point and metric."""
    return [
        point | {"metric": metric.name}
        | spread("", sweep.comparison.estimate(name, metric))
        | spread("difference", sweep.comparison.difference(name, metric).paired)
        | {"unit": metric.unit_in(sweep.scenario.currency)}
        for name, point in _heads(sweep)
        for metric in METRICS
    ]  # fmt: skip


def standings(sweep: Sweep) -> list[Row]:
    """One row per point."""
    decision, objective = sweep.comparison.decision, sweep.objective
    beaten, close = dominated_points(sweep), close_points(sweep)
    is_told = sweep.comparison.replications >= FEWEST_FOR_CLAIMS
    found: list[Row] = []
    for name, point in _heads(sweep):
        row = point | {"objective": objective.name, **spread("", sweep.comparison.estimate(name, objective))}
        row |= spread("difference", sweep.comparison.difference(name, objective).paired)
        standing = decision.standings.get(name)
        failed = () if standing is None else standing.failed
        row |= {
            "is_baseline": name == sweep.comparison.baseline,
            "is_feasible": None if standing is None else standing.is_admitted,
            "failed_conditions": "; ".join(str(check.condition) for check in failed),
            "is_winner": name == decision.winner,
            "probability_best": None if standing is None else standing.probability_best,
            "is_within_noise": name in close if is_told else None,
            "is_dominated": name in beaten,
        }
        found.append(row)
    return found


def dominated_points(sweep: Sweep) -> tuple[str, ...]:
    """Points that another is nowhere worse than in cost, risk and right deliveries, and somewhere better.

    Cost is per success, by paid hours where staffing differs, without damage, which the risk stands for.
    """
    cost = objective_of("cpst", sweep.comparison.is_staffed_alike)
    metrics = (cost, *map(metric_of, WEIGHED))
    places = [point_of(metrics, sweep.comparison.variants[name].tallies) for name in sweep.points]
    return tuple(name for name, is_out in zip(sweep.points, dominated(places), strict=True) if is_out)


def leader(sweep: Sweep) -> str | None:
    """The point that is chosen, or the one with the least objective of all where none is; None without any value."""
    if sweep.comparison.decision.winner is not None:
        return sweep.comparison.decision.winner
    found = {name: sweep.comparison.estimate(name, sweep.objective) for name in sweep.points}
    known = {
        name: one.value for name, one in found.items() if one.value is not None and one.note != LOWER_BOUND
    }
    return min(known, key=known.__getitem__, default=None)


def close_points(sweep: Sweep) -> tuple[str, ...]:
    """Points that may be as good as the leading one: the paired interval of their difference to it holds 0.

    The intervals of all points cover together. Those that fail a condition do not count where a point is chosen, and
    none does below the replications that claims take.
    """
    decision, compared, best = sweep.comparison.decision, sweep.comparison, leader(sweep)
    if best is None or compared.replications < FEWEST_FOR_CLAIMS:
        return ()
    found = []
    for name, variant in compared.variants.items():
        if name == best or (decision.winner is not None and not decision.standings[name].is_admitted):
            continue
        gap = difference(sweep.objective, variant, compared.variants[best], compared.confidence)
        if gap.low is not None and gap.low <= 0:
            found.append(name)
    return tuple(found)


def left_over(sweep: Sweep) -> tuple[str, ...]:
    """Points where work was left over at the end, so that their cost leaves out what it would still cost."""
    found = {
        name: sweep.comparison.estimate(name, metric_of("unfinished_share")).value for name in sweep.points
    }
    return tuple(name for name, part in found.items() if part is not None and part >= LEFT_OVER)


def growing(sweep: Sweep) -> tuple[str, ...]:
    """Points where a queue grows without bound, so that waits and service levels depend on how long one looks."""
    variants = sweep.comparison.variants
    return tuple(name for name in sweep.points if unbounded(variants[name]))


def document(sweep: Sweep) -> Row:
    """The whole sweep."""
    compared = sweep.comparison
    return {
        "scenario": {"name": sweep.scenario.name, "digest": sweep.scenario.digest()},
        "paths": list(sweep.paths),
        "seed": compared.base.seed,
        "replications": compared.replications,
        "is_complete": sweep.is_complete,
        "baseline": {"point": dict(sweep.points[compared.baseline]), "is_as_written": sweep.is_as_written},
        "confidence": confidences(compared.confidence),
        "decision": decision_row(compared.decision),
        "standings": standings(sweep),
        "summary": summary(sweep),
    }


def replication_rows(sweep: Sweep) -> Iterator[Row]:
    """One row per point and replication."""
    for name, point in _heads(sweep):
        variant = sweep.comparison.variants[name]
        for log, tally in zip(variant.logs, variant.tallies, strict=True):
            values = {metric.name: metric.value(tally) for metric in METRICS}
            yield point | {"replication": log.replication} | values


def _heads(sweep: Sweep) -> Iterator[tuple[str, Row]]:
    """The name of each point, and the columns that every row of it begins with."""
    for number, (name, point) in enumerate(sweep.points.items(), 1):
        yield name, {"point": number, **point}

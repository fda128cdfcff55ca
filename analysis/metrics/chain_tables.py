"""Tables of what happens between workers: stages, ways of defects, failures and what followed, guards, tiers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from analysis.metrics.breakdowns import Row, kind_of
from analysis.metrics.stage_parts import CATEGORIES, CHECKS, DELIVERED, GuardPart, StagePart
from analysis.metrics.sums import total
from analysis.metrics.table import quotient
from analysis.metrics.tallies import together
from analysis.metrics.tally import Tally
from sim.log.columns import COST_LINES, REASONS
from sim.quantities import BILLION, DAY, MINUTE, SECOND

_COUNTS = (
    "arrivals", "passes", "repeats", "born_by_agent", "born_by_person", "inherited", "amplified", "repaired",
    "wrong_work", "escaped", "agent_passes", "agent_failures", "attempts", "retries",
)  # fmt: skip


def by_stage(tallies: Sequence[Tally]) -> list[Row]:
    """One row per stage of each task type, over all replications: its passes, defects, checks, failures and cost.

    `risk` is P_i: the share of passes on clean input in which the agents left a defect of their own or a visible
    failure. Amounts are in the currency, waits and hand-offs mean seconds per pass.
    """
    tallies = together(tallies)
    return [_stage([tally.stages[place] for tally in tallies]) for place in range(len(tallies[0].stages))]


def _stage(parts: Sequence[StagePart]) -> Row:
    def summed(count: Callable[[StagePart], int]) -> int:
        return total(map(count, parts))

    def each(name: str, place: int) -> int:
        return total(getattr(part, name)[place] for part in parts)

    row: Row = {"type": parts[0].type, "stage": parts[0].stage}
    row |= {name: total(getattr(part, name) for part in parts) for name in _COUNTS}
    row |= {f"caught_by_{check}": each("caught", place) for place, check in enumerate(CHECKS)}
    row |= {f"{category}_failures": each("failures", place) for place, category in enumerate(CATEGORIES)}
    row["risk"] = quotient(summed(lambda part: part.agent_failures), summed(lambda part: part.agent_passes))
    arrivals = summed(lambda part: part.arrivals)
    row["wait_mean"] = quotient(summed(lambda part: part.waited_ticks), SECOND * arrivals)
    row["hand_off_mean"] = quotient(
        summed(lambda part: part.hand_off_ticks), SECOND * summed(lambda part: part.hand_offs)
    )
    row["human_minutes"] = summed(lambda part: part.people_ticks) / MINUTE
    row |= {line: each("costs", place) / BILLION for place, line in enumerate(COST_LINES)}
    return row


def risk_totals(tallies: Sequence[Tally], type_id: str, stage: str) -> list[tuple[int | None, int]]:
    """Numerator and denominator of P_i of one stage in each replication, for an estimate with its interval."""
    found = [
        next(part for part in tally.stages if (part.type, part.stage) == (type_id, stage))
        for tally in tallies
    ]
    return [(part.agent_failures, part.agent_passes) for part in found]


def defect_flow(tallies: Sequence[Tally]) -> list[Row]:
    """One row per way of defects: type, stage where born, where they went, at which stage, and how many.

    They go to a check that caught them (a client among these, after the delivery) or to the delivery.
    """
    tallies = together(tallies)
    ways: Counter[tuple[str, str, str, str]] = Counter()
    for tally in tallies:
        for way in tally.defects:
            ways[way.type, way.born, way.to, way.at] += way.count
    order = [(part.type, part.stage) for part in tallies[0].stages]
    targets = (*CHECKS, DELIVERED)

    def place(way: tuple[str, str, str, str]) -> tuple[int, int, int]:
        type_id, born, to, at = way
        return order.index((type_id, born)), targets.index(to), order.index((type_id, at)) if at else -1

    names = ("type", "born", "to", "at")
    return [{**dict(zip(names, way, strict=True)), "count": ways[way]} for way in sorted(ways, key=place)]


def task_failures(tallies: Sequence[Tally]) -> list[Row]:
    """Why tasks failed: a row per reason with its count; they sum to the failed tasks (row RT-15)."""
    tallies = together(tallies)
    columns = zip(*(tally.cohort.chain.failed_reasons for tally in tallies), strict=True)
    counts = [(reason, total(column)) for reason, column in zip(REASONS, columns, strict=True)]
    return [
        {"reason": reason, "tasks": count}
        for reason, count in sorted(counts, key=lambda item: -item[1])
        if count
    ]


def visible_failures(tallies: Sequence[Tally]) -> list[Row]:
    """Visible failures of attempts: a row per category and what followed, with their count."""
    tallies = together(tallies)
    columns = zip(*(tally.cohort.chain.failures for tally in tallies), strict=True)
    rows: list[Row] = []
    for place, column in enumerate(columns):
        category, reason = divmod(place, len(REASONS))
        count = total(column)
        if count:
            rows.append({"category": CATEGORIES[category], "then": REASONS[reason], "count": count})
    return rows


def guard_trips(tallies: Sequence[Tally]) -> list[Row]:
    """One row per guard that showed: trips, calls refused by reason, and when its budget was spent.

    `exhausted_after` is the median over the periods in which it was spent, in days; None when it never was.
    """
    tallies = together(tallies)
    names = dict.fromkeys(guard.name for tally in tallies for guard in tally.guards)
    return [
        _guard([guard for tally in tallies for guard in tally.guards if guard.name == name])
        for name in sorted(names)
    ]


def _guard(parts: Sequence[GuardPart]) -> Row:
    refused: Counter[str] = Counter()
    for part in parts:
        refused.update(dict(part.refused))
    spent = sorted(ticks for part in parts for ticks in part.exhausted)
    row: Row = {"guard": parts[0].name, "trips": total(part.trips for part in parts)}
    row["refused"] = total(refused.values())
    row["reasons"] = ", ".join(sorted(refused))
    row["periods"] = total(part.periods for part in parts)
    row["periods_spent"] = len(spent)
    row["exhausted_after"] = _median(spent) / DAY if spent else None
    return row


def _median(ordered: Sequence[int]) -> float:
    half = len(ordered) // 2
    return float(ordered[half]) if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def deliveries(tallies: Sequence[Tally]) -> list[Row]:
    """One row per role: cohort tasks delivered with its output in hand, and their share (row CR-17)."""
    tallies = together(tallies)
    delivered = total(tally.cohort.delivered for tally in tallies)
    rows: list[Row] = []
    for place, role in enumerate(tallies[0].roles):
        count = total(tally.roles[place].deliveries for tally in tallies)
        row: Row = {"role": role.name, "kind": kind_of(role), "deliveries": count}
        rows.append(row | {"share": quotient(count, delivered)})
    return rows


def causes(tallies: Sequence[Tally]) -> list[Row]:
    """One row per position whose wrong deliveries clients found: how many, and what correcting them cost (BE-11)."""
    tallies = together(tallies)
    rows: list[Row] = []
    for place, role in enumerate(tallies[0].roles):
        for number in range(len(role.positions)):
            parts = [tally.roles[place].positions[number] for tally in tallies]
            found, cost = total(part.found for part in parts), total(part.found_cost for part in parts)
            wrong = total(part.wrong_deliveries for part in parts)
            if found or cost:
                row: Row = {"role": role.name, "position": number + 1, "kind": kind_of(role)}
                rows.append(row | {"wrong_deliveries": wrong, "found": found, "correction": cost / BILLION})
    return rows

"""Breakdowns: tallies of replications pooled into rows by task type, worker, queue, verdict and hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from analysis.metrics.hours import HOURS
from analysis.metrics.sums import total
from analysis.metrics.table import METRICS, Metric, quotient
from analysis.metrics.tallies import together
from analysis.metrics.tally import WAIT_EDGES, Part, PositionPart, RolePart, Tally
from sim.calendars.shifts import DAY_NAMES
from sim.quantities import BILLION, HOUR, SECOND, format_duration

Row = dict[str, str | int | float | bool | None]
"""A row of a table by column name; None for what is undefined."""
BOTTLENECK = 0.95
"""Utilisation above which a role is a bottleneck (row HI-17)."""
FATES = ("tasks", "delivered", "right", "wrong", "failed", "unfinished")
"""Counts of tasks in the table by type."""


def by_type(tallies: Sequence[Tally]) -> list[Row]:
    """One row per task type: the fates of its tasks in all replications, and each metric that a type has.

    No type causes platform cost, so the costs of the types leave it out.
    """
    tallies = together(tallies)
    metrics = [metric for metric in METRICS if metric.of_part is not None]
    rows = []
    for name in tallies[0].types:
        parts = [tally.types[name] for tally in tallies]
        row: Row = {"type": name}
        row |= {fate: total(getattr(part, fate) for part in parts) for fate in FATES}
        rows.append(row | {metric.name: _of_parts(metric, parts) for metric in metrics})
    return rows


def _of_parts(metric: Metric, parts: Sequence[Part]) -> float | None:
    """A metric pooled over replications, total over total; None where one knows a lower bound only."""
    assert metric.of_part is not None
    numerators = [metric.of_part.numerator(part) for part in parts]
    if None in numerators or any(map(metric.of_part.is_bound, parts)):
        return None
    denominators = map(metric.of_part.denominator, parts)
    return quotient(total(number or 0 for number in numerators), total(denominators))


def by_worker(tallies: Sequence[Tally]) -> list[Row]:
    """One row per position: its four numbers of row BE-07, amounts in the currency, over all replications.

    A run is a finished attempt, execution or review; its success a right output or a right verdict. What
    people's work cost after an agent had tried a task is the correction of that agent's position.
    """
    tallies = together(tallies)
    rows = []
    for place, role in enumerate(tallies[0].roles):
        for number in range(len(role.positions)):
            rows.append(_worker(role, [tally.roles[place].positions[number] for tally in tallies]))
    return rows


def _worker(role: RolePart, parts: Sequence[PositionPart]) -> Row:
    def summed(count: Callable[[PositionPart], int]) -> int:
        return total(map(count, parts))

    runs, good = summed(lambda part: part.finished), summed(lambda part: part.good)
    cost, correction = summed(lambda part: total(part.costs)), summed(lambda part: part.correction)
    return {
        "role": role.name,
        "position": parts[0].number,
        "kind": kind_of(role),
        "runs": runs,
        "success_rate": quotient(good, runs),
        "cost_per_run": quotient(cost, runs * BILLION),
        "cost_per_success": quotient(cost, good * BILLION),
        "correction_per_run": quotient(correction, runs * BILLION),
        "cost": cost / BILLION,
        "correction": correction / BILLION,
        "wrong_deliveries": summed(lambda part: part.wrong_deliveries),
    }


def kind_of(role: RolePart) -> str:
    """`human` or `agent`."""
    return "human" if role.is_person else "agent"


def queues(tallies: Sequence[Tally]) -> list[Row]:
    """One row per role: use in the window, queue, waits, and how many waits were how long."""
    tallies = together(tallies)
    window = total(tally.window.ticks for tally in tallies)
    rows = []
    for place, first in enumerate(tallies[0].roles):
        roles = [tally.roles[place] for tally in tallies]
        present = total(role.present_ticks for role in roles)
        utilisation = quotient(total(role.busy_ticks for role in roles), present)
        waits = [wait for role in roles for wait in role.waits]
        count = total(wait.count for wait in waits)
        row: Row = {
            "role": first.name,
            "kind": kind_of(first),
            "utilisation": utilisation,
            "is_bottleneck": utilisation is not None and utilisation > BOTTLENECK,
            "queue_length": quotient(total(role.queue_ticks for role in roles), window),
            "waits": count,
            "wait_mean": quotient(total(wait.ticks for wait in waits), SECOND * count),
            "wait_longest": max(wait.longest for wait in waits) / SECOND,
        }
        histogram = map(total, zip(*(role.wait_histogram for role in roles), strict=True))
        rows.append(row | dict(zip(wait_columns(), histogram, strict=True)))
    return rows


def wait_columns() -> tuple[str, ...]:
    """Names of the columns that count waits by length: `none`, `< 1 min`, ..., `1 week or more`."""
    below = (f"< {format_duration(edge)}" for edge in WAIT_EDGES[1:])
    return ("none", *below, f"{format_duration(WAIT_EDGES[-1])} or more")


def verdicts(tallies: Sequence[Tally]) -> list[Row]:
    """Two rows per role that reviewed, for right and for wrong outputs: how often each verdict was given."""
    tallies = together(tallies)
    rows: list[Row] = []
    for place, first in enumerate(tallies[0].roles):
        columns = zip(*(tally.roles[place].verdicts for tally in tallies), strict=True)
        counts = list(map(total, columns))
        for output, (approved, revised, rejected) in (("right", counts[:3]), ("wrong", counts[3:])):
            if any(counts):
                row: Row = {"role": first.name, "output": output}
                rows.append(row | {"approved": approved, "revised": revised, "rejected": rejected})
    return rows


def by_hour(tallies: Sequence[Tally]) -> list[Row]:
    """One row per role and local hour of the week: hours of work and overtime, and utilisation on shift.

    The hours are summed over weeks and replications. An hour without a shift has no utilisation.
    """
    tallies = together(tallies)
    rows: list[Row] = []
    for place, first in enumerate(tallies[0].roles):
        for hour in range(HOURS):
            roles = [tally.roles[place] for tally in tallies]
            row: Row = {"role": first.name, "weekday": DAY_NAMES[hour // 24], "hour": hour % 24}
            row["busy_hours"] = total(role.busy_hours[hour] for role in roles) / HOUR
            row["overtime_hours"] = total(role.overtime_hours[hour] for role in roles) / HOUR
            rows.append(row | {"utilisation": quotient(*_use(roles, [hour]))})
    return rows


def _use(roles: Sequence[RolePart], hours: Iterable[int]) -> tuple[int, int]:
    """Ticks of work on shift, and ticks of slots on shift, in some hours of the week."""
    busy = available = 0
    for hour in hours:
        busy += total(role.busy_hours[hour] - role.overtime_hours[hour] for role in roles)
        available += total(role.available_hours[hour] for role in roles)
    return busy, available


def busiest_hours(tallies: Sequence[Tally], length: int = 2) -> list[Row]:
    """One row per role, the most used first: its busiest `length` hours on shift within a day of the week."""
    tallies = together(tallies)
    rows: list[Row] = []
    for place, first in enumerate(tallies[0].roles):
        best: tuple[float, int] | None = None
        for hour in range(HOURS):
            roles, hours = [tally.roles[place] for tally in tallies], range(hour, hour + length)
            if hour % 24 + length > 24 or not all(_use(roles, [part])[1] for part in hours):
                continue  # past midnight, or partly off shift
            share = quotient(*_use(roles, hours))
            if share is not None and (best is None or share > best[0]):
                best = share, hour
        if best is not None:
            share, hour = best
            day, start = DAY_NAMES[hour // 24], hour % 24
            row: Row = {"role": first.name, "weekday": day, "from": start, "to": start + length}
            rows.append(row | {"utilisation": share})
    return sorted(rows, key=lambda row: -float(row["utilisation"] or 0.0))

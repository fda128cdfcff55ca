"""Soundness: how precise numbers are, how the run begins, whether queues settle and agents stayed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.experiments.stability import Growth, unbounded
from analysis.format import UNDEFINED, count, duration, share, significant
from analysis.metrics import BOTTLENECK, Row, queues
from sim.quantities import DAY, MINUTE, SECOND, format_duration
from sim.rules.guards import KillSwitch

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.experiments.precision import Sought
    from analysis.experiments.widths import Width
    from analysis.warmup import WarmUp

KILL_SWITCH = "kill_switch"
"""Name of the guard that takes agents off."""
TICKS = {"s": SECOND, "min": MINUTE}
"""Ticks of the units in which a half-width is shown as a time."""


def precision_sentences(sought: Sought, done: int, currency: str) -> list[str]:
    """Whether the intervals are as narrow as was asked for, and what ended the search; one sentence each."""
    found = []
    reached = [width for width in sought.widths if width.is_reached]
    missed = [width for width in sought.widths if not width.is_reached]
    many = f"{count(done)} replication{'s' if done > 1 else ''}"
    if reached:
        found.append(f"Precise enough after {many}: {_listed(reached, currency)}.")
    if missed:
        found.append(f"Not precise enough after {many}: {_listed(missed, currency)}.")
    if sought.stopped_by == "time":
        limit = format_duration(round((sought.seconds or 0.0) * SECOND))
        found.append(
            f"Stopped by the limit of time ({limit}): how many replications that are depends on the machine; "
            f"-n {done} gives the same again."
        )
    elif missed and sought.stopped_by == "replications":
        found.append(f"Stopped by the limit of {count(sought.most)} replications (--most).")
    return found


def _listed(widths: list[Width], currency: str) -> str:
    return ", ".join(_shown(width, currency) for width in widths)


def _shown(width: Width, currency: str) -> str:
    """`cpst ± EUR 0.0190 (1.58 %, asked 2 %)`."""
    goal = width.goal
    name = f"{goal.metric} of {width.variant}" if width.variant else goal.metric
    if width.half_width is None:
        return f"{name} has no interval (asked {goal.text})"
    beside = f"asked {goal.text}"
    if goal.is_relative and width.limit:
        beside = f"{share(width.half_width / width.limit * goal.half_width)}, {beside}"
    return f"{name} ± {_amount(width.half_width, goal.of.unit_in(currency), currency)} ({beside})"


def _amount(value: float, unit: str, currency: str) -> str:
    if unit in TICKS and value * TICKS[unit] >= SECOND:
        return duration(value * TICKS[unit])
    if unit == "share":
        return share(value)
    return f"{unit} {significant(value)}" if unit.startswith(currency) else f"{significant(value)} {unit}"


def warm_up_sentence(judged: WarmUp | None, whose: str = "the") -> str:
    """What to say of a warm-up that is too short; empty for one that is not, or was not looked at."""
    if judged is None or not judged.is_too_short:
        return ""
    configured = format_duration(judged.configured) if judged.configured else "none"
    if judged.advised is None:
        return (
            f"the tasks in the system have not settled by half of the horizon: {whose} warm-up ({configured}) is too "
            "short, or queues grow without bound"
        )
    needed = -(-judged.advised // DAY)
    return (
        f"{whose} warm-up ({configured}) is too short: the tasks in the system settle after about {needed} "
        f"day{'s' if needed > 1 else ''} (MSER-5)"
    )


def bottleneck_sentences(
    result: Replications, form: str = "{role} is a bottleneck: {used} utilised"
) -> list[str]:
    """One for each role that is too busy, or whose queue grows without bound; `form` tells how busy."""
    growing = {growth.role: growth for growth in unbounded(result)}
    found = [_bottleneck(row, growing.get(str(row["role"])), form) for row in queues(result.tallies)]
    return [sentence for sentence in found if sentence]


def _bottleneck(row: Row, growth: Growth | None, form: str) -> str:
    used = row["utilisation"]
    if isinstance(used, float) and used > BOTTLENECK:
        told = form.format(role=row["role"], used=share(used))
        return (
            f"{told}; the queue may grow without bound" if growth is None else f"{told}, and {_grows(growth)}"
        )
    return "" if growth is None else f"{row['role']}: {_grows(growth)}"


def _grows(growth: Growth) -> str:
    more = growth.per_week.value
    shown = UNDEFINED if more is None else count(more) if more >= 10 else significant(more, 2)
    return (
        f"its queue grows without bound (about {shown} tasks per week more, since {share(growth.offered_load)} of the "
        "work it can do comes in): waits depend on how long you look"
    )


def final_switch(result: Replications) -> KillSwitch | None:
    """The kill switch, if nothing brings agents back after it."""
    switch = result.scenario.guards.kill_switch if result.scenario.guards is not None else None
    return switch if switch is not None and switch.resume_after is None else None


def times_switched_off(result: Replications) -> int:
    """Replications in which agents were taken off for good."""
    if final_switch(result) is None:
        return 0
    return sum(
        any(part.name == KILL_SWITCH and part.trips for part in tally.guards) for tally in result.tallies
    )

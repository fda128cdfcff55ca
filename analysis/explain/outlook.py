"""The outlook: the forecast of a scenario in words."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.forecast import Effort, Forecast, Journey, PoolForecast, Risk, TypeForecast
from analysis.format import duration, money, share, significant
from sim.quantities import MINUTE, SECOND
from sim.scenario import Scenario

Line = tuple[str, str]
"""A label and a text."""


def outlook(scenario: Scenario, expected: Forecast) -> list[Line]:
    """What to expect, line by line; waiting is left out except where a line says so."""
    currency, size = scenario.currency, expected.size
    lines = [*_outcomes(expected), *_money(currency, expected), *_hours(expected.effort)]
    lines += [("", _pool(pool)) for pool in expected.pools]
    if len(expected.types) > 1:
        lines += [("", _type(each, currency)) for each in expected.types]
    rows = (
        f"{significant(size.rows)} log rows ({_seconds(size.seconds)}, {significant(size.megabytes, 2)} MB)"
    )
    tasks = f"{significant(size.tasks)} tasks ({significant(expected.tasks)} measured)"
    lines.append(("A run", f"about {tasks} and {rows}"))
    return lines


def _outcomes(expected: Forecast) -> Iterator[Line]:
    journey = expected.journey
    yield "Right deliveries", share(journey.right)
    yield "Wrong deliveries", share(journey.wrong)
    if journey.failed:
        yield "Not delivered", share(journey.failed)
    if journey.corrected:
        yield "Right in the end", f"{share(journey.successes)}, with what is discovered and corrected"
    if not journey.attempts:
        return
    reasons = {
        "value": journey.by_value, "confidence": journey.by_confidence,
        "failure": journey.by_failure, "rejected": journey.by_rejection,
        "flagged": journey.by_check, "premature": journey.by_chance,
    }  # fmt: skip
    parts = [f"{name} {share(part)}" for name, part in reasons.items() if part]
    if expected.is_plain or parts:
        yield "To a person", " · ".join([share(journey.to_person), *parts])
    if expected.is_plain:
        yield "Agent stage", _agent(journey)
    else:
        yield "Attempts per task", significant(journey.attempts)
        yield "Cascade risk", cascade_risk(expected.risk)
    if journey.reviews:
        yield (
            "Reviews per task",
            f"{significant(journey.reviews)}, of these sent back {significant(journey.revisions)}",
        )


def cascade_risk(risk: Risk) -> str:
    """Cascade failure risk: of independent stages, and with the hardness they share where that differs."""
    first, second = share(risk.independent), share(risk.shared)
    if first == second:
        return f"{first} of tasks have a failed agent stage (analytic, no gates)"
    return f"{first} if stages fail independently, {second} with the hardness they share (analytic, no gates)"


def _agent(journey: Journey) -> str:
    texts = [f"{significant(journey.attempts)} attempts", f"visible failure {share(1.0 - journey.outputs)}"]
    if journey.outputs:
        texts.append(f"right {share(journey.right_outputs / journey.outputs)} of outputs")
    if journey.confident < journey.outputs - 1e-12:
        sure = f"sure enough {share(journey.confident / journey.outputs)}"
        right = (
            f", of these right {share(journey.right_confident / journey.confident)}"
            if journey.confident
            else ""
        )
        texts.append(sure + right)
    return " · ".join([*texts, f"cascade failure risk {share(journey.defects)}"])


def _money(currency: str, expected: Forecast) -> Iterator[Line]:
    effort = expected.effort
    lines = {
        "human execution": effort.human_execution, "human review": effort.human_review,
        "rework": effort.rework, "inference": effort.inference, "tools": effort.tools,
        "sandbox": effort.sandbox, "verification": effort.verification, "correction": effort.correction,
        "fixed": expected.platform,
    }  # fmt: skip
    parts = [f"{name} {significant(amount)}" for name, amount in lines.items() if amount]
    yield "Cost per task", " · ".join([money(expected.cost, currency), *parts])
    success = [f"playbook {significant(expected.cpst_playbook)}"]
    if effort.damage:
        success.append(f"with damage {significant(expected.cpst_with_damage)}")
    yield "Cost per success", " · ".join([money(expected.cpst, currency), *success])


def _hours(effort: Effort) -> Iterator[Line]:
    kinds = {
        "execution": effort.execution_minutes,
        "review": effort.review_minutes,
        "rework": effort.rework_minutes,
        "correction": effort.correction_minutes,
    }
    parts = [f"{name} {duration(minutes * MINUTE)}" for name, minutes in kinds.items() if minutes]
    if parts:
        whole = duration(effort.human_minutes * MINUTE)
        yield "People per task", " · ".join([whole, *parts]) if len(parts) > 1 else parts[0]
    if effort.input_tokens or effort.output_tokens:
        yield (
            "Tokens per task",
            f"{significant(effort.input_tokens)} in, {significant(effort.output_tokens)} out",
        )


def _pool(pool: PoolForecast) -> str:
    if not pool.open_hours:
        return f"{pool.role} is never on shift while measured"
    hour = f"hour of {pool.calendar}" if pool.calendar else "hour around the clock"
    text = (
        f"{pool.role} starts work {significant(pool.visits)} times, "
        f"{significant(pool.visits_per_hour)} per {hour}; "
        f"{significant(pool.load)} of {pool.slots:,} busy ({share(pool.utilisation)})"
    )
    return (
        text
        if pool.wait is None
        else f"{text}; mean wait about {duration(pool.wait)} (Erlang C, approximate)"
    )


def _type(each: TypeForecast, currency: str) -> str:
    return (
        f"{each.type_id}: {significant(each.tasks)} tasks, right {share(each.journey.right)}, "
        f"wrong {share(each.journey.wrong)}, {money(each.effort.cost, currency)} per task"
    )


def _seconds(seconds: float) -> str:
    return "under 1 s" if seconds < 1.0 else duration(seconds * SECOND)

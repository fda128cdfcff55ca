"""Guards in words: what stops work, at which limit, and what follows."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.format import money, share
from sim.quantities import format_duration
from sim.rules.guards import Breaker, Guards, KillSwitch, PeriodBudget, TraceBudget
from sim.scenario import Scenario

_THEN = {
    "person": "then to a person", "fail": "then failed", "stop": "then failed", "pause": "then agents pause",
    "downgrade": "cheaper roles before that",
}  # fmt: skip


def guard_lines(scenario: Scenario) -> list[str]:
    """One line for each guard that is on; empty without any."""
    guards = scenario.guards
    return [] if guards is None else list(_lines(guards, scenario.currency))


def _lines(guards: Guards, currency: str) -> Iterator[str]:
    counted = ", from stage to stage too" if guards.count_stage_handoffs else ""
    yield f"hops: at most {guards.max_hops} between agents{counted}"
    if guards.trace_budget is not None:
        yield _trace(guards.trace_budget, currency)
    for name, budget in guards.budgets.items():
        yield f"budget {name}: {_period(budget, currency)}"
    if guards.breaker is not None:
        yield _breaker(guards.breaker)
    if guards.kill_switch is not None:
        yield _switch(guards.kill_switch, currency)


def _trace(budget: TraceBudget, currency: str) -> str:
    limits = [money(float(budget.money), currency)] if budget.money is not None else []
    limits += [f"{budget.tokens:,} tokens"] if budget.tokens is not None else []
    return f"budget of a task: {' and '.join(limits)}, {_THEN[budget.then]}"


def _period(budget: PeriodBudget, currency: str) -> str:
    whose = f" for {', '.join(budget.roles)}" if budget.roles else ""
    alerts = f"; alerts at {', '.join(map(share, budget.alerts))}" if budget.alerts else ""
    every = format_duration(budget.period)
    return f"{money(float(budget.money), currency)} every {every}{whose}, {_THEN[budget.then]}{alerts}"


def _breaker(rule: Breaker) -> str:
    return (
        f"breaker by {rule.among}: open for {format_duration(rule.open_for)} when {share(rule.failures)} "
        f"of {rule.calls} calls failed"
    )


def _switch(rule: KillSwitch, currency: str) -> str:
    limits = {
        "errors": share(rule.error_rate) if rule.error_rate is not None else "",
        "rejections": share(rule.rejections) if rule.rejections is not None else "",
        "violations": share(rule.violations) if rule.violations is not None else "",
        "complaints": str(rule.complaints) if rule.complaints is not None else "",
        "cost": money(float(rule.cost), currency) if rule.cost is not None else "",
    }
    conditions = " or ".join(f"{name} {limit}" for name, limit in limits.items() if limit)
    back = f", back after {format_duration(rule.resume_after)}" if rule.resume_after is not None else ""
    return f"kill switch: {conditions}, {_THEN[rule.then]}{back}"

"""Guards in numbers: money in nano-units, shares in billionths, times in ticks; and the names rows call them by."""

from __future__ import annotations

from dataclasses import dataclass

from sim.quantities import billionths, nano
from sim.rules.guards import Guards, KillSwitch, PeriodBudget, TraceBudget
from sim.scenario import Scenario
from sim.workers import AgentRole

HOPS, TRACE_BUDGET = 0, 1
"""Numbers of the first two guards."""
UNLIMITED = (1 << 62) - 1
"""A limit that nothing reaches."""


@dataclass(frozen=True, slots=True)
class BudgetNumbers:
    """One budget of a period."""

    number: int
    money: int
    period: int
    roles: tuple[str, ...]
    """Roles it covers; all when empty."""
    alerts: tuple[int, ...]
    """Nano-units at which a row warns; they rise."""
    is_strict: bool
    then: str
    downgrade_at: int
    """Nano-units at which cheaper roles take over."""
    instead: dict[str, str]


@dataclass(frozen=True, slots=True)
class BreakerNumbers:
    """The circuit breakers: one for each key, numbered from `first` on."""

    first: int
    keys: tuple[str, ...]
    key_of: dict[str, str]
    """Agent role -> what its breaker covers."""
    failures: int
    calls: int
    open_for: int
    trials: int


@dataclass(frozen=True, slots=True)
class SwitchNumbers:
    """The kill switch; limits that are not set are out of reach."""

    number: int
    calls: int
    error_rate: int
    rejections: int
    violations: int
    complaints: int
    cost: int
    pauses: bool
    resume_after: int
    """Ticks; 0 for never."""


@dataclass(frozen=True, slots=True)
class GuardNumbers:
    """All guards of a scenario."""

    names: tuple[str, ...]
    max_hops: int
    counts_handoffs: bool
    trace_money: int
    trace_tokens: int
    trace_is_strict: bool
    trace_fails: bool
    """Whether a task that has spent its budget fails although there is a person."""
    budgets: tuple[BudgetNumbers, ...]
    breaker: BreakerNumbers | None
    switch: SwitchNumbers | None

    @property
    def has_trace_budget(self) -> bool:
        """Whether a task's spending is limited."""
        return min(self.trace_money, self.trace_tokens) < UNLIMITED

    @property
    def watches_calls(self) -> bool:
        """Whether any guard looks at the calls of agents."""
        return self.has_trace_budget or bool(self.budgets) or bool(self.breaker) or bool(self.switch)


def compile_guards(scenario: Scenario) -> GuardNumbers:
    """The guards of a scenario; without any, those that are on by default."""
    guards = scenario.guards or Guards()
    names = ["hops", "trace_budget", *(f"budget.{name}" for name in sorted(guards.budgets))]
    budgets = tuple(
        _budget(2 + place, guards.budgets[name]) for place, name in enumerate(sorted(guards.budgets))
    )
    breaker = _breaker(scenario, guards, len(names))
    if breaker is not None:
        names += [f"breaker.{key}" for key in breaker.keys]
    switch = None
    if guards.kill_switch is not None:
        switch = _switch(len(names), guards.kill_switch)
        names.append("kill_switch")
    trace = guards.trace_budget or TraceBudget()
    return GuardNumbers(
        names=tuple(names),
        max_hops=guards.max_hops,
        counts_handoffs=guards.count_stage_handoffs,
        trace_money=nano(trace.money) if trace.money is not None else UNLIMITED,
        trace_tokens=trace.tokens if trace.tokens is not None else UNLIMITED,
        trace_is_strict=trace.strict,
        trace_fails=trace.then == "fail",
        budgets=budgets,
        breaker=breaker,
        switch=switch,
    )


def _budget(number: int, rule: PeriodBudget) -> BudgetNumbers:
    money = nano(rule.money)
    return BudgetNumbers(
        number=number,
        money=money,
        period=rule.period,
        roles=rule.roles,
        alerts=tuple(_share_of(money, share) for share in sorted(rule.alerts)),
        is_strict=rule.strict,
        then=rule.then,
        downgrade_at=_share_of(money, rule.downgrade_at) if rule.then == "downgrade" else UNLIMITED,
        instead=dict(rule.downgrade),
    )


def _share_of(money: int, share: float) -> int:
    return (money * billionths(share) + 500_000_000) // 1_000_000_000


def _breaker(scenario: Scenario, guards: Guards, first: int) -> BreakerNumbers | None:
    rule = guards.breaker
    if rule is None:
        return None
    key_of = {}
    for name in scenario.priced_roles():
        role = scenario.workers[name]
        assert isinstance(role, AgentRole)
        provider = scenario.price(name).provider
        key_of[name] = {"role": name, "model": role.model, "provider": provider}[rule.among]
    keys = tuple(sorted(dict.fromkeys(key_of.values())))
    return BreakerNumbers(
        first, keys, key_of, billionths(rule.failures), rule.calls, rule.open_for, rule.trials
    )


def _switch(number: int, rule: KillSwitch) -> SwitchNumbers:
    def share(value: float | None) -> int:
        return billionths(value) if value is not None else UNLIMITED

    return SwitchNumbers(
        number=number,
        calls=rule.calls,
        error_rate=share(rule.error_rate),
        rejections=share(rule.rejections),
        violations=share(rule.violations),
        complaints=rule.complaints if rule.complaints is not None else UNLIMITED,
        cost=nano(rule.cost) if rule.cost is not None else UNLIMITED,
        pauses=rule.then == "pause",
        resume_after=rule.resume_after or 0,
    )

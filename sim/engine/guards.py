"""Guards at run time: what was spent, what keeps failing, who may still start a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.engine.trace import BranchToken, Trace
from sim.log import NULL
from sim.plan.codes import pack_code
from sim.plan.guards import TRACE_BUDGET, BudgetNumbers, GuardNumbers
from sim.plan.steps import StageStep
from sim.rules.breaker import Breaker, State
from sim.rules.failures import Outcome
from sim.rules.routing import Reason
from sim.rules.windows import Window
from sim.topology import Action

if TYPE_CHECKING:
    from sim.log import LogWriter, NullWriter

_TRANSIENT, _INVALID, _GOVERNANCE = int(Outcome.TRANSIENT), int(Outcome.INVALID), int(Outcome.GOVERNANCE)
_REASON_OF = {
    State.OPEN: Reason.OPENED, State.HALF_OPEN: Reason.HALF_OPENED, State.CLOSED: Reason.CLOSED
}  # fmt: skip


class Spending:
    """What one budget has booked and reserved in the period in hand."""

    __slots__ = ("alerted", "has_downgraded", "has_tripped", "period", "reserved", "rule", "spent")

    def __init__(self, rule: BudgetNumbers) -> None:
        """Nothing spent."""
        self.rule = rule
        self.reserved = 0
        self.begin(0)

    def begin(self, period: int) -> None:
        """A new period; what is reserved stays reserved."""
        self.period, self.spent, self.alerted = period, 0, 0
        self.has_tripped = self.has_downgraded = False


class GuardBook:
    """Every guard of a run. Trips and alerts are rows; a call that is refused is the journey's to record."""

    def __init__(
        self,
        numbers: GuardNumbers,
        first_row: int,
        writer: LogWriter | NullWriter,
        pause: Callable[[bool, int], None],
    ) -> None:
        """`first_row` is the number of the first guard's rows, `pause` takes agents off or puts them back."""
        self.numbers, self.first_row, self.write = numbers, first_row, writer.write
        self.pause = pause
        self.watches_calls = numbers.watches_calls
        self.is_special = numbers.watches_calls or numbers.counts_handoffs
        self.is_strict = numbers.trace_is_strict or any(rule.is_strict for rule in numbers.budgets)
        self.spendings = [Spending(rule) for rule in numbers.budgets]
        rule = numbers.breaker
        self.breakers = (
            {key: Breaker(rule.failures, rule.calls, rule.open_for, rule.trials) for key in rule.keys}
            if rule is not None
            else {}
        )
        self.switch = numbers.switch
        self.is_killed = False
        self.kill_cost = self.complaints = 0
        calls = self.switch.calls if self.switch is not None else 1
        self.errors, self.rejections, self.violations = Window(calls), Window(calls), Window(calls)

    # -- hops -------------------------------------------------------------------------------------------------

    def may_hop(self, trace: Trace) -> bool:
        """Counts one more transfer between agents, or says no."""
        if trace.hops >= self.numbers.max_hops:
            return False
        trace.hops += 1
        return True

    def may_pass_on(self, trace: Trace) -> bool:
        """As `may_hop` where passing from stage to stage counts, else yes."""
        return not self.numbers.counts_handoffs or self.may_hop(trace)

    # -- calls ------------------------------------------------------------------------------------------------

    def admit(self, trace: Trace, now: int) -> None:
        """A task arrives: cheaper roles do it while a budget that downgrades runs low (row BE-14)."""
        for spending in self.spendings:
            rule = spending.rule
            self._roll(spending, now)
            if rule.then == "downgrade" and spending.spent + spending.reserved >= rule.downgrade_at:
                if not spending.has_downgraded:
                    spending.has_downgraded = True
                    self._row(rule.number, Reason.DOWNGRADED, spending.spent, now)
                trace.instead = {**trace.instead, **rule.instead}

    def refusal(
        self, token: BranchToken, step: StageStep, prices: tuple[tuple[int, int], tuple[int, int]], now: int
    ) -> tuple[int, int]:
        """(Reason, guard) why a call may not start; (0, 0) when it may: then its cost and tokens are reserved.

        `prices` are the expected cost and tokens of the call, then the real ones, which strict budgets go by.
        """
        numbers, trace = self.numbers, token.trace
        cost, tokens = prices[numbers.trace_is_strict]
        if self.is_killed:
            assert self.switch is not None
            return int(Reason.KILL_SWITCH), self.switch.number
        if (
            trace.spent + trace.reserved + cost > numbers.trace_money
            or trace.tokens + trace.reserved_tokens + tokens > numbers.trace_tokens
        ):
            return int(Reason.TRACE_BUDGET), TRACE_BUDGET
        for spending in self.spendings:
            rule = spending.rule
            if rule.then == "downgrade" or not _covers(rule, step.caller):
                continue
            self._roll(spending, now)
            if spending.spent + spending.reserved + prices[rule.is_strict][0] > rule.money:
                if not spending.has_tripped:
                    spending.has_tripped = True
                    self._row(rule.number, Reason.TRIPPED, spending.spent, now)
                return int(Reason.PERIOD_BUDGET), rule.number
        key = self._breaker_of(step)
        if key:
            breaker = self.breakers[key]
            self._changed(key, breaker.look(now), now)
            if not breaker.admits():
                return int(Reason.CIRCUIT_OPEN), self._number_of(key)
        self._reserve(token, step, *prices[self.is_strict])
        return 0, 0

    def _reserve(self, token: BranchToken, step: StageStep, cost: int, tokens: int) -> None:
        trace = token.trace
        token.reserved, token.reserved_tokens = cost, tokens
        trace.reserved += cost
        trace.reserved_tokens += tokens
        for spending in self.spendings:
            if _covers(spending.rule, step.caller):
                spending.reserved += cost

    def book(
        self, token: BranchToken, step: StageStep, cost: int, tokens: int, outcome: int, now: int
    ) -> None:
        """A call has ended: what it really cost takes the place of what was reserved."""
        trace = token.trace
        trace.reserved -= token.reserved
        trace.reserved_tokens -= token.reserved_tokens
        trace.tokens += tokens
        for spending in self.spendings:
            if _covers(spending.rule, step.caller):
                spending.reserved -= token.reserved
        token.reserved = token.reserved_tokens = 0
        self.charge(trace, step.caller, cost, now)
        key = self._breaker_of(step)
        if key:
            has_failed = _TRANSIENT <= outcome <= _GOVERNANCE
            self._changed(key, self.breakers[key].ended(has_failed, token.started, now), now)
        if self.switch is not None:
            if step.action is Action.ATTEMPT:
                self.violations.add(outcome in (_INVALID, _GOVERNANCE))
            self._look_at_switch(now)

    def charge(self, trace: Trace, role: str, cost: int, now: int) -> None:
        """Books what a call of a role has cost, or what was spent beside calls: a recovery move, a read."""
        trace.spent += cost
        for spending in self.spendings:
            if _covers(spending.rule, role):
                self._roll(spending, now)
                spending.spent += cost
                self._alert(spending, now)
        if self.switch is not None:
            self.kill_cost += cost

    def _roll(self, spending: Spending, now: int) -> None:
        period = now // spending.rule.period
        if period != spending.period:
            if spending.has_tripped or spending.has_downgraded:
                self._row(spending.rule.number, Reason.PERIOD_BEGAN, 0, now)
            spending.begin(period)

    def _alert(self, spending: Spending, now: int) -> None:
        alerts = spending.rule.alerts
        while spending.alerted < len(alerts) and spending.spent >= alerts[spending.alerted]:
            spending.alerted += 1
            self._row(spending.rule.number, Reason.ALERT, spending.spent, now)

    # -- breakers ---------------------------------------------------------------------------------------------

    def _breaker_of(self, step: StageStep) -> str:
        """Key of the breaker that covers a call; empty without one, and for a check that no role does."""
        rule = self.numbers.breaker
        return rule.key_of[step.caller] if rule is not None and step.caller else ""

    def _number_of(self, key: str) -> int:
        assert self.numbers.breaker is not None
        return self.numbers.breaker.first + self.numbers.breaker.keys.index(key)

    def _changed(self, key: str, state: State | None, now: int) -> None:
        if state is not None:
            self._row(self._number_of(key), _REASON_OF[state], NULL, now)

    # -- kill switch ------------------------------------------------------------------------------------------

    def checked(self, is_found_wrong: bool, now: int) -> None:
        """Somebody looked at an output: a validator, a reviewer or a verification."""
        if self.switch is not None:
            self.errors.add(is_found_wrong)
            self._look_at_switch(now)

    def reviewed(self, is_approved: bool, now: int) -> None:
        """A person gave a verdict."""
        if self.switch is not None:
            self.rejections.add(not is_approved)
            self.checked(not is_approved, now)

    def complaint(self, now: int) -> None:
        """A client found a wrong delivery."""
        self.complaints += 1
        self.checked(True, now)

    def _look_at_switch(self, now: int) -> None:
        """Trips at the first crossing of a limit."""
        rule = self.switch
        assert rule is not None
        if self.is_killed or not (
            self.errors.reaches(rule.error_rate)
            or self.rejections.reaches(rule.rejections)
            or self.violations.reaches(rule.violations)
            or self.complaints >= rule.complaints
            or self.kill_cost >= rule.cost
        ):
            return
        self.is_killed = True
        self._row(rule.number, Reason.TRIPPED, self.kill_cost, now)
        self.pause(True, now)

    def resume(self, now: int) -> None:
        """Agents work again; the switch counts from here."""
        assert self.switch is not None
        for window in (self.errors, self.rejections, self.violations):
            window.clear()
        self.complaints = self.kill_cost = 0
        self.is_killed = False
        self._row(self.switch.number, Reason.RESUMED, 0, now)
        self.pause(False, now)

    # -- rows -------------------------------------------------------------------------------------------------

    def _row(self, guard: int, reason: Reason, spent: int, now: int) -> None:
        code = pack_code(self.first_row + guard, Outcome.NONE, reason)
        self.write(NULL, NULL, code, 0, 0, NULL, NULL, NULL, NULL, now, NULL, NULL, spent)


def _covers(rule: BudgetNumbers, role: str) -> bool:
    return not rule.roles or role in rule.roles

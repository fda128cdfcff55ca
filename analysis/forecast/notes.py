"""Notes: what a scenario may say but its author may not have meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.forecast.pools import PoolForecast
from analysis.forecast.workflow.graph import repeated_stages
from analysis.format import duration, significant
from sim.calendars import calendar_warnings
from sim.flows import policy_of
from sim.quantities import WEEK
from sim.scenario import Scenario
from sim.workers import AgentRole, HumanRole


def notes_on(scenario: Scenario, pools: Sequence[PoolForecast]) -> Iterator[str]:
    """Overloaded pools, roles without work, broken weeks, odd calendars, and what the forecast leaves out."""
    yield from map(_overload, (pool for pool in pools if pool.is_overloaded))
    for name in sorted(scenario.workers):
        if name not in scenario.roles_at_work() and name not in scenario.priced_roles():
            yield f"{name} takes no part: {_who(scenario)} it"
    used = _calendars(scenario)
    window = scenario.horizon - scenario.warm_up
    if used and window % WEEK:
        yield (
            f"{duration(window)} are measured, which is not whole weeks: weekly calendars "
            f"({', '.join(used)}) weigh some days more than others"
        )
    for name in used:
        spec = scenario.calendars[name]
        for warning in calendar_warnings(spec, scenario.start, scenario.timezone, scenario.length):
            yield f"calendar {name}: {warning}"
    left_out = [what for what, is_there in _left_out(scenario).items() if is_there]
    if left_out:
        yield f"the forecast leaves out: {', '.join(left_out)}"
    approximate = [what for what, is_there in _approximate(scenario).items() if is_there]
    if approximate:
        yield f"approximate in the forecast: {', '.join(approximate)}"


def _who(scenario: Scenario) -> str:
    has_one_flow = not any(task.stages or task.topology for task in scenario.tasks.values())
    return f"{scenario.topology.kind} does not use" if has_one_flow else "no stage uses"


def _left_out(scenario: Scenario) -> dict[str, bool]:
    """What a run has and no walk follows, and whether the scenario has it."""
    guards, agents = scenario.guards, _agents_at_work(scenario)
    limits = (guards.trace_budget, guards.budgets, guards.breaker, guards.kill_switch) if guards else ()
    return {
        "trips of budgets, breakers and the kill switch": any(limits),
        "hand-offs that count as hops": guards is not None and guards.count_stage_handoffs,
        "causes that agents share": any(role.shared_cause is not None for role in agents),
        "damage that caps or sandboxes prevent, or that doubled actions do": any(
            role.damage_cap is not None
            or role.sandbox is not None
            or role.ack_loss
            or role.recovery.partial_work
            for role in agents
        ),
        "the time that hand-offs and misrouting take": _takes_time(scenario),
    }


def _takes_time(scenario: Scenario) -> bool:
    """Whether some stage loses time in handing work out."""
    policies = [
        policy_of(scenario, type_id, stage, name)
        for type_id in scenario.tasks
        for stage in scenario.stages(type_id)
        for name in ("hand_off", "misrouting")
    ]
    return any(policy is not None for policy in policies)


def _approximate(scenario: Scenario) -> dict[str, bool]:
    """Where a walk simplifies, and whether the scenario has it."""
    tasks, agents = scenario.tasks.values(), _agents_at_work(scenario)
    repeated = [name for type_id in scenario.tasks for name in repeated_stages(scenario, type_id)]
    asks = any(role.clarification is not None for role in agents)
    return {
        f"stages passed again ({', '.join(repeated)}): as if their own hardness were new": bool(repeated),
        "tasks opened again: as if they arrived anew": any(
            task.discovery is not None and task.discovery.then == "reopen" for task in tasks
        ),
        "hops: counted in each stage alone": asks and any(task.stages for task in tasks),
    }


def _agents_at_work(scenario: Scenario) -> list[AgentRole]:
    """Agent roles that take part in some flow."""
    roles = [scenario.workers[name] for name in scenario.roles_at_work()]
    return [role for role in roles if isinstance(role, AgentRole)]


def _overload(pool: PoolForecast) -> str:
    if not pool.open_hours:
        return f"{pool.role} is never on shift while measured, but gets work"
    return (
        f"{pool.role} gets {significant(pool.load)} erlangs, has {pool.slots}: the queue grows without bound"
    )


def _calendars(scenario: Scenario) -> list[str]:
    """Calendars that arrivals, or roles that take part, follow."""
    names = [task.arrivals.during for task in scenario.tasks.values()]
    for name in scenario.roles_at_work():
        role = scenario.workers[name]
        names.append(role.calendar if isinstance(role, HumanRole) else None)
    return sorted({name for name in names if name is not None})

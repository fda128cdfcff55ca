"""The headline of a run: what a success costs, what goes wrong, how long it takes, who works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.estimates import LOWER_BOUND, Estimate
from analysis.format import count, duration, interval, money, share, significant
from analysis.metrics import QUANTILES
from sim.quantities import SECOND, format_duration

if TYPE_CHECKING:
    from analysis.experiments import Replications

LABEL, VALUE, RANGE, WIDTH = 28, 15, 18, 80
"""Widths of the columns (what it is, its value, its interval) and of a line."""


def title(result: Replications) -> str:
    """What was run, as one line of facts (two when they are long)."""
    scenario = result.scenario
    measured = f"{format_duration(scenario.horizon - scenario.warm_up)} measured"
    if scenario.warm_up:
        measured += f" after {format_duration(scenario.warm_up)}"
    many = len(result.logs)
    facts = [scenario.topology.kind.replace("_", " "), measured]
    facts += [f"{many} replication{'s' if many > 1 else ''}", f"seed {result.seed}"]
    line = " · ".join([scenario.name, *facts])
    return line if len(line) <= 80 else f"{scenario.name}\n{' · '.join(facts)}"


def headline(result: Replications) -> list[str]:
    """One line per answer: value, interval, and what stands beside it."""
    currency = result.scenario.currency

    def at(name: str) -> Estimate:
        return result.estimate(name)

    def paid(name: str) -> str:
        return significant(at(name).value)

    lines = [
        _line(
            "Cost per successful task", money(at("cpst").value, currency), _range(at("cpst")),
            f"playbook {paid('cpst_playbook')} · loaded {paid('cpst_loaded')}",
        ),
        _line("Right deliveries", share(at("success_share").value), _range(at("success_share"), "%"),
              f"delivered {share(at('reported_success_share').value)}"),
        _line("Wrong deliveries per 1,000", significant(at("wrong_per_1000").value), _range(at("wrong_per_1000")),
              _damage(result)),
        _line("Throughput", f"{_per_week(at('throughput').value)} / week", _range(at("throughput")),
              f"WIP {significant(at('wip').value)}"),
        *_cycle_time(result),
    ]  # fmt: skip
    lines += _service_level(result)
    if at("utilisation_agents").value is not None:
        lines.append(
            _line("To a person", share(at("escalation_share").value), _range(at("escalation_share"), "%"), "")
        )
        lines += _reasons(result)
    return lines + _people(result)


def _line(label: str, value: str, bounds: str, beside: str) -> str:
    """One line; what does not fit beside goes below."""
    line = f"  {label:<{LABEL}}{value:<{VALUE}}{bounds:<{RANGE}}"
    if not beside or len(line + beside) <= WIDTH:
        return (line + beside).rstrip()
    return f"{line}\n{'':<{LABEL + 2}}{beside}"


def _range(estimate: Estimate, unit: str = "") -> str:
    """The interval, or why there is none."""
    if estimate.has_interval:
        return interval(estimate.low, estimate.high, unit).removesuffix(" %")
    return "" if estimate.replications < 2 or estimate.value is None else f"({estimate.note})"


def _damage(result: Replications) -> str:
    damage = result.estimate("damage_per_task").value
    if not damage:
        return ""
    return f"damage {money(damage, result.scenario.currency)} / task"


def _per_week(value: float | None) -> str:
    return count(value) if value is not None and value >= 1000 else significant(value)


def _seconds(value: float | None) -> str:
    return duration(None if value is None else value * SECOND)


def _cycle_time(result: Replications) -> list[str]:
    """The quantiles in one line, or the last in a second one."""
    parts = [_quantile(result, percent) for percent in QUANTILES]
    line = _line("Cycle time", " · ".join(parts), "", "")
    if len(line) <= WIDTH:
        return [line]
    return [_line("Cycle time", " · ".join(parts[:-1]), "", ""), f"{'':<{LABEL + 2}}{parts[-1]}"]


def _quantile(result: Replications, percent: int) -> str:
    """A quantile of cycle times; "> x" where unfinished tasks hide it."""
    found = result.estimate(f"cycle_time_p{percent}")
    name = "median" if percent == 50 else f"{percent} %"
    return f"{name} {'> ' if found.note == LOWER_BOUND else ''}{_seconds(found.value)}"


def _service_level(result: Replications) -> list[str]:
    found = result.estimate("sla_share")
    levels = list(
        dict.fromkeys(str(task.sla) for task in result.scenario.tasks.values() if task.sla is not None)
    )
    if not levels:
        return []
    label = f"Within SLA ({levels[0]})" if len(levels) == 1 and len(levels[0]) < 12 else "Within SLA"
    return [_line(label, share(found.value), _range(found, "%"), "")]


def _reasons(result: Replications) -> list[str]:
    parts = []
    for reason in ("confidence", "value", "failure", "rejected"):
        value = result.estimate(f"escalation_{reason}").value
        if value:
            parts.append(f"{reason} {share(value)}")
    return [f"{'':<{LABEL + 2}}{' · '.join(parts)}"] if parts else []


def _people(result: Replications) -> list[str]:
    currency, monthly = result.scenario.currency, result.estimate("cost_per_month_paid").value
    cost = f"cost {money(monthly, currency)} / month paid"
    if result.estimate("utilisation").value is None:
        return [_line("People on shift", "none", "", cost)]
    people = significant(result.estimate("people_on_shift").value).removesuffix(".00").removesuffix(".0")
    busy = f"{share(result.estimate('utilisation').value)} utilised"
    return [_line("People on shift", people, busy, cost)]


def tasks_simulated(result: Replications) -> str:
    """How many tasks the numbers rest on."""
    return count(sum(log.task_count for log in result.logs))

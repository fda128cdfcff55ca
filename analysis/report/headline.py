"""The headline of a run: what a success costs, what goes wrong, how long it takes, who works."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from analysis.estimates import LOWER_BOUND, Estimate
from analysis.format import (
    count,
    duration,
    estimated_share,
    interval,
    money,
    people,
    service_level,
    share,
    significant,
)
from analysis.metrics import QUANTILES
from analysis.metrics.words import ESCALATIONS
from analysis.report.soundness import precision_sentences
from analysis.report.tables import flowing
from sim.quantities import SECOND, format_duration

if TYPE_CHECKING:
    from analysis.experiments import Replications
    from analysis.experiments.precision import Sought

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
        *_unfinished(result),
        _line("Right, of all tasks", *_share(at("success_share")),
              f"delivered {share(at('reported_success_share').value)}"),
        _line("Wrong deliveries per 1,000", significant(at("wrong_per_1000").value), _range(at("wrong_per_1000")),
              _damage(result)),
        _line("Throughput", f"{_per_week(at('throughput').value)} / week", _range(at("throughput")),
              f"WIP {significant(at('wip').value)}"),
        *_cycle_time(result),
    ]  # fmt: skip
    lines += _service_level(result)
    if at("utilisation_agents").value is not None:
        lines.append(_line("To a person", *_share(at("escalation_share")), ""))
        lines += flowing(" " * (LABEL + 1), _reasons(result))
    return lines + _people(result)


def precision_lines(result: Replications, sought: Sought) -> list[str]:
    """Whether the intervals are as narrow as was asked for, and what ended the search."""
    sentences = precision_sentences(sought, len(result.logs), result.scenario.currency)
    return textwrap.wrap(" ".join(sentences), WIDTH, initial_indent="  ", subsequent_indent="  ")


def _line(label: str, value: str, bounds: str, beside: str) -> str:
    """One line; what does not fit beside goes below."""
    line = f"  {label:<{LABEL}}{value:<{VALUE}}{bounds:<{RANGE}}"
    if not beside or len(line + beside) <= WIDTH:
        return (line + beside).rstrip()
    return f"{line}\n{'':<{LABEL + 2}}{beside}"


def _range(estimate: Estimate) -> str:
    """The interval, or why there is none."""
    if estimate.has_interval:
        return interval(estimate.low, estimate.high)
    return "" if estimate.replications < 2 or estimate.value is None else f"({estimate.note})"


def _share(estimate: Estimate) -> tuple[str, str]:
    """A share and its interval in per cent, with the decimals that tell the ends of the interval apart."""
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None or low == high:
        return share(value), _range(estimate) if low is None else ""
    text, bounds = estimated_share(value, low, high)
    return f"{text} %", bounds


def _unfinished(result: Replications) -> list[str]:
    """A line of its own when tasks were left over: every other number leaves out what they would have cost."""
    left = result.estimate("unfinished_share").value
    return [_line("Unfinished at the end", share(left), "", "of the tasks; see Noted")] if left else []


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
    levels = [service_level(task.sla) for task in result.scenario.tasks.values() if task.sla is not None]
    if not levels:
        return []
    named = levels[0] if len(dict.fromkeys(levels)) == 1 else ""
    label = f"Within SLA ({named})" if 0 < len(named) < 15 else "Within SLA"
    return [_line(label, *_share(result.estimate("sla_share")), "" if named in label else named)]


def _reasons(result: Replications) -> list[str]:
    """Each reason that sent tasks to a person, with the share of all tasks."""
    values = {reason: result.estimate(f"escalation_{reason}").value for reason in ESCALATIONS}
    return [f"{reason} {share(value)}" for reason, value in values.items() if value]


def _people(result: Replications) -> list[str]:
    currency, used = result.scenario.currency, result.estimate("utilisation").value
    active, monthly = result.estimate("cost_per_month").value, result.estimate("cost_per_month_paid").value
    if used is None:
        return [
            _line("People on shift", "none", "", ""),
            _line("Cost per month", money(monthly, currency), "", ""),
        ]
    number = people(result.estimate("people_on_shift").value or 0.0)
    overtime = result.estimate("overtime_per_week").value or 0.0
    late = f"overtime {significant(overtime)} h / week" if overtime >= 0.05 else ""
    return [
        _line("People on shift", number, f"{share(used)} utilised", late),
        _line(
            "Cost per month",
            money(monthly, currency),
            "for paid hours",
            f"by minutes {significant(active)}",
        ),
    ]

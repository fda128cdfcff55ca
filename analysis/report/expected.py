"""The forecast beside what was measured, for scenarios in which it is not obvious."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from analysis.estimates import Estimate
from analysis.forecast import forecast
from analysis.format import interval, share, significant
from analysis.metrics import guard_trips
from analysis.report.tables import flowing, table

if TYPE_CHECKING:
    from analysis.experiments import Replications


HOP_LIMIT = "hops"
"""Name of the guard that counts transfers between agents."""


def expected_table(result: Replications) -> list[str]:
    """What was expected before the run, and what was measured with its interval."""
    made = forecast(result.scenario)
    rows = [
        _row(f"CPST, {result.scenario.currency}", made.cpst, result.estimate("cpst"), significant),
        _row("right", made.journey.successes, result.estimate("success_share"), share),
        _row("wrong deliveries", made.journey.wrong, result.estimate("escape_share"), share),
        _row("CFR, analytic", made.risk.independent, result.estimate("cfr_analytic"), share),
        _row("CFR, chain", made.risk.shared, result.estimate("cfr_chain"), share),
    ]
    lines = table(("", "expected", "measured", ""), rows)
    return ["  Expected before the run, beside measured", *lines, *_left_out(result)]


def _left_out(result: Replications) -> list[str]:
    """The guards that stopped work of which the forecast knows nothing: it follows hops inside a stage only."""
    rules = result.scenario.guards
    follows_hops = rules is not None and not rules.count_stage_handoffs
    tripped = [
        str(row["guard"]).replace("_", " ")
        for row in guard_trips(result.tallies)
        if row["trips"] and not (row["guard"] == HOP_LIMIT and follows_hops)
    ]
    return flowing("    The forecast leaves out what was stopped by:", tripped)


def _row(
    label: str, value: float | None, measured: Estimate, shown: Callable[[float | None], str]
) -> tuple[str, ...]:
    unit = "%" if shown is share else ""
    bounds = interval(measured.low, measured.high, unit) if measured.has_interval else ""
    return label, shown(value), shown(measured.value), bounds

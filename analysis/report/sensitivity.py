"""The report of a sensitivity analysis as text: what matters most, by how much, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS, Estimate
from analysis.experiments.effects import Effect
from analysis.experiments.money import currency_at
from analysis.experiments.one_at_a_time import Sensitivity
from analysis.format import capital, interval, significant
from analysis.metrics import label_of, metric_of
from analysis.report.compare_cells import laid_out, plus_minus, spread
from analysis.report.compare_words import wrapped
from analysis.report.sweep_words import titled, value_text
from analysis.report.words import estimated

if TYPE_CHECKING:
    from analysis.experiments.sobol import SobolIndices

COLUMNS = (34, 23, 23)
"""Widths of the columns: parameter, its low and its high value with what they change."""
LONGEST = 21
"""Characters of a change with its interval."""
SOBOL = (44, 18, 18)
"""Widths of the columns: parameter, first-order index, total index."""
WIDE = 0.2
"""Half of an interval of a share from which on more points are asked for."""
MOST_NAMED = 3
"""Parameters that the first sentence names."""


def sensitivity_report(found: Sensitivity | SobolIndices) -> str:
    """The whole report, at most 80 columns wide; the answer comes first."""
    blocks = _one_at_a_time(found) if isinstance(found, Sensitivity) else _sobol(found)
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def sensitivity_answer(found: Sensitivity | SobolIndices) -> str:
    """The first sentence of the report, about the first metric."""
    if isinstance(found, Sensitivity):
        return _most(found, found.metrics[0])
    return _shares(found, next(iter(found.indices)))


# -- one at a time -----------------------------------------------------------------------------------------------


def _one_at_a_time(found: Sensitivity) -> list[list[str]]:
    counts = f"{_counted(found.parameters.varied)} one at a time · {len(found.base.tallies)} replications"
    blocks = [titled(found.base.scenario, counts, found.base.seed)]
    for name in found.metrics:
        blocks += [wrapped(_most(found, name)), _table(found, name), _unseen(found, name)]
    return [*blocks, _notes(found)]


def _most(found: Sensitivity, name: str) -> str:
    """Which parameters matter most to a metric, and how far they move it."""
    metric, currency = metric_of(name), found.scenario.currency
    lead = f"{capital(metric.label)} is {estimated(metric, found.base.estimate(name), currency)} as written"
    seen = [effect for effect in found.ranking[name] if effect.is_seen]
    if not seen:
        return f"{lead}; no parameter has an effect that these replications show."
    first, *others = seen
    text = f"{lead} and depends most on {_moved(first, currency_at(first.parameter.path, found.scenario))}"
    if others:
        text += "; then on " + " and ".join(effect.parameter.path for effect in others[: MOST_NAMED - 1])
    return f"{text}."


def _moved(effect: Effect, currency: str) -> str:
    """A parameter and what its values do: `x: 7.38 less when it goes from 0.744 to 1`; `currency` is the values'."""
    parameter = effect.parameter
    parts = (
        (parameter.low, parameter.high, effect.difference.value),
        (parameter.written, parameter.low, effect.to_low.value),
        (parameter.written, parameter.high, effect.to_high.value),
    )
    known = [(start, end, gap) for start, end, gap in parts if gap is not None]
    start, end, gap = max(known, key=lambda part: abs(part[2]))
    way = "more" if gap > 0 else "less"
    first, last = (value_text(value, currency) for value in (start, end))
    return f"{parameter.path}: {significant(abs(gap))} {way} when it goes from {first} to {last}"


def _table(found: Sensitivity, name: str) -> list[str]:
    """Two rows per parameter whose effect is seen, the largest first: its values, and the metric less as written."""
    seen = [effect for effect in found.ranking[name] if effect.is_seen]
    if not seen:
        return []
    metric = metric_of(name)
    unit = metric.unit_in(found.scenario.currency)
    rows = []
    for effect in seen:
        parameter = effect.parameter
        currency = currency_at(parameter.path, found.scenario)
        ends = (value_text(value, currency) for value in (parameter.low, parameter.high))
        rows.append([parameter.path, *ends])
        changes = (spread(part, longest=LONGEST) for part in (effect.to_low, effect.to_high))
        rows.append(["", *changes])
    title = wrapped(f"Change of {metric.label}, {unit}, when a parameter goes from its value to")
    return title + laid_out([["", "a lower one", "a higher one"]], rows, COLUMNS)


def _unseen(found: Sensitivity, name: str) -> list[str]:
    """The parameters that do nothing at all, and those whose effect these replications do not show."""
    rest = [effect for effect in found.ranking[name] if not effect.is_seen]
    exact = [effect.parameter.path for effect in rest if effect.size == 0.0]
    unsure = [effect.parameter.path for effect in rest if effect.size != 0.0]
    lines = wrapped(f"No effect seen (the interval holds 0): {', '.join(unsure)}.") if unsure else []
    return lines + (wrapped(f"No effect at all: {', '.join(exact)}.") if exact else [])


def _notes(found: Sensitivity) -> list[str]:
    count = len(found.parameters.varied) + len(found.set_aside)
    together = "95 %" if count == 1 else f"95 % for all {count} together, Bonferroni"
    together += ", those set aside too" if found.set_aside else ""
    lines = wrapped(
        f"Differences are paired, on the same draws ({together}); a parameter moves while all others stay."
    )
    lines += [
        line
        for path, why in found.parameters.left_out.items()
        for line in wrapped(f"Left out: {path}, {why}.")
    ]
    count = len(found.base.tallies)
    if count < FEWEST_FOR_CLAIMS:
        lines += wrapped(f"{count} replications: too few to claim anything ({FEWEST_FOR_CLAIMS} or more).")
    return lines


# -- shares of variance ------------------------------------------------------------------------------------------


def _sobol(found: SobolIndices) -> list[list[str]]:
    runs = found.points * (len(found.parameters.varied) + 2)
    counts = f"{_counted(found.parameters.varied)} at {runs:,} points · {found.replications} replications"
    blocks = [titled(found.scenario, counts, found.seed)]
    for name, indices in found.indices.items():
        header = [["", "alone", "with others"], ["parameter", "(first order)", "(total)"]]
        rows = [[index.path, plus_minus(index.first), plus_minus(index.total)] for index in indices]
        blocks += [wrapped(_shares(found, name)), laid_out(header, rows, SOBOL)]
    return [*blocks, _sobol_notes(found)]


def _shares(found: SobolIndices, name: str) -> str:
    """Which parameter makes most of a metric's variance over the ranges."""
    first = found.indices[name][0]
    if first.total.value is None or first.total.low is None:
        return (
            f"{capital(label_of(name))}: {first.total.note} over these ranges, so nothing can be shared out."
        )
    text = (
        f"Of the variance of {label_of(name)} over the ranges {_percent(first.total)} comes from {first.path}"
    )
    if (first.first.value or 0.0) <= first.total.value:
        text += f", {_percent(first.first)} from it alone"
    is_wide = (first.total.half_width or 0.0) > WIDE
    return f"{text}." + (" The intervals are wide: take more --points." if is_wide else "")


def _percent(part: Estimate) -> str:
    """A share of the variance with its interval, from 0 to 100 %, though an estimate may lie outside."""
    value, low, high = (min(max(end or 0.0, 0.0), 1.0) for end in (part.value, part.low, part.high))
    return f"{100 * value:.0f} % {interval(low, high, '%').removesuffix(' %')}"


def _sobol_notes(found: SobolIndices) -> list[str]:
    lines = wrapped("± is half of the 95 % bootstrap interval over the points.")
    for name, part in found.noise.items():
        if part is not None:
            lines += wrapped(
                f"Noise of the simulation in {label_of(name)}: at most {significant(100 * part, 2)} % of that variance "
                f"({found.replications} replications, the same draws at every point)."
            )
    return lines


def _counted(parameters: Sequence[object]) -> str:
    return f"{len(parameters)} parameter{'' if len(parameters) == 1 else 's'}"

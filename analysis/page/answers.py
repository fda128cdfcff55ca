"""Answers: what an experiment comes to, as one says it to people who know no metric by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.estimates import Estimate
from analysis.experiments.decision import NOBODY
from analysis.experiments.search.candidate import short_name
from analysis.experiments.sweep_rows import leader
from analysis.figures.paths import short_names
from analysis.format import people
from analysis.report.breakeven import crossing_text
from analysis.report.solve import as_written
from analysis.report.sweep_words import reason, values_of
from analysis.report.words import amount, difference_text, has_better, limits, topology
from sim.uncertainty import DURATION

if TYPE_CHECKING:
    from analysis.experiments import Comparison, Replications
    from analysis.experiments.crossover import Breakeven
    from analysis.experiments.decision import Decision
    from analysis.experiments.search.candidate import Candidate
    from analysis.experiments.solution import Solution
    from analysis.experiments.sweep import Sweep
    from analysis.metrics import Metric

RIGHT = "for each task done right"
COUNTED = {
    "cpst": "",
    "cpst_playbook": " by the playbook's definition",
    "cpst_loaded": ", idle hours included",
    "cpst_with_damage": ", damage of wrong deliveries included",
    "cpst_loaded_with_damage": ", idle hours and damage of wrong deliveries included",
}
"""What a cost per success counts besides the work."""


def chosen_variant(compared: Comparison) -> list[str]:
    """Which variant to choose, for how much; then what is spent in a month, and who else keeps to the conditions."""
    decision, currency = compared.decision, compared.base.scenario.currency
    if decision.winner is None or decision.objective is None:
        return [_nobody(decision, "variants", decision.reason, currency)]
    name, found = decision.winner, decision.standings[decision.winner].objective
    who = topology(compared.variants[name].scenario)
    what = _objective(decision.objective, found.value, currency)
    text = f"Choose {name}{f' ({who})' if who else ''}: {what}{_lead(decision, currency)}."
    return [
        text,
        " ".join(filter(None, [month(compared.variants[name]), _kept(decision, "variants", currency)])),
    ]


def _lead(decision: Decision, currency: str) -> str:
    """How far the choice is ahead of the runner-up; nothing where it is not."""
    gap = decision.margin
    if gap is None or gap.value is None or gap.value < 0 or decision.objective is None:
        return ""
    if gap.value == 0.0:
        return f", exactly as {decision.runner_up}"
    bare = Estimate(gap.value, None, None, gap.replications)
    text = f", {difference_text(decision.objective, bare, currency)} less than {decision.runner_up}"
    return text if decision.is_ahead else f"{text}, which may be chance"


def best_point(swept: Sweep) -> list[str]:
    """With which values the objective is least, and what it is there."""
    decision, best, currency = swept.comparison.decision, leader(swept), swept.scenario.currency
    if best is None:
        return [_nobody(decision, "points", reason(decision), currency)]
    found = swept.comparison.estimate(best, swept.objective)
    names = [name.replace("_", " ") for name in short_names(swept.paths)]
    at = " and ".join(map(" ".join, zip(names, values_of(swept, best), strict=True)))
    what = _objective(swept.objective, found.value, currency)
    if decision.winner is None:
        lead = f"{_nobody(decision, 'points', '', currency)} " if decision.reason == NOBODY else ""
        return [f"{lead}The least is at {at}: {what}."]
    lead = f"Best of the {len(swept.points)} points is" if len(swept.points) > 1 else "The only point is"
    return [f"{lead} {at}: {what}.", _kept(decision, "points", currency)]


def least_enough(solution: Solution) -> list[str]:
    """What is enough, and what is spent in a month then."""
    currency, best = solution.scenario.currency, solution.best
    kept = limits(solution.conditions, currency)
    if best is None:
        return [f"Nothing that was tried keeps to {kept}; what comes nearest is {_set(solution.nearest)}."]
    if not kept:
        return [f"Best of what was tried: {_set(best)}.", month(best.result)]
    written = as_written(solution, best) if len(solution.paths) == 1 else ""
    return [f"Enough to keep to {kept}: {_set(best)}{written}.", month(best.result)]


def turning_point(found: Breakeven) -> list[str]:
    """From which value on which variant is better; nothing where it does not surely change just once."""
    if len(found.crossings) != 1 or None in (found.crossings[0].low, found.crossings[0].high):
        return []
    (part,) = found.crossings
    before, after = found.better(part.sign_before), found.better(-part.sign_before)
    name, metric = short_names([found.vary])[0].replace("_", " "), found.metric
    at = crossing_text(found, part.at) + (f" / {found.unit}" if found.unit not in ("", DURATION) else "")
    what = (
        f"costs less {RIGHT}{COUNTED[metric.name]}" if metric.name in COUNTED else f"has {has_better(metric)}"
    )
    return [f"From {name} {at} on {after} {what}; below it is {before}."]


def _objective(metric: Metric, value: float | None, currency: str) -> str:
    """A value of what was ranked on."""
    found = amount(metric, value, currency)
    return f"{found} {RIGHT}{COUNTED[metric.name]}" if metric.name in COUNTED else f"{metric.label} {found}"


def _nobody(decision: Decision, things: str, why: str, currency: str) -> str:
    """Why nothing is chosen."""
    if decision.reason != NOBODY or decision.rule is None:
        return f"No choice: {why}."
    number, kept = len(decision.standings), limits(decision.rule.subject_to, currency)
    if number == 1:
        return f"It does not keep to {kept}."
    return f"{'Neither' if number == 2 else 'None'} of the {number} {things} keeps to {kept}."


def _kept(decision: Decision, things: str, currency: str) -> str:
    """How many keep to the conditions; empty without any."""
    if decision.rule is None or not decision.rule.subject_to:
        return ""
    number, kept = len(decision.standings), limits(decision.rule.subject_to, currency)
    if number == 1:
        return f"It keeps to {kept}."
    if decision.kept == 1:
        return f"Nothing else keeps to {kept}."
    if decision.kept == number:
        return f"{'Both' if number == 2 else f'All {number} {things}'} keep to {kept}."
    return f"{decision.kept} of {number} {things} keep to {kept}."


def month(result: Replications) -> str:
    """What is spent in a month, and how many people are on shift."""
    cost, number = (result.estimate(name).value for name in ("cost_per_month_paid", "people_on_shift"))
    if cost is None:
        return ""
    currency = result.scenario.currency
    spent = amount("cost_per_month_paid", cost, currency).removesuffix(" a month")
    who = "nobody" if number is None else "one person" if number == 1.0 else f"{people(number)} people"
    average = "" if number is None or number.is_integer() else " on average"
    text = f"Spent in a month, paid hours included: {spent}, with {who} on shift{average}"
    each = result.estimate("cpst_loaded").value
    return f"{text}." if each is None else f"{text}; that is {amount('cpst_loaded', each, currency)} {RIGHT}."


def _set(found: Candidate) -> str:
    """What was varied, as people say it: `3 positions of clerk`."""
    parts = []
    for path, value in found.values.items():
        role = short_name(path)
        if role != path:
            parts.append(f"{value} position{'' if value == 1 else 's'} of {role}")
        else:
            parts.append(f"{short_names([path])[0].replace('_', ' ')} {value}")
    return " and ".join(parts)

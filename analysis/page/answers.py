"""Answers: what an experiment comes to, as one says it to people who know no metric by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.experiments.decision import NOBODY
from analysis.experiments.points import value_at
from analysis.experiments.search.candidate import short_name
from analysis.experiments.sweep_rows import leader
from analysis.figures.paths import short_names
from analysis.format import significant
from analysis.report.breakeven import crossing_text
from analysis.report.sweep_words import values_of
from analysis.report.words import amount, limits, topology

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
    """Which variant to choose, for how much; then what that is a month, and who else keeps to the conditions."""
    decision, currency = compared.decision, compared.base.scenario.currency
    if decision.winner is None or decision.objective is None:
        return [_nobody(decision, f"the {len(compared.variants)} variants", currency)]
    name, found = decision.winner, decision.standings[decision.winner].objective
    who = topology(compared.variants[name].scenario)
    text = (
        f"Choose {name}{f' ({who})' if who else ''}: {_objective(decision.objective, found.value, currency)}"
    )
    if (gap := decision.margin) is not None and gap.value is not None and gap.value > 0:
        text += f", {amount(decision.objective, gap.value, currency)} less than {decision.runner_up}"
        text += "" if decision.is_sure else ", which may be chance"
    others = _kept(decision, len(compared.variants), "variants", currency)
    return [f"{text}.", " ".join(filter(None, [month(compared.variants[name]), others]))]


def best_point(swept: Sweep) -> list[str]:
    """With which values the objective is least, and what it is there."""
    decision, best, currency = swept.comparison.decision, leader(swept), swept.scenario.currency
    everything = f"the {len(swept.points)} points"
    if best is None:
        return [_nobody(decision, everything, currency)]
    found = swept.comparison.estimate(best, swept.objective)
    names = [name.replace("_", " ") for name in short_names(swept.paths)]
    at = " and ".join(map(" ".join, zip(names, values_of(swept, best), strict=True)))
    what = _objective(swept.objective, found.value, currency)
    if decision.winner is None:
        lead = f"{_nobody(decision, everything, currency)} " if decision.reason == NOBODY else ""
        return [f"{lead}The least is at {at}: {what}."]
    return [f"Best of {everything} is {at}: {what}.", _kept(decision, len(swept.points), "points", currency)]


def least_enough(solution: Solution) -> list[str]:
    """What is enough, what that costs a month, and what one less would come to."""
    currency, best = solution.scenario.currency, solution.best
    kept = limits(solution.conditions, currency)
    if best is None:
        return [f"Nothing that was tried keeps to {kept}: {_set(solution.nearest)} comes nearest."]
    if not kept:
        return [f"Best of what was tried: {_set(best)}.", month(best.result)]
    return [f"Enough to keep to {kept}: {_set(best)}{_written(solution)}.", month(best.result)]


def _written(solution: Solution) -> str:
    """What the scenario has, of one thing that is varied."""
    written = [value_at(solution.scenario.resolved(), path) for path in solution.paths]
    return f", where the scenario has {written[0]}" if len(written) == 1 and written[0] is not None else ""


def turning_point(found: Breakeven) -> list[str]:
    """From which value on which variant is better; nothing where it does not change just once."""
    if len(found.crossings) != 1:
        return []
    (part,) = found.crossings
    before, after = found.better(part.sign_before), found.better(-part.sign_before)
    name, metric = short_names([found.vary])[0].replace("_", " "), found.metric
    what = (
        f"costs less {RIGHT}{COUNTED[metric.name]}"
        if metric.name in COUNTED
        else f"is better in {metric.label}"
    )
    return [f"From {name} {crossing_text(found, part.at)} on {after} {what}; below it is {before}."]


def _objective(metric: Metric, value: float | None, currency: str) -> str:
    """A value of what was ranked on."""
    found = amount(metric, value, currency)
    return f"{found} {RIGHT}{COUNTED[metric.name]}" if metric.name in COUNTED else f"{metric.label} {found}"


def _nobody(decision: Decision, everything: str, currency: str) -> str:
    """Why nothing is chosen."""
    if decision.reason == NOBODY and decision.rule is not None:
        nobody = "Neither" if len(decision.standings) == 2 else "None"
        return f"{nobody} of {everything} keeps to {limits(decision.rule.subject_to, currency)}."
    return f"No choice: {decision.reason}."


def _kept(decision: Decision, number: int, things: str, currency: str) -> str:
    """How many keep to the conditions; empty without any."""
    if decision.rule is None or not decision.rule.subject_to:
        return ""
    kept = limits(decision.rule.subject_to, currency)
    if decision.admitted == 1 and number > 1:
        return f"Nothing else keeps to {kept}."
    if number == 1:
        return f"It keeps to {kept}."
    if decision.admitted == number:
        return f"{'Both' if number == 2 else f'All {number} {things}'} keep to {kept}."
    return f"{decision.admitted} of {number} {things} keep to {kept}."


def month(result: Replications) -> str:
    """What a month costs, and how many people are on shift."""
    cost, people = (result.estimate(name).value for name in ("cost_per_month_paid", "people_on_shift"))
    if cost is None:
        return ""
    number = "" if people is None else significant(people).removesuffix(".00").removesuffix(".0")
    who = "nobody" if people is None else "one person" if number == "1" else f"{number} people"
    return f"That is {amount('cost_per_month_paid', cost, result.scenario.currency)}, with {who} on shift."


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

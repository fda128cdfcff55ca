"""The report of a search as text: the answer, what one less comes to, and everything that was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS, Estimate
from analysis.experiments.conditions import check, parse_condition
from analysis.experiments.decision import difference
from analysis.experiments.points import value_at
from analysis.experiments.search.candidate import short_name
from analysis.format import capital
from analysis.metrics import metric_of
from analysis.report.chance import probability
from analysis.report.compare_words import WIDTH, wrapped
from analysis.report.people import stated_conditions
from analysis.report.solve_tables import MOST_ROWS, candidate_tables, frontier_tables, is_line
from analysis.report.words import difference_text, estimated, limit, limits, missed
from sim.quantities import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.experiments.conditions import Check, Condition
    from analysis.experiments.search.candidate import Candidate
    from analysis.experiments.solution import Solution

DOUBTFUL = 0.9
"""Below this probability of meeting a condition the answer says how to ask for more."""
FEWEST_TRIED = 5
"""Candidates from which on it may be said that what they differ in changes nothing."""
NEGLIGIBLE = 0.1
"""Part of what is missing to a bound that candidates may differ by and still be said to change nothing."""


def solve_report(solution: Solution) -> str:
    """The whole report, at most 80 columns wide; it begins with the answer."""
    blocks = [
        _heading(solution),
        answer(solution),
        *candidate_tables(solution),
        *frontier_tables(solution),
        _notes(solution),
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def answer(solution: Solution) -> list[str]:
    """What to do, and how sure that is."""
    sentences = _missed(solution) if solution.best is None else _found(solution, solution.best)
    return [line for sentence in sentences for line in wrapped(sentence)]


def _heading(solution: Solution) -> list[str]:
    scenario = solution.scenario
    measured = format_duration(scenario.horizon - scenario.warm_up)
    facts = [f"{len(solution.tried)} candidates on the same draws"]
    facts += [f"{solution.replications} replications of {measured}", f"seed {solution.seed}"]
    line = " · ".join([scenario.name, *facts])
    lines = [line] if len(line) <= WIDTH else [*wrapped(scenario.name, ""), " · ".join(facts)]
    least = ", ".join(solution.paths)
    must = ", ".join(map(str, solution.conditions))
    goal = f"least {least}" if is_line(solution) else f"{_goals(solution)} over {least}"
    sure = "" if solution.sure is None else f", each with probability {probability(solution.sure)}"
    return lines + wrapped(goal + (f", subject to {must}{sure}" if must else ""), "")


def _goals(solution: Solution) -> str:
    """`minimise CPST, maximise throughput`; weights have no name."""
    return ", ".join(
        f"{'maximise' if metric.direction == 'higher' else 'minimise'} {metric.label}"
        for metric in solution.objectives
    )


def _found(solution: Solution, best: Candidate) -> list[str]:
    conditions = limits(solution.conditions, solution.scenario.currency)
    if is_line(solution):
        text = f"{best.label} is the least that keeps to {conditions}{as_written(solution, best)}"
    elif len(solution.objectives) > 1:
        text = f"{best.label} has the best {solution.objectives[0].label} of the frontier"
    else:
        text = f"{best.label} is the best that was found" + (
            f" to keep to {conditions}" if conditions else ""
        )
        text += f": {_goal(solution, best)}"
    text += f" ({_met(solution, best.checks)})." if best.checks else "."
    sentences = [text]
    if solution.method == "integer":
        sentences += [_one_less(solution, other) for other in solution.one_less]
        sentences += _at_the_bottom(solution)
    weakest = min((part.probability or 0.0 for part in best.checks), default=1.0)
    if solution.sure is None and weakest < DOUBTFUL and solution.replications >= FEWEST_FOR_CLAIMS:
        sentences.append("That is by its estimate and may be luck; --sure 0.95 asks for more.")
    return sentences


def as_written(solution: Solution, best: Candidate) -> str:
    """What the scenario has where it is something else."""
    (path,) = solution.paths
    written = value_at(solution.scenario.resolved(), path)
    return "" if written in (None, best.values[path]) else f", in place of {written} as written"


def _goal(solution: Solution, found: Candidate) -> str:
    return " and ".join(
        f"{metric.label} {estimated(metric, estimate, solution.scenario.currency)}"
        for metric, estimate in zip(solution.objectives, found.objectives, strict=True)
    )


def _one_less(solution: Solution, other: Candidate) -> str:
    if other.passes:
        return f"{other.label} keeps to them too, but costs more: {_goal(solution, other)}."
    return f"{other.label} does not: {_met(solution, other.failed)}."


def _at_the_bottom(solution: Solution) -> list[str]:
    """Paths along which there is nothing less to try."""
    moved = [
        path
        for path in solution.paths
        if all(found.values[path] == solution.nearest.values[path] for found in solution.one_less)
    ]
    if not moved:
        return []
    return [f"Nothing less was to be tried of {', '.join(map(short_name, moved))}."]


def _missed(solution: Solution) -> list[str]:
    near = solution.nearest
    sentences = [
        f"Nothing that was tried keeps to {limits(solution.conditions, solution.scenario.currency)}.",
        f"{near.label} comes nearest: {_met(solution, near.failed)}.",
    ]
    told = {one: _stuck(solution, number) for number, one in enumerate(solution.conditions)}
    if stuck := [text for text in told.values() if text]:
        kept = [one for one, text in told.items() if not text]
        hint = "Something else has to change that"
        sentences += [*stuck, f"{hint}; {_asked(kept)} asks for the rest alone." if kept else f"{hint}."]
    return sentences


def _asked(conditions: Sequence[Condition]) -> str:
    """Conditions as they are typed."""
    return " ".join(f"--subject-to '{str(one).replace(' ', '')}'" for one in conditions)


def _stuck(solution: Solution, number: int) -> str:
    """That every candidate fails a condition which what was varied hardly changes; empty where that is not so."""
    checks = [found.checks[number] for found in solution.tried]
    condition, values = checks[0].condition, [part.estimate.value for part in checks]
    known = [value for value in values if value is not None]
    if any(found.checks[number] not in found.failed for found in solution.tried) or not known:
        return ""
    (least, most), currency = _ends(solution), solution.scenario.currency
    change = difference(condition.metric, most.result, least.result)
    missing = min(abs(value - condition.bound) for value in known)
    is_small = len(known) == len(values) and max(known) - min(known) <= NEGLIGIBLE * missing
    if len(values) < FEWEST_TRIED or not (is_small or _is_chance(solution, condition.metric, missing)):
        return ""
    gap = Estimate(missing, None, None, solution.replications)
    return (
        f"{capital(limit(condition, currency))}: none of the {len(checks)} that were tried keeps to it, and it hardly "
        f"depends on them: from {least.label} to {most.label} it {_changed(condition.metric, change, currency)}, "
        f"where {difference_text(condition.metric, gap, currency)} is missing."
    )


def _changed(metric: str, change: Estimate, currency: str) -> str:
    if change.value == change.low == change.high == 0.0:
        return "does not change at all"
    return f"changes by {difference_text(metric, change, currency)}"


def _ends(solution: Solution) -> tuple[Candidate, Candidate]:
    """The candidates with the least and the most of what was varied; of several paths, taken together."""
    numbers = [
        [value for value in found.values.values() if isinstance(value, int | float)]
        for found in solution.tried
    ]
    order = sorted(range(len(numbers)), key=lambda place: sum(numbers[place]))
    return solution.tried[order[0]], solution.tried[order[-1]]


def _is_chance(solution: Solution, name: str, missing: float) -> bool:
    """Whether no candidate's metric differs from the first one's by more than chance, or by what is missing."""
    first = solution.tried[0]
    gaps = [difference(name, found.result, first.result) for found in solution.tried[1:]]
    return all(
        gap.low is not None and gap.high is not None and -missing < gap.low <= 0 <= gap.high < missing
        for gap in gaps
    )


def _met(solution: Solution, checks: Sequence[Check]) -> str:
    """`95.1 % [92.8, 97.4] within SLA, kept with probability 54 %`."""
    return "; ".join(_check(part, solution.scenario.currency) for part in checks)


def _check(part: Check, currency: str) -> str:
    metric = metric_of(part.condition.metric)
    chance = "" if part.probability is None else f", kept with probability {probability(part.probability)}"
    return f"{estimated(metric, part.estimate, currency)} {metric.label}{chance}"


def unasked(solution: Solution) -> list[str]:
    """Conditions of the file's own `decide` that were not asked for and that the answer does not keep to."""
    currency, sentences = solution.scenario.currency, []
    for condition in map(parse_condition, stated_conditions(solution.scenario)):
        found = check(condition, solution.nearest.result.tallies)
        if condition not in solution.conditions and not found.is_met:
            kept = limit(condition, currency)
            what = "the answer" if solution.best is not None else "what comes nearest"
            but = missed([found], currency).removeprefix(kept)
            sentences.append(f"The file's decide also asks for {kept}: {what} does not keep to it{but}.")
    return sentences


def _notes(solution: Solution) -> list[str]:
    notes = unasked(solution)
    if solution.exceptions:
        names = ", ".join(found.label for found in solution.exceptions)
        notes.append(
            f"More is not always enough: {names} fails. Look at the other conditions, or replicate more."
        )
    if len(solution.tried) > MOST_ROWS and solution.frontier is None:
        notes.append(f"The {MOST_ROWS} best of {len(solution.tried)} are shown; candidates.csv has all.")
    if solution.refused:
        notes.append(f"{solution.refused} candidates are no valid scenario and were left out.")
    if solution.replications < FEWEST_FOR_CLAIMS:
        notes.append(f"Below {FEWEST_FOR_CLAIMS} replications the intervals support no claim.")
    return [line for note in notes for line in wrapped(note)]

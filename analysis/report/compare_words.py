"""Sentences of a comparison: what was compared and how, what to choose and how sure that is."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from analysis.estimates import FEWEST_FOR_CLAIMS, Estimate
from analysis.experiments.decision import difference
from analysis.format import significant
from analysis.metrics import metric_of
from analysis.report.chance import nobody, over_inputs, probability
from analysis.report.people import ranked_on, staffed_as
from analysis.report.words import difference_text, estimated, limit, missed
from sim.quantities import format_duration

if TYPE_CHECKING:
    from analysis.experiments.comparison import Comparison
    from analysis.experiments.decision import Decision, Standing

WIDTH = 80
"""Columns that a report fits in."""


def wrapped(text: str, indent: str = "  ") -> list[str]:
    """The text in lines that fit."""
    kept = text
    for sign in (" %", "> ", "< "):  # a number and its signs stay on one line
        kept = kept.replace(sign, sign.replace(" ", "\N{NO-BREAK SPACE}"))
    lines = textwrap.wrap(
        kept, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def heading(comparison: Comparison) -> list[str]:
    """What was compared, what for, and what it was ranked on."""
    scenario, count = comparison.base.scenario, len(comparison.variants)
    measured = format_duration(scenario.horizon - scenario.warm_up)
    facts = [f"{count} variant{'s' if count > 1 else ''} on the same draws"]
    facts += [f"{comparison.replications} replications of {measured}", f"seed {comparison.base.seed}"]
    line = " · ".join([scenario.name, *facts])
    lines = [line] if len(line) <= WIDTH else [*wrapped(scenario.name, ""), " · ".join(facts)]
    decision = comparison.decision
    if decision.rule is None or decision.objective is None:
        return lines
    conditions = ", ".join(map(str, decision.rule.subject_to))
    lines += wrapped(
        f"minimise {decision.rule.minimise}" + (f", subject to {conditions}" if conditions else ""), ""
    )
    if decision.objective.name != decision.rule.minimise:
        lines += wrapped(ranked_on(decision.objective, is_staffed=comparison.staffing is not None), "")
    return lines


def staffing(comparison: Comparison) -> str:
    """Who was given how many people; empty where they are those that are written."""
    if comparison.staffing is None:
        return ""
    return staffed_as(comparison.staffing, comparison.base.scenario.currency)


def pairing(comparison: Comparison) -> str:
    """What the common draws bought in the objective, or in cost per success without one.

    A variant whose difference does not vary at all is left out: it is known exactly.
    """
    metric = comparison.decision.objective or metric_of("cpst")
    gains = []
    for name in comparison.variants:
        if name != comparison.baseline:
            bought = comparison.difference(name, metric).variance_bought
            if bought is not None:
                gains.append(
                    f"{name} {significant(math.sqrt(bought))} times (variance / {significant(bought)})"
                )
    if not gains:
        return ""
    return f"Pairing narrowed the interval of the difference in {metric.label}: {', '.join(gains)}."


def recommendation(comparison: Comparison) -> list[str]:
    """What the comparison comes to, as paragraphs; the last says what to do and how sure that is."""
    decision = comparison.decision
    if decision.winner is None:
        frontier = ", ".join(decision.frontier)
        drawn = nobody(comparison)
        return [
            *_failures(comparison),
            f"No winner: {decision.reason}{f'; {drawn}' if drawn else ''}.",
            f"On the frontier of cost, wrong deliveries and SLA: {frontier}.",
        ]
    return [*filter(None, [_refused(comparison)]), *certainty(comparison), _choice(comparison)]


def certainty(comparison: Comparison) -> list[str]:
    """How the search for the best ended, and how surely the winner meets the conditions; empty without a winner."""
    decision = comparison.decision
    if decision.winner is None:
        return []
    sentences = [_search(comparison)]
    if decision.admitted > 1 and (sure := _conditions(comparison)):
        sentences.append(f"{decision.winner} {sure}.")
    return [sentence for sentence in sentences if sentence]


def _failures(comparison: Comparison) -> list[str]:
    """Which condition each variant fails."""
    return [
        f"{name} does not keep to {missed(standing.failed, comparison.base.scenario.currency)}."
        for name, standing in comparison.decision.standings.items()
        if standing.failed
    ]


def _refused(comparison: Comparison) -> str:
    """The constraint that decided: what would have been better, and why it was not taken."""
    decision = comparison.decision
    if decision.refused is None or decision.winner is None or decision.objective is None:
        return ""
    gap = difference(
        decision.objective,
        comparison.variants[decision.winner],
        comparison.variants[decision.refused],
        comparison.confidence,
    )
    failed = decision.standings[decision.refused].failed
    text = f"What decided: {decision.refused} would be {_gap(comparison, gap)} better, but "
    text += f"does not keep to {missed(failed, comparison.base.scenario.currency)}"
    if (chance := failed[-1].probability) is not None:
        text += f"; it keeps to {'that' if len(failed) == 1 else 'the last'} with probability {probability(chance)}"
    return f"{text}."


def _search(comparison: Comparison) -> str:
    """How the search for the best ended."""
    search = comparison.search
    if search is None or comparison.decision.objective is None:
        return ""
    if comparison.decision.admitted < 2:
        return "There was nothing to search: fewer than two variants meet the conditions."
    unit = comparison.decision.objective.unit_in(comparison.base.scenario.currency)
    lead = f"a lead of {significant(search.indifference)} {unit} or more"
    confidence = f"{100 * search.confidence:g} %"
    ended = " by the limit of time" if search.stopped_by == "time" else ""
    if len(search.left) == 1:
        return f"{search.left[0]} is the best with {confidence} confidence, given {lead} (Kim and Nelson's procedure)."
    names = ", ".join(search.left)
    return f"The search for {lead} ended undecided after {comparison.replications} replications{ended} between {names}."


def _conditions(comparison: Comparison) -> str:
    """How surely the winner meets the condition it is least sure to meet."""
    decision = comparison.decision
    checks = [
        check for check in decision.standings[decision.winner or ""].checks if check.probability is not None
    ]
    if not checks:
        return ""
    weakest = min(checks, key=lambda check: check.probability or 0.0)
    kept = limit(weakest.condition, comparison.base.scenario.currency)
    return f"keeps to {kept} with probability {probability(weakest.probability)}"


def _choice(comparison: Comparison) -> str:
    """The sentence to act on."""
    decision = comparison.decision
    assert decision.winner is not None
    assert decision.objective is not None
    standing = decision.standings[decision.winner]
    found = _amount(comparison, standing.objective)
    text = f"Choose {decision.winner}: {found} {decision.objective.label}{_lead(comparison)}"
    if decision.admitted > 1:
        text += f"; probability of being the best {_of_whom(decision)}: {_chance(standing)}"
    elif len(decision.standings) > 1:
        text += f"; {_others(decision)}"
        if sure := _conditions(comparison):
            text += f", and it {sure}"
    if comparison.over_inputs is None:
        return text + ", given the inputs."
    is_known = (decision.winner or "") in comparison.over_inputs.best
    best = "and is the best in " if is_known and decision.admitted == 1 else ""
    return f"{text} given the inputs, {best}{over_inputs(comparison)}."


def _others(decision: Decision) -> str:
    """Why the choice fell on the only variant that it may fall on."""
    if decision.kept == 1:
        return "nothing else meets the conditions"
    return (
        "of the others that meet the conditions the objective is not known"
        if _is_limited(decision)
        else ("of the others the objective is not known")
    )


def _is_limited(decision: Decision) -> bool:
    """Whether there are conditions."""
    return decision.rule is not None and bool(decision.rule.subject_to)


def _of_whom(decision: Decision) -> str:
    if decision.admitted == len(decision.standings):
        return "of all"
    those = "that meet the conditions" if decision.admitted == decision.kept else "that can be ranked"
    return f"of the {decision.admitted} {those}"


def _chance(standing: Standing) -> str:
    if standing.probability_best is None:
        return f"not known, for want of {FEWEST_FOR_CLAIMS} replications with successes"
    return probability(standing.probability_best)


def _lead(comparison: Comparison) -> str:
    """How far the winner is ahead of the runner-up; nothing where it is not, for all that the conditions refused."""
    decision = comparison.decision
    gap, name = decision.margin, decision.runner_up
    if gap is None or gap.value is None or gap.value < 0 or decision.objective is None:
        return ""
    if gap.value == 0.0:
        return f", exactly as {name}"
    lead = f", {_gap(comparison, gap)} less than {name}"
    return lead if decision.is_ahead else f"{lead}, which is too little to be sure"


def _amount(comparison: Comparison, found: Estimate) -> str:
    """A value of the objective with its interval and unit."""
    assert comparison.decision.objective is not None
    return estimated(comparison.decision.objective, found, comparison.base.scenario.currency)


def _gap(comparison: Comparison, found: Estimate) -> str:
    """A difference in the objective with its interval and unit."""
    assert comparison.decision.objective is not None
    return difference_text(comparison.decision.objective, found, comparison.base.scenario.currency)

"""What a sensitivity analysis looked at: which parameters were set aside, and what it ranked on instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.experiments.decision import rule_of
from analysis.experiments.objectives import LOADED
from analysis.experiments.one_at_a_time import FIRST, Sensitivity
from analysis.report.compare_words import wrapped

if TYPE_CHECKING:
    from analysis.experiments.sobol import SobolIndices
    from sim import Scenario


def scope(found: Sensitivity | SobolIndices, scenario: Scenario) -> list[str]:
    """Paragraphs of at most 80 columns; none where everything was looked at as it was stated."""
    sentences = [ranked_on(found, scenario)]
    if isinstance(found, Sensitivity) and found.set_aside:
        count = len(found.set_aside) + len(found.parameters.varied)
        sentences.append(f"{set_aside(found)} --closely {count} looks at all, --parameter at some.")
    lines = [line for sentence in sentences if sentence for line in wrapped(sentence)]
    return ["\n".join(lines)] if lines else []


def ranked_on(found: Sensitivity | SobolIndices, scenario: Scenario) -> str:
    """Why the metric is another than the scenario minimises; empty where it is not."""
    rule = rule_of(scenario)
    loaded = LOADED.get("cpst" if rule is None else rule.minimise)
    names = found.metrics if isinstance(found, Sensitivity) else tuple(found.indices)
    if loaded is None or names != (loaded.name,):
        return ""
    return f"Ranked on {loaded.label}: staffing differs between the points, so idle hours count."


def set_aside(found: Sensitivity) -> str:
    """The parameters of which little is known but that they matter less; empty when there are none."""
    if not found.set_aside:
        return ""
    return f"Set aside after {FIRST} replications, for less of an effect: {', '.join(found.set_aside)}."

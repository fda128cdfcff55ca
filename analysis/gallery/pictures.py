"""The table of pictures: which chart, drawn from which experiment, what it shows and how to read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.gallery.experiments import EXPERIMENTS, answer_of


@dataclass(frozen=True)
class Picture:
    """One chart of the gallery."""

    name: str
    """Name of the chart's function without `plot_`; and of the file."""
    of: str
    """Name of the experiment."""
    alternative: str
    """What can be seen, for those who cannot see it."""
    reading: str
    """How to read it, in one sentence."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""
    """The variant of a comparison that is drawn; else the whole result."""

    def code(self) -> str:
        """The line of Python that draws it."""
        asked = next(experiment for experiment in EXPERIMENTS if experiment.name == self.of)
        given = f'{asked.name}.variants["{self.variant}"]' if self.variant else asked.inputs()
        told = ", ".join([given, *(f"{key}={value!r}" for key, value in self.arguments.items())])
        return f"analysis.plot_{self.name}({told})".replace("'", '"')

    def svg(self) -> str:
        """The picture; the same bytes every time."""
        from analysis import figures
        from analysis.figures import style

        inputs = answer_of(self.of)
        if self.variant:
            inputs = (inputs[0].variants[self.variant],)
        axes = getattr(figures, f"plot_{self.name}")(*inputs, **self.arguments, size="report")
        return style.svg(axes.get_figure(root=True))


PICTURES = (
    Picture(
        "comparison", "topologies",
        "Cost per success with damage of five topologies as points with intervals; guardian is the lowest and filled.",
        "A point is an estimate, its line the 95 % interval; the dashed line is the baseline, the filled square the "
        "variant that was chosen.",
        {"metric": "cpst_with_damage"},
    ),
    Picture(
        "cost_breakdown", "topologies",
        "Stacked bars of the cost of a success for five topologies: paid hours, worked and idle, are nearly all that "
        "is spent; the damage of wrong deliveries comes on top, and is all there is for autonomous.",
        "The length of a bar is the cost of one success, its parts are the lines of the ledger; people cost the hours "
        "they are paid, worked and idle, where the decision ranks on them, else the minutes they work (`basis`). The "
        "part in outline is damage, where the decision counts it: nobody spends it.",
    ),
    Picture(
        "frontier", "staffed",
        "Loaded cost per success against the share of tasks that end wrong, one point for each of five topologies with "
        "the people it needs; guardian is chosen: the cheapest but autonomous, and the safest.",
        "Left is cheaper, lower is safer; a hollow grey point is dominated: another one is at least as good in cost, "
        "risk and right deliveries. Cost is by paid hours where staffing differs, else by minutes worked (`x`).",
    ),
    Picture(
        "trade_off", "thresholds",
        "Three panels over the threshold: the share sent to a person rises, wrong deliveries fall, and the cost with "
        "damage falls until 0.95 and then rises.",
        "All panels share the axis of the threshold; hollow points miss a condition, the marked one is chosen.",
    ),
    Picture(
        "heat_map", "staff",
        "A grid of thresholds and numbers of clerks, coloured by cost; points that miss a condition are hatched.",
        "Light is cheap; the framed cell is the cheapest that meets all conditions.",
    ),
    Picture(
        "breakeven", "turning",
        "A falling line: the cost with damage of guardian minus that of autonomous over the damage of a wrong "
        "delivery; it crosses 0 once, where the better of the two changes.",
        "Above 0 the second variant is cheaper, below 0 the first, as the coloured line says; the shade around the "
        "break-even is its interval.",
    ),
    Picture(
        "sensitivity", "matters",
        "Bars to both sides of the cost as written, one for each parameter, the longest at the top.",
        "A bar reaches from the metric at the low value of a parameter to that at the high value; grey bars are no "
        "effect that was seen.",
    ),
    Picture(
        "cfr", "chain",
        "Three cascade failure risks for the chain of five agents and its variants.",
        "The gap between the analytic risk and the chain's is what shared hardness changes; the gap to the delivered "
        "one is what people and checks save.",
    ),
    Picture(
        "defect_flow", "chain",
        "Bars for five stages: defects that come in, are born, are caught or escape; most are caught at the last.",
        "Each stage has two bars of the same height: what comes in or is born, and what becomes of it.",
        variant="an editor reads what is sent",
    ),
    Picture(
        "queue", "log",
        "Number of messages that wait for a reviewer over four days, and how long the oldest has waited; shifts are "
        "shaded.",
        "A queue that grows through a whole shift means too few people; what is left at its end waits overnight, which "
        "the age of the oldest shows (`begin` and `end` are ticks, microseconds from the start).",
        {"role": "reviewer", "begin": 604_800_000_000, "end": 950_400_000_000},
    ),
    Picture(
        "workload", "log",
        "Work that comes to the reviewers in each hour of the week against their capacity.",
        "Where the work is above the capacity it is red, and waits until later.",
        {"role": "reviewer"},
    ),
    Picture(
        "utilisation", "log",
        "A heat map of five people and one agent by hour of the day.",
        "Dark is busy; hatched hours are off shift.",
    ),
    Picture(
        "cycle_times", "log",
        "A histogram of the time from arrival to end on a logarithmic scale, with median, 90 % and 99 %.",
        "Two hills mean two ways through the flow: here with and without a specialist, or over a night.",
    ),
    Picture(
        "calibration", "invoices",
        "Points below the diagonal: how often outputs are right against what the agent stated.",
        "On the diagonal the agent is as right as it says; below it, it is overconfident.",
    ),
    Picture(
        "ledger", "log",
        "Money spent over time, stacked by line of the ledger; people's review is the largest.",
        "The slope is the speed of spending; steps and flat parts are shifts and nights.",
    ),
    Picture(
        "trace", "invoices",
        "One invoice on its way: the agent fails, waits, tries again and is unsure; then a clerk works on it.",
        "Time runs to the right, each line is a worker; hatched bars are waits.",
        {"task": "invoice-3218"},
    ),
    Picture(
        "budget", "loop",
        "Money spent of a daily budget over eight days, with its limit and the levels of its alerts.",
        "The line starts anew each day; where it meets the limit the guard stops calls until the next day.",
    ),
    Picture(
        "convergence", "mornings",
        "The estimate of a mean wait and its interval, which narrows as replications come in.",
        "Stop when the band is narrow enough for the decision; four times the replications halve it.",
        {"metric": "wait_people_mean"},
    ),
)  # fmt: skip
"""Every picture, those of one experiment side by side."""

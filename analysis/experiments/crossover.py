"""Crossovers: two variants at points along a line, and where the better of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.estimates import Estimate
from analysis.experiments import crossover_rows as rows
from analysis.experiments.comparison import Staffing
from analysis.experiments.decision import difference
from analysis.experiments.money import currency_at
from analysis.experiments.results import Replications
from analysis.experiments.rounds import same_replications
from analysis.experiments.saved import (
    bare_document,
    loaded,
    replications_of,
    scenario_document,
    write_document,
)
from analysis.experiments.search.candidate import stated_objective
from analysis.experiments.search.crossings import Crossing, Reading, Stretch, crossings, stretches
from analysis.experiments.staffed import pair_at
from analysis.experiments.tables import framed, html_table
from analysis.format import significant
from analysis.metrics import Metric
from analysis.metrics.saved import codec_of
from sim import Scenario
from sim.uncertainty import parse_quantity

if TYPE_CHECKING:
    import pandas as pd

KIND = "breakeven"
"""What a saved file says it holds."""
STAFFING = codec_of(Mapping[str, Staffing] | None)
"""How the people that the variants were given are kept in a file."""


@dataclass(frozen=True, slots=True)
class PointPair:
    """Both variants at one value, on the same draws."""

    at: float
    """The value as a number: ticks for a duration."""
    value: Any
    """As a scenario file has it."""
    one: Replications
    other: Replications

    def pair(self) -> tuple[Replications, Replications]:
        """Both with the replications that both have."""
        found = same_replications({"one": self.one, "other": self.other})
        return found["one"], found["other"]


@dataclass(frozen=True, eq=False, repr=False)
class Breakeven:
    """Two variants along a path, and where the better one changes."""

    scenario: Scenario
    """As it was written."""
    between: tuple[str, str]
    vary: str
    metric: Metric
    """What is compared; small or large at its best, as its direction says."""
    stated: str
    """The metric that was asked for; another than is compared where idle people count."""
    is_whole: bool
    """Whether the path takes whole numbers only."""
    points: tuple[PointPair, ...] = ()
    """In order of value."""
    staffing: Mapping[str, Staffing] | None = None
    """The least people that each variant was given as it is written; None when they are those that are written."""

    def with_point(self, point: PointPair) -> Breakeven:
        """The same with one more point."""
        return replace(self, points=tuple(sorted((*self.points, point), key=lambda part: part.at)))

    @property
    def unit(self) -> str:
        """Unit of the values: empty, `duration`, or the unit of time of a rate."""
        return parse_quantity(self.points[0].value).unit

    @property
    def currency(self) -> str:
        """The currency's code where the values are amounts of money, pay per hour too; else empty."""
        first = self.points[0]
        return currency_at(self.vary, first.one.scenario, first.other.scenario)

    def difference(self, point: PointPair) -> Estimate:
        """The metric of the first variant less that of the second at a point, with the paired 95 % interval."""
        return difference(self.metric, *point.pair())

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The differences that are defined, in order of value."""
        found = [(point.at, self.difference(point)) for point in self.points]
        return tuple(Reading(at, gap.value, gap.low, gap.high) for at, gap in found if gap.value is not None)

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """Where the better variant changes, in order of value."""
        return crossings(self.readings, self.is_whole)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """What lies between the crossings, in order of value; empty without one."""
        return stretches(self.readings, self.crossings)

    def better(self, sign: int) -> str:
        """The better variant where the difference has this sign."""
        is_first = (sign < 0) == (self.metric.direction != "higher")
        return self.between[0] if is_first else self.between[1]

    @property
    def least(self) -> Reading | None:
        """The smallest difference that was found; None where it is undefined everywhere."""
        return min(self.readings, key=lambda reading: abs(reading.value), default=None)

    @property
    def is_sure_everywhere(self) -> bool:
        """Whether the interval of the difference leaves 0 out at every point, on the same side."""
        return any(all(part.side(sign) * sign > 0 for part in self.readings) for sign in (-1, 1))

    @property
    def seed(self) -> int:
        """The seed of every replication."""
        return self.points[0].one.seed

    @property
    def replications(self) -> int:
        """How many of each variant at each point."""
        return max(len(point.one.tallies) for point in self.points)

    def along(self) -> dict[str, list[Replications]]:
        """The results of each variant in order of value."""
        one, other = self.between
        return {one: [point.one for point in self.points], other: [point.other for point in self.points]}

    def results(self) -> dict[str, Replications]:
        """Every variant at every value, by name and value."""
        return {
            f"{name} at {self.vary} {point.value}": result
            for point in self.points
            for name, result in zip(self.between, (point.one, point.other), strict=True)
        }

    @property
    def is_complete(self) -> bool:
        """Whether no limit stopped any replication and none is missing."""
        return all(result.is_complete for result in self.results().values())

    def to_frame(self) -> pd.DataFrame:
        """One row per point, variant and replication, one column per metric; an undefined number is NaN."""
        import pandas as pd

        frames = []
        for point in self.points:
            for name, result in zip(self.between, (point.one, point.other), strict=True):
                frame = result.to_frame()
                frame.insert(0, "variant", name)
                frame.insert(0, self.vary, [point.value] * len(frame))
                frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """One row per crossing; durations in ticks of a microsecond."""
        import pandas as pd

        return pd.DataFrame(rows.crossings(self), columns=list(rows.CROSSING))

    def differences(self) -> pd.DataFrame:
        """One row per point: the metric of both, their paired difference with its interval, and which is better."""
        return framed(rows.differences(self))

    def to_json_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can write; null for what is undefined."""
        return rows.document(self)

    def save(self, path: Path | str) -> Path:
        """Writes everything into a file that `load` reads."""
        first = replace(self.points[0].one, scenario=self.scenario)
        points = [
            {
                "at": point.at,
                "value": point.value,
                "pair": [bare_document(point.one), bare_document(point.other)],
            }
            for point in self.points
        ]
        document = {
            "scenario": scenario_document(first.scenario),
            "between": list(self.between),
            "vary": self.vary,
            "metric": self.metric.name,
            "stated": self.stated,
            "is_whole": self.is_whole,
            "staffing": STAFFING.plain(self.staffing),
            "points": points,
        }
        return write_document(Path(path), KIND, document)

    @classmethod
    def load(cls, path: Path | str) -> Breakeven:
        """What `save` wrote; raises SavedResultError for any other file."""
        return loaded(path, KIND, _restored)

    def __repr__(self) -> str:
        at = ", ".join(significant(part.at) for part in self.crossings) or "none"
        return (
            f"<{' against '.join(self.between)} at {len(self.points)} values of {self.vary}, crossings: {at}>"
        )

    def _repr_html_(self) -> str:
        """The points as a table, every text escaped."""
        head = f"{self.scenario.name} · {self.replications} replications · seed {self.seed}"
        return html_table(rows.differences(self), head)


def _restored(document: Mapping[str, Any]) -> Breakeven:
    between = document["between"][0], document["between"][1]
    vary, shared, staffing = document["vary"], document["scenario"], STAFFING.value(document["staffing"])
    points = []
    scenario = None
    for kept in document["points"]:
        one, other = (replications_of({**part, "scenario": shared}) for part in kept["pair"])
        scenario = one.scenario
        both = pair_at(scenario, between, vary, kept["value"], staffing)
        pair = (replace(part, scenario=own) for part, own in zip((one, other), both, strict=True))
        points.append(PointPair(kept["at"], kept["value"], *pair))
    if scenario is None:
        raise ValueError("it has no points")
    metric = stated_objective(document["metric"], is_staffed_alike=True)
    return Breakeven(
        scenario, between, vary, metric, document["stated"], document["is_whole"], tuple(points), staffing
    )

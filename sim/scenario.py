"""The scenario: one frozen value with everything a run needs, cross-checked."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, StringConstraints

from sim import prices
from sim.calendars import Calendar, CalendarSpec, always_open, check_zone, compile_calendar
from sim.checks import problems
from sim.distributions import MoneyDistribution
from sim.errors import ScenarioError
from sim.flows import flow_of, stages_of
from sim.identity import scenario_digest
from sim.overlay import overlaid, with_values
from sim.policies import Policies
from sim.problems import Problem, absent
from sim.quantities import Day, Duration, Number, parse_duration, plain
from sim.recorded import Recording, read_recording
from sim.rules.guards import Guards
from sim.spec import Id, Spec, Text, default
from sim.tasks import Deterministic, Poisson, Recorded, Renewal, TaskType
from sim.topology import KINDS, STAGE, Flow, Topology, models_of, roles_of
from sim.uncertainty import Uncertain, drawn_values, kept_by
from sim.workers import AgentRole, Role

MINOR_DIGITS = {
    "JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3, "JOD": 3, "OMR": 3,
}  # fmt: skip
"""Digits after the point of a currency's minor unit where they are not 2 (ISO 4217)."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""
Zone = Annotated[str, BeforeValidator(check_zone)]
"""An IANA time zone."""
ExchangeRate = Annotated[Number, Field(gt=0, le=1e6)]
"""What one unit of the other currency costs in the scenario's."""
MonthlyCost = Annotated[str, StringConstraints(pattern=r"^\s*\d{1,12}(\.\d{1,4})?\s*(/|per)\s*month\s*$")]
"""An amount per month of 30 days: `500 / month`."""
Constraint = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z][a-z0-9_]*\s*(>=|<=|>|<)\s*[0-9]+(\.[0-9]+)?\s*%?$",
        max_length=100,
    ),
]
"""A metric, a comparison and a number: `sla_share >= 0.95`."""


class Decide(Spec):
    """What a comparison of variants chooses by."""

    minimise: Id
    """Metric to make small."""
    subject_to: tuple[Constraint, ...] = Field(default=(), max_length=50, strict=False)
    """Conditions the choice must meet."""


def _numbers(value: Any) -> Any:
    """An overlay with plain numbers in place of decimals, which are text in JSON."""
    if isinstance(value, dict):
        return {key: _numbers(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_numbers(part) for part in value]
    return plain(value) if isinstance(value, Decimal) else value


class Scenario(Policies):
    """Everything a run needs, read from YAML (`sim.load`) or built in Python (`Scenario.from_tree`)."""

    version: Literal[1]
    """Version of this form."""
    name: Text
    """Name for display; changes nothing."""
    description: Text | None = None
    """Explanation for display; changes nothing."""
    start: Day = default(date(2026, 1, 5), "assumption: a Monday")
    """Local date whose midnight is time zero."""
    timezone: Zone = default("UTC", "assumption")
    """IANA time zone of calendars and of the clock times in reports."""
    warm_up: Duration = default(0, "off")
    """Time before measuring begins."""
    horizon: Annotated[Duration, Field(ge=1)]
    """End of measuring; tasks that arrive between warm-up and horizon are the cohort."""
    drain_limit: Duration = default(parse_duration("4 weeks"))
    """How long after the horizon the last measured tasks are waited for."""
    seed: Annotated[int, Field(ge=0, le=(1 << 63) - 1)] = default(1)
    """All draws follow from it and the replication number."""
    currency: Currency = default("USD", "assumption: the catalogue's currency")
    """Currency of every amount written here and of all results."""
    exchange: dict[Currency, ExchangeRate] = Field(default_factory=dict, max_length=200)
    """What one unit of another currency costs: `{USD: 0.92}`. Catalogue prices are in USD."""
    calendars: dict[Id, CalendarSpec] = Field(default_factory=dict, max_length=1000)
    """Weekly shift patterns by name."""
    tasks: dict[Id, TaskType] = Field(min_length=1, max_length=200)
    """What arrives, by task type."""
    workers: dict[Id, Role] = Field(min_length=1, max_length=1000)
    """Who works, by role."""
    topology: Topology
    """Who does the work and who checks it."""
    guards: Guards | None = None
    """Limits on hops, spending and failing."""
    damage: dict[Literal["low", "moderate", "high"], MoneyDistribution] = Field(
        default_factory=dict, max_length=3
    )
    """Damage of one wrong delivery by blast radius, for task types that state no `damage_if_wrong`."""
    fixed_costs: dict[Id, MonthlyCost] = Field(default_factory=dict, max_length=100)
    """Costs that no task causes, such as licences: `{licences: 500 / month}`; booked as platform cost."""
    decide: Decide | None = None
    """What a choice between variants goes by."""
    uncertain: Uncertain | None = None
    """Values that are known as a range only, by path: `{workers.clerk.review.catch_rate: {distribution: uniform,
    low: 0.7, high: 0.95}}`, or a list of equally likely ones. Experiments repeat their replications with a draw of
    each; the replications before use the values as they are written."""
    variants: dict[Text, dict[str, Any]] = Field(default_factory=dict, max_length=200)
    """Overlays on this scenario, by name; checked when the file is read."""

    _folder: Path = PrivateAttr(default=Path())
    _recordings: dict[str, Recording] = PrivateAttr(default_factory=dict)

    @classmethod
    def from_tree(
        cls, tree: Mapping[str, Any], folder: Path | str = ".", read: dict[str, Recording] | None = None
    ) -> Scenario:
        """A checked scenario from plain mappings; raises pydantic's ValidationError or a ScenarioError.

        `read` holds input files that were read before: each file is read once, whatever is laid over the scenario.
        """
        scenario = cls.in_folder(tree, folder, read)
        problems = list(scenario.problems())
        if problems:
            raise ScenarioError([problem.fault() for problem in problems])
        return scenario

    @classmethod
    def in_folder(
        cls, tree: Mapping[str, Any], folder: Path | str, read: dict[str, Recording] | None = None
    ) -> Scenario:
        """A scenario whose parts are checked one by one, but not yet together."""
        scenario = cls.model_validate(tree)
        scenario._folder = Path(folder)
        if read is not None:
            scenario._recordings = read
        return scenario

    @property
    def recordings(self) -> dict[str, Recording]:
        """Input files that have been read, by the name the scenario uses; shared with its overlays."""
        return self._recordings

    @property
    def folder(self) -> Path:
        """Where the files are that the scenario names."""
        return self._folder

    def problems(self) -> Iterator[Problem]:
        """Everything wrong between the parts, each with the path of the part at fault."""
        yield from problems(self)

    # -- overlays --------------------------------------------------------------------------------------------

    def tree(self) -> dict[str, Any]:
        """The scenario as it was written: plain mappings without defaults."""
        found = self.model_dump(mode="json", exclude_unset=True, exclude={"variants"})
        return (
            {**found, "variants": _numbers(self.variants)} if "variants" in self.model_fields_set else found
        )

    def overlaid(self, patch: Mapping[str, Any]) -> Scenario:
        """This scenario with an overlay laid over it; uncertain values of parts it then lacks are left out."""
        given = {key: value for key, value in patch.items() if key != "uncertain"}
        found = self._again(overlaid(self._stated(), given))
        if "uncertain" not in patch:
            return found
        tree = found.tree()
        return self._made(tree | {"uncertain": overlaid(tree.get("uncertain"), patch["uncertain"])})

    def with_values(self, values: Mapping[str, Any]) -> Scenario:
        """This scenario with single values set by dotted path, as `--set` does; what stands beside them stays."""
        return self._again(with_values(self._stated(), values))

    def _stated(self) -> dict[str, Any]:
        """What was written, without the ranges of uncertain values."""
        return {key: value for key, value in self.tree().items() if key != "uncertain"}

    def _made(self, tree: Mapping[str, Any]) -> Scenario:
        """A scenario in this one's folder."""
        return Scenario.from_tree(tree, self._folder, self._recordings)

    def _again(self, tree: Mapping[str, Any]) -> Scenario:
        """The scenario of a tree that states no ranges, with those of this one that it has values for."""
        found = self._made(tree)
        kept = kept_by(found, self.uncertain or {})
        return found.model_copy(update={"uncertain": kept}) if kept else found

    def topologies(self, *kinds: str) -> dict[str, Scenario]:
        """This scenario under each of the named topologies (all presets when none is named), by name.

        Raises ScenarioError for a name that is no preset, pydantic's ValidationError when a role that a preset needs
        is not bound.
        """
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown:
            path = ("topology", "kind")
            raise ScenarioError(
                [absent(path, "E0109", "topology", kind, list(KINDS)).fault() for kind in unknown]
            )
        return {kind: self.overlaid({"topology": {"kind": kind}}) for kind in kinds or KINDS}

    def variant(self, name: str) -> Scenario:
        """The variant of that name."""
        return self.overlaid({**self.variants[name], "variants": {}})

    # -- uncertain values ------------------------------------------------------------------------------------

    def input_values(self, seed: int, replication: int) -> dict[str, int | float | str]:
        """The uncertain values of a replication by path, as they would be written; empty when nothing is uncertain."""
        return drawn_values(self.uncertain or {}, seed, replication)

    def with_inputs(self, values: Mapping[str, Any]) -> Scenario:
        """This scenario with these values, and nothing uncertain about it."""
        tree = {key: value for key, value in self._stated().items() if key != "variants"}
        return self._made(with_values(tree, values))

    def drawn(self, seed: int, replication: int) -> Scenario:
        """This scenario with the uncertain values of a replication, and nothing uncertain about it.

        Raises ScenarioError or pydantic's ValidationError for values that do not go together.
        """
        return self.with_inputs(self.input_values(seed, replication))

    # -- what the run reads ----------------------------------------------------------------------------------

    @property
    def length(self) -> int:
        """Ticks from the start until the drain limit."""
        return self.horizon + self.drain_limit

    @property
    def minor_digits(self) -> int:
        """Digits after the point of the currency's minor unit."""
        return MINOR_DIGITS.get(self.currency, 2)

    def stages(self, type_id: str) -> tuple[str, ...]:
        """Stages of a task type, in order: `work` when it declares none."""
        return stages_of(self.tasks[type_id])

    def flow(self, type_id: str, stage: str = STAGE) -> Flow:
        """The step table of a stage, with what policies, roles and guards add to its topology."""
        return flow_of(self, type_id, stage)

    def flows(self) -> dict[tuple[str, str], Flow]:
        """The step table of every stage, by task type and stage."""
        return {
            (type_id, stage): self.flow(type_id, stage)
            for type_id in sorted(self.tasks)
            for stage in self.stages(type_id)
        }

    def roles_at_work(self) -> tuple[str, ...]:
        """Roles that do work, sorted; the others take no part in a run."""
        used = [role for flow in self.flows().values() for role in roles_of(flow)]
        used += [task.discovery.by for task in self.tasks.values() if task.discovery is not None]
        return tuple(sorted(dict.fromkeys(used)))

    def calendar(self, name: str | None) -> Calendar:
        """A compiled calendar; the one that is always open for None."""
        if name is None:
            return always_open()
        return compile_calendar(self.calendars[name], self.start, self.timezone, self.length)

    def recording(self, file: str) -> Recording:
        """A recorded file, read once."""
        if file not in self._recordings:
            self._recordings[file] = read_recording(self._folder, file)
        return self._recordings[file]

    def price(self, role: str) -> ResolvedPrice:
        """Price of a role's model in the scenario's currency; LookupError when it has none."""
        agent = self.workers[role]
        assert isinstance(agent, AgentRole)
        if agent.price is not None:
            return ResolvedPrice(agent.provider or "own", agent.price.input, agent.price.output, "your file")
        listed = prices.list_price(agent.model, agent.provider)
        if listed is None:
            raise LookupError(agent.model)
        rate = Decimal(1)
        if self.currency != prices.CATALOGUE_CURRENCY:
            rate = Decimal(repr(self.exchange[prices.CATALOGUE_CURRENCY]))
        source = f"list price, {prices.catalogue_version()}"
        if rate != 1:
            source += f", {rate} {self.currency}/USD"
        # On the grid of nano-units, so that the price written into a run folder is the price that was used.
        grid = Decimal(1).scaleb(-9)
        read, written = ((price * rate).quantize(grid) for price in (listed.input, listed.output))
        return ResolvedPrice(listed.provider, read, written, source)

    def expected_tasks(self) -> float:
        """Expected number of tasks from the start to the horizon."""
        return math.fsum(self.expected_tasks_of(name) for name in self.tasks)

    def expected_tasks_of(self, type_id: str) -> float:
        """Expected number of tasks of one type from the start to the horizon."""
        arrivals = self.tasks[type_id].arrivals
        if isinstance(arrivals, Recorded):
            return float(self.recording(arrivals.file).count_of(type_id))
        open_ticks = self.calendar(arrivals.during).open_ticks(self.horizon)
        match arrivals:
            case Poisson():
                return float(arrivals.rate * open_ticks)
            case Deterministic():
                return open_ticks / arrivals.every
            case Renewal():
                return open_ticks / max(arrivals.gap.mean_value(), 1.0)

    # -- dumps -----------------------------------------------------------------------------------------------

    def resolved(self) -> dict[str, Any]:
        """The scenario with every default and every price written out; loads to the same run."""
        tree = self.model_dump(mode="json", exclude_none=True, exclude={"variants"})
        for name, role in self.workers.items():
            if isinstance(role, AgentRole) and name in self.priced_roles():
                price = self.price(name)
                priced = {
                    **tree["workers"][name],
                    "provider": price.provider,
                    "price": {"input": plain(price.input), "output": plain(price.output)},
                }
                # in the order of the fields, so that what is resolved again stays the same text
                tree["workers"][name] = {
                    field: priced[field] for field in AgentRole.model_fields if field in priced
                }
        return tree

    def priced_roles(self) -> tuple[str, ...]:
        """Agent roles whose model costs something in this topology, sorted."""
        used = {role for flow in self.flows().values() for role in models_of(flow)}
        return tuple(
            name
            for name, role in sorted(self.workers.items())
            if isinstance(role, AgentRole) and name in used
        )

    def digest(self) -> str:
        """SHA-256 of everything that can change a result: no labels, nothing that is off or unused, no seed."""
        return scenario_digest(self)

    def digest_with_inputs(self) -> str:
        """SHA-256 of everything that can change a result with drawn inputs; `digest` where nothing is uncertain."""
        if not self.uncertain:
            return self.digest()
        text = self.digest() + self.model_dump_json(include={"uncertain"}, exclude_none=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def input_files(self) -> dict[str, Recording]:
        """Recorded files this scenario reads, by the name it uses."""
        files = [task.arrivals.file for task in self.tasks.values() if isinstance(task.arrivals, Recorded)]
        return {file: self.recording(file) for file in sorted(dict.fromkeys(files))}


@dataclass(frozen=True, slots=True)
class ResolvedPrice:
    """Price of a model in the scenario's currency per million tokens, and where it is from."""

    provider: str
    input: Decimal
    output: Decimal
    source: str

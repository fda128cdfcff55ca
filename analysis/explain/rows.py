"""Rows: every parameter of a scenario with its value as people write it and where it comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analysis.explain.derived import derived_values
from analysis.explain.steps import move_words
from analysis.format import service_level
from sim.calendars import Shift
from sim.calendars.shifts import format_days
from sim.distributions import Family
from sim.flows import PLAIN_FIELDS
from sim.policies import POLICIES, Policies
from sim.rules.guards import Guards, KillSwitch
from sim.rules.recovery import Move, Recovery
from sim.rules.retry import Retries
from sim.scenario import Scenario
from sim.spec import Spec, provenance
from sim.stages import Stage
from sim.tasks import Recorded, ServiceLevel, TaskType
from sim.topology import Escalation, Guardian, Tier
from sim.uncertainty import Choice
from sim.workers import AgentAtWork, AgentRole, HumanAtWork

YOUR_FILE = "your file"
OVERRIDE = "override"
DEFAULT = "default"
DERIVED = "follows from it"
CATALOGUE = "price catalogue"
_DISPLAY = ("label", "description")
_RECORDED = ("value", "input_tokens", "output_tokens")
_MECHANISMS: tuple[tuple[type[Spec], tuple[str, ...]], ...] = (
    (Policies, POLICIES),
    (TaskType, ("damage_if_doubled", "action", "discovery", "topology", "stages")),
    (AgentRole, (*PLAIN_FIELDS, "on_upstream_defect", "idempotent")),
    (Retries, ("policy",)),
    (Escalation, ("value_check", "premature_escalation", "ladder")),
    (Guardian, ("send_back",)),
    (Recovery, tuple(Recovery.model_fields)),
    (Move, tuple(Move.model_fields)),
    (Guards, ("trace_budget", "budgets", "breaker", "kill_switch", "person", "count_stage_handoffs")),
    (KillSwitch, tuple(KillSwitch.model_fields)),
    (Stage, tuple(Stage.model_fields)),
)
"""Fields of mechanisms that are off unless written, by the part that has them."""
_RUN = (
    "start", "timezone", "warm_up", "horizon", "drain_limit", "seed", "currency", "exchange", "fixed_costs",
    "calendars", "decide",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter: dotted path, label, value as text (empty for the head of a block), origin."""

    path: str
    label: str
    value: str
    origin: str
    depth: int = 0


def sections(
    scenario: Scenario,
    written: Mapping[str, Any] | Collection[str] | None,
    set_by: Mapping[str, str] | None = None,
) -> list[tuple[str, list[Row]]]:
    """Headed groups of rows: the run, policies, guards, the topology, each task type, each worker."""
    walk = _Walk(scenario, None if written is None else _leaves(written), set_by or {})
    found = [("Run", [row for field in _RUN for row in walk.field(scenario, field, field)])]
    policies = [name for name in (*POLICIES, "damage") if getattr(scenario, name)]
    if policies:
        found.append(("Policies", [row for name in policies for row in walk.field(scenario, name, name)]))
    if scenario.guards is not None:
        found.append(("Guards", list(walk.fields(scenario.guards, "guards"))))
    found.append(
        (f"Topology: {scenario.topology.kind}", list(walk.fields(scenario.topology, "topology", ("kind",))))
    )
    for name, task in scenario.tasks.items():
        found.append((f"Task type: {name}", list(walk.fields(task, f"tasks.{name}"))))
    for name, role in scenario.workers.items():
        found.append((_worker_title(name, role), list(walk.fields(role, f"workers.{name}", ("kind",)))))
    if scenario.uncertain:
        found.append(("Uncertain inputs, drawn by run and compare", list(walk.uncertain())))
    return found


def _worker_title(name: str, role: Any) -> str:
    return f"Worker: {name} ({f'agent, {role.model}' if isinstance(role, AgentRole) else 'human'})"


def _leaves(written: Mapping[str, Any] | Collection[str]) -> tuple[str, ...]:
    """Dotted paths of everything in a tree that is not a mapping; given paths as they are."""
    if isinstance(written, Mapping):
        return tuple(_paths(written, ""))
    return tuple(written)


def _paths(tree: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from _paths(value, f"{path}.")
        else:
            yield path


def _is_along(path: str, other: str) -> bool:
    """Whether one path is the other, or inside it."""
    return path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")


def _is_off_and_unwritten(spec: Spec, name: str) -> bool:
    """Whether a field belongs to a mechanism that nobody wrote anything about."""
    if name in spec.model_fields_set:
        return False
    return any(isinstance(spec, kind) and name in names for kind, names in _MECHANISMS)


class _Walk:
    """Goes through the parts of one scenario."""

    def __init__(
        self, scenario: Scenario, written: tuple[str, ...] | None, set_by: Mapping[str, str]
    ) -> None:
        self.scenario, self.written, self.set_by = scenario, written, set_by

    def fields(
        self, spec: Spec, path: str, without: tuple[str, ...] = (), around: str = "", depth: int = 0
    ) -> Iterator[Row]:
        """Rows of all fields of a part; `around` is the origin of a default block they are in."""
        for name in type(spec).model_fields:
            if name not in (*_DISPLAY, *without) and not _is_off_and_unwritten(spec, name):
                yield from self.field(spec, name, f"{path}.{name}", around, depth)

    def field(self, spec: Spec, name: str, path: str, around: str = "", depth: int = 0) -> Iterator[Row]:
        """Rows of one field: a single one, or a head and those of the block below it."""
        value = getattr(spec, name)
        origin = self._origin(spec, name, path, around)
        file = self._recorded_in(spec, name)
        if file:
            is_given = name in spec.model_fields_set
            text = f"recorded, replaces {self._text(spec, name)}" if is_given else "recorded"
            yield Row(path, name, text, file, depth)
        elif isinstance(spec, AgentRole) and name in ("price", "provider"):
            yield from self._served(spec, name, path, origin, depth)
        elif isinstance(value, Spec) and not isinstance(value, Family):
            is_given = name in spec.model_fields_set
            yield Row(path, name, "", "" if is_given else origin, depth)
            yield from self.fields(value, path, (), "" if is_given else origin, depth + 1)
            yield from self._derived(spec, name, path, depth + 1)
        elif isinstance(value, Mapping):
            yield from self._mapping(value, name, path, origin, depth)
        elif value is not None or not isinstance(spec, HumanAtWork | AgentAtWork):
            yield Row(path, name, self._text(spec, name), origin, depth)

    def uncertain(self) -> Iterator[Row]:
        """The ranges of values that are known no better, by the path of the value."""
        for name, distribution in (self.scenario.uncertain or {}).items():
            path = f"uncertain.{name}"
            label = name.partition(".")[2] or name
            yield Row(path, label, _distribution(distribution, ""), self._where(path, YOUR_FILE))

    def _mapping(
        self, value: Mapping[str, Any], name: str, path: str, origin: str, depth: int
    ) -> Iterator[Row]:
        if value:
            yield Row(path, name, "", "", depth)
        for key, part in value.items():
            place = f"{path}.{key}"
            if isinstance(part, Spec):
                yield Row(place, key, "", "", depth + 1)
                yield from self.fields(part, place, depth=depth + 2)
            else:
                yield Row(place, key, _plain(part), self._where(place, origin), depth + 1)

    def _origin(self, spec: Spec, name: str, path: str, around: str) -> str:
        """Where a value is from: the file, an override, or the source of its default."""
        source = provenance(type(spec), name)
        if name in spec.model_fields_set and not around:
            return self._where(path, YOUR_FILE)
        return f"{DEFAULT}: off" if source == "off" else source or around or DEFAULT

    def _recorded_in(self, spec: Spec, name: str) -> str | None:
        """The file of recorded arrivals whose column replaces an attribute of a task type."""
        if name not in _RECORDED or not isinstance(spec, TaskType) or not isinstance(spec.arrivals, Recorded):
            return None
        file = spec.arrivals.file
        return file if name in self.scenario.recording(file).columns else None

    def _where(self, path: str, origin: str) -> str:
        """The origin of a value that somebody wrote: what set it beside the file comes before the file."""
        if origin != YOUR_FILE:
            return origin
        for other, what in self.set_by.items():
            if _is_along(path, other):
                return what
        if self.written is None:
            return origin
        return YOUR_FILE if any(_is_along(path, leaf) for leaf in self.written) else OVERRIDE

    def _served(self, role: AgentRole, name: str, path: str, origin: str, depth: int) -> Iterator[Row]:
        """Price and provider that count, for a role whose model is used; else only what was written."""
        worker = path.split(".")[1]
        if worker not in self.scenario.priced_roles():
            if name in role.model_fields_set:
                yield Row(path, name, self._text(role, name), origin, depth)
            return
        price = self.scenario.price(worker)
        if name == "provider":
            yield Row(path, name, price.provider, origin if role.provider else CATALOGUE, depth)
            return
        yield Row(path, name, "", "", depth)
        for field, amount in (("input", price.input), ("output", price.output)):
            text = f"{self.scenario.currency} {amount.normalize():f} per 1M tokens"
            yield Row(f"{path}.{field}", field, text, self._where(path, price.source), depth + 1)

    def _derived(self, spec: Spec, name: str, path: str, depth: int) -> Iterator[Row]:
        if path.startswith("workers."):
            for label, text in derived_values(self.scenario.workers[path.split(".")[1]], spec, name):
                yield Row(f"{path}.{label}", label, text, DERIVED, depth)

    def _text(self, spec: Spec, name: str) -> str:
        value = getattr(spec, name)
        if isinstance(value, Family):
            return _distribution(value, self.scenario.currency)
        if isinstance(value, ServiceLevel):
            return service_level(value)
        if isinstance(value, tuple) and value and isinstance(value[0], Shift):
            return _shifts(value)
        if isinstance(value, tuple) and value and isinstance(value[0], Move):
            return ", then ".join(map(move_words, value))
        if isinstance(value, tuple) and value and isinstance(value[0], Tier):
            return ", then ".join(f"{tier.agent} (theta >= {tier.threshold:g})" for tier in value)
        dumped = spec.model_dump(mode="json", include={name})[name]
        is_money = isinstance(value, Decimal)
        return f"{self.scenario.currency} {_amount(dumped)}" if is_money else _plain(dumped)


def _shifts(shifts: Sequence[Shift]) -> str:
    """Shifts as people write them, the days once for neighbours that share them: `Mon-Fri 06:00-14:00`."""
    texts, before = [], None
    for shift in shifts:
        hours = ", ".join(map(str, shift.hours)) + (" next day" if shift.next_day else "")
        texts.append(hours if shift.days == before else f"{format_days(shift.days)} {hours}")
        before = shift.days
    return "; ".join(texts)


def _amount(value: Any) -> str:
    """An amount with its thousands set apart; a wage as it was written."""
    return value if isinstance(value, str) else f"{value:,}"


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value)) or "none"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _distribution(value: Family[Any] | Choice, currency: str) -> str:
    """A distribution as its family and what was given of it: `lognormal, mean 9 min, cv 0.5`."""
    given = value.model_dump(mode="json", exclude_none=True)
    is_money = any(isinstance(getattr(value, name), Decimal) for name in given)
    family = given.pop("distribution")
    texts = {
        name: f"{currency} {_amount(number)}" if is_money and name != "cv" else _plain(number)
        for name, number in given.items()
    }
    if family == "constant":
        return texts["value"]
    return ", ".join([family, *(f"{name} {text}" for name, text in texts.items())])

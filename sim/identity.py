"""Identity of a scenario: what of it can change a result, in one form, and the digest of that."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sim.quantities import nano
from sim.tasks import Recorded
from sim.topology import Autonomous, Guardian, HumanOnly
from sim.workers import HumanRole

if TYPE_CHECKING:
    from sim.scenario import Scenario

DISPLAY = ("label", "description")
"""Keys that change nothing."""


def scenario_digest(scenario: Scenario) -> str:
    """SHA-256 of everything that can change a result: no labels, nothing that is off or unused, no seed."""
    text = json.dumps(_canonical(scenario), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(scenario: Scenario) -> dict[str, Any]:
    tree = scenario.model_dump(
        mode="json",
        exclude_defaults=True,
        exclude={"name", "description", "variants", "decide", "seed", "exchange"},  # prices enter resolved
    )
    used = _used_calendars(scenario)
    tree["calendars"] = {
        name: _plain(value) for name, value in tree.get("calendars", {}).items() if name in used
    }
    tree["tasks"] = {name: _plain(value) for name, value in tree["tasks"].items()}
    at_work = (*scenario.roles_at_work(), *scenario.priced_roles())
    tree["workers"] = {name: _plain(value) for name, value in tree["workers"].items() if name in at_work}
    tree["topology"] = _topology(scenario, tree["topology"])
    tree["fixed_costs"] = _fixed_costs(scenario)
    for name in scenario.priced_roles():
        price = scenario.price(name)
        tree["workers"][name]["price"] = [str(price.input.normalize()), str(price.output.normalize())]
        tree["workers"][name]["provider"] = price.provider
    for type_id, task in scenario.tasks.items():
        if isinstance(task.arrivals, Recorded):
            tree["tasks"][type_id]["arrivals"]["file"] = scenario.recording(task.arrivals.file).digest
    return {key: value for key, value in tree.items() if value not in ({}, [])}


def _plain(block: dict[str, Any]) -> dict[str, Any]:
    """A block without its words for display and without empty overrides."""
    kept = {key: value for key, value in block.items() if key not in DISPLAY}
    special = {key: value for key, value in kept.pop("by_task", {}).items() if value}
    return {**kept, "by_task": special} if special else kept


def _used_calendars(scenario: Scenario) -> list[str | None]:
    used = [task.arrivals.during for task in scenario.tasks.values()]
    used += [task.sla.calendar for task in scenario.tasks.values() if task.sla is not None]
    roles = [scenario.workers[name] for name in scenario.roles_at_work()]
    return used + [role.calendar for role in roles if isinstance(role, HumanRole)]


def _topology(scenario: Scenario, tree: dict[str, Any]) -> dict[str, Any]:
    """Without the bindings that this kind does not use."""
    match scenario.topology:
        case HumanOnly():
            unused = "agent"
        case Autonomous():
            unused = "human"
        case Guardian(reviewer=reviewer, human=human) if reviewer == human:
            unused = "reviewer"
        case _:
            return tree
    return {key: value for key, value in tree.items() if key != unused}


def _fixed_costs(scenario: Scenario) -> dict[str, int]:
    """Nano-units per month, the free ones left out."""
    amounts = {
        name: nano(Decimal(re.split("/|per", text)[0].strip())) for name, text in scenario.fixed_costs.items()
    }
    return {name: amount for name, amount in amounts.items() if amount}

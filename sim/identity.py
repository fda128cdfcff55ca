"""Identity of a scenario: what of it can change a result, in one form, and the digest of that."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sim.flows import is_used, place_of
from sim.policies import POLICIES
from sim.quantities import nano
from sim.tasks import Recorded
from sim.topology import Flow, models_of
from sim.workers import HumanRole

if TYPE_CHECKING:
    from sim.scenario import Scenario

NOT_RUN = ("name", "description", "variants", "decide", "uncertain", "seed")
"""Parts that a single run does not depend on, but for its draws."""
DISPLAY = ("label", "description")
"""Keys that change nothing."""
OPTIONAL = ("calendars", "fixed_costs", "damage", "guards")
"""Parts of a scenario that are off when they are empty."""
BLOCKS = ("topology", *POLICIES)
"""Blocks that a scenario, a task type or a stage may have; the narrowest one holds."""
BINDINGS = ("agent", "human")
"""Roles of a topology, or of a stage, that its flow may do without."""

Path = tuple[str, ...]
Used = dict[Path, list[Flow]]


def scenario_digest(scenario: Scenario) -> str:
    """SHA-256 of everything that can change a result: no labels, nothing that is off or unused, no seed."""
    text = json.dumps(_canonical(scenario), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(scenario: Scenario) -> dict[str, Any]:
    tree = scenario.model_dump(
        mode="json",
        exclude_defaults=True,
        exclude={*NOT_RUN, "exchange"},  # prices enter resolved
    )
    calendars, used = _used_calendars(scenario), _used_blocks(scenario)
    tree["calendars"] = {
        name: _plain(value) for name, value in tree.get("calendars", {}).items() if name in calendars
    }
    tree["tasks"] = {name: _task(value, ("tasks", name), used) for name, value in tree["tasks"].items()}
    at_work = (*scenario.roles_at_work(), *scenario.priced_roles())
    tree["workers"] = {name: _plain(value) for name, value in tree["workers"].items() if name in at_work}
    tree = _blocks(tree, (), used)
    tree["fixed_costs"] = _fixed_costs(scenario)
    tree["damage"] = _damage(scenario, tree.get("damage", {}))
    tree["guards"] = _guards(tree.get("guards", {}))
    for name in scenario.priced_roles():
        price = scenario.price(name)
        tree["workers"][name]["price"] = [str(price.input.normalize()), str(price.output.normalize())]
        tree["workers"][name]["provider"] = price.provider
    for type_id, task in scenario.tasks.items():
        if isinstance(task.arrivals, Recorded):
            tree["tasks"][type_id]["arrivals"]["file"] = scenario.recording(task.arrivals.file).digest
    return {key: value for key, value in tree.items() if value or key not in OPTIONAL}


def _plain(block: dict[str, Any]) -> dict[str, Any]:
    """A block without its words for display and without empty overrides."""
    kept = {key: value for key, value in block.items() if key not in DISPLAY}
    special = {key: value for key, value in kept.pop("by_task", {}).items() if value}
    return {**kept, "by_task": special} if special else kept


def _task(block: dict[str, Any], path: Path, used: Used) -> dict[str, Any]:
    """A task type; its stages as a list, because their order tells where they lead."""
    task = _blocks(_plain(block), path, used)
    if "stages" in task:
        stages = task["stages"].items()
        task["stages"] = [[name, _stage(value, (*path, "stages", name), used)] for name, value in stages]
    return task


def _stage(block: dict[str, Any], path: Path, used: Used) -> dict[str, Any]:
    stage = _bound(_blocks(_plain(block), path, used), used[path])
    if isinstance(stage.get("next"), dict):
        stage["next"] = _in_order(stage["next"])  # shares are drawn in this order
    return stage


def _blocks(block: dict[str, Any], path: Path, used: Used) -> dict[str, Any]:
    """Without the topology and the policies that hold nowhere or change nothing."""
    kept = {key: value for key, value in block.items() if key not in BLOCKS or (*path, key) in used}
    if "topology" in kept:
        topology = _bound(kept["topology"], used[*path, "topology"])
        if topology.get("reviewer") == topology.get("human"):
            topology.pop("reviewer", None)
        if "steps" in topology:
            topology["steps"] = _in_order(topology["steps"])  # the first one begins
        kept["topology"] = topology
    return kept


def _bound(block: dict[str, Any], flows: list[Flow]) -> dict[str, Any]:
    """Without the bindings that none of these flows uses."""
    roles = [role for flow in flows for role in models_of(flow)]
    return {key: value for key, value in block.items() if key not in BINDINGS or value in roles}


def _in_order(mapping: dict[str, Any]) -> list[list[Any]]:
    return [[key, value] for key, value in mapping.items()]


def _used_blocks(scenario: Scenario) -> Used:
    """Flows by the place of each topology and policy that shapes them, and by the place of their stage."""
    used: Used = {}
    for (type_id, stage), flow in scenario.flows().items():
        names = [name for name in POLICIES if is_used(scenario, type_id, stage, name, flow)]
        places = [place_of(scenario, type_id, stage, name) for name in ("topology", *names)]
        for place in (("tasks", type_id, "stages", stage), *places):
            used.setdefault(place, []).append(flow)
    return used


def _used_calendars(scenario: Scenario) -> list[str | None]:
    used = [task.arrivals.during for task in scenario.tasks.values()]
    used += [task.sla.calendar for task in scenario.tasks.values() if task.sla is not None]
    roles = [scenario.workers[name] for name in scenario.roles_at_work()]
    return used + [role.calendar for role in roles if isinstance(role, HumanRole)]


def _damage(scenario: Scenario, classes: dict[str, Any]) -> dict[str, Any]:
    """Classes that a task type without damage of its own belongs to."""
    radii = [task.blast_radius for task in scenario.tasks.values() if not task.damage_if_wrong]
    return {radius: value for radius, value in classes.items() if radius in radii}


def _guards(block: dict[str, Any]) -> dict[str, Any]:
    """Budgets in their order, because the first one that refuses is named; no downgrade that is not asked for."""
    if "budgets" not in block:
        return block
    budgets = [
        [name, {key: value for key, value in budget.items() if key != "downgrade" or _is_downgrade(budget)}]
        for name, budget in block["budgets"].items()
    ]
    return {**block, "budgets": budgets}


def _is_downgrade(budget: dict[str, Any]) -> bool:
    return budget.get("then") == "downgrade"


def _fixed_costs(scenario: Scenario) -> dict[str, int]:
    """Nano-units per month, the free ones left out."""
    amounts = {
        name: nano(Decimal(re.split("/|per", text)[0].strip())) for name, text in scenario.fixed_costs.items()
    }
    return {name: amount for name, amount in amounts.items() if amount}

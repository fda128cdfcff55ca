"""OCEL 2.0: valid by the rules of the specification, an event for each row, an object for whatever took part."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from .cases import NAMES, case
from .ocel_schema import SCHEMA

READERS: dict[str, Any] = {
    "string": str, "time": datetime.fromisoformat, "integer": int, "float": Decimal,
    "boolean": {"true": True, "false": False}.__getitem__,
}  # fmt: skip
"""How a value of each type is read."""


@cache
def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(case(name).exported("ocel"))
    return found


def attributes(of: dict[str, Any]) -> dict[str, str]:
    return {own["name"]: own["value"] for own in of["attributes"]}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("step", [10, pytest.param(1, marks=pytest.mark.ci)])
def test_the_document_is_valid_by_the_rules_of_the_specification(step: int, name: str) -> None:
    found = document(name)
    thinned = {things: found[things][::step] for things in ("events", "objects")}
    jsonschema.validate(found | thinned, SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_named_is_declared_and_of_its_type(name: str) -> None:
    found = document(name)
    for kinds, things in (("eventTypes", "events"), ("objectTypes", "objects")):
        declared = {
            kind["name"]: {own["name"]: own["type"] for own in kind["attributes"]} for kind in found[kinds]
        }
        assert len(declared) == len(found[kinds])
        used: dict[str, set[str]] = {kind: set() for kind in declared}
        for thing in found[things]:
            for own in thing["attributes"]:
                READERS[declared[thing["type"]][own["name"]]](own["value"])
                used[thing["type"]].add(own["name"])
        if things == "events":
            assert used == {kind: set(own) for kind, own in declared.items()}
    ids = [thing["id"] for thing in found["objects"]]
    assert len(ids) == len(set(ids))
    related = {
        one["objectId"] for thing in found["events"] + found["objects"] for one in thing["relationships"]
    }
    assert related <= set(ids)
    assert len({event["id"] for event in found["events"]}) == len(found["events"])


@pytest.mark.parametrize("name", NAMES)
def test_events_objects_and_costs_are_those_of_the_log(name: str) -> None:
    log, found = case(name), document(name)
    assert [event["id"] for event in found["events"]] == [f"e{seq}" for seq in range(len(log.events))]
    stages = log.events["stage"].astype(object)
    activities = log.events["action"].astype(str) + (" " + stages).where(stages.notna(), "")
    assert [event["type"] for event in found["events"]] == activities.tolist()
    types = set(log.scenario.tasks)
    tasks = {thing["id"] for thing in found["objects"] if thing["type"] in types}
    assert tasks == set(log.rows_of_tasks["trace_id"])
    workers = {thing["id"] for thing in found["objects"] if thing["type"] == "Worker"}
    assert workers == set(log.busy())
    costs = sum(
        Decimal(attributes(event).get(f"cost_{log.scenario.currency}", 0)) for event in found["events"]
    )
    assert costs * 10**9 == log.costs()


@pytest.mark.parametrize("name", NAMES)
def test_busy_times_are_those_of_the_log(name: str) -> None:
    busy: Counter[str] = Counter()
    for event in document(name)["events"]:
        started = attributes(event).get("started")
        for one in event["relationships"]:
            if one["qualifier"] == "worker" and started is not None:
                worked = datetime.fromisoformat(event["time"]) - datetime.fromisoformat(started)
                busy[one["objectId"]] += worked // timedelta(microseconds=1)
    assert busy == Counter(case(name).busy())


def test_a_task_tells_each_change_of_its_status() -> None:
    rows = case("clocks_change").events
    for thing in document("clocks_change")["objects"][:50]:
        own = rows[rows["trace_id"] == thing["id"]]
        statuses = own["status"].astype(str).tolist()
        changes = [
            status for place, status in enumerate(statuses) if place == 0 or status != statuses[place - 1]
        ]
        assert [one["value"] for one in thing["attributes"] if one["name"] == "status"] == changes
        times = [datetime.fromisoformat(one["time"]) for one in thing["attributes"]]
        assert times == sorted(times)


def test_roles_have_their_capacity_over_time_their_positions_and_models() -> None:
    rows = case("content_pipeline").events
    objects = {thing["id"]: thing for thing in document("content_pipeline")["objects"]}
    for role in set(rows["role"].dropna()):
        own = rows[(rows["role"] == role) & (rows["action"] == "capacity_changed")]
        said = [int(one["value"]) for one in objects[f"role: {role}"]["attributes"]]
        assert said == own["capacity"].astype(int).tolist()
    holders = [thing for thing in objects.values() if thing["type"] == "Worker"]
    assert all(one["relationships"][0]["qualifier"] == "holds" for one in holders)
    models = set(rows["model"].dropna())
    assert {f"model: {model}" for model in models} <= set(objects)
    assert {"objectId": "model: claude-sonnet-4-5", "qualifier": "runs on"} in objects["role: researcher"][
        "relationships"
    ]


@pytest.mark.filterwarnings("ignore:::pm4py")
def test_a_process_mining_library_opens_it(tmp_path: Path) -> None:
    pm4py = pytest.importorskip("pm4py", reason="its licence keeps it out of the project's dependencies")
    path = tmp_path / "log.jsonocel"
    path.write_bytes(case("clocks_change").exported("ocel"))
    assert len(pm4py.read_ocel2(str(path)).events) == len(case("clocks_change").events)

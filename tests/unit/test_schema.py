"""The JSON schema: bounded, closed, shipped as it is made; another program's validator agrees with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from sim.reader import read_file
from sim.schema import json_schema

FOLDER = Path(__file__).parents[2] / "scenarios"
FILE = FOLDER / "scenario.schema.json"
SCENARIOS = sorted(FOLDER.glob("*.yaml"))
LOWER, UPPER = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")


@cache
def schema() -> dict[str, Any]:
    return json_schema()


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping inside the schema, with where it is."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from nodes(value, f"{path}/{key}")
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from nodes(value, f"{path}/{index}")


def as_json(path: Path) -> str:
    """What our own reader makes of a YAML file, as JSON: another YAML reader has no part in the check."""
    return json.dumps(read_file(path).tree, default=number)


def number(value: Any) -> int | float:
    assert isinstance(value, Decimal)
    return int(value) if value == value.to_integral_value() else float(value)


def test_every_number_is_bounded_on_both_sides() -> None:
    numbers = [
        (path, node)
        for path, node in nodes(schema())
        if node.get("type") in ("number", "integer") and not {"const", "enum"} & node.keys()
    ]
    unbounded = [
        path
        for path, node in numbers
        if not any(key in node for key in LOWER) or not any(key in node for key in UPPER)
    ]
    assert len(numbers) > 50
    assert unbounded == []


def test_every_mapping_is_closed() -> None:
    """A key that is not declared is an error; only an overlay is free: it is checked once laid on."""
    loose = [
        path
        for path, node in nodes(schema())
        if node.get("type") == "object" and node.get("additionalProperties") is not False
    ]
    assert [path for path in loose if not path.startswith("/properties/variants/")] == []


def test_every_definition_has_a_short_name() -> None:
    assert all(name.isalnum() and len(name) <= 24 for name in schema()["$defs"])


def test_every_default_is_written_as_in_a_scenario() -> None:
    """A default fits the type it stands for: `2 s`, not a number of ticks."""
    kinds: dict[str, Any] = {"string": str, "number": (int, float), "integer": int, "boolean": bool}
    wrong = [
        path
        for path, node in nodes(schema())
        if "default" in node
        and node.get("type") in kinds
        and not isinstance(node["default"], kinds[node["type"]])
    ]
    assert wrong == []


def test_every_part_and_key_says_what_it_means() -> None:
    tags = ("kind", "process", "distribution")
    silent = [
        f"{path}/{key}"
        for path, node in nodes(schema())
        if path.endswith("/properties")
        for key, part in node.items()
        if key not in tags and "description" not in part
    ]
    assert silent == []


def test_the_shipped_schema_is_the_one_that_is_made() -> None:
    """Made anew by `python -m analysis.ledger`."""
    assert json.loads(FILE.read_text(encoding="utf-8")) == json.loads(json.dumps(schema()))


def test_another_validator_accepts_every_shipped_scenario(tmp_path: Path) -> None:
    files = []
    for path in SCENARIOS:
        file = tmp_path / f"{path.stem}.json"
        file.write_text(as_json(path), encoding="utf-8")
        files.append(str(file))
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(FILE), *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("horizon",), "five weeks"),
        (("horizn",), "5 weeks"),
        (("workers", "clerk", "review", "catch_rate"), 90),
        (("workers", "clerk", "positions"), 0),
        (("workers", "Clerk"), {"kind": "human", "wage": "34 / h", "work_time": "9 min"}),
        (("workers", "extractor", "success", "spread"), 21),
        (("topology", "kind"), "escalate"),
    ],
)
def test_another_validator_refuses_a_mistake(path: tuple[str, ...], value: Any) -> None:
    tree = json.loads(as_json(FOLDER / "invoice_reconciliation.yaml"))
    place = tree
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not jsonschema.Draft202012Validator(schema()).is_valid(tree)


@pytest.mark.parametrize(
    ("key", "value", "is_right"),
    [
        ("recovery", {"judgment": ["richer_context", {"move": "peer", "role": "checker"}]}, True),
        ("recovery", {"judgment": ["richer_contxt"]}, False),
        ("topology", {"kind": "cascade", "tiers": ["small", {"agent": "large"}]}, True),
        ("topology", {"kind": "cascade", "tiers": [{"role": "small"}]}, False),
        ("stages", {"gate": {"next": {"draft": "80 %", "deliver": 0.2}, "on": {"failed": "deliver"}}}, True),
        ("stages", {"gate": {"next": "deliver", "on": {"fails": "deliver"}}}, False),
        ("damage", {"low": 5, "high": {"distribution": "exponential", "mean": 900}}, True),
        ("damage", {"lowest": 5}, False),
    ],
)
def test_another_validator_knows_the_short_forms(key: str, value: Any, is_right: bool) -> None:
    tree = json.loads(as_json(FOLDER / "invoice_reconciliation.yaml"))
    tree.pop("variants")
    parts = {"recovery": tree["workers"]["extractor"], "stages": tree["tasks"]["invoice"]}
    parts.get(key, tree)[key] = value
    assert jsonschema.Draft202012Validator(schema()).is_valid(tree) == is_right

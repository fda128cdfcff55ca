"""The JSON schema of the scenario form, for editors and other validators."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from sim.scenario import Scenario

BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""Bounds on a value that a function of ours reads: pydantic leaves them under its own names."""


class _AsWritten(GenerateJsonSchema):
    """Defaults as a scenario writes them: `2 s` in place of ticks, numbers in place of decimals in quotes."""

    def default_schema(self, schema: Any) -> dict[str, Any]:
        described = super().default_schema(schema)
        inner = schema["schema"]
        while "serialization" not in inner and isinstance(inner.get("schema"), dict):
            inner = inner["schema"]  # bounds stand around what reads and writes the value
        how = inner.get("serialization", {})
        if schema.get("default") is not None and how.get("type") == "function-plain":
            described["default"] = how["function"](schema["default"])
        return described


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a scenario file: every bound, no key that is not allowed."""
    schema: dict[str, Any] = _tidied(_renamed(Scenario.model_json_schema(schema_generator=_AsWritten)))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Hybrid workforce scenario"
    return schema


def _renamed(schema: dict[str, Any]) -> dict[str, Any]:
    """Definitions under their titles: pydantic names those of distributions after their whole type."""
    names = {key: str(value.get("title", key)) for key, value in schema.get("$defs", {}).items()}
    text = json.dumps(schema)
    for key, name in names.items():
        text = text.replace(f'"{key}"', f'"{name}"').replace(f'"#/$defs/{key}"', f'"#/$defs/{name}"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _tidied(node: Any, key: str = "") -> Any:
    """Bounds under the names of JSON schema, mappings closed to other keys, no defaults of nothing."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    if key in ("properties", "$defs", "patternProperties"):
        return {name: _tidied(part) for name, part in node.items()}
    tidied = {BOUNDS.get(word, word): _tidied(part, word) for word, part in node.items() if word != "default"}
    words = tidied.get("propertyNames", {}).get("enum")
    if words:
        tidied["patternProperties"] = {f"^({'|'.join(words)})$": tidied.pop("additionalProperties")}
    if "patternProperties" in tidied:
        tidied.setdefault("additionalProperties", False)
    default = node.get("default")
    if isinstance(default, dict):
        default = {name: value for name, value in default.items() if value is not None}
    if default is not None:
        tidied["default"] = default
    return tidied

"""The JSON schema of the scenario form, for editors and other validators."""

from __future__ import annotations

import json
from typing import Any

from sim.scenario import Scenario


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a scenario file."""
    schema = _renamed(Scenario.model_json_schema())
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

"""The rules of an OCEL 2.0 JSON document, from the specification, as a JSON schema written for these tests."""

from __future__ import annotations

from typing import Any

TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


TEXT = {"type": "string"}
MOMENT = {"type": "string", "pattern": TIME}
KIND = {"enum": ["string", "time", "integer", "float", "boolean"]}
RELATED = _list(_object({"objectId": TEXT, "qualifier": TEXT}))
TYPES = _list(_object({"name": TEXT, "attributes": _list(_object({"name": TEXT, "type": KIND}))}))
OF_EVENT = _list(_object({"name": TEXT, "value": TEXT}))
OF_OBJECT = _list(_object({"name": TEXT, "value": TEXT, "time": MOMENT}))
SCHEMA = _object(
    {
        "objectTypes": TYPES,
        "eventTypes": TYPES,
        "events": _list(
            _object(
                {"id": TEXT, "type": TEXT, "time": MOMENT}, {"attributes": OF_EVENT, "relationships": RELATED}
            )
        ),
        "objects": _list(
            _object({"id": TEXT, "type": TEXT}, {"attributes": OF_OBJECT, "relationships": RELATED})
        ),
    }
)
"""The document."""

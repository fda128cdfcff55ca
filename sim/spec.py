"""The base of every part of a scenario: frozen, strict, documented field by field.

The text under a field is its help: it becomes the description in the JSON schema and the words that
`explain` prints. A field with a default says where the default comes from (`default(..., source=...)`);
a field without that mark has no default or is empty when it is off.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError

ASSUMPTION = "assumption"
"""Provenance of a default that no source states: this project chose it."""

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""Identity of a task type, role or calendar: the YAML key."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Words for display: one line without control characters. They change no result."""


class Spec(BaseModel):
    """One frozen, strictly checked part of a scenario."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        ser_json_inf_nan="constants",
        arbitrary_types_allowed=False,
    )

    bare_form: ClassVar[str] = ""
    """The field that a bare value in place of the mapping stands for, for the JSON schema."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The schema of the mapping, or of the bare value too when the part has that form."""
        reference = handler(core_schema)
        schema = handler.resolve_ref_schema(reference)
        if cls.bare_form and "anyOf" not in schema:
            mapping = dict(schema)
            schema.clear()
            schema.update({key: mapping.pop(key) for key in ("title", "description") if key in mapping})
            bare = dict(mapping["properties"][cls.bare_form])
            bare.pop("default", None)
            schema["anyOf"] = [mapping, bare]
        return reference


def default(value: Any, source: str = ASSUMPTION, **constraints: Any) -> Any:
    """A field default with its provenance: a source ("seed RT-02", a publication) or `ASSUMPTION`."""
    return Field(default=value, json_schema_extra={"provenance": source}, **constraints)


def provenance(model: type[BaseModel], field: str) -> str:
    """Where the default of `field` comes from; empty when the field is required or off by default."""
    extra = model.model_fields[field].json_schema_extra
    return str(extra["provenance"]) if isinstance(extra, dict) and "provenance" in extra else ""


def fault(code: str, message: str) -> PydanticCustomError:
    """What a validator raises: the reader turns it into `file:line:col: code path: message`."""
    return PydanticCustomError(code, "{message}", {"message": message})

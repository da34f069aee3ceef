"""Parts of JSON schemas from which the routes are described: see `openapi`."""

from typing import Any

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number"}
TEXT: Schema = {"type": "string"}
INDEX: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}


def describe(properties: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    """Describe an object of these fields and no others; all are required unless some are named."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required or properties),
        "additionalProperties": False,
    }


def list_of(items: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> Schema:
    """Describe what may be missing."""
    return {"anyOf": [schema, {"type": "null"}]}

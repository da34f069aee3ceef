"""The parts of a class's votes in the description of the routes: see `openapi`."""

from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_INDEX: Schema = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL: Schema = {"type": ["integer", "null"]}
_FLAG: Schema = {"type": "boolean"}
_PLACES: Schema = {"type": "array", "items": _INDEX}


def _describe(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


GIVEN: Schema = {"anyOf": [{"type": "number"}, {**_PLACES, "minItems": 1}]}
QUESTION = {
    "anyOf": [
        _describe(
            {
                "number": _INDEX,
                **dict.fromkeys(("text", "unit", "answer", "solution"), _TEXT),
                "kind": {"enum": ["number", "one", "several"]},
                "choices": _list(_TEXT),
                "has_picture": _FLAG,
                "left": {"type": ["number", "null"], "minimum": 0},
                "given": {"anyOf": [{"type": ["number", "null"]}, _PLACES]},
                "is_over": _FLAG,
                "is_right": {"type": ["boolean", "null"]},
                "places": _PLACES,
            }
        ),
        {"type": "null"},
    ]
}
POLL = {
    "is_there": _FLAG,
    **dict.fromkeys(("version", "phones", "voted"), _INDEX),
    "question": QUESTION,
    "right": _COUNT_OR_NULL,
    "bars": _list(_describe({"label": _TEXT, "count": _INDEX, "is_right": _FLAG})),
    "results": _list(
        _describe(
            {
                **dict.fromkeys(("text", "wrong"), _TEXT),
                **dict.fromkeys(("answered", "wrong_count"), _INDEX),
                "right": _COUNT_OR_NULL,
            }
        )
    ),
}

"""The parts of a class's votes in the description of the routes: see `openapi`."""

from cnnviz.web.api.schemas import FLAG, INDEX, TEXT, Schema, describe, list_of, or_null

_COUNT_OR_NULL: Schema = {"type": ["integer", "null"]}
_PLACES: Schema = list_of(INDEX)
GIVEN: Schema = {"anyOf": [{"type": "number"}, {**_PLACES, "minItems": 1}]}
QUESTION = or_null(
    describe(
        {
            "number": INDEX,
            **dict.fromkeys(("text", "unit", "answer", "solution"), TEXT),
            "kind": {"enum": ["number", "one", "several"]},
            "choices": list_of(TEXT),
            "has_picture": FLAG,
            "images": list_of(TEXT),
            "left": {"type": ["number", "null"], "minimum": 0},
            "given": {"anyOf": [{"type": ["number", "null"]}, _PLACES]},
            "is_over": FLAG,
            "is_right": {"type": ["boolean", "null"]},
            "places": _PLACES,
        }
    )
)
IMAGES: Schema = {
    "images": list_of(describe({"caption": TEXT, "png": {**TEXT, "contentEncoding": "base64"}}))
}
POLL = {
    "is_there": FLAG,
    **dict.fromkeys(("version", "phones", "voted"), INDEX),
    "question": QUESTION,
    "right": _COUNT_OR_NULL,
    "bars": list_of(describe({"label": TEXT, "count": INDEX, "is_right": FLAG})),
    "results": list_of(
        describe(
            {
                **dict.fromkeys(("text", "wrong"), TEXT),
                **dict.fromkeys(("answered", "wrong_count"), INDEX),
                "right": _COUNT_OR_NULL,
            }
        )
    ),
}

"""GET /api/openapi.json: the routes described by OpenAPI 3.1, for programs and for their tests."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cnnviz.classroom.limits import MAX_NAME
from cnnviz.digits.mnist import MAX_POINTS, MAX_STROKES, PEN, PEN_RANGE
from cnnviz.web.api.camera import MAX_CAMERA_NAME
from cnnviz.web.api.openapi_votes import GIVEN, POLL, QUESTION
from cnnviz.web.api.requests import BODY_SECONDS, MAX_BODY_BYTES

Schema = dict[str, Any]

_NUMBER: Schema = {"type": "number"}
_NUMBERS: Schema = {"type": "array", "items": _NUMBER}
_TEXT: Schema = {"type": "string"}
_INDEX: Schema = {"type": "integer", "minimum": 0}
_INDICES: Schema = {"type": "array", "items": _INDEX}
_UNIT: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_FLAG: Schema = {"type": "boolean"}
_POINT: Schema = {"type": "array", "items": _UNIT, "minItems": 2, "maxItems": 2}
_STROKE: Schema = {"type": "array", "items": _POINT, "minItems": 1, "maxItems": MAX_POINTS}
_DRAWING: Schema = {
    "strokes": {"type": "array", "items": _STROKE, "maxItems": MAX_STROKES},
    "pen": {
        "type": "number",
        "minimum": PEN_RANGE[0],
        "maximum": PEN_RANGE[1],
        "default": PEN,
    },
}
_NETWORK: Schema = {"type": "string", "default": "lenet5"}


def _describe(properties: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    """Describe an object of these fields and no others; all are required unless some are named."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required or properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_LAYER = _describe(
    {"name": _TEXT, "title": _TEXT, "shape": _INDICES, "scale": _NUMBER, "values": _TEXT}
)
_GUESS = {"type": ["string", "null"]}
_ANSWER = _describe(
    {
        "network": _TEXT,
        "ink": _FLAG,
        "guess": _GUESS,
        "second": _GUESS,
        "probabilities": {**_NUMBERS, "minItems": 10, "maxItems": 10},
        "logits": {**_NUMBERS, "minItems": 10, "maxItems": 10},
        "digits": {"type": "array", "items": _INDICES},
        "layers": {"type": "array", "items": _LAYER},
    }
)
_NESTED: Schema = {"type": ["array", "null"]}
_CELL = _describe(
    {
        **dict.fromkeys(("layer", "title", "kind", "reads"), _TEXT),
        **dict.fromkeys(("channel", "row", "column"), _INDEX),
        **dict.fromkeys(("inputs", "weights", "products"), _NESTED),
        "value": _NUMBER,
        "bias": {"type": ["number", "null"]},
        "patches": {"type": "object", "additionalProperties": _INDICES},
    }
)
_CAMERA_MAPS = _describe(
    {
        "channels": _INDICES,
        "rows": _INDEX,
        "columns": _INDEX,
        "scale": _NUMBER,
        "values": _TEXT,
    }
)
_CAMERA_CAM = _describe(
    {"rows": _INDEX, "columns": _INDEX, "scale": _NUMBER, "limit": _NUMBER, "values": _TEXT}
)
_CAMERA_VIEW = _describe({"rows": _INDEX, "columns": _INDEX, "channels": _INDEX, "pixels": _TEXT})
_SIGHT = _describe(
    {
        "network": _TEXT,
        "guesses": {
            "type": "array",
            "items": _describe({"name": _TEXT, "probability": _UNIT}),
        },
        "maps": _or_null(_CAMERA_MAPS),
        "cam": _or_null(_CAMERA_CAM),
        "view": _or_null(_CAMERA_VIEW),
        "note": _TEXT,
    }
)
_JOB = _describe(
    {
        "version": _INDEX,
        "is_active": _FLAG,
        "text": _TEXT,
        "progress": _UNIT,
        "partials": _INDEX,
    }
)
_CODE: Schema = {"type": "string", "minLength": 1, "maxLength": 20}
_SECRET: Schema = {"type": "string", "minLength": 1, "maxLength": 100}
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
_DIGIT: Schema = {"type": "integer", "minimum": 0, "maximum": 9}
_ROUND = _describe(
    {
        "number": _INDEX,
        "kind": {"enum": ["wait", "draw", "look", "ask"]},
        "digit": {"type": ["integer", "null"]},
        "address": _TEXT,
    }
)
_DRAWN = _describe(
    {
        **dict.fromkeys(("id", "version"), _INDEX),
        "strokes": _TEXT,
        "asked": _DIGIT,
        "guess": _DIGIT,
        "share": _UNIT,
        "is_hidden": _FLAG,
    }
)
_SUMMARY = _describe(
    {
        **dict.fromkeys(("count", "right"), _INDEX),
        "confusion": {"type": "array", "items": _INDICES},
        "hardest": {"type": ["integer", "null"]},
        "mistaken": _INDICES,
    }
)
_WALL = _describe(
    {
        "is_there": _FLAG,
        "version": _INDEX,
        "phones": _INDEX,
        "round": _ROUND,
        "drawings": {"type": "array", "items": _DRAWN},
        "summary": _SUMMARY,
    }
)
_REFUSALS = {
    400: "Wrong JSON, shape or numbers.",
    403: "A browser asks from another site.",
    404: "There is no such thing.",
    405: "The route takes POST requests only.",
    408: f"The body did not come within {BODY_SECONDS} seconds.",
    413: f"The body has more than {MAX_BODY_BYTES // 1024} KiB.",
    415: "The body is not application/json.",
    429: "A newer frame of the same camera came, or a limit of a class is reached.",
    503: "Too many are waiting, or the server's weight file or its disk is at fault.",
}
_REFUSAL = _describe({"error": _TEXT})


def _answer(description: str, schema: Schema, *, media: str = "application/json") -> Schema:
    return {"description": description, "content": {media: {"schema": schema}}}


def _refuse(*statuses: int) -> Schema:
    return {str(status): _answer(_REFUSALS[status], _REFUSAL) for status in statuses}


def _post(summary: str, body: Schema, answer: Schema, *further: int) -> Schema:
    content = {"application/json": {"schema": body}}
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": content},
            "responses": {
                "200": _answer("The answer.", answer),
                **_refuse(400, 403, 405, 408, 413, 415, 503, *further),
            },
        }
    }


def _place(where: str, name: str, schema: Schema) -> Schema:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _get(summary: str, path: str, query: tuple[str, ...], responses: Schema) -> Schema:
    parameters = [_place("path", path, _TEXT), *(_place("query", one, _INDEX) for one in query)]
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}


def _describe_classes() -> Schema:
    """Describe the routes of a class: what a phone sends, and what a teacher does."""
    phone, teacher = {"code": _CODE, "token": _SECRET}, {"code": _CODE, "key": _SECRET}
    asked = {**teacher, "kind": {"enum": ["draw", "wait"]}, "digit": _DIGIT}
    news = {"is_there": _FLAG, "version": _INDEX, "round": _ROUND, "question": QUESTION}
    sent = {**phone, "name": _NAME, "round": _INDEX, "strokes": _DRAWING["strokes"]}
    hidden = {**teacher, "drawing": _INDEX, "is_hidden": _FLAG}
    routes = {
        "join": ("Join a class", {"code": _CODE}, {"token": _TEXT}),
        "follow": ("Ask what to do", {**phone, "seen": _INDEX}, news),
        "draw": ("Send a drawing", sent, {"guess": _DIGIT, "share": _UNIT}),
        "wall": ("Show the wall", {**teacher, "seen": _INDEX}, _WALL),
        "vote": ("Vote", {**phone, "number": _INDEX, "given": GIVEN}, {"given": GIVEN}),
        "votes": ("Show the votes", {**teacher, "seen": _INDEX}, POLL),
        "reveal": ("Show the answer", {**teacher, "number": _INDEX}, {"is_revealed": _FLAG}),
        "results": ("Write the results as CSV", teacher, {"csv": _TEXT}),
        "hide": ("Take a drawing from the wall", hidden, {"is_hidden": _FLAG}),
        "delete": ("Delete a class", teacher, {"is_deleted": _FLAG}),
    }
    needed = ("code", "key", "kind")
    asking = _post(
        "Ask the class", _describe(asked, required=needed), _describe({"number": _INDEX}), 404, 429
    )
    return {"/api/class/ask": asking} | {
        f"/api/class/{name}": _post(
            summary,
            _describe(body),
            answer if answer is _WALL else _describe(answer),
            404,
            429,
        )
        for name, (summary, body, answer) in routes.items()
    }


def describe_api() -> Schema:
    """Describe the routes by OpenAPI 3.1."""
    gone = {"204": {"description": "It is not there any more."}}
    stop: Schema = {
        "summary": "Stop a job or a download",
        "parameters": [_place("path", "job_id", _TEXT)],
        "responses": {"200": _answer("How far it came.", _JOB), **_refuse(403, 404)},
    }
    rate = _describe({"run": _TEXT, "rate": {"type": "number", "maximum": 100}})
    drawing = {**_DRAWING, "layers": {"type": "array", "items": _TEXT}, "network": _NETWORK}
    cell = {**_DRAWING, "layer": _TEXT, "channel": _INDEX, "row": _INDEX, "column": _INDEX}
    frame = {
        **dict.fromkeys(("network", "layer"), _TEXT),
        "image": {**_TEXT, "contentEncoding": "base64"},
        "camera": {**_TEXT, "maxLength": MAX_CAMERA_NAME},
    }
    job = {"200": _answer("How far it is.", _JOB), **gone, **_refuse(403)}
    run = {"200": _answer("What is new.", {"type": "object"}), **gone, **_refuse(403, 405)}
    image = {"200": _answer("A PNG.", _TEXT, media="image/png"), **_refuse(403, 404)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "CNNViz", "version": "1"},
        "paths": {
            "/api/camera": _post(
                "Look at a frame of a camera",
                _describe(frame, required=("network", "layer", "image")),
                _SIGHT,
                429,
            ),
            **_describe_classes(),
            "/api/digit": _post(
                "Recognize a drawing", _describe(drawing, required=("strokes",)), _ANSWER
            ),
            "/api/digit/cell": _post(
                "Work out one cell",
                _describe(cell, required=("strokes", "layer", "channel")),
                _CELL,
            ),
            "/api/jobs/{job_id}": _get("Follow a job or a download", "job_id", ("seen",), job),
            "/api/jobs/{job_id}/stop": {"post": stop},
            "/api/thumbnails/{key}": _get("Show a sample's thumbnail", "key", (), image),
            "/api/training/{run_id}": _get(
                "Follow a training run", "run_id", ("seen", "step", "look"), run
            ),
            "/api/training/rate": _post(
                "Change a run's learning rate", rate, _describe({"rate": _NUMBER}), 404
            ),
        },
    }


async def show_description(_: Request) -> Response:
    """Answer GET /api/openapi.json."""
    return JSONResponse(describe_api())


routes = [Route("/api/openapi.json", show_description, methods=["GET"])]

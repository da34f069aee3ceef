"""GET /api/openapi.json: the routes described by OpenAPI 3.1, for programs and for their tests."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cnnviz.classroom.limits import MAX_NAME
from cnnviz.digits.mnist import MAX_POINTS, MAX_STROKES, PEN, PEN_RANGE
from cnnviz.web.api.camera import MAX_CAMERA_NAME
from cnnviz.web.api.openapi_votes import GIVEN, IMAGES, POLL, QUESTION
from cnnviz.web.api.requests import BODY_SECONDS, MAX_BODY_BYTES
from cnnviz.web.api.schemas import FLAG, INDEX, NUMBER, TEXT, Schema, describe, list_of, or_null

_NUMBERS: Schema = list_of(NUMBER)
_INDICES: Schema = list_of(INDEX)
_UNIT: Schema = {"type": "number", "minimum": 0, "maximum": 1}
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

_LAYER = describe({"name": TEXT, "title": TEXT, "shape": _INDICES, "scale": NUMBER, "values": TEXT})
_GUESS = {"type": ["string", "null"]}
_ANSWER = describe(
    {
        "network": TEXT,
        "ink": FLAG,
        "guess": _GUESS,
        "second": _GUESS,
        "probabilities": {**_NUMBERS, "minItems": 10, "maxItems": 10},
        "logits": {**_NUMBERS, "minItems": 10, "maxItems": 10},
        "digits": {"type": "array", "items": _INDICES},
        "layers": {"type": "array", "items": _LAYER},
    }
)
_NESTED: Schema = {"type": ["array", "null"]}
_CELL = describe(
    {
        **dict.fromkeys(("layer", "title", "kind", "reads"), TEXT),
        **dict.fromkeys(("channel", "row", "column"), INDEX),
        **dict.fromkeys(("inputs", "weights", "products"), _NESTED),
        "value": NUMBER,
        "bias": {"type": ["number", "null"]},
        "patches": {"type": "object", "additionalProperties": _INDICES},
    }
)
_CAMERA_MAPS = describe(
    {
        "channels": _INDICES,
        "rows": INDEX,
        "columns": INDEX,
        "scale": NUMBER,
        "values": TEXT,
    }
)
_CAMERA_CAM = describe(
    {"rows": INDEX, "columns": INDEX, "scale": NUMBER, "limit": NUMBER, "values": TEXT}
)
_CAMERA_VIEW = describe({"rows": INDEX, "columns": INDEX, "channels": INDEX, "pixels": TEXT})
_SIGHT = describe(
    {
        "network": TEXT,
        "guesses": {
            "type": "array",
            "items": describe({"name": TEXT, "probability": _UNIT}),
        },
        "maps": or_null(_CAMERA_MAPS),
        "cam": or_null(_CAMERA_CAM),
        "view": or_null(_CAMERA_VIEW),
        "note": TEXT,
    }
)
_JOB = describe(
    {
        "version": INDEX,
        "is_active": FLAG,
        "text": TEXT,
        "progress": _UNIT,
        "partials": INDEX,
    }
)
_CODE: Schema = {"type": "string", "minLength": 1, "maxLength": 20}
_SECRET: Schema = {"type": "string", "minLength": 1, "maxLength": 100}
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
_DIGIT: Schema = {"type": "integer", "minimum": 0, "maximum": 9}
_ROUND = describe(
    {
        "number": INDEX,
        "kind": {"enum": ["wait", "draw", "look", "ask"]},
        "digit": {"type": ["integer", "null"]},
        "address": TEXT,
    }
)
_DRAWN = describe(
    {
        **dict.fromkeys(("id", "version"), INDEX),
        "strokes": TEXT,
        "asked": _DIGIT,
        "guess": _DIGIT,
        "share": _UNIT,
        "is_hidden": FLAG,
    }
)
_SUMMARY = describe(
    {
        **dict.fromkeys(("count", "right"), INDEX),
        "confusion": {"type": "array", "items": _INDICES},
        "hardest": {"type": ["integer", "null"]},
        "mistaken": _INDICES,
    }
)
_WALL = describe(
    {
        "is_there": FLAG,
        "version": INDEX,
        "phones": INDEX,
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
_REFUSAL = describe({"error": TEXT})


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
    parameters = [_place("path", one, TEXT) for one in path.split()]
    parameters += [_place("query", one, INDEX) for one in query]
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}


def _describe_classes() -> Schema:
    """Describe the routes of a class: what a phone sends, and what a teacher does."""
    phone, teacher = {"code": _CODE, "token": _SECRET}, {"code": _CODE, "key": _SECRET}
    asked = {**teacher, "kind": {"enum": ["draw", "wait"]}, "digit": _DIGIT}
    news = {"is_there": FLAG, "version": INDEX, "round": _ROUND, "question": QUESTION}
    sent = {**phone, "name": _NAME, "round": INDEX, "strokes": _DRAWING["strokes"]}
    hidden = {**teacher, "drawing": INDEX, "is_hidden": FLAG}
    routes = {
        "join": ("Join a class", {"code": _CODE}, {"token": TEXT}),
        "follow": ("Ask what to do", {**phone, "seen": INDEX}, news),
        "draw": ("Send a drawing", sent, {"guess": _DIGIT, "share": _UNIT}),
        "wall": ("Show the wall", {**teacher, "seen": INDEX}, _WALL),
        "vote": ("Vote", {**phone, "number": INDEX, "given": GIVEN}, {"given": GIVEN}),
        "votes": ("Show the votes", {**teacher, "seen": INDEX}, POLL),
        "reveal": ("Show the answer", {**teacher, "number": INDEX}, {"is_revealed": FLAG}),
        "results": ("Write the results as CSV", teacher, {"csv": TEXT}),
        "hide": ("Take a drawing from the wall", hidden, {"is_hidden": FLAG}),
        "delete": ("Delete a class", teacher, {"is_deleted": FLAG}),
    }
    looked = {**phone, "key": _SECRET, "number": INDEX}
    images = _post(
        "Show a question's images, to a phone by its token or to the teacher by the key",
        describe(looked, required=("code", "number")),
        describe(IMAGES),
        404,
        429,
    )
    needed = ("code", "key", "kind")
    asking = _post(
        "Ask the class", describe(asked, required=needed), describe({"number": INDEX}), 404, 429
    )
    return {"/api/class/ask": asking, "/api/class/images": images} | {
        f"/api/class/{name}": _post(
            summary,
            describe(body),
            answer if answer is _WALL else describe(answer),
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
        "parameters": [_place("path", "job_id", TEXT)],
        "responses": {"200": _answer("How far it came.", _JOB), **_refuse(403, 404)},
    }
    rate = describe({"run": TEXT, "rate": {"type": "number", "maximum": 100}})
    drawing = {**_DRAWING, "layers": {"type": "array", "items": TEXT}, "network": _NETWORK}
    indices = dict.fromkeys(("channel", "row", "column"), INDEX)
    cell = {**_DRAWING, "layer": TEXT, **indices, "network": _NETWORK}
    frame = {
        **dict.fromkeys(("network", "layer"), TEXT),
        "image": {**TEXT, "contentEncoding": "base64"},
        "camera": {**TEXT, "maxLength": MAX_CAMERA_NAME},
    }
    job = {"200": _answer("How far it is.", _JOB), **gone, **_refuse(403)}
    run = {"200": _answer("What is new.", {"type": "object"}), **gone, **_refuse(403, 405)}
    file = {"200": _answer("The file.", TEXT, media="*/*"), **_refuse(403, 404, 503)}
    image = {"200": _answer("A PNG.", TEXT, media="image/png"), **_refuse(403, 404)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "CNNViz", "version": "1"},
        "paths": {
            "/api/camera": _post(
                "Look at a frame of a camera",
                describe(frame, required=("network", "layer", "image")),
                _SIGHT,
                429,
            ),
            **_describe_classes(),
            "/api/digit": _post(
                "Recognize a drawing", describe(drawing, required=("strokes",)), _ANSWER
            ),
            "/api/digit/cell": _post(
                "Work out one cell",
                describe(cell, required=("strokes", "layer", "channel")),
                _CELL,
            ),
            "/api/files/{token}/{place}": _get("Make an offered file", "token place", (), file),
            "/api/jobs/{job_id}": _get("Follow a job or a download", "job_id", ("seen",), job),
            "/api/jobs/{job_id}/stop": {"post": stop},
            "/api/thumbnails/{key}": _get("Show a sample's thumbnail", "key", (), image),
            "/api/training/{run_id}": _get(
                "Follow a training run", "run_id", ("seen", "step", "look"), run
            ),
            "/api/training/rate": _post(
                "Change a run's learning rate", rate, describe({"rate": NUMBER}), 404
            ),
        },
    }


async def show_description(_: Request) -> Response:
    """Answer GET /api/openapi.json."""
    return JSONResponse(describe_api())


routes = [Route("/api/openapi.json", show_description, methods=["GET"])]

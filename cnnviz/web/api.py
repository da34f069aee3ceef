"""The JSON routes: a drawing in, what LeNet-5 makes of it out.

POST /api/digit answers a drawing with the guess and, on request, the activations of chosen layers.
POST /api/digit/cell answers a drawing and a cell with the arithmetic that made the cell's value.
The README documents both. A request that cannot be answered gets {"error": "one sentence"}.
"""

import asyncio
import base64
import json
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import torch
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from torch import Tensor

from cnnviz import digits
from cnnviz.activations import read_activations
from cnnviz.cells import explain_cell
from cnnviz.errors import CNNVizError, RequestError
from cnnviz.inference import LoadedModel, Prediction, load_model, rank_logits
from cnnviz.receptive_field import Patch

NETWORK = "lenet5"
MAX_BODY_BYTES = 64 * 1024
# One thread computes for everybody: more would only fight for the same cores and the interpreter.
MAX_WAITING = 100
# A run for sixteen drawings takes little longer than a run for one.
MAX_BATCH = 16
_DEFAULT_PEN = 0.09
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_compute = ThreadPoolExecutor(max_workers=1, thread_name_prefix="digit")

Answer = dict[str, Any]
Values = npt.NDArray[np.float32]
_Endpoint = Callable[[Request], Awaitable[Response]]
_waiting: deque[tuple[Answer, Future[Answer]]] = deque()
# Ten answers a second to a browser next door: compressing each would cost more than it saves.
_UNCOMPRESSED = {"Content-Encoding": "identity"}


def answer_digits(bodies: list[Answer]) -> list[Answer | CNNVizError]:
    """Answer several POST /api/digit with one run of the network.

    Args:
        bodies: Each with "strokes", and optionally "pen" and "layers".

    Returns:
        For each body the error that refuses it, or its answer: "network", "ink" (whether anything
        is drawn), "guess" and "second" (None without ink), "probabilities" and "logits" in the
        order of the classes, and "layers", each with "name", "title", "shape", "scale" and
        "values" (base64 of int8, row by row): value ≈ scale · int8.
    """
    model = load_model(NETWORK)
    answers: list[Answer | CNNVizError] = []
    drawings: dict[int, _Drawing] = {}
    for place, body in enumerate(bodies):
        try:
            drawings[place] = _read_request(model, body)
            answers.append({})
        except CNNVizError as error:
            answers.append(error)
    if drawings:
        output = model.graph.layers[-1].name
        asked = {name for drawing in drawings.values() for name in drawing.layers}
        names = tuple(sorted({output, *asked}))
        x = torch.cat([drawing.x for drawing in drawings.values()])  # (N, 1, 32, 32)
        values = read_activations(model, x, layers=names)
        arrays = {name: tensor.numpy() for name, tensor in values.items()}
        for number, (place, drawing) in enumerate(drawings.items()):
            prediction = rank_logits(values[output][number])
            own = {name: arrays[name][number] for name in drawing.layers}
            answers[place] = _write_answer(model, drawing, prediction, own)
    return answers


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """A request to POST /api/digit, read: the input (1, 1, 32, 32), and what is asked of it."""

    x: Tensor
    has_ink: bool
    layers: tuple[str, ...]


def _read_request(model: LoadedModel, body: Answer) -> _Drawing:
    _check_fields(body, required={"strokes"}, optional={"pen", "layers"})
    layers = body.get("layers", [])
    if not isinstance(layers, list) or not all(isinstance(name, str) for name in layers):
        raise RequestError("“layers” must be a list of layer names.", status=400)
    if len(layers) > len(model.graph.layers):
        raise RequestError("“layers” names more layers than there are.", status=400)
    for name in layers:
        model.graph.find(name)
    x, has_ink = _read_drawing(body)
    return _Drawing(x=x, has_ink=has_ink, layers=tuple(layers))


def _write_answer(
    model: LoadedModel, drawing: _Drawing, prediction: Prediction, values: dict[str, Values]
) -> Answer:
    first, second = (model.spec.classes[index] for index in prediction.ranking[:2])
    return {
        "network": NETWORK,
        "ink": drawing.has_ink,
        "guess": first if drawing.has_ink else None,
        "second": second if drawing.has_ink else None,
        "probabilities": prediction.probabilities.tolist(),
        "logits": prediction.logits.tolist(),
        "layers": [_pack_layer(model, name, values[name]) for name in drawing.layers],
    }


def answer_cell(body: Answer) -> Answer:
    """Answer POST /api/digit/cell.

    Args:
        body: "strokes", "layer" and "channel", and optionally "pen", "row" and "column".

    Returns:
        The cell's "value", the "inputs" it reads from the layer "reads", their "weights" and
        "products" (None where there are none), the "bias", and the "patches" of earlier layers
        that it depends on, each [top, bottom, left, right], inclusive.

    Raises:
        CNNVizError: A field is missing, unknown or wrong.
    """
    _check_fields(body, required={"strokes", "layer", "channel"}, optional={"pen", "row", "column"})
    if not isinstance(body["layer"], str):
        raise RequestError("“layer” must be the name of a layer.", status=400)
    channel, row, column = (_read_index(body, name) for name in ("channel", "row", "column"))
    model = load_model(NETWORK)
    x, _ = _read_drawing(body)
    cell = explain_cell(model, x, layer=body["layer"], channel=channel, row=row, column=column)
    products = None if cell.weights is None else (cell.inputs * cell.weights).tolist()
    return {
        "layer": cell.layer,
        "title": model.graph.find(cell.layer).title,
        "kind": str(cell.kind),
        "channel": channel,
        "row": row,
        "column": column,
        "value": cell.value,
        "reads": cell.reads,
        "inputs": cell.inputs.tolist(),
        "weights": None if cell.weights is None else cell.weights.tolist(),
        "products": products,
        "bias": cell.bias,
        "patches": {name: _pack_patch(patch) for name, patch in cell.patches.items()},
    }


def _check_fields(body: Answer, *, required: set[str], optional: set[str]) -> None:
    missing = required - body.keys()
    if missing:
        raise RequestError(f"The field “{min(missing)}” is missing.", status=400)
    unknown = body.keys() - required - optional
    if unknown:
        known = ", ".join(sorted(required | optional))
        raise RequestError(
            f"There is no field “{min(unknown)[:40]}”; the fields are: {known}.", status=400
        )


def _read_drawing(body: Answer) -> tuple[Tensor, bool]:
    """The network's input (1, 1, 32, 32), and whether anything is drawn."""
    strokes = digits.check_strokes(body["strokes"])
    pen = digits.check_pen(body.get("pen", _DEFAULT_PEN))
    return digits.to_input(digits.rasterize_strokes(strokes, pen=pen)), bool(strokes)


def _read_index(body: Answer, name: str) -> int:
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RequestError(f"“{name}” must be a whole number from 0.", status=400)
    return value


def _pack_layer(model: LoadedModel, name: str, values: Values) -> Answer:
    # NumPy: a fifth of torch's time on arrays this small.
    scale = max(float(values.max()), -float(values.min())) / 127 or 1.0
    packed = np.rint(values / scale).astype(np.int8)
    return {
        "name": name,
        "title": model.graph.find(name).title,
        "shape": list(values.shape),
        "scale": scale,
        "values": base64.b64encode(packed.tobytes()).decode("ascii"),
    }


def _pack_patch(patch: Patch) -> list[int]:
    return [patch.top, patch.bottom, patch.left, patch.right]


async def _read_body(request: Request) -> Answer:
    """Read a JSON object of bounded size.

    Raises:
        RequestError: Wrong method, origin, type, size or JSON.
    """
    if request.method != "POST":
        raise RequestError(f"Send a POST request, not {request.method}.", status=405)
    if _is_cross_site(request):
        raise RequestError("Requests from other sites are not answered.", status=403)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise RequestError("Send the header “Content-Type: application/json”.", status=415)
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY_BYTES:
            raise RequestError(f"Send at most {MAX_BODY_BYTES // 1024} KiB.", status=413)
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RequestError("The body is no JSON.", status=400) from error
    if not isinstance(body, dict):
        raise RequestError("The body must be a JSON object with the field “strokes”.", status=400)
    return body


def _is_cross_site(request: Request) -> bool:
    """Whether a browser sent this from a page of another origin.

    Browsers say so in Sec-Fetch-Site where the address is trustworthy (https, localhost), and in
    Origin elsewhere, such as a laptop's address in the classroom. Programs send neither.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _endpoint(answer: Callable[[Answer], Awaitable[Answer]]) -> _Endpoint:
    async def respond(request: Request) -> Response:
        try:
            body = await _read_body(request)
            return JSONResponse(await answer(body), headers=_UNCOMPRESSED)
        except RequestError as error:
            return _refuse(str(error), status=error.status)
        except CNNVizError as error:
            return _refuse(str(error), status=400)
        except ClientDisconnect:
            return Response(status_code=400)

    return respond


async def _answer_cell_apart(body: Answer) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_compute, answer_cell, body)


async def _answer_digit_together(body: Answer) -> Answer:
    """Wait for the next run of the network, which answers all drawings that wait by then."""
    if len(_waiting) >= MAX_WAITING:
        raise RequestError("The server is too busy; try again in a second.", status=503)
    answered: Future[Answer] = Future()
    _waiting.append((body, answered))
    _compute.submit(_answer_waiting)
    return await asyncio.wrap_future(answered)


def _answer_waiting() -> None:
    """Answer the drawings that wait; nothing is left for the calls behind it in the queue."""
    waiting = [_waiting.popleft() for _ in range(min(len(_waiting), MAX_BATCH))]
    batch = [(body, answered) for body, answered in waiting if _is_wanted(answered)]
    try:
        answers = answer_digits([body for body, _ in batch])
    except Exception as error:  # noqa: BLE001 - each request raises it again; nobody waits for ever
        for _, answered in batch:
            answered.set_exception(error)
        return
    for (_, answered), answer in zip(batch, answers, strict=True):
        if isinstance(answer, CNNVizError):
            answered.set_exception(answer)
        else:
            answered.set_result(answer)


def _is_wanted(answered: Future[Answer]) -> bool:
    """Whether the visitor still waits; from here on the future can no longer be cancelled."""
    return answered.set_running_or_notify_cancel()


def _refuse(sentence: str, *, status: int) -> JSONResponse:
    headers = {"Allow": "POST"} if status == 405 else None
    return JSONResponse({"error": sentence}, status_code=status, headers=headers)


routes = [
    Route("/api/digit", _endpoint(_answer_digit_together), methods=_METHODS),
    Route("/api/digit/cell", _endpoint(_answer_cell_apart), methods=_METHODS),
]

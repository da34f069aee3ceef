"""The routes of the digit page: a drawing in, what LeNet-5 makes of it out.

POST /api/digit answers a drawing with the guess and, on request, the activations of chosen layers.
POST /api/digit/cell answers a drawing and a cell with the arithmetic that made the cell's value.
The README documents both. A request that cannot be answered gets {"error": "one sentence"}.
"""

import asyncio
import base64
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from starlette.routing import Route
from torch import Tensor

from cnnviz import digits
from cnnviz.activations import read_activations
from cnnviz.cells import explain_cell
from cnnviz.errors import CNNVizError, RequestError
from cnnviz.inference import LoadedModel, Prediction, load_model, rank_logits
from cnnviz.receptive_field import Patch
from cnnviz.web.api.requests import METHODS, Answer, respond_to

NETWORK = "lenet5"
# One thread computes for everybody: more would only fight for the same cores and the interpreter.
MAX_WAITING = 100
# A run for sixteen drawings takes little longer than a run for one.
MAX_BATCH = 16
_DEFAULT_PEN = 0.09

_compute = ThreadPoolExecutor(max_workers=1, thread_name_prefix="digit")

Values = npt.NDArray[np.float32]
_waiting: deque[tuple[Answer, Future[Answer]]] = deque()


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


routes = [
    Route("/api/digit", respond_to(_answer_digit_together), methods=METHODS),
    Route("/api/digit/cell", respond_to(_answer_cell_apart), methods=METHODS),
]

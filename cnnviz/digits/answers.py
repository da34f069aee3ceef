"""What LeNet-5 or a network like it makes of drawings, and one cell's arithmetic, as JSON.

A question is a JSON object. What is wrong with it is said in one sentence.
"""

import base64
import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from cnnviz.activations.cells import explain_cell
from cnnviz.activations.read import read_activations
from cnnviz.digits import mnist
from cnnviz.errors import CNNVizError, NetworkError, RequestError
from cnnviz.networks.load import LoadedModel, Prediction, load_model, rank_logits
from cnnviz.networks.runnable import list_runnable
from cnnviz.networks.zoo.registry import get_network

NETWORK = "lenet5"
DEFAULT_PEN = 0.09

Answer = dict[str, Any]
Values = npt.NDArray[np.float32]


_answered_at = -math.inf


def find_rest() -> float:
    """Return for how many seconds no drawing has come."""
    return time.monotonic() - _answered_at


def reads_drawings(network: str) -> bool:
    """Whether a network reads drawings as LeNet-5 does.

    Raises:
        NetworkError: There is no such network.
    """
    return get_network(network).preprocessing is get_network(NETWORK).preprocessing


def has_lenet_layers(network: str) -> bool:
    """Whether a network reads drawings as LeNet-5 does, and has its layers and its ten classes.

    Raises:
        NetworkError: There is no such network.
    """
    spec, lenet = get_network(network), get_network(NETWORK)
    same_layers = spec.layer_titles == lenet.layer_titles and spec.classes == lenet.classes
    return reads_drawings(network) and same_layers


def list_lenets() -> dict[str, str]:
    """Return the titles of the networks here that `has_lenet_layers` is true of, by name."""
    # Published networks read photographs; their rows take time to make.
    runnable = (one for one in list_runnable() if not one.is_published)
    return {one.name: one.title for one in runnable if has_lenet_layers(one.name)}


def answer_digits(bodies: list[Answer]) -> list[Answer | CNNVizError]:
    """Answer several drawings with one run of each network that they ask for.

    Args:
        bodies: Each with "strokes", and optionally "pen", "layers" and "network".

    Returns:
        For each body the error that refuses it, or its answer: "network", "ink" (whether anything
        is drawn), "guess" and "second" (None without ink), "probabilities" and "logits" in the
        order of the classes, "digits" (the numbers of the strokes of each digit that stands
        apart), and "layers", each with "name", "title", "shape", "scale" and "values" (base64 of
        int8, row by row): value ≈ scale · int8.
    """
    global _answered_at
    _answered_at = time.monotonic()
    answers: list[Answer | CNNVizError] = []
    drawings: dict[str, dict[int, _Drawing]] = {}
    for place, body in enumerate(bodies):
        try:
            model = _choose_model(body)
            drawings.setdefault(model.spec.name, {})[place] = _read_request(model, body)
            answers.append({})
        except CNNVizError as error:
            answers.append(error)
    for name, of_one in drawings.items():
        for place, answer in _answer_together(load_model(name), of_one).items():
            answers[place] = answer
    return answers


def _choose_model(body: Answer) -> LoadedModel:
    name = body.get("network", NETWORK)
    try:
        fits = isinstance(name, str) and reads_drawings(name)
    except NetworkError as error:  # whose sentence lists all networks there are
        told = f"There is no network “{name[:40]}” on this server; draw for “{NETWORK}”."
        raise RequestError(told, status=400) from error
    if not fits:
        raise RequestError("“network” must be one that reads drawings as LeNet-5.", status=400)
    return load_model(name)


def _answer_together(model: LoadedModel, drawings: "dict[int, _Drawing]") -> dict[int, Answer]:
    """Answer the drawings of one network with one run of it."""
    output = model.graph.output.name
    asked = {name for drawing in drawings.values() for name in drawing.layers}
    names = tuple(sorted({output, *asked}))
    fields = np.stack([drawing.field for drawing in drawings.values()])  # (N, 28, 28)
    values = read_activations(model, mnist.scale_ink(torch.from_numpy(fields)), layers=names)
    packed = {name: _pack_layer(model, name, values[name].numpy()) for name in asked}
    answers = {}
    for number, (place, drawing) in enumerate(drawings.items()):
        prediction = rank_logits(values[output][number])
        own = [packed[name][number] for name in drawing.layers]
        answers[place] = _write_answer(model, drawing, prediction, own)
    return answers


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """A drawing as one of MNIST's fields, (28, 28), and what is asked of it."""

    field: Values
    has_ink: bool
    digits: tuple[tuple[int, ...], ...]
    layers: tuple[str, ...]


def _read_request(model: LoadedModel, body: Answer) -> _Drawing:
    check_fields(body, required={"strokes"}, optional={"pen", "layers", "network"})
    layers = body.get("layers", [])
    if not isinstance(layers, list) or not all(isinstance(name, str) for name in layers):
        raise RequestError("“layers” must be a list of layer names.", status=400)
    if len(layers) > len(model.graph.layers):
        raise RequestError("“layers” names more layers than there are.", status=400)
    for name in layers:
        model.graph.find(name)
    strokes, pen = _read_drawing(body)
    return _Drawing(
        field=mnist.center_digit(mnist.rasterize_strokes(strokes, pen=pen)),
        has_ink=bool(strokes),
        digits=mnist.split_digits(strokes, pen=pen),
        layers=tuple(layers),
    )


def _write_answer(
    model: LoadedModel, drawing: _Drawing, prediction: Prediction, layers: list[Answer]
) -> Answer:
    first, second = (model.spec.classes[index] for index in prediction.ranking[:2])
    return {
        "network": model.spec.name,
        "ink": drawing.has_ink,
        "guess": first if drawing.has_ink else None,
        "second": second if drawing.has_ink else None,
        "probabilities": prediction.probabilities.tolist(),
        "logits": prediction.logits.tolist(),
        "digits": [list(strokes) for strokes in drawing.digits],
        "layers": layers,
    }


def answer_cell(body: Answer) -> Answer:
    """Work one cell of a drawing out.

    Args:
        body: "strokes", "layer" and "channel", and optionally "pen", "row", "column" and "network".

    Returns:
        The cell's "value", the "inputs" it reads from the layer "reads", their "weights" and
        "products" (None where there are none), the "bias", and the "patches" of earlier layers
        that it depends on, each [top, bottom, left, right], inclusive.

    Raises:
        CNNVizError: A field is missing, unknown or wrong.
    """
    optional = {"pen", "row", "column", "network"}
    check_fields(body, required={"strokes", "layer", "channel"}, optional=optional)
    if not isinstance(body["layer"], str):
        raise RequestError("“layer” must be the name of a layer.", status=400)
    channel, row, column = (_read_index(body, name) for name in ("channel", "row", "column"))
    model = _choose_model(body)
    strokes, pen = _read_drawing(body)
    x = mnist.to_input(mnist.rasterize_strokes(strokes, pen=pen))
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
        "patches": {
            name: [patch.top, patch.bottom, patch.left, patch.right]
            for name, patch in cell.patches.items()
        },
    }


def check_fields(
    body: Answer, *, required: set[str], optional: set[str] | frozenset[str] = frozenset()
) -> None:
    """Check that a question has the fields that it needs and no unknown ones.

    Raises:
        RequestError: It has not.
    """
    missing = required - body.keys()
    if missing:
        raise RequestError(f"The field “{min(missing)}” is missing.", status=400)
    unknown = body.keys() - required - optional
    if unknown:
        known = ", ".join(sorted(required | optional))
        raise RequestError(
            f"There is no field “{min(unknown)[:40]}”; the fields are: {known}.", status=400
        )


def _read_drawing(body: Answer) -> tuple[tuple[mnist.Stroke, ...], float]:
    """The strokes and the pen."""
    strokes = mnist.check_strokes(body["strokes"])
    return strokes, mnist.check_pen(body.get("pen", DEFAULT_PEN))


def _read_index(body: Answer, name: str) -> int:
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RequestError(f"“{name}” must be a whole number from 0.", status=400)
    return value


def _pack_layer(model: LoadedModel, name: str, values: Values) -> list[Answer]:
    """Pack a layer's activations of all drawings, (N, ...)."""
    # NumPy: a fifth of torch's time on arrays this small.
    rows = values.reshape(len(values), -1)  # (N, cells)
    scales = np.abs(rows).max(axis=1) / 127
    scales[scales == 0] = 1
    packed = np.rint(rows / scales[:, None]).astype(np.int8)
    told = {"name": name, "title": model.graph.find(name).title, "shape": list(values.shape[1:])}
    return [
        {**told, "scale": float(scale), "values": base64.b64encode(row).decode("ascii")}
        for scale, row in zip(scales, packed, strict=True)
    ]

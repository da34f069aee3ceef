"""A drawing on its way through LeNet-5 while it grows: the home page's figure."""

from functools import lru_cache

import numpy as np
from torch import Tensor

from cnnviz.activations.read import read_activations
from cnnviz.digits import mnist
from cnnviz.digits.mnist import Ink, Stroke
from cnnviz.figures.format import format_probability
from cnnviz.figures.strip import Panel, Strip, pack_ink, pack_signed
from cnnviz.networks.load import load_model, rank_logits
from cnnviz.showcase.drawing import NETWORK, add_margin, draw_field, make_input

# Moments of the drawing, evenly spaced along its points: enough to see the guess change.
_MOMENTS = 10
_ACROSS = {"c1": 2, "s2": 2, "c3": 4, "s4": 4}
# The paper draws F6 as a bitmap of 12 rows and 7 columns.
_F6_SHAPE = (12, 7)


@lru_cache(maxsize=10)
def compute_flow(digit: int) -> Strip:
    """Let LeNet-5 read a sample drawing while it grows.

    Args:
        digit: Which of the ten sample drawings.

    Raises:
        WeightsError: The network has no weights.
    """
    model = load_model(NETWORK)
    fields = _draw_moments(mnist.sample_digits()[digit])
    x = make_input(fields)
    values = read_activations(model, x, layers=(*_ACROSS, "f6", "output"))
    panels = [pack_ink(add_margin(fields), title="Input", note="32 × 32 pixels")]
    for name, across in _ACROSS.items():
        title = model.graph.find(name).title
        panels.append(_pack_layer(values[name], title=title, across=across))
    f6 = values["f6"].reshape(-1, 1, *_F6_SHAPE)  # (T, 84) -> (T, 1, 12, 7)
    panels.append(pack_signed(f6, title="F6", note=f"{values['f6'].shape[1]} cells"))
    return Strip(
        panels=tuple(panels),
        layout="flow",
        label=f"A drawn {digit} on its way through LeNet-5. {_name_guess(values['output'][-1])}",
        classes=model.spec.classes,
        probabilities=tuple(values["output"].softmax(dim=1).tolist()),
    )


def _pack_layer(values: Tensor, *, title: str, across: int) -> Panel:
    _, maps, rows, columns = values.shape
    return pack_signed(values, title=title, note=f"{maps} of {rows} × {columns}", across=across)


def _name_guess(logits: Tensor) -> str:
    prediction = rank_logits(logits)
    classes = load_model(NETWORK).spec.classes
    first, second = prediction.ranking[:2]
    share = float(prediction.probabilities[first])
    return f"It predicts {classes[first]} with {format_probability(share)}, then {classes[second]}."


def _draw_moments(strokes: tuple[Stroke, ...]) -> Ink:
    """The drawing's fields (T, 28, 28) as it grows."""
    total = sum(len(stroke) for stroke in strokes)
    ends = [round(total * (moment + 1) / _MOMENTS) for moment in range(_MOMENTS)]
    return np.stack([draw_field(_cut_strokes(strokes, points=end)) for end in ends])


def _cut_strokes(strokes: tuple[Stroke, ...], *, points: int) -> tuple[Stroke, ...]:
    """Keep the first points of a drawing."""
    kept = []
    for stroke in strokes:
        kept.append(stroke[:points])
        points -= len(stroke)
        if points <= 0:
            break
    return tuple(kept)

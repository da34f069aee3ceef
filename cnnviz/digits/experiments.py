"""What a drawing teaches: its softmax, its filters, and what a shift or a pen changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnnviz.activations.read import read_activations
from cnnviz.digits.mnist import PAPER_VALUE, Stroke, rasterize_strokes, to_input
from cnnviz.errors import NetworkError
from cnnviz.networks.load import LoadedModel, Prediction, predict, rank_logits

SHIFT_REACH = 4
PEN_WIDTHS = (0.03, 0.06, 0.09, 0.12, 0.16, 0.2, 0.25)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A drawing as the network read it.

    Attributes:
        strokes: The drawing.
        pen: Diameter of the pen as a fraction of the pad's side.
        x: The network's input, (1, 1, 32, 32).
        prediction: What it says.
    """

    strokes: tuple[Stroke, ...]
    pen: float
    x: Tensor
    prediction: Prediction


def read_layers(model: LoadedModel, reading: Reading, names: Sequence[str]) -> dict[str, Tensor]:
    """Return what layers compute for a drawing, by name, (C, H, W) or (N,)."""
    values = read_activations(model, reading.x, layers=tuple(names))
    return {name: value[0] for name, value in values.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Softmax:
    """A softmax step by step, in double precision.

    Attributes:
        logits: z, one a class.
        exponentials: e^z.
        total: Their sum.
        probabilities: e^z divided by the sum.
    """

    logits: tuple[float, ...]
    exponentials: tuple[float, ...]
    total: float
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FilterResponse:
    """One kernel of a convolution on one input, and where the input answers it most.

    Attributes:
        channel: Its map.
        kernel: Its weights, (C, K, K).
        response: The map before ReLU, (H, W).
        peak: Largest value of the map.
        row: Row of the peak.
        column: Column of the peak.
        active: Fraction of the map's cells above zero.
    """

    channel: int
    kernel: Tensor
    response: Tensor
    peak: float
    row: int
    column: int
    active: float


@dataclass(frozen=True, slots=True, eq=False)
class ShiftTrial:
    """The same input moved by whole pixels, up to `reach` each way.

    Attributes:
        reach: Largest shift in pixels.
        winner: Class that the unmoved input is taken for.
        probabilities: Of that class, (2·reach + 1, 2·reach + 1): down the rows, right the columns.
        guesses: First guess at each shift, same shape, int64.
    """

    reach: int
    winner: int
    probabilities: Tensor
    guesses: Tensor

    def at(self, *, down: int, right: int) -> tuple[int, float]:
        """The first guess and the winner's probability at one shift."""
        row, column = down + self.reach, right + self.reach
        return int(self.guesses[row, column]), float(self.probabilities[row, column])


@dataclass(frozen=True, slots=True, eq=False)
class PenTrial:
    """The same strokes drawn with another pen.

    Attributes:
        pen: Diameter as a fraction of the pad's side.
        x: The input it makes, (1, 1, 32, 32).
        guess: First guess.
        probability: Of that guess.
    """

    pen: float
    x: Tensor
    guess: int
    probability: float


def read_drawing(model: LoadedModel, strokes: tuple[Stroke, ...], *, pen: float) -> Reading:
    """Let a network for drawn digits read strokes, prepared as on the pad."""
    x = to_input(rasterize_strokes(strokes, pen=pen))
    return Reading(strokes=strokes, pen=pen, x=x, prediction=predict(model, x))


def work_out_softmax(logits: Tensor) -> Softmax:
    """Compute softmax as on paper: exponentials, their sum, the quotients.

    Args:
        logits: (N,), below 700, where e^z still fits a double.

    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network
    outputs".
    """
    numbers = tuple(float(value) for value in logits)
    exponentials = tuple(math.exp(value) for value in numbers)
    total = math.fsum(exponentials)
    return Softmax(
        logits=numbers,
        exponentials=exponentials,
        total=total,
        probabilities=tuple(value / total for value in exponentials),
    )


def measure_filters(model: LoadedModel, x: Tensor, *, layer: str) -> tuple[FilterResponse, ...]:
    """Find what each kernel of a convolution answers most in one input.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        layer: Name of a convolution.

    Raises:
        NetworkError: There is no such layer, or it is no convolution.
    """
    module = model.graph.find(layer).module
    if not isinstance(module, nn.Conv2d):
        raise NetworkError(f"“{layer}” is no convolution; only those have filters.")
    maps = read_activations(model, x, layers=(layer,))[layer][0]  # (C, H, W)
    return tuple(
        _measure_filter(channel, module.weight[channel], response)
        for channel, response in enumerate(maps)
    )


def _measure_filter(channel: int, kernel: Tensor, response: Tensor) -> FilterResponse:
    place = int(response.argmax())
    return FilterResponse(
        channel=channel,
        kernel=kernel,
        response=response,
        peak=float(response.max()),
        row=place // response.shape[1],
        column=place % response.shape[1],
        active=float((response > 0).float().mean()),
    )


def try_shifts(model: LoadedModel, x: Tensor, *, reach: int = SHIFT_REACH) -> ShiftTrial:
    """Move an input by every whole shift up to `reach` and read each, in one batch.

    What moves out is lost; bare paper moves in.

    Args:
        model: The network.
        x: Input, (1, 1, H, W), paper −0.1.
        reach: Largest shift in pixels.
    """
    side = 2 * reach + 1
    height, width = x.shape[-2:]
    padded = nn.functional.pad(x, (reach, reach, reach, reach), value=PAPER_VALUE)
    shifted = torch.cat(
        [
            # The window's move up and left is the ink's move down and right.
            padded[..., reach - down : reach - down + height, reach - right : reach - right + width]
            for down in range(-reach, reach + 1)
            for right in range(-reach, reach + 1)
        ]
    )  # (side², 1, H, W)
    with torch.no_grad():
        probabilities = model.module(shifted).softmax(dim=1)  # (side², N)
    guesses = probabilities.argmax(dim=1).reshape(side, side)
    winner = int(guesses[reach, reach])
    return ShiftTrial(
        reach=reach,
        winner=winner,
        probabilities=probabilities[:, winner].reshape(side, side),
        guesses=guesses,
    )


def try_pens(
    model: LoadedModel, strokes: tuple[Stroke, ...], *, pens: tuple[float, ...] = PEN_WIDTHS
) -> tuple[PenTrial, ...]:
    """Draw the same strokes with several pens and read each, in one batch."""
    inputs = torch.cat([to_input(rasterize_strokes(strokes, pen=pen)) for pen in pens])
    with torch.no_grad():
        logits = model.module(inputs)  # (P, N)
    trials = []
    for pen, x, row in zip(pens, inputs, logits, strict=True):
        prediction = rank_logits(row)
        guess = prediction.ranking[0]
        probability = float(prediction.probabilities[guess])
        trials.append(PenTrial(pen=pen, x=x[None], guess=guess, probability=probability))
    return tuple(trials)

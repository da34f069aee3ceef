"""An attack as images for the browser, as charts, and as tables to keep."""

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from cnnviz.adversarial.craft import AdversarialImage, Method
from cnnviz.adversarial.gradient import Norm
from cnnviz.adversarial.survival import Survival
from cnnviz.adversarial.transfer import TransferMatrix
from cnnviz.figures.format import (
    format_number,
    format_percent,
    format_probability,
    format_setting,
    format_share,
    hover_percent,
)
from cnnviz.figures.matrix import MatrixCell, draw_matrix, shorten_titles
from cnnviz.images.image import Pixels, upscale_nearest
from cnnviz.networks.load import Prediction

_TOP = 5
_BEFORE, _AFTER, _NOISE = "#3674B9", "#D96721", "#8A8577"
_MIDDLE = 128
_SHEET = 240
_GAP = 16


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One position of the slider.

    Attributes:
        name: What the slider says, such as "ε = 4/255".
        pixels: The result as base64 of its bytes.
        change: The distortion around grey, as base64.
        scale: How much the distortion is amplified, in words.
        top: Names and shares of the five likeliest classes.
        verdict: One line on what the network says now.
        fooled: Whether it is fooled.
        note: One line on the size of the change.
    """

    name: str
    pixels: str
    change: str
    scale: str
    top: tuple[tuple[str, float], ...]
    verdict: str
    fooled: bool
    note: str


def find_position(value: float | None, *, strengths: Sequence[float], fools: Sequence[bool]) -> int:
    """Return the place of the strength that is nearest to a value.

    Args:
        value: None for the smallest that fools, or the largest where none does.
        strengths: Of each place, growing.
        fools: Whether it fools, of each place.
    """
    if value is None:
        return fools.index(True) if any(fools) else len(fools) - 1
    return min(range(len(strengths)), key=lambda place: abs(strengths[place] - value))


def pack_pixels(pixels: Pixels) -> str:
    """Pack bytes for the browser."""
    return base64.b64encode(np.ascontiguousarray(pixels).tobytes()).decode("ascii")


def amplify(image: AdversarialImage) -> tuple[Pixels, int]:
    """Draw a change around middle grey, as large as fits, and tell how much it was amplified."""
    return amplify_change(image.pixels.astype(np.int16) - image.original.astype(np.int16))


def amplify_change(change: "np.typing.NDArray[np.int16]") -> tuple[Pixels, int]:
    """Draw a change in levels around middle grey; see `amplify`."""
    largest = int(abs(change).max())
    factor = max(1, (_MIDDLE - 1) // largest) if largest else 1
    drawn = (_MIDDLE + factor * change.astype(np.int32)).clip(0, 255).astype(np.uint8)
    return drawn, factor


def list_top(prediction: Prediction, classes: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Return names and shares of the likeliest classes."""
    return tuple(
        (classes[index], float(prediction.probabilities[index]))
        for index in prediction.ranking[:_TOP]
    )


def write_top(prediction: Prediction, classes: Sequence[str]) -> str:
    """Write the top-1 class with its probability."""
    first = prediction.ranking[0]
    return f"{classes[first]}, {format_share(prediction, first)}"


def pack_frame(image: AdversarialImage, classes: Sequence[str]) -> Frame:
    """Pack one adversarial image for the slider."""
    drawn, factor = amplify(image)
    return Frame(
        name=name_strength(image),
        pixels=pack_pixels(image.pixels),
        change=pack_pixels(drawn),
        scale=f"shown ×{factor}" if image.linf else "no change",
        top=list_top(image.prediction, classes),
        verdict=describe_verdict(image, classes),
        fooled=image.fools,
        note=(
            f"at most {format_setting(image.linf)}/255, L2 norm {format_number(image.l2)}/255"
            if image.linf
            else "nothing changed"
        ),
    )


def name_strength(image: AdversarialImage) -> str:
    """Name how strong an attack was."""
    if image.epsilon is None:
        return f"L2 = {format_number(image.l2)}/255"
    return f"ε = {format_setting(image.epsilon)}/255"


def name_attack(image: AdversarialImage, classes: Sequence[str]) -> str:
    """Name an attack: its method, steps and target."""
    options = image.options
    told = [str(options.method)]
    if options.method is not Method.FGSM:
        told.append(f"{options.steps} {'step' if options.steps == 1 else 'steps'}")
    if options.target is not None:
        told.append(f"target {classes[options.target]}")
    return ", ".join(told)


def describe_verdict(image: AdversarialImage, classes: Sequence[str]) -> str:
    """Say in one sentence what became of the first guess, and what rounding did."""
    before, now = classes[image.label], image.prediction.ranking[0]
    share = format_share(image.prediction, now)
    if image.fools:
        return f"Fooled: {before} is now {classes[now]} with {share}."
    if image.fooled_before_rounding:
        return (
            f"Not fooled: real numbers gave {classes[image.unrounded.ranking[0]]}, "
            f"rounded to 8 bits it is {classes[now]} with {share}."
        )
    if now != image.label and image.options.target is not None:
        return f"Not yet {classes[image.options.target]}: {classes[now]} with {share}."
    return f"Not fooled: still {before} with {share}."


def draw_confidence(
    images: Sequence[AdversarialImage], classes: Sequence[str], *, chosen: int
) -> go.Figure:
    """Draw probabilities against the strength of an attack, beside random noise of that size."""
    last = images[-1]
    fooling = [one for one in (images[chosen], *images) if one.fools]
    other = last.options.target
    if other is None:
        other = fooling[0].prediction.ranking[0] if fooling else last.prediction.ranking[1]
    strengths = [one.strength for one in images]
    first, second = classes[last.label], classes[other]
    noise = [100 * float(one.noise.probabilities[last.label]) for one in images]
    lines = (
        (f"{first}, attacked", _BEFORE, "solid", [_share(one, last.label) for one in images]),
        (f"{second}, attacked", _AFTER, "solid", [_share(one, other) for one in images]),
        (f"{first}, random noise of the same size", _NOISE, "dot", noise),
    )
    figure = go.Figure(
        [
            go.Scatter(
                x=strengths,
                y=values,
                name=name,
                mode="lines+markers",
                line={"color": color, "dash": dash, "width": 2.5},
                marker={"size": 6},
                hovertemplate=f"{name}<br>%{{x}}/255: {hover_percent('y')}<extra></extra>",
            )
            for name, color, dash, values in lines
        ]
    )
    by_length = last.epsilon is None or last.options.norm is Norm.L2
    figure.update_layout(
        height=330,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        yaxis={"title": {"text": "probability, %"}, "range": [0, 102]},
        xaxis={"title": {"text": "L2 norm of the change, 1/255" if by_length else "ε, 1/255"}},
    )
    figure.add_vline(x=strengths[chosen], line={"color": _NOISE, "width": 1.5, "dash": "dash"})
    return figure


def _share(image: AdversarialImage, index: int) -> float:
    return 100 * float(image.prediction.probabilities[index])


def draw_transfer(matrix: TransferMatrix, classes: Sequence[str]) -> go.Figure:
    """Draw how often images made for one network (rows) fool another (columns).

    Args:
        matrix: Which are fooled.
        classes: The networks' classes.
    """
    names = shorten_titles(matrix.targets)
    return draw_matrix(
        [
            [_describe_cell(matrix, classes, row, column) for column in range(len(names))]
            for row in range(len(matrix.sources))
        ],
        rows=[*names, *matrix.sources[len(names) :]],
        columns=names,
    )


def _describe_cell(
    matrix: TransferMatrix, classes: Sequence[str], row: int, column: int
) -> MatrixCell:
    """Of one image what the network takes it for; of many how often it is fooled."""
    share = float(matrix.fooled[row, column] / matrix.images)
    if matrix.images > 1:
        percent = format_percent(share, digits=0)
        return MatrixCell(share=share, text=percent, says=f"fooled by {percent}")
    probability = format_probability(float(matrix.shares[row, column]))
    return MatrixCell(
        share=share,
        text="fooled" if share else "",
        says=f"says {classes[matrix.guesses[row, column]]} ({probability})",
    )


def tabulate_guesses(matrix: TransferMatrix, classes: Sequence[str]) -> list[dict[str, object]]:
    """Make a table of what each network says of the last image made for the first."""
    return [
        {
            "network": target,
            "clean prediction": classes[matrix.clean[column]],
            "prediction": classes[matrix.guesses[0, column]],
            "fooled": "yes" if matrix.fooled[0, column] else "no",
            "probability, %": 100 * float(matrix.shares[0, column]),
        }
        for column, target in enumerate(matrix.targets)
    ]


def tabulate_survival(
    answers: Sequence[Survival], classes: Sequence[str]
) -> list[dict[str, object]]:
    """Make a table of what processing leaves of an attack."""
    return [
        {
            "processing": one.name,
            "result": "fooled" if one.fools else "not fooled",
            "adversarial example": classes[one.adversarial.ranking[0]],
            "probability, %": 100 * float(one.adversarial.probabilities.max()),
            "original image": classes[one.clean.ranking[0]],
        }
        for one in answers
    ]


def write_survival_csv(answers: Sequence[Survival], classes: Sequence[str]) -> bytes:
    """Write that table as CSV."""
    return _write_csv(tabulate_survival(answers, classes))


def write_sweep_csv(images: Sequence[AdversarialImage], classes: Sequence[str]) -> bytes:
    """Write an attack's strengths, sizes and probabilities as CSV."""
    rows: list[dict[str, object]] = [
        {
            "epsilon, 1/255": "" if one.epsilon is None else f"{one.epsilon:g}",
            "largest change, 1/255": one.linf,
            "length, 1/255": round(one.l2, 3),
            "first guess": classes[one.prediction.ranking[0]],
            "its probability": round(float(one.prediction.probabilities.max()), 6),
            f"probability of {classes[one.label]}": round(
                float(one.prediction.probabilities[one.label]), 6
            ),
            "with noise of the same size": round(float(one.noise.probabilities[one.label]), 6),
            "fooled": one.fools,
            "fooled before rounding": one.fooled_before_rounding,
        }
        for one in images
    ]
    return _write_csv(rows)


def write_transfer_csv(matrix: TransferMatrix) -> bytes:
    """Write a transfer matrix as CSV, in shares from 0 to 1."""
    return _write_csv(
        [
            {"made for": source}
            | {
                target: float(matrix.fooled[row, column] / matrix.images)
                for column, target in enumerate(matrix.targets)
            }
            for row, source in enumerate(matrix.sources)
        ]
    )


def _write_csv(rows: Sequence[dict[str, object]]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8")


def draw_triptych(image: AdversarialImage) -> Pixels:
    """Set image, amplified distortion and result side by side on white, uint8 (H, W, 3)."""
    drawn, _ = amplify(image)
    tiles = [
        np.broadcast_to(np.atleast_3d(upscale_nearest(tile, min_size=_SHEET)), (*size, 3))
        for tile in (image.original, drawn, image.pixels)
        for size in [upscale_nearest(tile, min_size=_SHEET).shape[:2]]
    ]
    gap = np.full((tiles[0].shape[0], _GAP, 3), 255, dtype=np.uint8)
    return np.concatenate([tiles[0], gap, tiles[1], gap, tiles[2]], axis=1)

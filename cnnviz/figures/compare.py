"""Networks compared: what each saw and where it looked, the curves, and the table."""

import base64
import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image
from torch import Tensor

from cnnviz.comparison import Agreement, Answer, Curve
from cnnviz.costs.table import CostTable
from cnnviz.figures.colors import color_signed
from cnnviz.figures.format import (
    format_count,
    format_latex,
    format_number,
    format_probability,
    format_setting,
    format_share,
    hover_number,
    hover_percent,
)
from cnnviz.images.image import CheckedImage, Pixels, to_png, upscale_nearest
from cnnviz.networks.class_names import identify_classes, write_class
from cnnviz.networks.load import LoadedModel, Prediction

_MIN_SIDE = 256  # pixels a side, so that a browser does not smooth small inputs
_GREYED = 0.55
_HEIGHT = 400
FORMATS = {
    "Year": "%d",
    "Probability %": "%.1f",
    "Multiply-adds M": "%.1f",
    "Parameters M": "%.2f",
    "Activations KB": "%.0f",
    "Time ms": "%.2f",
}
# Lightness and chroma of a class's color; each can be told from both themes' grounds.
_TONES = ((68, 0.16), (55, 0.14), (62, 0.08))


def draw_view(answer: Answer) -> Pixels:
    """Draw what a network sees, each pixel a square."""
    return upscale_nearest(answer.view, min_size=_MIN_SIDE)


def draw_cam(answer: Answer) -> Pixels | None:
    """Draw Grad-CAM over the greyed input: orange spoke for the first guess, blue against it.

    Returns:
        (H, W, 3) uint8; None where the network has no maps.
    """
    return None if answer.cam is None else lay_map(draw_view(answer), answer.cam)


def lay_map(view: Pixels, cam: Tensor) -> Pixels:
    """Lay a signed map (h, w) over a greyed image: orange spoke for the class, blue against it.

    Args:
        view: uint8 (H, W) or (H, W, 3).
        cam: The map, of any size.

    Returns:
        (H, W, 3) uint8.
    """
    values = _enlarge(cam, (view.shape[0], view.shape[1]))
    limit = float(np.abs(values).max()) or 1.0
    alpha = (np.abs(values) / limit)[:, :, None] * 0.8
    grey = view if view.ndim == 2 else view.mean(axis=2)
    ground = (255 * (1 - _GREYED) / 2 + grey * _GREYED)[:, :, None]
    mixed = ground * (1 - alpha) + color_signed(values * 0.6, limit=limit, dark=False) * alpha
    image: Pixels = np.rint(mixed).astype(np.uint8)
    return image


def _enlarge(cam: Tensor, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    image = Image.fromarray(cam.numpy().astype(np.float32))
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BILINEAR))


def choose_color(identity: str) -> str:
    """Return a class's own color as CSS: the same for every network, image and strength."""
    digest = hashlib.sha256(identity.encode()).digest()
    hue = 360 * int.from_bytes(digest[:2], "big") // 2**16
    lightness, chroma = _TONES[digest[2] % len(_TONES)]
    return f"oklch({lightness}% {chroma} {hue})"


def pack_card(
    model: LoadedModel, answer: Answer, *, clean: Answer, agreement: Agreement
) -> dict[str, Any]:
    """Pack one network's card for the browser.

    Args:
        model: The network.
        answer: Its answer on the corrupted image.
        clean: Its answer on the clean image; `answer` where nothing was done.
        agreement: With the other networks.
    """
    before, shared = clean.guesses[0], dict(agreement.shared)
    share = format_probability(before.probability)
    return {
        "title": model.spec.title,
        "year": model.spec.year,
        "images": _pack_images(answer),
        "guesses": [
            {
                "name": write_class(guess.identity),
                "text": format_probability(guess.probability),
                "share": guess.probability,
                "color": choose_color(guess.identity),
                "told": f"In the top-5 of {', '.join(shared[guess.identity])}"
                if guess.identity in shared
                else "",
            }
            for guess in answer.guesses
        ],
        "note": "" if clean is answer else f"clean: {write_class(before.identity)}, {share}",
        "flipped": answer.guesses[0].identity != before.identity,
    }


def _pack_images(answer: Answer) -> list[dict[str, str]]:
    rows, columns = answer.view.shape[:2]
    images = [_pack(draw_view(answer), f"input {columns}×{rows}", f"Input of {answer.title}")]
    cam = draw_cam(answer)
    if cam is not None:
        guess = write_class(answer.guesses[0].identity)
        images.append(_pack(cam, "Grad-CAM", f"Grad-CAM of {guess} in {answer.title}"))
    return images


def _pack(pixels: Pixels, caption: str, alt: str) -> dict[str, str]:
    png = base64.b64encode(to_png(pixels)).decode("ascii")
    return {"png": png, "caption": caption, "alt": alt}


def write_softmax(answer: Answer) -> str:
    """Write the top-1 probability with the image's own logits, as LaTeX."""
    logits = [float(answer.prediction.logits[index]) for index in answer.prediction.ranking]
    gaps = [logit - logits[0] for logit in logits[1:4]]
    name = write_class(answer.guesses[0].identity)
    probability = format_latex(format_probability(answer.guesses[0].probability))
    # A rounded percentage that is bounded, not given, is no equation.
    relation = "" if probability[0] in "<>" else "= "
    terms = " + ".join(f"e^{{{format_latex(format_number(gap))}}}" for gap in gaps)
    return (
        rf"p(\text{{{name}}}) = \frac{{e^{{z_1}}}}{{\sum_k e^{{z_k}}}} = "
        rf"\frac{{1}}{{1 + {terms} + \dots}} "
        rf"{relation}{probability}"
    )


def write_agreement(models: Sequence[LoadedModel], agreement: Agreement) -> str:
    """List in Markdown which networks share their top-1 class, and which a class of their top-5."""
    shared = {name: titles for name, titles in agreement.groups if len(titles) > 1}
    lines = [
        f"- **{write_class(name)}** is the top-1 class of {len(titles)} of {len(models)}: "
        f"{', '.join(titles)}."
        for name, titles in shared.items()
    ]
    if not lines and len(models) > 1:
        lines.append(f"- No two of the {len(models)} networks have the same top-1 class.")
    others = [
        f"{write_class(name)} ({len(titles)})"
        for name, titles in agreement.shared
        if name not in shared
    ]
    if others:
        lines.append(f"- Also in the top-5 of several networks: {', '.join(others)}.")
    return "\n".join(lines)


def write_counts(models: Sequence[LoadedModel]) -> str:
    """List how many classes each network knows."""
    return ", ".join(f"{one.spec.title} {format_count(len(one.spec.classes))}" for one in models)


def write_common(agreement: Agreement) -> str:
    """List what each network predicts among the classes that all of them know."""
    return ", ".join(
        f"{title} **{write_class(guess.identity)}** ({format_probability(guess.probability)})"
        for title, guess in agreement.among_common.items()
    )


def tabulate_predictions(
    models: Sequence[LoadedModel],
    images: Sequence[CheckedImage],
    rows: Sequence[Sequence[Prediction]],
) -> dict[str, list[str]]:
    """Write each network's top-1 class of images, a row an image, as far as they are there."""
    table = {"Image": [image.name for image in images[: len(rows)]]}
    for place, model in enumerate(models):
        table[model.spec.title] = [write_prediction(model, row[place]) for row in rows]
    return table


def write_prediction(model: LoadedModel, prediction: Prediction) -> str:
    """Write a network's top-1 class with its probability."""
    first = prediction.ranking[0]
    share = format_share(prediction, first)
    return f"{write_class(identify_classes(model.spec)[first])}, {share}"


def list_cells(
    model: LoadedModel,
    answer: Answer,
    agreement: Agreement,
    *,
    costs: CostTable,
    time: float | None,
) -> dict[str, str | int | float | None]:
    """Return one network's row of the table.

    Args:
        model: The network.
        answer: Its prediction.
        agreement: Of all networks.
        costs: The network's own.
        time: Milliseconds; None if not measured.
    """
    first, common = answer.guesses[0], agreement.among_common.get(model.spec.title)
    return {
        "Network": model.spec.title,
        "Time ms": time,
        "Year": model.spec.year,
        "Top-1 class": write_class(first.identity),
        "Probability %": 100 * first.probability,
        "Networks that agree": len(dict(agreement.groups)[first.identity]),
        "Among the common classes": write_class(common.identity) if common else None,
        "Top-5 classes": ", ".join(write_class(guess.identity) for guess in answer.guesses),
        "Classes": len(model.spec.classes),
        "Parameters M": costs.parameters / 1e6,
        "Multiply-adds M": costs.multiply_adds / 1e6,
        "Activations KB": costs.memory_bytes / 1024,
    }


def draw_curves(curves: Sequence[Curve], *, unit: str) -> go.Figure:
    """Draw how sure each network stays of its first guess, and mark where its guess flips.

    Args:
        curves: One a network, of the same corruption.
        unit: Of the corruption's strength.
    """
    figure = go.Figure()
    for curve in curves:
        percents = [100 * share for share in curve.probabilities]
        name = f"{curve.title}: {write_class(curve.identity)}"
        flips = [strength == curve.flip for strength in curve.strengths]
        figure.add_trace(
            go.Scatter(
                x=curve.strengths,
                y=percents,
                name=name,
                mode="lines+markers",
                marker={
                    "symbol": ["x" if flip else "circle" for flip in flips],
                    "size": [14 if flip else 5 for flip in flips],
                },
                hovertemplate=f"<b>{name}</b><br>{hover_percent('y')} at "
                f"{hover_number('x')}<extra></extra>",
            )
        )
    figure.update_xaxes(title=unit, zeroline=False)
    figure.update_yaxes(
        title="probability of the clean top-1 class, %", range=[-3, 103], zeroline=False
    )
    figure.update_layout(
        height=_HEIGHT + 22 * len(curves),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": -0.22, "yanchor": "top", "title": None},
        showlegend=True,
    )
    return figure


def write_curve(curve: Curve, *, unit: str) -> str:
    """Say in a sentence how far a network holds on to its guess; the unit is one word."""
    guess = write_class(curve.identity)
    start = f"**{curve.title}**: {guess}, {format_probability(curve.probabilities[0])}"
    if curve.flip is None or curve.flipped_to is None:
        return f"{start}; it stays to the end, {format_probability(curve.probabilities[-1])}."
    return (
        f"{start}; at {format_setting(curve.flip)} {unit} it changes to "
        f"**{write_class(curve.flipped_to)}**."
    )


def write_comparison_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Write the table as CSV, the header first; unknown cells are left empty."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(
        {key: "" if cell is None else cell for key, cell in row.items()} for row in rows
    )
    return file.getvalue().encode()

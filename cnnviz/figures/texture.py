"""Shape against texture as cards, charts and tables: what each network says of an image."""

import base64
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from cnnviz.activations.maps import Values
from cnnviz.csv_file import write_rows_csv
from cnnviz.figures.compare import write_prediction
from cnnviz.figures.format import (
    format_latex,
    format_number,
    format_probability,
    format_setting,
    format_share,
    hover_number,
)
from cnnviz.figures.tiles import Tile
from cnnviz.images.corruptions import STRENGTHS, Corruption
from cnnviz.images.image import Pixels, resize_for_view, to_png, upscale_nearest
from cnnviz.networks.class_names import identify_classes, write_class
from cnnviz.networks.load import LoadedModel, Prediction
from cnnviz.shape_texture.bias import Rule, decide, is_conflict
from cnnviz.shape_texture.style import StyleTransfer
from cnnviz.shape_texture.trials import RobustnessCurve, list_points

SHAPE_COLOR, TEXTURE_COLOR = "#3674B9", "#D96721"
CUES = ("shape", "texture", "conflict")
_TOP = 5
_SIDE = 256  # of an image of the row, in pixels

Card = dict[str, object]


def pack_image(pixels: Pixels, title: str, caption: str, tone: str = "") -> dict[str, str]:
    """Pack an image of the row, at a size that a browser need not enlarge much.

    Args:
        pixels: uint8 (H, W, 3); each pixel of a small one becomes a square.
        title: What stands above it.
        caption: What stands below it.
        tone: "shape", "texture", or empty.
    """
    if max(pixels.shape[:2]) < _SIDE // 2:
        pixels = upscale_nearest(pixels, min_size=_SIDE)
    png = base64.b64encode(to_png(resize_for_view(pixels, max_side=_SIDE))).decode("ascii")
    return {"png": png, "title": title, "caption": caption, "tone": tone}


def pack_card(
    model: LoadedModel,
    predictions: Sequence[Prediction],
    *,
    cues: tuple[frozenset[int], frozenset[int]],
    note: str = "",
) -> Card:
    """Pack what one network says of a cue conflict.

    Args:
        model: The network.
        predictions: Of the shape image, the texture image and the conflict.
        cues: Classes of the two images.
        note: One line below the decision.
    """
    shape, texture = cues
    said = predictions[2].probabilities
    if is_conflict(shape, texture):
        tone = str(decide(said, shape=shape, texture=texture, rule=Rule.FIRST))
        head = {"shape": "Shape", "texture": "Texture", "neither": "Neither"}[tone]
    else:
        tone, head = "", "No conflict"
        note = "Both originals have the same top-1 class."
    return {
        "title": model.spec.title,
        "year": model.spec.year,
        "head": head,
        "tone": tone,
        "note": note,
        "guesses": list_guesses(model, predictions[2], shape=shape, texture=texture),
    }


def pack_cards(
    models: Sequence[LoadedModel],
    predictions: Sequence[Sequence[Prediction]],
    *,
    maker: LoadedModel | None,
) -> list[Card]:
    """Pack a card for each network, the top-1 classes of the originals being the cues.

    Args:
        models: The networks.
        predictions: Of each: of the shape image, the texture image and the conflict.
        maker: The network with whose features the conflict was made; None for patches.
    """
    cards = []
    for model, said in zip(models, predictions, strict=True):
        shape, texture = (frozenset({one.ranking[0]}) for one in said[:2])
        own = maker is not None and maker.spec.name == model.spec.name
        note = "made with its own features: biased to texture" if own else ""
        cards.append(pack_card(model, said, cues=(shape, texture), note=note))
    return cards


def pack_distorted_card(model: LoadedModel, clean: Prediction, now: Prediction) -> Card:
    """Pack what one network says of a distorted image beside what it says of the clean one."""
    before = clean.ranking[0]
    share = format_share(clean, before)
    kept = now.ranking[0] == before
    name = name_classes(model, frozenset({before}))
    return {
        "title": model.spec.title,
        "year": model.spec.year,
        "head": name_classes(model, frozenset({now.ranking[0]})),
        "tone": "" if kept else "texture",
        "note": f"clean: {name}, {share}",
        "guesses": list_guesses(model, now, shape=frozenset({before}), texture=frozenset()),
    }


def list_guesses(
    model: LoadedModel,
    prediction: Prediction,
    *,
    shape: frozenset[int],
    texture: frozenset[int],
) -> list[dict[str, object]]:
    """List the five likeliest classes, each with the cue whose class it is."""
    found: list[dict[str, object]] = []
    for index in prediction.ranking[:_TOP]:
        share = float(prediction.probabilities[index])
        tone = "shape" if index in shape else "texture" if index in texture else ""
        name = name_classes(model, frozenset({index}))
        found.append(
            {"name": name, "share": share, "text": format_probability(share), "tone": tone}
        )
    return found


def name_classes(model: LoadedModel, classes: frozenset[int]) -> str:
    """Name classes by their plainest words."""
    identities = identify_classes(model.spec)
    return ", ".join(write_class(identities[index]) for index in sorted(classes)[:2])


def list_conflict_cells(
    models: Sequence[LoadedModel], predictions: Sequence[Sequence[Prediction]]
) -> list[dict[str, str]]:
    """Write the same as `tabulate_conflict` for people, in as few columns as a page shows."""
    rows = []
    for model, said in zip(models, predictions, strict=True):
        cells = {"Network": model.spec.title}
        for name, one in zip(CUES, said, strict=True):
            cells[name.capitalize()] = write_prediction(model, one)
        for name, one in zip(CUES, said[:2], strict=False):
            cells[f"P({name} class)"] = format_share(said[2], one.ranking[0])
        rows.append(cells)
    return rows


def tabulate_conflict(
    models: Sequence[LoadedModel], predictions: Sequence[Sequence[Prediction]]
) -> list[dict[str, object]]:
    """List each network's top-1 classes, and how probable both cues are in the conflict.

    Args:
        models: The networks.
        predictions: Of each: of the shape image, the texture image and the conflict.
    """
    rows = []
    for model, said in zip(models, predictions, strict=True):
        row: dict[str, object] = {"network": model.spec.title}
        for name, one in zip(CUES, said, strict=True):
            first = one.ranking[0]
            row[f"{name}: top-1 class"] = model.spec.classes[first]
            row[f"{name}: probability"] = round(float(one.probabilities[first]), 6)
        for name, one in zip(CUES, said[:2], strict=False):
            share = float(said[2].probabilities[one.ranking[0]])
            row[f"conflict: probability of the {name}'s class"] = round(share, 6)
        rows.append(row)
    return rows


def root_grams(grams: Sequence[Tensor]) -> Values:
    """Take the roots of Gram matrices, (n, C, C), with their sign, so that faint channels show."""
    values: Values = torch.stack(tuple(grams)).numpy()
    rooted: Values = (np.sign(values) * np.sqrt(np.abs(values))).astype(np.float32)
    return rooted


def name_grams() -> list[Tile]:
    """Name the Gram matrices of both originals and the conflict."""
    return [
        Tile(place, name, title=name, label=f"Gram matrix of the {name}")
        for place, name in enumerate(CUES)
    ]


def write_gram_formula(grams: Sequence[Tensor], *, places: int) -> tuple[str, ...]:
    """Write the Gram matrix, with the entry that the texture has the most of beside the others.

    Args:
        grams: Of the shape image, the texture image and the conflict, (C, C).
        places: Of the layer's maps.
    """
    texture = grams[1].clone()
    texture.fill_diagonal_(0)
    place = int(texture.argmax())
    row, column = divmod(place, texture.shape[1])
    entries = [format_latex(format_number(float(gram[row, column]))) for gram in grams]
    told = [
        rf"G^{{\text{{{name}}}}}_{{{row},{column}}} = {entry}"
        for name, entry in zip(CUES, entries, strict=True)
    ]
    formula = (
        rf"G_{{ij}} = \frac{{1}}{{M}} \sum_{{k=1}}^{{M}} F_{{ik}} F_{{jk}}, \quad M = {places}"
    )
    return formula, r",\;\; ".join(told[:2]), told[2]


def write_loss_formula(transfer: StyleTransfer, *, weight: float, layers: int) -> tuple[str, str]:
    """Write what was made small, and the last step's numbers in it."""
    content, style = transfer.content[-1], transfer.style[-1]
    formula = (
        r"L = \frac{\lVert F - P \rVert^2}{\lVert P \rVert^2} + w \cdot \frac{1}{"
        rf"{layers}" + r"} \sum_l \frac{\lVert G_l - A_l \rVert^2}{\lVert A_l \rVert^2}"
    )
    total, *terms = (
        format_latex(format_number(value)) for value in (content + weight * style, content, style)
    )
    told = rf"= {terms[0]} + {format_setting(weight)} \cdot {terms[1]} = {total}"
    return formula, told


def describe_losses(transfer: StyleTransfer) -> str:
    """Say from what to what each loss went: the content's may rise while the style's falls."""
    told = []
    for name, values in (("style", transfer.style), ("content", transfer.content)):
        went = "falls" if values[-1] <= values[0] else "rises"
        first, last = format_number(values[0]), format_number(values[-1])
        told.append(f"The {name} loss {went} from {first} to {last}.")
    return " ".join(told)


def draw_losses(transfer: StyleTransfer) -> go.Figure:
    """Draw both losses against the steps, the axis as long as the whole run."""
    steps = list(range(1, len(transfer.content) + 1))
    figure = go.Figure(
        [
            go.Scatter(
                x=steps,
                y=list(values),
                name=name,
                mode="lines",
                line={"color": color, "width": 2},
                hovertemplate=f"{name}, step %{{x}}: {hover_number('y')}<extra></extra>",
            )
            for name, values, color in (
                ("content (shape)", transfer.content, SHAPE_COLOR),
                ("style (texture)", transfer.style, TEXTURE_COLOR),
            )
        ]
    )
    figure.update_layout(
        height=230,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        xaxis={"title": {"text": "step"}, "range": [0, transfer.steps], "zeroline": False},
        yaxis={"title": {"text": "loss"}, "rangemode": "tozero"},
    )
    return figure


def draw_robustness(curves: Sequence[RobustnessCurve], corruption: Corruption) -> go.Figure:
    """Draw how many images each network still names as before, against the strength."""
    points = list_points(corruption)
    figure = go.Figure()
    for curve in curves:
        if not curve.total:
            continue
        figure.add_trace(
            go.Scatter(
                x=points[: len(curve.kept)],
                y=[100 * kept / curve.total for kept in curve.kept],
                customdata=list(curve.kept),
                name=f"{curve.title} (of {curve.total})",
                mode="lines+markers",
                line={"width": 2.5},
                hovertemplate=f"<b>{curve.title}</b><br>%{{customdata}} of {curve.total} "
                "at %{x}<extra></extra>",
            )
        )
    unit = STRENGTHS[corruption].unit
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        showlegend=True,
        xaxis={
            "title": {"text": f"{corruption}, {unit}"},
            "range": [points[0], points[-1]],
            "zeroline": False,
        },
        yaxis={"title": {"text": "same top-1 class, %"}, "range": [-3, 103]},
    )
    return figure


def tabulate_robustness(
    curves: Sequence[RobustnessCurve], corruption: Corruption
) -> list[dict[str, object]]:
    """Make a table of the counts: a row a strength."""
    rows: list[dict[str, object]] = []
    for place, point in enumerate(list_points(corruption)):
        row: dict[str, object] = {str(corruption): point}
        for curve in curves:
            if place < len(curve.kept):
                row[f"{curve.title}, of {curve.total}"] = curve.kept[place]
        rows.append(row)
    return rows


def write_losses_csv(transfer: StyleTransfer) -> bytes:
    """Write both losses as CSV, a row a step."""
    return write_rows_csv(
        [
            {"step": step + 1, "content loss": content, "style loss": style}
            for step, (content, style) in enumerate(
                zip(transfer.content, transfer.style, strict=True)
            )
        ]
    )

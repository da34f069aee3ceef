"""Training recipes as a table, the ResNet-RS ladder, a search and compound scaling as charts."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from torch import nn

from cnnviz.costs.table import CostTable
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import (
    format_count,
    format_number,
    format_percent,
    format_points,
    format_quantity,
    format_setting,
    format_shape,
    hover_number,
    hover_percent,
)
from cnnviz.labs.architecture_search import DECISIONS, Search, Strategy, Trial
from cnnviz.labs.compound_scaling import Growing
from cnnviz.networks.zoo.findings import FINDINGS
from cnnviz.networks.zoo.published_recipes import PublishedRecipe
from cnnviz.networks.zoo.registry import NetworkSpec
from cnnviz.training.history import History
from cnnviz.training.recipes import MOMENTUM, Optimizer

(LADDER,) = (one for one in FINDINGS if one.name == "resnet-rs")
STEPS = tuple(str(name) for name, _ in LADDER.rows[1:])
_ARCHITECTURE = STEPS[-2:]  # the others change the training alone
STRATEGIES = {Strategy.CONTROLLER: "Controller", Strategy.RANDOM: "Random search"}
GROWING = {
    Growing.DEPTH: "Depth alone",
    Growing.WIDTH: "Width alone",
    Growing.RESOLUTION: "Resolution alone",
    Growing.TOGETHER: "All three",
}
ACCURACIES = ("Validation accuracy, %", "Held-out accuracy, %")
_ORANGE, _BLUE, _RED, _GRAY = "#D96721", "#3674B9", "#C02020", "#8A8577"
_PAPER, _INK = "#F3E9DC", "#1D2433"
_COLORS = {Strategy.CONTROLLER: _ORANGE, Strategy.RANDOM: _BLUE}
_NORMS = {nn.BatchNorm2d: "batch", nn.LocalResponseNorm: "local response"}


class Ingredient(StrEnum):
    """What a recipe says; the values are the rows' titles."""

    IMAGES = "Images"
    EPOCHS = "Epochs"
    OPTIMIZER = "Optimizer"
    BATCH = "Batch size"
    RATE = "Learning rate"
    SCHEDULE = "Schedule"
    DECAY = "Weight decay"
    REGULARIZATION = "Regularization"
    NORMALIZATION = "Normalization"
    AUGMENTATION = "Augmentation"
    TESTING = "Evaluation"
    RESULT = "Result"


Cells = dict[Ingredient, str]


def write_published(recipe: PublishedRecipe) -> Cells:
    """Write a published recipe, a cell for each ingredient."""
    return {
        Ingredient.IMAGES: recipe.images,
        Ingredient.EPOCHS: format_count(round(recipe.epochs)),
        Ingredient.OPTIMIZER: recipe.optimizer,
        Ingredient.BATCH: format_count(recipe.batch),
        Ingredient.RATE: format_setting(recipe.rate),
        Ingredient.SCHEDULE: recipe.schedule,
        Ingredient.DECAY: _write_decay(recipe.decay),
        Ingredient.REGULARIZATION: recipe.regularization,
        Ingredient.NORMALIZATION: recipe.normalization,
        Ingredient.AUGMENTATION: recipe.augmentation,
        Ingredient.TESTING: recipe.testing,
        Ingredient.RESULT: recipe.result,
    }


def write_own(spec: NetworkSpec, history: History, facts: Mapping[str, Any]) -> Cells:
    """Write the recipe of a network that was trained here, from its model card.

    Args:
        spec: The network; its layers say how it is normalized and whether there is dropout.
        history: What its card tells of the training.
        facts: The card.
    """
    modules = list(spec.build().modules())
    told = facts["recipe"]
    dropped = [f"dropout {format_setting(one.p)}" for one in modules if isinstance(one, nn.Dropout)]
    smoothed = [f"label smoothing {format_setting(history.label_smoothing)}"]
    norms = [text for kind, text in _NORMS.items() if any(type(one) is kind for one in modules)]
    with_momentum = f"SGD, Nesterov {format_setting(MOMENTUM)}"
    return {
        Ingredient.IMAGES: f"{history.trained_on}, {format_shape(spec.preprocessing.shape[1:])}",
        Ingredient.EPOCHS: format_count(len(history.epochs)),
        Ingredient.OPTIMIZER: with_momentum
        if history.optimizer == Optimizer.SGD
        else history.optimizer,
        Ingredient.BATCH: format_count(history.batch),
        Ingredient.RATE: format_setting(history.learning_rate),
        Ingredient.SCHEDULE: f"{format_percent(told['warm_up'], digits=0)} of warm-up, cosine",
        Ingredient.DECAY: _write_decay(history.weight_decay),
        Ingredient.REGULARIZATION: ", ".join((*dict.fromkeys(dropped), *smoothed)),
        Ingredient.NORMALIZATION: ", ".join(norms) or "none",
        Ingredient.AUGMENTATION: _write_augmentation(told),
        Ingredient.TESTING: "1 crop; 1 network",
        Ingredient.RESULT: f"top-1 accuracy {format_percent(1 - history.final_error / 100)}",
    }


def _write_decay(decay: float) -> str:
    return format_setting(decay) if decay >= 1e-4 or not decay else format_number(decay)


def _write_augmentation(told: Mapping[str, Any]) -> str:
    """What the card says of the variation of photographs or of digits."""
    if "cropping" in told:
        area = format_percent(told["cropping"]["area"], digits=0)
        pasted = format_percent(told["pasted"], digits=0)
        return f"random part of at least {area}, mirror, CutMix in {pasted}"
    others = ", ".join(name for name in told["distortion"] if name != "rotation")
    return f"turn up to {format_setting(told['distortion']['rotation'])}°, {others}"


def tabulate_recipes(recipes: Mapping[str, Cells]) -> dict[str, list[str]]:
    """Arrange recipes as columns, by their titles; the first column says what stands in a row."""
    table = {"": [str(one) for one in Ingredient]}
    return table | {title: [cells[one] for one in Ingredient] for title, cells in recipes.items()}


def draw_ladder(chosen: str) -> go.Figure:
    """Draw what each step of the ResNet-RS ladder adds; a click tells its name.

    Args:
        chosen: The step that is marked.
    """
    values = [float(value) for _, value in LADDER.rows]
    changes = [after - before for before, after in pairwise(values)]
    colors = [
        _RED if change < 0 else _BLUE if name in _ARCHITECTURE else _ORANGE
        for name, change in zip(STEPS, changes, strict=True)
    ]
    edges = ["rgba(128,128,128,0.9)" if name == chosen else "rgba(0,0,0,0)" for name in STEPS]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=STEPS,
            x=changes,
            base=values[:-1],
            customdata=[[name] for name in STEPS],
            marker={"color": colors, "line": {"color": edges, "width": 4}},
            text=[
                f"{format_points(one)} → {value}"
                for one, value in zip(changes, values[1:], strict=True)
            ],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text} %<extra></extra>",
        )
    )
    figure.add_vline(
        x=values[0],
        line={"color": _GRAY, "dash": "dot"},
        annotation={
            "text": f"{LADDER.rows[0][0]}: {format_number(values[0])}",
            "yanchor": "top",
            "y": 0.1,
        },
    )
    lay_out_curves(figure, x="top-1 accuracy on ImageNet, %", height=430)
    figure.update_layout(
        xaxis={"range": [min(values) - 1.2, max(values) + 1.2]},
        yaxis={"autorange": "reversed"},
        showlegend=False,
    )
    return figure


def sum_ladder() -> dict[str, float]:
    """Return the points that training and that architecture add."""
    values = [float(value) for _, value in LADDER.rows]
    cut = -1 - len(_ARCHITECTURE)
    return {"training": values[cut] - values[0], "architecture": values[-1] - values[cut]}


def draw_search(search: Search | None, *, trials: int, chosen: Trial | None) -> go.Figure:
    """Draw every trial, and the best so far of both strategies; a click tells a trial's number.

    Args:
        search: As far as it is; None before it.
        trials: Of each strategy in the end.
        chosen: The one that is marked.
    """
    figure = go.Figure()
    for strategy, title in STRATEGIES.items():
        found = [] if search is None else search.list_of(strategy)
        best = [] if search is None else search.list_best(strategy)
        numbers = list(range(1, len(found) + 1))
        figure.add_scatter(
            x=numbers,
            y=[100 * one for one in best],
            name=f"{title}, best so far",
            mode="lines",
            line={"color": _COLORS[strategy], "width": 3.5, "shape": "hv"},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=numbers,
            y=[100 * one.accuracy for one in found],
            customdata=[[one.number, one.layers, format_count(one.parameters)] for one in found],
            name=f"{title}, each network",
            mode="markers",
            marker={
                "color": _COLORS[strategy],
                "size": [16 if one == chosen else 9 for one in found],
                "line": {"width": [3 if one == chosen else 0 for one in found]},
            },
            hovertemplate=f"{title}, network %{{x}}: {hover_percent('y')}<br>%{{customdata[1]}}<br>"
            "%{customdata[2]} parameters<extra></extra>",
        )
    lay_out_curves(figure, x="network", y="validation accuracy, %", height=420)
    figure.update_layout(xaxis={"range": [0, trials + 1]}, yaxis={"range": [0, 102]})
    return figure


def draw_policy(probabilities: Sequence[Any]) -> go.Figure:
    """Draw the controller's probability of each option as a cell, a row for each decision."""
    width = max(len(one.options) for one in DECISIONS)
    shares = [[float(share) for share in row] for row in probabilities]
    figure = go.Figure(
        go.Heatmap(
            z=[[*row, *[None] * (width - len(row))] for row in shares],
            y=[one.name for one in DECISIONS],
            text=[[*one.options, *[""] * (width - len(one.options))] for one in DECISIONS],
            texttemplate="%{text}",
            textfont={"size": 12, "color": _INK},
            colorscale=[[0, _PAPER], [1, _ORANGE]],
            zmin=0,
            zmax=1,
            xgap=2,
            ygap=2,
            showscale=False,
            hoverongaps=False,
            hovertemplate=f"%{{y}}: %{{text}} with probability {hover_number('z')}<extra></extra>",
        )
    )
    lay_out_curves(figure, x="", height=420)
    figure.update_layout(
        xaxis={"visible": False},
        yaxis={"autorange": "reversed", "showgrid": False},
        margin={"l": 8, "b": 8},
    )
    return figure


def tabulate_trials(search: Search) -> dict[str, list[Any]]:
    """List the networks that were tried, the most accurate first."""
    ranked = sorted(search.trials, key=lambda one: -one.accuracy)
    return {
        "Network": [one.number for one in ranked],
        "Found by": [STRATEGIES[one.strategy] for one in ranked],
        ACCURACIES[0]: [100 * one.accuracy for one in ranked],
        ACCURACIES[1]: [100 * one.test for one in ranked],
        "Parameters": [one.parameters for one in ranked],
        "Layers": [one.layers for one in ranked],
    }


def draw_scaling(
    costs: Mapping[Growing, CostTable], promises: Mapping[Growing, float], *, first: CostTable
) -> go.Figure:
    """Draw how many times the multiply-adds grew, as promised and as built.

    Args:
        costs: Of the networks that were built.
        promises: The paper's factors.
        first: What the network costs before it is scaled.
    """
    built = {one: table.multiply_adds / first.multiply_adds for one, table in costs.items()}
    figure = go.Figure()
    for title, values, color in (("promised", promises, _GRAY), ("built", built, _ORANGE)):
        figure.add_bar(
            x=[GROWING[one] for one in costs],
            y=[values[one] for one in costs],
            name=title,
            marker={"color": color},
            text=[f"{format_number(values[one])}×" for one in costs],
            textposition="auto",
            hovertemplate=f"%{{x}}, {title}: %{{text}}<extra></extra>",
        )
    lay_out_curves(figure, x="", y="multiply-adds, times Lite0’s", height=400)
    figure.update_layout(bargap=0.3)
    return figure


def write_scaled(table: CostTable, *, blocks: int) -> str:
    """Write what a scaled network is and costs."""
    return (
        f"{blocks} blocks, input {format_shape(table.input_shape)}, "
        f"{format_quantity(table.parameters)} parameters, "
        f"{format_quantity(table.multiply_adds)} multiply-adds"
    )

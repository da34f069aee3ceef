"""The home page's card of every page: a strip that is computed from the networks in memory."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch

from cnnviz.activations.read import read_activations
from cnnviz.activations.sliding import KERNELS, convolve, parse_kernel, pool, rectify
from cnnviz.activations.strongest_maps import read_strongest
from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.costs.calculator import LayerSetting, LayerType, count_layer
from cnnviz.costs.rows import Convention, Fold, fold_rows
from cnnviz.costs.table import measure_costs
from cnnviz.digits import mnist
from cnnviz.figures.format import format_count
from cnnviz.figures.gradient_flow import SHORTCUTS
from cnnviz.figures.optimizers import OPTIMIZERS, SCHEDULES
from cnnviz.figures.signal import ACTIVATIONS
from cnnviz.figures.strip import Strip, pack_bars, pack_ink, pack_signed
from cnnviz.labs.gradient_flow import Norm, Shortcut, send_flow
from cnnviz.labs.network_builder import SeededDropout
from cnnviz.labs.normalization import Normalization, normalize
from cnnviz.labs.optimizers import (
    SURFACES,
    Optimizer,
    Schedule,
    Settings,
    Surface,
    descend,
    list_rates,
)
from cnnviz.labs.signal import Activation, Initialization, Scaling, send_signal
from cnnviz.labs.training import Learner, draw_batches, train_together
from cnnviz.labs.transfer.head import train_head
from cnnviz.networks.graph.stages import fold_network
from cnnviz.networks.load import load_model, predict
from cnnviz.quizzes.kinds import make_question
from cnnviz.receptive_fields.effective import WeightSource, compute_effective_field
from cnnviz.receptive_fields.stacks import StackKind
from cnnviz.showcase import experiments, networks
from cnnviz.showcase.drawing import NETWORK, draw_field, draw_sample, make_input

_FIELD_SAMPLES = 32


def _draw_digit_card(_digit: int) -> Strip:
    """All sample drawings with what LeNet-5 reads."""
    model = load_model(NETWORK)
    panels = []
    guesses = []
    for strokes in mnist.sample_digits():
        field = draw_field(strokes)
        prediction = predict(model, make_input(field))
        guesses.append(model.spec.classes[prediction.ranking[0]])
        panels.append(pack_ink(field[None], note=guesses[-1]))
    label = f"Ten sample drawings. LeNet-5 predicts {', '.join(guesses)}."
    return Strip(panels, label=label)


# Rows and columns of paper around a digit, which has no edges there.
_PAPER = 3


def _draw_convolution_card(digit: int) -> Strip:
    """A digit's pixels, their edges, and what ReLU and pooling leave of them."""
    ink = draw_field(mnist.sample_digits()[digit])[_PAPER:-_PAPER, _PAPER:-_PAPER]
    convolved = convolve(ink.astype(np.float64), parse_kernel(KERNELS["Sobel ↔"][0]), padding=1)
    rectified = rectify(convolved.values)
    pooled = pool(rectified, kind=StackKind.MAX_POOLING)
    maps = (
        ("convolution", convolved.values),
        ("ReLU", rectified),
        ("max pooling", pooled.values),
    )
    return Strip(
        panels=(
            pack_ink(ink[None], note="input"),
            *(
                pack_signed(torch.from_numpy(values)[None, None], note=note)
                for note, values in maps
            ),
        ),
        label=f"A drawn {digit}, its edges by a 3×3 kernel, what ReLU leaves of them, and pooling.",
    )


def _draw_activations_card(digit: int) -> Strip:
    """The first layer's kernels over the maps they make of the drawing."""
    model = load_model(NETWORK)
    field = draw_sample(digit)
    x = make_input(field)
    maps = read_activations(model, x, layers=("c1",))["c1"]
    weight = model.module.get_parameter("c1.weight")
    kernels = weight.permute(1, 0, 2, 3)  # (6, 1, 5, 5) -> (1, 6, 5, 5)
    title = model.graph.find("c1").title
    count = len(weight)
    return Strip(
        panels=(
            pack_signed(kernels, note=f"{count} kernels of {title}", across=count),
            pack_signed(maps, note="their activation maps", across=count),
        ),
        label=f"The {count} kernels of {title} and their maps of a drawn {digit}.",
    )


def _draw_whole_card(digit: int) -> Strip:
    """The strongest map of every layer of LeNet-5 that has maps."""
    model = load_model(NETWORK)
    x = make_input(draw_sample(digit))
    parts = [
        part for part in fold_network(model.graph)[1:] if model.graph.find(part.shown).is_spatial
    ]
    maps = read_strongest(model, x, layers=[part.shown for part in parts], count=1).maps
    panels = [
        pack_signed(torch.from_numpy(values)[None] * 1.0, note=part.title)
        for part in parts
        if (values := maps[part.shown].values).shape[1] > 1
    ]
    return Strip(
        panels,
        label=f"The strongest map of each layer of LeNet-5 for a drawn {digit}.",
    )


def _draw_costs_card(_digit: int) -> Strip:
    """LeNet-5's memory, parameters and work as bars over its layers."""
    model = load_model(NETWORK)
    # Measured on the loaded network: to follow shapes alone, torch first imports for seconds.
    table = measure_costs(model.module, input_shape=model.spec.preprocessing.shape)
    rows = fold_rows(table, fold=Fold.LAYERS, convention=Convention())
    bars = (
        ("memory", [row.memory_bytes for row in rows]),
        ("parameters", [row.parameters for row in rows]),
        ("multiply-adds", [row.operations for row in rows]),
    )
    return Strip(
        tuple(pack_bars(values, note=name) for name, values in bars),
        label=(
            f"Memory, parameters and multiply-adds of the {len(rows)} layers of "
            f"{model.spec.title}, as bars from the input to the output."
        ),
    )


# Layers whose weights are shown, and how many kernels stand side by side.
_WEIGHT_PANELS = (("c1", 3), ("c3", 12), ("f6", 1))


# C1 to C5: what a cell sees grows from 5×5 pixels to the whole picture.
_FIELD_LAYERS = ("c1", "s2", "c3", "s4", "c5")


def _draw_fields_card(_digit: int) -> Strip:
    """What the middle cell of each layer really looks at."""
    model = load_model(NETWORK)
    panels = []
    for name in _FIELD_LAYERS:
        field = compute_effective_field(
            model, layer=name, weights=WeightSource.TRAINED, samples=_FIELD_SAMPLES
        )
        side = field.patch.bottom - field.patch.top + 1
        values = field.energy.sqrt().to(torch.float32)[None, None]  # (H, W) -> (1, 1, H, W)
        note = f"{side}×{side}"
        panels.append(pack_signed(values, note=note))
    return Strip(
        panels,
        label="The pixels that move one cell of LeNet-5: a few in C1, all of them in C5.",
    )


def _draw_networks_card(_digit: int) -> Strip:
    """What a weight file holds: all of LeNet-5's kernels and matrices."""
    model = load_model(NETWORK)
    panels = []
    for name, across in _WEIGHT_PANELS:
        weight = model.module.get_parameter(f"{name}.weight")
        kernels = weight.reshape(1, -1, *(weight.shape[2:] or weight.shape))  # (1, n, H, W)
        note = f"{model.graph.find(name).title}: {format_count(weight.numel())}"
        panels.append(pack_signed(kernels, note=note, across=across))
    return Strip(
        panels,
        label=f"The numbers in the weight file of {model.spec.title}, layer by layer.",
    )


_BATCH = 3  # images, of which the middle one's third map is normalized


def _draw_normalization_card(digit: int) -> Strip:
    """The maps of three digits that share one mean, for each way of normalization."""
    model = load_model(NETWORK)
    drawn = [mnist.sample_digits()[(digit + place) % 10] for place in range(_BATCH)]
    x = torch.cat([make_input(draw_field(strokes)) for strokes in drawn])
    values = read_activations(model, x, layers=("c1",))["c1"]
    panels = []
    for kind in (Normalization.BATCH, Normalization.LAYER, Normalization.INSTANCE):
        shared = normalize(values, kind=kind).find_shared(1, 2)[:, :, None, None]
        maps = (values * shared).flatten(0, 1)[None]  # (N, C, H, W) -> (1, N·C, H, W)
        panels.append(pack_signed(maps, note=str(kind), across=values.shape[1]))
    return Strip(panels, label="Maps of three digits that share one mean, in three methods.")


# What LeNet-5's second convolution reads and writes.
_MIDDLE = LayerSetting(channels=6, sizes=(14, 14), filters=16, padding=0)


def _draw_calculator_card(_digit: int) -> Strip:
    """Parameters, work and output of three layers on the same input."""
    kinds = (LayerType.CONVOLUTION, LayerType.SEPARABLE, LayerType.TRANSPOSED)
    counts = [count_layer(replace(_MIDDLE, type=kind)) for kind in kinds]
    bars = (
        ("parameters", [count.parameters for count in counts]),
        ("multiply-adds", [count.multiply_adds for count in counts]),
        ("output", [count.output_bytes for count in counts]),
    )
    return Strip(
        tuple(pack_bars(values, note=name) for name, values in bars),
        label="A convolution, a depthwise separable and a transposed one on the same input.",
    )


_LAYERS = 8


def _draw_signal_card(_digit: int) -> Strip:
    """Activations of eight layers with three activation functions, as bars by layer."""
    panels = []
    for function in (Activation.SIGMOID, Activation.TANH, Activation.RELU):
        signal = send_signal(
            function=function,
            initialization=Initialization.XAVIER,
            scaling=Scaling.STANDARDIZED,
            depth=_LAYERS,
        )
        norms = signal.find_gradient_norms()
        panels.append(pack_bars(norms.tolist(), note=ACTIVATIONS[function]))
    label = "Size of the gradient in eight layers, with three activation functions."
    return Strip(panels, label=label)


def _draw_gradient_flow_card(_digit: int) -> Strip:
    """Activations of eight blocks with and without shortcuts, as bars by block."""
    panels = []
    for shortcut in Shortcut:
        flow = send_flow(
            shortcut,
            function=Activation.RELU,
            initialization=Initialization.XAVIER,
            norm=Norm.NONE,
            blocks=_LAYERS,
        )
        panels.append(pack_bars(flow.deviations.tolist(), note=SHORTCUTS[shortcut]))
    label = "Size of the activations in eight blocks, without and with shortcuts."
    return Strip(panels, label=label)


_LOOKS = 8  # steps between two bars


def _draw_optimizers_card(_digit: int) -> Strip:
    """How far three optimizers are from the minimum, as bars by step."""
    facts, panels = SURFACES[Surface.QUADRATIC], []
    settings = Settings(rate=facts.rate, adaptive_rate=facts.adaptive_rate)
    for optimizer in (Optimizer.SGD, Optimizer.MOMENTUM, Optimizer.ADAM):
        way = descend(
            Surface.QUADRATIC,
            optimizer,
            settings=settings,
            start=facts.start,
            condition=19,
            steps=_LAYERS * _LOOKS,
        )
        distances = way.points.norm(dim=1)[::_LOOKS]
        panels.append(pack_bars(distances.tolist(), note=OPTIMIZERS[optimizer]))
    label = "Distance from the minimum step by step, for three optimizers."
    return Strip(panels, label=label)


_DROPPED = ("0", "0.2", "0.5")


def _draw_regularization_card(digit: int) -> Strip:
    """What three dropout layers leave of the maps of a digit."""
    model = load_model(NETWORK)
    x = make_input(draw_field(mnist.sample_digits()[digit]))
    values = read_activations(model, x, layers=("c3",))["c3"]
    panels = []
    for share in _DROPPED:
        dropout = SeededDropout(float(share), torch.Generator().manual_seed(digit))
        kept = dropout(torch.ones(values.shape[:2])) > 0
        panels.append(pack_signed(values * kept[:, :, None, None], note=f"p = {share}", across=4))
    return Strip(panels, label="Maps of a digit, of which dropout sets more and more to zero.")


_TRAINED = (1, 10, 100)  # steps


def _draw_train_card(digit: int) -> Strip:
    """The weights of one class of a linear classifier, while it learns."""
    data = load_written_digits()
    network = torch.nn.Linear(data.train.shape[1], len(data.classes))
    torch.nn.init.zeros_(network.weight)
    learner = Learner(network, torch.optim.SGD(network.parameters(), lr=0.1))
    batches = draw_batches(data.train, data.train_labels, batch=64, steps=_TRAINED[-1], seed=0)
    panels = []
    for step in train_together([learner], batches):
        if step in _TRAINED:
            weights = network.weight.detach()[digit].reshape(1, 1, *data.shape)
            panels.append(pack_signed(weights, note=f"step {step}"))
    return Strip(panels, label=f"Weights for the digit {digit}, while a classifier learns.")


def _draw_recipes_card(_digit: int) -> Strip:
    """The learning rates of three schedules, as bars by step."""
    panels = [
        pack_bars(list_rates(schedule, rate=1.0, steps=_LAYERS), note=SCHEDULES[schedule])
        for schedule in (Schedule.CONSTANT, Schedule.STEP, Schedule.COSINE)
    ]
    return Strip(panels, label="The learning rate step by step, by three schedules.")


def _draw_quizzes_card(digit: int) -> Strip:
    """A question: which digit made this map?"""
    picture = make_question("digit_of_map", digit + 1).draft.picture
    panels = picture.maps.panels if picture is not None and picture.maps is not None else ()
    return Strip(panels, label="An activation map, and four digits of which one made it.")


_SHOTS = (1, 3, 10)  # images a class


def _draw_transfer_card(_digit: int) -> Strip:
    """Accuracy on each digit of heads that learned from few images."""
    data = load_written_digits()
    classes, panels = len(data.classes), []
    for count in _SHOTS:
        rows = [(data.train_labels == label).nonzero()[:count, 0] for label in range(classes)]
        pick = torch.cat(rows)
        head = train_head(data.train[pick], data.train_labels[pick], classes=classes)
        right = head.score(data.test).argmax(dim=1) == data.test_labels
        shares = [
            float(right[data.test_labels == label].float().mean()) for label in range(classes)
        ]
        panels.append(pack_bars(shares, note=f"{count} a class"))
    return Strip(panels, label="Accuracy on each digit, after 1, 3 and 10 images of each.")


_CARDS: dict[str, Callable[[int], Strip]] = {
    "convolution": _draw_convolution_card,
    "layer_calculator": _draw_calculator_card,
    "digit": _draw_digit_card,
    "whole_network": _draw_whole_card,
    "activations": _draw_activations_card,
    "camera": experiments.draw_camera_card,
    "receptive_fields": _draw_fields_card,
    "attribution": experiments.draw_attribution_card,
    "occlusion": experiments.draw_occlusion_card,
    "excites": experiments.draw_excites_card,
    "architectures": networks.draw_architectures_card,
    "costs": _draw_costs_card,
    "networks": _draw_networks_card,
    "tradeoffs": networks.draw_tradeoffs_card,
    "compare": experiments.draw_compare_card,
    "evaluation": experiments.draw_evaluation_card,
    "adversarial": experiments.draw_adversarial_card,
    "fooling": experiments.draw_fooling_card,
    "linear": experiments.draw_linear_card,
    "texture": experiments.draw_texture_card,
    "normalization": _draw_normalization_card,
    "signal": _draw_signal_card,
    "gradient_flow": _draw_gradient_flow_card,
    "optimizers": _draw_optimizers_card,
    "regularization": _draw_regularization_card,
    "train": _draw_train_card,
    "recipes": _draw_recipes_card,
    "lectures": experiments.draw_lectures_card,
    "classroom": experiments.draw_classroom_card,
    "quizzes": _draw_quizzes_card,
    "transfer": _draw_transfer_card,
}


@lru_cache(maxsize=100)
def compute_card(url: str, digit: int) -> Strip:
    """Compute the picture on a page's card.

    Args:
        url: The page's path, as in the site map.
        digit: Which of the ten sample drawings.

    Raises:
        WeightsError: The network has no weights.
    """
    return _CARDS[url](digit)

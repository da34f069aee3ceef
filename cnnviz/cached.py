"""What visitors share: readings and worked cells, by network, image and layer.

A key contains the image's digest, never the image. Every cache has a bound, and what it returns
is never written to.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from cnnviz.activations.cells import CellExplanation, explain_cell
from cnnviz.activations.maps import LayerReading, read_layer
from cnnviz.activations.read import read_activations
from cnnviz.activations.strongest_maps import NetworkReading, read_strongest
from cnnviz.cache import SizedLRUCache, estimate_bytes
from cnnviz.camera import Sight, look
from cnnviz.comparison import Answer, predict_with_map
from cnnviz.costs.table import CostTable, compute_costs, measure_costs
from cnnviz.images.image import CheckedImage
from cnnviz.images.names import load_named
from cnnviz.labs.augmentation import Augmented, Transform, augment_image
from cnnviz.labs.compound_scaling import count_costs
from cnnviz.labs.dropout import DropoutTraining, train_with_dropout
from cnnviz.labs.gradient_flow import Flow, Norm, Shortcut, send_flow
from cnnviz.labs.lesions import Lesions, chain_network, find_shares, measure_lesions
from cnnviz.labs.normalization import predict_in_training
from cnnviz.labs.optimizer_race import GradientNoise, measure_noise
from cnnviz.labs.optimizers import Descent, Optimizer, Settings, Surface, descend
from cnnviz.labs.signal import Activation, Initialization, Scaling, Signal, send_signal
from cnnviz.networks.graph.layer_facts import LayerFacts, describe_layers
from cnnviz.networks.graph.stages import find_channels_last, fold_network, list_parts
from cnnviz.networks.load import Prediction, load_model, predict
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.efficientnet_lite import Factors

_MIB = 2**20
_COSTS: SizedLRUCache[str, CostTable] = SizedLRUCache(max_entries=128)
# Of the longest network, 1,100 operations, half a megabyte.
_ROW_BYTES = 500
_TABLES: SizedLRUCache[tuple[str, int], CostTable] = SizedLRUCache(max_bytes=32 * _MIB)
_SCALED: SizedLRUCache[Factors, CostTable] = SizedLRUCache(max_bytes=16 * _MIB)
_INPUTS: SizedLRUCache[tuple[str, str], Tensor] = SizedLRUCache(max_entries=64, max_bytes=64 * _MIB)
# VGG's first layer, 64 maps of 224×224, takes 13 MB.
_READINGS: SizedLRUCache[tuple[str, str, str], LayerReading] = SizedLRUCache(
    max_entries=64, max_bytes=192 * _MIB
)
_CELLS: SizedLRUCache[tuple[str, str, str, tuple[int, int, int]], CellExplanation] = SizedLRUCache(
    max_entries=256, max_bytes=32 * _MIB
)
_ANSWERS: SizedLRUCache[tuple[str, str], Answer] = SizedLRUCache(
    max_entries=128, max_bytes=64 * _MIB
)
_PREDICTIONS: SizedLRUCache[tuple[str, str], Prediction] = SizedLRUCache(
    max_entries=1024, max_bytes=32 * _MIB
)
_WHOLE: SizedLRUCache[tuple[str, str], NetworkReading] = SizedLRUCache(
    max_entries=128, max_bytes=64 * _MIB
)
_SIGHTS: SizedLRUCache[tuple[str, str, str], Sight] = SizedLRUCache(
    max_entries=128, max_bytes=32 * _MIB
)
# What a network misses on an image; "" where it misses nothing.
_FAULTS: SizedLRUCache[tuple[str, str], str] = SizedLRUCache(max_entries=1024)
_BATCHES: SizedLRUCache[tuple[str, ...], Tensor] = SizedLRUCache(max_bytes=128 * _MIB)
# Of fifty layers 11 MB.
_SIGNALS: SizedLRUCache[tuple[str, ...], Signal] = SizedLRUCache(max_bytes=128 * _MIB)
# A descent of 200 steps takes 50 KB.
_DESCENTS: SizedLRUCache[tuple[object, ...], Descent] = SizedLRUCache(max_entries=512)
_FLOWS: SizedLRUCache[tuple[str, ...], Flow] = SizedLRUCache(max_entries=512)
_CHAINED: SizedLRUCache[tuple[object, ...], Tensor] = SizedLRUCache(max_entries=256)
_LESIONS: SizedLRUCache[tuple[str, str], Lesions] = SizedLRUCache(max_entries=128)
_NOISES: SizedLRUCache[int, GradientNoise] = SizedLRUCache(max_entries=4)
_DROPOUTS: SizedLRUCache[float, DropoutTraining] = SizedLRUCache(max_entries=10)
_AUGMENTED: SizedLRUCache[tuple[object, ...], list[Augmented]] = SizedLRUCache(
    max_entries=256, max_bytes=64 * _MIB
)
_MODES: SizedLRUCache[tuple[str, ...], tuple[Tensor, Tensor]] = SizedLRUCache(max_entries=64)
MAPS_A_PART = 6


def get_facts(network: str) -> dict[str, LayerFacts]:
    """Return what is known of every layer of a network, by name."""
    return describe_layers(load_model(network).graph)


def get_input(network: str, image: CheckedImage) -> Tensor:
    """Return an image as a network's input, (1, C, H, W)."""
    return _INPUTS.get_or_load(
        (network, image.digest),
        lambda: load_model(network).spec.preprocessing.prepare(image.pixels),
        size=estimate_bytes,
    )


def get_fault(network: str, image: CheckedImage) -> str | None:
    """Return what a network misses on an image, such as ink, in one sentence; None for nothing."""
    preprocessing = get_network(network).preprocessing
    return (
        _FAULTS.get_or_load(
            (network, image.digest),
            lambda: preprocessing.find_fault(image.pixels) or "",
            size=estimate_bytes,
        )
        or None
    )


def get_whole(network: str, image: CheckedImage) -> NetworkReading:
    """Return the strongest maps of every part of a network, and its answer."""

    def read() -> NetworkReading:
        model = load_model(network)
        shown = {part.shown: None for part in list_parts(fold_network(model.graph))}
        for name in find_channels_last(model.graph):
            shown.pop(name, None)  # its rows would be taken for maps
        x = get_input(network, image)
        return read_strongest(model, x, layers=tuple(shown), count=MAPS_A_PART)

    return _WHOLE.get_or_load((network, image.digest), read, size=estimate_bytes)


def get_sight(network: str, image: CheckedImage, layer: str) -> Sight:
    """Return what a network makes of an image, as of a camera's frame."""
    return _SIGHTS.get_or_load(
        (network, image.digest, layer),
        lambda: look(load_model(network), get_input(network, image), layer=layer),
        size=estimate_bytes,
    )


def get_reading(network: str, image: CheckedImage, layer: str) -> LayerReading:
    """Return what a layer computes for an image."""
    return _READINGS.get_or_load(
        (network, image.digest, layer),
        lambda: read_layer(load_model(network), get_input(network, image), layer=layer),
        size=estimate_bytes,
    )


def stack_inputs(network: str, image: CheckedImage, others: Sequence[str]) -> Tensor:
    """Return an image and named ones, loaded only here, as a network's input (M, C, H, W)."""
    images = (image, *map(load_named, others))
    return torch.cat([get_input(network, one) for one in images])


def get_batch(network: str, image: CheckedImage, others: Sequence[str], layer: str) -> Tensor:
    """Return a layer's activations of an image and of named others, (M, C, H, W) or (M, D)."""

    def read() -> Tensor:
        x = stack_inputs(network, image, others)
        return read_activations(load_model(network), x, layers=(layer,))[layer]

    return _BATCHES.get_or_load((network, image.digest, layer, *others), read, size=estimate_bytes)


def get_modes(network: str, image: CheckedImage, others: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return the probabilities of a batch, (M, K), in evaluation and in training mode.

    Raises:
        NetworkError: The network has no batch normalization.
    """

    def predict_both() -> tuple[Tensor, Tensor]:
        model, x = load_model(network), stack_inputs(network, image, others)
        wrong = predict_in_training(model, x)
        return find_shares(model.module, x), wrong

    key = (network, image.digest, *others)
    return _MODES.get_or_load(key, predict_both, size=estimate_bytes)


def get_cell(
    network: str, image: CheckedImage, layer: str, place: tuple[int, int, int]
) -> CellExplanation:
    """Return a cell (channel, row, column) worked out.

    Raises:
        NetworkError: It is of a kind that is not worked out.
    """
    channel, row, column = place
    return _CELLS.get_or_load(
        (network, image.digest, layer, place),
        lambda: explain_cell(
            load_model(network),
            get_input(network, image),
            layer=layer,
            channel=channel,
            row=row,
            column=column,
        ),
        size=estimate_bytes,
    )


def get_answer(network: str, image: CheckedImage) -> Answer:
    """Return what a network makes of an image."""
    return _ANSWERS.get_or_load(
        (network, image.digest),
        lambda: predict_with_map(load_model(network), image),
        size=estimate_bytes,
    )


def get_prediction(network: str, image: CheckedImage) -> Prediction:
    """Return what a network predicts for an image."""
    return _PREDICTIONS.get_or_load(
        (network, image.digest),
        lambda: predict(load_model(network), get_input(network, image)),
        size=estimate_bytes,
    )


def get_costs(network: str) -> CostTable:
    """Return what a loaded network costs at the size of its input."""

    def measure() -> CostTable:
        model = load_model(network)
        return measure_costs(model.module, input_shape=model.spec.preprocessing.shape)

    return _COSTS.get_or_load(network, measure, size=estimate_bytes)


def get_architecture_costs(name: str, size: int | None = None) -> CostTable:
    """Return what an architecture costs at an input of this size, or its own; without its weights.

    Raises:
        CNNVizError: The network does not take this input size.
    """
    network = get_architecture(name)
    side = network.input_size if size is None else size
    shape = (network.channels, side, side)
    return _TABLES.get_or_load(
        (name, side),
        lambda: compute_costs(lambda: network.build(side), input_shape=shape),
        size=lambda table: _ROW_BYTES * len(table.layers),
    )


def get_scaled_costs(factors: Factors) -> CostTable:
    """Return what EfficientNet-Lite costs with these factors."""
    return _SCALED.get_or_load(
        factors,
        lambda: count_costs(factors),
        size=lambda table: _ROW_BYTES * len(table.layers),
    )


def get_signal(
    function: Activation, initialization: Initialization, scaling: Scaling, depth: int
) -> Signal:
    """Return what goes through a fresh network of these, and back."""
    return _SIGNALS.get_or_load(
        (function, initialization, scaling, str(depth)),
        lambda: send_signal(
            function=function, initialization=initialization, scaling=scaling, depth=depth
        ),
        size=estimate_bytes,
    )


def get_descent(
    surface: Surface,
    optimizer: Optimizer,
    settings: Settings,
    start: tuple[float, float],
    condition: float,
    batch: int | None,
) -> Descent:
    """Return an optimizer's way on a surface."""
    return _DESCENTS.get_or_load(
        (surface, optimizer, settings, start, condition, batch),
        lambda: descend(
            surface,
            optimizer,
            settings=settings,
            start=start,
            condition=condition,
            batch=batch,
        ),
    )


def get_noise(steps: int) -> GradientNoise:
    """Return the noise of minibatch gradients after this many training steps."""
    return _NOISES.get_or_load(steps, lambda: measure_noise(steps=steps))


def get_chained(
    network: str, image: CheckedImage, others: Sequence[str], off: Sequence[str], inserted: int
) -> Tensor:
    """Return a changed network's probabilities of an image and of named others, (M, classes)."""

    def run() -> Tensor:
        chained = chain_network(load_model(network), off=off, inserted=inserted)
        return find_shares(chained, stack_inputs(network, image, others))

    key = (network, image.digest, *others, "off", *sorted(off), inserted)
    return _CHAINED.get_or_load(key, run)


def get_lesions(network: str, image: CheckedImage) -> Lesions:
    """Return what is left of a network's answer to an image without each of its blocks."""

    def run() -> Lesions:
        *_, found = measure_lesions(load_model(network), get_input(network, image))
        return found

    return _LESIONS.get_or_load((network, image.digest), run)


def get_flow(
    shortcut: Shortcut,
    function: Activation,
    initialization: Initialization,
    norm: Norm,
    blocks: int,
) -> Flow:
    """Return what goes through fresh blocks of this kind, and back."""
    return _FLOWS.get_or_load(
        (shortcut, function, initialization, norm, str(blocks)),
        lambda: send_flow(
            shortcut,
            function=function,
            initialization=initialization,
            norm=norm,
            blocks=blocks,
        ),
    )


def get_dropout_training(drop: float) -> DropoutTraining:
    """Return a training with dropout, step by step."""
    return _DROPOUTS.get_or_load(drop, lambda: train_with_dropout(drop))


def get_augmented(
    network: str,
    image: CheckedImage,
    partner: str,
    *,
    kinds: tuple[Transform | None, ...],
    seeds: tuple[int, ...],
    strength: float,
) -> list[Augmented]:
    """Return an image after each transform, and what the network says.

    Raises:
        AttackError: It is not known how the network's preprocessing scales values.
    """
    return _AUGMENTED.get_or_load(
        (network, image.digest, partner, kinds, seeds, strength),
        lambda: augment_image(
            load_model(network),
            image.pixels,
            kinds=kinds,
            seeds=seeds,
            strength=strength,
            partner=load_named(partner).pixels,
        ),
        size=estimate_bytes,
    )

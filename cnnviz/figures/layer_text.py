"""A layer's maps, kernels and weights in words, with their own numbers."""

from cnnviz.activations.kernels import Kernels
from cnnviz.activations.maps import LayerReading, count_dead
from cnnviz.figures.format import format_count, format_number, format_percent
from cnnviz.figures.formulas import name_layer
from cnnviz.figures.sums import name_channel
from cnnviz.networks.graph.layers import Layer, LayerKind


def describe_map(reading: LayerReading, channel: int) -> str:
    """Say a map's mean and maximum."""
    statistics = reading.statistics
    mean = format_number(float(statistics.channel_mean[channel]))
    maximum = format_number(float(statistics.channel_maximum[channel]))
    return f"mean {mean}, maximum {maximum}"


def describe_values(reading: LayerReading) -> str:
    """Say between which values a layer's are, and their mean."""
    statistics = reading.statistics
    least, most = format_number(statistics.minimum), format_number(statistics.maximum)
    return f"Values from **{least}** to **{most}**, mean **{format_number(statistics.mean)}**."


def describe_dead(layer: Layer, reading: LayerReading, *, is_output: bool) -> str:
    """Explain a layer's dead cells in one or two sentences with its own numbers."""
    fraction, size = reading.statistics.dead_fraction, reading.values.size
    count, whole = format_count(round(fraction * size)), format_count(size)
    cells = f"{count} of {whole} cells ({format_percent(fraction)})"
    if is_output:
        return (
            f"{count} of {whole} logits are zero or below. The softmax looks at their differences "
            "only, so the sign alone says nothing."
        )
    if layer.kind is LayerKind.ACTIVATION:
        first = f"The activation has silenced {cells} on this image."
    else:
        first = f"{cells} are zero or below; a ReLU silences such cells."
    if not layer.is_spatial:
        return first
    dead, channels = count_dead(reading.statistics), format_count(layer.shape[0])
    if dead == 0:
        return f"{first} Every one of the {channels} maps is above zero somewhere."
    return (
        f"{first} {format_count(dead)} of {channels} maps are dead everywhere: nothing in this "
        "image excites them."
    )


def describe_missing_field(layer: Layer) -> str:
    """Say why no receptive field can be outlined."""
    if layer.kind is LayerKind.INPUT:
        return "it is the input itself"
    return "what it sees of the input is not known for the layers below it"


def describe_kernels(kernels: Kernels, below: Layer, *, shown: int) -> str:
    """Say what the kernels of a map read, and how many of them are shown at most."""
    count, height, width = kernels.weights.shape
    if count == 1:
        text = f"One kernel of {height}×{width} reads {name_channel(below, kernels.first_channel)}"
    else:
        text = (
            f"{format_count(count)} kernels of {height}×{width}, one for each map of "
            f"{name_layer(below)} that it reads"
        )
    cut = f"; the {shown} strongest are shown" if count > shown else ""
    return f"{text}{cut}. Their products are added up, and {_describe_bias(kernels)}."


def describe_weights(kernels: Kernels, below: Layer, *, shown: int) -> str:
    """Say what the weights of a unit read, and how many of them are shown at most."""
    count = len(kernels.weights)
    cut = f", the first {shown} shown" if count > shown else ""
    return (
        f"{format_count(count)} weights, one for each number of {name_layer(below)}{cut}, and "
        f"{_describe_bias(kernels)}."
    )


def _describe_bias(kernels: Kernels) -> str:
    return "no bias" if kernels.bias is None else f"a bias of {format_number(kernels.bias)}"

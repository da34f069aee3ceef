"""What the activations page says in words: of layers, their kinds, and what to try."""

from cnnviz.cached import get_facts
from cnnviz.figures.format import format_count, format_number, format_percent
from cnnviz.figures.formulas import name_layer
from cnnviz.graph import Layer, LayerKind
from cnnviz.maps import LayerReading, count_dead, find_layer_limit
from cnnviz.web.pages.activations.controls import ActivationsControls, read_maps
from cnnviz.web.state import PageState

KIND_SENTENCES = {
    LayerKind.INPUT: "The image as the network gets it: nothing has been computed yet.",
    LayerKind.CONVOLUTION: (
        "Each map is one stack of kernels slid over all maps below: at every place the products "
        "are added up, and the bias with them."
    ),
    LayerKind.LINEAR: "Each number is a sum over everything below, each input with its own weight.",
    LayerKind.MAX_POOLING: (
        "Each cell is the largest of a small patch of the same map below. Nothing is learned here."
    ),
    LayerKind.AVERAGE_POOLING: (
        "Each cell is the mean of a small patch of the same map below. Nothing is learned here."
    ),
    LayerKind.ACTIVATION: (
        "Each cell passes through one fixed curve by itself; a ReLU keeps what is above zero and "
        "makes the rest zero. Nothing is learned here."
    ),
    LayerKind.NORMALIZATION: (
        "Each map is shifted and stretched by numbers that training found, so that its values have "
        "a common size."
    ),
    LayerKind.DROPOUT: "Dropout only acts in training; here it hands on what it gets.",
    LayerKind.ATTENTION: (
        "Every place of the image looks at all others (or at those of its window), and takes "
        "from each by how well the two match."
    ),
    LayerKind.SUM: "The maps of several layers, added cell by cell: a shortcut ends here.",
    LayerKind.PRODUCT: "The maps of several layers, multiplied cell by cell.",
    LayerKind.CONCATENATION: "The maps of several layers, stacked one behind the other.",
    LayerKind.CHANNELS: (
        "The same maps in another order, or a part of them; every value stays at its place."
    ),
    LayerKind.RESHAPE: "The same numbers in another arrangement; nothing is computed.",
    LayerKind.OTHER: "This page has no words for the operation; its values are shown all the same.",
}


def tell_statistics(layer: Layer, reading: LayerReading, *, is_output: bool) -> str:
    """Explain a layer's dead cells in one or two sentences with its own numbers."""
    fraction = reading.statistics.dead_fraction
    count, whole = round(fraction * reading.values.size), reading.values.size
    cells = f"{format_count(count)} of {format_count(whole)} cells ({format_percent(fraction)})"
    if is_output:
        return (
            f"{format_count(count)} of {format_count(whole)} logits are zero or below. The softmax "
            "looks at their differences only, so the sign alone says nothing."
        )
    if layer.kind is LayerKind.ACTIVATION:
        first = f"The activation has silenced {cells} on this image."
    else:
        first = f"{cells} are zero or below; a ReLU silences such cells."
    if not layer.is_spatial:
        return first
    return f"{first} {_tell_dead(layer.shape[0], count_dead(reading.statistics))}"


def _tell_dead(channels: int, dead: int) -> str:
    if dead == 0:
        return f"Every one of the {format_count(channels)} maps is above zero somewhere."
    return (
        f"{format_count(dead)} of {format_count(channels)} maps are dead everywhere: "
        "nothing in this image excites them."
    )


def tell_field(layer: Layer, *, known: bool) -> str:
    """Say why no receptive field is outlined; empty where one is."""
    if known:
        return ""
    if layer.kind is LayerKind.INPUT:
        return "it is the input itself"
    return "what it sees of the input is not known for the layers below it"


def write_words(page: PageState[ActivationsControls], layer: Layer) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    spec, layers = page.at.bench.model.spec, page.at.bench.model.graph.layers
    convolutions = [one for one in layers if one.kind is LayerKind.CONVOLUTION] or list(layers)
    reading = read_maps(page.at)
    return {
        "layer": name_layer(layer),
        "network": spec.title,
        "changes": spec.changes,
        "paper": spec.paper,
        "first_convolution": convolutions[0].name,
        "last_convolution": convolutions[-1].name,
        "first_channels": convolutions[0].shape[0],
        "last_channels": convolutions[-1].shape[0],
        "limit": "" if reading is None else format_number(find_layer_limit(reading)),
    }


def find_answers(page: PageState[ActivationsControls], layer: Layer) -> dict[str, float]:
    """Return the answers to the lesson's questions about this layer."""
    facts = get_facts(page.at.bench.network)[layer.name]
    answers = {"parameters": float(facts.parameters)}
    return answers | ({"size": float(layer.shape[1])} if layer.is_spatial else {})


def tell_map(reading: LayerReading, channel: int) -> str:
    """Say a map's mean and maximum."""
    statistics = reading.statistics
    mean = format_number(float(statistics.channel_mean[channel]))
    maximum = format_number(float(statistics.channel_maximum[channel]))
    return f"mean {mean}, maximum {maximum}"

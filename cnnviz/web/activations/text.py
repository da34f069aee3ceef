"""What the activations page says in words: of layers, their kinds, and what to try."""

from cnnviz.figures.format import format_count, format_number, format_percent
from cnnviz.figures.formulas import name_layer
from cnnviz.graph import Layer, LayerKind
from cnnviz.maps import LayerReading, count_dead

KIND_SENTENCES = {
    LayerKind.INPUT: "The picture as the network gets it: nothing has been computed yet.",
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
        "Every place of the picture looks at all others (or at those of its window), and takes "
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
        first = f"The activation has silenced {cells} on this picture."
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
        "nothing in this picture excites them."
    )


def tell_field(layer: Layer, *, known: bool) -> str:
    """Say why no receptive field is outlined; empty where one is."""
    if known:
        return ""
    if layer.kind is LayerKind.INPUT:
        return "it is the input itself"
    return "what it sees of the input is not known for the layers below it"


def write_lesson(model_title: str, *, layer: Layer) -> str:
    """Three things to try, each ending in a question."""
    return (
        f"1. Walk through {model_title} from the first convolution to the last, on the same "
        "picture. The maps get smaller and more numerous: from which layer on could you no longer "
        "tell what the picture shows?\n"
        f"2. Stay at {name_layer(layer)} and sort the maps by their maximum, first with the range "
        "of the whole layer, then of each map. Which maps looked dead and are only faint, and "
        "which range would mislead a reader of a paper?\n"
        "3. Find a map whose kernel you believe to be an edge finder, and then a sample picture "
        "with edges in the other direction. Does the map fall silent, as you predicted?"
    )


def write_limits() -> str:
    """What the pictures do not show."""
    return (
        "- A map shows where a kernel's pattern was found, not what the pattern means; one unit "
        "rarely stands for one thing.\n"
        "- Colours and values at the pointer come from 8-bit copies (1/127 of each map's largest "
        "value); pinned cells, statistics and CSV files are exact.\n"
        "- The receptive field is the theoretical one: what a cell *can* see. The pixels that "
        "matter most lie near its middle.\n"
        "- Transformers and ConvNeXt keep some layers as rows × columns × channels, or as a list "
        "of tokens. They are shown in that order: a “map” there is one row of places, or a token.\n"
        "- Multiply-adds: one multiplication and one addition count as one. Papers and tools "
        "differ.\n"
        "- Sources: M. D. Zeiler, R. Fergus, “Visualizing and understanding convolutional "
        "networks”, ECCV 2014; V. Dumoulin, F. Visin, “A guide to convolution arithmetic for deep "
        "learning”, 2016; A. Araujo, W. Norris, J. Sim, “Computing receptive fields of "
        "convolutional neural networks”, Distill 2019."
    )


def tell_map(reading: LayerReading, channel: int) -> str:
    """Say a map's mean and maximum."""
    statistics = reading.statistics
    mean = format_number(float(statistics.channel_mean[channel]))
    maximum = format_number(float(statistics.channel_maximum[channel]))
    return f"mean {mean}, maximum {maximum}"

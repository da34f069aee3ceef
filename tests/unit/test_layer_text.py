"""What is said of layers, kernels and shape bias, against sentences written by hand."""

import numpy as np
import torch

from cnnviz.activations.kernels import Kernels
from cnnviz.activations.maps import LayerReading, count_values
from cnnviz.activations.read import summarize_maps
from cnnviz.figures.layer_text import describe_dead, describe_kernels, describe_weights
from cnnviz.figures.shape_bias import write_bias
from cnnviz.networks.graph.layer_facts import find_part_layer
from cnnviz.networks.graph.layers import Layer, LayerKind
from cnnviz.networks.load import load_model
from cnnviz.shape_texture.bias import Tally


def make_layer(shape: tuple[int, ...], *, kind: LayerKind = LayerKind.CONVOLUTION) -> Layer:
    return Layer("c1", kind, shape, ("input",), None, "C1")


def make_kernels(count: int, *, side: int, bias: float | None = None) -> Kernels:
    weights = np.ones((count, side, side), dtype=np.float32)
    return Kernels(weights, bias, first_channel=0, in_color=False)


def make_reading(*maps: list[list[float]]) -> LayerReading:
    values = torch.tensor(maps)
    return LayerReading("c1", values.numpy(), summarize_maps(values), count_values(values.numpy()))


def test_dead_cells_and_maps_are_counted() -> None:
    """Of two maps with two cells each one cell lives."""
    reading, layer = make_reading([[1.0, -1.0]], [[0.0, -2.0]]), make_layer((2, 1, 2))
    told = describe_dead(layer, reading, is_output=False)
    assert told.startswith("3 of 4 cells (75.0 %) are zero or below")
    assert "1 of 2 maps are dead everywhere" in told
    relu = make_layer((2, 1, 2), kind=LayerKind.ACTIVATION)
    assert "has silenced 3 of 4 cells" in describe_dead(relu, reading, is_output=False)
    assert "3 of 4 logits" in describe_dead(layer, reading, is_output=True)


def test_kernels_and_weights_say_what_they_read() -> None:
    below = make_layer((6, 14, 14))
    told = describe_kernels(make_kernels(6, side=5, bias=0.5), below, shown=4)
    assert told.startswith(
        "6 kernels of 5×5, one for each map of C1 that it reads; the 4 strongest"
    )
    assert told.endswith("and a bias of 0.500.")
    one = describe_kernels(make_kernels(1, side=3), below, shown=4)
    assert one.startswith("One kernel of 3×3 reads C1 map 0. ")
    assert one.endswith("and no bias.")
    weights = describe_weights(make_kernels(84, side=1), below, shown=64)
    assert weights == "84 weights, one for each number of C1, the first 64 shown, and no bias."


def test_the_largest_part_of_lenet_is_that_of_its_second_convolution() -> None:
    """C1 sees 5×5 of 32×32 pixels, C3 14×14 and C5 all of them."""
    graph = load_model("lenet5").graph
    found = [find_part_layer(graph, share=share) for share in (0.1, 0.2, 0.8, 1.0)]
    assert [None if one is None else one.name for one in found] == [None, "c1", "c3", "c5"]


def test_a_shape_bias_is_written_with_its_counts() -> None:
    tally = Tally(network="a", title="A", images=5, shape=3, texture=1, neither=2)
    assert write_bias(tally).endswith(r"\frac{3}{3 + 1} = 75\,\%")
    none = Tally(network="a", title="A", images=5, shape=0, texture=0, neither=2)
    assert write_bias(none).endswith("= ?")

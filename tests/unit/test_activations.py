"""Activations and receptive fields, against answers from outside."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  (the usual name)
from scipy.signal import correlate2d
from torch import Tensor, nn

from cnnviz.activations.read import read_activations, summarize_maps
from cnnviz.errors import NetworkError
from cnnviz.networks.graph.layers import trace_network
from cnnviz.networks.load import LoadedModel
from cnnviz.receptive_fields.theoretical import Patch, compute_fields, trace_patches
from tests.home_made import chain, make_model, randomize


def test_a_convolution_worked_out_by_hand() -> None:
    """Nine numbers 1..9 under the kernel (1, 0; 0, −1) with bias 10.

    1 − 5, 2 − 6, 4 − 8 and 5 − 9 are all −4, so it is 6 everywhere. With the kernel (1, 2; 3, 4):
    1 + 4 + 12 + 20 = 37, 2 + 6 + 15 + 24 = 47, 4 + 10 + 21 + 32 = 67, 5 + 12 + 24 + 36 = 77.
    """
    convolution = nn.Conv2d(1, 2, kernel_size=2)
    model = make_model(nn.Sequential(convolution), shape=(1, 3, 3))
    with torch.no_grad():
        convolution.weight[0, 0] = torch.tensor([[1.0, 0.0], [0.0, -1.0]])
        convolution.weight[1, 0] = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        convolution.bias.copy_(torch.tensor([10.0, 0.0]))  # type: ignore[union-attr]
    x = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    maps = read_activations(model, x, layers=("_0",))["_0"][0]
    assert maps.tolist() == [[[6.0, 6.0], [6.0, 6.0]], [[37.0, 47.0], [67.0, 77.0]]]


def test_a_convolution_against_scipy() -> None:
    model = chain(nn.Conv2d(3, 4, kernel_size=(3, 5)), shape=(3, 12, 14))
    x = torch.randn(1, 3, 12, 14, generator=torch.Generator().manual_seed(1))
    maps = read_activations(model, x, layers=("layer_0",))["layer_0"][0].numpy()
    convolution = model.graph.find("layer_0").module
    assert isinstance(convolution, nn.Conv2d)
    assert convolution.bias is not None
    for channel in range(4):
        expected = float(convolution.bias[channel]) + sum(
            correlate2d(x[0, k].numpy(), convolution.weight[channel, k].numpy(), mode="valid")
            for k in range(3)
        )
        np.testing.assert_allclose(maps[channel], expected, rtol=1e-5, atol=1e-5)


class WritesOver(nn.Module):
    """In-place operations of every form, some read again after they wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(2, 3, kernel_size=3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.drop = nn.Dropout()
        self.two = nn.Conv2d(3, 3, kernel_size=1)
        self.three = nn.Conv2d(3, 3, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.one(x)
        z = self.relu(self.drop(y))  # writes over y, through a dropout that hands it on
        a = self.two(y)  # so this reads what is above zero
        b = self.relu(self.three(z))  # the same module a second time
        a += b
        c = a * 1
        F.relu_(c)
        d = F.relu(self.two(c) - 0.1, inplace=True)
        d.mul_(2)
        return torch.cat([b, c, d], dim=1)


def by_hand(network: WritesOver, x: Tensor) -> dict[str, Tensor]:
    """The same without writing over anything."""
    one = network.one(x)
    relu = one.clamp(min=0)
    two = network.two(relu)
    three = network.three(relu)
    relu_1 = three.clamp(min=0)
    add = two + relu_1
    relu_ = add.clamp(min=0)
    two_1 = network.two(relu_)
    relu_2 = (two_1 - 0.1).clamp(min=0)
    return {
        "one": one,
        "relu": relu,
        "two": two,
        "three": three,
        "relu_1": relu_1,
        "add": add,
        "mul": add,
        "relu_": relu_,
        "two_1": two_1,
        "relu_2": relu_2,
        "mul_": relu_2 * 2,
        "cat": torch.cat([relu_1, relu_, relu_2 * 2], dim=1),
    }


def test_in_place_operations_do_not_spoil_the_layers_they_write_over() -> None:
    network = WritesOver()
    randomize(network, seed=5)
    model = make_model(network, shape=(2, 6, 6))
    x = torch.randn(1, 2, 6, 6, generator=torch.Generator().manual_seed(2))
    before = x.clone()
    expected = by_hand(network, x)
    actual = read_activations(model, x, layers=tuple(expected))
    for name, value in expected.items():
        torch.testing.assert_close(actual[name], value, msg=name)
    torch.testing.assert_close(actual["cat"], network(x.clone()))
    assert torch.equal(x, before)
    assert network.relu.inplace


def test_the_shared_network_keeps_its_own_modules() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True))
    relu = network[1]
    model = make_model(network, shape=(1, 5, 5))
    assert network[1] is relu
    assert model.graph.find("_1").module is not relu
    assert not model.graph.find("_1").module.inplace  # type: ignore[union-attr]


class WritesThroughAView(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        y.reshape(-1).mul_(3)
        return y


def test_writing_through_a_view_is_refused_not_shown_wrong() -> None:
    with pytest.raises(NetworkError, match=r"WritesThroughAView .* in-place"):
        trace_network(WritesThroughAView().eval(), input_shape=(1, 4, 4), titles={})


def test_statistics_of_a_layer_counted_by_hand() -> None:
    maps = torch.tensor([[[1.0, -1.0], [0.0, 2.0]], [[-3.0, -1.0], [0.0, -4.0]]])
    statistics = summarize_maps(maps)
    assert statistics.minimum == -4
    assert statistics.maximum == 2
    assert statistics.mean == pytest.approx(-0.75)
    assert statistics.dead_fraction == 6 / 8
    assert statistics.channel_mean.tolist() == [0.5, -2.0]
    assert statistics.channel_maximum.tolist() == [2.0, 0.0]


# Receptive fields ------------------------------------------------------------


class Joins(nn.Module):
    """Stride, padding, dilation, branches, a residual sum and a concatenation; all linear."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 2, kernel_size=5, stride=2, padding=1)
        self.near = nn.Conv2d(2, 2, kernel_size=1)
        self.far = nn.Conv2d(2, 2, kernel_size=(3, 1), padding=(2, 0), dilation=2)
        self.body = nn.Conv2d(4, 4, kernel_size=3, padding=1)
        self.pool = nn.AvgPool2d(kernel_size=3, stride=2, padding=1)
        self.last = nn.Conv2d(4, 1, kernel_size=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = torch.cat([self.near(x), self.far(x)], dim=1)
        x = self.body(x) + x
        y: Tensor = self.last(self.pool(x))
        return y


@pytest.mark.parametrize("layer", ["stem", "far", "cat", "body", "add", "pool", "last"])
def test_the_field_is_where_the_gradient_is_not_zero(layer: str) -> None:
    """All weights positive: nothing cancels, so the gradient's support is the true field."""
    network = Joins()
    for parameter in network.parameters():
        parameter.data.fill_(0.5)
    model = make_model(network, shape=(1, 33, 29))
    _, height, width = model.graph.find(layer).shape
    x = torch.ones(1, 1, 33, 29, requires_grad=True)
    # read_activations takes no gradients, so the traced graph is run itself.
    value = run_to(model, layer, x)[0].sum(dim=0)
    for index in range(max(height, width)):
        row, column = index % height, index % width
        (gradient,) = torch.autograd.grad(value[row, column], x, retain_graph=True)
        rows = gradient[0, 0].abs().sum(dim=1).nonzero().flatten().tolist()
        columns = gradient[0, 0].abs().sum(dim=0).nonzero().flatten().tolist()
        patch = trace_patches(model.graph, layer=layer, row=row, column=column)["input"]
        assert (patch.top, patch.bottom) == (rows[0], rows[-1])
        assert (patch.left, patch.right) == (columns[0], columns[-1])


def run_to(model: LoadedModel, layer: str, x: Tensor) -> Tensor:
    values: dict[str, Tensor] = {}

    class Recorder(torch.fx.Interpreter):
        def run_node(self, n: torch.fx.Node) -> Tensor:
            values[n.name] = super().run_node(n)
            return values[n.name]

    Recorder(model.graph.traced).run(x)
    return values[layer]


def build(layers: str, *, channels: int) -> nn.Module:
    """Layers as the papers list them: “c3/1/1” is a convolution, “p2/2/0” a pooling."""
    parts: list[nn.Module] = []
    for entry in layers.split():
        kernel, stride, padding = (int(part) for part in entry[1:].split("/"))
        if entry[0] == "c":
            parts.append(nn.Conv2d(channels, 1, kernel, stride, padding))
            channels = 1
        else:
            parts.append(nn.MaxPool2d(kernel, stride, padding))
    return nn.Sequential(*parts)


VGG16 = (
    "c3/1/1 c3/1/1 p2/2/0 c3/1/1 c3/1/1 p2/2/0 c3/1/1 c3/1/1 c3/1/1 p2/2/0 "
    "c3/1/1 c3/1/1 c3/1/1 p2/2/0 c3/1/1 c3/1/1 c3/1/1 p2/2/0"
)
ALEXNET = "c11/4/0 p3/2/0 c5/1/2 p3/2/0 c3/1/1 c3/1/1 c3/1/1 p3/2/0"


@pytest.mark.parametrize(
    ("layers", "side", "layer", "size", "jump"),
    [
        # VGG-16: each stage adds 2·jump a convolution and jump a pooling. 1+2+2+1 = 6 (jump 2),
        # +4+4+2 = 16 (4), +3·8+4 = 44 (8), +3·16+8 = 100 (16), +3·32+16 = 212 (32).
        (VGG16, 224, "_1", 5, 1),
        (VGG16, 224, "_5", 16, 4),
        (VGG16, 224, "_9", 44, 8),
        (VGG16, 224, "_13", 100, 16),
        (VGG16, 224, "_17", 212, 32),
        # AlexNet on 227: 11 (4), +2·4 = 19 (8), +4·8 = 51, +2·8 = 67 (16), +3 times 2·16 = 163,
        # +2·16 = 195 (32).
        (ALEXNET, 227, "_0", 11, 4),
        (ALEXNET, 227, "_2", 51, 8),
        (ALEXNET, 227, "_6", 163, 16),
        (ALEXNET, 227, "_7", 195, 32),
    ],
)
def test_fields_of_published_networks(
    layers: str, side: int, layer: str, size: int, jump: int
) -> None:
    model = make_model(build(layers, channels=3), shape=(3, side, side))
    field = compute_fields(model.graph)[layer]
    assert field.size == (size, size)
    assert field.jump == (jump, jump)


def test_the_field_starts_where_the_padding_puts_it() -> None:
    """Padding 2, then padding 1 at jump 2: cell 0 starts at −2 − 1·2 = −4 and sees 5 + 2·2 = 9."""
    model = chain(nn.Conv2d(1, 1, 5, 2, 2), nn.Conv2d(1, 1, 3, 1, 1), shape=(1, 20, 20))
    field = compute_fields(model.graph)["layer_1"]
    assert (field.start, field.size, field.jump) == ((-4, -4), (9, 9), (2, 2))
    patch = trace_patches(model.graph, layer="layer_1", row=3, column=0)["input"]
    assert patch == Patch(top=2, bottom=10, left=0, right=4)

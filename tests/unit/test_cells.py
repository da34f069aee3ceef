"""Worked cells: the products and the bias must add up to what the network computed."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  (the usual name)
from torch import Tensor, nn

from cnnviz.activations.cells import explain_cell
from cnnviz.activations.read import read_activations
from cnnviz.errors import NetworkError
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.load import LoadedModel
from cnnviz.receptive_fields.theoretical import Patch, compute_fields
from tests.home_made import Branchy, chain, make_model, randomize

CASES: list[tuple[str, Callable[[], nn.Module]]] = [
    ("plain", lambda: nn.Conv2d(4, 6, 3)),
    ("stride and padding", lambda: nn.Conv2d(4, 6, 5, stride=2, padding=2)),
    ("unlike sides", lambda: nn.Conv2d(4, 6, (3, 5), stride=(2, 1), padding=(0, 3))),
    ("dilation", lambda: nn.Conv2d(4, 6, 3, padding=2, dilation=2, bias=False)),
    ("groups", lambda: nn.Conv2d(4, 6, 3, padding=1, groups=2)),
    ("depthwise", lambda: nn.Conv2d(4, 8, 3, padding=1, groups=4)),
    ("average", lambda: nn.AvgPool2d(2)),
    ("average with padding", lambda: nn.AvgPool2d(3, stride=2, padding=1)),
    ("average without padding", lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False)),
    ("average rounded up", lambda: nn.AvgPool2d(3, 3, 1, ceil_mode=True)),
    (
        "average rounded up without padding",
        lambda: nn.AvgPool2d(4, 3, 1, ceil_mode=True, count_include_pad=False),
    ),
    ("average by another divisor", lambda: nn.AvgPool2d(2, divisor_override=3)),
    ("global average", lambda: nn.AdaptiveAvgPool2d(1)),
    ("batch normalization", lambda: nn.BatchNorm2d(4)),
    ("batch normalization alone", lambda: nn.BatchNorm2d(4, affine=False)),
]


@pytest.mark.parametrize("build_layer", [case[1] for case in CASES], ids=[c[0] for c in CASES])
def test_products_and_bias_add_up_to_the_value(build_layer: Callable[[], nn.Module]) -> None:
    model = chain(build_layer(), shape=(4, 11, 13))
    x = torch.randn(1, 4, 11, 13, generator=torch.Generator().manual_seed(4))
    expected = model.module(x)[0]
    for channel, row, column in every_corner(expected):
        cell = explain_cell(model, x, layer="layer_0", channel=channel, row=row, column=column)
        assert cell.weights is not None
        assert cell.weights.shape == cell.inputs.shape
        value = float(expected[channel, row, column])
        assert cell.value == value
        assert float((cell.inputs * cell.weights).sum()) + cell.bias == pytest.approx(
            value, abs=1e-5
        )


@pytest.mark.parametrize(
    "pool",
    [
        nn.MaxPool2d(2),
        nn.MaxPool2d(3, 2, 1),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.MaxPool2d(3, 1, 1, dilation=2),
    ],
)
def test_a_maximum_is_the_largest_of_what_it_reads(pool: nn.Module) -> None:
    model = chain(pool, shape=(4, 11, 12))
    x = torch.randn(1, 4, 11, 12, generator=torch.Generator().manual_seed(4)) - 3
    expected = model.module(x)[0]
    for channel, row, column in every_corner(expected):
        cell = explain_cell(model, x, layer="layer_0", channel=channel, row=row, column=column)
        assert cell.weights is None
        assert float(cell.inputs.max()) == float(expected[channel, row, column]) == cell.value


class Bare(nn.Module):
    """Poolings as bare functions, one after the other."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(x, 3, 2, 1)
        x = F.avg_pool2d(x, kernel_size=3, stride=1, padding=1)
        return F.adaptive_avg_pool2d(x, 1)


def test_poolings_as_functions_are_known_like_modules() -> None:
    model = make_model(Bare(), shape=(2, 12, 12))
    fields = compute_fields(model.graph)
    # 3 (jump 2), 3 + 2·2 = 7, and the mean of all 6: 7 + 5·2 = 17 from −1 − 2 on.
    assert fields["avg_pool2d"].size == (7, 7)
    assert fields["adaptive_avg_pool2d"].size == (17, 17)
    assert fields["adaptive_avg_pool2d"].start == (-3, -3)
    x = torch.randn(1, 2, 12, 12, generator=torch.Generator().manual_seed(4))
    for layer in ("avg_pool2d", "adaptive_avg_pool2d"):
        cell = explain_cell(model, x, layer=layer, channel=1)
        assert cell.weights is not None
        assert float((cell.inputs * cell.weights).sum()) == pytest.approx(cell.value, abs=1e-6)
    largest = explain_cell(model, x, layer="max_pool2d", channel=1)
    assert float(largest.inputs.max()) == largest.value


def every_corner(maps: Tensor) -> list[tuple[int, int, int]]:
    channels, height, width = maps.shape
    return [
        (channel, row, column)
        for channel in (0, channels - 1)
        for row in sorted({0, height // 2, height - 1})
        for column in sorted({0, width // 2, width - 1})
    ]


@pytest.fixture(scope="module")
def branchy() -> LoadedModel:
    return make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))


def test_a_sum_names_its_terms(branchy: LoadedModel) -> None:
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(4))
    cell = explain_cell(branchy, x, layer="add", channel=3, row=5, column=6)
    values = read_activations(branchy, x, layers=("second", "cat"))
    terms = [float(values[name][0, 3, 5, 6]) for name in ("second", "cat")]
    assert cell.reads == "second + cat"
    assert cell.inputs.flatten().tolist() == terms
    assert cell.value == pytest.approx(sum(terms), abs=1e-6)


def test_a_concatenation_hands_on_the_right_channel(branchy: LoadedModel) -> None:
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(4))
    wide = read_activations(branchy, x, layers=("wide",))["wide"][0]
    cell = explain_cell(branchy, x, layer="cat", channel=8, row=1, column=2)
    assert cell.reads == "wide"
    assert cell.value == float(cell.inputs) == float(wide[2, 1, 2])


def test_every_layer_of_a_branching_network_is_read_and_worked_out(branchy: LoadedModel) -> None:
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(4))
    for layer in branchy.graph.layers:
        cell = explain_cell(branchy, x, layer=layer.name, channel=layer.shape[0] - 1)
        if cell.weights is not None:
            total = float((cell.inputs * cell.weights).sum()) + cell.bias
            assert total == pytest.approx(cell.value, abs=1e-5)
        elif layer.kind is LayerKind.MAX_POOLING:
            assert float(cell.inputs.max()) == cell.value
        elif layer.kind is LayerKind.ACTIVATION:
            assert max(float(cell.inputs), 0.0) == cell.value
        else:
            assert float(cell.inputs) == cell.value


def test_a_cell_that_is_not_there_is_named(branchy: LoadedModel) -> None:
    x = torch.zeros(1, 3, 48, 48)
    with pytest.raises(NetworkError, match="8 channels; 8 is none"):
        explain_cell(branchy, x, layer="stem", channel=8)
    with pytest.raises(NetworkError, match="24×24 cells; row 24, column 0"):
        explain_cell(branchy, x, layer="stem", channel=0, row=24)
    with pytest.raises(NetworkError, match="no layer “trunk”"):
        explain_cell(branchy, x, layer="trunk", channel=0)


class Shuffled(nn.Module):
    """Operations of which no rule says what their cells see, then a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Conv2d(4, 2, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        pairs = x.view(1, 2, 2, 6, 6).transpose(1, 3)  # a map's rows become channels
        y: Tensor = self.last(pairs.reshape(1, 4, 6, 6))
        return y


def test_a_cell_above_layers_without_a_rule_reads_the_support_of_its_gradient() -> None:
    model = make_model(randomize(Shuffled(), seed=3), shape=(4, 6, 6))
    x = torch.randn(1, 4, 6, 6, generator=torch.Generator().manual_seed(4))
    cell = explain_cell(model, x, layer="last", channel=1, row=2, column=3)
    pixels = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model.module(pixels)[0, 1, 2, 3], pixels)
    rows, columns = (gradient[0].abs().sum(axes).nonzero().flatten() for axes in ((0, 2), (0, 1)))
    assert cell.patches["input"] == Patch(
        top=int(rows[0]), bottom=int(rows[-1]), left=int(columns[0]), right=int(columns[-1])
    )
    assert cell.weights is not None
    assert float((cell.inputs * cell.weights).sum()) + cell.bias == pytest.approx(
        cell.value, abs=1e-6
    )
    assert "last" not in compute_fields(model.graph)
    with pytest.raises(NetworkError, match=r"cells of “view .* are not worked out"):
        explain_cell(model, x, layer="view", channel=0)

"""Costs of what people write, against torch's own counter, and what it cannot count told."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.costs.table import CostTable, compute_costs, measure_costs
from cnnviz.networks.graph.layer_facts import describe_layers
from cnnviz.networks.zoo.meta_build import copy_to_meta
from tests.own_kinds import SHAPE, Loader, Middle, Net, X, average, loader

__all__ = ["loader"]


class OwnConvolution(nn.Conv2d):
    """A subclass with a forward of its own, as efficientnet_pytorch has."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        padded = functional.pad(input, (1, 1, 1, 1))
        return functional.conv2d(padded, self.weight, self.bias, self.stride)


class Squared(torch.autograd.Function):
    """A product of matrices in a function with a backward of its own."""

    @staticmethod
    def forward(_ctx: Any, x: Tensor) -> Tensor:
        return x @ x.transpose(-1, -2)

    @staticmethod
    def backward(_ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0]


KINDS: dict[str, tuple[Middle, dict[str, Any]]] = {
    "F.conv2d and F.linear": (
        lambda m, x: m.head(functional.linear(average(functional.conv2d(x, m.w)), m.v)),
        {
            "w": lambda: nn.Parameter(torch.randn(8, 8, 3, 3)),
            "v": lambda: nn.Parameter(torch.randn(8, 8)),
        },
    ),
    "a subclass": (lambda m, x: m.head(average(m.c(x))), {"c": lambda: OwnConvolution(8, 8, 3)}),
    "standardized weights": (
        lambda m, x: m.head(average(functional.conv2d(x, m.w - m.w.mean()))),
        {"w": lambda: nn.Parameter(torch.randn(8, 8, 3, 3))},
    ),
    "transposed": (
        lambda m, x: m.head(average(m.c(x))),
        {"c": lambda: nn.ConvTranspose2d(8, 8, 3, stride=2)},
    ),
    "matmul": (
        lambda m, x: m.head(average(x @ m.w)),
        {"w": lambda: nn.Parameter(torch.randn(16, 16))},
    ),
    "a vector": (
        lambda m, x: m.head(x.flatten(2) @ m.w),
        {"w": lambda: nn.Parameter(torch.randn(256))},
    ),
    "one dimension": (
        lambda m, x: m.head(m.c(x.flatten(2)).mean(2)),
        {"c": lambda: nn.Conv1d(8, 8, 3)},
    ),
    "same": (
        lambda m, x: m.head(average(m.c(x))),
        {"c": lambda: nn.Conv2d(8, 8, (4, 3), padding="same")},
    ),
    "einsum": (
        lambda m, x: m.head(average(torch.einsum("...chw,dc->...dhw", x, m.w))),
        {"w": lambda: nn.Parameter(torch.randn(8, 8))},
    ),
    "attention, batch first": (
        lambda m, x: m.head(m.a(*[x.flatten(2).transpose(1, 2)] * 3)[0].mean(1)),
        {"a": lambda: nn.MultiheadAttention(8, 2, batch_first=True)},
    ),
    "attention, batch second": (
        lambda m, x: m.head(
            m.a(*[x.flatten(2).permute(2, 0, 1)] * 3, need_weights=False)[0].mean(0)
        ),
        {"a": lambda: nn.MultiheadAttention(8, 2)},
    ),
    "attention to other tokens": (
        lambda m, x: m.head(
            m.a(x.flatten(2)[:, :, :9].mT, x.flatten(2).mT, x.flatten(2).mT)[0].mean(1)
        ),
        {"a": lambda: nn.MultiheadAttention(8, 2, batch_first=True)},
    ),
    "scaled dot products": (
        lambda m, x: m.head(
            functional.scaled_dot_product_attention(
                x.flatten(2).mT, x.flatten(2).mT, x.flatten(2).mT, is_causal=x.shape[1] > 4
            ).mean(1)
        ),
        {},
    ),
    "a function": (lambda m, x: m.head(Squared.apply(x).mean((2, 3))), {}),  # type: ignore[no-untyped-call]
    "a whole encoder layer": (
        lambda m, x: m.head(m.t(x.flatten(2).mT).mean(1)),
        {"t": lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)},
    ),
}


def count_by_torch(module: nn.Module) -> float:
    """torch's counter; with attention as plain products, of which it knows the formula."""
    was_fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with (
            sdpa_kernel(SDPBackend.MATH),
            FlopCounterMode(display=False) as counter,
            torch.no_grad(),
        ):
            module(X)
    finally:
        torch.backends.mha.set_fastpath_enabled(was_fast)
    return float(counter.get_total_flops() / 2)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("kind", KINDS)
def test_multiply_adds_are_those_of_torch_s_counter(loader: Loader, kind: str) -> None:
    middle, make = KINDS[kind]
    torch.manual_seed(1)
    parts = {name: each() for name, each in make.items()}
    module = Net(middle, parts).eval()
    table = measure_costs(copy_to_meta(module), input_shape=SHAPE)
    if kind == "a vector":  # which torch's counter leaves out: 8 channels of 256 cells
        assert table.multiply_adds == count_by_torch(module) + 8 * 256
    else:
        assert table.multiply_adds == count_by_torch(module)
    assert table.uncounted == ()
    assert table.parameters == sum(value.numel() for value in module.parameters())
    assert table.unused_parameters == 0
    model = loader.load_middle(middle, make)
    assert not [note for note in model.notes if "multiply-adds" in note]
    facts = describe_layers(model.graph).values()
    assert all(fact.is_counted for fact in facts)
    assert sum(fact.multiply_adds for fact in facts) == table.multiply_adds


def test_a_transposed_convolution_by_hand() -> None:
    class Up(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.up = nn.ConvTranspose2d(8, 8, 3, stride=2)

        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = self.up(x)
            return y

    # Each of 18·18 cells of 8 channels is handed to 3·3 cells of 8 channels.
    table = compute_costs(Up, input_shape=(8, 18, 18))
    assert table.multiply_adds == 18 * 18 * 8 * 8 * 3 * 3 == 186_624


def test_what_has_no_formula_is_named_and_the_total_is_a_least(loader: Loader) -> None:
    def middle(m: Any, x: Tensor) -> Tensor:
        y: Tensor = m.head(average(torch.fft.fft2(x).real))
        return y

    model = loader.load_middle(middle)
    table: CostTable = measure_costs(copy_to_meta(model.module), input_shape=SHAPE)
    assert table.uncounted == ("fft_fft2",)
    assert table.multiply_adds == 16 * 16 * 8 * 3 * 9 + 8 * 5
    (note,) = model.notes
    assert "“fft_fft2”" in note
    assert "at least 55,336" in note
    assert not describe_layers(model.graph)["fft_fft2"].is_counted

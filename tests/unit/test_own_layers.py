"""What people write into their forwards: layers that mix images, and that look far.

The right answers are torch's: a network's own probabilities, plain passes of covered images, and
where the gradient of a cell is not zero.
"""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.activations.cells import explain_cell
from cnnviz.activations.read import build_reader, read_activations
from cnnviz.attribution.attribute import Method, attribute
from cnnviz.costs.table import compute_costs
from cnnviz.networks.graph.layer_facts import describe_layers
from cnnviz.networks.load import predict
from cnnviz.receptive_fields.effective import WeightSource, compute_effective_field
from cnnviz.receptive_fields.theoretical import trace_patches
from tests.own_kinds import SHAPE, Loader, Middle, X, average, check_occlusion, head, loader

__all__ = ["loader"]


# Layers that mix the images of a batch, or write down a batch of one.
MIXING: dict[str, tuple[Middle, dict[str, Any]]] = {
    "batch statistics": (
        lambda m, x: head(m, m.c(m.n(x))),
        {"n": lambda: nn.BatchNorm2d(8, track_running_stats=False)},
    ),
    "a function's batch statistics": (
        lambda m, x: head(m, m.c(functional.batch_norm(x, None, None, training=True))),
        {},
    ),
    "the mean of all": (lambda m, x: head(m, m.c(x - x.mean())), {}),
    "a batch of one": (lambda m, x: m.head(average(m.c(x)).reshape(1, -1)), {}),
    "a vector": (lambda m, x: m.head(average(m.c(x)).view(-1)), {}),
}


@pytest.mark.parametrize("kind", MIXING)
def test_an_image_gets_the_same_answer_alone_and_in_a_batch(loader: Loader, kind: str) -> None:
    middle, parts = MIXING[kind]
    model = loader.load_middle(middle, {"c": conv, **parts})
    plain = model.spec.build().eval()
    plain.load_state_dict(torch.load(loader.folder / "kind1.pth"))
    images = torch.randn(3, *SHAPE, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        alone = torch.stack([plain(image[None]).flatten() for image in images])
        assert torch.allclose(model.module(images), alone, atol=1e-5)
    assert any("mixes the images of a batch" in note for note in model.notes)
    check_occlusion(model)


def conv() -> nn.Module:
    return nn.Conv2d(8, 8, 3)


def attend(m: Any, x: Tensor) -> Tensor:
    flat = x.flatten(2)
    weights = (flat.transpose(1, 2) @ flat).softmax(-1)
    return head(m, m.c(x + (flat @ weights).view_as(x)))


def unpool(m: Any, x: Tensor) -> Tensor:
    y, places = functional.max_pool2d(x, 2, return_indices=True)
    return head(m, m.c(functional.max_unpool2d(y, places, (2, 2))))


def shuffle(m: Any, x: Tensor) -> Tensor:
    b, c, h, w = x.size()
    return head(m, m.c(x.view(b, 2, c // 2, h, w).transpose(1, 2).contiguous().view(b, c, h, w)))


# Layers whose cells see more than a window says, or whose arguments are sizes of what they read.
FAR: dict[str, tuple[Middle, dict[str, Any]]] = {
    "group normalization": (lambda m, x: head(m, m.c(m.n(x))), {"n": lambda: nn.GroupNorm(2, 8)}),
    "instance normalization": (
        lambda m, x: head(m, m.c(m.n(x))),
        {"n": lambda: nn.InstanceNorm2d(8)},
    ),
    "layer normalization": (
        lambda m, x: head(m, m.c(functional.layer_norm(x, x.shape[1:]))),
        {},
    ),
    "layer normalization of cells": (
        lambda m, x: head(m, m.c(m.n(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))),
        {"n": lambda: nn.LayerNorm(8)},
    ),
    "softmax along rows": (lambda m, x: head(m, m.c(x.softmax(-1))), {}),
    "joined along rows": (lambda m, x: head(m, m.c(torch.cat([x, x], 2))), {}),
    "split along rows": (lambda m, x: head(m, m.c(torch.cat(x.chunk(2, 2)[::-1], 2))), {}),
    "split along channels": (
        lambda m, x: head(m, m.c(torch.cat(torch.split(x, 4, 1)[::-1], 1))),
        {},
    ),
    "circular padding": (
        lambda m, x: head(m, m.c(m.p(x))),
        {"p": lambda: nn.Conv2d(8, 8, 3, padding=1, padding_mode="circular")},
    ),
    "reflecting padding": (
        lambda m, x: head(m, m.c(m.p(x))),
        {"p": lambda: nn.Conv2d(8, 8, 5, padding=2, padding_mode="reflect")},
    ),
    "same padding": (
        lambda m, x: head(m, m.c(m.p(x))),
        {"p": lambda: nn.Conv2d(8, 8, (4, 2), padding="same", dilation=2)},
    ),
    "learned positions": (
        lambda m, x: head(m, m.c(x + m.p)),
        {"p": lambda: nn.Parameter(torch.randn(1, 8, 16, 16))},
    ),
    "counted positions": (lambda m, x: head(m, m.c(x + torch.arange(x.shape[3]))), {}),
    "einsum": (
        lambda m, x: head(m, m.c(torch.einsum("...chw,dc->...dhw", x, m.w))),
        {"w": lambda: nn.Parameter(torch.randn(8, 8))},
    ),
    "pooling with indices": (unpool, {}),
    "a non-local block": (attend, {}),
    "shuffled channels": (shuffle, {}),
    "groups in the batch": (
        lambda m, x: head(m, m.c(x.view(-1, 4, 16, 16).softmax(1).view(-1, 8, 16, 16))),
        {},
    ),
    "mirrored": (lambda m, x: head(m, m.c(x + x.flip(-1))), {}),
    "sizes of the whole": (lambda m, x: m.head(m.c(x).sum((2, 3)) / (x.size(2) * x.size(3))), {}),
    "scaled to a size": (
        lambda m, x: head(
            m, m.c(functional.interpolate(functional.max_pool2d(x, 2), size=x.shape[2:]) + x)
        ),
        {},
    ),
    "a view behind maps": (
        lambda m, x: m.head(m.c(x).view(-1, 8, 14 * 14).mean(2).view(x.size(0), -1)),
        {},
    ),
    "pooling of all": (
        lambda m, x: m.head(functional.avg_pool2d(m.c(x), m.c(x).size()[2:]).flatten(1)),
        {},
    ),
    "weights by a function": (
        lambda m, x: head(m, m.c(functional.conv2d(x, m.w, padding="same"))),
        {"w": lambda: nn.Parameter(torch.randn(8, 8, 3, 3))},
    ),
    "normalized weights": (
        lambda m, x: head(m, functional.relu(m.p(x))),
        {"p": lambda: nn.utils.parametrizations.weight_norm(nn.Conv2d(8, 8, 3))},
    ),
    "spectral normalization": (
        lambda m, x: head(m, functional.relu(m.p(x))),
        {"p": lambda: nn.utils.parametrizations.spectral_norm(nn.Conv2d(8, 8, 3))},
    ),
    "arithmetic": (lambda m, x: head(m, m.c((x - 0.4) / 0.2)), {}),
    "nothing to differentiate": (lambda m, x: head(m, m.c(x.detach())), {}),
}


@pytest.mark.parametrize("kind", FAR)
def test_every_page_is_right_about_layers_that_look_far(loader: Loader, kind: str) -> None:
    middle, parts = FAR[kind]
    model = loader.load_middle(middle, {"c": conv, **parts})
    check_occlusion(model)
    describe_layers(model.graph)
    if kind != "nothing to differentiate":
        attribute(model, X, method=Method.GRAD_CAM, target=0)
    compute_effective_field(model, layer="conv", weights=WeightSource.RANDOM, samples=1)
    x = X.clone().requires_grad_()
    for layer in model.graph.layers[1:]:
        if not layer.is_spatial:
            continue
        row, column = layer.shape[1] // 2, layer.shape[2] - 1
        patch = trace_patches(model.graph, layer=layer.name, row=row, column=column)["input"]
        (maps,) = build_reader(model.graph, (layer.name,))(x)
        if not maps.requires_grad:
            continue
        cell = maps[0, :, row, column]
        # Unlike shares of the channels: what sums to one has no gradient together.
        (gradient,) = torch.autograd.grad(cell, x, torch.linspace(1, 3, len(cell)))
        rows, columns = (
            gradient[0].abs().sum(axes).nonzero().flatten() for axes in ((0, 2), (0, 1))
        )
        assert patch.top <= rows[0]
        assert patch.bottom >= rows[-1]
        assert patch.left <= columns[0]
        assert patch.right >= columns[-1]


def test_a_normalization_over_groups_sees_the_whole_image(loader: Loader) -> None:
    middle, parts = FAR["group normalization"]
    model = loader.load_middle(middle, {"c": conv, **parts})
    patch = trace_patches(model.graph, layer="n", row=8, column=8)["input"]
    assert (patch.top, patch.bottom, patch.left, patch.right) == (0, 15, 0, 15)
    joined = loader.load_middle(FAR["joined along rows"][0], {"c": conv})
    patch = trace_patches(joined.graph, layer="cat", row=20, column=8)["input"]
    # Row 20 of two maps of 16 rows, one above the other, is row 4; the convolution below has 3×3.
    assert (patch.top, patch.bottom, patch.left, patch.right) == (3, 5, 7, 9)


@pytest.mark.parametrize("mode", ["reflect", "circular", "replicate"])
def test_a_cell_at_the_edge_is_worked_out_with_its_padding(loader: Loader, mode: str) -> None:
    make = {"p": lambda: nn.Conv2d(8, 8, 3, padding=1, padding_mode=mode)}  # type: ignore[arg-type]
    model = loader.load_middle(lambda m, x: head(m, m.p(x)), make)
    cell = explain_cell(model, X, layer="p", channel=1, row=15, column=15)
    assert cell.weights is not None
    assert float((cell.inputs * cell.weights).sum()) + cell.bias == pytest.approx(
        cell.value, abs=1e-5
    )


def test_a_shuffled_channel_is_followed_to_its_source(loader: Loader) -> None:
    model = loader.load_middle(shuffle, {"c": conv})
    values = read_activations(model, X, layers=("relu", "view_1"))
    for channel in range(8):
        # Two groups of four, (2, 4), turned to (4, 2): channel 2·i + g is channel 4·g + i.
        source = 4 * (channel % 2) + channel // 2
        cell = explain_cell(model, X, layer="view_1", channel=channel, row=3, column=5)
        assert float(cell.inputs) == float(values["relu"][0, source, 3, 5]) == cell.value


def test_random_weights_leave_a_builder_s_only_object_alone(loader: Loader) -> None:
    torch.manual_seed(2)
    only = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))
    model = loader.load(lambda: only)
    before = predict(model, X).logits
    compute_effective_field(model, layer="_0", weights=WeightSource.RANDOM, samples=2)
    compute_costs(model.spec.build, input_shape=SHAPE)
    assert torch.equal(predict(model, X).logits, before)
    # Another network of the same object has weights of its own.
    state = {name: value + 1 for name, value in only.state_dict().items()}
    assert not torch.equal(loader.load(lambda: only, state=state).module(X)[0], before)
    assert torch.equal(predict(model, X).logits, before)

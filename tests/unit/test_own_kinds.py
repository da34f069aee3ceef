"""What people write into their forwards: outputs, sizes, batches, and layers that look far.

The right answers are torch's: a network's own probabilities, plain passes of covered images, and
where the gradient of a cell is not zero.
"""

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.activations import build_reader, read_activations
from cnnviz.attribution.fills import Fill, make_fill
from cnnviz.attribution.methods import Method, attribute
from cnnviz.attribution.occlusion import OcclusionOptions, compute_occlusion, cover
from cnnviz.cells import explain_cell
from cnnviz.cost import compute_costs
from cnnviz.effective_field import WeightSource, compute_effective_field
from cnnviz.errors import CNNVizError, NetworkError
from cnnviz.inference import LoadedModel, predict
from cnnviz.layer_facts import describe_layers
from cnnviz.receptive_field import trace_patches
from tests.own_kinds import SHAPE, Loader, Middle, X, average, loader

__all__ = ["loader"]


@dataclass
class Output:
    """What some libraries return."""

    logits: Tensor
    hidden: Tensor | None = None


def head(m: Any, x: Tensor) -> Tensor:
    logits: Tensor = m.head(average(x))
    return logits


# What is returned, and the probabilities that follow from it, as its author would compute them.
OUTPUTS: dict[str, tuple[Middle, Any]] = {
    "a second head, computed later": (
        lambda m, x: (head(m, x), m.other(average(x)))[0],
        lambda returned: returned.softmax(1),
    ),
    "a tuple": (lambda m, x: (x, head(m, x)), lambda returned: returned[1].softmax(1)),
    "a dictionary": (lambda m, x: {"out": head(m, x)}, lambda returned: returned["out"].softmax(1)),
    "an object": (lambda m, x: Output(head(m, x)), lambda returned: returned.logits.softmax(1)),
    "logits and their softmax": (
        lambda m, x: (head(m, x), head(m, x).softmax(1)),
        lambda returned: returned[1],
    ),
    "softmax": (lambda m, x: head(m, x).softmax(1), lambda returned: returned),
    "log-softmax": (lambda m, x: functional.log_softmax(head(m, x), 1), torch.exp),
    "log of softmax": (lambda m, x: torch.log(head(m, x).softmax(-1)), torch.exp),
    "shares without softmax": (
        lambda m, x: head(m, x).exp() / head(m, x).exp().sum(1, keepdim=True),
        lambda returned: returned,
    ),
    "maps of one cell": (
        lambda m, x: m.last(x).mean((2, 3), keepdim=True),
        lambda returned: returned.flatten(1).softmax(1),
    ),
    "squeezed": (
        lambda m, x: m.last(x).mean((2, 3), keepdim=True).squeeze(),
        lambda returned: returned[None].softmax(1),
    ),
}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_probabilities_are_those_of_what_the_forward_returns(loader: Loader, kind: str) -> None:
    middle, read = OUTPUTS[kind]
    parts = {"other": lambda: nn.Linear(8, 5), "last": lambda: nn.Conv2d(8, 5, 1)}
    model = loader.load_middle(middle, parts)
    plain = model.spec.build().eval()
    plain.load_state_dict(torch.load(loader.folder / "kind1.pth"))
    with torch.no_grad():
        expected = read(plain(X))[0]
    assert predict(model, X).probabilities == pytest.approx(expected, abs=1e-6)
    (logits,) = read_activations(model, X, layers=(model.graph.output.name,)).values()
    assert torch.equal(logits[0], predict(model, X).logits)
    together = model.module(torch.cat([X, -X]))
    assert torch.allclose(together, torch.cat([model.module(X), model.module(-X)]), atol=1e-5)


@pytest.mark.parametrize("ending", ["sigmoid", "logit", "squeezed"])
def test_one_number_says_how_much_it_is_the_second_class(loader: Loader, ending: str) -> None:
    def middle(m: Any, x: Tensor) -> Any:
        z = m.one(average(x))
        return {"sigmoid": z.sigmoid(), "logit": z, "squeezed": z.squeeze()}[ending]

    model = loader.load_middle(middle, {"one": lambda: nn.Linear(8, 1)}, classes=2)
    with torch.no_grad():
        z = model.module(X)[0, 1]
        weights = torch.load(loader.folder / "kind1.pth")
        maps = functional.conv2d(X, weights["conv.weight"], weights["conv.bias"], padding=1).relu()
        own = functional.linear(average(maps), weights["one.weight"], weights["one.bias"])
    assert float(z) == pytest.approx(float(own), abs=1e-6)
    assert float(predict(model, X).probabilities[1]) == pytest.approx(
        float(own.sigmoid()), abs=1e-6
    )
    assert any("second class" in note for note in model.notes)


REFUSED: dict[str, tuple[Middle, str]] = {
    "two heads": (lambda m, x: (head(m, x), m.other(average(x))), "returns 2 outputs of 5 numbers"),
    "maps": (
        lambda m, x: m.last(x),
        r"yields \(5, 16, 16\) and has 5 classes.*x\.mean\(\(2, 3\)\)",
    ),
    "nothing": (lambda _m, _x: None, "yields no tensor"),
    "many sigmoids": (lambda m, x: head(m, x).sigmoid(), "ends in a sigmoid"),
    "too few": (lambda _, x: average(x), r"yields \(8,\) and has 5 classes"),
    "a branch": (
        lambda m, x: head(m, x) if x.mean() > 0 else -head(m, x),
        r"branches on values at line \d+ of test_own_kinds\.py",
    ),
    "a number": (lambda m, x: head(m, x) * float(x.mean()), r"turns a value into a number at line"),
    "dropout": (
        lambda m, x: functional.dropout(head(m, x)),
        r"another answer each time at line \d+ of test_own_kinds\.py; write F\.dropout",
    ),
    "new weights": (
        lambda _, x: nn.Linear(8, 5)(average(x)),
        "makes a layer with weights in its forward at line",
    ),
    "a mistake": (lambda m, x: m.head(x), r"cannot take an input of \(3, 16, 16\) at line \d+"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_shown_is_refused_with_its_cause(loader: Loader, kind: str) -> None:
    middle, sentence = REFUSED[kind]
    parts = {"other": lambda: nn.Linear(8, 5), "last": lambda: nn.Conv2d(8, 5, 1)}
    with pytest.raises(NetworkError, match=sentence):
        loader.load_middle(middle, parts)


def write_item(m: Any, x: Tensor) -> Tensor:
    x[:, 0] = 0
    return head(m, x)


def write_view(m: Any, x: Tensor) -> Tensor:
    part = x[:, :4]
    part += 1
    return head(m, x)


@pytest.mark.parametrize("middle", [write_item, write_view])
def test_writing_into_a_tensor_is_refused_with_its_line(loader: Loader, middle: Middle) -> None:
    with pytest.raises(NetworkError, match=r"writes .* at line \d+ of test_own_kinds\.py"):
        loader.load_middle(middle)


class Defaults(nn.Module):
    """Arguments that have defaults, sizes that Python counts with, layers made on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.LazyConv2d(8, 3), nn.LazyLinear(5)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, scale: float = 2.0, *, features: bool = False
    ) -> Tensor:
        assert x.shape[1] == 3, x.ndim == 4
        x = nn.ReLU(inplace=True)(self.conv(x))
        if mask is not None:
            x = x * mask
        channels = [x[:, index] for index in range(x.shape[1])]
        x = torch.stack(channels, 1) * scale + torch.zeros(x.size(0), 1, 1, 1)
        batch, count, height, width = x.shape
        x = x.sum((2, 3)) / (height * width)
        y: Tensor = self.head(x.view(batch, count))
        return x if features else y


def test_defaults_sizes_and_layers_made_on_the_way(loader: Loader) -> None:
    module = Defaults().eval()
    module(X)
    model = loader.load(Defaults, state=module.state_dict())
    with torch.no_grad():
        assert torch.allclose(predict(model, X).logits, module(X)[0], atol=1e-6)
    check_occlusion(model)


class Twice(torch.autograd.Function):
    """A function with a backward of its own."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return 2 * x

    @staticmethod
    def backward(_ctx: Any, *gradients: Tensor) -> Tensor:
        return 7 * gradients[0]


twice = Twice.apply


class Doubled(nn.Module):
    """A linear layer behind such a function, called in either way."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.head, self.how = nn.Linear(3, 5), how

    def forward(self, x: Tensor) -> Tensor:
        x = average(x)
        if self.how == "by its class":
            x = Twice.apply(x)  # type: ignore[no-untyped-call]
        elif self.how == "by a name":
            x = twice(x)  # type: ignore[no-untyped-call]
        y: Tensor = self.head(x)
        return y


@pytest.mark.parametrize("how", ["by its class", "by a name"])
def test_a_function_keeps_its_own_backward(loader: Loader, how: str) -> None:
    x = X.clone().requires_grad_()
    model = loader.load(lambda: Doubled(how))
    once = loader.load(lambda: Doubled("not at all"))
    (found,) = torch.autograd.grad(model.graph.traced(x)[0, 1], x)
    (plain,) = torch.autograd.grad(once.graph.traced(x)[0, 1], x)
    assert torch.allclose(found, 7 * plain, atol=1e-6)


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


def check_occlusion(model: LoadedModel) -> None:
    """Compare with plain passes of the covered images."""
    made = compute_occlusion(model, X, options=OcclusionOptions(patch=4, stride=4))
    fill = make_fill(Fill.MEAN, X, preprocessing=model.spec.preprocessing, patch=4)
    with torch.no_grad():
        plain = torch.stack(
            [
                model.module(cover(X, made.find_square(index // 4, index % 4), fill))[0]
                for index in range(16)
            ]
        )
        change = float((plain - model.module(X)).abs().max())
    apart = float((made.logits.reshape(16, -1) - plain).abs().max())
    assert apart <= 0.01 * change + 1e-6


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


def test_a_network_without_parameters_opens(loader: Loader) -> None:
    class Bright(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return average(x)

    model = loader.load(Bright, classes=3)
    assert predict(model, X).logits == pytest.approx(X.mean((2, 3))[0])
    check_occlusion(model)


def test_tensors_made_of_weights_are_no_layers(loader: Loader) -> None:
    def standardize(m: Any, x: Tensor) -> Tensor:
        weight = m.w - m.w.mean((1, 2, 3), keepdim=True)
        return head(m, functional.conv2d(x, weight))

    model = loader.load_middle(standardize, {"w": lambda: nn.Parameter(torch.randn(8, 8, 3, 3))})
    assert [layer.name for layer in model.graph.layers] == [
        *("input", "conv", "relu", "conv2d", "mean_1", "head")
    ]


def test_one_class_is_refused(loader: Loader) -> None:
    with pytest.raises(CNNVizError, match="name two, such as “no” and “yes”"):
        loader.load_middle(head, classes=1)

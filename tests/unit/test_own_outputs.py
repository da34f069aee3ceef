"""What people write into their forwards: outputs, sizes and defaults.

The right answers are torch's: a network's own probabilities, plain passes of covered images, and
where the gradient of a cell is not zero.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.activations.read import read_activations
from cnnviz.check import main
from cnnviz.errors import CNNVizError, NetworkError
from cnnviz.networks.load import predict
from tests.own_kinds import Loader, Middle, X, average, check_occlusion, head, loader

__all__ = ["loader"]


@dataclass
class Output:
    """What some libraries return."""

    logits: Tensor
    hidden: Tensor | None = None


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
        r"branches on values at line \d+ of test_own_outputs\.py",
    ),
    "a number": (lambda m, x: head(m, x) * float(x.mean()), r"turns a value into a number at line"),
    "dropout": (
        lambda m, x: functional.dropout(head(m, x)),
        r"another answer each time at line \d+ of test_own_outputs\.py; write F\.dropout",
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
    with pytest.raises(NetworkError, match=r"writes .* at line \d+ of test_own_outputs\.py"):
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


FILE = """
import torch
from torch import nn
from cnnviz.networks.user_networks import network


class Plain(nn.Module):
    def forward(self, x):
        return x.mean((2, 3)).softmax(1)


class Broken(nn.Module):
    def forward(self, x):
        return x.mean((2, 3)) if x.sum() > 0 else x.sum((2, 3))


@network(shape=(3, 16, 16), classes=("red", "green", "blue"))
def plain():
    return Plain()


@network(shape=(3, 16, 16), classes=("red", "green", "blue"))
def broken():
    return Broken()
"""


@pytest.mark.usefixtures("loader")
def test_the_command_tells_what_each_page_can_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "colors.py"
    file.write_text(FILE, encoding="utf-8")
    assert main([str(file)]) == 1
    told = capsys.readouterr().out
    assert "plain: usable." in told
    assert "plain ends in a softmax" in told
    assert "Costs: yes; 0 parameters, 0 multiply-adds" in told
    assert "no Grad-CAM" in told
    assert "defect" not in told
    assert "broken: not usable. Broken has no fixed graph" in told
    assert "at line 14 of colors.py" in told
    assert main([str(tmp_path / "nothing.py")]) == 2
    assert "no Python file" in capsys.readouterr().err


def halve(x: Tensor) -> Tensor:
    """A function of a library that looks at the type of what it is given, as einops does."""
    if not isinstance(x, Tensor):
        raise TypeError("no tensor")
    return x / 2


def test_functions_of_einops_are_taken_whole(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = ModuleType("einops")
    library.rearrange = halve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "einops", library)
    model = loader.load_middle(lambda m, x: head(m, halve(x)))
    plain = loader.load_middle(lambda m, x: head(m, x / 2))
    assert "halve" in [layer.name for layer in model.graph.layers]
    assert torch.equal(model.module(X), plain.module(X))

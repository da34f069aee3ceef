"""Shortcuts: torch's backward pass, the chain rule by hand, and trained networks cut and grown."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.images.names import load_named
from cnnviz.labs.gradient_flow import Norm, Shortcut, run_chain, send_flow
from cnnviz.labs.lesions import (
    BLOCKS,
    IDENTITIES,
    NETWORKS,
    chain_network,
    find_shares,
    list_blocks,
    measure_lesions,
    read_addition,
    read_lesion_accuracy,
)
from cnnviz.labs.signal import Activation, Initialization, build_network
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo.lineage.photographs import normalize_photographs
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.lesions import main, measure_accuracies

IMAGES = ("cat", "coffee", "flower", "rocket")


def send(shortcut: Shortcut, norm: Norm, blocks: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    flow = send_flow(
        shortcut,
        function=Activation.TANH,
        initialization=Initialization.HE,
        norm=norm,
        blocks=blocks,
    )
    return flow.deviations, flow.gradients


class Unit(nn.Module):
    """A block as the papers draw it, of torch's modules."""

    def __init__(self, layers: list[nn.Linear], shortcut: Shortcut, norm: Norm) -> None:
        super().__init__()
        kinds: dict[Norm, Callable[[], nn.Module]] = {
            Norm.NONE: nn.Identity,
            Norm.BATCH: lambda: nn.BatchNorm1d(64, affine=False),
            Norm.LAYER: lambda: nn.LayerNorm(64, elementwise_affine=False),
        }
        make, (first, second) = kinds[norm], layers
        self.shortcut = shortcut
        if shortcut is Shortcut.PRE_ACTIVATION:
            self.branch = nn.Sequential(make(), nn.Tanh(), first, make(), nn.Tanh(), second)
        else:
            self.branch = nn.Sequential(first, make(), nn.Tanh(), second, make())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        branch: torch.Tensor = self.branch(x)
        if self.shortcut is Shortcut.PLAIN:
            return branch.tanh()
        return x + branch if self.shortcut is Shortcut.PRE_ACTIVATION else (x + branch).tanh()


@pytest.mark.parametrize("norm", Norm)
@pytest.mark.parametrize("shortcut", Shortcut)
def test_gradients_are_those_of_the_same_blocks_by_torch(shortcut: Shortcut, norm: Norm) -> None:
    *hidden, last = build_network(Initialization.HE, depth=6)
    units = [Unit(hidden[at : at + 2], shortcut, norm) for at in (0, 2, 4)]
    tail: list[nn.Module] = [last]
    if shortcut is Shortcut.PRE_ACTIVATION:
        tail = [*list(units[0].branch)[:2], last]
    data = load_written_digits()
    x = data.train - data.train.mean(dim=0)
    deviation = data.train.std(dim=0, correction=0)
    x = (x / deviation.where(deviation > 0, torch.tensor(1.0)))[:256]
    outputs = []
    for unit in units:
        x = unit(x)
        outputs.append(float(x.detach().std()))
    loss = nn.CrossEntropyLoss()(nn.Sequential(*tail)(x), data.train_labels[:256])
    weights = [layer.weight for layer in hidden]
    grads = torch.autograd.grad(loss, weights)
    expected = [
        math.sqrt(float(grads[at].square().sum() + grads[at + 1].square().sum()))
        for at in (0, 2, 4)
    ]
    deviations, gradients = send(shortcut, norm)
    assert deviations.tolist() == pytest.approx(outputs, rel=1e-4)
    assert gradients.tolist() == pytest.approx(expected, rel=1e-3)


def test_what_the_lesson_says_of_fifty_layers() -> None:
    def flow(
        shortcut: Shortcut, function: Activation, start: Initialization, norm: Norm
    ) -> tuple[torch.Tensor, torch.Tensor]:
        found = send_flow(shortcut, function=function, initialization=start, norm=norm, blocks=25)
        return found.deviations, found.gradients

    xavier = Initialization.XAVIER
    plain, _ = flow(Shortcut.PLAIN, Activation.RELU, xavier, Norm.NONE)
    residual, _ = flow(Shortcut.RESIDUAL, Activation.RELU, xavier, Norm.NONE)
    assert float(plain[-1]) < 1e-5 * float(plain[0])
    assert float(residual[-1]) > float(residual[0])
    ratios = {}
    for one in Shortcut:
        _, gradients = flow(one, Activation.SIGMOID, xavier, Norm.NONE)
        ratios[one] = float(gradients[0] / gradients[-1])
    assert ratios[Shortcut.PLAIN] < ratios[Shortcut.RESIDUAL] < 1e-6
    assert 0.5 < ratios[Shortcut.PRE_ACTIVATION] < 2
    for one in Shortcut:
        _, gradients = flow(one, Activation.RELU, Initialization.HE, Norm.BATCH)
        ratios[one] = float(gradients[0] / gradients[-1])
    assert ratios[Shortcut.PLAIN] > 1000
    assert max(ratios[Shortcut.RESIDUAL], ratios[Shortcut.PRE_ACTIVATION]) < 30


@pytest.mark.parametrize("function", Activation)
def test_the_chain_is_torchs(function: Activation) -> None:
    modules = {
        Activation.SIGMOID: nn.Sigmoid(),
        Activation.TANH: nn.Tanh(),
        Activation.RELU: nn.ReLU(),
        Activation.LEAKY_RELU: nn.LeakyReLU(),
        Activation.GELU: nn.GELU(),
        Activation.SILU: nn.SiLU(),
    }
    weights = (0.7, -1.2, 2.0, 1.5)
    biases = torch.full((4,), 0.3, dtype=torch.float64, requires_grad=True)
    a = torch.tensor(1.0, dtype=torch.float64)
    for weight, bias in zip(weights, biases, strict=True):
        a = modules[function](weight * a + bias)
    (expected,) = torch.autograd.grad(0.5 * (a - 1) ** 2, biases)
    found = run_chain(function, weights=weights, bias=0.3).find_gradients()
    assert found == pytest.approx(expected.tolist(), abs=1e-12)


def test_the_chain_by_hand() -> None:
    """With all w = 0 each slope is 1/4 and the error 1/2 − 1; nothing comes back through w."""
    chain = run_chain(Activation.SIGMOID, weights=(0, 0, 0, 0), bias=0)
    assert chain.slopes == (0.25,) * 4
    assert chain.find_gradients() == [0, 0, 0, pytest.approx(-0.125)]
    ones = run_chain(Activation.SIGMOID, weights=(1, 1, 1, 1), bias=0).find_gradients()
    assert 60 < ones[3] / ones[0] < 130


@pytest.fixture(scope="module")
def batches() -> dict[str, torch.Tensor]:
    return {
        name: torch.cat(
            [load_model(name).spec.preprocessing.prepare(load_named(one).pixels) for one in IMAGES]
        )
        for name in NETWORKS
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_the_chained_layers_are_the_network(name: str, batches: dict[str, torch.Tensor]) -> None:
    model = load_model(name)
    with torch.no_grad():
        expected = model.module(batches[name]).softmax(dim=1)
    torch.testing.assert_close(find_shares(chain_network(model), batches[name]), expected)


def test_zero_blocks_leave_a_residual_network_and_destroy_a_plain_one(
    batches: dict[str, torch.Tensor],
) -> None:
    residual, plain = (load_model(name) for name in NETWORKS)
    before = find_shares(residual.module, batches["resnet64"])
    after = find_shares(chain_network(residual, inserted=3), batches["resnet64"])
    assert torch.equal(before, after)
    flat = find_shares(chain_network(plain, inserted=1), batches["plain64"])
    torch.testing.assert_close(flat, flat[:1].expand_as(flat))  # one answer for all images
    assert len(set(find_shares(plain.module, batches["plain64"]).argmax(dim=1).tolist())) > 1


def test_a_block_off_is_a_block_whose_branch_gives_zero(batches: dict[str, torch.Tensor]) -> None:
    """Cut by hand: with γ and β of its second normalization at zero, F(x) is zero."""
    model, x = load_model("resnet64"), batches["resnet64"]
    for name in ("conv3.a", "conv4.c"):
        norm = list_blocks(model)[name].norm2
        kept = {one: value.clone() for one, value in norm.state_dict().items()}
        try:
            nn.init.zeros_(norm.weight)
            nn.init.zeros_(norm.bias)
            with torch.no_grad():
                expected = model.module(x).softmax(dim=1)
        finally:
            norm.load_state_dict(kept)
        torch.testing.assert_close(find_shares(chain_network(model, off=[name]), x), expected)


def test_lesions_are_veits(batches: dict[str, torch.Tensor]) -> None:
    """Veit et al., figure 3: a residual network survives the loss of a block, a plain one dies."""
    kept = {}
    for name in NETWORKS:
        model = load_model(name)
        *_, found = measure_lesions(model, batches[name])
        assert tuple(found.blocks) == BLOCKS
        expected = find_shares(chain_network(model, off=["conv4.b"]), batches[name])
        named = find_shares(model.module, batches[name]).argmax(dim=1)
        share = float((expected.argmax(dim=1) == named).float().mean())
        assert found.kept[BLOCKS.index("conv4.b")] == share
        kept[name] = sum(found.kept) / len(BLOCKS)
    assert kept["resnet64"] > 0.5 > 0.2 > kept["plain64"]


def test_the_addition_is_what_the_block_does(batches: dict[str, torch.Tensor]) -> None:
    model, x = load_model("resnet64"), batches["resnet64"][:1]
    assert len(IDENTITIES) == 13
    for block in ("conv2.a", "conv4.d"):
        found = read_addition(model, x, block)
        names = [one for one in BLOCKS if one <= block]
        module = model.module
        with torch.no_grad():
            values = nn.Sequential(
                *(module.get_submodule(one) for one in ("conv1", "norm1", "relu1", *names))
            )(x)
        side = values.shape[-1] // 2
        rows = slice(side - 1, side + 2)
        torch.testing.assert_close(found.output, values[0, found.channel, rows, rows])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_card_tells_the_accuracy_without_each_block(name: str) -> None:
    model = load_model(name)
    found = read_lesion_accuracy(model)
    assert found is not None
    assert tuple(found.without) == BLOCKS
    told = float(model.card.facts["accuracy"]["top1"]["percent"]) / 100
    assert found.whole == pytest.approx(told, abs=0.03)  # of fewer images
    assert max(found.without.values()) < found.whole + 0.03


def test_a_broken_card_tells_nothing() -> None:
    model = load_model("resnet64")
    for told in (None, 3, {"images": 5}, {"images": 5, "whole": 50, "without": {"conv2.a": 1}}):
        card = replace(model.card, facts=model.card.facts | {"lesions": told})
        assert read_lesion_accuracy(replace(model, card=card)) is None


def test_the_command_counts_what_each_cut_network_says() -> None:
    model = load_model("plain64")
    dice = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (6, 3, 64, 64), generator=dice, dtype=torch.uint8)
    x = normalize_photographs(images)
    labels = find_shares(model.module, x).argmax(dim=1)
    found = measure_accuracies(model, LabelledImages(images=images, labels=labels))
    assert (found["images"], found["whole"]) == (6, 100)
    cut = find_shares(chain_network(model, off=["conv5.b"]), x).argmax(dim=1)
    without = found["without"]
    assert isinstance(without, dict)
    share = 100 * float((cut == labels).float().mean())
    assert without["conv5.b"] == pytest.approx(share, abs=0.01)


def test_the_command_says_what_it_misses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path), "--every", "0"])

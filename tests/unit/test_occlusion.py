"""Occlusion against captum's, against sums by hand, and what a covered square can reach."""

import threading
from dataclasses import replace
from itertools import product

import pytest
import torch
from captum.attr import Occlusion as CaptumOcclusion
from torch import Tensor, nn

from cnnviz.attribution.occlusion.cover import (
    Occlusion,
    OcclusionOptions,
    compute_occlusion,
    list_parts,
    list_starts,
    merge_parts,
    read_class,
    refine_occlusion,
)
from cnnviz.attribution.occlusion.fills import Fill, make_fill
from cnnviz.attribution.occlusion.spans import Span, Square
from cnnviz.attribution.occlusion.windows import ChangedNetwork
from cnnviz.errors import AttributionError
from cnnviz.networks.graph.layers import trace_network
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.weights.files import list_weights
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.preprocessing import prepare_photographs
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from cnnviz.receptive_fields.theoretical import trace_patches
from tests.quick import KINDS, each

# With the layers that published networks are made of; the others have the same ones.
PUBLISHED = (
    *("resnet18", "squeezenet1_1", "mobilenet_v2", "convnext_tiny", "shufflenet_v2_x0_5"),
    *("efficientnet_b0", "efficientnet_lite0"),
)
OTHERS = ("googlenet", "densenet121", "vgg11", "alexnet", "inception_v3")
BORROWED = "lenet5"  # its row in the registry lends what a hand-made network does not need


def wrap(module: nn.Module, shape: tuple[int, int, int]) -> LoadedModel:
    """A network of the test's own, loaded as the registry's are."""
    module = module.eval().requires_grad_(False)
    lent = load_model(BORROWED)
    preprocessing = prepare_photographs(shape=shape, mean=(0.5,) * shape[0], std=(0.25,) * shape[0])
    return LoadedModel(
        spec=replace(lent.spec, preprocessing=preprocessing),
        module=module,
        graph=trace_network(module, input_shape=shape, titles={}),
        card=lent.card,
    )


def stir(module: nn.Module) -> nn.Module:
    """Give a network weights under which its answer depends on the picture."""
    generator = torch.Generator().manual_seed(1)
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            fan = part.weight[0].numel()
            noise = torch.randn(part.weight.shape, generator=generator)
            part.weight.data = noise * (2 / fan) ** 0.5
        if isinstance(part, nn.BatchNorm2d):
            mean, var = part.running_mean, part.running_var
            assert mean is not None
            assert var is not None
            mean.copy_(torch.randn(mean.shape, generator=generator) * 0.3)
            var.copy_(torch.rand(var.shape, generator=generator) + 0.5)
    return module


def ask_captum(
    model: LoadedModel, x: Tensor, fill: Tensor, *, options: OcclusionOptions, target: int
) -> Tensor:
    """The class's logit with each square covered, (R, K), from captum's differences.

    captum adds up the differences of all squares that cover a pixel; the stride is the patch here,
    so that one square covers each.
    """
    channels = x.shape[1]
    difference: Tensor = CaptumOcclusion(model.module).attribute(
        x,
        sliding_window_shapes=(channels, options.patch, options.patch),
        strides=(channels, options.stride, options.stride),
        baselines=fill,
        target=target,
        perturbations_per_eval=8,
    )
    logit: Tensor = model.module(x)[0, target]
    return logit - difference[0, 0, :: options.stride, :: options.stride]


def check_against_captum(model: LoadedModel, *, options: OcclusionOptions) -> Occlusion:
    shape = model.spec.preprocessing.shape
    x = torch.randn(1, *shape, generator=torch.Generator().manual_seed(0))
    fill = make_fill(options.fill, x, preprocessing=model.spec.preprocessing, patch=options.patch)
    found = compute_occlusion(model, x, options=options)
    target = int(found.clean.argmax())
    wanted = ask_captum(model, x, fill, options=options, target=target)
    logit = read_class(found, target=target).logit
    spread = float(wanted.max() - wanted.min())
    assert spread > 1e-3  # a map that does not vary would agree with anything
    assert logit.shape == wanted.shape
    torch.testing.assert_close(logit, wanted, rtol=0, atol=1e-4 * spread + 2e-5)
    return found


def build_published(name: str) -> nn.Module:
    if name == "efficientnet_lite0":  # with padding as a layer of its own
        return stir(get_architecture(name).build(80))
    inception = name in ("googlenet", "inception_v3")
    options = {"init_weights": False} if inception else {}
    module: nn.Module = getattr(import_torchvision("models"), name)(weights=None, **options)
    return stir(module)


@pytest.mark.parametrize("name", each((*PUBLISHED, *OTHERS), PUBLISHED))
@pytest.mark.parametrize("fill", [Fill.NOISE])
def test_published_networks_agree_with_captum(name: str, fill: Fill) -> None:
    side = 96 if name in ("inception_v3", "alexnet") else 80
    model = wrap(build_published(name), (3, side, side))
    check_against_captum(model, options=OcclusionOptions(patch=24, stride=24, fill=fill))


# What covers a square is made before the network sees it: all fills for one network.
@pytest.mark.parametrize(
    "case",
    each(
        product(sorted(list_weights()), Fill),
        {*product(["lenet5"], Fill), *zip(sorted(KINDS - {"lenet5"}), Fill, strict=True)},
    ),
    ids=" ".join,
)
def test_bundled_networks_agree_with_captum(case: tuple[str, Fill]) -> None:
    name, fill = case
    model = load_model(name)
    patch = model.spec.preprocessing.shape[1] // 6
    check_against_captum(model, options=OcclusionOptions(patch=patch, stride=patch, fill=fill))


class Awkward(nn.Module):
    """Every rare thing that a window must get right at the edges, in one network."""

    def __init__(self) -> None:
        super().__init__()
        self.dilated = nn.Conv2d(3, 6, 3, padding=2, dilation=2)
        self.grouped = nn.Conv2d(6, 6, (1, 5), stride=(1, 2), padding=(0, 2), groups=3)
        self.norm = nn.BatchNorm2d(6)
        self.rounded = nn.MaxPool2d(3, 2, padding=1, ceil_mode=True)
        self.even = nn.AvgPool2d(2, stride=1, padding=1)
        self.strided = nn.Conv2d(6, 4, 1, stride=2)
        self.other = nn.Conv2d(6, 4, 3, stride=2, padding=1)
        self.padded = nn.ConstantPad2d((2, 0, 1, 3), 0.25)
        self.out = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.norm(self.grouped(self.dilated(x))) - 0.2)
        x = self.even(self.padded(self.rounded(-x)))
        both = torch.cat([self.strided(x), self.other(x)], 1)
        out: Tensor = self.out(both.mean((2, 3)))
        return out


@pytest.mark.parametrize("patch", [1, 3, 7, 20])
@pytest.mark.parametrize("stride", [1, 2, 5])
def test_every_position_is_the_covered_pictures_own_answer(patch: int, stride: int) -> None:
    model = wrap(stir(Awkward()), (3, 23, 20))
    x = torch.randn(1, 3, 23, 20, generator=torch.Generator().manual_seed(2))
    network = ChangedNetwork(model.graph, x)
    fill = -x
    squares = [
        Square(Span(top, min(23, top + patch)), Span(left, min(20, left + patch)))
        for top in list_starts(23, patch=patch, stride=stride)
        for left in list_starts(20, patch=patch, stride=stride)
    ]
    covered = x.repeat(len(squares), 1, 1, 1)
    for index, square in enumerate(squares):
        rows, columns = (
            slice(square.rows.start, square.rows.end),
            slice(square.columns.start, square.columns.end),
        )
        covered[index, :, rows, columns] = fill[0, :, rows, columns]
    torch.testing.assert_close(
        network.run(squares, fill), model.module(covered), rtol=1e-4, atol=1e-5
    )


class Watchman(nn.Module):
    """Looks at rows 8 to 11 and columns 12 to 15 only: class 1 is the sum of their brightness."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = nn.Conv2d(1, 1, 3, padding=1, bias=False)
        self.watch.weight.data = torch.tensor([[[[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]]])
        self.read = nn.Linear(24 * 24, 2, bias=False)
        mask = torch.zeros(24, 24)
        mask[8:12, 12:16] = 1
        self.read.weight.data = torch.stack([torch.zeros(576), mask.flatten()])

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.read(torch.relu(self.watch(x)).flatten(1))
        return out


def test_the_map_is_lowest_on_the_square_that_decides() -> None:
    model = wrap(Watchman(), (1, 24, 24))
    x = torch.ones(1, 1, 24, 24)
    # Black of this preprocessing: (0 − 0.5) / 0.25 = −2, which the ReLU holds back.
    options = OcclusionOptions(patch=4, stride=4, fill=Fill.BLACK)
    found = read_class(compute_occlusion(model, x, options=options), target=1)
    wanted = torch.full((6, 6), 16.0)
    wanted[2, 3] = 0.0
    torch.testing.assert_close(found.logit, wanted, atol=1e-5, rtol=0)
    # With every pixel dark both classes have a logit of 0: the first of them is named.
    assert found.best.tolist()[2][3] == 0
    assert float(found.probability[2, 3]) == pytest.approx(0.5)
    assert found.clean_probability == pytest.approx(1.0, abs=1e-6)


class Cropped(nn.Module):
    """Two convolutions of which only cell (5, 5) is read: its field is rows and columns 3 to 7."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(torch.relu(self.first(x)))[:, :, 5, 5]
        return out


def test_a_patch_outside_the_field_changes_nothing() -> None:
    model = wrap(stir(Cropped()), (1, 16, 16))
    field = trace_patches(model.graph, layer="second", row=5, column=5)["input"]
    assert (field.top, field.bottom, field.left, field.right) == (3, 7, 3, 7)
    x = torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(3))
    found = compute_occlusion(model, x, options=OcclusionOptions(patch=2, stride=1))
    changed = (found.logits - found.clean).abs().amax(dim=2) > 1e-5
    reached = torch.zeros(15, 15, dtype=torch.bool)
    reached[2:8, 2:8] = True  # a square of two pixels touches 3 to 7 from 2 on
    assert not changed[~reached].any()
    assert changed[reached].all()


def test_the_counted_work_is_what_the_windows_hold() -> None:
    """One 3×3 convolution on 16×16: a square of 4 reaches 6×6 cells, 5 at an edge."""
    module = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 2)
    )
    model = wrap(stir(module), (1, 16, 16))
    network = ChangedNetwork(model.graph, torch.randn(1, 1, 16, 16))
    network.run([Square(Span(4, 8), Span(0, 4))], torch.zeros(1, 1, 16, 16))
    layers = [layer for layer in model.graph.layers if isinstance(layer.module, nn.Conv2d)]
    work = network.work[layers[0].name]
    assert (work.cells, work.full, work.computed) == (6 * 5, 256 * 18, 30 * 18)
    linear = next(layer for layer in model.graph.layers if isinstance(layer.module, nn.Linear))
    assert network.work[linear.name].computed == network.work[linear.name].full == 1024


def test_it_goes_from_coarse_to_fine_and_ends_whole() -> None:
    model = load_model(BORROWED)
    x = torch.randn(1, 1, 32, 32)
    options = OcclusionOptions(patch=4, stride=2)
    (share, nothing), *steps = refine_occlusion(model, x, options=options)
    assert share == 0
    assert not bool(nothing.done.any())
    found = steps[-1][1]
    assert bool(found.done.all())
    assert steps[-1][0] == 1.0
    shares = [share for share, _ in steps]
    assert shares == sorted(shares)
    first = steps[0][1].done
    assert bool(first[::4, ::4].all())
    assert int(first.sum()) == 16
    assert int(read_class(steps[0][1], target=0).best.min()) == -1
    for _, partial in steps:  # what was reported is never written to again
        torch.testing.assert_close(partial.logits[partial.done], found.logits[partial.done])


@pytest.mark.parametrize("stride", [1, 2, 9])
def test_its_parts_make_the_whole(stride: int) -> None:
    """Computed apart, each anew, and put together."""
    model = load_model(BORROWED)
    x = torch.randn(1, 1, 32, 32)
    options = OcclusionOptions(patch=7, stride=stride)
    whole = compute_occlusion(model, x, options=options)
    slices = list_parts(model, x, options=options)
    assert 1 < len(slices) <= 8
    parts = [[*refine_occlusion(model, x, options=options, part=one)][-1] for one in slices]
    assert all(share == 1.0 for share, _ in parts)
    assert sum(int(part.done.sum()) for _, part in parts) == whole.done.numel()
    assert bool(parts[0][1].done[::4, ::4].all())
    merged = merge_parts([part for _, part in parts])
    torch.testing.assert_close(merged.logits, whole.logits, rtol=0, atol=0)
    for found, wanted in zip(merged.savings, whole.savings, strict=True):
        assert (found.name, found.full) == (wanted.name, wanted.full)
        assert found.cells == pytest.approx(wanted.cells)
        assert found.computed == pytest.approx(wanted.computed)


def test_eight_threads_get_the_serial_answers() -> None:
    model = load_model(BORROWED)
    inputs = [torch.randn(1, 1, 32, 32) for _ in range(8)]
    options = OcclusionOptions(patch=6, stride=3, fill=Fill.BLUR)
    wanted = [compute_occlusion(model, x, options=options).logits for x in inputs]
    found: dict[int, Tensor] = {}

    def work(index: int) -> None:
        found[index] = compute_occlusion(model, inputs[index], options=options).logits

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, logits in enumerate(wanted):
        torch.testing.assert_close(found[index], logits)


@pytest.mark.parametrize(
    ("patch", "stride", "said"),
    [(0, 2, "patch is 0"), (33, 2, "patch is 33"), (4, 0, "stride is 0")],
)
def test_choices_out_of_range_are_told(patch: int, stride: int, said: str) -> None:
    with pytest.raises(AttributionError, match=said):
        compute_occlusion(
            load_model(BORROWED),
            torch.zeros(1, 1, 32, 32),
            options=OcclusionOptions(patch=patch, stride=stride),
        )


def test_a_class_that_is_not_there_is_told() -> None:
    options = OcclusionOptions(patch=16, stride=16)
    found = compute_occlusion(load_model(BORROWED), torch.zeros(1, 1, 32, 32), options=options)
    with pytest.raises(AttributionError, match="classes go from 0 to 9"):
        read_class(found, target=10)


def test_fills_are_what_they_say() -> None:
    mean, std = (0.2, 0.4, 0.6), (0.1, 0.2, 0.4)
    preprocessing = prepare_photographs(shape=(3, 12, 12), mean=mean, std=std)
    x = torch.randn(1, 3, 12, 12)

    def fill(kind: Fill) -> Tensor:
        return make_fill(kind, x, preprocessing=preprocessing, patch=6)

    torch.testing.assert_close(fill(Fill.MEAN)[0, :, 3, 4], x.mean((0, 2, 3)))
    # A black pixel's input is (0 − mean) / std.
    torch.testing.assert_close(
        fill(Fill.BLACK)[0, :, 0, 0], torch.tensor([-2.0, -2.0, -1.5]), atol=1e-3, rtol=0
    )
    noise = fill(Fill.NOISE)
    torch.testing.assert_close(noise, fill(Fill.NOISE))
    for channel, (low, high) in enumerate([(-2.0, 8.0), (-2.0, 3.0), (-1.5, 1.0)]):
        assert low - 1e-3 <= float(noise[0, channel].min()) < low + 0.1 * (high - low)
        assert high + 1e-3 >= float(noise[0, channel].max()) > high - 0.1 * (high - low)
    even = torch.full((1, 3, 12, 12), 0.7)
    blurred = make_fill(Fill.BLUR, even, preprocessing=preprocessing, patch=6)
    torch.testing.assert_close(blurred, even)
    assert float(fill(Fill.BLUR).std()) < 0.5 * float(x.std())

"""The lineage's definitions: sizes by hand, names for students, and the preparation of photos."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.errors import NetworkError
from cnnviz.networks.graph.layers import LayerKind, trace_network
from cnnviz.networks.load import load_model
from cnnviz.networks.weights.files import BUNDLED, WeightsOrigin, list_weights
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.lineage import MEMBERS, get_member
from cnnviz.networks.zoo.lineage.classes import CLASS_NAMES, WNIDS
from cnnviz.networks.zoo.lineage.photographs import (
    PHOTOGRAPHS,
    fit_photograph,
    normalize_photographs,
)
from cnnviz.networks.zoo.registry import NetworkSpec, build_network
from cnnviz.receptive_fields.theoretical import compute_fields
from cnnviz.training.measure import count_multiply_adds, count_parameters

SHAPE = (3, 64, 64)


def test_the_members_are_those_of_the_course() -> None:
    assert {spec.name for spec in MEMBERS} == {
        *("alexnet64", "zfnet64", "vgg64", "googlenet64", "resnet64", "plain64"),
        *("nin64", "squeezenet64", "densenet64", "senet64", "mobilenet64"),
    }
    assert get_member("vgg64").name == "vgg64"
    with pytest.raises(NetworkError, match="no network “vgg65”; choose one of: alexnet64, "):
        get_member("vgg65")


def test_all_are_registered_and_only_those_with_weights_can_run() -> None:
    here = list_weights()
    for spec in MEMBERS:
        assert get_network(spec.name) is spec
        bundled = (BUNDLED / f"{spec.name}.safetensors").is_file()
        assert bundled == (spec.name in here and here[spec.name].origin is WeightsOrigin.BUNDLED)


def test_the_classes_are_a_hundred_and_sorted_by_number() -> None:
    assert len(WNIDS) == len(set(WNIDS)) == len(set(CLASS_NAMES)) == 100
    assert list(WNIDS) == sorted(WNIDS)
    known = dict(zip(WNIDS, CLASS_NAMES, strict=True))
    # From WordNet's own list.
    assert known["n02123045"] == "tabby cat"
    assert known["n07753592"] == "banana"
    assert known["n04285008"] == "sports car"


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda spec: spec.name)
def test_every_layer_is_traced_and_has_a_name_for_students(spec: NetworkSpec) -> None:
    module = build_network(spec)
    graph = trace_network(module, input_shape=SHAPE, titles=spec.layer_titles)
    assert graph.layers[-1].shape == (100,)
    for layer in graph.layers[1:]:
        assert layer.title == spec.layer_titles[layer.name], layer.name
        assert layer.kind is not LayerKind.OTHER
    titles = [layer.title for layer in graph.layers]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda spec: spec.name)
def test_every_layer_with_maps_has_a_receptive_field(spec: NetworkSpec) -> None:
    graph = trace_network(build_network(spec), input_shape=SHAPE, titles={})
    fields = compute_fields(graph)
    without = [layer for layer in graph.layers if layer.is_spatial and layer.name not in fields]
    if spec.name == "senet64":
        # Weighing maps by their means lets every cell see the whole picture from there on.
        assert without[0].kind is LayerKind.PRODUCT
    else:
        assert not without


def test_the_fields_of_the_first_layers_by_hand() -> None:
    """AlexNet: 11, then 11+2·4; ZFNet: 7, then 7+2·2; VGG: 3, 3+1, 4+2·2, 8+1·2."""
    expected = {
        "alexnet64": {"conv1": 11, "pool1": 19, "conv2": 19 + 4 * 8},
        "zfnet64": {"conv1": 7, "pool1": 11, "conv2": 11 + 4 * 4},
        "vgg64": {"conv1_1": 3, "pool1": 4, "conv2_1": 8, "pool2": 10, "conv3_2": 10 + 2 * 8},
    }
    for name, sizes in expected.items():
        graph = trace_network(build_network(get_member(name)), input_shape=SHAPE, titles={})
        fields = compute_fields(graph)
        assert {layer: fields[layer].size[0] for layer in sizes} == sizes


def test_alexnet_is_counted_by_hand() -> None:
    module = build_network(get_member("alexnet64"))
    # Kernels, then a scale and an offset for each map.
    kernels = {1: 48 * 3 * 121, 2: 128 * 48 * 25, 3: 192 * 128 * 9}
    kernels |= {4: 192 * 192 * 9, 5: 128 * 192 * 9}
    normalised = 2 * (48 + 128 + 192 + 192 + 128)
    connected = (2048 * 1024 + 1024) + (1024 * 1024 + 1024) + (1024 * 100 + 100)
    assert count_parameters(module) == sum(kernels.values()) + normalised + connected
    # The first layer makes maps of 16×16, the others of 8×8.
    products = kernels[1] * 256 + sum(kernels[layer] for layer in (2, 3, 4, 5)) * 64
    products += 2048 * 1024 + 1024 * 1024 + 1024 * 100
    assert count_multiply_adds(module, shape=SHAPE) == products


def test_zfnet_differs_from_alexnet_in_two_layers_only() -> None:
    alexnet, zfnet = (build_network(get_member(name)) for name in ("alexnet64", "zfnet64"))
    theirs, ours = alexnet.state_dict(), zfnet.state_dict()
    assert [key for key in theirs if theirs[key].shape != ours[key].shape] == ["conv1.weight"]
    assert ours["conv1.weight"].shape == (48, 3, 7, 7)
    assert zfnet.get_submodule("conv1").stride == zfnet.get_submodule("conv2").stride == (2, 2)
    assert alexnet.get_submodule("conv1").stride == (4, 4)


def test_plain_is_resnet_without_its_shortcuts() -> None:
    resnet, plain = (build_network(get_member(name)) for name in ("resnet64", "plain64"))
    theirs, ours = resnet.state_dict(), plain.state_dict()
    extra = set(theirs) - set(ours)
    assert set(ours) < set(theirs)
    assert all(".project." in key for key in extra)
    # 1×1 layers where maps double, each with a scale and an offset a map.
    shortcuts = sum(width * 2 * width + 2 * 2 * width for width in (32, 64, 128))
    assert count_parameters(resnet) - count_parameters(plain) == shortcuts
    for module in (resnet, plain):
        weighted = [
            name
            for name, layer in module.named_modules()
            if isinstance(layer, nn.Conv2d | nn.Linear) and "project" not in name
        ]
        assert len(weighted) == 34


def test_a_plain_block_adds_nothing_and_a_residual_one_its_input() -> None:
    x = torch.rand(1, 3, 64, 64)
    for name, passes in (("resnet64", True), ("plain64", False)):
        module = build_network(get_member(name))
        block = module.get_submodule("conv2.a")
        second = block.get_submodule("norm2")
        assert isinstance(second, nn.BatchNorm2d)
        # With the second layer silent, what is left is the shortcut.
        second.weight.zero_()
        second.bias.zero_()
        maps = module.get_submodule("conv1")(x).relu()
        with torch.no_grad():
            out = block(maps)
        assert torch.equal(out, maps if passes else torch.zeros_like(maps))


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda spec: spec.name)
def test_smaller_pictures_pass_where_the_recipe_needs_them(spec: NetworkSpec) -> None:
    from cnnviz.training.recipes import PHOTO_RECIPES

    cropping = PHOTO_RECIPES[spec.name].cropping
    module = build_network(spec)
    for _, side in (*cropping.early, (1, 64)):
        with torch.no_grad():
            assert module(torch.zeros(2, 3, side, side)).shape == (2, 100)


# From a photograph to the input


def test_a_picture_of_the_right_size_stays_as_it_is() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    assert np.array_equal(fit_photograph(pixels), pixels)
    x = PHOTOGRAPHS.prepare(pixels)
    assert x.shape == (1, *PHOTOGRAPHS.shape)
    assert x.dtype == torch.float32
    assert np.array_equal(PHOTOGRAPHS.view(x), pixels)


def test_values_are_those_of_the_formula() -> None:
    pixels = np.full((64, 64, 3), (255, 0, 102), dtype=np.uint8)
    x = PHOTOGRAPHS.prepare(pixels)[0, :, 5, 9]
    expected = [(1 - 0.475) / 0.273, (0 - 0.448) / 0.264, (0.4 - 0.394) / 0.277]
    assert x.tolist() == pytest.approx(expected, abs=1e-5)
    batch = torch.from_numpy(pixels).permute(2, 0, 1)[None]
    assert torch.equal(normalize_photographs(batch), PHOTOGRAPHS.prepare(pixels))


@pytest.mark.parametrize(("height", "width"), [(128, 300), (300, 128), (64, 91), (5, 3), (1, 1)])
def test_the_middle_of_any_picture_is_seen(height: int, width: int) -> None:
    """A grey square in the middle and white around it: the white is cut off."""
    side = min(height, width)
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    top, left = (height - side) // 2, (width - side) // 2
    pixels[top : top + side, left : left + side] = 90
    seen = fit_photograph(pixels)
    assert seen.shape == (64, 64, 3)
    if height == width:
        assert np.all(seen == 90)
        return
    # Where the cut falls between two pixels, the outermost may be mixed. A filter that enlarges
    # mixes half of each outermost pixel, and overshoots within by at most a tenth of the step.
    enlarged = side < 64
    mixed = -(-64 // (2 * side)) if enlarged else 2
    inside = seen[mixed : 64 - mixed, mixed : 64 - mixed].astype(int)
    assert inside.size
    assert np.abs(inside - 90).max() <= (16 if enlarged else 0)


def test_a_large_picture_is_averaged_not_sampled() -> None:
    """A chequered pattern of single pixels becomes grey; picking pixels would keep black, white."""
    rows, columns = np.indices((512, 512))
    pixels = np.repeat((((rows + columns) % 2) * 255).astype(np.uint8)[:, :, None], 3, axis=2)
    seen = fit_photograph(pixels)[4:-4, 4:-4]
    assert int(seen.min()) >= 120
    assert int(seen.max()) <= 135


# What is shipped

SHIPPED = sorted(path.stem for path in BUNDLED.glob("*.safetensors"))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights_give_the_recorded_answer(name: str) -> None:
    from cnnviz.images.samples import load_sample

    model = load_model(name)
    answer = model.card.facts["answer"]
    x = model.spec.preprocessing.prepare(load_sample(answer["sample"]).pixels)
    with torch.no_grad():
        probabilities = model.module(x)[0].softmax(dim=0).tolist()
    assert probabilities == pytest.approx(answer["probabilities"], abs=1e-3)


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "lenet5"])
def test_the_card_of_a_lineage_network_says_what_a_reader_asks(name: str) -> None:
    model = load_model(name)
    facts = model.card.facts
    assert tuple(facts["wnids"]) == WNIDS
    assert facts["parameters"] == count_parameters(model.module)
    assert facts["multiply_adds"] == count_multiply_adds(model.module, shape=SHAPE)
    assert facts["accuracy"]["top1"]["total"] == facts["accuracy"]["top5"]["total"] == 5000
    assert facts["accuracy"]["top5"]["percent"] > facts["accuracy"]["top1"]["percent"]
    assert len(facts["curve"]) == facts["epochs"] == facts["recipe"]["epochs"]
    assert set(facts["curve"][0]) == {"epoch", "loss", "train_accuracy", "accuracy"}
    assert "DIR" in facts["command"]

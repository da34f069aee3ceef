"""Patches that excite a channel, dreams, depths, networks side by side and fooling noise."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.activations.top_patches import cut_patches, find_peaks
from cnnviz.errors import NetworkError
from cnnviz.feature_visualization.across import grow_across
from cnnviz.feature_visualization.depth import choose_channels, choose_depths, grow_depths
from cnnviz.feature_visualization.dream import DreamSettings, dream, list_dream_layers
from cnnviz.feature_visualization.fooling import fool
from cnnviz.feature_visualization.growth import predict_pixels
from cnnviz.feature_visualization.regularizers import PRESETS, Preset, Settings
from cnnviz.feature_visualization.transfer import Transfer, count_transfers, measure_transfer
from cnnviz.feature_visualization.transfer_score import Reading, read_score, write_score
from cnnviz.images.image import from_array
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.weights.files import BUNDLED, ModelCard, WeightsFile, WeightsOrigin, read_card
from tests.home_made import Branchy, make_model, randomize
from tests.quick import each

SHIPPED = sorted(path.stem for path in BUNDLED.glob("*.safetensors"))


def brightness() -> LoadedModel:
    """Channel 0 of `0` is the mean of a 3×3 patch, channel 1 its negative."""
    module = nn.Sequential(nn.Conv2d(3, 2, 3, stride=3), nn.Flatten(), nn.Linear(32, 5))
    model = make_model(randomize(module, seed=1), shape=(3, 12, 12))
    with torch.no_grad():
        weight = torch.full((3, 3, 3), 1 / 27)
        model.module.get_parameter("0.weight").copy_(torch.stack([weight, -weight]))
        model.module.get_parameter("0.bias").zero_()
    return model


def dotted(row: int, column: int, *, level: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pixels = np.full((12, 12, 3), 100, dtype=np.uint8)
    pixels[3 * row : 3 * row + 3, 3 * column : 3 * column + 3] = level
    return pixels


def test_the_brightest_patches_are_found_and_cut_where_they_are() -> None:
    model = brightness()
    pictures = [
        from_array(dotted(0, 3, level=180), name="faint"),
        from_array(dotted(2, 1, level=255), name="bright"),
        from_array(dotted(3, 3, level=0), name="dark"),
    ]
    peaks = find_peaks(model, pictures, layer="_0")
    bright, faint, dark = cut_patches(model, pictures, peaks, channel=0)
    assert (bright.name, bright.place) == ("bright", (2, 1))
    assert bright.value == pytest.approx(1.0)
    assert bright.field is not None
    assert (bright.field.top, bright.field.left) == (6, 3)
    assert bright.pixels.shape == (3, 3, 3)
    assert (bright.pixels >= 254).all()
    assert (faint.name, faint.place) == ("faint", (0, 3))
    assert dark.name == "dark"
    darkest = cut_patches(model, pictures, peaks, channel=1, count=1)[0]
    assert (darkest.name, darkest.place) == ("dark", (3, 3))


def test_without_pictures_there_is_nothing_to_find() -> None:
    with pytest.raises(NetworkError, match="no image"):
        find_peaks(brightness(), [], layer="_0")


def test_a_dream_grows_through_its_octaves_and_raises_its_layer() -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    photo = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    how = DreamSettings(side=60, octaves=2, octave_scale=1.5, steps=5, jitter=2)
    moments = list(dream(model, photo, layer="second", settings=how))
    assert len(moments) == 10
    assert moments[0].pixels.shape == (27, 40, 3)
    assert moments[-1].pixels.shape == (40, 60, 3)
    assert moments[4].curve[-1] > moments[0].curve[0]
    assert moments[-1].progress == 1.0


def test_only_layers_before_the_first_vector_may_dream() -> None:
    model = load_model("lenet5")
    names = [layer.name for layer in list_dream_layers(model.graph)]
    assert names == ["c1", "relu1", "s2", "c3", "relu3", "s4"]
    with pytest.raises(NetworkError, match="layer of maps"):
        next(dream(model, np.zeros((9, 9, 3), np.uint8), layer="f6"))


@pytest.mark.parametrize("network", SHIPPED)
def test_depths_run_from_the_first_activation_to_the_classes(network: str) -> None:
    graph = load_model(network).graph
    layers = choose_depths(graph)
    order = [graph.layers.index(layer) for layer in layers]
    assert order == sorted(set(order))
    assert layers[-1] is graph.layers[-1]
    assert 2 <= len(layers) <= 6


def test_each_depth_gets_its_pictures() -> None:
    model = make_model(randomize(Branchy(), seed=3), shape=(3, 48, 48))
    x = torch.randn((1, 3, 48, 48), generator=torch.Generator().manual_seed(0))
    made = list(grow_depths(model, [x], settings=PRESETS[Preset.OLAH], steps=8, count=2))
    shares, rows = [share for share, _ in made], made[-1][1]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert [len(row.channels) for row in rows] == [2] * len(choose_depths(model.graph))
    assert all(row.pixels.shape == (2, 48, 48, 3) for row in rows)
    # One channel of each depth comes before a second of any.
    counts = [[len(row.channels) for row in rows] for _, rows in made]
    assert [1] * len(choose_depths(model.graph)) in counts
    slow = grow_depths(model, [x], settings=PRESETS[Preset.OLAH], steps=800, count=1)
    share, begun = next(slow)  # the first image is shown while it grows: step 8 of 800
    assert share == pytest.approx(0.01 / len(choose_depths(model.graph)))
    assert [row.pixels.shape for row in begun] == [(1, 48, 48, 3)]
    *_, (share, few) = grow_depths(
        model, [x], settings=PRESETS[Preset.OLAH], steps=8, count=2, seconds=0
    )
    assert share == 1.0
    assert [len(row.channels) for row in few] == [1]


def test_the_channels_that_stand_out_have_a_high_maximum_for_their_mean() -> None:
    convolution = nn.Conv2d(1, 3, 1, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor([-1.0, 1.0, 0.0]).reshape(3, 1, 1, 1))
    module = nn.Sequential(convolution, nn.Flatten(), nn.Linear(12, 2))
    model = make_model(module, shape=(1, 2, 2))
    layers = [model.graph.layers[1]]
    # Maximum over mean size: channel 1 has 6 / ((1 + 3 + 0 + 6 + 2 + 2 + 2 + 2) / 8), 0 has 0.
    inputs = [torch.tensor([1.0, 3, 0, 6]).reshape(1, 1, 2, 2), torch.full((1, 1, 2, 2), 2.0)]
    assert choose_channels(model, inputs, layers, count=1) == [(1,)]
    assert choose_channels(model, inputs, layers, count=9)[0][0] == 1


def test_networks_without_the_class_are_left_out_and_slow_ones_passed_over() -> None:
    (begun, (first,)), *_, (share, cells) = grow_across(SHIPPED, "7", settings=Settings(), steps=24)
    assert begun < share == 1.0
    assert first.name == "lenet5"  # seen as it grows, from its first step
    assert first.pixels is not None
    assert first.pixels.shape == (32, 32, 3)
    assert [cell.name for cell in cells] == ["lenet5"]
    assert cells[0].readings == {"lenet5": 1}
    *_, (_, passed) = grow_across(["lenet5"], "7", settings=Settings(), steps=24, limit_seconds=0)
    assert passed[0].pixels is None
    assert "over 0 s" in passed[0].note


@pytest.mark.parametrize("network", each(SHIPPED))
def test_noise_is_taken_for_any_class(network: str) -> None:
    model = load_model(network)
    *_, (_, (image,)) = fool(model, [1])
    assert image.index == 1
    (said,) = predict_pixels(model, image.after[None])
    assert float(said.probabilities[1]) >= 0.99
    difference = image.after.astype(float) - image.before
    assert image.change == pytest.approx(np.sqrt((difference**2).mean()))


def test_transfer_asks_the_other_network() -> None:
    lenet = load_model("lenet5")
    settings = PRESETS[Preset.OLAH]
    rows = list(measure_transfer(lenet, [lenet], settings=settings, steps=24))
    assert [row.name for row in rows] == list("0123456789")
    assert all(row.places == {"lenet5": 1} for row in rows)
    with pytest.raises(NetworkError, match="share no class"):
        next(measure_transfer(lenet, [load_model("alexnet64")], settings=settings))


def test_transfers_are_counted_by_hand_and_kept_in_the_card(tmp_path: Path) -> None:
    rows = [
        Transfer(name="cat", probability=0.999, places={"zfnet64": 1, "resnet64": 6}, seconds=1.0),
        Transfer(name="dog", probability=0.95, places={"zfnet64": 5}, seconds=2.0),
    ]
    score = count_transfers(rows, steps=128, seed=4, preset=Preset.OLAH)
    assert (score.images, score.sure, score.least) == (2, 1, 0.95)
    assert score.others == {
        "zfnet64": Reading(images=2, first=1, among_five=2),
        "resnet64": Reading(images=1, first=0, among_five=0),
    }
    path = tmp_path / "alexnet64.json"
    path.write_text('{"name": "alexnet64", "sha256": "é"}\n', encoding="utf-8")
    weights = WeightsFile("alexnet64", path.with_suffix(".safetensors"), WeightsOrigin.FOLDER)
    card = ModelCard(name="alexnet64", sha256="", facts={}, file=weights)
    assert read_score(card) is None
    assert write_score(card, score) == path
    facts = json.loads(path.read_text(encoding="utf-8"))
    assert facts["sha256"] == "é"
    assert "alexnet64 zfnet64 resnet64 --steps 128 --seed 4" in facts["transfer"]["command"]
    assert read_score(replace(card, facts=facts)) == score


# Networks that no picture makes sure of some classes, as the README tells, and of how many one
# does.
UNSURE = {"plain64": 70, "mobilenet64": 99}


@pytest.mark.parametrize("network", [name for name in SHIPPED if name != "lenet5"])
def test_the_card_says_that_a_third_of_the_pictures_is_named_by_another(network: str) -> None:
    score = read_score(read_card(network))
    if score is None or not score.others:
        pytest.skip(f"the pictures of {network} have not been shown to another network")
    assert score.sure == UNSURE.get(network, score.images)
    assert max(one.among_five / one.images for one in score.others.values()) >= 1 / 3

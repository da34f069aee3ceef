"""torchvision's classifiers as runnable networks, against torchvision itself."""

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz.images.image import read_image
from cnnviz.networks.load import count_bytes, load_model, predict
from cnnviz.networks.weights.files import (
    WeightsOrigin,
    describe_missing,
    find_weights,
    list_weights,
)
from cnnviz.networks.weights.published_files import list_file_names
from cnnviz.networks.weights.weight_fitting import fill_module
from cnnviz.networks.zoo import get_network, list_names, list_networks, registry
from cnnviz.networks.zoo.registry import build_network
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from tests.home_made import randomize

NAMES = [listing.name for listing in list_names() if listing.is_published]


def test_all_of_torchvisions_classifiers_are_registered() -> None:
    models = import_torchvision("models")
    assert set(NAMES) == set(models.list_models(module=models))
    assert [spec.name for spec in list_networks()] == [listing.name for listing in list_names()]


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_those_of_torchvisions_metadata(name: str) -> None:
    spec = get_network(name)
    known = {entry.name: entry for entry in import_torchvision("models").get_model_weights(name)}
    assert spec.published
    assert spec.paper
    assert spec.idea
    for published in spec.published:
        entry = known[published.reported.weights]
        transforms = entry.transforms()
        assert published.reported.url == entry.url
        assert entry.url.endswith(published.reported.file_name)
        assert published.preprocessing.shape == (3, *transforms.crop_size * 2)
        assert f"scaled to {transforms.resize_size[0]} " in published.preprocessing.description
        checksum = published.reported.checksum_start
        assert len(checksum) >= 8
        assert int(checksum, 16) >= 0
        assert list(spec.classes) == entry.meta["categories"]


@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b1", "googlenet", "swin_v2_t"])
def test_pictures_are_prepared_as_torchvision_does(name: str) -> None:
    spec = get_network(name)
    published = spec.published[0]
    weights = import_torchvision("models").get_model_weights(name)[published.reported.weights]
    transforms = weights.transforms()
    pixels = np.random.default_rng(3).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    x = spec.preprocessing.prepare(pixels)
    expected = transforms(Image.fromarray(pixels))[None]
    if name == "googlenet":
        # Its weights want (v − 0.5) / 0.5, which torchvision makes of the usual normalisation.
        model = import_torchvision("models").googlenet(
            weights=None, transform_input=True, aux_logits=False, init_weights=False
        )
        expected = model._transform_input(expected)
    assert x.shape == (1, *spec.preprocessing.shape)
    assert torch.allclose(x, expected, atol=1e-6)
    view = spec.preprocessing.view(x)
    cut = weights.transforms()
    cut.mean, cut.std = [0.0] * 3, [1.0] * 3
    seen = (cut(Image.fromarray(pixels)) * 255).round().byte().permute(1, 2, 0).numpy()
    assert int(np.abs(view.astype(int) - seen.astype(int)).max()) <= 1


@pytest.mark.parametrize("size", [(2048, 1), (1, 2048), (7, 300), (1, 1)])
def test_the_thinnest_pictures_are_prepared(size: tuple[int, int]) -> None:
    pixels = np.full((*size, 3), 200, dtype=np.uint8)
    x = get_network("resnet18").preprocessing.prepare(pixels)
    assert x.shape == (1, 3, 224, 224)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3", "densenet121"])
def test_files_of_torchvision_fit_where_names_differ(name: str) -> None:
    """What torchvision's files hold beside or otherwise than the module: heads, dots in names."""
    spec = get_network(name)
    models = import_torchvision("models")
    options = {} if name == "densenet121" else {"aux_logits": True, "init_weights": False}
    theirs = randomize(models.get_model(name, weights=None, **options), seed=4).eval()
    state = theirs.state_dict()
    if name == "densenet121":
        for ending in ("norm", "conv"):
            state = {
                key.replace(f".{ending}1.", f".{ending}.1.").replace(
                    f".{ending}2.", f".{ending}.2."
                )
                if ".denselayer" in key
                else key: value
                for key, value in state.items()
            }
        assert "features.denseblock1.denselayer1.norm.1.weight" in state
    module = build_network(spec, unfilled=True)
    fill_module(module, state, file="f", network=name, rename_key=spec.rename_key)
    x = torch.rand(1, *spec.preprocessing.shape) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(module(x), theirs(x), rtol=1e-4)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Torch's cache, in which a published file of ResNet-50 is any that its name's digits fit."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("CNNVIZ_WEIGHTS_DIR", raising=False)
    spec = get_network("resnet50")
    published = tuple(
        replace(each, reported=replace(each.reported, url=f"https://a/{name}", file_megabytes=5e-6))
        for each, name in zip(spec.published, map(name_file, (b"first", b"second")), strict=True)
    )
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    registry._REGISTRY["resnet50"] = replace(spec, published=published)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def name_file(data: bytes) -> str:
    return f"resnet50-{hashlib.sha256(data).hexdigest()[:8]}.pth"


def test_a_network_in_torchs_cache_is_found_by_its_files_name(cache: Path) -> None:
    here = (WeightsOrigin.BUNDLED, WeightsOrigin.PACKAGE)
    assert all(file.origin in here for file in list_weights().values())
    # The second set of weights, which wants another size before the cut.
    (cache / name_file(b"second")).write_bytes(b"second")
    (cache / "something_else.pth").touch()
    found = find_weights("resnet50")
    assert found is not None
    assert found.origin is WeightsOrigin.CACHE
    assert found.published is not None
    assert found.published.reported.weights == "IMAGENET1K_V2"
    assert "scaled to 232 " in found.published.preprocessing.description
    assert set(list_weights()) - {"resnet50"} == {
        name for name, file in list_weights().items() if file.origin in here
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "has only 0.0 of 0.0 MB"), (b"changed on the way", "its checksum differs")],
)
def test_a_file_that_is_not_whole_is_told_and_offered_again(
    cache: Path, data: bytes, words: str
) -> None:
    path = cache / name_file(b"first")
    path.write_bytes(data)

    assert find_weights("resnet50") is None
    assert "resnet50" not in list_weights()
    sentence = describe_missing("resnet50")
    assert words in sentence
    assert f"{path.name} in “{cache}”" in sentence
    assert sentence.endswith("; download it again, or delete it.")

    path.write_bytes(b"first")
    assert find_weights("resnet50") is not None


def test_a_file_is_read_once_for_its_checksum(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / name_file(b"first")).write_bytes(b"first")
    assert find_weights("resnet50") is not None

    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("It is read again."))
    assert "resnet50" in list_weights()


@pytest.mark.parametrize(
    ("name", "older"),
    [  # as torchvision 0.8 named them, with the same weights
        ("alexnet", "alexnet-owt-4df8aa71.pth"),
        ("inception_v3", "inception_v3_google-1a9a5a14.pth"),
        ("resnet18", "resnet18-5c106cde.pth"),
        ("resnet50", "resnet50-19c8e357.pth"),
        ("squeezenet1_1", "squeezenet1_1-f364aa15.pth"),
        ("vgg11", "vgg11-bbd30ac9.pth"),
    ],
)
def test_older_names_are_looked_for(name: str, older: str) -> None:
    assert older in list_file_names(get_network(name).published[0].reported)


def test_random_weights_are_not_drawn_where_a_file_follows() -> None:
    module = build_network(get_network("resnet18"), unfilled=True)
    assert count_bytes(module) == 4 * 11_689_512 + (4 * 2 * 4800) + 20 * 8


def test_photographs_are_named_by_the_real_squeezenet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = os.environ.get("CNNVIZ_DATA")
    source = Path(data or "") / "weights" / "squeezenet1_0-imagenet-dc.pth"
    if not data or not source.exists():
        pytest.skip("CNNVIZ_DATA does not name a folder with weights of SqueezeNet and photos")
    monkeypatch.setenv("CNNVIZ_WEIGHTS_DIR", str(tmp_path))
    shutil.copy(source, tmp_path / "squeezenet1_0.pth")
    model = load_model("squeezenet1_0")
    photos = sorted((Path(data) / "photos").glob("*.jpg"))
    right = 0
    for photo in photos:
        x = model.spec.preprocessing.prepare(read_image(photo.read_bytes()).pixels)
        top = [model.spec.classes[index].lower() for index in predict(model, x).ranking[:5]]
        right += photo.stem.partition("_")[2].replace("_", " ").lower() in top
    assert len(photos) == 40
    assert right >= 32

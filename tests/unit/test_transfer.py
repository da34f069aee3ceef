"""Transfer learning: sets, archives, features, heads, maps and fine-tuning."""

import io
import os
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional

from cnnviz.errors import DataError
from cnnviz.evaluation.image_sets import EvaluationImage
from cnnviz.images.image import MAX_BYTES, CheckedImage, from_array, read_image, to_png
from cnnviz.labs.trained_networks import forget_trained
from cnnviz.labs.transfer import archive
from cnnviz.labs.transfer.archive import (
    ClassFile,
    list_images,
    pack_archive,
    sort_files,
    unpack_archive,
)
from cnnviz.labs.transfer.embedding import Projection, find_neighbors, project
from cnnviz.labs.transfer.features import (
    FeatureSet,
    find_features,
    list_depths,
    read_features,
)
from cnnviz.labs.transfer.fine_tuning import (
    HEAD,
    Training,
    build_transferred,
    find_stage,
    fine_tune,
    plan_warm_up,
    start_transfer,
)
from cnnviz.labs.transfer.head import measure_curve, measure_depths, measure_head, train_head
from cnnviz.labs.transfer.networks import register_transferred, write_transferred
from cnnviz.labs.transfer.sets import TransferSet, list_built_in, load_transfer_set, make_set
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.zoo.registry import get_network

NETWORK = "squeezenet64"  # its output is a convolution, averaged over places


def read(network: str, found: TransferSet, *, train: int = 4, test: int = 3) -> FeatureSet:
    return list(read_features(load_model(network), found, train=train, test=test))[-1][2]


@pytest.fixture(scope="module")
def digits() -> FeatureSet:
    return read(NETWORK, load_transfer_set("digits"))


def test_built_in_sets_share_no_image_between_training_and_what_is_set_aside() -> None:
    assert set(list_built_in()) >= {"pieces", "digits", "backgrounds"}
    for name in ("pieces", "digits", "backgrounds"):
        found = load_transfer_set(name)
        assert 2 <= len(found.classes) <= 8
        for part in (found.train, found.test):
            labels = [image.label for image in part]
            assert {labels.count(one) for one in found.classes} == {len(part) // len(set(labels))}
        digests = {image.load().digest for image in found.train[:20]}
        assert digests.isdisjoint(image.load().digest for image in found.test[:20])


def test_backgrounds_go_with_the_class_in_training_alone() -> None:
    found = load_transfer_set("backgrounds")
    assert all(("grass" in one.name) is (one.label == "disc") for one in found.train)
    swapped = [("grass" in one.name) is (one.label == "square") for one in found.test]
    assert sum(swapped) == len(swapped) / 2


def test_two_fifths_of_each_class_are_set_aside() -> None:
    image = from_array(np.zeros((8, 8, 3), np.uint8), name="black")
    counts = {"a": 10, "b": 2, "c": 100}
    images = [
        EvaluationImage(f"{label} {number}", label, lambda: image)
        for label, count in counts.items()
        for number in range(count)
    ]
    found = make_set("mine", "Mine", images, key="k")
    sizes = {
        label: tuple(sum(one.label == label for one in part) for part in (found.train, found.test))
        for label in counts
    }
    assert sizes == {"a": (6, 4), "b": (1, 1), "c": (36, 24)}
    with pytest.raises(DataError, match="“d” has 1 image"):
        make_set("mine", "Mine", [*images, EvaluationImage("d", "d", lambda: image)], key="k")
    with pytest.raises(DataError, match="There is 1 class; give 2 to 8"):
        make_set("mine", "Mine", images[:10], key="k")


def pack(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return file.getvalue()


def picture(value: int) -> bytes:
    return to_png(np.full((9, 9, 3), value, np.uint8))


def make_pixel_bomb() -> bytes:
    """A small file of 144 megapixels."""
    file = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG")
    return file.getvalue()


def test_a_zip_file_gives_a_class_for_each_folder_and_says_what_is_left_out() -> None:
    data = pack(
        {
            "train/cat/1.png": picture(1),
            "train/cat/2.png": picture(2),
            "dog/images.txt": b"no image",
            "dog/1.png": picture(3),
            "../out/1.png": picture(4),
            "/etc/1.png": picture(4),
            "..\\up\\1.png": picture(4),
            "loose.png": picture(5),
            "dog/bad.png": b"broken",
            "__MACOSX/dog/._1.png": b"",
            "dog/.hidden.png": picture(6),
        }
    )
    classes, skipped = sort_files(unpack_archive(data))
    assert {label: len(images) for label, images in classes.items()} == {"cat": 2, "dog": 1}
    reasons = sorted(one.reason for one in skipped)
    assert reasons.count("a path that leads out of the archive") == 3
    assert "in no folder of a class" in reasons
    assert "no image file" in reasons
    assert len(skipped) == 6


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 2**20)
    bomb = pack({f"a/{number}.png": bytes(2**18) for number in range(6)})
    assert len(bomb) < 10_000
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        unpack_archive(bomb)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
    with pytest.raises(DataError, match="has 6 files"):
        unpack_archive(bomb)
    large = pack({"a/1.png": bytes(MAX_BYTES + 1)})
    (file,) = unpack_archive(large)
    assert file.reason == "larger than 20 MB"


@pytest.mark.parametrize("damage", [lambda data: data[:2], lambda data: data[: len(data) // 2]])
def test_what_is_no_zip_file_is_told(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(DataError, match="is no ZIP file"):
        unpack_archive(damage(pack({"a/1.png": picture(1)})))


def test_damaged_and_encrypted_members_are_left_out() -> None:
    data = bytearray(pack({"a/1.png": picture(1)}))
    place = data.index(b"a/1.png") + len(b"a/1.png")
    data[place + 4 : place + 12] = bytes(8)
    assert unpack_archive(bytes(data))[0].reason == "damaged"
    data = bytearray(pack({"a/1.png": picture(1)}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert unpack_archive(bytes(data))[0].reason == "encrypted"


def test_classes_beyond_the_limits_are_left_out_and_what_is_packed_is_read_again() -> None:
    files = [ClassFile(f"{label}/1.png", picture(label)) for label in range(1, 10)]
    classes, skipped = sort_files(files)
    assert len(classes) == 8
    assert [one.reason for one in skipped] == ["of a class beyond the first 8"]
    again, _ = sort_files(unpack_archive(pack_archive(classes)))
    assert [one.digest for one in again["3"]] == [one.digest for one in classes["3"]]
    assert [one.label for one in list_images(again)] == sorted(again)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "put a folder of images for each class into it"),
        ({"a/": b""}, "put a folder of images for each class into it"),
        ({"__MACOSX/a/._1.png": b""}, "put a folder of images for each class into it"),
        ({"inner.zip": pack({"a/1.png": picture(1)})}, "inner.zip (a ZIP file inside"),
        ({"a/inner.zip": pack({"a/1.png": picture(1)})}, "a/inner.zip (a ZIP file inside"),
        (
            {"1.png": picture(1), "2.png": picture(2)},
            "2 files are left out: 1.png, 2.png (in no folder",
        ),
        ({"a/1.txt": b"1"}, "1 file is left out: a/1.txt (no image file)"),
        ({"a/1.png": b"text"}, "a/1.png (is no PNG"),
        ({"../a/1.png": picture(1)}, "leads out of the archive"),
        ({"/a/1.png": picture(1)}, "leads out of the archive"),
        ({"a/1.png": make_pixel_bomb()}, "megapixels that can be opened)."),
    ],
)
def test_a_zip_file_without_an_image_of_a_class_is_told_in_one_sentence(
    members: dict[str, bytes], reason: str
) -> None:
    with pytest.raises(DataError, match=r"^No image was added; ") as caught:
        sort_files(unpack_archive(pack(members)))
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 200


def test_an_image_twice_is_taken_once_also_across_classes_and_uploads() -> None:
    files = [
        ClassFile("cat/1.png", picture(1)),
        ClassFile("cat/2.png", picture(1)),
        ClassFile("dog/1.png", picture(1)),
        ClassFile("dog/2.png", picture(2)),
    ]
    classes, skipped = sort_files(files)
    assert {label: len(images) for label, images in classes.items()} == {"cat": 1, "dog": 1}
    assert {(one.name, one.reason) for one in skipped} == {
        ("cat/2.png", "the same image as another of “cat”"),
        ("dog/1.png", "the same image as another of “cat”"),
    }
    with pytest.raises(DataError, match="No image was added; 4 files are left out"):
        sort_files(files, classes)
    more, skipped = sort_files([ClassFile("cat/9.png", picture(9))], classes)
    assert {label: len(images) for label, images in more.items()} == {"cat": 2, "dog": 1}
    assert not skipped


def test_a_head_is_scikit_learns_logistic_regression() -> None:
    dice = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 3
    features = torch.randn(60, 5, generator=dice, dtype=torch.float64)
    features[torch.arange(60), labels] += 1.5
    features = 3 + 7 * features
    head = train_head(features, labels, classes=3, decay=0.02)
    centered = features - features.mean(dim=0)
    scale = float(centered.square().sum(dim=1).mean()) ** 0.5
    theirs = LogisticRegression(C=1 / (60 * 0.02), tol=1e-10, max_iter=10_000)
    theirs.fit((centered / scale).numpy(), labels.numpy())
    expected = theirs.predict_proba((centered / scale).numpy())
    torch.testing.assert_close(
        head.score(features).softmax(dim=1), torch.from_numpy(expected), atol=1e-4, rtol=1e-3
    )


def test_neighbors_and_principal_components_are_worked_out() -> None:
    vectors = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0], [6.0, 8.0]])
    assert find_neighbors(vectors, 0, count=2) == [(2, 1.0), (1, 5.0)]
    dice = torch.Generator().manual_seed(0)
    cloud = torch.randn(20, 6, generator=dice)
    u, s, _ = torch.linalg.svd((cloud - cloud.mean(dim=0)).double(), full_matrices=False)
    expected = (u[:, :2] * s[:2]).abs().numpy()
    np.testing.assert_allclose(np.abs(project(cloud, Projection.PCA)), expected, atol=1e-5)


def test_t_sne_keeps_groups_apart_and_is_the_same_each_time() -> None:
    dice = torch.Generator().manual_seed(0)
    cloud = torch.randn(24, 8, generator=dice)
    cloud[12:] += 30
    places = project(cloud, Projection.TSNE)
    np.testing.assert_array_equal(places, project(cloud, Projection.TSNE))
    inside = np.linalg.norm(places[:12] - places[:12].mean(axis=0), axis=1).max()
    between = np.linalg.norm(places[:12].mean(axis=0) - places[12:].mean(axis=0))
    assert between > inside


def test_features_are_what_the_output_reads(digits: FeatureSet) -> None:
    model = load_model(NETWORK)
    assert find_features(model.graph).name == "drop9"
    assert list_depths(model)[0] == "input"
    assert digits.top == "drop9"
    # The network's own output, by hand: its last convolution of the mean is the mean of its maps.
    last = model.module.get_submodule("conv10")
    image = digits.images[0].load()
    x = model.spec.preprocessing.prepare(image.pixels)
    weight = last.get_parameter("weight").flatten(1)
    logits = functional.linear(digits.vectors[digits.top][0], weight, last.get_parameter("bias"))
    torch.testing.assert_close(logits, predict(model, x).logits, atol=1e-3, rtol=1e-3)
    assert digits.trained == 20
    assert len(digits.test_labels) == 15


@pytest.mark.parametrize(
    ("network", "stage"),
    [
        ("resnet64", "conv4_f_relu2"),  # conv5 is the stage of 4×4 maps
        ("alexnet64", "relu5"),  # pooled to 4×4 behind it; then the fully connected layers
        ("lenet5", "relu3"),
    ],
)
def test_the_last_stage_begins_where_maps_get_smaller_for_the_last_time(
    network: str, stage: str
) -> None:
    assert find_stage(load_model(network).graph) == stage


@pytest.mark.parametrize("network", ["lenet5", NETWORK, "resnet64"])
def test_a_new_network_says_what_the_head_says_of_its_features(network: str) -> None:
    model, found = load_model(network), read(network, load_transfer_set("digits"), train=2, test=1)
    trained = start_transfer(model, found)
    built = build_transferred(model.graph, classes=5).eval()
    built.load_state_dict(dict(trained.state))
    x = model.spec.preprocessing.prepare(found.images[found.trained].load().pixels)
    head = built.get_submodule(HEAD)
    with torch.no_grad():
        expected = head(found.split(found.top)[1][:1])
        torch.testing.assert_close(built(x), expected, atol=1e-4, rtol=1e-4)


def test_fine_tuning_changes_the_stage_alone_or_everything_and_never_the_network() -> None:
    model = load_model("mobilenet64")
    found = read("mobilenet64", load_transfer_set("digits"), train=2, test=1)
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    start = start_transfer(model, found)
    changed = {}
    for training in (Training.STAGE, Training.ALL):
        steps = list(fine_tune(model, found, training=training, epochs=1, rate=0.001))
        trained = steps[-1][2]
        assert [one.number for one in trained.epochs] == [0, 1]
        changed[training] = {
            name
            for name, value in trained.state.items()
            if not torch.equal(value, start.state[name])
        }
        assert not any("running" in name for name in changed[training])
    assert f"{HEAD}.weight" in changed[Training.STAGE] < changed[Training.ALL]
    first = next(iter(dict(model.module.named_parameters())))
    assert first in changed[Training.ALL] - changed[Training.STAGE]
    after = model.module.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_the_rates_rise_in_equal_parts_over_the_first_epoch() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    groups = [{"params": [weight], "lr": 0.4}, {"params": [torch.nn.Parameter(weight)], "lr": 0.04}]
    optimizer = torch.optim.Adam(groups)
    warm_up, rates = plan_warm_up(optimizer, steps=3), []
    for _ in range(5):
        rates.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        warm_up.step()
    head = [0.1, 0.2, 0.3, 0.4, 0.4]
    np.testing.assert_allclose(rates, [(rate, rate / 10) for rate in head])


def test_a_new_network_opens_like_any_other_and_can_be_taken_away(digits: FeatureSet) -> None:
    model = load_model(NETWORK)
    trained = start_transfer(model, digits)
    name = register_transferred(
        model, digits, trained, title="Written digits", key="test", visitor="ann"
    )
    opened = load_model(name)
    assert opened.spec.classes == digits.classes
    for place, row in enumerate(range(digits.trained, len(digits.images))):
        x = opened.spec.preprocessing.prepare(digits.images[row].load().pixels)
        assert predict(opened, x).ranking[0] == int(trained.predictions[place])
    state = load(write_transferred(trained))
    assert state[f"{HEAD}.weight"].shape == (5, digits.vectors[digits.top].shape[1])
    forget_trained(name)
    with pytest.raises(Exception, match="There is no network"):
        get_network(name)


def test_the_curve_and_the_depths_reach_what_a_head_on_all_images_reaches(
    digits: FeatureSet,
) -> None:
    curve = list(measure_curve(digits))[-1][2]
    assert [point.count for point in curve] == [1, 2, 3, 4]
    train, test = digits.split(digits.top)
    head = train_head(train, digits.train_labels, classes=5)
    accuracy = measure_head(head, test, digits.test_labels)
    assert curve[-1].accuracies == (accuracy,)
    depths = list(measure_depths(digits))[-1][2]
    assert [one.layer for one in depths] == list(digits.layers)
    assert depths[-1].head == accuracy
    nearest = [find_nearest(train, row) for row in test]
    pairs = zip(digits.train_labels[nearest].tolist(), digits.test_labels.tolist(), strict=True)
    right = [said == shown for said, shown in pairs]
    assert depths[-1].neighbor == pytest.approx(sum(right) / len(right))


def find_nearest(rows: Tensor, row: Tensor) -> int:
    return min(range(len(rows)), key=lambda place: float((rows[place] - row).norm()))


def test_the_background_is_learned_where_it_tells_the_classes_apart() -> None:
    """Chance on images half of which have the other class's background."""
    found = read("resnet64", load_transfer_set("backgrounds"), train=8, test=8)
    trained = start_transfer(load_model("resnet64"), found)
    swapped = ["brick" in one.name for one in found.images[found.trained :]]
    said = [found.classes[int(label)] == "square" for label in trained.predictions]
    assert sum(one == other for one, other in zip(said, swapped, strict=True)) >= 14  # of 16


def test_five_classes_of_ten_photographs_reach_the_bar() -> None:
    folder = os.environ.get("CNNVIZ_DATA")
    packed = sorted(Path(folder).glob("tiny-imagenet*-a.zip")) if folder else []
    if not packed:
        pytest.skip("CNNVIZ_DATA does not name a folder with Tiny ImageNet")
    groups: dict[str, list[EvaluationImage]] = {}
    with zipfile.ZipFile(packed[0]) as file:
        for name in sorted(file.namelist()):
            if name.endswith(".JPEG"):
                label = name.split("/")[1]
                image = EvaluationImage(name, label, partial(read_member, packed[0], name))
                groups.setdefault(label, []).append(image)
    classes = tuple(groups)[::10]  # five of fifty, far apart
    train = tuple(image for label in classes for image in groups[label][:10])
    test = tuple(image for label in classes for image in groups[label][10:60])
    found = TransferSet("bar", "Bar", classes, train, test, (), "bar")
    features = read("efficientnet_lite0", found, train=10, test=50)
    trained = start_transfer(load_model("efficientnet_lite0"), features)
    assert len(trained.predictions) == 250
    assert trained.epochs[0].accuracy >= 0.9


def read_member(packed: Path, name: str) -> CheckedImage:
    with zipfile.ZipFile(packed) as file:
        return read_image(file.read(name), name=name)

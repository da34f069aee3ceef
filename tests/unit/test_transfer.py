"""Transfer learning: sets, archives, features, heads, maps and fine-tuning."""

import os
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional

from cnnviz.errors import DataError
from cnnviz.evaluation.image_sets import EvaluationImage
from cnnviz.images.image import CheckedImage, from_array, read_image
from cnnviz.jobs.heavy import follow_run
from cnnviz.labs.trained_networks import forget_trained
from cnnviz.labs.transfer import cases
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


def test_the_bar_of_the_four_cases_counts_all_their_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was full after each fine-tuning, of which there are eight."""
    for name, value in {"EPOCHS": 2, "FEW": 1, "MANY": 2, "_TEST": 1}.items():
        monkeypatch.setattr(cases, name, value)
    told: list[tuple[float, str]] = []

    class Recorder:
        def report(self, progress: float, step: str, partial: object = None) -> None:
            del partial
            told.append((progress, step))

    last = follow_run(partial(cases.run_cases, load_model("mobilenet64")), Recorder())
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert {step.partition(":")[0] for _, step in told} == {
        f"bar {number} of 16" for number in range(1, 17)
    }
    assert any(step.endswith("of 16: epoch 2 of 2") for _, step in told)
    assert [(case.data, case.count) for case in last] == [
        ("similar", 1),
        ("similar", 2),
        ("different", 1),
        ("different", 2),
    ]
    assert all(list(case.accuracies) == list(cases.Way) for case in last)
